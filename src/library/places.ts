/** Where the peers of a run are, for figures by site: the run itself places them by the same function. */

import { siteOf } from '../network/peer-table.js';
import { placePeers } from '../network/placement.js';
import type { Scenario } from '../scenario/scenario.js';

/** The name of each peer's site, by the peer's number: `sitesOf(result.scenario)[17]` is where p17 is. */
export function sitesOf({ topology, peers, seed, servers }: Scenario): string[] {
  const { table } = placePeers(topology, peers, 1, seed, servers);
  return Array.from(table.places.subarray(0, peers), (place) => topology.sites[siteOf(place)].name);
}
