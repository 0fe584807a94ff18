/** A converged start of a DHT some of whose peers are clients: the members among themselves, and each client with one of them. */

import type { Everyone, LocalPeer } from '../../protocol.js';
import { Client } from './client.js';

/**
 * Gives every client a connection to a member drawn at random, and returns the members alone, numbered anew, for the DHT's own
 * `converge`. Where anybody can be called, that is everybody, and nothing is drawn.
 */
export function convergeClients<P, S>(everyone: Everyone<P | Client, S>): Everyone<P, S> {
  const members: number[] = [];
  const clients: number[] = [];
  for (let index = 0; index < everyone.count; index++) (everyone.reachable(index) ? members : clients).push(index);
  if (clients.length === 0) return everyone as Everyone<P, S>;
  const numberOf = new Map(members.map((index, number) => [index, number]));
  const local = new Map<number, P | Client>();
  for (const { index, protocol } of everyone.local) local.set(index, protocol);
  for (const client of clients) {
    const member = members.length > 0 ? members[everyone.random.integer(members.length)] : null;
    if (member !== null && local.has(member)) everyone.connect(member, client);
    const here = local.get(client);
    if (here instanceof Client) here.begin(member === null ? null : everyone.connect(client, member));
  }
  const own: LocalPeer<P>[] = [];
  for (const [index, protocol] of local) {
    const number = numberOf.get(index);
    if (number !== undefined) own.push({ index: number, protocol: protocol as P });
  }
  return {
    count: members.length,
    servers: 0,
    address: (index) => everyone.address(members[index]),
    reachable: () => true,
    connect: (index, neighbour, options) => everyone.connect(members[index], members[neighbour], options),
    latencyMs: (from, to) => everyone.latencyMs(members[from], members[to]),
    uplinkBitsPerSecond: (index) => everyone.uplinkBitsPerSecond(members[index]),
    local: own,
    settings: everyone.settings,
    random: everyone.random,
  };
}
