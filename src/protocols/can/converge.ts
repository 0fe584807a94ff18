/**
 * A finished space from global knowledge, in each reality: the one that joins at random points leave, or one of equal zones. What the
 * neighbours' neighbours are, peers learn from the first updates, within one period.
 */

import type { Everyone } from '../../protocol.js';
import type { Can } from './can.js';
import { Partition } from './partition.js';
import { Neighbour } from './place.js';
import { pointNamed } from './points.js';
import type { CanSettings } from './settings.js';
import { torusOf } from './torus.js';

export function converge(everyone: Everyone<Can, CanSettings>): void {
  const { count, settings } = everyone;
  const local = [...everyone.local];
  for (let reality = 0; reality < settings.realities; reality++) {
    const partition = partitionFor(everyone, reality);
    // One array per peer, whoever has it for a neighbour.
    const held = Array.from({ length: count }, (_, index) => [partition.zones[index]] as readonly number[]);
    for (const { index, protocol } of local) {
      const neighbours = partition.neighboursOf(index).map((other) => {
        const neighbour = new Neighbour(everyone.address(other), held[other], 0);
        if (settings.routing === 'rtt') neighbour.roundTripMs = everyone.latencyMs(index, other) + everyone.latencyMs(other, index);
        return neighbour;
      });
      protocol.places[reality].begin(held[index], neighbours);
    }
  }
  for (const { protocol } of local) protocol.converged();
}

function partitionFor({ count, settings, random }: Everyone<Can, CanSettings>, reality: number): Partition {
  const torus = torusOf(settings.dimensions);
  const partition = new Partition(torus, count);
  if (settings.zones === 'equal') {
    const order = Uint32Array.from({ length: count }, (_, index) => index);
    for (let i = count - 1; i > 0; i--) {
      const other = random.integer(i + 1);
      [order[i], order[other]] = [order[other], order[i]];
    }
    if (count > 0) partition.divide(order);
    return partition;
  }
  for (let index = 0; index < count; index++) {
    const drawn = torus.pointOf(random.identifier());
    const named = reality === 0 ? pointNamed(settings, index) : null;
    partition.join(named ?? drawn, settings.volumeCheck);
  }
  return partition;
}
