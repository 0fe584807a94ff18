/**
 * Faults over time, as text: how the run went (success, messages) in one line of bars each, below it a band that marks when each fault
 * was on, and a legend that says what it was.
 */

import type { FaultRecord } from '../faults/plan.js';
import type { SeriesRow } from '../metrics/measures.js';
import { count, duration, whole } from './format.js';
import { cut, wrap } from './layout.js';
import type { Paint } from './paint.js';

/** One run as the band shows it. */
export interface BandRun {
  readonly protocol: string;
  readonly faults: readonly FaultRecord[];
  readonly series: readonly SeriesRow[];
}

export const BARS = '▁▂▃▄▅▆▇█';
const LETTERS = 'abcdefghijklmnopqrstuvwxyz';
/** Marks a fault that has no letter left. */
const NAMELESS = '+';
const GAP = '  ';
/** Lines of the band: faults that overlap even so are drawn over each other. */
const MOST_LINES = 4;
/** Faults that the legend names; the others are in the results. */
const MOST_NAMED = 12;

/** Nothing when there were no faults, or no time for them. */
export function faultBand(runs: readonly BandRun[], style: Paint, width = 80): string[] {
  const [longest] = runs.toSorted((a, b) => b.series.length - a.series.length);
  if (longest === undefined || longest.faults.length === 0 || longest.series.length === 0) return [];
  const hasQueries = runs.some(({ series }) => series.some(judged));
  const label = (what: string, { protocol }: BandRun) => (runs.length === 1 ? what : `${what}  ${cut(protocol, 14)}`);
  const labelled = (what: string) => runs.map((run) => label(what, run));
  const labels = [...(hasQueries ? labelled('success') : []), ...labelled('messages'), 'faults'];
  const left = Math.max(...labels.map(({ length }) => length));
  const scale = scaleOf(longest.series, Math.max(20, width - left - GAP.length));
  const line = (name: string, drawn: string) => `${name.padEnd(left)}${GAP}${drawn}`.trimEnd();

  const rates = runs.map(({ series }) => columnsOf(series, scale, messagesPerSecond));
  const most = Math.max(0, ...rates.flat().map((rate) => rate ?? 0));
  const shares = runs.map(({ series }) => columnsOf(series, scale, success));
  const band = bandOf(longest.faults, scale);
  const end = duration(longest.series.at(-1)!.endMs);
  const upTo = [...(hasQueries ? ['success from 0 to 100 %'] : []), `messages sent from 0 to ${count(most)} per s`].join(', ');
  return [
    ...wrap(`${upTo}; a column is ${duration(scale.columnMs)}`, width).map(style.dim),
    ...(hasQueries ? runs.map((run, at) => line(label('success', run), bars(shares[at], 1))) : []),
    ...runs.map((run, at) => line(label('messages', run), bars(rates[at], most))),
    ...band.map((marks, at) => line(at === 0 ? 'faults' : '', marks)).map((text) => style.warn(text)),
    style.dim(line('', `0 s${end.padStart(scale.columns - 3)}`)),
    ...legend(longest.faults, width),
  ];
}

/** The time from 0 to the end of the longest run, in columns. */
interface Scale {
  readonly columns: number;
  readonly columnMs: number;
  /** Rows of the longest series. */
  readonly rows: number;
}

function scaleOf(series: readonly SeriesRow[], columns: number): Scale {
  return { columns, columnMs: series.at(-1)!.endMs / columns, rows: series.length };
}

/** A value per column: of the one row or the few that fall into it; a run that broke off has fewer columns. */
function columnsOf(
  series: readonly SeriesRow[],
  { columns, rows }: Scale,
  value: (rows: readonly SeriesRow[]) => number | null,
): (number | null)[] {
  const values: (number | null)[] = [];
  for (let column = 0; column < columns; column++) {
    const from = Math.floor((column * rows) / columns);
    if (from >= series.length) break;
    values.push(value(series.slice(from, Math.max(from + 1, Math.floor(((column + 1) * rows) / columns)))));
  }
  return values;
}

const total = (rows: readonly SeriesRow[], of: (row: SeriesRow) => number) => rows.reduce((sum, row) => sum + of(row), 0);
const judged = ({ operationsSucceeded, operationsFailed }: SeriesRow) => operationsSucceeded + operationsFailed > 0;

function messagesPerSecond(rows: readonly SeriesRow[]): number | null {
  const ms = total(rows, ({ startMs, endMs }) => endMs - startMs);
  return ms > 0 ? (total(rows, ({ sent }) => sent) / ms) * 1000 : null;
}

/** Of the queries that ended in these rows. */
function success(rows: readonly SeriesRow[]): number | null {
  const succeeded = total(rows, ({ operationsSucceeded }) => operationsSucceeded);
  const failed = total(rows, ({ operationsFailed }) => operationsFailed);
  // When nothing is asked any more, all that ends is what found no answer.
  if (rows.every(({ operationsStarted }) => operationsStarted === 0)) return null;
  return succeeded + failed > 0 ? succeeded / (succeeded + failed) : null;
}

/** Nothing measured is a blank; full height only at `most`. */
function bars(values: readonly (number | null)[], most: number): string {
  return values
    .map((value) => (value === null ? ' ' : BARS[most > 0 ? Math.min(Math.floor((value / most) * BARS.length), BARS.length - 1) : 0]))
    .join('');
}

/** Each fault where it was on, in as few lines as hold them side by side. */
function bandOf(faults: readonly FaultRecord[], { columns, columnMs }: Scale): string[] {
  const lines: string[][] = [];
  faults.forEach(({ atMs, untilMs }, at) => {
    const from = Math.min(columns - 1, Math.floor(atMs / columnMs));
    const to = Math.min(columns, Math.max(from + 1, Math.ceil((untilMs ?? Infinity) / columnMs)));
    const isFree = (line: string[]) => line.slice(from, to).every((mark) => mark === ' ');
    let line = lines.find(isFree);
    if (line === undefined && lines.length < MOST_LINES) {
      line = new Array<string>(columns).fill(' ');
      lines.push(line);
    }
    line ??= lines.at(-1)!;
    for (let column = from; column < to; column++) line[column] = column === from ? markOf(at) : '─';
  });
  return lines.map((line) => line.join(''));
}

function markOf(at: number): string {
  return LETTERS[at] ?? NAMELESS;
}

function legend(faults: readonly FaultRecord[], width: number): string[] {
  const named = faults.slice(0, MOST_NAMED);
  const times = named.map(({ atMs, untilMs }) => {
    if (untilMs === atMs) return duration(atMs);
    return untilMs === null ? `from ${duration(atMs)}` : `${duration(atMs)} to ${duration(untilMs)}`;
  });
  const hits = named.map(({ peersHit }) => (peersHit === null ? 'not reached' : `${whole(peersHit)} ${peersHit === 1 ? 'peer' : 'peers'}`));
  const timeWidth = Math.max(...times.map(({ length }) => length));
  const hitWidth = Math.max(...hits.map(({ length }) => length));
  const saysWidth = Math.min(
    Math.max(...named.map(({ says }) => says.length)),
    Math.max(20, width - timeWidth - hitWidth - 5 - 2 * GAP.length),
  );
  const lines = named.map(({ says }, at) =>
    ['', markOf(at), times[at].padEnd(timeWidth), cut(says, saysWidth).padEnd(saysWidth), hits[at].padStart(hitWidth)].join(GAP),
  );
  const more = faults.length - named.length;
  return more > 0 ? [...lines, `${GAP}and ${whole(more)} more: faults.csv in the results`] : lines;
}
