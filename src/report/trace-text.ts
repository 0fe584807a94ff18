/**
 * An operation's trace as text: what each message caused stands below it, further in where one caused several. A large one is told by
 * its depths first, and then its first lines.
 */

import type { OperationTrace, TraceStep } from '../metrics/operation-trace.js';
import { bytes, duration, whole } from './format.js';
import { alignTable, cut, type TableRow } from './layout.js';
import { paint } from './paint.js';

/** What is known of the operation besides its steps. */
export interface TraceHeading {
  readonly scenario: string;
  readonly protocol: string;
  readonly peers: number;
  readonly seed: number;
  /** From 1, as the rows of operations.csv. */
  readonly operation: number;
  readonly operations: number;
  readonly key: number;
  readonly outcome: string;
  /** Null without an answer. */
  readonly latencyMs: number | null;
  readonly hops: number | null;
  readonly endMs: number | null;
  readonly messages: number;
  readonly sizeBytes: number;
  readonly reached: number;
  readonly timeouts: number;
  readonly nameOf: (host: number) => string;
}

export interface TraceStyle {
  readonly colour: boolean;
  readonly width: number;
  /** Most lines of the tree. */
  readonly lines: number;
}

/** Above this many messages the depths are told first. */
const FEW_MESSAGES = 60;
const TIME_WIDTH = 10;

export function renderTrace(trace: OperationTrace, heading: TraceHeading, style: TraceStyle): string {
  const lines = [...headLines(trace, heading, style), ''];
  if (heading.messages > FEW_MESSAGES) lines.push(...depthTable(trace, style), '');
  lines.push(...treeLines(trace, heading, style), '');
  lines.push(...typeTable(trace, style));
  return `${lines.join('\n')}\n`;
}

/** What came of it, in a sentence or two. */
function headLines({ steps }: OperationTrace, heading: TraceHeading, { colour }: TraceStyle): string[] {
  const { bold } = paint(colour);
  const { scenario, protocol, peers, seed, operation, operations, key, latencyMs, hops, nameOf } = heading;
  const found = steps.filter(({ kind }) => kind === 'found');
  const answered =
    latencyMs === null
      ? `${heading.outcome}${heading.endMs === null ? '' : ` after ${duration(heading.endMs - steps[0].atMs)}`}`
      : `${heading.outcome} after ${duration(latencyMs)}${hops === null ? '' : `, ${whole(hops)} hop${hops === 1 ? '' : 's'}`}`;
  const where = found.length > 0 ? `: ${foundAt(found, heading)}` : '';
  const traffic = [
    `${whole(heading.messages)} message${heading.messages === 1 ? '' : 's'} (${bytes(heading.sizeBytes)})`,
    `${whole(steps.filter(({ dropped }) => dropped !== null).length)} lost`,
    `${whole(heading.reached)} peers reached`,
    ...(heading.timeouts > 0 ? [`${whole(heading.timeouts)} timeouts`] : []),
  ];
  return [
    bold(`${scenario}, ${protocol}, ${whole(peers)} peers, seed ${seed}: operation ${whole(operation)} of ${whole(operations)}`),
    `${nameOf(steps[0].from)} asks for ${key} at ${(steps[0].atMs / 1000).toFixed(3)} s`,
    `${answered}${where}`,
    traffic.join(', '),
  ];
}

function names(steps: readonly TraceStep[], nameOf: (host: number) => string): string {
  const first = steps.slice(0, 4).map(({ to }) => (to < 0 ? 'nobody' : nameOf(to)));
  return `${first.join(', ')}${steps.length > first.length ? ` and ${steps.length - first.length} more` : ''}`;
}

/** A line of the tree: steps (several only where they are told together), and what stands before it and before those below. */
interface Line {
  readonly places: readonly number[];
  readonly before: string;
  readonly below: string;
}

function treeLines({ steps, left }: OperationTrace, heading: TraceHeading, style: TraceStyle): string[] {
  const { bold, dim, bad } = paint(style.colour);
  const start = steps[0].atMs;
  const [branch, last, through, nothing] = isDeep(steps) ? ['├', '└', '│', ' '] : ['├ ', '└ ', '│ ', '  '];
  const lines = [bold(`${'sent'.padStart(TIME_WIDTH)}  ${'arrives'.padStart(TIME_WIDTH)}`)];
  const open: Line[] = [{ places: [0], before: '', below: '' }];
  let printed = 0;
  let shown = 0;
  for (let next = open.pop(); next !== undefined && printed < style.lines; next = open.pop(), printed++) {
    const { places, before, below } = next;
    const step = steps[places[0]];
    const times = `${time(step.atMs - start).padStart(TIME_WIDTH)}  ${arrival(step, start).padStart(TIME_WIDTH)}`;
    const says =
      places.length > 1
        ? `${heading.nameOf(step.from)} has found ${foundAt(
            places.map((place) => steps[place]),
            heading,
          )}${step.isForeign ? ', by what was not sent for it' : ''}`
        : words(step, heading);
    const line = cut(`${times}  ${before}${says}`, style.width);
    lines.push(step.dropped !== null ? bad(line) : step.kind === 'found' ? bold(line) : step.kind === 'message' ? line : dim(line));
    shown += places.length;
    const following = told(steps, step.children);
    // A step that caused one other is followed by it, at the same place: a lookup of ten hops is ten lines.
    const isOnly = following.length === 1 && step.kind !== 'operation';
    for (let i = following.length - 1; i >= 0; i--) {
      const isLast = i === following.length - 1;
      open.push({
        places: following[i],
        before: isOnly ? below : `${below}${isLast ? last : branch}`,
        below: isOnly ? below : `${below}${isLast ? nothing : through}`,
      });
    }
  }
  const rest = steps.length - shown + left;
  if (rest > 0) lines.push(dim(`${' '.repeat(2 * TIME_WIDTH + 4)}... and ${whole(rest)} steps more`));
  return lines;
}

/** Steps that follow from one; providers that are found at one time are told together. */
function told(steps: readonly TraceStep[], places: readonly number[]): number[][] {
  const together: number[][] = [];
  for (const place of places) {
    const before = together.at(-1)?.[0];
    const isAlike =
      before !== undefined &&
      steps[before].kind === 'found' &&
      steps[place].kind === 'found' &&
      steps[before].atMs === steps[place].atMs &&
      steps[before].isForeign === steps[place].isForeign;
    if (isAlike) together.at(-1)!.push(place);
    else together.push([place]);
  }
  return together;
}

/** Whether the tree branches so often on one way down that it would run out of the page. */
function isDeep(steps: readonly TraceStep[]): boolean {
  const levels: number[] = [0];
  const open = [0];
  let deepest = 0;
  while (open.length > 0) {
    const place = open.pop()!;
    const { children } = steps[place];
    deepest = Math.max(deepest, levels[place]);
    for (const child of children) {
      levels[child] = levels[place] + (children.length > 1 ? 1 : 0);
      open.push(child);
    }
  }
  return deepest > 8;
}

function arrival({ kind, dropped, endMs }: TraceStep, start: number): string {
  if (kind === 'operation' || kind === 'found') return '';
  if (dropped !== null) return 'lost';
  return endMs === null ? '-' : time(endMs - start);
}

/** Providers by name, and which of them were not there. */
function foundAt(found: readonly TraceStep[], { nameOf }: TraceHeading): string {
  const live = found.filter(({ isLive }) => isLive);
  const stale = found.filter(({ isLive }) => !isLive);
  return [
    ...(live.length > 0 ? [names(live, nameOf)] : []),
    ...(stale.length > 0 ? [`${names(stale, nameOf)} (no longer there)`] : []),
  ].join(', ');
}

/** A step in words, without its times. */
function words(step: TraceStep, heading: TraceHeading): string {
  const { nameOf } = heading;
  const [from, to] = [step.from, step.to].map((host) => (host < 0 ? 'nobody' : nameOf(host)));
  switch (step.kind) {
    case 'operation':
      return `${from} asks`;
    case 'found':
      return `${from} has found ${foundAt([step], heading)}${step.isForeign ? ', by what was not sent for it' : ''}`;
    case 'timer':
      return `${from} waits`;
    case 'connection':
      return `${from} ↔ ${to}  connection${step.endMs === null ? ', not opened' : ''}`;
    default: {
      const notes = [step.ttl === null ? '' : `ttl ${step.ttl}`, step.dropped ?? (step.endMs === null ? 'under way' : '')];
      return [`${from} → ${to}  ${step.type}`, ...notes.filter((note) => note !== '')].join(', ');
    }
  }
}

/** One row for each number of messages on the way from the start. */
function depthTable({ steps }: OperationTrace, { colour }: TraceStyle): string[] {
  const start = steps[0].atMs;
  const messages = steps.filter(({ kind }) => kind === 'message');
  const depths = [...new Set(messages.map(({ depth }) => depth))].sort((a, b) => a - b);
  const rows: TableRow[] = [['depth', 'messages', 'new peers', 'lost', 'ttl', 'first arrives', 'last arrives']];
  for (const depth of depths) {
    const here = messages.filter((step) => step.depth === depth);
    const arrived = here.flatMap(({ endMs, dropped }) => (endMs === null || dropped !== null ? [] : [endMs - start]));
    const ttls = [...new Set(here.flatMap(({ ttl }) => ttl ?? []))].sort((a, b) => b - a);
    rows.push([
      String(depth),
      whole(here.length),
      whole(here.filter(({ isFirst }) => isFirst).length),
      whole(here.filter(({ dropped }) => dropped !== null).length),
      ttls.length === 0 ? '-' : ttls.length > 2 ? `${ttls[0]}..${ttls.at(-1)}` : ttls.join(', '),
      arrived.length === 0 ? '-' : time(arrived.reduce((a, b) => Math.min(a, b))),
      arrived.length === 0 ? '-' : time(arrived.reduce((a, b) => Math.max(a, b))),
    ]);
  }
  return alignTable(rows, paint(colour));
}

/** Messages by type, the most frequent first. */
function typeTable({ steps }: OperationTrace, { colour }: TraceStyle): string[] {
  const counts = new Map<string, number[]>();
  for (const { kind, type, dropped } of steps) {
    if (kind !== 'message') continue;
    const row = counts.get(type) ?? [0, 0];
    row[0]++;
    if (dropped !== null) row[1]++;
    counts.set(type, row);
  }
  const sorted = [...counts].sort(([a, [x]], [b, [y]]) => y - x || (a < b ? -1 : 1));
  if (sorted.length === 0) return ['no messages'];
  return alignTable(
    [['type', 'messages', 'lost'], ...sorted.map(([type, [sent, lost]]): TableRow => [type, whole(sent), whole(lost)])],
    paint(colour),
  );
}

/** Since the start, to a tenth of a ms. */
export function time(ms: number): string {
  return ms < 10_000 ? `${ms.toFixed(1)} ms` : `${(ms / 1000).toFixed(3)} s`;
}
