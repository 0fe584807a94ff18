/** What overlays of links over connections share: a partition that heals, and sources chosen for a download. */

import test from 'ava';
import { Choice } from '../../src/overlay/transfer/choice.js';
import type { Source, Transfers } from '../../src/overlay/transfer/transfers.js';
import gnutella from '../../src/protocols/gnutella/index.js';
import type { Servent } from '../../src/protocols/gnutella/servent.js';
import { type FakeHost, FakeNetwork, FakeOperation } from '../helpers/fake-network.js';

/** How many peers can be reached from the first. */
function reachedFrom(first: FakeHost<Servent>, net: FakeNetwork): number {
  const seen = new Set([first.address]);
  for (const address of seen) for (const next of (net.hostAt(address) as FakeHost<Servent>).protocol.neighbours()) seen.add(next);
  return seen.size;
}

test('two overlays that know nothing of each other stay two, unless peers look around', (t) => {
  for (const lookAroundMs of [0, 30_000]) {
    const net = new FakeNetwork({ seed: 3 });
    const settings = { pingMs: 0, lookAroundMs };
    const hosts = [...net.converge(30, gnutella, settings), ...net.converge(30, gnutella, settings)];
    t.is(reachedFrom(hosts[0], net), 30);
    net.run(300_000);
    t.is(reachedFrom(hosts[0], net), lookAroundMs > 0 ? 60 : 30);
    const degrees = hosts.map(({ protocol }) => protocol.neighbours().length);
    t.true(Math.max(...degrees) <= 9);
    const mean = degrees.reduce((sum, degree) => sum + degree, 0) / hosts.length;
    t.true(mean <= (lookAroundMs > 0 ? 7.5 : 4), `degree ${mean}: the extra links take each other's place`);
  }
});

test('a download begins a moment after the first answer, with those who can be called first; later ones are added', (t) => {
  const net = new FakeNetwork();
  const peer = net.addPeer(gnutella, { pingMs: 0 });
  const log: string[] = [];
  const transfers = {
    fetch(_operation: FakeOperation, sources: readonly Source[]) {
      log.push(`${net.now}: ${sources.map(({ address }) => address)}`);
      return { addSource: ({ address }: Source) => log.push(`${net.now}: and ${address}`) };
    },
  } as unknown as Transfers;
  const choice = new Choice(transfers, new FakeOperation(1, [1], 100));
  choice.add(peer, 500, { address: 1, reachable: false });
  net.run(100);
  choice.add(peer, 500, { address: 2, reachable: true });
  net.run(700);
  choice.add(peer, 500, { address: 3, reachable: true });
  t.deepEqual(log, ['500: 2,1', '700: and 3']);
});
