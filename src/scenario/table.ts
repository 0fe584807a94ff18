/**
 * Tables as people and programs write them: one row a line, cells parted by commas, semicolons or tabs, times in seconds or with their
 * unit, and things called by number or by any other name. What traces of peers and of queries are read from.
 */

import { Problem } from '../problem.js';
import { parseDuration, unexpected } from './units.js';

export interface Row {
  /** From 1. */
  readonly line: number;
  /** Without blanks around them and without quotes. */
  readonly cells: readonly string[];
  readonly written: string;
}

/** The rows of a table. A first line that begins with `time` is its header; empty lines and those that begin with `#` are skipped. */
export function* tableRows(text: string): Generator<Row> {
  const lines = text.split('\n');
  let first = true;
  for (let index = 0; index < lines.length; index++) {
    const written = lines[index].trim();
    if (written === '' || written.startsWith('#')) continue;
    const cells = written.split(/[,;\t]/).map((cell) => cell.trim().replace(/^"(.*)"$/, '$1'));
    const isHeader = first && cells[0].toLowerCase() === 'time';
    first = false;
    if (!isHeader) yield { line: index + 1, cells, written };
  }
}

/** A time in ms: a plain number is seconds. `at` begins the complaint. */
export function readTime(cell: string, at: string): number {
  try {
    return parseDuration(/[a-z]$/i.test(cell) ? cell : `${cell}s`);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    throw new Problem(`${at}: ${unexpected('a time of at least 0, such as 90 (seconds), 90s, 1.5h or 250ms', cell).message}`);
  }
}

/** What a table calls things by, in order of first appearance. */
export class Names {
  readonly names: string[] = [];
  private readonly placeOf = new Map<string, number>();

  /** The place of this name among all. */
  add(name: string): number {
    let place = this.placeOf.get(name);
    if (place === undefined) {
      place = this.names.push(name) - 1;
      this.placeOf.set(name, place);
    }
    return place;
  }

  /** The number that each name, by its place, says itself; null unless all say one below `below`, no two the same. */
  ownNumbers(pattern: RegExp, below: number): number[] | null {
    const own = this.names.map((name) => Number(pattern.exec(name)?.[1] ?? Number.NaN));
    return own.every((number) => number < below) && new Set(own).size === own.length ? own : null;
  }
}

/** p17 is what results call peer 17. */
export const PEER_NUMBER = /^p?(0|[1-9]\d{0,8})$/;
export const PLAIN_NUMBER = /^(0|[1-9]\d{0,8})$/;

/** Places 0 .. n - 1 by their times; at one time, as they were written. */
export function byTime(atMs: readonly number[]): Uint32Array {
  const order = Uint32Array.from(atMs, (_, index) => index);
  const sorted = atMs.every((time, index) => index === 0 || atMs[index - 1] <= time);
  return sorted ? order : order.sort((a, b) => atMs[a] - atMs[b] || a - b);
}
