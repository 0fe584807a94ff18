/**
 * A converged start. `learned`: the paper's, in which nobody has learnt anything yet: a ring lattice, each neighbour entered under the
 * hash of its address. Fixed links: peers sit on the circle of keys at the hashes of their addresses, know their neighbours there and
 * some peers farther away, and each is entered under its place.
 *
 * Peers behind NAT have no place in either; they have connections with `natLinks` others, and are entered there.
 */

import { neighboursIn } from '../../overlay/graph.js';
import { ascending } from '../../overlay/identifiers.js';
import { LinkLengths } from '../../overlay/small-world.js';
import { ringLattice } from '../../overlay/wiring.js';
import { type Connection, type Everyone, KEY_BITS } from '../../protocol.js';
import type { Freenet } from './freenet.js';
import { locationOf } from './membership.js';
import type { FreenetSettings } from './settings.js';

export function converge(everyone: Everyone<Freenet, FreenetSettings>): void {
  const { settings, count, random } = everyone;
  if (settings.wiring === 'join') {
    for (const { protocol } of everyone.local) protocol.begin([], [], 0);
    return;
  }
  const open: number[] = [];
  const hidden: number[] = [];
  for (let index = 0; index < count; index++) (everyone.reachable(index) ? open : hidden).push(index);
  const local = new Map<number, Freenet>();
  for (const { index, protocol } of everyone.local) local.set(index, protocol);
  const pairs = new Map<number, number[]>();
  const links = new Map<number, Connection[]>();
  for (const index of local.keys()) pairs.set(index, []);
  const enter = (index: number, neighbour: number) => {
    const address = everyone.address(neighbour);
    pairs.get(index)?.push(locationOf(address), address);
  };

  if (settings.links === 'learned') enterLattice(open, settings.latticeNeighbours, local, enter);
  else enterPlaces(everyone, open, settings.links as 'small-world' | 'uniform', local, enter);

  for (const index of hidden) {
    const chosen = new Set<number>();
    for (let link = 0; link < settings.natLinks && open.length > 0; link++) chosen.add(open[random.integer(open.length)]);
    for (const other of chosen) {
      for (const [end, far] of [
        [index, other],
        [other, index],
      ]) {
        if (!local.has(end)) continue;
        enter(end, far);
        const held = links.get(end) ?? [];
        held.push(everyone.connect(end, far));
        links.set(end, held);
      }
    }
  }
  for (const [index, protocol] of local) protocol.begin(pairs.get(index)!, links.get(index) ?? [], everyone.address(index));
}

function enterLattice(
  open: readonly number[],
  degree: number,
  local: ReadonlyMap<number, Freenet>,
  enter: (index: number, neighbour: number) => void,
) {
  const graph = ringLattice(open.length, degree);
  for (const [place, index] of open.entries()) {
    if (local.has(index)) for (const neighbour of neighboursIn(graph, place)) enter(index, open[neighbour]);
  }
}

/** Every shard draws everybody's long links, and enters those of its own. */
function enterPlaces(
  { address, random, settings }: Everyone<Freenet, FreenetSettings>,
  open: readonly number[],
  links: 'small-world' | 'uniform',
  local: ReadonlyMap<number, Freenet>,
  enter: (index: number, neighbour: number) => void,
): void {
  const count = open.length;
  if (count < 2) return;
  const order = ascending(
    Float64Array.from(open, (index) => locationOf(address(index))),
    KEY_BITS,
  );
  const lengths = new LinkLengths(count, links);
  for (let place = 0; place < count; place++) {
    const index = open[order[place]];
    const isLocal = local.has(index);
    const known = new Set([(place + 1) % count, (place + count - 1) % count]);
    for (let link = 0; link < settings.longLinks; link++) known.add((place + lengths.draw(random)) % count);
    if (isLocal) for (const other of known) enter(index, open[order[other]]);
  }
}
