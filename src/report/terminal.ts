/** What the terminal shows when runs have ended: status, one table, what to mind, sentences, where the results are, how to repeat it. */

import type { SeriesRow } from '../metrics/measures.js';
import type { Summary } from '../metrics/summary.js';
import { thresholdSentence } from '../metrics/thresholds.js';
import { BOARD_LEGEND, boardTables, type Entry } from './board.js';
import { closingSentences } from './closing.js';
import { faultBand } from './fault-band.js';
import { figureRows } from './figures.js';
import { duration, whole } from './format.js';
import { alignTable, cut, wrap } from './layout.js';
import { type Paint, paint } from './paint.js';
import { reachMatrix } from './reach-matrix.js';

export interface RenderOptions {
  readonly colour?: boolean;
  /** Columns of the terminal, for the paragraphs. The table is as wide as its figures. */
  readonly width?: number;
  /** The time series of each run, in their order: with them, faults are drawn over it. */
  readonly series?: readonly (readonly SeriesRow[])[];
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
  { colour = false, width = 80, series = [] }: RenderOptions = {},
): string {
  const style = paint(colour);
  const blocks: string[][] = [
    [...summaries.flatMap(brokenOff).flatMap((text) => wrap(text, width).map(style.bad)), ...wrap(heading(summaries), width)],
    alignTable(tableRows(summaries), style),
    ...summaries.map((summary) => reachMatrix(summary, style, width, summaries.length > 1)),
    faultBand(
      summaries.map(({ protocol, faults }, at) => ({ protocol, faults, series: series[at] ?? [] })),
      style,
      width,
    ),
    summaries.flatMap((summary) => remarks(summary, style)),
    closingSentences(summaries).flatMap((text) => wrap(text, width)),
    [
      ...folders.map((folder, at) => `${at === 0 ? 'results' : '       '}  ${style.dim(folder)}`),
      `${folders.length ? 'repeat ' : 'repeat'}  ${command}`,
    ],
  ];
  return `${blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
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
  { colour = false, width = 80 }: RenderOptions = {},
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
    entries.map(named).flatMap((summary) => remarks(summary, style).flatMap((line) => wrap(line, width, '  '))),
    [...(folder === null ? [] : [`results  ${style.dim(folder)}`]), `${folder === null ? 'repeat' : 'repeat '}  ${command}`],
  ];
  return `${blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
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
  return [['', ...names], ...figureRows(summaries).flatMap((group, at) => (at === 0 ? group : [null, ...group]))];
}

/** Why a run did not complete; nothing for one that did. */
function brokenOff({ protocol, status, reason, virtualMs, measure }: Summary): string[] {
  if (status === 'completed') return [];
  const reached = `after ${duration(virtualMs)} of virtual time, ${duration(measure.lastedMs)} of ${duration(measure.plannedMs)} measured`;
  const why = reason ? `: ${reason.replace(/\.$/, '')}` : '';
  return [`${status.toUpperCase()}: ${protocol} ${reached}${why}. Its figures cover only that.`];
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

/** One line for everything that a reader must not miss: what is broken, missed, or to be taken with care. */
function remarks(summary: Summary, style: Paint): string[] {
  const about = (kind: string, text: string) => `${kind}  ${summary.protocol}: ${text}`;
  return [
    ...summary.checks
      .filter(({ held }) => !held)
      .map(({ name, says }) => style.bad(about('BUG', `the books do not balance (${name}): ${says}`))),
    ...summary.thresholds.filter(({ met }) => !met).map((threshold) => style.bad(about('missed', thresholdSentence(threshold)))),
    ...summary.claims.filter(({ held }) => held !== true).map((claim) => style.warn(about('claim', claimSentence(claim)))),
    ...summary.warnings.map((warning) => style.warn(about('warning', warning))),
  ];
}

function claimSentence({ says, source, measured, atLeast, atMost, problem }: Summary['claims'][number]): string {
  if (problem !== null) return `"${says}" (${source}) could not be judged: ${problem}`;
  const bounds = [atLeast === null ? '' : `at least ${short(atLeast)}`, atMost === null ? '' : `at most ${short(atMost)}`].filter(Boolean);
  return `"${says}" (${source}) is broken: measured ${short(measured!)}, claimed ${bounds.join(' and ')}`;
}

function short(value: number): number {
  return Number(value.toPrecision(4));
}
