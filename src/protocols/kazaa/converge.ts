/**
 * A finished overlay from global knowledge: the peers with the fastest uplinks that can be called are supernodes, as many as
 * `descendants` asks for; every other peer has pinged five and taken the nearest that was not full. Choosing costs O(N), sorting the
 * candidates O(N log N).
 */

import { neighboursIn } from '../../overlay/graph.js';
import { randomRegular } from '../../overlay/wiring.js';
import type { Address, Connection, Everyone } from '../../protocol.js';
import type { Kazaa } from './kazaa.js';
import { type KazaaSettings, lineOptions } from './settings.js';

/** No supernode. */
const NONE = -1;

export function converge(everyone: Everyone<Kazaa, KazaaSettings>): void {
  const { settings, count, random } = everyone;
  const supernodes = chosen(everyone);
  const numberOf = new Int32Array(count).fill(NONE);
  supernodes.forEach((index, number) => {
    numberOf[index] = number;
  });
  const mine = assigned(everyone, supernodes, numberOf);
  const members: number[][] = supernodes.map(() => []);
  for (let index = 0; index < count; index++) if (mine[index] !== NONE) members[mine[index]].push(index);

  const graph = randomRegular(supernodes.length, settings.links, random);
  const addresses = supernodes.map((index) => everyone.address(index));
  const all = addresses.length <= settings.listEntries ? addresses : null;
  const lists = addresses.map((own) => all ?? someOf(addresses, own, settings.listEntries, everyone));
  const loads = new Map<Address, number>();
  addresses.forEach((address, number) => {
    loads.set(address, members[number].length);
  });
  const upMs = settings.minimumUptimeMs;
  const options = lineOptions(settings);

  for (const { index, protocol } of everyone.local) {
    const number = numberOf[index];
    if (number !== NONE) {
      const supernode = protocol.become();
      const links: Connection[] = Array.from(neighboursIn(graph, number), (other) => everyone.connect(index, supernodes[other], options));
      supernode.mesh.adopt(links, lists[number], (address) => loads.get(address) ?? 0);
      for (const member of members[number]) {
        const [uplinkBitsPerSecond, reachable] = [everyone.uplinkBitsPerSecond(member), everyone.reachable(member)];
        supernode.adopt(everyone.connect(index, member, options), { uplinkBitsPerSecond, reachable, upMs });
      }
    } else if (mine[index] !== NONE) protocol.user.adopt(everyone.connect(index, supernodes[mine[index]], options), lists[mine[index]]);
    else protocol.joinSoon();
  }
}

/** Who is a supernode: of those that can be called the ones with the fastest uplinks, drawn by lot among equals. */
function chosen({ count, settings, random, reachable, uplinkBitsPerSecond }: Everyone<Kazaa, KazaaSettings>): number[] {
  const candidates: number[] = [];
  for (let index = 0; index < count; index++) if (reachable(index)) candidates.push(index);
  random.shuffle(candidates);
  const uplink = Float64Array.from({ length: count }, (_, index) => uplinkBitsPerSecond(index));
  candidates.sort((a, b) => (uplink[a] === uplink[b] ? 0 : uplink[b] - uplink[a]));
  return candidates.slice(0, Math.max(settings.fewest, Math.round(count / (settings.descendants + 1))));
}

/** The supernode, by number, of every peer: the nearest of five that has room, else any that has; NONE for supernodes and when there are none. */
function assigned(everyone: Everyone<Kazaa, KazaaSettings>, supernodes: readonly number[], numberOf: Int32Array): Int32Array {
  const { settings, count, random } = everyone;
  const mine = new Int32Array(count).fill(NONE);
  if (supernodes.length === 0) return mine;
  const most = Math.max(settings.splitFactor * settings.descendants, (count - supernodes.length) / supernodes.length);
  const load = new Uint32Array(supernodes.length);
  for (let index = 0; index < count; index++) {
    if (numberOf[index] !== NONE) continue;
    let nearest = NONE;
    let least = Number.POSITIVE_INFINITY;
    for (let ping = 0; ping < settings.pings; ping++) {
      const number = random.integer(supernodes.length);
      const latencyMs = everyone.latencyMs(index, supernodes[number]);
      if (load[number] >= most || latencyMs >= least) continue;
      nearest = number;
      least = latencyMs;
    }
    // All of them were full: any other has room, and half of them have.
    for (let number = random.integer(supernodes.length); nearest === NONE; number = (number + 1) % supernodes.length) {
      if (load[number] < most) nearest = number;
    }
    load[nearest]++;
    mine[index] = nearest;
  }
  return mine;
}

/** The own address and others at random, drawn alike in every shard. */
function someOf(addresses: readonly Address[], own: Address, most: number, { random }: Everyone<Kazaa, KazaaSettings>): Address[] {
  const some = new Set<Address>([own]);
  while (some.size < most) some.add(random.pick(addresses));
  return [...some];
}
