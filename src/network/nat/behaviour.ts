/**
 * What the gateways of each kind do, as numbers in arrays: it is looked up for every packet. A kind is twice the number of a class in
 * `Topology.nat`, and 1 more for the carrier's gateway of that class.
 */

import type { Dependence, GatewayBehaviour, NatClass } from '../topology.js';

/** What a mapping or a filter depends on, in rising strictness; NOT_AT_ALL: no translation, or no filter. */
export const NOT_AT_ALL = 0;
export const ON_NOTHING = 1;
export const ON_ADDRESS = 2;
export const ON_ADDRESS_AND_PORT = 3;

export const PRESERVING = 0;
export const SEQUENTIAL = 1;
export const RANDOM = 2;

const DEPENDENCES: Readonly<Record<Dependence, number>> = {
  'endpoint-independent': ON_NOTHING,
  'address-dependent': ON_ADDRESS,
  'address-and-port-dependent': ON_ADDRESS_AND_PORT,
};
const PORT_RULES: Readonly<Record<GatewayBehaviour['ports'], number>> = { preserving: PRESERVING, sequential: SEQUENTIAL, random: RANDOM };

export class Behaviours {
  readonly mapping: Uint8Array;
  readonly filtering: Uint8Array;
  /** By twice the kind, plus the transport; in ms. */
  readonly lifetimeMs: Float64Array;
  readonly inboundRefresh: Uint8Array;
  readonly ports: Uint8Array;
  readonly hairpinning: Uint8Array;
  readonly blocksDatagrams: Uint8Array;
  /** Of the home gateway only: what a carrier has in front is not the peer's to configure. */
  readonly portMapping: Uint8Array;

  constructor(classes: readonly NatClass[]) {
    const gateways = classes.flatMap(({ gateway, carrier }) => [gateway, carrier?.gateway ?? null]);
    const each = (of: (gateway: GatewayBehaviour) => number) =>
      Uint8Array.from(gateways, (gateway) => (gateway === null ? 0 : of(gateway)));
    this.mapping = each(({ mapping }) => (mapping === null ? NOT_AT_ALL : DEPENDENCES[mapping]));
    this.filtering = each(({ filtering }) => (filtering === null ? NOT_AT_ALL : DEPENDENCES[filtering]));
    this.lifetimeMs = Float64Array.from(gateways.flatMap((g) => [g?.mappingLifetimeMs ?? 0, g?.connectionLifetimeMs ?? 0]));
    this.inboundRefresh = each(({ inboundRefresh }) => Number(inboundRefresh));
    this.ports = each(({ ports }) => PORT_RULES[ports]);
    this.hairpinning = each(({ hairpinning }) => Number(hairpinning));
    this.blocksDatagrams = Uint8Array.from(classes.flatMap(({ datagrams }) => [Number(!datagrams), Number(!datagrams)]));
    this.portMapping = Uint8Array.from(classes.flatMap(({ gateway, portMapping }) => [Number(gateway !== null && portMapping), 0]));
  }
}
