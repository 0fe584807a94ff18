/** CAN when much happens at once: mass failure, partition, spaces that meet, and any mixture of joins, goodbyes and crashes. */

import test from 'ava';
import fc from 'fast-check';
import type { Address } from '../../src/protocol.js';
import { type CanHost, flaws, grown, join, LIVELY, spaceOf } from '../helpers/can-space.js';

test('two spaces that meet become one', (t) => {
  const space = grown(0, LIVELY);
  const { net, hosts } = space;
  for (let i = 0; i < 20; i++) {
    const host = join(space, LIVELY);
    host.bootstrap = () => [hosts[i % 2].address].filter((address) => address !== host.address);
    host.session++;
    host.start();
    host.protocol.join();
    net.run(net.now + 500);
  }
  net.run(net.now + 10_000);
  t.deepEqual(flaws(hosts.filter((_, i) => i % 2 === 0)), []);
  t.deepEqual(flaws(hosts.filter((_, i) => i % 2 === 1)), []);
  for (const host of hosts) host.bootstrap = () => [hosts[(host.index + 7) % 20].address];
  net.run(net.now + 300_000);
  t.log([...net.counters]);
  t.deepEqual(flaws(hosts), []);
});

for (const dimensions of [1, 2, 3]) {
  test(`every fourth peer crashes at once: the space is whole again, d = ${dimensions}`, (t) => {
    const { net, hosts } = spaceOf(80, { ...LIVELY, dimensions });
    net.run(3000);
    for (let i = 0; i < 80; i += 4) net.crash(i);
    net.run(net.now + 300_000);
    t.log([...net.counters].join(' '));
    t.deepEqual(flaws(hosts), []);
  });
}

test('a partition: each half holds the whole space alone, and when it is over the two become one again', (t) => {
  const { net, hosts } = spaceOf(60, LIVELY);
  let parted = true;
  const together = (host: CanHost, address: Address) => !parted || (net.hostAt(address)!.index - host.index) % 2 === 0;
  for (const host of hosts) {
    const { send, bootstrap } = host;
    host.send = (to, message) => together(host, to) && send.call(host, to, message);
    host.bootstrap = (count) => bootstrap.call(host, count).filter((address) => together(host, address));
  }
  net.run(180_000);
  for (const half of [0, 1]) t.deepEqual(flaws(hosts.filter(({ index }) => index % 2 === half)), []);
  parted = false;
  net.run(net.now + 120_000);
  t.deepEqual(flaws(hosts), []);
});
test('any mixture of joins, goodbyes and crashes: once it is quiet the space is whole, with one zone each', (t) => {
  const step = fc.record({
    kind: fc.constantFrom('join', 'leave', 'crash'),
    who: fc.nat({ max: 99 }),
    waitMs: fc.integer({ min: 0, max: 1500 }),
  });
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 3 }),
      fc.array(step, { minLength: 5, maxLength: 25 }),
      fc.nat({ max: 99 }),
      (dimensions, steps, seed) => {
        const settings = { ...LIVELY, dimensions: dimensions + 1 };
        const space = spaceOf(24, settings, { seed });
        const { net, hosts } = space;
        net.run(1000);
        for (const { kind, who, waitMs } of steps) {
          const live = hosts.filter((host) => host.up);
          const host = live[who % live.length];
          if (kind === 'join') join(space, settings);
          else if (live.length > 2) net[kind as 'leave' | 'crash'](host.index);
          net.run(net.now + waitMs);
        }
        net.run(net.now + 120_000);
        const found = flaws(hosts);
        if (found.length > 0) throw new Error(found.slice(0, 5).join('; '));
      },
    ),
    { numRuns: 25 },
  );
  t.pass();
});
