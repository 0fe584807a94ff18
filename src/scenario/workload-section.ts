/** Reads and writes the section `workload`: what is asked of the overlay, `none` or one service with its load. */

import type { z } from 'zod';
import { Problem } from '../problem.js';
import { SCENARIO_DEFAULTS } from './defaults.js';
import { built, count, duration, field, frequency, number, section, share, wordsOr } from './fields.js';
import type { LocateWorkload, Scenario } from './scenario.js';
import { formatDuration, formatFrequency, formatShare, formatSize, parseSize, unexpected } from './units.js';

const DEFAULTS = SCENARIO_DEFAULTS.locate;

/** Zipf exponents past this put everything on one item. */
const STEEPEST = 10;

/** Names of one word each that no other item has, or words from a vocabulary. */
const names = wordsOr(
  (words): LocateWorkload['names'] => {
    if (words !== 'unique') throw unexpected('unique, or a map with vocabulary', words);
    return DEFAULTS.names;
  },
  section({
    vocabulary: count({ min: 1 }),
    perItem: count({ min: 1, max: 100 }).default(DEFAULTS.names.perItem),
    perQuery: count({ min: 1, max: 100 }).default(DEFAULTS.names.perQuery),
    zipf: number({ max: STEEPEST }).default(DEFAULTS.names.zipf),
  }) as z.ZodType<LocateWorkload['names']>,
);

const locate = built(
  section({
    files: count().default(DEFAULTS.files),
    zipf: number({ max: STEEPEST }).default(DEFAULTS.zipf),
    replicas: number({ above: 0 }).default(DEFAULTS.replicas),
    replicaZipf: number({ max: STEEPEST }).default(DEFAULTS.replicaZipf),
    freeRiders: share({ below: 1 }).default(DEFAULTS.freeRiders),
    sharingZipf: number({ max: STEEPEST }).default(DEFAULTS.sharingZipf),
    publishSpread: duration().default(DEFAULTS.publishSpreadMs),
    rate: frequency().optional(),
    perPeer: count({ min: 1 }).optional(),
    timeout: duration({ above: 0 }).default(DEFAULTS.timeoutMs),
    names: names.default(DEFAULTS.names),
    download: field((given) => (given === 'none' ? 0 : parseSize(given, { above: 0 }))).default(0),
  }),
  ({ rate, perPeer, publishSpread, timeout, download, ...same }): LocateWorkload => {
    if (rate !== undefined && perPeer !== undefined) throw new Problem('expected either rate or perPeer, got both');
    return {
      ...same,
      publishSpreadMs: publishSpread,
      ratePerPeerPerSecond: perPeer !== undefined ? 0 : (rate ?? DEFAULTS.ratePerPeerPerSecond),
      perPeer: perPeer ?? 0,
      timeoutMs: timeout,
      downloadBytes: download,
    };
  },
);

type Workload = Scenario['workload'];

const services = section({ locate: locate.optional() }, ['distribute', 'store', 'converse', 'compute', 'aggregate', 'collaborate']);

export const workloadSection = wordsOr(
  (words): Workload => {
    if (words !== 'none') throw unexpected('none, or a map with locate', words);
    return { locate: null };
  },
  services.transform((given): Workload => ({ locate: given.locate ?? null })) as z.ZodType<Workload>,
);

export function writeWorkload({ locate }: Workload): unknown {
  if (locate === null) return 'none';
  const load = locate.perPeer > 0 ? { perPeer: locate.perPeer } : { rate: formatFrequency(locate.ratePerPeerPerSecond) };
  return {
    locate: {
      files: locate.files,
      zipf: locate.zipf,
      replicas: locate.replicas,
      replicaZipf: locate.replicaZipf,
      freeRiders: formatShare(locate.freeRiders),
      sharingZipf: locate.sharingZipf,
      publishSpread: formatDuration(locate.publishSpreadMs),
      ...load,
      timeout: formatDuration(locate.timeoutMs),
      names: locate.names.vocabulary > 0 ? locate.names : 'unique',
      download: locate.downloadBytes > 0 ? formatSize(locate.downloadBytes) : 'none',
    },
  };
}
