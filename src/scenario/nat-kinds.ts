/**
 * The kinds of way onto the network that have a name. The four cones are those of RFC 3489, said in the words of RFC 4787: how long an
 * inner endpoint keeps its outer one (mapping), and who may answer through it (filtering).
 */

import type { Dependence, GatewayBehaviour } from '../network/topology.js';
import { TOPOLOGY_DEFAULTS } from './defaults.js';

const { nat: DEFAULTS } = TOPOLOGY_DEFAULTS;

export const NAT_KINDS = [
  'open',
  'full-cone',
  'restricted-cone',
  'port-restricted-cone',
  'symmetric',
  'firewall',
  'udp-blocked',
  'carrier-grade',
  'mobile',
] as const;
export type NatKind = (typeof NAT_KINDS)[number];

/** What a class of this kind is unless its own keys say otherwise. */
export interface NatPattern {
  readonly gateway: GatewayBehaviour | null;
  readonly datagrams: boolean;
  readonly behindCarrier: boolean;
}

/** How a gateway behaves when only its mapping and filtering are known. */
export function plainGateway(mapping: Dependence | null, filtering: Dependence | null): GatewayBehaviour {
  return {
    mapping,
    filtering,
    mappingLifetimeMs: DEFAULTS.lifetimeMs,
    connectionLifetimeMs: DEFAULTS.connectionLifetimeMs,
    inboundRefresh: DEFAULTS.inboundRefresh,
    ports: mapping === null || mapping === 'endpoint-independent' ? 'preserving' : 'random',
    hairpinning: false,
  };
}

/** RFC 6888: as RFC 4787 asks of every NAT, with the most open filter (REQ-7), hairpinning, and ports that are hard to guess (REQ-15). */
export const CARRIER_GATEWAY: GatewayBehaviour = {
  ...plainGateway('endpoint-independent', 'endpoint-independent'),
  ports: 'random',
  hairpinning: true,
};

const home = (mapping: Dependence | null, filtering: Dependence | null): NatPattern => ({
  gateway: plainGateway(mapping, filtering),
  datagrams: true,
  behindCarrier: false,
});
const PORT_RESTRICTED = home('endpoint-independent', 'address-and-port-dependent');
const OPEN: NatPattern = { gateway: null, datagrams: true, behindCarrier: false };

export const NAT_PATTERNS: Readonly<Record<NatKind, NatPattern>> = {
  open: OPEN,
  'full-cone': home('endpoint-independent', 'endpoint-independent'),
  'restricted-cone': home('endpoint-independent', 'address-dependent'),
  'port-restricted-cone': PORT_RESTRICTED,
  symmetric: home('address-and-port-dependent', 'address-and-port-dependent'),
  firewall: home(null, 'address-and-port-dependent'),
  'udp-blocked': { ...PORT_RESTRICTED, datagrams: false },
  'carrier-grade': { ...PORT_RESTRICTED, behindCarrier: true },
  mobile: { ...OPEN, behindCarrier: true },
};

export const isNatKind = (name: string): name is NatKind => Object.hasOwn(NAT_PATTERNS, name);
