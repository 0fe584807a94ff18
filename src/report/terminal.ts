/** What the terminal shows when runs have ended: status, one table, what to mind, sentences, where the results are, how to repeat it. */

import type { SeriesRow } from '../metrics/measures.js';
import type { Summary } from '../metrics/summary.js';
import { thresholdSentence } from '../metrics/thresholds.js';
import { BOARD_LEGEND, boardTables, type Entry } from './board.js';
import { closingSentences } from './closing.js';
import { BARS, faultBand } from './fault-band.js';
import { figureRows } from './figures.js';
import { duration, whole } from './format.js';
import { alignTable, cut, type TableRow, wrap } from './layout.js';
import { type Paint, paint } from './paint.js';
import { reachMatrix } from './reach-matrix.js';
import { brokenOff, remarksOf } from './remarks.js';
import { MET, MISSED, thresholdRows } from './threshold-rows.js';

export interface RenderOptions {
  readonly colour?: boolean;
  /** Columns of the terminal, for the paragraphs. The table is as wide as its figures. */
  readonly width?: number;
  /** The time series of each run, in their order: with them, faults are drawn over it. */
  readonly series?: readonly (readonly SeriesRow[])[];
  /** Where the report is; null when there is none. */
  readonly report?: string | null;
  /** Whether somebody looks on, who may want advice for the next time. */
  readonly advise?: boolean;
  /** Whether it can show more than ASCII; it can, unless it is said that it cannot. */
  readonly unicode?: boolean;
}

/** Longest protocol name that heads a column. */
const LONGEST_NAME = 14;

/** One run. `folder` is where its results are (null: not written), `command` what repeats it. */
export function renderRun(summary: Summary, folder: string | null, command: string, options: RenderOptions = {}): string {
  return renderComparison([summary], folder === null ? [] : [folder], command, options);
}

/** Several runs of one scenario, side by side, in the order given. */
export function renderComparison(
  summaries: readonly Summary[],
  folders: readonly string[],
  command: string,
  { colour = false, width = 80, series = [], report = null, advise = false, unicode = true }: RenderOptions = {},
): string {
  const style = paint(colour);
  const blocks: string[][] = [
    [...summaries.flatMap(brokenOff).flatMap((text) => wrap(text, width).map(style.bad)), ...wrap(heading(summaries), width)],
    ...tables(summaries, style, width),
    ...summaries.map((summary) => reachMatrix(summary, style, width, summaries.length > 1)),
    faultBand(
      summaries.map(({ protocol, faults }, at) => ({ protocol, faults, series: series[at] ?? [] })),
      style,
      width,
    ),
    summaries.flatMap((summary) => [...remarks(summary, style, width, false), ...(advise ? advice(summary, style, width) : [])]),
    closingSentences(summaries).flatMap((text) => wrap(text, width)),
    closingLines(folders, report, command, style),
  ];
  return written(blocks, unicode);
}

/** One table with all figures; where three or more runs are too wide for that, the board's, a row each. */
function tables(summaries: readonly Summary[], style: Paint, width: number): string[][] {
  const marked = (rows: readonly TableRow[]) => alignTable(rows, style).map((line) => line.replace(MISSED_CELL, style.bad));
  const rows = tableRows(summaries);
  if (summaries.length < 3 || alignTable(rows, paint(false)).every((line) => line.length <= width)) return [marked(rows)];
  const thresholds = thresholdRows(summaries);
  const entries = summaries.map((summary) => ({ heading: '', name: summary.protocol, summary }));
  return [
    thresholds.length === 0 ? [] : marked([rows[0], ...thresholds]),
    ...boardTables(entries).map((board) => alignTable(board, style)),
    BOARD_LEGEND.flatMap((line) => wrap(line, width)).map(style.dim),
  ];
}

/** Where everything is, and how to have it again. */
function closingLines(folders: readonly string[], report: string | null, command: string, style: Paint): string[] {
  return [
    ...folders.map((folder, at) => `${at === 0 ? 'results' : '       '}  ${style.dim(folder)}`),
    ...(report === null ? [] : [`report   ${style.dim(report)}`]),
    `${folders.length ? 'repeat ' : 'repeat'}  ${command}`,
  ];
}

/** So many runs stand side by side; more of them get a row each. */
const MOST_COLUMNS = 4;

/** Whether runs are shown as a board, a row each. */
export function isBoard(entries: readonly Entry[]): boolean {
  return entries.length > MOST_COLUMNS || entries.some(({ heading }) => heading !== '');
}

/** Many runs of one scenario, or of its variations, in the order given: a row each. */
export function renderBoard(
  entries: readonly Entry[],
  folder: string | null,
  command: string,
  { colour = false, width = 80, report = null, advise = false, unicode = true }: RenderOptions = {},
): string {
  const style = paint(colour);
  const summaries = entries.map(({ summary }) => summary);
  const named = (entry: Entry) =>
    entry.heading === '' ? entry.summary : { ...entry.summary, protocol: `${entry.name}, ${entry.heading}` };
  const blocks: string[][] = [
    [
      ...entries
        .map(named)
        .flatMap(brokenOff)
        .flatMap((text) => wrap(text, width).map(style.bad)),
      ...wrap(boardHeading(summaries), width),
    ],
    ...boardTables(entries).map((rows) => alignTable(rows, style)),
    BOARD_LEGEND.flatMap((line) => wrap(line, width)).map(style.dim),
    entries.map(named).flatMap((summary) => [...remarks(summary, style, width, true), ...(advise ? advice(summary, style, width) : [])]),
    closingLines(folder === null ? [] : [folder], report, command, style),
  ];
  return written(blocks, unicode);
}

/** As the heading of a few runs, but for what differs from run to run. */
function boardHeading(summaries: readonly Summary[]): string {
  const each = (show: (summary: Summary) => string) => [...new Set(summaries.map(show))].join(' / ');
  const wallMs = summaries.reduce((sum, summary) => sum + summary.wallMs, 0);
  return [
    each(({ scenario }) => scenario),
    `${each(({ peers }) => whole(peers))} peers`,
    `topology ${each(({ topology }) => topology)}`,
    `seed ${each(({ seed }) => String(seed))}`,
    `${each(({ virtualMs }) => duration(virtualMs))} of virtual time`,
    `${summaries.length} runs in ${duration(wallMs)}`,
  ].join(', ');
}

function tableRows(summaries: readonly Summary[]): (readonly [string, ...string[]] | null)[] {
  const names = summaries.map(({ protocol }) => cut(protocol, LONGEST_NAME));
  const groups = [thresholdRows(summaries), ...figureRows(summaries)].filter((group) => group.length > 0);
  return [['', ...names], ...groups.flatMap((group, at) => (at === 0 ? group : [null, ...group]))];
}

function heading(summaries: readonly Summary[]): string {
  const each = (show: (summary: Summary) => string) => [...new Set(summaries.map(show))].join(' / ');
  return [
    each(({ scenario }) => scenario),
    `${each(({ peers }) => whole(peers))} peers`,
    `topology ${each(({ topology }) => topology)}`,
    `seed ${each(({ seed }) => String(seed))}`,
    `${each(({ virtualMs }) => duration(virtualMs))} of virtual time in ${each(({ wallMs }) => duration(wallMs))} of wall time`,
  ].join(', ');
}

/** @param thresholds whether missed ones are told here; the table of a few runs has them, but for those that have no value */
function remarks(summary: Summary, style: Paint, width: number, thresholds: boolean): string[] {
  const hasValue = new Set(summary.thresholds.filter(({ measured }) => measured !== null).map(thresholdSentence));
  return remarksOf(summary)
    .filter(({ kind, text }) => thresholds || kind !== 'missed' || !hasValue.has(text.slice(`${summary.protocol}: `.length)))
    .flatMap(({ kind, text }) => {
      const look = style[kind === 'BUG' || kind === 'missed' ? 'bad' : 'warn'];
      return remark(kind, text, width).map(look);
    });
}

function advice(summary: Summary, style: Paint, width: number): string[] {
  return summary.advice.flatMap((text) => remark('advice', `${summary.protocol}: ${text}`, width).map(style.dim));
}

/** `warning  chord: ...`: what it is, two spaces, and the sentence in as many lines as it takes. */
function remark(kind: string, text: string, width: number): string[] {
  const [first, ...rest] = wrap(`${kind} ${text}`, width - 1, '  ');
  return [`${kind}  ${first.slice(kind.length + 1)}`, ...rest];
}

/** Cells of thresholds that were missed. */
const MISSED_CELL = new RegExp(`${MISSED} \\S+`, 'g');

/** What stands for a sign where only ASCII can be shown, as wide as it. */
const ASCII: Readonly<Record<string, string>> = {
  [MET]: '+',
  [MISSED]: 'x',
  '─': '-',
  ...Object.fromEntries([...BARS].map((bar, at) => [bar, '_.:-=+*#'[at]])),
};

function written(blocks: readonly (readonly string[])[], unicode: boolean): string {
  const text = blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n');
  return `${unicode ? text : text.replace(/[\u0080-\uffff]/g, (sign) => ASCII[sign] ?? '?')}\n`;
}
