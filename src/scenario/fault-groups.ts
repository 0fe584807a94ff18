/** Groups of peers in a sentence about faults: `everyone`, `rest`, `sites a, b`, `region x`, `peers 10-20`, `30%`, `random site`. */

import type { Group } from '../faults/plan.js';
import { didYouMean, Problem } from '../problem.js';
import { MOST_SERVERS, type Places } from './fault-words.js';
import { parseShare, show } from './units.js';

/** A word, a sign, or what stands in quotes. */
export interface Token {
  readonly text: string;
  readonly quoted: boolean;
}

const TOKEN = /\s*(?:"((?:[^"\\]|\\.)*)"|([|,])|([^\s|,"]+))/gsy;
/** So many names are listed in a message, not more. */
const LISTED = 12;

export function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  const trimmed = text.trim();
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < trimmed.length) {
    const from = TOKEN.lastIndex;
    const match = TOKEN.exec(trimmed);
    if (match === null) throw new Problem(`expected a closing quote in ${show(trimmed.slice(from).trim())}`);
    const [, quoted, sign, word] = match;
    tokens.push(quoted === undefined ? { text: sign ?? word, quoted: false } : { text: unescaped(quoted), quoted: true });
  }
  return tokens;
}

function unescaped(quoted: string): string {
  try {
    return JSON.parse(`"${quoted.replaceAll('\n', '\\n')}"`) as string;
  } catch {
    throw new Problem(`expected quotes as in JSON, got ${show(quoted)}`);
  }
}

export function isWord(token: Token | undefined, word: string): boolean {
  return token !== undefined && !token.quoted && token.text.toLowerCase() === word;
}

export function showToken({ text, quoted }: Token): string {
  return quoted ? `the name ${JSON.stringify(text)}` : JSON.stringify(text);
}

/** @throws Problem when it is none, or names what there is not */
export function readGroup(tokens: readonly Token[], places: Places): Group {
  const words = isWord(tokens[0], 'a') && isWord(tokens[1], 'random') ? tokens.slice(1) : tokens;
  const [first, second] = words;
  const alone = words.length === 1;
  if (first === undefined)
    throw new Problem('expected who is hit: everyone, rest, sites a, b, peers 10-20, 30% or random site; got nothing');
  if (alone && isWord(first, 'everyone')) return { kind: 'everyone' };
  if (alone && isWord(first, 'rest')) return { kind: 'rest' };
  if (isWord(first, 'random')) return { kind: 'random', of: randomPlace(words, places) };
  if (isWord(first, 'peers') || isWord(first, 'peer')) return peers(textOf(words.slice(1)), places);
  if (isWord(first, 'servers') || isWord(first, 'server')) return servers(textOf(words.slice(1)));
  // Unless there are sites that are called `site 1` ...
  if (['site', 'sites', 'region', 'regions'].some((word) => isWord(first, word)) && !areNames(words, places)) {
    return { kind: 'sites', sites: sitesOf(words.slice(1), places, first.text.toLowerCase().startsWith('region')) };
  }
  if (!first.quoted && (alone || (words.length === 2 && second.text === '%')) && isShare(words, places)) {
    return { kind: 'share', share: parseShare(textOf(words), { above: 0 }) };
  }
  return { kind: 'sites', sites: sitesOf(words, places, false) };
}

function textOf(tokens: readonly Token[]): string {
  return tokens.map(({ text }) => text).join(' ');
}

/** A number is a share, unless a site is called so. */
function isShare(words: readonly Token[], { sites }: Places): boolean {
  const text = textOf(words);
  return /^[\d.]+(e[+-]?\d+)?\s*%?$/.test(text) && (text.endsWith('%') || !sites.some(({ name }) => name === text));
}

function randomPlace(words: readonly Token[], { sites }: Places): 'site' | 'region' {
  const place = (['site', 'region'] as const).find((each) => words.length === 2 && isWord(words[1], each));
  if (place === undefined) throw new Problem(`expected random site or random region, got ${show(textOf(words))}`);
  if (place === 'region' && sites.every(({ region }) => (region ?? null) === null))
    throw new Problem('expected random site: this topology has no regions');
  return place;
}

function peers(text: string, { peers: count }: Places): Group {
  const [, from, to = from] = /^p?(\d+)(?:\s*-\s*p?(\d+))?$/.exec(text) ?? [];
  if (from === undefined) throw new Problem(`expected peers by number, as in peers 3 or peers 10-20, got ${show(text)}`);
  if (Number(from) > Number(to)) throw new Problem(`expected peers from a smaller number to a larger one, got ${show(text)}`);
  if (Number(to) >= count) throw new Problem(`expected peers from 0 to ${count - 1}, because there are ${count}, got ${show(text)}`);
  return { kind: 'peers', from: Number(from), to: Number(to) };
}

/** All of them, or some by number; how many there are depends on the protocol, and one without servers is not hit. */
function servers(text: string): Group {
  if (text === '') return { kind: 'servers', from: 0, to: MOST_SERVERS - 1 };
  const [, from, to = from] = /^s?(\d+)(?:\s*-\s*s?(\d+))?$/.exec(text) ?? [];
  if (from === undefined) throw new Problem(`expected servers, or some of them by number as in server 0, got ${show(text)}`);
  if (Number(from) > Number(to)) throw new Problem(`expected servers from a smaller number to a larger one, got ${show(text)}`);
  if (Number(to) >= MOST_SERVERS) throw new Problem(`expected servers from 0 to ${MOST_SERVERS - 1}, got ${show(text)}`);
  return { kind: 'servers', from: Number(from), to: Number(to) };
}

function sitesOf(tokens: readonly Token[], places: Places, regionsFirst: boolean): number[] {
  const found = new Set<number>();
  for (const name of namesIn(tokens)) for (const site of sitesNamed(name, places, regionsFirst)) found.add(site);
  return [...found].sort((a, b) => a - b);
}

function areNames(words: readonly Token[], { sites }: Places): boolean {
  return namesIn(words).every((name) => sites.some((site) => site.name.toLowerCase() === name.toLowerCase()));
}

/** What stands between commas. */
function namesIn(tokens: readonly Token[]): string[] {
  const names: string[][] = [[]];
  for (const token of tokens) {
    if (isWord(token, ',')) names.push([]);
    else names.at(-1)!.push(token.text);
  }
  if (names.some((words) => words.length === 0))
    throw new Problem('expected names of sites or regions, as in sites london, paris; got nothing');
  return names.map((words) => words.join(' '));
}

/** The sites that are called so, or whose region is; as written, or else in capitals or small letters. */
function sitesNamed(name: string, { sites }: Places, regionsFirst: boolean): number[] {
  const keys = regionsFirst ? (['region', 'name'] as const) : (['name', 'region'] as const);
  for (const same of [(text: string) => text === name, (text: string) => text.toLowerCase() === name.toLowerCase()]) {
    for (const key of keys) {
      const found = sites.flatMap((site, index) => (site[key] !== null && site[key] !== undefined && same(site[key]) ? [index] : []));
      if (found.length > 0) return found;
    }
  }
  const names = [...new Set([...sites.flatMap(({ region }) => region ?? []), ...sites.map((site) => site.name)])];
  const there = names.length <= LISTED ? `; there is ${names.join(', ')}` : '';
  throw new Problem(`expected a site or region of the topology, got ${show(name)}${didYouMean(name, names)}${there}`);
}
