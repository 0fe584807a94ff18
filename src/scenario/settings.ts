/**
 * A protocol's settings: what a scenario or `--set` gives, checked against what the protocol's definition declares, every default
 * filled in.
 */

import { didYouMean, Problem } from '../problem.js';
import type { Setting, SettingSpecs, SettingValue } from '../protocol.js';
import { parseDuration, show, unexpected } from './units.js';

/**
 * Every declared setting with its value, in the order of declaration. `where` begins a message about one setting (file:line:column and
 * path, or '--set path').
 */
export function resolveSettings(
  specs: SettingSpecs,
  given: Readonly<Record<string, unknown>>,
  where: (setting: string) => string,
): Record<string, SettingValue> {
  const names = Object.keys(specs);
  for (const name of Object.keys(given)) {
    if (Object.hasOwn(specs, name)) continue;
    const there = names.length === 0 ? 'it has none' : `there is ${names.join(', ')}`;
    throw new Problem(`${where(name)}: the protocol has no setting ${show(name)}${didYouMean(name, names)}; ${there}`);
  }
  const resolved: Record<string, SettingValue> = {};
  for (const [name, spec] of Object.entries(specs)) {
    if (!Object.hasOwn(given, name)) {
      resolved[name] = spec.default;
      continue;
    }
    try {
      resolved[name] = readSetting(name, spec, given[name]);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      throw new Problem(`${where(name)}: ${error.message} (${spec.about})`);
    }
  }
  return resolved;
}

function readSetting(name: string, spec: Setting, given: unknown): SettingValue {
  if (Array.isArray(spec.default)) {
    if (!Array.isArray(given)) throw unexpected('a list of numbers', given);
    return given.map((each) => readNumber(name, spec, each));
  }
  if (typeof spec.default === 'number') return readNumber(name, spec, given);
  if (typeof spec.default === 'boolean') {
    if (typeof given !== 'boolean') throw unexpected('true or false', given);
    return given;
  }
  if (spec.oneOf && !spec.oneOf.some((each) => each === given)) {
    throw new Problem(unexpected(spec.oneOf.join(' or '), given).message + didYouMean(String(given), spec.oneOf));
  }
  if (typeof given !== 'string') throw unexpected('text', given);
  return given;
}

function readNumber(name: string, spec: Setting, given: unknown): number {
  const { min = -Infinity, max = Infinity, integer } = spec;
  const isTime = name.endsWith('Ms');
  const value = isTime && typeof given === 'string' ? parseDuration(given, { min: -Infinity }) : given;
  if (typeof value === 'number' && value >= min && value <= max && (!integer || Number.isInteger(value)) && Number.isFinite(value))
    return value + 0;
  const kind = integer ? 'a whole number' : 'a number';
  const range = [
    min > -Infinity ? ` of at least ${min}` : '',
    max < Infinity ? `${min > -Infinity ? ' and' : ' of'} at most ${max}` : '',
  ].join('');
  throw unexpected(`${kind}${isTime ? ' of ms (or a duration such as 30s)' : ''}${range}`, given);
}
