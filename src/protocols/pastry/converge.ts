/**
 * A finished Pastry network from global knowledge: tables as overlay/prefix/places.ts fills them, leaf sets from the sorted
 * identifiers, and as neighbourhood set the nearest of those that stand in the table, which are the nearest of many already.
 */

import { sortedPlaces, TableFiller } from '../../overlay/prefix/places.js';
import { ENTRY, type PrefixTable, UNKNOWN_RTT_MS } from '../../overlay/prefix-table.js';
import type { Everyone } from '../../protocol.js';
import type { Pastry } from './pastry.js';
import type { PastrySettings } from './settings.js';

export function converge(everyone: Everyone<Pastry, PastrySettings>): void {
  const { count, settings } = everyone;
  const places = sortedPlaces(everyone);
  const { order, sorted, addresses } = places;
  const filler = new TableFiller(everyone, places);
  const local = new Array<Pastry | undefined>(count);
  for (const { index, protocol } of everyone.local) local[index] = protocol;
  const half = Math.min(Math.floor(settings.leafSet / 2), count - 1);

  for (let rank = 0; rank < count; rank++) {
    const pastry = local[order[rank]];
    if (pastry === undefined) continue;
    if (places.attempts[order[rank]] > 0) pastry.identify(places.attempts[order[rank]]);
    filler.fill(pastry.table, rank);
    const side = (direction: 1 | -1) => {
      const entries: number[] = [];
      for (let i = 1; i <= half; i++) {
        const other = (rank + direction * i + count) % count;
        entries.push(sorted[other], addresses[other]);
      }
      return entries;
    };
    pastry.leaves.settle(side(1), side(-1));
    if (settings.proximity) pastry.neighbourhood = nearestOf(pastry.table, settings.neighbourhoodSet);
    pastry.converged();
  }
}

function nearestOf(table: PrefixTable, most: number): number[] {
  const { entries } = table;
  const places = Array.from({ length: table.size }, (_, i) => i * ENTRY).filter((at) => table.rttMs(at) !== UNKNOWN_RTT_MS);
  places.sort((one, other) => table.rttMs(one) - table.rttMs(other));
  return places.slice(0, most).flatMap((at) => [table.rttMs(at), entries[at + 1], entries[at + 2]]);
}
