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
/** A gap is cut when it is longer than this share of the whole. */
const LONG_GAP_SHARE = 0.12;
const FOOT = 28;
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
    body.push(`<text class="small end" x="${AXIS_WIDTH - 10}" y="${px(middle + 3)}">${xml(duration(toMs - fromMs))}</text>`);
  }
  hosts.forEach((host, at) => {
    const x = px(xOf.get(host)!);
    body.push(`<text class="middle${at === 0 ? ' strong' : ''}" x="${x}" y="18">${xml(nameOf(host))}</text>`);
    body.push(`<path class="rule" d="M${x} ${HEADER_HEIGHT - 8}V${bottom + FOOT / 2}"/>`);
  });
  for (const step of steps) body.push(...drawStep(step, { xOf, y, column, colours, nameOf }));
  return { width, height: bottom + FOOT, body };
}

interface Canvas {
  readonly xOf: ReadonlyMap<number, number>;
  readonly y: (ms: number) => number;
  readonly column: number;
  readonly colours: Colours;
  readonly nameOf: (host: number) => string;
}

function drawStep(step: TraceStep, { xOf, y, column, colours, nameOf }: Canvas): string[] {
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
    case 'found': {
      const says = `found ${to < 0 ? 'nobody' : nameOf(to)}${step.isLive ? '' : ' (gone)'}`;
      return [
        `<circle class="found" cx="${px(x1)}" cy="${px(y1)}" r="6"/>`,
        `<text class="ttl strong" x="${px(x1 + 11)}" y="${px(y1 + 4)}">${xml(says)}</text>`,
      ];
    }
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
    const gaps = this.times.slice(1).map((ms, i) => ms - this.times[i]);
    const most = Math.max(LONG_GAP_SHARE * gaps.reduce((sum, gap) => sum + gap, 0), 1e-6);
    // What is left when long gaps are cut may have long gaps of its own: again, with what is a long one now.
    const shown = gaps.map((gap) => Math.min(gap, most));
    const usual = Math.max(2 * LONG_GAP_SHARE * shown.reduce((sum, gap) => sum + gap, 0), 1e-6);
    const isCut = (gap: number) => gap > usual;
    const total = gaps.reduce((sum, gap) => sum + (isCut(gap) ? usual / 2 : gap), 0);
    this.pxPerMs = total > 0 ? height / total : 0;
    for (const [i, gap] of gaps.entries()) {
      this.places.push(this.places[i] + (isCut(gap) ? usual / 2 : gap) * this.pxPerMs);
      if (isCut(gap)) this.cuts.push({ fromMs: this.times[i], toMs: this.times[i + 1] });
    }
  }

  at(ms: number): number {
    let after = this.times.findIndex((each) => each >= ms);
    if (after < 0) after = this.times.length - 1;
    if (after === 0 || this.times[after] === ms) return this.places[after];
    const share = (ms - this.times[after - 1]) / (this.times[after] - this.times[after - 1]);
    return this.places[after - 1] + (this.places[after] - this.places[after - 1]) * share;
  }

  /** Round times since the start, some 60 px apart, none of them within a cut. */
  ticks(): number[] {
    if (this.pxPerMs === 0) return [this.times[0]];
    const start = this.times[0];
    const rough = 60 / this.pxPerMs;
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 5, 10].map((factor) => factor * power).find((each) => each >= rough)!;
    const count = Math.floor((this.times.at(-1)! - start) / step);
    const all = Array.from({ length: Math.min(count, 2000) + 1 }, (_, i) => start + i * step);
    return all.filter((ms) => !this.cuts.some(({ fromMs, toMs }) => ms > fromMs && ms < toMs));
  }
}
