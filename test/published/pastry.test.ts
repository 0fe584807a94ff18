/**
 * Figures of the paper, measured on the protocol itself: Rowstron and Druschel, "Pastry", Middleware 2001, section 3. All with b = 4,
 * |L| = 16 and |M| = 32, as there.
 */

import test from 'ava';
import { ENTRY } from '../../src/overlay/prefix-table.js';
import pastry from '../../src/protocols/pastry/index.js';
import type { Pastry } from '../../src/protocols/pastry/pastry.js';
import type { PastrySettings } from '../../src/protocols/pastry/settings.js';
import { type FakeHost, FakeNetwork } from '../helpers/fake-network.js';
import { closest, mean, type Overlay, pastryWalk, plane, STILL } from '../helpers/prefix-overlays.js';

const QUIET: Partial<PastrySettings> = { ...STILL, leafProbeMs: 0, tableProbeMs: 0, neighbourhoodMs: 0 };

function converged(
  count: number,
  settings: Partial<PastrySettings> = {},
  latencyMs: number | ((from: number, to: number) => number) = 10,
): Overlay<Pastry> {
  const net = new FakeNetwork({ latencyMs });
  return { net, hosts: net.converge(count, pastry, { ...QUIET, ...settings }) as unknown as FakeHost<Pastry>[] };
}

/** Sum of the ways of the hops, in ms. */
function wayMs(latencyMs: (from: number, to: number) => number, { net }: Overlay<Pastry>, path: readonly number[]): number {
  let sum = 0;
  for (let i = 1; i < path.length; i++) sum += latencyMs(net.hostAt(path[i - 1])!.index, net.hostAt(path[i])!.index);
  return sum;
}

for (const [count, mostHops] of [
  [256, 2],
  [1000, 3],
  [5000, 4],
] as const) {
  test(`${count} peers: every key comes to the numerically closest, in fewer than ceil(log16 N) = ${mostHops} hops on average`, (t) => {
    const overlay = converged(count, { proximity: false });
    const { random } = overlay.hosts[0];
    const hops: number[] = [];
    for (let i = 0; i < 2000; i++) {
      const key = random.identifier();
      const path = pastryWalk(overlay, random.pick(overlay.hosts), key);
      if (i < 400) t.is(path.at(-1), closest(overlay.hosts, key).address);
      hops.push(path.length - 1);
    }
    t.log(`mean ${mean(hops).toFixed(3)}, most ${Math.max(...hops)}`);
    t.true(mean(hops) < mostHops);
    t.true(Math.max(...hops) <= mostHops + 1);
  });
}

test('the table has as many entries as identifiers drawn at random make cells, about (2^b - 1) ceil(log_2^b N) at most', (t) => {
  for (const [b, count, formula] of [
    [4, 2000, 15 * 3],
    [2, 2000, 3 * 6],
    [1, 2000, 11],
  ] as const) {
    const { hosts } = converged(count, { b, proximity: false });
    let expected = 0;
    for (let row = 0; row < 48 / b; row++) expected += (2 ** b - 1) * -Math.expm1((count - 1) * Math.log1p(-(2 ** (-b * (row + 1)))));
    const entries = mean(hosts.map((host) => host.protocol.table.size));
    t.log(`b = ${b}: ${entries.toFixed(2)} entries, expected ${expected.toFixed(2)}, the paper's formula ${formula}`);
    t.true(Math.abs(entries / expected - 1) <= 0.02);
    t.true(entries <= formula * 1.05);
    for (const host of hosts) t.is(host.protocol.leaves.size, 16);
  }
});

test('locality: near peers in the table make routes much shorter, and the last hop is the longest', (t) => {
  const count = 2000;
  const latencyMs = plane(count, 3);
  const stretches = new Map<boolean, number>();
  for (const proximity of [true, false]) {
    const overlay = converged(count, { proximity }, latencyMs);
    const { random } = overlay.hosts[0];
    const routes: number[] = [];
    const direct: number[] = [];
    const byHop: number[][] = [[], [], []];
    for (let i = 0; i < 3000; i++) {
      const path = pastryWalk(overlay, random.pick(overlay.hosts), random.identifier());
      if (path.length === 1) continue;
      routes.push(wayMs(latencyMs, overlay, path));
      direct.push(wayMs(latencyMs, overlay, [path[0], path.at(-1)!]));
      if (path.length === 4) for (let hop = 0; hop < 3; hop++) byHop[hop].push(wayMs(latencyMs, overlay, path.slice(hop, hop + 2)));
    }
    const stretch = mean(routes) / mean(direct);
    stretches.set(proximity, stretch);
    t.log(
      `proximity ${proximity}: ${stretch.toFixed(2)} times the direct way; hops of three-hop routes ${byHop.map((hop) => mean(hop).toFixed(1)).join(', ')} ms`,
    );
    if (proximity) {
      t.true(mean(byHop[0]) < mean(byHop[1]));
      t.true(mean(byHop[1]) < mean(byHop[2]));
    }
  }
  t.true(stretches.get(true)! < 0.75 * stretches.get(false)!);
  t.true(stretches.get(true)! < 1.8);
});

test('entries are chosen near: of the first row, nearer than a third of what is drawn at random', (t) => {
  const count = 2000;
  const latencyMs = plane(count, 4);
  const distance = (proximity: boolean) => {
    const { net, hosts } = converged(count, { proximity }, latencyMs);
    return mean(
      hosts.slice(0, 200).flatMap((host) => {
        const { table } = host.protocol;
        const end = table.firstOf(1);
        return Array.from({ length: end / ENTRY }, (_, i) => latencyMs(host.index, net.hostAt(table.entries[i * ENTRY + 2])!.index));
      }),
    );
  };
  const [near, any] = [distance(true), distance(false)];
  t.log(`${near.toFixed(1)} ms against ${any.toFixed(1)} ms`);
  t.true(near < any / 3);
});
