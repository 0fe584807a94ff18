/**
 * Few messages as a space-time diagram: a line for each peer, time downwards, an arrow for each message. Where nothing is sent for long
 * the time axis is cut short, and says so.
 */

import type { TraceStep } from '../metrics/operation-trace.js';
import { duration } from './format.js';
import { type Colours, cross, type Drawing, hostsOf, px, xml } from './trace-parts.js';
import { time } from './trace-text.js';

const AXIS_WIDTH = 76;
const HEADER_HEIGHT = 34;
const LEAST_COLUMN = 58;
const MOST_COLUMN = 130;
const USUAL_WIDTH = 900;
const PX_PER_MESSAGE = 20;
const LEAST_HEIGHT = 260;
const MOST_HEIGHT = 1800;
/** Time in which nothing is under way is cut, when it is longer than this share of the time in which something is; and to what. */
const LONG_GAP_SHARE = 0.3;
const CUT_TO_SHARE = 0.1;
const FOOT = 28;
const BESIDE = 4;
const LEAST_BETWEEN_LABELS = 24;
/** Providers found at one moment that are named. */
const MOST_NAMES = 4;
/** How far towards its receiver a message is drawn that was lost where it was sent. */
const LOST_AT_ONCE = 0.35;

export function spaceTime(steps: readonly TraceStep[], colours: Colours, nameOf: (host: number) => string): Drawing {
  const hosts = hostsOf(steps);
  const column = Math.max(LEAST_COLUMN, Math.min(MOST_COLUMN, USUAL_WIDTH / hosts.length));
  const xOf = new Map(hosts.map((host, at) => [host, AXIS_WIDTH + column * (at + 0.5)]));
  const messages = steps.filter(({ kind }) => kind === 'message');
  const height = Math.min(MOST_HEIGHT, Math.max(LEAST_HEIGHT, messages.length * PX_PER_MESSAGE));
  const scale = new Scale(steps, height);
  const width = AXIS_WIDTH + column * hosts.length + (steps.some(({ kind }) => kind === 'found') ? 80 : 0);
  const bottom = HEADER_HEIGHT + height;
  const start = steps[0].atMs;
  const y = (ms: number) => HEADER_HEIGHT + scale.at(ms);
  const body: string[] = [];

  for (const ms of scale.ticks()) {
    body.push(`<path class="grid" d="M${AXIS_WIDTH} ${px(y(ms))}H${px(AXIS_WIDTH + column * hosts.length)}"/>`);
    body.push(`<text class="small end" x="${AXIS_WIDTH - 10}" y="${px(y(ms) + 3)}">${xml(time(ms - start))}</text>`);
  }
  for (const { fromMs, toMs } of scale.cuts) {
    const middle = (y(fromMs) + y(toMs)) / 2;
    body.push(`<path class="rule" d="M${AXIS_WIDTH - 6} ${px(middle - 3)}l5 -4l5 8l5 -8l5 8l5 -4"/>`);
    body.push(`<text class="small end" x="${AXIS_WIDTH - 10}" y="${px(middle + 3)}">${xml(`+${duration(toMs - fromMs)}`)}</text>`);
  }
  hosts.forEach((host, at) => {
    const x = px(xOf.get(host)!);
    body.push(`<text class="middle${at === 0 ? ' strong' : ''}" x="${x}" y="18">${xml(nameOf(host))}</text>`);
    body.push(`<path class="rule" d="M${x} ${HEADER_HEIGHT - 8}V${bottom + FOOT / 2}"/>`);
  });
  const together = new Map<string, number>();
  for (const step of steps) {
    // What goes the same way at the same time is drawn side by side.
    const way = `${step.kind} ${step.from} ${step.to} ${step.atMs} ${step.endMs}`;
    const before = together.get(way) ?? 0;
    together.set(way, before + 1);
    body.push(...drawStep(step, { xOf, y: (ms) => y(ms) + before * BESIDE, column, colours }));
  }
  body.push(...drawFound(steps, xOf, y, nameOf));
  return { width, height: bottom + FOOT, body };
}

interface Canvas {
  readonly xOf: ReadonlyMap<number, number>;
  readonly y: (ms: number) => number;
  readonly column: number;
  readonly colours: Colours;
}

function drawStep(step: TraceStep, { xOf, y, column, colours }: Canvas): string[] {
  const { kind, atMs, endMs, from, to, dropped, type, ttl } = step;
  const x1 = xOf.get(from)!;
  const x2 = xOf.get(to) ?? x1 + column / 2;
  const y1 = y(atMs);
  const y2 = y(endMs ?? atMs);
  switch (kind) {
    case 'operation':
      return [`<circle class="f7" cx="${px(x1)}" cy="${px(y1)}" r="4"/>`];
    case 'timer':
      return [`<path class="wait" d="M${px(x1)} ${px(y1)}V${px(y2)}"/>`];
    case 'connection':
      return [`<path class="link" d="M${px(x1)} ${px(y1)}L${px(x2)} ${px(y2)}"/>`];
    case 'found':
      return []; // above all else: see drawFound
    default: {
      const colour = colours.get(type)!;
      const isAtOnce = dropped !== null && y2 - y1 < 1;
      const [endX, endY] = isAtOnce ? [x1 + (x2 - x1) * LOST_AT_ONCE, y1 + 8] : [x2, y2];
      const parts = [
        `<path class="line c${colour}" d="M${px(x1)} ${px(y1)}${from === to ? `h12v${px(endY - y1)}h-12` : `L${px(endX)} ${px(endY)}`}"/>`,
      ];
      if (dropped !== null) {
        parts.push(cross(endX, endY, 4));
        parts.push(`<text class="small" x="${px(endX + 7)}" y="${px(endY + 11)}">${xml(dropped)}</text>`);
      } else if (endMs !== null) parts.push(head(x1, y1, endX, endY, colour));
      if (ttl !== null)
        parts.push(`<text class="ttl middle" x="${px(x1 + (endX - x1) * 0.3)}" y="${px(y1 + (endY - y1) * 0.3 - 2)}">${ttl}</text>`);
      return parts;
    }
  }
}

/** Where providers were found: those of one moment together. */
function drawFound(
  steps: readonly TraceStep[],
  xOf: ReadonlyMap<number, number>,
  y: (ms: number) => number,
  nameOf: (host: number) => string,
): string[] {
  const moments = new Map<number, TraceStep[]>();
  for (const step of steps) if (step.kind === 'found') moments.set(step.atMs, [...(moments.get(step.atMs) ?? []), step]);
  return [...moments].flatMap(([ms, found]) => {
    const x = xOf.get(found[0].from)!;
    const named = found.slice(0, MOST_NAMES).map(({ to, isLive }) => `${to < 0 ? 'nobody' : nameOf(to)}${isLive ? '' : ' (gone)'}`);
    const more = found.length > MOST_NAMES ? ` and ${found.length - MOST_NAMES} more` : '';
    return [
      `<circle class="found" cx="${px(x)}" cy="${px(y(ms))}" r="6"/>`,
      `<text class="ttl strong" x="${px(x + 11)}" y="${px(y(ms) + 4)}">${xml(`found ${named.join(', ')}${more}`)}</text>`,
    ];
  });
}

/** The head of an arrow. */
function head(x1: number, y1: number, x2: number, y2: number, colour: number): string {
  const length = Math.hypot(x2 - x1, y2 - y1) || 1;
  const [dx, dy] = [((x2 - x1) / length) * 7, ((y2 - y1) / length) * 7];
  const at = (x: number, y: number) => `${px(x)} ${px(y)}`;
  return `<path class="f${colour}" d="M${at(x2, y2)}L${at(x2 - dx - dy * 0.45, y2 - dy + dx * 0.45)}L${at(x2 - dx + dy * 0.45, y2 - dy - dx * 0.45)}Z"/>`;
}

/** From virtual time to pixels, with long gaps cut. */
class Scale {
  readonly cuts: { fromMs: number; toMs: number }[] = [];
  private readonly times: number[];
  private readonly places: number[] = [0];
  private readonly pxPerMs: number;

  constructor(steps: readonly TraceStep[], height: number) {
    this.times = [...new Set(steps.flatMap(({ atMs, endMs }) => (endMs === null ? [atMs] : [atMs, endMs])))].sort((a, b) => a - b);
    const flights = steps.flatMap(({ kind, atMs, endMs }) => (kind === 'message' && endMs !== null ? [{ atMs, endMs }] : []));
    const gaps = this.times.slice(1).map((toMs, i) => {
      const fromMs = this.times[i];
      return { fromMs, toMs, isQuiet: !flights.some(({ atMs, endMs }) => atMs < toMs && endMs > fromMs) };
    });
    const busyMs = gaps.reduce((sum, { fromMs, toMs, isQuiet }) => sum + (isQuiet ? 0 : toMs - fromMs), 0);
    const isCut = ({ fromMs, toMs, isQuiet }: (typeof gaps)[number]) => isQuiet && busyMs > 0 && toMs - fromMs > LONG_GAP_SHARE * busyMs;
    const shownMs = gaps.map((gap) => (isCut(gap) ? CUT_TO_SHARE * busyMs : gap.toMs - gap.fromMs));
    const totalMs = shownMs.reduce((sum, each) => sum + each, 0);
    this.pxPerMs = totalMs > 0 ? height / totalMs : 0;
    for (const [i, gap] of gaps.entries()) {
      this.places.push(this.places[i] + shownMs[i] * this.pxPerMs);
      if (isCut(gap)) this.cuts.push(gap);
    }
  }

  at(ms: number): number {
    let after = this.times.findIndex((each) => each >= ms);
    if (after < 0) after = this.times.length - 1;
    if (after === 0 || this.times[after] === ms) return this.places[after];
    const share = (ms - this.times[after - 1]) / (this.times[after] - this.times[after - 1]);
    return this.places[after - 1] + (this.places[after] - this.places[after - 1]) * share;
  }

  /** Where each cut ends; and round times since the start, some 60 px apart, where there is room. */
  ticks(): number[] {
    if (this.pxPerMs === 0) return [this.times[0]];
    const start = this.times[0];
    const rough = 60 / this.pxPerMs;
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 5, 10].map((factor) => factor * power).find((each) => each >= rough)!;
    const count = Math.floor((this.times.at(-1)! - start) / step);
    const all = Array.from({ length: Math.min(count, 2000) + 1 }, (_, i) => start + i * step);
    const whole = all.filter((ms) => !this.cuts.some(({ fromMs, toMs }) => ms > fromMs && ms < toMs));
    const taken: number[] = [];
    for (const ms of [...this.cuts.map(({ toMs }) => toMs), ...whole]) {
      if (taken.every((other) => Math.abs(this.at(other) - this.at(ms)) >= LEAST_BETWEEN_LABELS)) taken.push(ms);
    }
    return taken;
  }
}
