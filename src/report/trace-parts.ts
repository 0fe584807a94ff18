/** What the pictures of a trace have in common. */

import type { TraceStep } from '../metrics/operation-trace.js';

/** A part of the picture: its size, and what is in it. */
export interface Drawing {
  readonly width: number;
  readonly height: number;
  readonly body: readonly string[];
}

/** The colour of each message type: in the order in which they are first sent; beyond the last colour they share one. */
export type Colours = ReadonlyMap<string, number>;
/** Everybody who takes part, in the order in which they come to it. */
export function hostsOf(steps: readonly TraceStep[]): number[] {
  const hosts = new Set([steps[0].from]);
  const known = steps.flatMap(({ from, to, atMs, endMs, kind }) => [
    { host: from, atMs },
    ...(to < 0 || kind === 'found' ? [] : [{ host: to, atMs: endMs ?? atMs }]),
  ]);
  known.sort((a, b) => a.atMs - b.atMs);
  for (const { host } of known) hosts.add(host);
  return [...hosts];
}

/** Text within a picture. */
export function xml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** A coordinate, to a tenth of a pixel. */
export const px = (value: number) => String(Math.round(value * 10) / 10);

/** A cross where something was lost. */
export const cross = (x: number, y: number, size: number) =>
  `<path class="lost" d="M${px(x - size)} ${px(y - size)}l${2 * size} ${2 * size}m0 ${-2 * size}l${-2 * size} ${2 * size}"/>`;
