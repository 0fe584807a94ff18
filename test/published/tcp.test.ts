/**
 * What a transfer over a connection takes, against closed forms that others published for TCP: Kurose and Ross, "Computer Networking", on
 * latency with slow start; Mathis, Semke, Mahdavi and Ott, "The macroscopic behavior of the TCP congestion avoidance algorithm", 1997;
 * Padhye, Firoiu, Towsley and Kurose, "Modeling TCP throughput", 1998 (PFTK).
 */

import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import type { AccessClass, Topology } from '../../src/network/topology.js';
import { Transfers } from '../helpers/hosts.js';

const SEGMENT = 1460;
const HEADERS = 40;

/**
 * When the last byte of `segments` arrives: a handshake, then windows of 10, 20, 40 ... segments. The next window begins when the first
 * acknowledgement of this one is back, or when this one is sent, whichever is later (Kurose and Ross: the stalls of slow start).
 */
function transferMs(segments: number, roundTripMs: number, segmentMs: number): number {
  let startMs = roundTripMs;
  let window = 10;
  for (let left = segments; ; left -= window, window *= 2) {
    if (left <= window) return startMs + left * segmentMs + roundTripMs / 2;
    startMs += Math.max(window * segmentMs, segmentMs + roundTripMs);
  }
}

const SIDES: Record<string, (bitsPerSecond: number) => Partial<AccessClass>[]> = {
  uplink: (rate) => [{ uplinkBitsPerSecond: rate }, {}],
  downlink: (rate) => [{}, { downlinkBitsPerSecond: rate }],
  'uplink and downlink': (rate) => [{ uplinkBitsPerSecond: rate }, { downlinkBitsPerSecond: rate }],
};

function measuredMs(segments: number, roundTripMs: number, lines: Partial<AccessClass>[], segmentHeaderBytes: number): number {
  const bytes = segments * SEGMENT;
  const transfer = new Transfers([{ from: 0, to: 1, bytes }], { lines, latencyMs: roundTripMs / 2, topology: { segmentHeaderBytes } });
  transfer.hosts.run(1e7);
  return transfer.endedMs[0];
}

test('without loss a transfer takes exactly what handshake, slow start and link take', (t) => {
  let full = 0;
  t.notThrows(() =>
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4000 }),
        fc.constantFrom(10, 40, 150, 600),
        fc.constantFrom(Infinity, 1e8, 2e7, 4e6, 5e5),
        fc.constantFrom(...Object.keys(SIDES)),
        (segments, roundTripMs, rate, side) => {
          const segmentMs = (SEGMENT * 8000) / rate || 0;
          if (segments * segmentMs > roundTripMs * 2) full++;
          const expected = transferMs(segments, roundTripMs, segmentMs);
          const measured = measuredMs(segments, roundTripMs, SIDES[side](rate), 0);
          return Math.abs(measured / expected - 1) < 1e-9;
        },
      ),
      { numRuns: 60, examples: [1, 10, 11, 30, 31, 4000].map((segments) => [segments, 150, 2e7, 'downlink']) },
    ),
  );
  t.true(full > 10, `${full} of them filled their link`);
});

test('with 40 bytes of headers it is the same but for those of the handshake', (t) => {
  for (const [segments, roundTripMs, rate] of [
    [1, 100, 1e6],
    [25, 40, 1e7],
    [500, 100, 1e7],
    [3000, 20, 1e8],
  ]) {
    const expected = transferMs(segments, roundTripMs, ((SEGMENT + HEADERS) * 8000) / rate);
    const measured = measuredMs(segments, roundTripMs, SIDES.uplink(rate), HEADERS);
    t.true(measured >= expected && measured < expected * 1.01, `${segments} segments: ${measured}, not ${expected}`);
  }
});

/** Segments per ms that arrive while every segment, or only those of the sender, is lost with probability `loss`. */
function goodput(t: ExecutionContext, loss: number, roundTripMs: number, topology: Partial<Topology>, losses = 400): number {
  const transfer = new Transfers([{ from: 0, to: 1 }], { lines: [{}, {}], latencyMs: roundTripMs / 2, topology });
  const spanMs = losses / loss / mathis(loss, roundTripMs);
  const [bytesPerMs] = transfer.rates(100 * roundTripMs, 100 * roundTripMs + spanMs);
  const { resent } = transfer.hosts.shard.transport.books;
  t.true(resent > losses / 2, `${resent} losses`);
  return bytesPerMs / SEGMENT;
}

/** Loss on the way there only. */
const there = (loss: number): Partial<Topology> => ({
  links: [{ from: 0, to: 1, bitsPerSecond: Infinity, queueBytes: Infinity, loss, jitter: null }],
});

/** Segments per ms: sqrt(3/2) / (RTT sqrt(p)), with an acknowledgement for every segment. */
function mathis(loss: number, roundTripMs: number): number {
  return Math.sqrt(1.5 / loss) / roundTripMs;
}

/** Segments per ms: PFTK's full model (equation 31), b = 1 and no limit of the receiver's. */
function pftk(loss: number, roundTripMs: number, timeoutMs: number): number {
  const window = 1 + Math.sqrt((8 * (1 - loss)) / (3 * loss) + 1);
  const kept = 1 - loss;
  const timeouts = Math.min(1, ((1 - kept ** 3) * (1 + kept ** 3 * (1 - kept ** (window - 3)))) / (1 - kept ** window));
  const backoff = 1 + loss + 2 * loss ** 2 + 4 * loss ** 3 + 8 * loss ** 4 + 16 * loss ** 5 + 32 * loss ** 6;
  const segments = kept / loss + window + timeouts / kept;
  return segments / (roundTripMs * (window / 2 + 1) + (timeouts * timeoutMs * backoff) / kept);
}

const LOSSES = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05];

for (const roundTripMs of [20, 50, 100, 200]) {
  test(`goodput under random loss is Mathis\u2019s and PFTK\u2019s, at a round trip of ${roundTripMs} ms`, (t) => {
    for (const loss of LOSSES) {
      if (loss < 0.005 && roundTripMs === 50) continue; // much the same as at 20 ms, and long
      const measured = goodput(t, loss, roundTripMs, there(loss));
      const byMathis = measured / mathis(loss, roundTripMs);
      const byPftk = measured / pftk(loss, roundTripMs, roundTripMs + 200);
      const says = `loss ${loss * 100} %: ${byMathis.toFixed(3)} x Mathis, ${byPftk.toFixed(3)} x PFTK`;
      t.log(says);
      // Mathis knows no timeouts, so it is an upper bound where windows are small.
      if (loss <= 0.02) t.true(Math.abs(byMathis - 1) < 0.15, says);
      // PFTK's sender has no selective acknowledgements: each loss at a small window costs it a timeout, which the shortest round trips
      // make many times longer than any repair.
      if (roundTripMs >= 100) t.true(Math.abs(byPftk - 1) < 0.15, says);
      t.true(byMathis < 1.15 && byPftk > 0.85, says);
    }
  });
}

test('lost acknowledgements cost next to nothing, nor do jitter and some reordering', (t) => {
  for (const loss of [0.002, 0.01]) {
    for (const topology of [{ loss }, { loss, jitter: 0.3 }, { loss, reorder: { share: 0.02, byMs: 20 } }]) {
      const meanRoundTripMs = 100 * (1 + (topology.jitter ?? 0) / 2);
      const measured = goodput(t, loss, 100, topology, 200);
      const byMathis = measured / mathis(loss, meanRoundTripMs);
      t.true(Math.abs(byMathis - 1) < 0.15, `${JSON.stringify(topology)}: ${byMathis}`);
    }
  }
});
