/** Classes of access links. A class has a share of the peers, or sites whose peers all have it. */

import type { z } from 'zod';
import type { AccessClass, Site } from '../network/topology.js';
import { TOPOLOGY_DEFAULTS as DEFAULTS } from './defaults.js';
import { duration, mapOf, rate, section, share } from './fields.js';
import { discipline, queueBytes, queueLength } from './queues.js';
import { mustAddUp } from './shares.js';
import type { Fail } from './yaml-source.js';

const access = section(
  {
    share: share().optional(),
    uplink: rate().default(DEFAULTS.access.bitsPerSecond),
    downlink: rate().default(DEFAULTS.access.bitsPerSecond),
    queue: queueLength().default({ bytes: DEFAULTS.access.queueBytes }),
    discipline: discipline().default({ kind: 'drop-tail' }),
    latency: duration().default(DEFAULTS.access.latencyMs),
  },
  ['nat', 'loss', 'jitter', 'port', 'firewall'],
);

/** Without any, there is one class without limits. */
export const accessSection = mapOf(access, 'a class of access link')
  .default({})
  .transform((given) => (Object.keys(given).length > 0 ? given : { unlimited: access.parse({}) }));
type Given = z.output<typeof accessSection>;

export function resolveClasses(given: Given, sites: readonly Site[], fail: Fail): AccessClass[] {
  const entries = Object.entries(given);
  if (entries.length > 256) fail(['access'], `expected at most 256 classes, got ${entries.length}`);
  const shares = sharesOf(given, sites, fail);
  return entries.map(([name, { uplink, downlink, queue, discipline, latency }], index) => ({
    name,
    share: shares[index],
    uplinkBitsPerSecond: uplink,
    downlinkBitsPerSecond: downlink,
    queueBytes: queueBytes(queue, uplink, () =>
      fail(['access', name, 'queue'], 'expected a size, got a duration, which needs a limited uplink'),
    ),
    discipline,
    latencyMs: latency,
  }));
}

/** A class without a share of its own has the peers of the sites that name it. */
function sharesOf(given: Given, sites: readonly Site[], fail: Fail): number[] {
  const entries = Object.entries(given);
  const isNamed = (index: number) => sites.some(({ accessClass }) => accessClass === index);
  const none = (name: string) => fail(['access', name], 'expected a share of the peers, got none');
  if (sites.every(({ accessClass }) => accessClass !== null) && entries.every(([, each]) => each.share === undefined)) {
    return entries.map(([name], index) => {
      if (!isNamed(index)) none(name);
      return sites.reduce((sum, site) => (site.accessClass === index ? sum + site.share : sum), 0);
    });
  }
  const shares = entries.map(([name, each], index) => each.share ?? (entries.length === 1 ? 1 : isNamed(index) ? 0 : none(name)));
  mustAddUp(shares, ['access'], fail);
  return shares;
}
