/**
 * Chord without fingers and with two successors is the circular DHT as courses draw it (Kurose and Ross, "Computer Networking", section
 * 2.6), which has a protocol of its own (ring.test.ts): the same examples, with 4-bit identifiers. A hop is one forward; the last one, to
 * the owner, counts.
 */

import test from 'ava';
import fc from 'fast-check';
import chord from '../../src/protocols/chord/index.js';
import {
  answeringOwners,
  identifiersIn,
  isPerfectRing,
  keyWith,
  locate,
  publish,
  ringWith,
  STILL,
  type TestRing,
} from '../helpers/chord-ring.js';

const PEERS = [1, 3, 4, 5, 8, 10, 12, 14];
const WITH_15 = [1, 3, 4, 5, 8, 10, 12, 15];
/** Each peer knows its immediate successor and predecessor. */
const CIRCLE = { ...STILL, idBits: 4, fingers: false, successors: 1 };
const KEPT = {
  idBits: 4,
  fingers: false,
  successors: 2,
  replicas: 0,
  stabiliseMs: 1000,
  checkPredecessorMs: 1000,
  mergeMs: 0,
  rpcTimeoutMs: 200,
};

function ownerOf(ring: TestRing, start: number, identifier: number): number {
  ring.net.sent.length = 0;
  locate(ring, ring.at(start), keyWith(identifier, 4));
  return answeringOwners(ring.net)[0] ?? start; // it does not write to itself when it is the owner
}

test('keys belong to the immediate successor: 13 to peer 14, 15 to peer 1', (t) => {
  const ring = ringWith(PEERS, CIRCLE);
  for (const start of PEERS) {
    t.is(ownerOf(ring, start, 13), 14);
    t.is(ownerOf(ring, start, 15), 1);
  }
});

test('a lookup of 14 that starts at peer 3 takes 6 messages around the circle, and 2 with the shortcut to 12', (t) => {
  const around = ringWith(WITH_15, CIRCLE);
  t.is(locate(around, around.at(3), keyWith(14, 4)).finishedHops, 6);
  t.deepEqual(
    around.net.sent
      .filter((sent) => sent.message.type !== 'answer')
      .map((sent) => around.hosts.find((host) => host.address === sent.to)!.protocol.identifier),
    [4, 5, 8, 10, 12, 15],
  );
  t.deepEqual(answeringOwners(around.net), [15]);

  const shortcut = ringWith(WITH_15, { ...CIRCLE, fingers: true });
  t.true(identifiersIn(shortcut.at(3).protocol.fingers).includes(12));
  t.is(locate(shortcut, shortcut.at(3), keyWith(14, 4)).finishedHops, 2);
  t.deepEqual(
    shortcut.net.sent.map((sent) => [sent.message.type, shortcut.hosts.find((host) => host.address === sent.to)!.protocol.identifier]),
    [
      ['lookup', 12],
      ['last', 15],
      ['answer', 3],
    ],
  );
});

test('peer 5 leaves abruptly: 4 takes 8 as its successor, asks it, and has 10 as its second', (t) => {
  const { net, hosts, at } = ringWith(PEERS, KEPT);
  t.deepEqual(identifiersIn(at(4).protocol.successors), [5, 8]);
  net.crash(at(5).index);
  net.run(5000);
  t.deepEqual(identifiersIn(at(4).protocol.successors), [8, 10]);
  t.is(at(8).protocol.before, at(4).address);
  t.true(isPerfectRing(hosts));
});

for (const [last, peers] of [
  [14, PEERS],
  [15, WITH_15],
] as const) {
  test(`peer 13 joins: it sits between 12 and ${last} and takes key 13`, (t) => {
    const ring = ringWith(peers, { ...KEPT, identifiers: [...peers, 13] });
    const { net, hosts, at } = ring;
    publish(ring, at(3), keyWith(13, 4));
    t.is(ownerOf(ring, 4, 13), last);

    hosts.push(net.addPeer(chord, at(3).protocol.settings) as never);
    hosts[8].protocol.join();
    net.run(net.now + 5000);
    t.is(at(12).protocol.successor, at(13).address);
    t.is(at(13).protocol.successor, at(last).address);
    t.is(at(13).protocol.before, at(12).address);
    t.is(at(last).protocol.before, at(13).address);

    t.is(ownerOf(ring, 4, 13), 13);
    t.deepEqual(
      locate(ring, at(8), keyWith(13, 4)).answers.map((answer) => answer.provider),
      [at(3).address],
    );
  });
}

test('equally spaced peers without shortcuts: the mean lookup takes (N - 1) / 2 forwards, the last one to the owner included', (t) => {
  const count = 32;
  const ring = ringWith(
    Array.from({ length: count }, (_, i) => i * 4),
    { ...CIRCLE, idBits: 7 },
    0,
  );
  let hops = 0;
  for (const host of ring.hosts) for (let key = 0; key < 128; key++) hops += locate(ring, host, keyWith(key, 7), 1).finishedHops!;
  const mean = hops / (count * 128);
  t.true(Math.abs(mean / ((count - 1) / 2) - 1) < 0.02, `mean ${mean}`);
});

/** Crashes these, and tells whether five periods later the others are a perfect ring again and nobody had lost all its successors. */
function surviveCrashOf(count: number, gone: readonly number[]): boolean {
  const identifiers = Array.from({ length: count }, (_, i) => i);
  const { net, hosts } = ringWith(identifiers, { ...KEPT, idBits: 6 });
  for (const host of hosts) host.bootstrap = () => []; // nobody to ask for the way back
  for (const index of gone) net.crash(index);
  net.run(5 * KEPT.stabiliseMs);
  return isPerfectRing(hosts) && !net.counters.has('chord.isolated');
}

test('with two successors the circle survives any set of crashes of which no two are adjacent', (t) => {
  const apart = fc
    .tuple(fc.integer({ min: 4, max: 16 }), fc.array(fc.boolean(), { minLength: 16, maxLength: 16 }))
    .map(([count, wish]): [number, number[]] => {
      const gone: number[] = [];
      for (let i = 0; i < count; i++) if (wish[i] && !gone.includes(i - 1) && !(i === count - 1 && gone.includes(0))) gone.push(i);
      return [count, gone];
    });
  fc.assert(
    fc.property(apart, ([count, gone]) => surviveCrashOf(count, gone)),
    { numRuns: 60 },
  );
  t.pass();
});

test('and breaks when two adjacent ones crash', (t) => {
  t.true(surviveCrashOf(48, [20, 22]));
  t.false(surviveCrashOf(48, [20, 21]));
});
