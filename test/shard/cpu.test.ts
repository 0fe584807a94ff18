import test from 'ava';
import fc from 'fast-check';
import { EventQueue, F64_STRIDE, KIND, TIME, U32_STRIDE } from '../../src/kernel/event-queue.js';
import { Stream } from '../../src/kernel/random.js';
import type { CpuModel } from '../../src/scenario/scenario.js';
import { Processors, type Worker } from '../../src/shard/cpu.js';
import { MESSAGE_DUE, TURN } from '../../src/shard/event-kinds.js';

const A_MS: CpuModel = { kind: 'per-message', costMs: 1 };

interface Handled {
  readonly number: number;
  readonly arrivedMs: number;
  readonly atMs: number;
  readonly cause: number;
}

/** Has messages arrive at peers and be handled as a shard does; handlers take `tookMs` by the wall clock. */
class Bench {
  readonly handled: Handled[] = [];
  readonly shard = { clock: new Float64Array(1), cause: 0 };
  readonly peers = [0, 1, 2].map((index) => ({ index, up: true }));
  readonly processors: Processors;
  private readonly queue = new EventQueue();
  private readonly tookMs: number;
  private wallMs = 0;
  private arrivals = 0;

  constructor(model: CpuModel, tookMs = 0) {
    this.processors = new Processors(model, this.shard, this.queue, () => this.wallMs);
    this.tookMs = tookMs;
  }

  /** At this time the world does something. */
  at(atMs: number, action: () => void): this {
    this.queue.push(atMs, 0, 0, this.arrivals++, MESSAGE_DUE, 0, 0, atMs, action);
    return this;
  }

  arrive(atMs: number, peer: Worker = this.peers[0], isMessage = true): this {
    const number = this.arrivals;
    return this.at(atMs, () => {
      this.shard.cause = number;
      this.processors.post(peer, isMessage, () => {
        this.handled.push({ number, arrivedMs: atMs, atMs: this.shard.clock[0], cause: this.shard.cause });
        this.wallMs += this.tookMs;
      });
    });
  }

  run(): readonly Handled[] {
    const { queue, shard } = this;
    for (let id = queue.pop(); id >= 0; id = queue.pop()) {
      const atMs = queue.f64[id * F64_STRIDE + TIME];
      if (atMs < shard.clock[0]) throw new Error('time went back');
      shard.clock[0] = atMs;
      if (queue.u32[id * U32_STRIDE + KIND] === TURN) this.processors.turn(id);
      else {
        const action = queue.payloads[id] as () => void;
        queue.release(id);
        action();
      }
    }
    return this.handled;
  }

  timer(peer: Worker, tookMs: number): void {
    this.processors.begin();
    this.wallMs += tookMs;
    this.processors.charge(peer);
  }

  get times(): number[] {
    return this.run().map(({ atMs }) => atMs);
  }

  get order(): number[] {
    return this.handled.map(({ number }) => number);
  }
}

test('a message is handled when the processor has spent its cost on it, one after the other', (t) => {
  const bench = new Bench(A_MS).arrive(0).arrive(0.25).arrive(0.5).arrive(5).arrive(6);
  t.deepEqual(bench.times, [1, 2, 3, 6, 7]);
  t.deepEqual(bench.order, [0, 1, 2, 3, 4]);
});

test('each is handled on behalf of whom it came', (t) => {
  const bench = new Bench(A_MS).arrive(0).arrive(0.25).arrive(0.5);
  t.deepEqual(
    bench.run().map(({ cause }) => cause),
    [0, 1, 2],
  );
});

test('every peer has a processor of its own', (t) => {
  const bench = new Bench(A_MS);
  const [a, b, c] = bench.peers;
  bench.arrive(0, a).arrive(0, b).arrive(0.5, a).arrive(0.75, b).arrive(0.75, c);
  t.deepEqual(bench.times, [1, 1, 1.75, 2, 2]);
});

test('what is no message costs nothing, but waits its turn', (t) => {
  const bench = new Bench(A_MS);
  const [peer] = bench.peers;
  bench.arrive(0, peer, false).arrive(1, peer).arrive(1.5, peer, false).arrive(1.5, peer).arrive(9, peer, false);
  t.deepEqual(bench.times, [0, 2, 2, 3, 9]);
  t.deepEqual(bench.order, [0, 1, 2, 3, 4]);
});

test('what waits is lost with the session, and the next session begins with nothing to do', (t) => {
  const bench = new Bench(A_MS);
  const [peer] = bench.peers;
  bench.arrive(0, peer).arrive(0, peer).arrive(0, peer);
  bench.at(1.5, () => {
    peer.up = false;
  });
  bench.arrive(1.75, { index: 0, up: true });
  t.deepEqual(bench.times, [1, 2.75]);
  t.deepEqual(bench.order, [0, 4]);
});

test('property: who arrives n-th is handled at max(arrival, the one before) + cost (Lindley 1952), in order of arrival', (t) => {
  const gaps = fc.array(fc.oneof(fc.constant(0.125), fc.double({ min: 0.001, max: 3, noNaN: true })), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(gaps, fc.double({ min: 0.01, max: 2, noNaN: true }), (between, costMs) => {
      const bench = new Bench({ kind: 'per-message', costMs });
      let arrivedMs = 0;
      let before = 0;
      const expected = between.map((gap, number) => {
        arrivedMs += gap;
        bench.arrive(arrivedMs);
        before = Math.max(arrivedMs, before) + costMs;
        return { number, arrivedMs, atMs: before, cause: number };
      });
      t.deepEqual(bench.run(), expected);
    }),
  );
});

for (const load of [0.5, 0.8]) {
  test(`messages that come at random wait as in an M/D/1 queue at a load of ${load}`, (t) => {
    const bench = new Bench(A_MS);
    const random = new Stream(1, 0, 'workload');
    const count = 200_000;
    for (let i = 0, atMs = 0; i < count; i++) {
      atMs += random.exponential(1 / load);
      bench.arrive(atMs);
    }
    const waits = bench.run().map(({ arrivedMs, atMs }) => atMs - arrivedMs - 1);
    // Pollaczek and Khinchine: the mean wait is load x cost / (2 (1 - load)); and a share of 1 - load does not wait at all.
    const mean = waits.reduce((sum, wait) => sum + wait, 0) / count;
    const expected = load / (2 * (1 - load));
    t.true(Math.abs(mean / expected - 1) < 0.05, `${mean} instead of ${expected}`);
    const unhindered = waits.filter((wait) => wait < 1e-6).length / count;
    t.true(Math.abs(unhindered - (1 - load)) < 0.01, `${unhindered}`);
  });
}

test('measured: a message is handled at once, and the next one when the time of its handler has gone by', (t) => {
  // A quarter of a ms, ten times.
  const bench = new Bench({ kind: 'measured', factor: 10 }, 0.25).arrive(0).arrive(1).arrive(1.5).arrive(20).arrive(22.5);
  t.deepEqual(bench.times, [0, 2.5, 5, 20, 22.5]);
  t.deepEqual(bench.order, [0, 1, 2, 3, 4]);
});

test('measured: the time of a timer keeps the processor busy, too', (t) => {
  const bench = new Bench({ kind: 'measured', factor: 2 }, 1);
  const [a, b] = bench.peers;
  bench.arrive(1, a).arrive(2, a).arrive(1, b);
  bench.timer(a, 5);
  t.deepEqual(bench.times, [1, 10, 12]);
});

test('measured: handlers that take no time hold up nobody', (t) => {
  t.deepEqual(new Bench({ kind: 'measured', factor: 100 }).arrive(0).arrive(0).arrive(0.5).times, [0, 0, 0.5]);
});
