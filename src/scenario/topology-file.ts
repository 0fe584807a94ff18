/**
 * Resolves a topology (YAML or latency matrix) into the `Topology` that the network uses: shares that add up, rates in bits per second,
 * and one latency for each pair of sites. The format is described in docs/topologies.md.
 */

import { z } from 'zod';
import type { AccessClass, Site, Topology } from '../network/topology.js';
import { Problem } from '../problem.js';
import { TOPOLOGY_DEFAULTS as DEFAULTS } from './defaults.js';
import { built, duration, field, mapOf, number, oneOf, rate, section, share, size, text, wordsOr } from './fields.js';
import { greatCircleLatencies } from './great-circle.js';
import { readLatencyMatrix } from './latency-matrix.js';
import { pointed, topologySource } from './topology-source.js';
import { formatShare, isUnlimited, parseDuration, parseSize, unexpected } from './units.js';
import { check, type Source } from './yaml-source.js';

export interface LoadedTopology {
  readonly topology: Topology;
  /** What had to be guessed or filled in, in sentences, for the user to see. */
  readonly notes: readonly string[];
}

/** Sites are held as a full matrix: 5,000 of them are 200 MB. */
const MOST_SITES = 5000;
/** Shares may miss 100% by this much, the rounding of decimals. */
const SHARE_TOLERANCE = 1e-6;

const LATER = ['nat', 'faults', 'connections', 'transport', 'partitions', 'gml', 'graphml', 'links', 'routers', 'asymmetry', 'bandwidth'];

const access = section(
  {
    share: share({ above: 0 }).optional(),
    uplink: rate().default(DEFAULTS.access.bitsPerSecond),
    downlink: rate().default(DEFAULTS.access.bitsPerSecond),
    queue: field(readQueue).default({ bytes: DEFAULTS.access.queueBytes }),
    latency: duration().default(DEFAULTS.access.latencyMs),
  },
  ['nat', 'loss', 'jitter', 'port', 'firewall', 'discipline'],
);

const site = section(
  {
    name: text(),
    weight: number({ above: 0 }).optional(),
    share: share().optional(),
    latitude: number({ min: -90, max: 90 }).optional(),
    longitude: number({ min: -180, max: 180 }).optional(),
  },
  ['nat', 'loss', 'jitter', 'access'],
);

const matrixMap = section({
  file: text(),
  unit: oneOf(['ms', 's']).optional(),
  values: oneOf(['rtt', 'one-way']).optional(),
  within: duration().default(DEFAULTS.matrixWithinMs),
});
type Matrix = z.output<typeof matrixMap>;

const latencyMap = section(
  {
    greatCircle: section({
      stretch: number({ min: 1 }).default(DEFAULTS.greatCircle.stretch),
      spread: number({ max: 3 }).default(DEFAULTS.greatCircle.spread),
      within: duration().default(DEFAULTS.greatCircle.withinMs),
    }).optional(),
    matrix: wordsOr((file): Matrix => ({ file: String(file), within: DEFAULTS.matrixWithinMs }), matrixMap).optional(),
    rowsMs: z.array(field(readRow), { error: (issue) => unexpected('a list of rows', issue.input).message }).optional(),
  },
  ['gml', 'graphml', 'coordinates'],
);
type Latency = z.output<typeof latencyMap> & { readonly uniformMs?: number };

const topologySchema = section(
  {
    name: text(),
    about: text().default(''),
    source: text().default(''),
    headers: size().default(DEFAULTS.headerBytes),
    jitter: share().default(DEFAULTS.jitter),
    loss: share({ below: 1 }).default(DEFAULTS.loss),
    access: mapOf(access, 'a class of access link').default({}),
    sites: z
      .array(site, { error: (issue) => unexpected('a list of sites', issue.input).message })
      .min(1, 'expected at least one site')
      .optional(),
    latency: wordsOr((words): Latency => ({ uniformMs: parseDuration(words) }), built(latencyMap, onlyOneLatency)),
  },
  LATER,
);
type Settings = z.output<typeof topologySchema>;

/**
 * The topology of this name (topologies/<name>.yaml of the package), or of this .yaml, .tsv, .csv or .txt file, as seen from the
 * current folder or from the folder `from`.
 */
export function loadTopology(nameOrFile: string, from: string = process.cwd()): Topology {
  return resolveTopology(topologySource(nameOrFile, from)).topology;
}

/** Checks what is written and resolves it. */
export function resolveTopology(source: Source): LoadedTopology {
  const given = check(topologySchema, source);
  const fail = (path: (string | number)[], message: string): never => {
    throw new Problem(`${source.where(path)}: ${message}`);
  };
  const { names, latencyMs, notes } = pointed(source, ['latency', 'matrix'], () => latencies(given, fail));
  const topology: Topology = {
    name: given.name,
    about: given.about,
    source: [given.source, ...notes].filter((part) => part !== '').join('; '),
    headerBytes: given.headers,
    classes: classes(given, fail),
    sites: sites(given, names, fail),
    latencyMs,
    jitter: given.jitter,
    loss: given.loss,
  };
  return { topology, notes };
}

type Fail = (path: (string | number)[], message: string) => never;

function latencies(given: Settings, fail: Fail): { names: readonly string[]; latencyMs: Float64Array; notes: readonly string[] } {
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

function classes(given: Settings, fail: Fail): AccessClass[] {
  const entries = Object.entries(given.access);
  if (entries.length === 0) entries.push(['unlimited', { ...check(access, { value: {}, where: () => '' }) }]);
  if (entries.length > 256) fail(['access'], `expected at most 256 classes, got ${entries.length}`);
  const shares = entries.map(([name, each]) => {
    return each.share ?? (entries.length === 1 ? 1 : fail(['access', name], 'expected a share of the peers, got none'));
  });
  mustAddUp(shares, ['access'], fail);
  return entries.map(([name, { uplink, downlink, queue, latency }], index) => ({
    name,
    share: shares[index],
    uplinkBitsPerSecond: uplink,
    downlinkBitsPerSecond: downlink,
    queueBytes:
      'bytes' in queue
        ? queue.bytes
        : queueOf(queue.ms, uplink, () => fail(['access', name, 'queue'], 'expected a size, got a duration, which needs a limited uplink')),
    latencyMs: latency,
  }));
}

function queueOf(ms: number, bitsPerSecond: number, fail: () => never): number {
  return bitsPerSecond === Infinity ? fail() : Math.round((ms * bitsPerSecond) / 8000);
}

/** By share, by weight, or evenly; never a mixture. */
function sites(given: Settings, names: readonly string[], fail: Fail): Site[] {
  const entries = given.sites ?? names.map((name) => ({ name, weight: 1, share: undefined }));
  const seen = new Set<string>();
  entries.forEach(({ name }, index) => {
    if (seen.has(name)) fail(['sites', index, 'name'], `expected another name, got ${JSON.stringify(name)} twice`);
    seen.add(name);
  });
  const byShare = entries.some((each) => each.share !== undefined);
  const byWeight = entries.some((each) => each.weight !== undefined);
  if (byShare && byWeight) fail(['sites'], 'expected either a share or a weight for each site, got both');
  const parts = entries.map((each, index) => {
    return (
      (byShare ? each.share : byWeight ? each.weight : 1) ??
      fail(['sites', index], `expected a ${byShare ? 'share' : 'weight'} as the other sites have, got none`)
    );
  });
  if (byShare) mustAddUp(parts, ['sites'], fail);
  const total = byShare ? 1 : parts.reduce((sum, part) => sum + part, 0);
  return entries.map(({ name }, index) => ({ name, share: parts[index] / total }));
}

function mustAddUp(shares: readonly number[], path: string[], fail: Fail): void {
  const sum = shares.reduce((total, each) => total + each, 0);
  if (Math.abs(sum - 1) > SHARE_TOLERANCE)
    fail(path, `expected shares that add up to 100%, got ${formatShare(Number(sum.toPrecision(6)))}`);
}

/** A queue is a size, or the time that the uplink takes to empty it. */
function readQueue(given: unknown): { bytes: number } | { ms: number } {
  if (isUnlimited(given)) return { bytes: Number.POSITIVE_INFINITY };
  for (const read of [() => ({ bytes: parseSize(given, { above: 0 }) }), () => ({ ms: parseDuration(given, { above: 0 }) })]) {
    try {
      return read();
    } catch {}
  }
  throw unexpected('a size such as 64 KiB, a time of the uplink such as 200ms, or unlimited', given);
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
  throw new Problem(`expected either greatCircle, matrix or rowsMs, got ${keys.length === 0 ? 'none of them' : keys.join(' and ')}`);
}
