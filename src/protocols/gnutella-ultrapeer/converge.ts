/**
 * A finished network: the peers with the fastest lines that can be called are ultrapeers, as many as the leaves need; they are wired at
 * random with each other, and each leaf with some of them, about as many to each ultrapeer. O(N log N), for everybody in the same order.
 */

import { neighboursIn } from '../../overlay/graph.js';
import { randomRegular } from '../../overlay/wiring.js';
import type { Connection, Everyone, Random } from '../../protocol.js';
import { ultrapeerShare } from './election.js';
import type { UltrapeerServent } from './servent.js';
import type { UltrapeerSettings } from './settings.js';

export function converge(everyone: Everyone<UltrapeerServent, UltrapeerSettings>): void {
  const { count, random, settings } = everyone;
  const ultrapeers = elect(everyone);
  const rank = new Int32Array(count).fill(-1);
  ultrapeers.forEach((peer, place) => {
    rank[peer] = place;
  });
  const graph = randomRegular(ultrapeers.length, settings.degree, random);
  const leaves = Uint32Array.from({ length: count }, (_, peer) => peer).filter((peer) => rank[peer] < 0);
  const deal = new Deal(leaves.length, ultrapeers.length, settings, random);
  const leavesOf = deal.byUltrapeer();
  // Any number that is another for each will do as an identifier.
  const serventOf = (peer: number) => (everyone.reachable(peer) ? 0 : everyone.address(peer));
  for (const { index, protocol } of everyone.local) {
    const place = rank[index];
    if (place < 0) continue;
    const links = Array.from(neighboursIn(graph, place), (neighbour) => everyone.connect(index, ultrapeers[neighbour]));
    const mine = leavesOf[place].map((leaf) => leaves[leaf]);
    const desks = mine.map((leaf) => everyone.connect(index, leaf));
    protocol.beginAsUltrapeer(links, desks, mine.map(serventOf), everyone.address(index));
  }
  const place = new Int32Array(count).fill(-1);
  leaves.forEach((peer, leaf) => {
    place[peer] = leaf;
  });
  for (const { index, protocol } of everyone.local) {
    if (rank[index] >= 0) continue;
    const links: Connection[] = deal.of(place[index]).map((ultrapeer) => everyone.connect(index, ultrapeers[ultrapeer]));
    protocol.beginAsLeaf(links, serventOf(index), everyone.address(index));
  }
}

/** Those with the fastest uplinks of all who can be called, in order of speed; by lot where they are equal. None when nobody can be. */
function elect(everyone: Everyone<UltrapeerServent, UltrapeerSettings>): number[] {
  const { count, random, settings } = everyone;
  const callable = random.shuffle(Array.from({ length: count }, (_, peer) => peer)).filter((peer) => everyone.reachable(peer));
  const uplink = Float64Array.from(callable, (peer) => everyone.uplinkBitsPerSecond(peer));
  const order = Array.from(callable, (_, i) => i).sort((a, b) => (uplink[a] === uplink[b] ? a - b : uplink[b] - uplink[a]));
  const wanted = Math.ceil(count * ultrapeerShare(settings));
  return order.slice(0, wanted).map((i) => callable[i]);
}

/** Which ultrapeers each leaf has: as many rows as it has ultrapeers, in each of which all leaves are dealt out anew, evenly. */
class Deal {
  private readonly rows: Uint32Array[];
  private readonly leaves: number;
  private readonly ultrapeers: number;

  constructor(leaves: number, ultrapeers: number, { leafUltrapeers, leaves: slots }: UltrapeerSettings, random: Random) {
    this.leaves = leaves;
    this.ultrapeers = ultrapeers;
    // With too few ultrapeers for all, as many rows as there are slots for.
    const rows = Math.min(leafUltrapeers, ultrapeers, Math.floor((slots * ultrapeers) / Math.max(1, leaves)));
    this.rows = Array.from({ length: rows }, () =>
      Uint32Array.from(random.shuffle(Array.from({ length: leaves }, (_, place) => place)), (place) => place % ultrapeers),
    );
  }

  /** Different ones: who is dealt the same twice takes the next. */
  of(leaf: number): number[] {
    const chosen: number[] = [];
    for (const row of this.rows) {
      let ultrapeer = row[leaf];
      while (chosen.includes(ultrapeer)) ultrapeer = (ultrapeer + 1) % this.ultrapeers;
      chosen.push(ultrapeer);
    }
    return chosen;
  }

  byUltrapeer(): number[][] {
    const leavesOf: number[][] = Array.from({ length: this.ultrapeers }, () => []);
    for (let leaf = 0; leaf < this.leaves; leaf++) for (const ultrapeer of this.of(leaf)) leavesOf[ultrapeer].push(leaf);
    return leavesOf;
  }
}
