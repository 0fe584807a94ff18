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
  const live = found.filter(({ isLive }) => isLive);
  const answered =
    latencyMs === null
      ? `${heading.outcome}${heading.endMs === null ? '' : ` after ${duration(heading.endMs - steps[0].atMs)}`}`
      : `${heading.outcome} after ${duration(latencyMs)}${hops === null ? '' : `, ${whole(hops)} hops`}`;
  const where = live.length > 0 ? `: at ${names(live, nameOf)}` : '';
  const stale =
    found.length > live.length
      ? `; ${names(
          found.filter(({ isLive }) => !isLive),
          nameOf,
        )} no longer there`
      : '';
  const traffic = [
    `${whole(heading.messages)} message${heading.messages === 1 ? '' : 's'} (${bytes(heading.sizeBytes)})`,
    `${whole(steps.filter(({ dropped }) => dropped !== null).length)} lost`,
    `${whole(heading.reached)} peers reached`,
    ...(heading.timeouts > 0 ? [`${whole(heading.timeouts)} timeouts`] : []),
  ];
  return [
    bold(`${scenario}, ${protocol}, ${whole(peers)} peers, seed ${seed}: operation ${whole(operation)} of ${whole(operations)}`),
    `${nameOf(steps[0].from)} asks for ${key} at ${(steps[0].atMs / 1000).toFixed(3)} s`,
    `${answered}${where}${stale}`,
    traffic.join(', '),
  ];
}

function names(steps: readonly TraceStep[], nameOf: (host: number) => string): string {
  const first = steps.slice(0, 4).map(({ to }) => (to < 0 ? 'nobody' : nameOf(to)));
  return `${first.join(', ')}${steps.length > first.length ? ` and ${steps.length - first.length} more` : ''}`;
}

function treeLines({ steps, left }: OperationTrace, heading: TraceHeading, style: TraceStyle): string[] {
  const { bold, dim, bad } = paint(style.colour);
  const start = steps[0].atMs;
  const lines = [bold(`${'sent'.padStart(TIME_WIDTH)}  ${'arrives'.padStart(TIME_WIDTH)}`)];
  /** Step, and what stands before it: of its own line, and of those below. */
  const open: { place: number; before: string; below: string }[] = [{ place: 0, before: '', below: '' }];
  let shown = 0;
  for (let next = open.pop(); next !== undefined && shown < style.lines; next = open.pop(), shown++) {
    const { place, before, below } = next;
    const step = steps[place];
    const sent = time(step.atMs - start);
    const arrives =
      step.kind === 'operation' || step.kind === 'found'
        ? ''
        : step.dropped !== null
          ? 'lost'
          : step.endMs === null
            ? '-'
            : time(step.endMs - start);
    const text = `${sent.padStart(TIME_WIDTH)}  ${arrives.padStart(TIME_WIDTH)}  ${before}${words(step, heading.nameOf)}`;
    const line = cut(text, style.width);
    lines.push(step.dropped !== null ? bad(line) : step.kind === 'found' ? bold(line) : step.kind === 'message' ? line : dim(line));
    const { children } = step;
    // A step that caused one other is followed by it, at the same place: a lookup of ten hops is ten lines.
    const isOnly = children.length === 1 && place !== 0;
    for (let i = children.length - 1; i >= 0; i--) {
      const isLast = i === children.length - 1;
      open.push({
        place: children[i],
        before: isOnly ? below : `${below}${isLast ? '└ ' : '├ '}`,
        below: isOnly ? below : `${below}${isLast ? '  ' : '│ '}`,
      });
    }
  }
  const rest = steps.length - shown + left;
  if (rest > 0) lines.push(dim(`${' '.repeat(2 * TIME_WIDTH + 4)}... and ${whole(rest)} steps more`));
  return lines;
}

/** A step in words, without its times. */
function words(step: TraceStep, nameOf: (host: number) => string): string {
  const [from, to] = [step.from, step.to].map((host) => (host < 0 ? 'nobody' : nameOf(host)));
  switch (step.kind) {
    case 'operation':
      return `${from} asks`;
    case 'found':
      return `${from} has found ${to}${step.isLive ? '' : ', no longer there'}`;
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
