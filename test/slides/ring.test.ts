/**
 * The circular DHT as courses draw it (Kurose and Ross, "Computer Networking", section 2.6): 4-bit identifiers, each key with its
 * immediate successor, two successors against churn. The numbers are literal. A hop is one forward; the last one, to the owner, counts.
 */

import test from 'ava';
import fc from 'fast-check';
import type { AnswerMessage } from '../../src/overlay/circle/messages.js';
import ringDefinition from '../../src/protocols/ring/index.js';
import type { RingPeer } from '../../src/protocols/ring/ring.js';
import type { RingSettings } from '../../src/protocols/ring/settings.js';
import { answeringOwners, hostWith, identifiersIn, isPerfectCircle, keyWith, locate, publish, STILL } from '../helpers/circle.js';
import { type FakeHost, FakeNetwork } from '../helpers/fake-network.js';

const PEERS = [1, 3, 4, 5, 8, 10, 12, 14];
const WITH_15 = [1, 3, 4, 5, 8, 10, 12, 15];
/** Each peer knows its immediate successor and predecessor. */
const CIRCLE: Partial<RingSettings> = { ...STILL, idBits: 4, successors: 1 };
/** Two successors, pinged every second; what is lost in the textbook stays lost. */
const PINGED: Partial<RingSettings> = { idBits: 4, replicas: 0, pingMs: 1000, mergeMs: 0, mend: false, rpcTimeoutMs: 200 };

function ringWith(identifiers: readonly number[], settings: Partial<RingSettings>, latencyMs = 10) {
  const net = new FakeNetwork({ latencyMs });
  const hosts = net.converge(identifiers.length, ringDefinition, { identifiers, ...settings }) as unknown as FakeHost<RingPeer>[];
  return { net, hosts, at: (identifier: number) => hostWith(hosts, identifier) };
}

/** What went from whom to whom, by identifier. */
function journey({ net, hosts }: ReturnType<typeof ringWith>): [string, number, number][] {
  const identifierOf = (address: number) => hosts.find((host) => host.address === address)!.protocol.identifier;
  return net.sent.map(({ from, to, message }) => [message.type, identifierOf(from), identifierOf(to)]);
}

function ownerOf({ net, at }: ReturnType<typeof ringWith>, start: number, identifier: number): number {
  net.sent.length = 0;
  locate(net, at(start), keyWith(identifier, 4));
  return answeringOwners(net)[0] ?? start; // it does not write to itself when it is the owner
}

test('keys belong to the immediate successor: 13 to peer 14, 15 to peer 1', (t) => {
  const ring = ringWith(PEERS, CIRCLE);
  for (const start of PEERS) {
    t.is(ownerOf(ring, start, 13), 14);
    t.is(ownerOf(ring, start, 15), 1);
  }
});

test('a question for 14 that starts at peer 3 takes 6 messages around the circle', (t) => {
  const ring = ringWith(WITH_15, CIRCLE);
  t.is(locate(ring.net, ring.at(3), keyWith(14, 4)).finishedHops, 6);
  t.deepEqual(journey(ring), [
    ['lookup', 3, 4],
    ['lookup', 4, 5],
    ['lookup', 5, 8],
    ['lookup', 8, 10],
    ['lookup', 10, 12],
    ['last', 12, 15],
    ['answer', 15, 3],
  ]);
});

test('and 2 with the shortcut from 3 to 12', (t) => {
  const ring = ringWith(WITH_15, { ...CIRCLE, shortcutLinks: [3, 12] });
  t.deepEqual(identifiersIn(ring.at(3).protocol.shortcuts), [12]);
  t.deepEqual(ring.at(1).protocol.shortcuts, []);
  t.is(locate(ring.net, ring.at(3), keyWith(14, 4)).finishedHops, 2);
  t.deepEqual(journey(ring), [
    ['lookup', 3, 12],
    ['last', 12, 15],
    ['answer', 15, 3],
  ]);
  t.is(locate(ring.net, ring.at(3), keyWith(11, 4)).finishedHops, 5, 'a shortcut past the key is of no use');
});

test('peer 5 leaves abruptly: 4 takes 8 as its successor, asks it, and has 10 as its second', (t) => {
  const ring = ringWith(PEERS, PINGED);
  const { net, hosts, at } = ring;
  t.deepEqual(identifiersIn(at(4).protocol.successors), [5, 8]);
  net.crash(at(5).index);
  while (at(4).protocol.successor !== at(8).address) net.run(net.now + 1);
  t.deepEqual(identifiersIn(at(4).protocol.successors), [8], '4 detects, and 8 becomes its immediate successor');
  t.deepEqual([net.sent.at(-1)!.message.type, net.sent.at(-1)!.from, net.sent.at(-1)!.to], ['ping', at(4).address, at(8).address]);
  net.run(net.now + 20);
  t.deepEqual(identifiersIn(at(4).protocol.successors), [8, 10], '8 says who its immediate successor is');
  net.run(5000);
  t.is(at(8).protocol.predecessor, at(4).address);
  t.deepEqual(identifiersIn(at(3).protocol.successors), [4, 8]);
  t.true(isPerfectCircle(hosts));
});

for (const [last, peers] of [
  [14, PEERS],
  [15, WITH_15],
] as const) {
  test(`peer 13 joins: it sits between 12 and ${last} and takes key 13`, (t) => {
    const ring = ringWith(peers, { ...PINGED, identifiers: [...peers, 13] });
    const { net, hosts, at } = ring;
    publish(net, at(3), keyWith(13, 4));
    t.is(ownerOf(ring, 4, 13), last);

    hosts.push(net.addPeer(ringDefinition, at(3).protocol.settings) as never);
    net.sent.length = 0;
    hosts[8].protocol.join();
    net.run(net.now + 500);
    t.deepEqual(
      journey(ring).filter(([type]) => type === 'welcome' || type === 'precede' || type === 'follow'),
      [
        ['welcome', 12, 13],
        ['precede', 13, last],
        ['follow', 13, 12],
      ],
      '12 tells 13 its place, and 13 tells both neighbours',
    );
    t.is(at(12).protocol.successor, at(13).address);
    t.is(at(13).protocol.successor, at(last).address);
    t.is(at(13).protocol.predecessor, at(12).address);
    t.is(at(last).protocol.predecessor, at(13).address);

    t.is(ownerOf(ring, 4, 13), 13);
    t.deepEqual(
      locate(net, at(8), keyWith(13, 4)).answers.map((answer) => answer.provider),
      [at(3).address],
    );
    t.true(isPerfectCircle(hosts));
  });
}

test('equally spaced peers without shortcuts: the mean lookup takes (N - 1) / 2 forwards, the last one to the owner included', (t) => {
  const count = 32;
  const { net, hosts } = ringWith(
    Array.from({ length: count }, (_, i) => i * 4),
    { ...CIRCLE, idBits: 7, successors: 2 },
    0,
  );
  let hops = 0;
  for (const host of hosts) for (let key = 0; key < 128; key++) hops += locate(net, host, keyWith(key, 7), 1).finishedHops!;
  const mean = hops / (count * 128);
  t.true(Math.abs(mean / ((count - 1) / 2) - 1) < 0.02, `mean ${mean}`);
});

test('shortcuts to half, a quarter, an eighth ... of the circle: log2 N of them make it 1/2 log2 N messages to the predecessor', (t) => {
  const bits = 8;
  const { net, hosts } = ringWith(
    Array.from({ length: 2 ** bits }, (_, i) => i),
    { ...CIRCLE, idBits: bits, shortcuts: bits },
    0,
  );
  let hops = 0;
  for (let key = 1; key < 2 ** bits; key++) hops += locate(net, hosts[0], keyWith(key, bits), 1).finishedHops!;
  t.is(hops, (bits / 2) * 2 ** bits, 'one forward for each bit that is 1, of 8 in each of 256 distances');
  t.is(identifiersIn(hosts[0].protocol.shortcuts).join(), '128,64,32,16,8,4,2,1');
});

/** Crashes these, and tells whether five periods later the others are a perfect circle again and nobody had lost all its successors. */
function survivesCrashOf(count: number, gone: readonly number[], settings: Partial<RingSettings> = {}): boolean {
  const identifiers = Array.from({ length: count }, (_, i) => i);
  const { net, hosts } = ringWith(identifiers, { ...PINGED, idBits: 6, ...settings });
  for (const host of hosts) host.bootstrap = () => []; // nobody to ask for the way back
  for (const index of gone) net.crash(index);
  net.run(5 * 1000);
  return isPerfectCircle(hosts) && (settings.mend === true || !net.counters.has('circle.broken'));
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
    fc.property(apart, ([count, gone]) => survivesCrashOf(count, gone)),
    { numRuns: 60 },
  );
  t.pass();
});

test('and breaks when two adjacent ones crash, unless it is mended', (t) => {
  t.true(survivesCrashOf(48, [20, 22]));
  t.false(survivesCrashOf(48, [20, 21]));
  t.true(survivesCrashOf(48, [20, 21], { successors: 3 }));
  t.true(survivesCrashOf(48, [20, 21], { mend: true }));
});

test('any number of successors: it survives as many adjacent crashes less one', (t) => {
  for (const successors of [1, 2, 3, 4]) {
    const adjacent = Array.from({ length: successors }, (_, i) => 10 + i);
    t.true(survivesCrashOf(24, adjacent.slice(1), { successors }));
    t.false(survivesCrashOf(24, adjacent, { successors }));
  }
});

test('an answer names the owner and the providers', (t) => {
  const { net, at } = ringWith(PEERS, CIRCLE);
  publish(net, at(4), keyWith(9, 4));
  net.sent.length = 0;
  const { answers } = locate(net, at(12), keyWith(9, 4));
  t.deepEqual(answers, [{ provider: at(4).address, hops: 7 }]);
  t.deepEqual(net.sentOf<AnswerMessage>('answer')[0].message.providers, [at(4).address]);
});
