/** Puts what a map says into a topology: what the topology's own file sets goes first, and what would contradict the map is refused. */

import type { AccessClass, LinkOverride, Site, Topology } from '../../network/topology.js';
import { Problem } from '../../problem.js';
import type { Source } from '../yaml-source.js';
import type { SitePlan } from './site-plan.js';

interface Loaded {
  readonly topology: Topology;
  readonly notes: readonly string[];
}

/** `topology` is resolved from `source`, with the latencies of `plan` in it already. */
export function withPlan({ topology, notes }: Loaded, plan: SitePlan, source: Source): Loaded {
  const isGiven = (key: string) => (source.value as Record<string, unknown>)[key] !== undefined;
  const sites = isGiven('sites') ? topology.sites : plannedSites(topology, plan);
  const ownAccess = isGiven('access') && plan.classes.length > 0;
  const unused = 'the bandwidths that the map gives its hosts are not used, because access says what lines there are';
  const classOf = (site: number) => (ownAccess ? sites[site].accessClass : plan.sites[site].accessClass);
  const rules = { loss: plan.loss, jitter: plan.jitter };
  for (const key of ['loss', 'jitter'] as const) {
    const inMap = plan[key] > 0 || plan.links.some((link) => link[key] !== null);
    if (inMap && isGiven(key)) throw new Problem(`${source.where([key])}: expected no ${key} here, because the map has its own`);
    if (!inMap) rules[key] = topology[key];
  }
  return {
    notes: ownAccess ? [...notes, unused] : notes,
    topology: {
      ...topology,
      ...rules,
      source: ownAccess ? `${topology.source}; ${unused}` : topology.source,
      classes: ownAccess || plan.classes.length === 0 ? topology.classes : plannedClasses(plan, sites),
      sites: sites.map((site, index) => (plan.classes.length === 0 ? site : { ...site, accessClass: classOf(index) })),
      links: merged(topology.links, plan.links, sites.length),
    },
  };
}

function plannedSites(topology: Topology, { sites }: SitePlan): Site[] {
  const total = sites.reduce((sum, { weight }) => sum + weight, 0);
  return topology.sites.map((site, index) => ({ ...site, region: sites[index].region, share: sites[index].weight / total }));
}

/** A class has the share of the sites that have it. */
function plannedClasses({ classes, sites: planned }: SitePlan, sites: readonly Site[]): AccessClass[] {
  const shares = classes.map((_, own) =>
    sites.reduce((sum, { share }, site) => ((planned[site].accessClass ?? 0) === own ? sum + share : sum), 0),
  );
  return classes.map((each, index) => ({ ...each, share: shares[index], discipline: { kind: 'drop-tail' } }));
}

/** Pair by pair; what the topology's file leaves open about one is as in the map. */
function merged(own: readonly LinkOverride[], planned: readonly LinkOverride[], sites: number): LinkOverride[] {
  const links = new Map(planned.map((link) => [link.from * sites + link.to, link]));
  for (const link of own) {
    const before = links.get(link.from * sites + link.to) ?? link;
    const { bitsPerSecond, queueBytes } = link.bitsPerSecond < Infinity ? link : before;
    links.set(link.from * sites + link.to, {
      ...link,
      bitsPerSecond,
      queueBytes,
      loss: link.loss ?? before.loss,
      jitter: link.jitter ?? before.jitter,
    });
  }
  return [...links].sort(([a], [b]) => a - b).map(([, link]) => link);
}
