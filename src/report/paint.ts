/** Colours for a terminal, or none: whoever prints decides (NO_COLOR, a pipe), this file only knows the codes. */

export interface Paint {
  bold(text: string): string;
  dim(text: string): string;
  good(text: string): string;
  bad(text: string): string;
  warn(text: string): string;
}

const as = (open: number, close: number) => (text: string) => `\u001b[${open}m${text}\u001b[${close}m`;
const plain = (text: string) => text;

const COLOURED: Paint = { bold: as(1, 22), dim: as(2, 22), good: as(32, 39), bad: as(31, 39), warn: as(33, 39) };
const PLAIN: Paint = { bold: plain, dim: plain, good: plain, bad: plain, warn: plain };

export function paint(colour: boolean): Paint {
  return colour ? COLOURED : PLAIN;
}
