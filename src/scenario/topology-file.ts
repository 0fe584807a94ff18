/**
 * Resolves a topology (YAML, latency matrix, map, places) into the `Topology` that the network uses: shares that add up, rates in bits per second,
 * and one latency for each pair of sites. The format is described in docs/topologies.md.
 */

import { z } from 'zod';
import type { Topology } from '../network/topology.js';
import { Problem } from '../problem.js';
import { accessSection, resolveClasses } from './access-section.js';
import { burstsMap } from './bursts-section.js';
import { TOPOLOGY_DEFAULTS as DEFAULTS } from './defaults.js';
import { built, duration, field, noneOr, number, oneOf, section, share, size, text, wordsOr } from './fields.js';
import { greatCircleLatencies } from './great-circle.js';
import { readLatencyMatrix } from './latency-matrix.js';
import { linksSection, resolveLinks } from './links-section.js';
import { natSection, resolveNat } from './nat-section.js';
import { mustAddUp } from './shares.js';
import { loadSites } from './site-graph/load-sites.js';
import { coordinates, generator, gml, graphml } from './site-graph/schema.js';
import { MOST_SITES, type SitePlan } from './site-graph/site-plan.js';
import { withPlan } from './site-graph/with-plan.js';
import { resolveSites, sitesSection } from './sites-section.js';
import { pointed, topologySource } from './topology-source.js';
import { parseDuration, unexpected } from './units.js';
import { check, type Fail, type Source } from './yaml-source.js';

export interface LoadedTopology {
  readonly topology: Topology;
  /** What had to be guessed or filled in, in sentences, for the user to see. */
  readonly notes: readonly string[];
}

const LATER = ['routers'];

const matrixMap = section({
  file: text(),
  unit: oneOf(['ms', 's']).optional(),
  values: oneOf(['rtt', 'one-way']).optional(),
  within: duration().default(DEFAULTS.matrixWithinMs),
});
type Matrix = z.output<typeof matrixMap>;

const latencyMap = section({
  greatCircle: section({
    stretch: number({ min: 1 }).default(DEFAULTS.greatCircle.stretch),
    spread: number({ max: 3 }).default(DEFAULTS.greatCircle.spread),
    within: duration().default(DEFAULTS.greatCircle.withinMs),
  }).optional(),
  matrix: wordsOr((file): Matrix => ({ file: String(file), within: DEFAULTS.matrixWithinMs }), matrixMap).optional(),
  rowsMs: z.array(field(readRow), { error: (issue) => unexpected('a list of rows', issue.input).message }).optional(),
  gml: gml.optional(),
  graphml: graphml.optional(),
  coordinates: coordinates.optional(),
  generate: generator.optional(),
});
type Latency = z.output<typeof latencyMap> & { readonly uniformMs?: number };

const topologySchema = section(
  {
    name: text(),
    about: text().default(''),
    source: text().default(''),
    headers: size().default(DEFAULTS.headerBytes),
    segmentHeaders: size().default(DEFAULTS.segmentHeaderBytes),
    jitter: share().default(DEFAULTS.jitter),
    loss: share({ below: 1 }).default(DEFAULTS.loss),
    bursts: noneOr(burstsMap),
    reorder: noneOr(section({ share: share({ above: 0 }), by: duration({ above: 0 }) })),
    duplicate: share().default(DEFAULTS.duplicate),
    access: accessSection,
    sites: sitesSection,
    links: linksSection,
    nat: natSection.default({}),
    latency: wordsOr((words): Latency => ({ uniformMs: parseDuration(words) }), built(latencyMap, onlyOneLatency)),
  },
  LATER,
);
type Settings = z.output<typeof topologySchema>;

/**
 * The topology of this name (topologies/<name>.yaml of the package), or of this .yaml, .tsv, .csv, .txt, .gml, .graphml or .xml file, as
 * seen from the current folder or from the folder `from`.
 */
export function loadTopology(nameOrFile: string, from: string = process.cwd()): Topology {
  return resolveTopology(topologySource(nameOrFile, from)).topology;
}

/** Checks what is written and resolves it. */
export function resolveTopology(source: Source): LoadedTopology {
  const given = check(topologySchema, source);
  const fail: Fail = (path, message) => {
    throw new Problem(`${source.where(path)}: ${message}`);
  };
  const { names, latencyMs, notes, plan } = pointed(source, ['latency', ...Object.keys(given.latency)], () => latencies(given, fail));
  const sites = resolveSites(given.sites, names, Object.keys(given.access), fail);
  const topology: Topology = {
    name: given.name,
    about: given.about,
    source: [given.source, ...notes].filter((part) => part !== '').join('; '),
    headerBytes: given.headers,
    segmentHeaderBytes: given.segmentHeaders,
    classes: resolveClasses(given.access, sites, fail),
    sites,
    latencyMs,
    jitter: given.jitter,
    loss: given.loss,
    bursts: given.bursts,
    reorder: given.reorder && { share: given.reorder.share, byMs: given.reorder.by },
    duplicate: given.duplicate,
    links: resolveLinks(given.links, names, latencyMs, fail),
    nat: resolveNat(given.nat, (shares, path) => mustAddUp(shares, path, fail), fail),
  };
  return plan ? withPlan({ topology, notes }, plan, source) : { topology, notes };
}

interface Latencies {
  readonly names: readonly string[];
  readonly latencyMs: Float64Array;
  readonly notes: readonly string[];
  /** What a map says besides. */
  readonly plan?: SitePlan;
}

function latencies(given: Settings, fail: Fail): Latencies {
  const named = given.sites?.map((each) => each.name);
  const { uniformMs, greatCircle, matrix, rowsMs } = given.latency as Latency;
  if (named && named.length > MOST_SITES) fail(['sites'], `expected at most ${MOST_SITES} sites, got ${named.length}`);
  const fits = (count: number, key: string) => {
    if (count > MOST_SITES) fail(['latency', key], `expected at most ${MOST_SITES} sites, got ${count}`);
    if (named && named.length !== count) fail(['latency', key], `expected latencies between the ${named.length} sites, got ${count} rows`);
  };
  if (matrix) {
    const read = readLatencyMatrix(matrix.file, matrix);
    const n = read.hosts.length;
    fits(n, 'matrix');
    const latencyMs = read.latencyMs.map((value, index) => (index % (n + 1) === 0 && Number.isNaN(value) ? matrix.within : value));
    return { names: named ?? read.hosts, latencyMs, notes: read.notes };
  }
  const plan = loadSites(given.latency as Latency);
  if (plan) {
    fits(plan.sites.length, Object.keys(given.latency)[0]);
    return { names: named ?? plan.sites.map(({ name }) => name), latencyMs: plan.latencyMs, notes: plan.notes, plan };
  }
  if (rowsMs) {
    fits(rowsMs.length, 'rowsMs');
    rowsMs.forEach((row, index) => {
      if (row.length !== rowsMs.length) fail(['latency', 'rowsMs', index], `expected a row of ${rowsMs.length} numbers, got ${row.length}`);
    });
    return { names: named ?? rowsMs.map((_, index) => `site-${index + 1}`), latencyMs: Float64Array.from(rowsMs.flat()), notes: [] };
  }
  if (greatCircle) {
    const places = (given.sites ?? fail(['latency'], 'expected sites with latitude and longitude, got none')).map((each, index) => {
      const { name, latitude, longitude } = each;
      if (latitude === undefined || longitude === undefined) {
        return fail(['sites', index], `expected latitude and longitude for ${name}, because latency goes by the great circle`);
      }
      return { name, latitude, longitude };
    });
    return { names: named!, latencyMs: greatCircleLatencies(places, { ...greatCircle, withinMs: greatCircle.within }), notes: [] };
  }
  const names = named ?? ['everywhere'];
  return { names, latencyMs: new Float64Array(names.length ** 2).fill(uniformMs!), notes: [] };
}

/** One row of latencies in ms: a list, or text with blanks between the numbers. */
function readRow(given: unknown): number[] {
  const cells = typeof given === 'string' ? given.trim().split(/\s+/).map(Number) : Array.isArray(given) ? given : [given];
  for (const cell of cells) {
    if (typeof cell !== 'number' || !(cell >= 0 && cell < Infinity)) throw unexpected('a row of latencies in ms, each at least 0', given);
  }
  return cells;
}

function onlyOneLatency(given: z.output<typeof latencyMap>): Latency {
  const keys = Object.keys(given);
  if (keys.length === 1) return given;
  const all = Object.keys(latencyMap.shape);
  const there = `${all.slice(0, -1).join(', ')} or ${all.at(-1)}`;
  throw new Problem(`expected either ${there}, got ${keys.length === 0 ? 'none of them' : keys.join(' and ')}`);
}
