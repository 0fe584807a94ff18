/** What the terminal shows when a sweep has ended: a row per point with means and intervals, what failed, where it all is. */

import { KEY_FIGURES, type KeyFigure } from '../metrics/key-figures.js';
import type { Estimate } from '../metrics/statistics.js';
import { estimateOf, type Sweep, type SweepPoint, type SweepRun } from '../results/sweep.js';
import { duration, NONE, whole } from './format.js';
import { alignTable, cut, type TableRow, wrap } from './layout.js';
import { paint } from './paint.js';
import type { RenderOptions } from './terminal.js';

/** In the order in which they are left out when the terminal is narrow: the last first. */
const QUERY_COLUMNS = [
  ['success', 'success'],
  ['latencyP50Ms', 'p50'],
  ['messagesPerQuery', 'messages'],
  ['maintenanceBytesPerPeerSecond', 'upkeep'],
] as const;
const QUIET_COLUMNS = [
  ['loadMean', 'load'],
  ['maintenanceBytesPerPeerSecond', 'upkeep'],
  ['peersAlive', 'alive'],
] as const;

/** More rows than this are for a file and not for a person. */
const MOST_ROWS = 40;
const MOST_REASONS = 5;

export interface SweepText extends RenderOptions {
  readonly folder: string;
  /** Where its pictures are; null: none were made. */
  readonly report?: string | null;
  readonly interrupted: boolean;
  /** Runs that were there before. */
  readonly reused: number;
  readonly elapsedMs: number;
}

export function renderSweep(sweep: Sweep, { colour = false, width = 80, report = null, ...about }: SweepText): string {
  const style = paint(colour);
  const runs = sweep.points.flatMap((point) => point.runs.map((run) => ({ point, run })));
  const failed = runs.filter(({ run }) => run.status === 'failed');
  const shown = sweep.points.slice(0, MOST_ROWS);
  const more = sweep.points.length - shown.length;
  const file = `${about.folder}/sweep.csv`;
  const blocks: string[][] = [
    wrap(
      heading(
        sweep,
        runs.map(({ run }) => run),
        about,
      ),
      width,
    ),
    [...alignTable(tableRows(sweep, shown, width), style), ...(more > 0 ? [`and ${whole(more)} more points: ${file} has them all`] : [])],
    sweep.repeat > 1 ? wrap(LEGEND, width).map(style.dim) : [],
    failures(sweep, failed, width).map((line) => style.bad(line)),
    [
      `results  ${style.dim(file)}`,
      ...(report === null ? [] : [`report   ${style.dim(report)}`]),
      `${about.interrupted ? 'go on ' : 'repeat'}   ${sweep.command}`,
    ],
  ];
  return `${blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

const LEGEND =
  'Means over the repetitions, which have the same seeds at every point; the true mean lies within the \u00b1 with 95 % confidence (Student t).';

function heading({ scenario, points, repeat }: Sweep, runs: readonly SweepRun[], { interrupted, reused, elapsedMs }: SweepText): string {
  const count = (status: SweepRun['status']) => runs.filter((run) => run.status === status).length;
  const parts = [`${whole(points.length)} point${points.length === 1 ? '' : 's'} x ${whole(repeat)} repetition${repeat === 1 ? '' : 's'}`];
  if (reused > 0) parts.push(`${whole(reused)} runs were there before`);
  if (count('failed') > 0) parts.push(`${whole(count('failed'))} failed`);
  if (interrupted) parts.push(`stopped with ${whole(count('pending'))} to go`);
  return `${scenario}, ${parts.join(', ')}, in ${duration(elapsedMs)} of wall time`;
}

function tableRows(sweep: Sweep, points: readonly SweepPoint[], width: number): TableRow[] {
  const { axes } = sweep;
  const hasQueries = points.some((point) => estimateOf(point, 'queries') !== null);
  const columns = [...(hasQueries ? QUERY_COLUMNS : QUIET_COLUMNS)];
  const anyFailed = points.some(({ runs }) => runs.some(({ status }) => status === 'failed'));
  const titles = axes.length > 0 ? axes.map(({ path }) => path.split('.').slice(-2).join('.')) : [''];
  const rows = () => [
    [...titles, ...columns.map(([, title]) => title), ...(anyFailed ? ['failed'] : [])],
    ...points.map((point) => [
      ...(axes.length > 0 ? axes.map(({ values }, axis) => cut(values[point.at[axis]].text, 24)) : [sweep.scenario]),
      ...columns.map(([name]) => withInterval(estimateOf(point, name), figureOf(name))),
      ...(anyFailed ? [failedOf(point)] : []),
    ]),
  ];
  let table = rows();
  while (columns.length > 1 && widthOf(table) > width) {
    columns.pop();
    table = rows();
  }
  return table.map(([label, ...cells]) => [label, ...cells]);
}

function failedOf({ runs }: SweepPoint): string {
  const failed = runs.filter(({ status }) => status === 'failed').length;
  return failed === 0 ? NONE : `${failed} of ${runs.length}`;
}

function widthOf(table: readonly (readonly string[])[]): number {
  return table[0].reduce((sum, _, column) => sum + Math.max(...table.map((row) => row[column].length)) + 2, -2);
}

function figureOf(name: string): KeyFigure {
  return KEY_FIGURES.find((figure) => figure.name === name)!;
}

const SCALES: Readonly<Record<string, readonly (readonly [factor: number, unit: string])[]>> = {
  share: [[0.01, ' %']],
  ms: [
    [1, ' ms'],
    [1e3, ' s'],
    [6e4, ' min'],
    [3.6e6, ' h'],
  ],
  'bytes/s': [
    [1, ' B/s'],
    [1e3, ' kB/s'],
    [1e6, ' MB/s'],
  ],
};
const PLAIN = [
  [1, ''],
  [1e3, ' k'],
  [1e6, ' M'],
] as const;

/** 97.4 \u00b11.2 %: both in the unit of the mean. */
export function withInterval(estimate: Estimate | null, { unit }: Pick<KeyFigure, 'unit'>): string {
  if (estimate === null) return NONE;
  const { mean, ci95 } = estimate;
  const scale = SCALES[unit] ?? PLAIN;
  const [factor, name] = scale.findLast(([each]) => Math.abs(mean) >= each) ?? scale[0];
  const interval = ci95 === null ? '' : ` \u00b1${ci95 === 0 ? '0' : plain(ci95 / factor, 2)}`;
  return `${plain(mean / factor, 3)}${interval}${name}`;
}

/** So many significant digits, without an exponent. */
function plain(value: number, digits: number): string {
  if (value === 0) return '0';
  if (Math.abs(value) < 0.001) return '<0.001';
  const rounded = Number(value.toPrecision(digits));
  return Math.abs(rounded) >= 10 ** (digits - 1)
    ? whole(value)
    : rounded.toFixed(Math.max(0, digits - 1 - Math.floor(Math.log10(Math.abs(rounded)))));
}

const FAILED = 'failed   ';

/** The reasons, each with the first run that it hit. */
function failures(sweep: Sweep, failed: readonly { point: SweepPoint; run: SweepRun }[], width: number): string[] {
  const reasons = new Map<string, { point: SweepPoint; run: SweepRun; count: number }>();
  for (const { point, run } of failed) {
    const known = reasons.get(run.reason ?? '');
    if (known === undefined) reasons.set(run.reason ?? '', { point, run, count: 1 });
    else known.count++;
  }
  const lines = [...reasons].slice(0, MOST_REASONS).flatMap(([reason, { point, run, count }]) => {
    const which = [...sweep.axes.map(({ path, values }, axis) => `${path}=${values[point.at[axis]].text}`), `repetition ${run.repetition}`];
    const others = count > 1 ? ` and ${whole(count - 1)} more` : '';
    const [first, ...rest] = wrap(`${which.join(', ')}${others}: ${reason}`, width - FAILED.length);
    return [`${FAILED}${first}`, ...rest.map((line) => `${' '.repeat(FAILED.length)}${line}`)];
  });
  if (reasons.size > MOST_REASONS)
    lines.push(`${' '.repeat(FAILED.length)}and ${whole(reasons.size - MOST_REASONS)} other reasons: runs.csv has them all`);
  return lines;
}

export interface SweepLine {
  readonly total: number;
  readonly done: number;
  readonly running: number;
  readonly failed: number;
  readonly elapsedMs: number;
  readonly leftMs: number | null;
}

/** The one line that tells how far a sweep is, exactly `width` characters. */
export function sweepLine({ total, done, running, failed, elapsedMs, leftMs }: SweepLine, width = 79): string {
  const parts = [`${whole(done)} of ${whole(total)} runs`, `${running} running`];
  if (failed > 0) parts.push(`${whole(failed)} failed`);
  parts.push(duration(Math.round(elapsedMs / 1000) * 1000));
  if (leftMs !== null) parts.push(`about ${duration(Math.max(1, Math.round(leftMs / 1000)) * 1000)} left`);
  return cut(parts.join('  '), width).padEnd(width);
}
