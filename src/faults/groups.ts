/** From a fault's groups to peers: marks in an array, a bit per group, drawn from the fault's own stream where they are random. */

import type { Stream } from '../kernel/random.js';
import { siteOf } from '../network/peer-table.js';
import type { Site } from '../network/topology.js';
import type { FaultAction, Group } from './plan.js';

/** Marks of the peers of a fault's first group (or only one), and of its second. */
export const FIRST = 1;
export const SECOND = 2;

/** Who there is, and where. */
export interface Terrain {
  readonly sites: readonly Pick<Site, 'name' | 'region'>[];
  /** By peer, and after them by server: its word of peer-table.ts. */
  readonly places: Uint32Array;
  readonly servers: number;
}

/** The action with its random sites and regions drawn. */
export function settlePlaces(action: FaultAction, terrain: Terrain, random: Stream): FaultAction {
  if ('of' in action) return { ...action, of: settleGroup(action.of, terrain, random) };
  const [first, second] = action.between;
  return { ...action, between: [settleGroup(first, terrain, random), settleGroup(second, terrain, random)] };
}

function settleGroup(group: Group, { sites, places }: Terrain, random: Stream): Group {
  if (group.kind !== 'random') return group;
  const inhabited = new Uint8Array(sites.length);
  for (const place of places) inhabited[siteOf(place)] = 1;
  const candidates = sites.flatMap((_, site) => (inhabited[site] === 1 ? [site] : []));
  if (group.of === 'site') return { kind: 'sites', sites: [random.pick(candidates)] };
  const regions = [...new Set(candidates.flatMap((site) => sites[site].region ?? []))];
  const region = regions.length === 0 ? null : random.pick(regions);
  return { kind: 'sites', sites: sites.flatMap((each, site) => (each.region === region && region !== null ? [site] : [])) };
}

/** Marks two groups of peers: FIRST, SECOND or both. */
export function markPair([first, second]: readonly [Group, Group], terrain: Terrain, random: Stream): Uint8Array {
  const marks = new Uint8Array(terrain.places.length);
  if (first.kind !== 'rest') mark(marks, FIRST, first, terrain, random, 0);
  if (second.kind !== 'rest') mark(marks, SECOND, second, terrain, random, 0);
  else for (let peer = 0; peer < marks.length; peer++) if (marks[peer] === 0) marks[peer] = SECOND;
  if (first.kind === 'rest') for (let peer = 0; peer < marks.length; peer++) if (marks[peer] === 0) marks[peer] = FIRST;
  return marks;
}

/** Marks a group of peers FIRST. Those below `spared` are left out; a share is then of the others. */
export function markGroup(group: Group, terrain: Terrain, random: Stream, spared = 0): Uint8Array {
  const marks = new Uint8Array(terrain.places.length);
  mark(marks, FIRST, group, terrain, random, spared);
  return marks.fill(0, 0, spared);
}

function mark(marks: Uint8Array, bit: number, group: Group, { places, servers }: Terrain, random: Stream, spared: number): void {
  const peers = marks.length - servers;
  switch (group.kind) {
    case 'everyone':
      for (let peer = 0; peer < marks.length; peer++) marks[peer] |= bit;
      return;
    case 'sites': {
      const named = new Set(group.sites);
      for (let peer = 0; peer < marks.length; peer++) if (named.has(siteOf(places[peer]))) marks[peer] |= bit;
      return;
    }
    case 'peers':
      for (let peer = group.from; peer <= Math.min(group.to, peers - 1); peer++) marks[peer] |= bit;
      return;
    case 'servers':
      for (let server = group.from; server <= Math.min(group.to, servers - 1); server++) marks[peers + server] |= bit;
      return;
    case 'share': {
      const candidates = Uint32Array.from({ length: peers - spared }, (_, i) => spared + i);
      const hit = Math.round(group.share * candidates.length);
      for (let i = 0; i < hit; i++) {
        const j = i + random.integer(candidates.length - i);
        marks[candidates[j]] |= bit;
        candidates[j] = candidates[i];
      }
      return;
    }
    default:
      throw new Error(`a group of kind ${group.kind} has no peers of its own`);
  }
}
