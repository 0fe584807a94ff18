/** `--vary <path=value,value,...>`: the same comparison for each value of one setting. */

import { Problem } from '../problem.js';

export interface Variation {
  readonly path: string;
  readonly values: readonly string[];
}

/** @throws Problem when it is not understood */
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
  const twice = values.find((value, index) => values.indexOf(value) !== index);
  if (twice !== undefined) throw new Problem(`--vary "${given}": expected different values, got "${twice}" twice`, 'usage');
  return { path, values };
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
