/**
 * The building blocks of the schemas: zod fields that read a quantity with its unit, and maps that know their keys, so that a misspelt
 * one is named with the nearest, and one that belongs to a later version is refused as such.
 */

import { z } from 'zod';
import { didYouMean, Problem } from '../problem.js';
import {
  type Bound,
  parseCount,
  parseDuration,
  parseFrequency,
  parseNumber,
  parseRate,
  parseShare,
  parseSize,
  show,
  unexpected,
} from './units.js';

/** What `build` makes of a schema's output; the Problem it throws when that cannot be is the complaint. */
export function built<S extends z.ZodType, T>(schema: S, build: (value: z.output<S>) => T) {
  return schema.transform((value, context): T => {
    try {
      return build(value);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      context.issues.push({ code: 'custom', message: error.message, input: value });
      return z.NEVER;
    }
  });
}

/** A field read by a function that throws a Problem when the value is wrong. */
export function field<T>(read: (given: unknown) => T) {
  return built(z.unknown(), read);
}

export const duration = (bound?: Bound) => field((given) => parseDuration(given, bound));
export const rate = () => field((given) => parseRate(given));
export const size = (bound?: Bound) => field((given) => parseSize(given, bound));
export const share = (bound?: Bound) => field((given) => parseShare(given, bound));
export const frequency = (bound?: Bound) => field((given) => parseFrequency(given, bound));
export const count = (bound?: Bound) => field((given) => parseCount(given, bound));
export const number = (bound?: Bound) => field((given) => parseNumber(given, bound));

export const text = () =>
  field((given) => {
    if (typeof given !== 'string') throw unexpected('text', given);
    return given;
  });

export const oneOf = <const T extends string>(values: readonly T[]) =>
  field((given): T => {
    const found = values.find((value) => value === given);
    if (found === undefined) throw new Problem(unexpected(values.join(' or '), given).message + didYouMean(String(given), values));
    return found;
  });

export const flag = () =>
  field((given) => {
    if (typeof given !== 'boolean') throw unexpected('true or false', given);
    return given;
  });

/** A name that can be part of a file name and of a `--set` path's value. */
export const name = () =>
  field((given) => {
    if (typeof given !== 'string' || !/^[A-Za-z0-9][\w.() -]*$/.test(given)) {
      throw unexpected('a name of letters, digits, dots, dashes and underscores', given);
    }
    return given;
  });

/** A map with these keys and no others. `later`: keys that a later version will have. */
export function section<S extends z.ZodRawShape>(shape: S, later: readonly string[] = []) {
  const keys = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) => {
      if (issue.code !== 'unrecognized_keys') return unexpected(`a map with ${keys.join(', ')}`, issue.input).message;
      return unknownKey(issue.keys[0], keys, later);
    },
  });
}

/** A map from names (a letter first, so that their order is the order they are written in) to values of one kind. */
export function mapOf<T extends z.ZodType>(value: T, what: string) {
  return z.unknown().transform((given, context): Record<string, z.output<T>> => {
    const result: Record<string, z.output<T>> = {};
    if (typeof given !== 'object' || given === null || Array.isArray(given)) {
      context.issues.push({ code: 'custom', message: unexpected(`a map from ${what} to its settings`, given).message, input: given });
      return z.NEVER;
    }
    for (const [key, part] of Object.entries(given)) {
      if (!/^[A-Za-z]/.test(key)) {
        const message = unexpected(`${what} that begins with a letter`, key).message;
        context.issues.push({ code: 'custom', message, input: given, path: [key] });
      } else delegate(value, part, context, [key], (read) => Object.assign(result, { [key]: read }));
    }
    return result;
  });
}

/** A map is read by a schema, anything else (text, a lone 0, nothing) by a function of the same result. */
export function wordsOr<T>(read: (words: unknown) => T, map: z.ZodType<T>) {
  return z.unknown().transform((given, context): T => {
    let result = z.NEVER as T;
    delegate(typeof given === 'object' && given !== null ? map : field(read), given, context, [], (value) => {
      result = value;
    });
    return result;
  });
}

/** What a map says, or null for `none`, which is the default. */
export function noneOr<T>(map: z.ZodType<T>) {
  return wordsOr<T | null>((words) => {
    if (words === 'none') return null;
    throw unexpected('none or a map', words);
  }, map).default(null);
}

/** Reads a part with another schema, its complaints added to those of the whole. */
export function delegate<T extends z.ZodType>(
  schema: T,
  given: unknown,
  context: z.core.ParsePayload,
  path: (string | number)[],
  use: (value: z.output<T>) => void,
): void {
  const result = schema.safeParse(given);
  if (result.success) use(result.data);
  else
    for (const issue of result.error.issues)
      context.issues.push({ ...issue, path: [...path, ...issue.path], input: given } as z.core.$ZodRawIssue);
}

export function unknownKey(key: string, keys: readonly string[], later: readonly string[] = []): string {
  if (later.includes(key)) return 'not supported yet';
  return `unknown setting ${show(key)}${didYouMean(key, keys)}; there is ${keys.join(', ')}`;
}
