/**
 * The section `sweep`: what `peerage sweep` varies and how often it repeats, when the command line does not say. A single run of the
 * scenario takes no notice of it.
 */

import { resolve } from 'node:path';
import { isProtocolFile } from '../protocol-catalog.js';
import { count, field, section } from './fields.js';
import { unexpected } from './units.js';
import { type Variation, variationOf } from './variation.js';
import { check, partOf, type Source } from './yaml-source.js';

/** More repetitions than this are a slip of the pen. */
export const MOST_REPETITIONS = 10_000;

const variedSettings = field((given): Readonly<Record<string, unknown>> => {
  if (typeof given === 'object' && given !== null && !Array.isArray(given) && Object.keys(given).length > 0)
    return given as Record<string, unknown>;
  throw unexpected('a map from settings to their values, such as { peers: [100, 1000] }', given);
});

export const sweepSection = section({
  vary: variedSettings.optional(),
  repeat: count({ min: 1, max: MOST_REPETITIONS }).optional(),
});

export interface SweepSection {
  readonly vary: readonly Variation[];
  readonly repeat: number | null;
}

/** The section of a scenario's file in `folder`; null when it has none. @throws Problem with file and line */
export function sweepOf(source: Source, folder: string): SweepSection | null {
  const part = partOf(source, ['sweep']);
  if (part.value === undefined) return null;
  const { vary = {}, repeat = null } = check(sweepSection, part);
  const variations = Object.entries(vary).map(([path, values]) => {
    const variation = { ...variationOf(path, values, part.where(['vary', path])), folder };
    if (path !== 'protocol') return variation;
    // A module of the user's own is found from the scenario's folder.
    return { ...variation, values: variation.values.map((value) => (isProtocolFile(value) ? resolve(folder, value) : value)) };
  });
  return { vary: variations, repeat };
}
