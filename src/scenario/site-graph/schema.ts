/** How `latency` names a map, a list of places or a model: the settings of each with their defaults, checked. */

import { z } from 'zod';
import { Problem } from '../../problem.js';
import { TOPOLOGY_DEFAULTS as DEFAULTS } from '../defaults.js';
import { count, delegate, duration, field, number, oneOf, section, share, text, wordsOr } from '../fields.js';
import { unexpected } from '../units.js';
import { MODELS, type Model } from './generate.js';
import { MOST_SITES } from './site-plan.js';

const yesOrNo = () =>
  field((given): boolean => {
    if (typeof given !== 'boolean') throw unexpected('true or false', given);
    return given;
  });

const gmlMap = section({
  file: text(),
  useShortestPath: yesOrNo().default(DEFAULTS.gml.useShortestPath),
  within: duration().default(DEFAULTS.gml.withinMs),
});
const graphmlMap = section({
  file: text(),
  stretch: number({ min: 1 }).default(DEFAULTS.graphml.stretch),
  within: duration().default(DEFAULTS.graphml.withinMs),
  unplaced: duration({ above: 0 }).default(DEFAULTS.graphml.unplacedMs),
  linkSpeeds: yesOrNo().default(DEFAULTS.graphml.linkSpeeds),
});
const coordinatesMap = section({
  file: text(),
  stretch: number({ min: 1 }).default(DEFAULTS.greatCircle.stretch),
  spread: number({ max: 3 }).default(DEFAULTS.greatCircle.spread),
  within: duration().default(DEFAULTS.greatCircle.withinMs),
});

/** A file's name alone stands for a map with nothing but that. */
const orFile = <T extends z.ZodType>(map: T) => wordsOr((file): z.output<T> => map.parse({ file }), map as z.ZodType<z.output<T>>);

export const gml = orFile(gmlMap);
export const graphml = orFile(graphmlMap);
export const coordinates = orFile(coordinatesMap);
export type GmlSettings = z.output<typeof gmlMap>;
export type GraphmlSettings = z.output<typeof graphmlMap>;
export type CoordinatesSettings = z.output<typeof coordinatesMap>;

const D = DEFAULTS.generate;
const common = {
  sites: count({ min: 1, max: MOST_SITES }).default(D.sites),
  seed: count().default(D.seed),
  within: duration().default(D.withinMs),
};
const spread = number({ max: 3 }).default(D.spread);
const drawn = { latency: duration({ above: 0 }).default(D.latencyMs), spread };
const plane = { side: duration({ above: 0 }).default(D.sideMs) };

/** The settings of each model besides `model`, `sites`, `seed` and `within`. */
const PARAMETERS = {
  'transit-stub': {
    transitDomains: count({ min: 1, max: 100 }).default(D.transitStub.transitDomains),
    transitRouters: count({ min: 1, max: 100 }).default(D.transitStub.transitRouters),
    stubsPerRouter: count({ min: 1, max: 100 }).default(D.transitStub.stubsPerRouter),
    transitLinks: share().default(D.transitStub.transitLinks),
    stubLinks: share().default(D.transitStub.stubLinks),
    backbone: duration({ above: 0 }).default(D.transitStub.backboneMs),
    transit: duration({ above: 0 }).default(D.transitStub.transitMs),
    access: duration({ above: 0 }).default(D.transitStub.accessMs),
    stub: duration({ above: 0 }).default(D.transitStub.stubMs),
    spread,
  },
  'barabasi-albert': { links: count({ min: 1, max: 100 }).default(D.links), ...drawn },
  'watts-strogatz': { neighbours: field(readNeighbours).default(D.neighbours), rewire: share().default(D.rewire), ...drawn },
  'random-geometric': { radius: number({ above: 0, max: 2 }).default(D.radius), ...plane },
  waxman: { alpha: number({ above: 0, max: 1 }).default(D.alpha), beta: number({ above: 0 }).default(D.beta), ...plane },
} as const satisfies Record<Model['model'], z.ZodRawShape>;

const SECTIONS = Object.fromEntries(
  MODELS.map((model) => [model, section({ model: oneOf(MODELS), ...common, ...PARAMETERS[model] } as z.ZodRawShape)]),
);

export interface GenerateSettings {
  readonly model: Model;
  readonly seed: number;
  readonly withinMs: number;
}

/** Settings whose names carry no unit in a file, and do in `Model`. */
const IN_MS = ['latency', 'side', 'backbone', 'transit', 'access', 'stub'];

export const generator = z.unknown().transform((given, context): GenerateSettings => {
  let settings = z.NEVER as GenerateSettings;
  const named = typeof given === 'object' && given !== null && !Array.isArray(given) ? given : {};
  const take = (model: Model['model']) =>
    delegate(SECTIONS[model], given, context, [], ({ seed, within, ...rest }) => {
      const entries = Object.entries(rest).map(([key, value]) => [IN_MS.includes(key) ? `${key}Ms` : key, value]);
      settings = { model: Object.fromEntries(entries) as Model, seed: seed as number, withinMs: within as number };
    });
  if (named !== given) context.issues.push({ code: 'custom', message: unexpected('a map with a model', given).message, input: given });
  else delegate(oneOf(MODELS), (given as { model?: unknown }).model, context, ['model'], take);
  return settings;
});

function readNeighbours(given: unknown): number {
  if (typeof given === 'number' && Number.isInteger(given) && given >= 2 && given % 2 === 0) return given;
  throw new Problem(unexpected('an even whole number of at least 2', given).message);
}
