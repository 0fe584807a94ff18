/**
 * Reads the Graph Modelling Language (M. Himsolt, University of Passau, 1997): pairs of a key and a value, which is a number, a text in
 * quotes or a list of pairs in brackets. Only the grammar is here; `shadow-gml.ts` knows what the keys mean.
 */

import { Problem } from '../../problem.js';
import { show } from '../units.js';

export type GmlValue = number | string | GmlList;
export type GmlList = readonly GmlPair[];

export interface GmlPair {
  readonly key: string;
  readonly value: GmlValue;
  /** Of the key, from 1. */
  readonly line: number;
}

/** A comment to the end of the line, a bracket, a text, or a word (key or number). */
const TOKEN = /#[^\n]*|[[\]]|"[^"]*"|[^\s[\]"#]+|"/g;
const KEY = /^[A-Za-z][A-Za-z0-9_]*$/;
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[Ee][+-]?\d+)?$/;

interface Token {
  readonly text: string;
  readonly line: number;
}

/** The pairs of the outermost list. @throws Problem with `name` and line */
export function parseGml(text: string, name: string): GmlList {
  const outermost: GmlPair[] = [];
  /** Lists not closed yet, with the bracket that opened them; in a loop, so that no depth of nesting is too deep. */
  const open: { pairs: GmlPair[]; line: number }[] = [{ pairs: outermost, line: 1 }];
  let key: Token | null = null;
  const fail = (line: number, message: string): never => {
    throw new Problem(`${name}:${line}: ${message}`);
  };
  for (const token of tokens(text)) {
    const { text: word, line } = token;
    const top = open[open.length - 1];
    if (key === null) {
      if (word === ']') {
        if (open.length === 1) fail(line, 'expected a key, got a closing bracket that nothing opened');
        open.pop();
      } else if (KEY.test(word)) key = token;
      else fail(line, `expected a key, which is a word of letters, digits and underscores, got ${show(word)}`);
      continue;
    }
    if (word === ']') fail(line, `expected a value for "${key.text}", got a closing bracket`);
    const value = word === '[' ? [] : (readValue(word) ?? fail(line, wrongValue(key.text, word)));
    top.pairs.push({ key: key.text, value, line: key.line });
    if (typeof value === 'object') open.push({ pairs: value as GmlPair[], line });
    key = null;
  }
  if (key !== null) fail(key.line, `expected a value for "${key.text}", got the end of the file`);
  if (open.length > 1) fail(open[open.length - 1].line, 'expected a closing bracket for this list, got the end of the file');
  return outermost;
}

function* tokens(text: string): Generator<Token> {
  let line = 1;
  let before = 0;
  for (const match of text.matchAll(TOKEN)) {
    for (let at = before; at < match.index; at++) if (text[at] === '\n') line++;
    before = match.index;
    if (!match[0].startsWith('#')) yield { text: match[0], line };
  }
}

function readValue(word: string): number | string | undefined {
  if (word.length > 1 && word.startsWith('"')) return decoded(word.slice(1, -1));
  return NUMBER.test(word) && Number.isFinite(Number(word)) ? Number(word) : undefined;
}

function wrongValue(key: string, word: string): string {
  if (word === '"') return `expected a closing quote for the text of "${key}", got the end of the file`;
  return `expected a number, a text in quotes or a list in brackets for "${key}", got ${show(word)}`;
}

/** ISO 8859-1 entities are how GML, a 7-bit format, writes other characters; files in UTF-8 need only these. */
function decoded(text: string): string {
  const known: Readonly<Record<string, string>> = { '&quot;': '"', '&amp;': '&', '&lt;': '<', '&gt;': '>', '&apos;': "'" };
  return text.replace(/&(?:[a-z]+|#\d{1,7});/g, (entity) => {
    if (!entity.startsWith('&#')) return known[entity] ?? entity;
    const code = Number(entity.slice(2, -1));
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : entity;
  });
}
