/**
 * An overlay from a file: one link per line, `from to`, separated by blanks, tabs, a comma or a semicolon. `#` begins a comment, empty
 * lines do not count, a header line (`from to`, `source,target` ...) is skipped. Links have no direction; giving one twice changes
 * nothing.
 *
 * Labels are any words. When all of them are integers in [0, peers) a label is the peer's number; otherwise peers are numbered in the
 * order in which the labels first appear.
 */

import { readFileSync } from 'node:fs';
import { Problem } from '../problem.js';
import { type Graph, graphOf } from './graph.js';

/** Words that make a first line a header, apart from a first line without digits over lines of integers. */
const HEADER = /^(from|source|src|node1|peer1)[\s,;]+(to|target|dst|node2|peer2)$/i;
const INTEGER = /^\d+$/;

/** Reads the file at `path` (relative to the working directory) as the wiring of `count` peers. @throws Problem with file and line */
export function readEdgeList(path: string, count: number): Graph {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new Problem(`${path}: cannot read the edge list: ${(error as Error).message}`);
  }
  return parseEdgeList(text, path, count);
}

/** `name` stands for the file in what a Problem says. */
export function parseEdgeList(text: string, name: string, count: number): Graph {
  const from: string[] = [];
  const to: string[] = [];
  let header: readonly string[] | null = null;
  const lines = text.replace(/^\uFEFF/, '').split('\n');
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i].replace(/#.*/, '').trim();
    if (line === '') continue;
    const fields = line.split(/\s*[,;]\s*|\s+/);
    if (fields.length !== 2 || fields.includes('')) {
      throw new Problem(`${name}:${i + 1}: expected two peers, "from to", got "${line}"`);
    }
    if (header === null && from.length === 0) {
      header = fields;
      if (HEADER.test(line)) continue;
    }
    if (fields[0] === fields[1]) throw new Problem(`${name}:${i + 1}: peer "${fields[0]}" is linked to itself`);
    from.push(fields[0]);
    to.push(fields[1]);
  }
  if (from.length > 1 && !INTEGER.test(from[0]) && !INTEGER.test(to[0]) && from.every((label, i) => i === 0 || isInteger(label, to[i]))) {
    from.shift(); // words over integers: a header in words of its own
    to.shift();
  }
  if (from.length === 0) throw new Problem(`${name}: expected at least one line "from to", got none`);
  const numbers = numbersOf(from, to, count);
  if (numbers.size > count) {
    throw new Problem(`${name}: names ${numbers.size} peers, but only ${count} take part from the start: raise peers to ${numbers.size}`);
  }
  const number = (label: string) => numbers.get(label) as number;
  return graphOf(count, from.map(number), to.map(number));
}

function isInteger(a: string, b: string): boolean {
  return INTEGER.test(a) && INTEGER.test(b);
}

function numbersOf(from: readonly string[], to: readonly string[], count: number): Map<string, number> {
  const numbers = new Map<string, number>();
  for (let i = 0; i < from.length; i++) {
    if (!numbers.has(from[i])) numbers.set(from[i], numbers.size);
    if (!numbers.has(to[i])) numbers.set(to[i], numbers.size);
  }
  const labels = [...numbers.keys()];
  if (labels.every((label) => /^(0|[1-9]\d*)$/.test(label) && Number(label) < count)) {
    for (const label of labels) numbers.set(label, Number(label));
  }
  return numbers;
}
