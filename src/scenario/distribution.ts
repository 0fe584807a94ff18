/**
 * Reads how long sessions and downtimes last: `never`, `exponential 10m`, `weibull shape 0.6 mean 10m`, or the same as a map,
 * `{ weibull: { shape: 0.6, mean: 10m } }`, or the name of a preset. A distribution is stated by its scale, its mean or its median; what comes out is the scale.
 */

import { z } from 'zod';
import { lognormalFromMean, paretoFromMean, weibullFromMean } from '../population/durations.js';
import type { Duration } from '../population/plan.js';
import { PRESETS, presetsWith } from '../population/presets.js';
import { didYouMean, Problem } from '../problem.js';
import { built, delegate, duration, number, section } from './fields.js';
import { formatDuration, show, unexpected } from './units.js';

const time = () => duration({ above: 0 });
const scaled = { scale: time().optional(), mean: time().optional(), median: time().optional() };

const KINDS = {
  fixed: built(section({ value: time() }), ({ value }): Duration => ({ kind: 'fixed', valueMs: value })),
  exponential: built(section({ mean: time().optional(), median: time().optional() }), ({ mean, median }): Duration => {
    onlyOne({ mean, median });
    return { kind: 'exponential', meanMs: mean ?? median! / Math.LN2 };
  }),
  weibull: built(section({ shape: number({ above: 0 }), ...scaled }), ({ shape, scale, mean, median }): Duration => {
    onlyOne({ scale, mean, median });
    if (mean !== undefined) return weibullFromMean(shape, mean);
    return { kind: 'weibull', shape, scaleMs: scale ?? median! / Math.LN2 ** (1 / shape) };
  }),
  pareto: built(section({ shape: number({ above: 0 }), ...scaled }), ({ shape, scale, mean, median }): Duration => {
    onlyOne({ scale, mean, median });
    if (mean !== undefined) return paretoFromMean(shape, mean);
    return { kind: 'pareto', shape, scaleMs: scale ?? median! / (2 ** (1 / shape) - 1) };
  }),
  lognormal: built(
    section({ sigma: number(), median: time().optional(), mean: time().optional() }),
    ({ sigma, median, mean }): Duration => {
      onlyOne({ median, mean });
      return mean !== undefined ? lognormalFromMean(sigma, mean) : { kind: 'lognormal', sigma, medianMs: median! };
    },
  ),
};
type Kind = keyof typeof KINDS;
const KIND_NAMES = Object.keys(KINDS);

/** What a lone duration behind the name stands for: `exponential 10m`. */
const MAIN_PARAMETER: Readonly<Record<string, string>> = { fixed: 'value', exponential: 'mean' };
const PARAMETER = /\b(value|mean|median|scale|shape|sigma)\b/;

/** A distribution of session times or of downtimes; null is `never`. */
export function distribution(what: 'session' | 'downtime' = 'session') {
  const presets = presetsWith(what);
  return z.unknown().transform((given, context): Duration | null => {
    if (given === 'never') return null;
    if (typeof given === 'string' && presets.includes(given)) return PRESETS[given][what];
    const complain = (message: string) => {
      context.issues.push({ code: 'custom', message, input: given });
      return z.NEVER;
    };
    const map = typeof given === 'string' ? fromWords(given) : given;
    if (typeof given === 'string' && Object.hasOwn(PRESETS, given)) {
      return complain(`expected a ${what} of your own, because for ${given} none was published; there is one for ${presets.join(', ')}`);
    }
    const expected = `never, ${presets.join(', ')}, or one of ${KIND_NAMES.join(', ')}, such as exponential 10m or { weibull: { shape: 0.6, mean: 10m } }`;
    if (typeof map !== 'object' || map === null || Array.isArray(map)) return complain(unexpected(expected, given).message);
    const entries = Object.entries(map);
    const [kind, parameters] = entries[0] ?? [];
    if (entries.length !== 1 || kind === undefined)
      return complain(unexpected(`one distribution (${KIND_NAMES.join(', ')})`, given).message);
    if (!Object.hasOwn(KINDS, kind)) return complain(unexpected(expected, kind).message + didYouMean(kind, [...KIND_NAMES, ...presets]));
    let result: Duration | null = null;
    delegate(KINDS[kind as Kind], parameters, context, [kind], (read) => {
      result = read;
    });
    const scale = scaleOf(result);
    if (scale !== null && !(scale > 0 && scale < Infinity))
      return complain(`expected a distribution with a finite scale, got ${show(given)}`);
    return result;
  });
}

/** The plan's distribution as a file would state it, exactly. */
export function writeDistribution(given: Duration | null): unknown {
  if (given === null) return 'never';
  switch (given.kind) {
    case 'fixed':
      return `fixed ${formatDuration(given.valueMs)}`;
    case 'exponential':
      return `exponential ${formatDuration(given.meanMs)}`;
    case 'lognormal':
      return { lognormal: { sigma: given.sigma, median: formatDuration(given.medianMs) } };
    default:
      return { [given.kind]: { shape: given.shape, scale: formatDuration(given.scaleMs) } };
  }
}

/** 'weibull shape 0.6 mean 10m' as { weibull: { shape: 0.6, mean: '10m' } }; null when it has no such form. */
function fromWords(words: string): unknown {
  const [kind, ...rest] = words.trim().split(/\s+/);
  const parts = rest.join(' ').split(PARAMETER);
  const parameters: Record<string, unknown> = {};
  const alone = parts.shift()!.trim();
  if (alone !== '') {
    if (!Object.hasOwn(MAIN_PARAMETER, kind)) return null;
    parameters[MAIN_PARAMETER[kind]] = alone;
  }
  for (let index = 0; index < parts.length; index += 2) {
    const value = parts[index + 1].trim();
    parameters[parts[index]] = value !== '' && !Number.isNaN(Number(value)) ? Number(value) : value;
  }
  return { [kind]: parameters };
}

function onlyOne(choices: Readonly<Record<string, number | undefined>>): void {
  const given = Object.keys(choices).filter((key) => choices[key] !== undefined);
  if (given.length === 1) return;
  throw new Problem(`expected ${Object.keys(choices).join(' or ')}, got ${given.length === 0 ? 'none of them' : given.join(' and ')}`);
}

/** The parameter in ms; null for `never`. */
function scaleOf(given: Duration | null): number | null {
  if (given === null) return null;
  if (given.kind === 'fixed') return given.valueMs;
  if (given.kind === 'exponential') return given.meanMs;
  return given.kind === 'lognormal' ? given.medianMs : given.scaleMs;
}
