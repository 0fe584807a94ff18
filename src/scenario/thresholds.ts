/**
 * Thresholds as a scenario states them: a map from a path into the summary to a bound, `locate.success: '>= 0.95'`, or a list of bounds.
 * A map inside the map is a longer path, so that `--set measures.thresholds.locate.success=...` means the same.
 */

import { z } from 'zod';
import { Problem } from '../problem.js';
import { field } from './fields.js';
import type { Threshold } from './scenario.js';
import { parseShare, unexpected } from './units.js';

const BOUND = /^\s*(>=|<=|==|>|<)\s*(\S.*?)\s*$/;

export const thresholdsSection = z.unknown().transform((given, context): readonly Threshold[] => {
  const result: Threshold[] = [];
  const complain = (path: (string | number)[], message: string) => context.issues.push({ code: 'custom', message, input: given, path });
  const read = (part: unknown, keys: readonly string[]): void => {
    if (typeof part === 'object' && part !== null && !Array.isArray(part)) {
      for (const [key, value] of Object.entries(part)) {
        if (/^[A-Za-z]/.test(key)) read(value, [...keys, key]);
        else complain([...keys, key], unexpected('the path of a figure in the summary, such as locate.success', key).message);
      }
      return;
    }
    if (keys.length === 0) complain([], unexpected("a map such as { locate.success: '>= 0.95' }", part).message);
    for (const bound of keys.length === 0 ? [] : Array.isArray(part) ? part : [part]) {
      const threshold = field((text) => readThreshold(keys.join('.'), text)).safeParse(bound);
      if (threshold.success) result.push(threshold.data);
      else complain([...keys], threshold.error.issues[0].message);
    }
  };
  read(given, []);
  return result;
});

function readThreshold(metric: string, bound: unknown): Threshold {
  const [, condition, amount] = BOUND.exec(typeof bound === 'string' ? bound : '') ?? [];
  if (condition === undefined) throw unexpected("a bound such as '>= 0.95' (with >=, >, <=, < or ==)", bound);
  const value = amount.endsWith('%') ? parseShare(amount, { min: -Infinity, max: Infinity }) : Number(amount);
  if (!Number.isFinite(value)) throw new Problem(unexpected(`a number after ${condition}`, amount).message);
  return { metric, condition: condition as Threshold['condition'], value };
}

export function writeThresholds(thresholds: readonly Threshold[]): Record<string, string | string[]> {
  const result: Record<string, string | string[]> = {};
  for (const { metric, condition, value } of thresholds) {
    const bound = `${condition} ${value}`;
    result[metric] = Object.hasOwn(result, metric) ? [result[metric], bound].flat() : bound;
  }
  return result;
}
