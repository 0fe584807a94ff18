/**
 * Links between two sites that differ from the topology's rule: `between` both ways, or `from` one `to` the other. A latency goes into
 * the matrix; the rest becomes a `LinkOverride` for each direction.
 */

import { z } from 'zod';
import type { LinkOverride } from '../network/topology.js';
import { didYouMean } from '../problem.js';
import { TOPOLOGY_DEFAULTS as DEFAULTS } from './defaults.js';
import { duration, field, rate, section, share, text } from './fields.js';
import { queueBytes, queueLength } from './queues.js';
import { formatRate, formatShare, formatSize, show, unexpected } from './units.js';
import type { Fail } from './yaml-source.js';

const pair = field((given): [string, string] => {
  if (!Array.isArray(given) || given.length !== 2 || !given.every((each) => typeof each === 'string')) {
    throw unexpected('the names of two sites, such as [London, Tokyo]', given);
  }
  return given as [string, string];
});

const link = section({
  between: pair.optional(),
  from: text().optional(),
  to: text().optional(),
  latency: duration().optional(),
  bandwidth: rate().optional(),
  queue: queueLength().optional(),
  loss: share({ below: 1 }).optional(),
  jitter: share().optional(),
});
type Link = z.output<typeof link>;

export const linksSection = z.array(link, { error: (issue) => unexpected('a list of links', issue.input).message }).default([]);

/** Resolves the links between the sites of these names, and writes their latencies into the matrix. */
export function resolveLinks(given: readonly Link[], names: readonly string[], latencyMs: Float64Array, fail: Fail): LinkOverride[] {
  const sites = new Map(names.map((name, index) => [name, index]));
  const first = new Map<number, number>();
  const overrides: LinkOverride[] = [];
  given.forEach((each, index) => {
    const { latency, bandwidth = Infinity, loss = null, jitter = null } = each;
    const complain = (key: string, message: string) => fail(['links', index, ...(key === '' ? [] : [key])], message);
    if ([latency, each.bandwidth, loss ?? undefined, jitter ?? undefined].every((value) => value === undefined)) {
      complain('', 'expected a latency, bandwidth, loss or jitter for this link, got none');
    }
    if (each.queue !== undefined && bandwidth === Infinity)
      complain('queue', 'expected a bandwidth beside the queue, because only then there is one');
    const queue =
      bandwidth === Infinity ? Infinity : queueBytes(each.queue ?? { ms: DEFAULTS.sharedQueueMs }, bandwidth, () => complain('queue', ''));
    for (const [from, to] of directions(each, sites, complain)) {
      const cell = from * names.length + to;
      const before = first.get(cell);
      if (before !== undefined) {
        complain('', `expected each pair once, got ${show(names[from])} to ${show(names[to])} a second time after links.${before}`);
      }
      first.set(cell, index);
      if (latency !== undefined) latencyMs[cell] = latency;
      if (bandwidth !== Infinity || loss !== null || jitter !== null) {
        overrides.push({ from, to, bitsPerSecond: bandwidth, queueBytes: queue, loss, jitter });
      }
    }
  });
  return overrides;
}

function directions(
  { between, from, to }: Link,
  sites: ReadonlyMap<string, number>,
  complain: (key: string, message: string) => never,
): [number, number][] {
  const siteOf = (name: string, key: string): number =>
    sites.get(name) ?? complain(key, `no site named ${show(name)}${didYouMean(name, sites.keys())}`);
  if (between !== undefined && from === undefined && to === undefined) {
    const [a, b] = between.map((name) => siteOf(name, 'between'));
    return a === b
      ? [[a, b]]
      : [
          [a, b],
          [b, a],
        ];
  }
  if (between === undefined && from !== undefined && to !== undefined) return [[siteOf(from, 'from'), siteOf(to, 'to')]];
  return complain('', 'expected either between, with two sites, or from and to');
}

export function writeLinks(links: readonly LinkOverride[], names: readonly string[]): Record<string, unknown>[] {
  return links.map(({ from, to, bitsPerSecond, queueBytes: bytes, loss, jitter }) => ({
    from: names[from],
    to: names[to],
    ...(bitsPerSecond === Infinity ? {} : { bandwidth: formatRate(bitsPerSecond), queue: formatSize(bytes) }),
    ...(loss === null ? {} : { loss: formatShare(loss) }),
    ...(jitter === null ? {} : { jitter: formatShare(jitter) }),
  }));
}
