import test from 'ava';
import type { NatClass } from '../../src/network/topology.js';
import { CARRIER_GATEWAY, NAT_KINDS, plainGateway } from '../../src/scenario/nat-kinds.js';
import { loadTopology } from '../../src/scenario/topology-file.js';
import { plainNat } from '../helpers/plain-topology.js';
import { sentence, temporaryFolder } from './temporary.js';

const folder = temporaryFolder();
const load = (nat: string) => loadTopology(folder.write('t.yaml', `latency: 5ms\nnat: ${nat}`)).nat;
const says = (nat: string) => sentence(() => load(nat), folder.path);

const EI = 'endpoint-independent';
const AD = 'address-dependent';
const APD = 'address-and-port-dependent';

test('the kinds, in the words of RFC 4787', (t) => {
  const expected: Record<string, Partial<NatClass>> = {
    open: {},
    'full-cone': { gateway: plainGateway(EI, EI) },
    'restricted-cone': { gateway: plainGateway(EI, AD) },
    'port-restricted-cone': { gateway: plainGateway(EI, APD) },
    symmetric: { gateway: plainGateway(APD, APD) },
    firewall: { gateway: plainGateway(null, APD) },
    'udp-blocked': { gateway: plainGateway(EI, APD), datagrams: false },
    'carrier-grade': { gateway: plainGateway(EI, APD), carrier: { gateway: CARRIER_GATEWAY, gateways: 64 } },
    mobile: { carrier: { gateway: CARRIER_GATEWAY, gateways: 64 } },
  };
  t.deepEqual(Object.keys(expected), [...NAT_KINDS]);
  for (const kind of NAT_KINDS) {
    t.deepEqual(load(kind), [plainNat({ name: kind, ...expected[kind] })]);
    t.deepEqual(load(`{ mine: { kind: ${kind} } }`), [plainNat({ name: 'mine', ...expected[kind] })]);
  }
});

test('what a gateway does by itself', (t) => {
  t.deepEqual(plainGateway(EI, EI), {
    mapping: EI,
    filtering: EI,
    mappingLifetimeMs: 120_000,
    connectionLifetimeMs: 7_440_000,
    inboundRefresh: true,
    ports: 'preserving',
    hairpinning: false,
  });
  t.is(plainGateway(APD, EI).ports, 'random');
  t.deepEqual(CARRIER_GATEWAY, { ...plainGateway(EI, EI), ports: 'random', hairpinning: true });
});

test('a share is enough for a class with the name of a kind; alone it is everybody', (t) => {
  t.deepEqual(
    load('{ open: 25%, symmetric: 0.12, full-cone: 63% }').map(({ name, share }) => [name, share]),
    [
      ['open', 0.25],
      ['symmetric', 0.12],
      ['full-cone', 0.63],
    ],
  );
  t.deepEqual(load('none'), []);
  t.deepEqual(load('{}'), []);
  t.is(load('{ symmetric: {} }')[0].share, 1);
});

test('whatever a kind does can be set otherwise', (t) => {
  const [office] = load(
    '{ office: { kind: symmetric, filtering: address-dependent, lifetime: 30s, connectionLifetime: 1h, inboundRefresh: false, ports: sequential, ' +
      'hairpinning: true, peersPerGateway: 20, portMapping: true, datagrams: false, carrier: { gateways: 8, lifetime: 1m, mapping: address-dependent } } }',
  );
  t.deepEqual(office, {
    name: 'office',
    share: 1,
    gateway: {
      mapping: APD,
      filtering: AD,
      mappingLifetimeMs: 30_000,
      connectionLifetimeMs: 3_600_000,
      inboundRefresh: false,
      ports: 'sequential',
      hairpinning: true,
    },
    peersPerGateway: 20,
    portMapping: true,
    datagrams: false,
    carrier: { gateways: 8, gateway: { ...plainGateway(AD, EI), mappingLifetimeMs: 60_000, hairpinning: true } },
  });
  t.deepEqual(load('{ mine: { mapping: address-dependent, filtering: endpoint-independent } }')[0].gateway, plainGateway(AD, EI));
  t.is(load('{ full-cone: { mapping: address-dependent } }')[0].gateway!.ports, 'random');
  t.deepEqual(load('{ a-line: { mapping: none, filtering: none, peersPerGateway: 3 } }'), [
    plainNat({ name: 'a-line', gateway: plainGateway(null, null), peersPerGateway: 3 }),
  ]);
  t.deepEqual(load('{ blocked: { kind: open, datagrams: false } }'), [plainNat({ name: 'blocked', datagrams: false })]);
});

test('what is wrong with NAT is a sentence', (t) => {
  const kinds = 'open, full-cone, restricted-cone, port-restricted-cone, symmetric, firewall, udp-blocked, carrier-grade, mobile';
  const wrong: [string, string][] = [
    [
      'symetric',
      `2:6: nat: expected none, one of ${kinds}, or a map from NAT classes to their shares, got "symetric" (did you mean "symmetric"?)`,
    ],
    [
      '{ open: 50%, fullcone: 50% }',
      `2:29: nat.fullcone: expected the name of a kind, a kind, or mapping and filtering, got "fullcone" (did you mean "full-cone"?); the kinds are ${kinds}`,
    ],
    [
      '{ mine: { kind: symetric } }',
      `2:22: nat.mine.kind: expected ${kinds.replaceAll(', ', ' or ')}, got "symetric" (did you mean "symmetric"?)`,
    ],
    ['{ open: 50%, symmetric: 40% }', '2:6: nat: expected shares that add up to 100%, got 90%'],
    ['{ open: 50%, symmetric: {} }', '2:30: nat.symmetric: expected a share of the peers, got none'],
    ['{ open: 0%, symmetric: 100% }', '2:14: nat.open: expected a share above 0, such as 70% or 0.7, got "0%"'],
    [
      '{ open: { hairpinning: true } }',
      '2:29: nat.open.hairpinning: expected no hairpinning, because peers of kind open have no gateway at home',
    ],
    [
      '{ mobile: { peersPerGateway: 2 } }',
      '2:35: nat.mobile.peersPerGateway: expected no peersPerGateway, because peers of kind mobile have no gateway at home',
    ],
    [
      '{ open: { kind: symmetric } }',
      '2:22: nat.open.kind: expected another name for a class of kind symmetric, because open is a kind itself',
    ],
    ['{ firewall: { ports: random } }', '2:27: nat.firewall.ports: expected no ports without a mapping, because nothing is translated'],
    [
      '{ full-cone: { filtering: none } }',
      '2:32: nat.full-cone.filtering: expected what it depends on, because nobody can pass where there is no mapping, got "none"',
    ],
    [
      '{ symmetric: { mapping: symmetric } }',
      '2:30: nat.symmetric.mapping: expected none or endpoint-independent or address-dependent or address-and-port-dependent, got "symmetric"',
    ],
    [
      '{ carrier-grade: { carrier: { mapping: none } } }',
      "2:45: nat.carrier-grade.carrier.mapping: expected a carrier's gateway that translates, got none",
    ],
    ['{ symmetric: { hairpinning: yes } }', '2:34: nat.symmetric.hairpinning: expected true or false, got "yes"'],
    ['{ symmetric: { peersPerGateway: 0 } }', '2:38: nat.symmetric.peersPerGateway: expected a whole number of at least 1, got 0'],
    [
      '{ symmetric: { timeout: 3s } }',
      '2:21: nat.symmetric.timeout: unknown setting "timeout"; there is share, kind, mapping, filtering, lifetime, connectionLifetime, inboundRefresh, ports, hairpinning, peersPerGateway, portMapping, datagrams, carrier',
    ],
  ];
  for (const [text, expected] of wrong) t.is(says(text), `t.yaml:${expected}`);
});
