import test from 'ava';
import type { FaultRecord } from '../../src/faults/plan.js';
import type { SeriesRow } from '../../src/metrics/measures.js';
import { type BandRun, faultBand } from '../../src/report/fault-band.js';
import { paint } from '../../src/report/paint.js';

const PLAIN = paint(false);

function series(rows: number, value: (row: number) => Partial<SeriesRow>, intervalMs = 10_000): SeriesRow[] {
  return Array.from({ length: rows }, (_, row) => ({
    startMs: row * intervalMs,
    endMs: (row + 1) * intervalMs,
    peersAlive: 100,
    sent: 0,
    bytes: 0,
    delivered: 0,
    dropped: 0,
    operationsStarted: 0,
    operationsSucceeded: 0,
    operationsFailed: 0,
    checksum: 0,
    ...value(row),
  }));
}

const fault = (atMs: number, untilMs: number | null, says: string, peersHit: number | null = 10): FaultRecord => ({
  atMs,
  untilMs,
  says,
  origin: 'scenario',
  peersHit,
});

const run = (faults: FaultRecord[], rows: SeriesRow[], protocol = 'chord'): BandRun => ({ protocol, faults, series: rows });

test('one run, letter by letter, within 80 columns', (t) => {
  const rows = series(36, (row) => {
    const asks = row >= 6 && row < 34;
    const isApart = row >= 12 && row < 18;
    return {
      sent: row === 35 ? 0 : 1000 * (row + 1),
      operationsStarted: asks ? 4 : 0,
      operationsSucceeded: asks ? (isApart ? 1 : 4) : 0,
      operationsFailed: isApart || row === 34 ? 3 : 0,
    };
  });
  const faults = [
    fault(120_000, 180_000, 'partition sites Europe | rest', 1234),
    fault(150_000, 150_000, 'crash 30%', 600),
    fault(240_000, null, 'loss 5%', 1),
    fault(355_000, 355_000, 'crash 1%', null),
  ];
  t.is(
    faultBand([run(faults, rows)], PLAIN).join('\n'),
    `success from 0 to 100 %, messages sent from 0 to 3,500 per s; a column is 5.14 s
success               ████████████▃▃▃▃▃▃▃▃▃▃▃████████████████████████████████
messages  ▁▁▁▁▁▁▁▁▂▂▂▂▂▂▂▂▃▃▃▃▃▃▃▃▃▃▄▄▄▄▄▄▄▄▅▅▅▅▅▅▅▆▆▆▆▆▆▆▆▆▆▇▇▇▇▇▇▇▇██████████▁
faults                           a───────────           c───────────────────────
                                       b                                       d
          0 s                                                              6 min
  a  2 min to 3 min  partition sites Europe | rest  1,234 peers
  b  2 min 30 s      crash 30%                        600 peers
  c  from 4 min      loss 5%                             1 peer
  d  5 min 55 s      crash 1%                       not reached`,
  );
});

test('two runs share one scale and one band', (t) => {
  const rows = (sent: number) => series(5, () => ({ sent }));
  const faults = [fault(0, 20_000, 'outage sites a')];
  const lines = faultBand([run(faults, rows(50), 'gnutella'), run(faults, rows(10), 'chord')], PLAIN, 80);
  t.deepEqual(lines.slice(0, 4), [
    'messages sent from 0 to 5 per s; a column is 833 ms',
    `messages  gnutella  ${'█'.repeat(60)}`,
    `messages  chord     ${'▂'.repeat(60)}`,
    `faults              a${'─'.repeat(23)}`,
  ]);
});

test('a column may hold several rows, or a row several columns; nothing is wider than the terminal, nor much narrower', (t) => {
  for (const rows of [1, 2, 35, 70, 71, 72, 73, 1000, 12_345]) {
    for (const width of [80, 100, 120]) {
      const data = series(rows, (row) => ({ sent: row, operationsStarted: 1, operationsSucceeded: 1 }), 1000);
      const faults = Array.from({ length: 40 }, (_, at) =>
        fault((at * rows * 1000) / 40, at % 3 === 0 ? null : (at * rows * 1000) / 40 + 50, `partition sites ${'x'.repeat(at)} | rest`),
      );
      const lines = faultBand([run(faults, data)], PLAIN, width);
      for (const line of lines) t.true(line.length <= width, `${rows} rows, ${width} columns: ${line}`);
      t.is(lines.at(-1), '  and 28 more: faults.csv in the results');
      const success = lines.find((line) => line.startsWith('success  '))!.slice('success   '.length);
      t.regex(success, /^█+$/);
      t.is(success.length, width - 10);
      t.is(lines.filter((line) => line.startsWith('faults')).length, 1);
    }
  }
});

test('faults side by side share a line; a fifth one at the same time is drawn over the fourth', (t) => {
  const rows = series(70, () => ({ sent: 1 }));
  const overlapping = Array.from({ length: 6 }, (_, at) => fault(100_000 + at * 10_000, 300_000, `outage sites ${at}`));
  const lines = faultBand([run([...overlapping, fault(400_000, 400_000, 'crash 1%')], rows)], PLAIN);
  const band = lines.slice(2, 6).map((line) => line.slice(10));
  t.is(band[0].trim(), `a${'─'.repeat(19)}${' '.repeat(10)}g`);
  t.deepEqual(
    band.map((line) => line.trim().slice(0, 3)),
    ['a──', 'b──', 'c──', 'def'],
  );
  t.regex(lines[6], /^ +0 s/);
});

test('nothing to draw: no faults, no runs, no rows', (t) => {
  t.deepEqual(faultBand([], PLAIN), []);
  t.deepEqual(
    faultBand(
      [
        run(
          [],
          series(3, () => ({})),
        ),
      ],
      PLAIN,
    ),
    [],
  );
  t.deepEqual(faultBand([run([fault(0, null, 'loss 1%')], [])], PLAIN), []);
});

test('a run in which nothing was sent, and one that broke off, are drawn all the same', (t) => {
  const faults = [fault(10_000, 20_000, 'loss 1%')];
  const lines = faultBand(
    [
      run(
        faults,
        series(4, () => ({})),
      ),
      run(
        faults,
        series(2, () => ({ sent: 10 })),
        'other',
      ),
    ],
    PLAIN,
  );
  t.is(lines[1], `messages  chord  ${'▁'.repeat(63)}`);
  t.is(lines[2], `messages  other  ${'█'.repeat(32)}`, 'half as long');
});
