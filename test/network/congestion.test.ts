/** One sender's arithmetic, step by step, against the numbers that its RFCs give. Rounds are driven by hand: no network. */

import test from 'ava';
import { Congestion, INITIAL_WINDOW_BYTES, LARGEST_WINDOW_BYTES, SEGMENT_BYTES } from '../../src/network/congestion.js';

const segments = (congestion: Congestion) => congestion.windowBytes / SEGMENT_BYTES;

/** A sender that always fills its window, over a path that takes `roundTripMs` for each of a round's segments in turn. */
class Driver {
  readonly congestion = new Congestion();
  private next = 1;

  /** One round trip: a window of segments is sent, and all of it acknowledged. */
  round(roundTripMs: number, share = 1): this {
    const { congestion } = this;
    const count = Math.max(1, Math.floor(segments(congestion) * share));
    const first = this.next;
    this.next += count;
    for (let i = 0; i < count; i++) {
      congestion.measured(roundTripMs);
      // What an acknowledgement makes room for is sent at once.
      const flight = Math.floor(segments(congestion) * share) * SEGMENT_BYTES;
      congestion.acknowledged(SEGMENT_BYTES, first + i, this.next, flight);
    }
    return this;
  }

  rounds(count: number, roundTripMs: number): this {
    for (let i = 0; i < count; i++) this.round(roundTripMs);
    return this;
  }

  /** Segment `ago` before the next one is lost, with the window full. */
  lose(ago: number): this {
    const { congestion } = this;
    congestion.lost(this.next - ago, Math.floor(segments(congestion)) * SEGMENT_BYTES, this.next);
    return this;
  }

  /** Sends so many segments of which nothing is heard. */
  send(count: number): this {
    this.next += count;
    return this;
  }
}

test('slow start: ten segments, then twice as many each round trip (RFC 6928, RFC 5681)', (t) => {
  const sender = new Driver();
  t.is(sender.congestion.windowBytes, INITIAL_WINDOW_BYTES);
  const windows = Array.from({ length: 5 }, () => segments(sender.round(100).congestion));
  t.deepEqual(windows, [20, 40, 80, 160, 320]);
});

test('a loss halves the window once, however many are lost with it; then it grows by a segment per round trip', (t) => {
  const sender = new Driver().rounds(2, 100).send(40);
  sender.lose(40).lose(39).lose(1);
  t.is(segments(sender.congestion), 20);
  // The rest of that window comes back: nothing grows while losses are repaired (RFC 6675).
  for (let ago = 30; ago > 20; ago--) sender.congestion.acknowledged(SEGMENT_BYTES, 71 - ago, 71, 40 * SEGMENT_BYTES);
  t.is(segments(sender.congestion), 20);
  for (const expected of [21, 22, 23]) {
    const window = segments(sender.round(100).congestion);
    t.true(Math.abs(window - expected) < 0.3, `${window}, not ${expected}`);
  }
  sender.send(23).lose(2);
  t.true(Math.abs(segments(sender.congestion) - 11) < 0.6);
});

test('the window never falls below two segments by losses, and a timeout takes it to one (RFC 5681, 3.1)', (t) => {
  const sender = new Driver();
  for (let i = 0; i < 8; i++) sender.send(2).lose(1);
  t.is(segments(sender.congestion), 2);
  sender.congestion.timedOut(8 * SEGMENT_BYTES, 1000);
  t.is(segments(sender.congestion), 1);
  t.is(sender.congestion.slowStartBytes, 4 * SEGMENT_BYTES);
});

test('the timeout is RFC 6298\u2019s, and at least 200 ms above the round trip', (t) => {
  const steady = new Congestion();
  t.is(steady.timeoutMs, 1000);
  for (let i = 0; i < 100; i++) steady.measured(80);
  t.is(steady.smoothedMs, 80);
  t.true(Math.abs(steady.timeoutMs - 280) < 1e-6);

  // By hand: 100 gives SRTT 100, RTTVAR 50; 300 gives RTTVAR 0.75 x 50 + 0.25 x 200 = 87.5, SRTT 125, RTO 125 + 350.
  const jumpy = new Congestion();
  jumpy.measured(100);
  t.is(jumpy.timeoutMs, 300);
  jumpy.measured(300);
  t.is(jumpy.smoothedMs, 125);
  t.is(jumpy.timeoutMs, 475);

  // Each timeout doubles it, up to a minute; the next measurement takes that back.
  const waits = Array.from({ length: 9 }, () => {
    jumpy.timedOut(SEGMENT_BYTES, 1);
    return jumpy.timeoutMs;
  });
  t.deepEqual(waits, [950, 1900, 3800, 7600, 15_200, 30_400, 60_000, 60_000, 60_000]);
  jumpy.measured(125);
  t.true(jumpy.timeoutMs < 500);
});

test('a sender that does not use its window does not get a larger one (RFC 7661)', (t) => {
  const sender = new Driver();
  for (let i = 0; i < 10; i++) sender.round(100, 0.3);
  t.is(sender.congestion.windowBytes, INITIAL_WINDOW_BYTES);
  t.is(segments(sender.round(100).congestion), 20);
});

test('after idleness the window is at most the initial one (RFC 5681, 4.1)', (t) => {
  const sender = new Driver().rounds(3, 100);
  sender.congestion.restart();
  t.is(sender.congestion.windowBytes, INITIAL_WINDOW_BYTES);
});

test('the window ends at 6 MiB', (t) => {
  t.is(new Driver().rounds(12, 100).congestion.windowBytes, LARGEST_WINDOW_BYTES);
});

test('slow start ends when the path holds more than eight of its segments, and growth when it holds four', (t) => {
  // A window of 100 segments on a path that is 100 ms long: at 109 ms, 100 x (1 - 100 / 109) = 8.3 of them wait somewhere.
  const full = new Driver().rounds(3, 100);
  t.is(segments(full.congestion), 80);
  full.round(112);
  t.true(full.congestion.slowStartBytes < Infinity);
  t.true(segments(full.congestion) < 100);

  // In congestion avoidance: six in queues is neither a reason to grow nor to step back.
  const level = new Driver().rounds(3, 100).send(80).lose(80);
  t.is(segments(level.congestion), 40);
  const roundTripWith = (queued: number) => 100 / (1 - queued / segments(level.congestion));
  level.round(roundTripWith(6)).round(roundTripWith(6));
  const before = segments(level.congestion);
  level.round(roundTripWith(6));
  t.is(segments(level.congestion), before);
  level.round(roundTripWith(2)).round(100);
  t.true(segments(level.congestion) > before);
  // Twelve: half way back to four.
  const much = segments(level.congestion);
  const long = roundTripWith(12);
  level.round(long).round(long);
  t.true(Math.abs(much - segments(level.congestion) - 4) < 1.1, `${much} to ${segments(level.congestion)}`);
});
