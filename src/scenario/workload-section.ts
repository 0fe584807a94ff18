/** Reads and writes the section `workload`: what is asked of the overlay, `none` or one service with its load. */

import type { z } from 'zod';
import { Problem } from '../problem.js';
import { SCENARIO_DEFAULTS } from './defaults.js';
import { built, count, duration, field, frequency, number, section, share, wordsOr } from './fields.js';
import { writeQueries } from './query-file.js';
import { type QueryReference, queryTrace } from './query-section.js';
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

/** The section as read: what a trace says, and how many files it takes, is still to be put in (`workload-source.ts`). */
export interface LocateSettings extends Omit<LocateWorkload, 'files' | 'trace'> {
  readonly files: number | undefined;
  readonly trace: QueryReference | null;
}

const locate = built(
  section({
    files: count().optional(),
    zipf: number({ max: STEEPEST }).default(DEFAULTS.zipf),
    replicas: number({ above: 0 }).default(DEFAULTS.replicas),
    replicaZipf: number({ max: STEEPEST }).default(DEFAULTS.replicaZipf),
    freeRiders: share({ below: 1 }).default(DEFAULTS.freeRiders),
    sharingZipf: number({ max: STEEPEST }).default(DEFAULTS.sharingZipf),
    publishSpread: duration().default(DEFAULTS.publishSpreadMs),
    rate: frequency().optional(),
    perPeer: count({ min: 1 }).optional(),
    trace: queryTrace.optional(),
    timeout: duration({ above: 0 }).default(DEFAULTS.timeoutMs),
    names: names.default(DEFAULTS.names),
    download: field((given) => (given === 'none' ? 0 : parseSize(given, { above: 0 }))).default(0),
  }),
  ({ files, rate, perPeer, trace, publishSpread, timeout, download, ...same }): LocateSettings => {
    if (rate !== undefined && perPeer !== undefined) throw new Problem('expected either rate or perPeer, got both');
    const law = rate !== undefined ? 'rate' : perPeer !== undefined ? 'perPeer' : null;
    if (trace !== undefined && law !== null) throw new Problem(`expected no ${law} beside a trace, which says who asks when`);
    return {
      ...same,
      files,
      publishSpreadMs: publishSpread,
      ratePerPeerPerSecond: perPeer !== undefined || trace !== undefined ? 0 : (rate ?? DEFAULTS.ratePerPeerPerSecond),
      perPeer: perPeer ?? 0,
      trace: trace ?? null,
      timeoutMs: timeout,
      downloadBytes: download,
    };
  },
);

type Workload = Scenario['workload'];

export interface WorkloadSettings {
  readonly locate: LocateSettings | null;
}

const services = section({ locate: locate.optional() }, ['distribute', 'store', 'converse', 'compute', 'aggregate', 'collaborate']);

export const workloadSection = wordsOr(
  (words): WorkloadSettings => {
    if (words !== 'none') throw unexpected('none, or a map with locate', words);
    return { locate: null };
  },
  services.transform((given): WorkloadSettings => ({ locate: given.locate ?? null })) as z.ZodType<WorkloadSettings>,
);

export function writeWorkload({ locate }: Workload): unknown {
  if (locate === null) return 'none';
  return {
    locate: {
      files: locate.files,
      zipf: locate.zipf,
      replicas: locate.replicas,
      replicaZipf: locate.replicaZipf,
      freeRiders: formatShare(locate.freeRiders),
      sharingZipf: locate.sharingZipf,
      publishSpread: formatDuration(locate.publishSpreadMs),
      ...writeLaw(locate),
      timeout: formatDuration(locate.timeoutMs),
      names: locate.names.vocabulary > 0 ? locate.names : 'unique',
      download: locate.downloadBytes > 0 ? formatSize(locate.downloadBytes) : 'none',
    },
  };
}

/** How queries arrive. */
function writeLaw({ perPeer, trace, ratePerPeerPerSecond }: LocateWorkload): Record<string, unknown> {
  if (trace !== null) return { trace: { table: writeQueries(trace) } };
  return perPeer > 0 ? { perPeer } : { rate: formatFrequency(ratePerPeerPerSecond) };
}
