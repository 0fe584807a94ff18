import test from 'ava';
import fc from 'fast-check';
import { Bottlenecks } from '../../src/network/bottleneck.js';

/** A line that passes on this many bytes a ms. */
const line = (bytesPerMs: number, queueBytes = Infinity) => ({ bitsPerSecond: bytesPerMs * 8000, queueBytes });

const FULL = -1;
function pass(lines: Bottlenecks, index: number, size: number, atMs: number): number {
  return lines.pass(index, size, atMs) ? lines.due[0] : FULL;
}

test('an idle line adds nothing, a busy one serves in order', (t) => {
  const lines = new Bottlenecks([line(1)]);
  t.is(pass(lines, 0, 100, 1000), 1000);
  t.is(pass(lines, 0, 100, 1000), 1100);
  t.is(pass(lines, 0, 100, 1000), 1200);
  t.is(pass(lines, 0, 100, 1150), 1300);
  t.is(pass(lines, 0, 100, 1350), 1400); // the line was idle from 1300: half of the packet came through while it arrived
  t.is(pass(lines, 0, 100, 1500), 1500);
});

test('packets spaced by their own length pass without waiting', (t) => {
  const lines = new Bottlenecks([line(2)]);
  for (let i = 1; i < 20; i++) t.is(pass(lines, 0, 100, 50 * i), 50 * i);
  t.is(pass(lines, 0, 100, 50 * 20 - 10), 50 * 20);
});

test('a full queue drops the newest, which takes no time on the line', (t) => {
  const lines = new Bottlenecks([line(1, 250)]);
  t.is(pass(lines, 0, 100, 1000), 1000);
  t.is(pass(lines, 0, 100, 1000), 1100);
  t.is(pass(lines, 0, 100, 1000), 1200);
  t.is(pass(lines, 0, 100, 1000), FULL); // 200 wait
  t.is(pass(lines, 0, 50, 1000), 1250); // 250 fit exactly
  t.is(pass(lines, 0, 100, 1099), FULL);
  t.is(pass(lines, 0, 100, 1100), 1350);
  // A packet larger than the queue passes when nothing is before it.
  t.is(pass(lines, 0, 5000, 9000), 9000);
  t.is(pass(lines, 0, 5000, 9000), 14_000);
});

test('lines do not share anything, and one without a rate is not there', (t) => {
  const lines = new Bottlenecks([line(1), line(4), line(Infinity, 0)]);
  t.deepEqual([...lines.bytesPerMs], [1, 4, Infinity]);
  t.deepEqual([pass(lines, 0, 100, 1000), pass(lines, 0, 100, 1000)], [1000, 1100]);
  t.deepEqual([pass(lines, 1, 100, 1000), pass(lines, 1, 100, 1000)], [1000, 1025]);
  t.deepEqual([pass(lines, 2, 9999, 1000), pass(lines, 2, 9999, 1000)], [1000, 1000]);
});

test('n senders get the whole rate between them, and no more', (t) => {
  const lines = new Bottlenecks([line(8, 64_000)]);
  let last = 0;
  let bytes = 0;
  for (let ms = 0; ms < 10_000; ms++) {
    for (let sender = 0; sender < 3; sender++) {
      const done = pass(lines, 0, 5, ms);
      if (done === FULL) continue;
      t.true(done >= last);
      last = done;
      bytes += 5;
    }
  }
  t.true(Math.abs(bytes - 8 * last) < 100, `${bytes} bytes in ${last} ms at 8 bytes/ms`);
});

// Rates are powers of two and times multiples of a quarter, so that every number is exact.
const traffic = fc.array(fc.record({ gapQuarters: fc.nat(200), size: fc.integer({ min: 1, max: 400 }) }), { maxLength: 60 });

test('fed over a line of the same rate, it is a queue of packets: nothing waits twice', (t) => {
  fc.assert(
    fc.property(traffic, fc.constantFrom(0.25, 4, 16), (packets, rate) => {
      const lines = new Bottlenecks([line(rate), line(rate)]);
      let now = 1e6;
      for (const { gapQuarters, size } of packets) {
        now += gapQuarters / 4;
        const first = pass(lines, 0, size, now);
        t.is(pass(lines, 1, size, first), first);
      }
    }),
  );
});
