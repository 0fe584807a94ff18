/** A finished Tapestry mesh from global knowledge: tables as overlay/prefix/places.ts fills them. Backpointers come with the heartbeats. */

import { sortedPlaces, TableFiller } from '../../overlay/prefix/places.js';
import type { Everyone } from '../../protocol.js';
import type { TapestrySettings } from './settings.js';
import type { Tapestry } from './tapestry.js';

export function converge(everyone: Everyone<Tapestry, TapestrySettings>): void {
  const places = sortedPlaces(everyone);
  const filler = new TableFiller(everyone, places);
  const local = new Array<Tapestry | undefined>(everyone.count);
  for (const { index, protocol } of everyone.local) local[index] = protocol;
  for (let rank = 0; rank < everyone.count; rank++) {
    const index = places.order[rank];
    const tapestry = local[index];
    if (tapestry === undefined) continue;
    if (places.attempts[index] > 0) tapestry.identify(places.attempts[index]);
    filler.fill(tapestry.table, rank);
    tapestry.converged();
  }
}
