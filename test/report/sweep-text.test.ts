import test from 'ava';
import { renderSweep, sweepLine, withInterval } from '../../src/report/sweep-text.js';
import type { Sweep, SweepPoint, SweepRun } from '../../src/results/sweep.js';

const of = (mean: number, ci95: number | null) => ({ count: 3, mean, standardDeviation: ci95, ci95 });

test('a mean and its interval have one unit, that of the mean', (t) => {
  t.is(withInterval(of(0.974, 0.012), { unit: 'share' }), '97.4 \u00b11.2 %');
  t.is(withInterval(of(503, 12), { unit: 'ms' }), '503 \u00b112 ms');
  t.is(withInterval(of(1203, 12), { unit: 'ms' }), '1.20 \u00b10.012 s');
  t.is(withInterval(of(1640, 22), { unit: 'messages' }), '1.64 \u00b10.022 k');
  t.is(withInterval(of(74, 0), { unit: 'bytes/s' }), '74.0 \u00b10 B/s');
  t.is(withInterval(of(5, null), { unit: 'hops' }), '5.00');
  t.is(withInterval(of(0, 0), { unit: 'ms' }), '0 \u00b10 ms');
  t.is(withInterval(of(1, 1e-9), { unit: 'hops' }), '1.00 \u00b1<0.001');
  t.is(withInterval(null, { unit: 'ms' }), '-');
});

const run = (repetition: number, figures: SweepRun['figures'] | null): SweepRun => ({
  repetition,
  seed: repetition,
  key: `k${repetition}`,
  status: figures === null ? 'failed' : 'completed',
  failure: figures === null ? 'protocol-failed' : null,
  reason: figures === null ? 'it threw' : null,
  folder: null,
  figures: figures ?? {},
  thresholdsMissed: 0,
  digest: null,
  wallMs: null,
});

function sweepOf(points: number, runs: readonly SweepRun[]): Sweep {
  const values = Array.from({ length: points }, (_, at) => ({ text: `${at + 1}`, number: at + 1 }));
  return {
    schema: 1,
    version: '0',
    scenario: 'lookup',
    command: 'npx peerage sweep lookup',
    repeat: runs.length,
    axes: [{ path: 'settings.chord.successors', unit: null, values }],
    points: values.map((_, at): SweepPoint => ({ at: [at], protocol: 'chord', peers: 10, runs })),
  };
}
const about = { folder: 'results/x', interrupted: false, reused: 0, elapsedMs: 61_000 };

test('a table that is too long is cut, one that is too wide has fewer columns, and the rest is in the file', (t) => {
  const figures = { queries: 5, success: 1, latencyP50Ms: 3, messagesPerQuery: 4, maintenanceBytesPerPeerSecond: 5 };
  const text = renderSweep(sweepOf(50, [run(1, figures), run(2, figures)]), about);
  t.regex(
    text,
    /^lookup, 50 points x 2 repetitions, in 61 s of wall time\n\nchord.successors +success +p50 +messages +upkeep\n1 +100 \u00b10 % /,
  );
  t.regex(text, /\n40 .*\nand 10 more points: results\/x\/sweep.csv has them all\n/);
  const narrow = renderSweep(sweepOf(2, [run(1, figures)]), { ...about, width: 40 });
  t.regex(narrow, /\nchord.successors +success +p50\n/);
  t.false(narrow.includes('\u00b1'));
});

test('what failed is counted in the table and said below it, each reason once', (t) => {
  const text = renderSweep(sweepOf(3, [run(1, { queries: 1, success: 0.5 }), run(2, null)]), { ...about, interrupted: true, reused: 4 });
  t.regex(text, /^lookup, 3 points x 2 repetitions, 4 runs were there before, 3 failed, stopped\nwith 0 to go, in /);
  t.regex(text, /\n1 .* 1 of 2\n/);
  t.regex(text, /\nfailed {3}settings.chord.successors=1, repetition 2 and 2 more: it threw\n\n/);
  t.regex(text, /\ngo on {4}npx peerage sweep lookup\n$/);
});

test('the line that tells how far it is fills the width, and is silent about what is not known', (t) => {
  const line = { total: 1200, done: 7, running: 2, failed: 0, elapsedMs: 3_400, leftMs: null };
  t.is(sweepLine(line, 60), '7 of 1,200 runs  2 running  3 s'.padEnd(60));
  t.is(sweepLine({ ...line, failed: 1, leftMs: 65_000 }, 60).trim(), '7 of 1,200 runs  2 running  1 failed  3 s  about 65 s left');
  t.is(sweepLine({ ...line, leftMs: 65_000 }, 30).length, 30);
});
