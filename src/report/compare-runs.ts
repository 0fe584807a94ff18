/**
 * What `peerage compare-runs` shows: which runs, how they were made differently, and the figures, those that changed first. Many points get
 * only what changed in them.
 */

import type { Interval } from '../metrics/change.js';
import type { FigureUnit } from '../metrics/key-figures.js';
import type { FigureChange, PointComparison, Verdict } from '../metrics/run-comparison.js';
import type { SettingDifference } from '../results/scenario-differences.js';
import { bytes, count, duration, NONE, share, whole } from './format.js';
import { alignTable, cut, type TableRow, wrap } from './layout.js';
import { type Paint, paint } from './paint.js';

export interface RunsCompared {
  readonly baseline: string;
  readonly candidate: string;
  /** How the runs were made differently, versions and seeds included. */
  readonly differences: readonly SettingDifference[];
  readonly points: readonly PointComparison[];
  /** Points that the other side has not. */
  readonly onlyBaseline: readonly string[];
  readonly onlyCandidate: readonly string[];
  readonly tolerance: number | null;
}

/** Settings that are listed; a scenario that is another one altogether differs in too many to be read. */
const MOST_SETTINGS = 12;
/** From so many points on, each shows only what changed. */
const MANY_POINTS = 2;
const SETTING_WIDTH = 34;
/** With fewer repetitions Student's t asks for a change of several times their spread. */
const FEW_REPETITIONS = 5;

export function renderRunsCompared(compared: RunsCompared, { colour = false, width = 80 } = {}): string {
  const style = paint(colour);
  const { points, tolerance } = compared;
  const blocks = [
    [`baseline   ${style.dim(compared.baseline)}`, `candidate  ${style.dim(compared.candidate)}`],
    madeDifferently(compared.differences, width),
    ...points.flatMap((point) => pointBlocks(point, points.length >= MANY_POINTS, style, width)),
    unmatched(compared, width),
    wrap([verdictSentence(points), ...basisSentences(points, tolerance)].join(' '), width),
  ];
  return `${blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

function madeDifferently(differences: readonly SettingDifference[], width: number): string[] {
  if (differences.length === 0) return [];
  const shown = differences.slice(0, MOST_SETTINGS);
  const left = Math.min(SETTING_WIDTH, Math.max(...shown.map(({ path }) => path.length)));
  const lines = shown.map(({ path, baseline, candidate }) => {
    const room = Math.max(8, Math.floor((width - left - 8) / 2));
    return `  ${cut(path, left).padEnd(left)}  ${cut(baseline || 'not set', room)} -> ${cut(candidate || 'not set', room)}`;
  });
  const more = differences.length - shown.length;
  return ['made differently', ...lines, ...(more > 0 ? [`  and ${more} settings more: see --json`] : [])];
}

const GROUPS: readonly (readonly [verdict: Verdict, heading: string])[] = [
  ['worse', 'worse'],
  ['better', 'better'],
  ['changed', 'changed'],
  ['perhaps', 'perhaps: alone beyond chance, but not among so many'],
  ['unknown', 'no interval'],
  ['same', 'the same, as far as can be told'],
];

function pointBlocks(point: PointComparison, briefly: boolean, style: Paint, width: number): string[][] {
  const heading = point.name === '' ? [] : wrap(point.name, width).map(style.bold);
  if (point.identical) return [[...heading, `the same run${point.runs[0] > 1 ? 's' : ''}, to the digest`]];
  const failed = [
    ...(point.failures > 0 ? wrap(failureSentence(point), width).map(style.bad) : []),
    ...(point.interrupted > 0 ? [style.warn(`interrupted: ${point.interrupted}; its figures cover only what was measured`)] : []),
  ];
  const groups = GROUPS.filter(([verdict]) => !briefly || verdict !== 'same').map(([verdict, title]) => ({
    verdict,
    title,
    figures: point.figures.filter((figure) => figure.verdict === verdict),
  }));
  const rows: TableRow[] = [['', 'baseline', 'candidate', 'change', '95 % interval']];
  const titles = new Map<number, Verdict>();
  for (const { verdict, title, figures } of groups) {
    if (figures.length === 0) continue;
    titles.set(rows.length, verdict);
    rows.push([title], ...figures.map(figureRow));
  }
  const table = alignTable(rows, style).map((line, at) => coloured(titles.get(at), line, style));
  const same = point.figures.filter(({ verdict }) => verdict === 'same').length;
  const rest = briefly && same > 0 ? [`${rows.length > 1 ? 'and ' : ''}${whole(same)} figures the same, as far as can be told`] : [];
  return [[...heading, ...failed, ...(rows.length > 1 ? table : []), ...rest]];
}

function coloured(verdict: Verdict | undefined, line: string, style: Paint): string {
  if (verdict === undefined) return line;
  if (verdict === 'worse') return style.bad(line);
  return verdict === 'better' ? style.good(line) : style.bold(line);
}

function failureSentence({ failures, runs }: PointComparison): string {
  return `${failures} of the candidate's runs failed where the baseline's ${runs[0] === 1 ? 'run' : 'runs'} completed`;
}

function figureRow({ figure, baseline, candidate, change }: FigureChange): TableRow {
  const show = (value: number | null) => valueText(figure.unit, value);
  const relative = relativeTo(figure.unit, baseline);
  const difference = change?.difference ?? (baseline === null || candidate === null ? null : candidate - baseline);
  return [
    `  ${figure.label}`,
    show(baseline),
    show(candidate),
    difference === null ? NONE : relative.text(difference),
    change === null ? NONE : relative.interval(change.interval),
  ];
}

function valueText(unit: FigureUnit, value: number | null): string {
  if (unit === 'share') return share(value);
  if (unit === 'ms') return duration(value);
  if (unit === 'bytes') return bytes(value);
  if (value === null) return NONE;
  return unit === 'bytes/s' ? `${bytes(value)}/s` : unit === 'messages/s' ? `${count(value)}/s` : count(value);
}

/** A change as people read it: of a share in percentage points, of all else in percent; of nothing, as it is. */
function relativeTo(unit: FigureUnit, baseline: number | null): { text(value: number): string; interval(interval: Interval): string } {
  const [factor, suffix] = unit === 'share' ? [100, ' pp'] : baseline === null || baseline === 0 ? [1, ''] : [100 / baseline, ' %'];
  return {
    text: (value) => `${signed(value * factor)}${suffix}`,
    interval: ([low, high]) => {
      const [from, to] = [low, high].map((end) => (Number.isFinite(end) ? signed(end * factor) : null));
      if (from === null) return to === null ? 'too few to tell' : `up to ${to}`;
      return to === null ? `from ${from} up` : `${from} to ${to}`;
    },
  };
}

function signed(value: number): string {
  const size = Math.abs(value);
  const text = size >= 1000 ? whole(size) : size >= 100 ? size.toFixed(0) : size >= 0.995 || size === 0 ? size.toFixed(1) : size.toFixed(2);
  return Number(text.replaceAll(',', '')) === 0 ? '0' : `${value < 0 ? '-' : '+'}${text}`;
}

function unmatched({ onlyBaseline, onlyCandidate }: RunsCompared, width: number): string[] {
  const list = (side: string, names: readonly string[]) =>
    names.length === 0 ? [] : wrap(`only in the ${side}, not compared: ${names.join('; ')}`, width, '  ');
  return [...list('baseline', onlyBaseline), ...list('candidate', onlyCandidate)];
}

function verdictSentence(points: readonly PointComparison[]): string {
  if (points.every(({ identical }) => identical)) return 'Nothing changed: equal digests are equal runs.';
  const all = points.flatMap(({ figures }) => figures);
  const of = (verdict: Verdict) => all.filter((figure) => figure.verdict === verdict).length;
  const where = points.length > 1 ? ` at ${points.length} points` : '';
  const parts = (['worse', 'better', 'changed', 'perhaps'] as const)
    .filter((verdict) => of(verdict) > 0)
    .map((verdict) => `${whole(of(verdict))} ${verdict}${verdict === 'perhaps' ? ' changed' : ''}`);
  const judged = all.filter(({ verdict }) => verdict !== 'unknown').length;
  return `Of ${whole(judged)} figures judged${where}: ${parts.length === 0 ? 'none changed beyond what chance explains' : parts.join(', ')}.`;
}

/** How it was judged, once for all points. */
function basisSentences(points: readonly PointComparison[], tolerance: number | null): string[] {
  const changed = points.filter(({ identical }) => !identical);
  const bases = new Set(changed.flatMap(({ figures }) => figures.map(({ basis }) => basis)));
  const seeds = changed.every(({ sameSeeds }) => sameSeeds) ? 'the same seed' : 'different seeds';
  const sentences: string[] = [];
  if (bases.has('pairs')) sentences.push('Repetitions with the same seed are compared pair by pair.');
  if (bases.has('means')) sentences.push('Repetitions with other seeds are compared by their means.');
  const repetitions = Math.min(...changed.flatMap(({ runs }) => runs));
  if ((bases.has('pairs') || bases.has('means')) && repetitions < FEW_REPETITIONS) {
    sentences.push(`With only ${repetitions} on a side small changes are not found: ${FEW_REPETITIONS} or more tell more.`);
  }
  if (bases.has('queries'))
    sentences.push(`With one run each, with ${seeds}, intervals are those of its queries: repetitions would tell more.`);
  if (bases.has('none')) {
    const judged = tolerance === null ? 'are not judged (--tolerance 5% does)' : `are judged by the tolerance of ${share(tolerance)} alone`;
    sentences.push(`Figures without an interval ${judged}.`);
  }
  if (bases.size > 1 || !bases.has('none')) {
    if (changed.length > 0)
      sentences.push(
        'Intervals hold 95 %; verdicts allow for the number of figures (Holm), so that all of them together raise a false alarm in 5 % of cases.',
      );
  }
  return sentences;
}
