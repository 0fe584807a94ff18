import test from 'ava';
import fc from 'fast-check';
import { Stream } from '../../src/kernel/random.js';
import {
  DROPPED_DOWNLINK_FULL,
  DROPPED_LOST,
  DROPPED_UPLINK_FULL,
  leastLatencyMs,
  Network,
  PASSES,
  WAITS,
} from '../../src/network/network.js';
import { PeerTable, placeOf } from '../../src/network/peer-table.js';
import type { AccessClass, Topology } from '../../src/network/topology.js';
import { plainClass as access, plainSite } from '../helpers/plain-topology.js';
import { testTopology } from '../helpers/testnet.js';

/** Bits per second of a link that passes on this many bytes a ms. */
const bytesPerMs = (bytes: number) => bytes * 8000;

/** No faults. */
const calm = { active: false, slowedDownlinks: false, extraMs: 0, corrupted: false, judge: () => PASSES };

/** A network whose clock the test sets: both calls give the time at which the packet is due, or the reason why it is dropped. */
class Wire {
  private readonly clock = new Float64Array(1);
  private readonly network: Network;

  /** Peers whose access class is given one by one, all at one site unless `sites` says where. */
  constructor(classes: readonly AccessClass[], changes: Partial<Topology> = {}, sites: readonly number[] = []) {
    const topology = testTopology(50, { classes, ...changes });
    const table = PeerTable.create(classes.length);
    classes.forEach((_, peer) => {
      table.places[peer] = placeOf(sites[peer] ?? 0, peer, 0);
    });
    table.settle(topology);
    this.network = new Network(topology, table, this.clock, 1, calm);
  }

  depart(now: number, from: number, to: number, size: number): number {
    this.clock[0] = now;
    const verdict = this.network.depart(from, to, size, false);
    return verdict === PASSES ? this.network.due[0] : verdict;
  }

  arrive(now: number, at: number, size: number): number {
    this.clock[0] = now;
    const verdict = this.network.arrive(at, size, false);
    return verdict === PASSES ? now : verdict === WAITS ? this.network.due[0] : verdict;
  }
}

const wire = (...given: ConstructorParameters<typeof Wire>) => new Wire(...given);

/** Sends one packet over an otherwise idle network; the time at which the receiver has it. */
function transfer(network: Wire, now: number, from: number, to: number, size: number): number {
  return network.arrive(network.depart(now, from, to, size), to, size);
}

test('an unloaded transfer takes latency + size / min(uplink, downlink), exactly', (t) => {
  const rate = fc.oneof(fc.constant(Infinity), fc.integer({ min: 1, max: 1_000_000 }));
  fc.assert(
    fc.property(
      rate,
      rate,
      fc.integer({ min: 0, max: 65_535 }),
      fc.integer({ min: 0, max: 500 }),
      fc.integer({ min: 0, max: 1_000_000 }),
      (up, down, size, latencyMs, now) => {
        const network = wire(
          [access({ uplinkBitsPerSecond: bytesPerMs(up) }), access({ uplinkBitsPerSecond: 1, downlinkBitsPerSecond: bytesPerMs(down) })],
          { latencyMs: Float64Array.of(latencyMs) },
        );
        const slowest = Math.min(up, down);
        // In this order of additions, which is the network's.
        t.is(transfer(network, now, 0, 1, size), now + (slowest === Infinity ? 0 : size / slowest) + latencyMs);
      },
    ),
  );
});

test('the latency of a path is that between the sites, in its direction, plus the access latency of both ends', (t) => {
  const network = wire(
    [access({ latencyMs: 1 }), access({ latencyMs: 20 }), access({ latencyMs: 300 })],
    { sites: ['a', 'b'].map((name) => plainSite({ name, share: 0.5 })), latencyMs: Float64Array.of(2, 4000, 5000, 8) },
    [0, 1, 0],
  );
  t.is(network.depart(0, 0, 1, 10), 4000 + 1 + 20);
  t.is(network.depart(0, 1, 0, 10), 5000 + 20 + 1);
  t.is(network.depart(0, 0, 2, 10), 2 + 1 + 300);
});

test('no packet can be faster than leastLatencyMs, not by a rounding: the shards run ahead on it', (t) => {
  const random = new Stream(1, 1, 'network');
  // Roots, because their binary digits do not end: sums of them are rounded.
  const irrational = (most: number) => Math.sqrt(random.next()) * most;
  for (let round = 0; round < 20_000; round++) {
    const classes = [access({ latencyMs: irrational(1) }), access({ latencyMs: irrational(1) })];
    const topology = testTopology(irrational(10), { classes });
    const network = wire(classes, topology);
    const least = leastLatencyMs(topology, 0, 0);
    for (const [from, to] of [
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
    ]) {
      const latency = network.depart(0, from, to, 1);
      if (!(latency >= least)) t.fail(`${latency} < ${least}`);
    }
  }
  t.pass();
});

test('packets of one sender leave one after the other, in order, whoever they go to', (t) => {
  const network = wire([access({ uplinkBitsPerSecond: bytesPerMs(10) }), access(), access()]);
  t.is(network.depart(0, 0, 1, 100), 60);
  t.is(network.depart(0, 0, 2, 100), 70);
  t.is(network.depart(5, 0, 1, 100), 80);
  // Another sender is not held up; and an uplink that has fallen idle has kept no credit.
  t.is(network.depart(5, 1, 2, 100), 55);
  t.is(network.depart(1000, 0, 1, 100), 1060);
});

test('a full uplink drops the newest packet, and what it dropped takes no time on the line', (t) => {
  const network = wire([access({ uplinkBitsPerSecond: bytesPerMs(1), queueBytes: 250 }), access()], { latencyMs: Float64Array.of(0) });
  t.is(network.depart(0, 0, 1, 100), 100);
  t.is(network.depart(0, 0, 1, 100), 200);
  t.is(network.depart(0, 0, 1, 100), DROPPED_UPLINK_FULL);
  t.is(network.depart(0, 0, 1, 50), 250); // 200 + 50 fits exactly
  t.is(network.depart(49, 0, 1, 50), DROPPED_UPLINK_FULL); // 201 left
  t.is(network.depart(50, 0, 1, 50), 300); // 200 left
  // A packet larger than the queue passes when nothing is before it: the queue holds what waits.
  t.is(network.depart(1000, 0, 1, 5000), 6000);
});

test('an idle downlink adds nothing, a busy one queues and drops: several senders meet', (t) => {
  const classes = [access(), access(), access(), access({ downlinkBitsPerSecond: bytesPerMs(1), queueBytes: 250 })];
  const network = wire(classes, { latencyMs: Float64Array.of(10) });
  const first = network.depart(0, 0, 3, 100);
  const second = network.depart(0, 1, 3, 100);
  const third = network.depart(0, 2, 3, 100);
  t.deepEqual([first, second, third], [110, 110, 110]);
  t.is(network.arrive(110, 3, 100), 110); // its bytes came through while they arrived
  t.is(network.arrive(110, 3, 100), 210);
  t.is(network.arrive(110, 3, 100), 310);
  t.is(network.arrive(110, 3, 100), DROPPED_DOWNLINK_FULL); // 200 wait
  t.is(network.arrive(110, 3, 50), 360);
  t.is(network.arrive(160, 3, 100), DROPPED_DOWNLINK_FULL);
  t.is(network.arrive(1000, 3, 100), 1000); // idle again
});

test('a fast sender over a slow downlink: the stream arrives at the downlink rate', (t) => {
  const network = wire([access({ uplinkBitsPerSecond: bytesPerMs(100) }), access({ downlinkBitsPerSecond: bytesPerMs(10) })]);
  const arrivals = Array.from({ length: 5 }, () => network.depart(0, 0, 1, 1000));
  const done = arrivals.map((due) => network.arrive(due, 1, 1000));
  t.deepEqual(done, [150, 250, 350, 450, 550]);
});

test('a slow sender over a fast downlink: the stream arrives at the uplink rate', (t) => {
  const network = wire([access({ uplinkBitsPerSecond: bytesPerMs(10) }), access({ downlinkBitsPerSecond: bytesPerMs(100) })]);
  const done = Array.from({ length: 4 }, () => transfer(network, 0, 0, 1, 1000));
  t.deepEqual(done, [150, 250, 350, 450]);
});

// Rates are powers of two and times multiples of a quarter, so that every number is exact.
const traffic = fc.array(fc.record({ gapQuarters: fc.nat(200), size: fc.integer({ min: 1, max: 400 }) }), { maxLength: 60 });

/** A queue written down in another way: the packets that wait, each with the bytes it has left. */
class ByteQueue {
  private now = 0;
  private waiting: number[] = [];
  private readonly rate: number;
  private readonly capacity: number;

  constructor(rate: number, capacity: number) {
    this.rate = rate;
    this.capacity = capacity;
  }

  /** When a packet's last byte is out; null when it does not fit. */
  add(now: number, size: number): number | null {
    let budget = (now - this.now) * this.rate;
    this.now = now;
    while (this.waiting.length > 0 && budget >= this.waiting[0]) budget -= this.waiting.shift()!;
    if (this.waiting.length > 0) this.waiting[0] -= budget;
    const backlog = this.waiting.reduce((sum, left) => sum + left, 0);
    if (backlog > 0 && backlog + size > this.capacity) return null;
    this.waiting.push(size);
    return now + (backlog + size) / this.rate;
  }
}

test('the uplink agrees with a queue of packets, packet by packet', (t) => {
  fc.assert(
    fc.property(traffic, fc.constantFrom(0.25, 4, 16), fc.integer({ min: 1, max: 2000 }), (packets, rate, queueBytes) => {
      const network = wire([access({ uplinkBitsPerSecond: bytesPerMs(rate), queueBytes }), access()], { latencyMs: Float64Array.of(0) });
      const queue = new ByteQueue(rate, queueBytes);
      let now = 0;
      for (const { gapQuarters, size } of packets) {
        now += gapQuarters / 4;
        t.is(network.depart(now, 0, 1, size), queue.add(now, size) ?? DROPPED_UPLINK_FULL);
      }
    }),
  );
});

test('waiting for an uplink under Poisson traffic is that of M/D/1: rho S / (2 (1 - rho))', (t) => {
  for (const rho of [0.3, 0.7]) {
    const network = wire([access({ uplinkBitsPerSecond: bytesPerMs(100) }), access()], { latencyMs: Float64Array.of(50) });
    const random = new Stream(1, 0, 'workload', Math.round(rho * 10));
    const packets = 500_000;
    let now = 0;
    let waited = 0;
    for (let i = 0; i < packets; i++) {
      now += random.exponential(10 / rho);
      waited += network.depart(now, 0, 1, 1000) - now - 50 - 10;
    }
    const theory = (rho * 10) / (2 * (1 - rho));
    t.true(Math.abs(waited / packets / theory - 1) < 0.03, `rho ${rho}: ${waited / packets} ms, theory ${theory} ms`);
  }
});

test('many senders to one downlink: the wait is that of M/D/1 as well', (t) => {
  const network = wire([access(), access({ downlinkBitsPerSecond: bytesPerMs(100) })]);
  const random = new Stream(2, 0, 'workload');
  const packets = 500_000;
  let now = 0;
  let waited = 0;
  for (let i = 0; i < packets; i++) {
    now += random.exponential(10 / 0.7);
    waited += network.arrive(now, 1, 1000) - now;
  }
  const theory = (0.7 * 10) / (2 * 0.3);
  t.true(Math.abs(waited / packets / theory - 1) < 0.03, `${waited / packets} ms, theory ${theory} ms`);
});

test('the share of packets lost is as stated, and a lost packet has used the uplink', (t) => {
  const network = wire([access({ uplinkBitsPerSecond: bytesPerMs(1) }), access()], { loss: 0.03, latencyMs: Float64Array.of(7) });
  const packets = 100_000;
  let lost = 0;
  for (let i = 0; i < packets; i++) {
    const due = network.depart(0, 0, 1, 10);
    if (due === DROPPED_LOST) lost++;
    else t.is(due, 7 + 10 * (i + 1));
  }
  t.true(Math.abs(lost - 3000) < 5 * Math.sqrt(3000), `${lost} lost`);
});

test('jitter is uniform in [0, jitter x latency): never below the latency, so no shard is taken by surprise', (t) => {
  const network = wire([access({ latencyMs: 5 }), access({ latencyMs: 5 })], { jitter: 0.5, latencyMs: Float64Array.of(30) });
  const extra = Array.from({ length: 50_000 }, () => network.depart(1000, 0, 1, 10) - 1040);
  t.true(extra.every((each) => each >= 0 && each < 20));
  const counts = new Float64Array(20);
  for (const each of extra) counts[Math.floor(each)]++;
  t.true(counts.every((count) => Math.abs(count - 2500) < 5 * Math.sqrt(2500)));
});

test('chance comes from the sender: what others send, and to whom, changes nobody else', (t) => {
  const fates = (others: boolean) => {
    const network = wire([access(), access(), access()], { loss: 0.3, jitter: 0.4 });
    return Array.from({ length: 200 }, (_, i) => {
      if (others) for (let k = 0; k < i % 3; k++) network.depart(i, 1, 0, 10);
      return network.depart(i, 0, others ? 2 : 1, 10);
    });
  };
  t.deepEqual(fates(true), fates(false));
});

test('no two senders have the same luck', (t) => {
  const network = wire([access(), access(), access()], { loss: 0.3, jitter: 0.4 });
  const fates = [0, 1].map((sender) => Array.from({ length: 200 }, () => network.depart(0, sender, 2, 10)));
  t.true(fates[0].filter((fate, i) => fate === fates[1][i] && fate !== DROPPED_LOST).length === 0);
});
