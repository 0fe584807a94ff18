/** CAN's protocol in its behaviour: joins, departures, crashes, takeovers, two spaces that meet, the index. */

import test from 'ava';
import type { Address } from '../../src/protocol.js';
import { type CanHost, flaws, grown, join, LIVELY, spaceOf } from '../helpers/can-space.js';

test('peers that join one after the other hold the space between them, and know their neighbours', (t) => {
  for (const dimensions of [1, 2, 3, 5]) {
    const { net, hosts } = grown(40, { ...LIVELY, dimensions });
    t.deepEqual(flaws(hosts), [], `d = ${dimensions}`);
    net.run(net.now + 20_000);
    t.deepEqual(flaws(hosts), [], `d = ${dimensions}`);
  }
});

test('what converge builds is whole, for random zones as for equal ones', (t) => {
  for (const zones of ['random', 'equal']) {
    for (const dimensions of [1, 2, 4, 10]) t.deepEqual(flaws(spaceOf(50, { zones, dimensions }).hosts), [], `${zones}, d = ${dimensions}`);
  }
});

test('peers that all arrive at the same moment find together in one space', (t) => {
  const space = grown(0, LIVELY);
  for (let i = 0; i < 40; i++) join(space, LIVELY);
  space.net.run(120_000);
  t.deepEqual(flaws(space.hosts), []);
});

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

test('goodbyes: the space stays whole at every moment, and each peer has one zone again when the background task has run', (t) => {
  for (const dimensions of [1, 2, 3]) {
    for (const reassignMs of [0, 1000]) {
      const { net, hosts } = spaceOf(60, { ...LIVELY, dimensions, reassignMs });
      net.run(2000);
      for (let i = 0; i < 50; i++) {
        net.leave((i * 7) % 60);
        net.run(net.now + 100);
        const held = flaws(hosts, { severalZones: true }).filter((flaw) => flaw.includes('overlap') || flaw.includes('of the space'));
        if (reassignMs === 0) t.deepEqual(held, [], `d = ${dimensions}, ${i}`);
      }
      net.run(net.now + 60_000);
      t.deepEqual(flaws(hosts, { severalZones: reassignMs === 0 }), []);
      t.is(net.counters.has('can.takeovers'), false);
    }
  }
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
