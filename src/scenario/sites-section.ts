/** Sites: where peers are, how many of them, and what all of them at one place share. */

import { z } from 'zod';
import type { Site } from '../network/topology.js';
import { didYouMean } from '../problem.js';
import { TOPOLOGY_DEFAULTS as DEFAULTS } from './defaults.js';
import { number, rate, section, share, text } from './fields.js';
import { queueBytes, queueLength } from './queues.js';
import { mustAddUp } from './shares.js';
import { formatRate, formatShare, formatSize, show, unexpected } from './units.js';
import type { Fail } from './yaml-source.js';

const site = section(
  {
    name: text(),
    weight: number({ above: 0 }).optional(),
    share: share().optional(),
    latitude: number({ min: -90, max: 90 }).optional(),
    longitude: number({ min: -180, max: 180 }).optional(),
    region: text().optional(),
    access: text().optional(),
    uplink: rate().optional(),
    downlink: rate().optional(),
    queue: queueLength().optional(),
  },
  ['nat', 'loss', 'jitter', 'discipline'],
);
type Given = z.output<typeof site>;

export const sitesSection = z
  .array(site, { error: (issue) => unexpected('a list of sites', issue.input).message })
  .min(1, 'expected at least one site')
  .optional();

/** Sites as given, or else one for each of `names`. Peers are shared among them by share, by weight, or evenly; never a mixture. */
export function resolveSites(
  given: readonly Given[] | undefined,
  names: readonly string[],
  classes: readonly string[],
  fail: Fail,
): Site[] {
  const entries: readonly Given[] = given ?? names.map((name) => ({ name }));
  const seen = new Set<string>();
  entries.forEach(({ name }, index) => {
    if (seen.has(name)) fail(['sites', index, 'name'], `expected another name, got ${JSON.stringify(name)} twice`);
    seen.add(name);
  });
  const shares = sharesOf(entries, fail);
  return entries.map((each, index) => ({
    name: each.name,
    share: shares[index],
    region: each.region ?? null,
    accessClass:
      each.access === undefined ? null : classNamed(each.access, classes, (message) => fail(['sites', index, 'access'], message)),
    ...bottleneckOf(each, (message) => fail(['sites', index, 'queue'], message)),
  }));
}

function sharesOf(entries: readonly Given[], fail: Fail): number[] {
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
  return parts.map((part) => part / total);
}

function classNamed(name: string, classes: readonly string[], fail: (message: string) => never): number {
  const index = classes.indexOf(name);
  if (index >= 0) return index;
  return fail(`no class of access link named ${show(name)}${didYouMean(name, classes)}; there is ${classes.join(', ')}`);
}

function bottleneckOf({ uplink = Infinity, downlink = Infinity, queue }: Given, fail: (message: string) => never) {
  const rates = { uplinkBitsPerSecond: uplink, downlinkBitsPerSecond: downlink };
  const slowest = uplink === Infinity ? downlink : uplink;
  if (slowest === Infinity) {
    if (queue !== undefined) fail('expected an uplink or a downlink beside the queue, because only then there is one');
    return { ...rates, queueBytes: Infinity };
  }
  return { ...rates, queueBytes: queueBytes(queue ?? { ms: DEFAULTS.sharedQueueMs }, slowest, () => fail('')) };
}

export function writeSite(given: Site, classes: readonly string[]): Record<string, unknown> {
  const { uplinkBitsPerSecond: uplink, downlinkBitsPerSecond: downlink } = given;
  return {
    name: given.name,
    share: formatShare(given.share),
    ...(given.region === null ? {} : { region: given.region }),
    ...(given.accessClass === null ? {} : { access: classes[given.accessClass] }),
    ...(uplink === Infinity ? {} : { uplink: formatRate(uplink) }),
    ...(downlink === Infinity ? {} : { downlink: formatRate(downlink) }),
    ...(uplink === Infinity && downlink === Infinity ? {} : { queue: formatSize(given.queueBytes) }),
  };
}
