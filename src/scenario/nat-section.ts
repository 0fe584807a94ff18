/**
 * Who is behind which kind of NAT: a map from classes to their shares of the peers and their behaviour. A class that bears the name of
 * a kind (nat-kinds.ts) is of that kind; any of it can be set otherwise.
 */

import type { z } from 'zod';
import type { Dependence, GatewayBehaviour, NatClass } from '../network/topology.js';
import { didYouMean, Problem } from '../problem.js';
import { TOPOLOGY_DEFAULTS } from './defaults.js';
import { count, duration, flag, mapOf, oneOf, section, share, wordsOr } from './fields.js';
import { CARRIER_GATEWAY, isNatKind, NAT_KINDS, NAT_PATTERNS, plainGateway } from './nat-kinds.js';
import { formatDuration, formatShare, parseShare, show, unexpected } from './units.js';
import type { Fail, Path } from './yaml-source.js';

const { nat: DEFAULTS } = TOPOLOGY_DEFAULTS;

const dependence = () => oneOf(['none', 'endpoint-independent', 'address-dependent', 'address-and-port-dependent']).optional();
const behaviour = {
  mapping: dependence(),
  filtering: dependence(),
  lifetime: duration({ above: 0 }).optional(),
  connectionLifetime: duration({ above: 0 }).optional(),
  inboundRefresh: flag().optional(),
  ports: oneOf(['preserving', 'sequential', 'random']).optional(),
  hairpinning: flag().optional(),
};
type Behaviour = z.output<z.ZodObject<typeof behaviour>>;

const classMap = section({
  share: share({ above: 0 }).optional(),
  kind: oneOf(NAT_KINDS).optional(),
  ...behaviour,
  peersPerGateway: count({ min: 1 }).optional(),
  portMapping: flag().optional(),
  datagrams: flag().optional(),
  carrier: section({ gateways: count({ min: 1 }).default(DEFAULTS.carrierGateways), ...behaviour }).optional(),
});
type Given = z.output<typeof classMap>;

/** `none`, one kind for everybody, or a map from classes to their shares or settings. */
export const natSection = wordsOr(
  (words): Record<string, Given> => {
    if (words === 'none') return {};
    if (typeof words === 'string' && isNatKind(words)) return { [words]: {} };
    const expected = `none, one of ${NAT_KINDS.join(', ')}, or a map from NAT classes to their shares`;
    throw new Problem(unexpected(expected, words).message + didYouMean(String(words), NAT_KINDS));
  },
  mapOf(
    wordsOr((words): Given => ({ share: parseShare(words, { above: 0 }) }), classMap),
    'a NAT class',
  ),
);

/** `mustAddUp` complains about shares that do not. */
export function resolveNat(
  given: Readonly<Record<string, Given>>,
  mustAddUp: (shares: readonly number[], path: Path) => void,
  fail: Fail,
): NatClass[] {
  const entries = Object.entries(given);
  if (entries.length > 256) fail(['nat'], `expected at most 256 classes, got ${entries.length}`);
  const classes = entries.map(([name, each]) => {
    const part = each.share ?? (entries.length === 1 ? 1 : fail(['nat', name], 'expected a share of the peers, got none'));
    return natClass(name, part, each, (key, message) => fail(['nat', name, ...key], message));
  });
  if (classes.length > 0)
    mustAddUp(
      classes.map((each) => each.share),
      ['nat'],
    );
  return classes;
}

function natClass(name: string, part: number, given: Given, fail: (key: string[], message: string) => never): NatClass {
  const kind = given.kind ?? (isNatKind(name) ? name : undefined);
  if (isNatKind(name) && kind !== name)
    fail(['kind'], `expected another name for a class of kind ${kind}, because ${name} is a kind itself`);
  if (kind === undefined && (given.mapping === undefined || given.filtering === undefined)) {
    const there = `the kinds are ${NAT_KINDS.join(', ')}`;
    fail([], `expected the name of a kind, a kind, or mapping and filtering, got ${show(name)}${didYouMean(name, NAT_KINDS)}; ${there}`);
  }
  const pattern = kind === undefined ? { gateway: plainGateway(null, null), datagrams: true, behindCarrier: false } : NAT_PATTERNS[kind];
  if (pattern.gateway === null) {
    for (const key of [...Object.keys(behaviour), 'peersPerGateway', 'portMapping'] as const) {
      if (given[key as keyof Given] !== undefined) fail([key], `expected no ${key}, because peers of kind ${kind} have no gateway at home`);
    }
  }
  const carrier = given.carrier ?? (pattern.behindCarrier ? { gateways: DEFAULTS.carrierGateways } : undefined);
  if (carrier?.mapping === 'none') fail(['carrier', 'mapping'], "expected a carrier's gateway that translates, got none");
  return {
    name,
    share: part,
    gateway: pattern.gateway && gatewayOf(given, pattern.gateway, (key, message) => fail([key], message)),
    peersPerGateway: given.peersPerGateway ?? DEFAULTS.peersPerGateway,
    datagrams: given.datagrams ?? pattern.datagrams,
    portMapping: given.portMapping ?? DEFAULTS.portMapping,
    carrier: carrier
      ? { gateway: gatewayOf(carrier, CARRIER_GATEWAY, (key, message) => fail(['carrier', key], message)), gateways: carrier.gateways }
      : null,
  };
}

/** What is given over what a gateway of this kind does. */
function gatewayOf(given: Behaviour, base: GatewayBehaviour, fail: (key: string, message: string) => never): GatewayBehaviour {
  const mapping = given.mapping === undefined ? base.mapping : dependenceOf(given.mapping);
  const filtering = given.filtering === undefined ? base.filtering : dependenceOf(given.filtering);
  if (mapping !== null && filtering === null) {
    fail('filtering', 'expected what it depends on, because nobody can pass where there is no mapping, got "none"');
  }
  for (const key of ['ports', 'hairpinning'] as const) {
    if (mapping === null && given[key] !== undefined) fail(key, `expected no ${key} without a mapping, because nothing is translated`);
  }
  const usual = mapping === base.mapping ? base : { ...base, ports: plainGateway(mapping, filtering).ports };
  return {
    mapping,
    filtering,
    mappingLifetimeMs: given.lifetime ?? usual.mappingLifetimeMs,
    connectionLifetimeMs: given.connectionLifetime ?? usual.connectionLifetimeMs,
    inboundRefresh: given.inboundRefresh ?? usual.inboundRefresh,
    ports: given.ports ?? usual.ports,
    hairpinning: given.hairpinning ?? (mapping !== null && usual.hairpinning),
  };
}

const dependenceOf = (word: Dependence | 'none'): Dependence | null => (word === 'none' ? null : word);

export function writeNat(nat: readonly NatClass[]): Record<string, unknown> {
  return Object.fromEntries(nat.map((each) => [each.name, writeClass(each)]));
}

function writeClass({ name, share: part, gateway, peersPerGateway, portMapping, datagrams, carrier }: NatClass): Record<string, unknown> {
  return {
    share: formatShare(part),
    ...(gateway ? { ...writeGateway(gateway), peersPerGateway, portMapping } : isNatKind(name) ? {} : { kind: 'open' }),
    datagrams,
    ...(carrier ? { carrier: { gateways: carrier.gateways, ...writeGateway(carrier.gateway) } } : {}),
  };
}

function writeGateway({ mapping, filtering, ports, hairpinning, ...given }: GatewayBehaviour): Record<string, unknown> {
  return {
    mapping: mapping ?? 'none',
    filtering: filtering ?? 'none',
    lifetime: formatDuration(given.mappingLifetimeMs),
    connectionLifetime: formatDuration(given.connectionLifetimeMs),
    inboundRefresh: given.inboundRefresh,
    ...(mapping === null ? {} : { ports, hairpinning }),
  };
}
