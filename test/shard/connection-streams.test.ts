/** What flows on connections: in order whatever the network does, no faster than the other side takes it, and every byte accounted for. */

import test from 'ava';
import fc from 'fast-check';
import type { Topology } from '../../src/network/topology.js';
import type { Connection } from '../../src/protocol.js';
import { planFaults } from '../../src/scenario/fault-plan.js';
import { Hosts, SIZED, sized, Transfers } from '../helpers/hosts.js';
import { plainClass } from '../helpers/plain-topology.js';
import { type Note, type Puppet, puppet } from '../helpers/puppet.js';
import { story } from '../helpers/story.js';
import { type Testnet, testnet } from '../helpers/testnet.js';

const numbered = (n: number, bytes: number) => ({ type: 'a', n: bytes, data: n }) as Note;

/** Everything that can happen to a packet, in moderation. */
const roughTopologies: fc.Arbitrary<Partial<Topology>> = fc.record({
  loss: fc.constantFrom(0, 0.01, 0.1, 0.3),
  jitter: fc.constantFrom(0, 0.5, 2),
  duplicate: fc.constantFrom(0, 0.1),
  reorder: fc.constantFrom(null, { share: 0.2, byMs: 70 }),
  bursts: fc.constantFrom(null, { enter: 0.01, leave: 0.2, lossGood: 0, lossBad: 0.8 }),
  segmentHeaderBytes: fc.constantFrom(0, 40),
  classes: fc.constantFrom([plainClass()], [plainClass({ uplinkBitsPerSecond: 1e6, downlinkBitsPerSecond: 2e6, queueBytes: 20_000 })]),
});

/** Found once: a timer that was due a rounding error too late, and a window full of what nobody was asked to acknowledge. */
const ROUGH: Partial<Topology> = {
  jitter: 0.5,
  reorder: { share: 0.2, byMs: 70 },
  bursts: { enter: 0.01, leave: 0.2, lossGood: 0, lossBad: 0.8 },
};
const THIN = [plainClass({ uplinkBitsPerSecond: 1e6, downlinkBitsPerSecond: 2e6, queueBytes: 20_000 })];
const EXAMPLES: [Partial<Topology>, boolean, number[], number][] = [
  [{ ...ROUGH, classes: THIN }, true, [1460, 200_000, 1], 593],
  [{ ...ROUGH, loss: 0.1 }, false, [1461, 1461, 1, 1, 1, 1, 1460, 1, 1], 998],
];

test('in order and without gaps, both ways, through loss, bursts, jitter, reordering, corruption and small queues', async (t) => {
  let whole = 0;
  await t.notThrowsAsync(
    fc.assert(
      fc.asyncProperty(
        roughTopologies,
        fc.boolean(),
        fc.array(fc.constantFrom(1, 100, 1460, 1461, 40_000, 200_000), { minLength: 1, maxLength: 40 }),
        fc.integer({ min: 1, max: 1000 }),
        async (topology, corrupts, sizes, seed) => {
          const got: Record<string, number[]> = { p0: [], p1: [] };
          let cut = false;
          const speak = (me: Puppet, connection: Connection) => {
            sizes.forEach((bytes, n) => {
              if (n % 3 === 2) me.peer.after(n * 40, () => connection.send(numbered(n, bytes)));
              else connection.send(numbered(n, bytes));
            });
          };
          const definition = puppet(
            {
              accept: speak,
              open: speak,
              message: (me, _from, { data }) => got[me.peer.name].push(data as number),
              close: () => {
                cut = true; // nothing got through for 100 s: where a third is lost, that happens
              },
            },
            SIZED,
          );
          const faults = corrupts ? planFaults(['at 0s corrupt 5%'], { sites: [], peers: 2 }, (_, error) => error) : [];
          const net: Testnet<Puppet> = await testnet<Puppet>(definition, { peers: 2, topology, seed, faults });
          net.peer(0)!.peer.connect(net.address(1), { timeoutMs: 1e6, writeTimeoutMs: 1e7 });
          net.run(2e6);
          // What was sent later went later.
          const now = sizes.map((_, n) => n).filter((n) => n % 3 !== 2);
          const later = sizes.map((_, n) => n).filter((n) => n % 3 === 2);
          for (const name of ['p0', 'p1']) {
            const expected = [...now, ...later].slice(0, cut ? got[name].length : undefined);
            if (got[name].join() !== expected.join()) throw new Error(`${name} got ${got[name]}`);
          }
          if (!cut) whole++;
        },
      ),
      { numRuns: 40, examples: EXAMPLES },
    ),
  );
  t.true(whole > 30, `${whole} of them to the end`);
});

test('a probe is answered whatever is on its way before and after it', async (t) => {
  const got: unknown[] = [];
  const net = await story(
    { message: (_me, _from, { n }) => got.push(n) },
    { topology: { jitter: 3, reorder: { share: 0.5, byMs: 300 } }, seed: 2 },
  );
  const connection = net.peer(0)!.peer.connect(net.address(1), { keepAliveMs: 100 });
  net.run(1000);
  for (let i = 1; i <= 500; i++) {
    connection.send(sized(i));
    net.runFor(37);
  }
  net.runFor(5000);
  t.deepEqual(
    got,
    Array.from({ length: 500 }, (_, i) => i + 1),
  );
});

test('backpressure: what does not fit is buffered, and onDrain tells when there is room again', async (t) => {
  const events: string[] = [];
  const hosts = new Hosts({
    lines: [{ uplinkBitsPerSecond: 8e5 }, {}], // 100 bytes a millisecond
    script: {
      accept: () => {},
      drain: (me, connection) => void events.push(`${Math.round(me.peer.now)} ${connection.bufferedBytes} ${connection.writable}`),
    },
  });
  const connection = hosts.connect(0, 1);
  t.is(connection.bufferedBytes, 0);
  t.false(connection.writable, 'it is not open yet');
  hosts.run(200);
  t.true(connection.writable);
  const answers = Array.from({ length: 8 }, () => connection.send(sized(14_600)));
  // The first of 80 segments has left; five messages are above 64 KiB.
  t.deepEqual(answers, [true, true, true, true, false, false, false, false]);
  t.is(connection.bufferedBytes, 79 * 1460);
  hosts.run(200 + 20 * 14.6);
  t.false(connection.writable);
  hosts.run(200 + 40 * 14.6);
  t.true(connection.writable && events.length === 0);
  hosts.run(200 + 65 * 14.6);
  // Told once, at half of the mark.
  t.is(events.length, 1);
  const [atMs, buffered, writable] = events[0].split(' ');
  t.true(Number(buffered) <= 32 * 1024 && Number(buffered) > 30 * 1024 && writable === 'true', events[0]);
  t.true(Math.abs(Number(atMs) - (200 + (80 * 1460 - Number(buffered)) / 100)) < 20, events[0]);
  hosts.run(10_000);
  t.is(connection.bufferedBytes, 0);
  t.is(events.length, 1);
});

test('many small messages at once go no faster than a window, also after a pause', (t) => {
  const hosts = new Hosts({ lines: [{}, {}], script: { accept: () => {} } });
  const connection = hosts.connect(0, 1);
  hosts.run(200);
  for (const pauseMs of [0, 20_000]) {
    hosts.runFor(pauseMs);
    const before = hosts.shard.transport.books.segments;
    for (let i = 0; i < 300; i++) connection.send(sized(1000));
    const sent = hosts.shard.transport.books.segments - before;
    // A window of 14,600 bytes; and one more, since the first to queue goes when nothing is timed yet.
    t.true(sent === 14 || sent === 15, `${sent} segments at once after ${pauseMs} ms`);
    hosts.runFor(5000);
    t.is(connection.bufferedBytes, 0);
  }
});

test('a thin connection hardly waits among bulk, at its own uplink and at the receiver\u2019s downlink', (t) => {
  const bulk = Array.from({ length: 8 }, (_, i) => ({ from: i < 4 ? 0 : i, to: i < 4 ? i + 4 : 1 }));
  const net = new Transfers(bulk, {
    lines: [
      { uplinkBitsPerSecond: 2e6 },
      { downlinkBitsPerSecond: 4e6 },
      ...Array.from({ length: 6 }, () => ({ uplinkBitsPerSecond: 2e7 })),
    ],
    topology: { segmentHeaderBytes: 40 },
  });
  const thin = net.hosts.connect(0, 1);
  net.hosts.run(10_000);
  const waits: number[] = [];
  const receiver = net.hosts.shard.session(net.hosts.peers[1])!.protocol;
  const handle = receiver.onMessage;
  receiver.onMessage = (from, message, connection) => {
    if ((message as Note).data === 'thin') waits.push(net.hosts.now - sentAt - 50);
    else handle.call(receiver, from, message, connection);
  };
  let sentAt = 0;
  for (let i = 0; i < 100; i++) {
    sentAt = net.hosts.now;
    thin.send({ type: 'a', n: 50, data: 'thin' } as Note);
    net.hosts.runFor(331);
  }
  t.is(waits.length, 100);
  // Beyond the latency of 50 ms: at most a segment before it at each link (6 and 3 ms) and its own time.
  t.true(Math.max(...waits) < 15, `${Math.max(...waits)} ms`);
});

test('messages and bytes are conserved at any moment, whatever happens to the connections', async (t) => {
  const actions = fc.array(
    fc.record({
      afterMs: fc.integer({ min: 0, max: 400 }),
      peer: fc.integer({ min: 0, max: 5 }),
      other: fc.integer({ min: 0, max: 5 }),
      what: fc.constantFrom('connect', 'connect', 'send', 'send', 'send', 'bulk', 'close', 'reset', 'crash', 'leave', 'join', 'datagram'),
    }),
    { minLength: 20, maxLength: 120 },
  );
  let lost = 0;
  await t.notThrowsAsync(
    fc.assert(
      fc.asyncProperty(roughTopologies, actions, fc.integer({ min: 1, max: 1000 }), async (topology, list, seed) => {
        const open = new Map<string, Connection[]>();
        const keep = (me: Puppet, connection: Connection) => {
          const { name } = me.peer;
          open.set(name, [...(open.get(name) ?? []).slice(-5), connection]);
        };
        const definition = puppet({ accept: keep, open: keep, drain: (_me, connection) => void connection.send(sized(9000)) }, SIZED);
        const faults = planFaults(
          ['at 1s corrupt 2%', 'from 2s to 4s partition peers 0-1 | peers 2-5', 'from 3s to 5s hold peers 0-2 | peers 3-5'],
          { sites: [], peers: 6 },
          (_, error) => error,
        );
        const net = await testnet<Puppet>(definition, { peers: 6, topology, seed, faults });
        const { mail, meter, transport, wire } = net.shard;
        const check = (when: string) => {
          const report = net.shard.report(net.shard.progress(false));
          const { writtenBytes, deliveredBytes, lostBytes } = transport.books;
          if (writtenBytes !== deliveredBytes + lostBytes + report.bytesInFlight)
            throw new Error(`${when}: ${writtenBytes} B written, not ${deliveredBytes} + ${lostBytes} + ${report.bytesInFlight}`);
          if (report.inFlightCounted !== mail.inFlight + wire.duplicated && report.inFlightCounted !== mail.inFlight)
            throw new Error(`${when}: ${report.inFlightCounted} messages found, not ${mail.inFlight}`);
          if (meter.sent + wire.duplicated !== meter.delivered + meter.droppedTotal + report.inFlightCounted)
            throw new Error(`${when}: ${meter.sent} sent, ${meter.delivered} delivered, ${report.inFlightCounted} found`);
        };
        for (const { afterMs, peer, other, what } of list) {
          net.runFor(afterMs);
          const me = net.peer(peer);
          const mine = open.get(`p${peer}`)?.at(other % 6);
          if (what === 'join') net.join(peer);
          else if (me !== undefined) {
            if (what === 'connect') me.peer.connect(net.address(other), { timeoutMs: 3000, writeTimeoutMs: 4000, keepAliveMs: 700 });
            else if (what === 'datagram') me.peer.send(net.address(other), sized(500));
            else if (what === 'crash' || what === 'leave') net[what](peer);
            else if (mine !== undefined) {
              if (what === 'send') mine.send(sized(200));
              else if (what === 'bulk') mine.send(sized(250_000));
              else if (what === 'close') mine.close();
              else mine.reset();
            }
          }
          check(`${what} at ${net.now}`);
        }
        net.runFor(60_000);
        check('at the end');
        lost += transport.books.lostBytes;
      }),
      { numRuns: 60 },
    ),
  );
  t.true(lost > 0);
});
