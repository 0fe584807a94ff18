/** What a sweep or a comparison varies: a setting and its values, each said as for `--set`, or as a range of them. */

import { Problem } from '../problem.js';
import { expandRange, isRange } from './ranges.js';
import { show, unexpected } from './units.js';

export interface Variation {
  /** As in --set: `peers`, `protocol`, `population.session.mean`. */
  readonly path: string;
  readonly values: readonly string[];
  /** Where it was said, to begin a message about it: `--vary peers`. */
  readonly label: string;
  /** From where files that it names are looked for; not given: from the current folder. */
  readonly folder?: string;
}

/** `path=value,value,...`, from the command line. @throws Problem when it is not understood */
export function parseVary(given: string): Variation {
  const at = given.indexOf('=');
  const path = given.slice(0, Math.max(at, 0)).trim();
  const values = splitOutside(given.slice(at + 1)).map((value) => value.trim());
  if (at < 0 || path === '' || values.some((value) => value === '')) {
    throw new Problem(
      `--vary "${given}": expected path=value,value,... as in peers=100,1000 or population.session=never,exponential 30m`,
      'usage',
    );
  }
  return variation(path, values, `--vary ${path}`, 'usage');
}

/** The values of one setting from a file or a program: a list, or a text as after `--vary path=`. @throws Problem */
export function variationOf(path: string, given: unknown, label: string): Variation {
  const listed = Array.isArray(given) ? given.map(textOf) : splitOutside(textOf(given)).map((value) => value.trim());
  if (listed.length === 0 || listed.some((value) => value === ''))
    throw new Problem(`${label}: ${unexpected('a list of values, or a range such as 100..100000:x10', given).message}`);
  return variation(path, listed, label);
}

/** As `--set path=...` would have it; a map or a list is YAML as JSON writes it. */
function textOf(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function variation(path: string, said: readonly string[], label: string, kind: 'usage' | 'invalid-input' = 'invalid-input'): Variation {
  let values: string[];
  try {
    values = said.flatMap((value) => (isRange(value) ? expandRange(value) : [value]));
  } catch (error) {
    if (error instanceof Problem) throw new Problem(`${label}: ${error.message}`, kind);
    throw error;
  }
  const seen = new Set<string>();
  const twice = values.find((value) => seen.size === seen.add(value).size);
  if (twice !== undefined) throw new Problem(`${label}: expected different values, got ${show(twice)} twice`, kind);
  return { path, values, label };
}

/** At commas, but not at those within brackets: `[a, b],[c]` are two values. */
function splitOutside(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let part = '';
  for (const sign of text) {
    if (sign === '[' || sign === '{') depth++;
    if (sign === ']' || sign === '}') depth--;
    if (sign === ',' && depth === 0) {
      parts.push(part);
      part = '';
    } else part += sign;
  }
  return [...parts, part];
}
