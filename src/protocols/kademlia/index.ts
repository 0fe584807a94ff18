/**
 * Kademlia: a distributed hash table by the XOR metric. A key's values lie with the k peers closest to it; a peer knows up to k others in
 * each subtree that it is not in itself, and a lookup asks alpha of the closest at once until none closer comes. Contacts are learnt from
 * the messages that pass anyway, and those that have been up for long are kept.
 *
 * `hops` are referrals: 0 when the origin has the value itself, 1 when one of its contacts has, 2 when a peer named by a contact has; when
 * nobody has it, those to the closest peer that answered.
 *
 * Peers behind NAT take no place: they use the overlay through a member that can be called (overlay/clients).
 *
 * The classes stand on each other: contacts.ts, lookups.ts, values.ts, member.ts, kademlia.ts. Simplified: identifiers are compared by
 * their first 48 bits; a bucket is never split beyond its level to hold all of a peer's k nearest (section 2.4's "highly unbalanced
 * trees"), since hashed identifiers spread evenly; requests are repeated without growing pauses; two peers with one identifier, which only
 * short identifiers make likely, do not know each other.
 */

import { Client } from '../../overlay/clients/client.js';
import { convergeClients } from '../../overlay/clients/converge.js';
import { CLIENT_MESSAGES, type ClientMessage } from '../../overlay/clients/messages.js';
import { defineProtocol } from '../../protocol.js';
import { claims } from './claims.js';
import { converge } from './converge.js';
import { Kademlia } from './kademlia.js';
import { MESSAGES, type RpcMessage, wireBytes } from './messages.js';
import { type KademliaSettings, SETTINGS } from './settings.js';

export default defineProtocol<Kademlia | Client, typeof SETTINGS>({
  about: 'distributed hash table by the XOR metric: k-buckets, parallel lookups, k copies of every value',
  source:
    'Maymounkov and Mazières, "Kademlia: a peer-to-peer information system based on the XOR metric", IPTPS 2002, and its long version',
  settings: SETTINGS,
  messages: { ...MESSAGES, ...CLIENT_MESSAGES },
  services: ['locate'],
  sizeOf: (message: RpcMessage | ClientMessage, settings) => wireBytes(message, settings.idBits),
  create: (peer, settings) => (peer.reachable ? new Kademlia(peer, settings) : new Client(peer, settings)),
  converge: (everyone) => converge(convergeClients<Kademlia, KademliaSettings>(everyone)),
  claims,
});
