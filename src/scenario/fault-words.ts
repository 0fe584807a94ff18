/**
 * Faults as sentences: the one way in which a fault is written, in results, pictures and the scenario of a result folder. What it writes,
 * `fault-language.ts` reads to the very same fault.
 */

import type { Fault, FaultAction, Group } from '../faults/plan.js';
import { formatDuration, formatShare } from './units.js';

/** What sentences speak of: the sites of the topology and their regions, and how many peers there are. */
export interface Places {
  readonly sites: readonly { readonly name: string; readonly region: string | null }[];
  readonly peers: number;
}

/** More servers than anybody runs: so far `servers` without a number goes. */
export const MOST_SERVERS = 1000;

/** Words that are not names of places unless they stand in quotes. */
export const RESERVED: ReadonlySet<string> = new Set([
  ...['everyone', 'rest', 'random', 'site', 'sites', 'region', 'regions', 'peer', 'peers', 'server', 'servers'],
  ...['of', 'by', 'between', 'every', 'for', 'link', 'links', 'uplink', 'downlink'],
]);

/** `from 1m to 90s partition sites europe | rest` */
export function sentenceOf({ atMs, untilMs, says }: Pick<Fault, 'atMs' | 'untilMs' | 'says'>): string {
  const when = untilMs === null ? `at ${formatDuration(atMs)}` : `from ${formatDuration(atMs)} to ${formatDuration(untilMs)}`;
  return `${when} ${says}`;
}

/** The sentence without its time: `partition sites europe | rest`. */
export function actionInWords(action: FaultAction, { sites }: Pick<Places, 'sites'>): string {
  const group = (given: Group, prefix = 'sites ') => writeGroup(given, sites, prefix);
  switch (action.verb) {
    case 'partition':
    case 'hold':
      return `${action.verb} ${pair(action.between)}`;
    case 'flap':
      return `flap link ${pair(action.between, '')} every ${formatDuration(action.everyMs)}`;
    case 'loss':
    case 'corrupt':
      return `${action.verb} ${percent(action.share)}${scope(action.between)}`;
    case 'delay':
      return `delay ${formatDuration(action.byMs)}${scope(action.between)}`;
    case 'outage':
    case 'crash':
    case 'churn':
      return `${action.verb} ${group(action.of)}`;
    case 'restart':
      return action.of.kind === 'everyone' ? 'restart' : `restart ${group(action.of)}`;
    case 'slow':
      return `slow ${action.link === 'both' ? 'links' : action.link} of ${group(action.of)} by ${action.factor}x`;
  }

  function pair([first, second]: readonly [Group, Group], prefix = 'sites '): string {
    return `${group(first, prefix)} | ${group(second, first.kind === 'sites' ? '' : prefix)}`;
  }

  function scope(between: readonly [Group, Group]): string {
    if (between[1].kind !== 'everyone') return ` between ${pair(between)}`;
    return between[0].kind === 'everyone' ? '' : ` of ${group(between[0])}`;
  }
}

function writeGroup(group: Group, sites: Places['sites'], prefix: string): string {
  switch (group.kind) {
    case 'sites':
      return prefix + namesOf(group.sites, sites).map(writeName).join(', ');
    case 'peers':
      return `peers ${group.from}${group.to === group.from ? '' : `-${group.to}`}`;
    case 'servers':
      if (group.from === 0 && group.to === MOST_SERVERS - 1) return 'servers';
      return `servers ${group.from}${group.to === group.from ? '' : `-${group.to}`}`;
    case 'share':
      return percent(group.share);
    case 'random':
      return `random ${group.of}`;
    default:
      return group.kind;
  }
}

/** Whole regions by their names, what is left site by site. */
function namesOf(chosen: readonly number[], sites: Places['sites']): string[] {
  const left = new Set(chosen);
  const names: string[] = [];
  const siteNames = new Set(sites.map(({ name }) => name));
  for (const region of new Set(chosen.map((site) => sites[site].region ?? null))) {
    if (region === null || siteNames.has(region)) continue;
    const members = sites.flatMap((each, site) => (each.region === region ? [site] : []));
    if (members.length < 2 || !members.every((site) => left.has(site))) continue;
    names.push(region);
    for (const site of members) left.delete(site);
  }
  return [...names, ...new Set([...left].map((site) => sites[site].name))];
}

function writeName(name: string): string {
  const words = name.split(' ');
  const isPlain = words.every((word) => /^[\p{L}\p{N}._'()/&+-]+$/u.test(word) && !RESERVED.has(word.toLowerCase()));
  return isPlain ? name : JSON.stringify(name);
}

/** Exact: what a short percentage cannot say is written with an exponent. */
function percent(share: number): string {
  const short = formatShare(share);
  if (typeof short === 'string') return short;
  const [mantissa, exponent = '0'] = String(share).split('e');
  return `${mantissa}e${Number(exponent) + 2}%`;
}
