import test from 'ava';
import fc from 'fast-check';
import { addressOf, endpoint, FIRST_GATEWAY_IP, formatAddress, PORT } from '../../src/network/address.js';
import { AddressPlan, numberOfPort, preferredPort } from '../../src/network/address-plan.js';
import type { NatClass } from '../../src/network/topology.js';
import { behind, gateway, NatWorld, OPEN } from '../helpers/nat-world.js';
import { plainTopology } from '../helpers/plain-topology.js';

const wild = { mapping: 'endpoint-independent', filtering: 'endpoint-independent' } as const;
const carrier = { gateway: gateway(wild), gateways: 3 };

/** All ways of being somewhere. */
const PLACES: readonly NatClass[] = [
  OPEN,
  behind(wild),
  behind(wild, { peersPerGateway: 3 }),
  behind({ mapping: null }),
  behind({ mapping: null }, { peersPerGateway: 2 }),
  behind(wild, { carrier }),
  behind(wild, { peersPerGateway: 4, carrier }),
  behind(null, { carrier }),
  behind({ mapping: null }, { peersPerGateway: 2, carrier }),
];

test('a peer is found by its outer address, and by no other\u2019s', (t) => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...PLACES), { minLength: 1, maxLength: 60 }), (classOf) => {
      const { plan } = new NatWorld(classOf);
      const outer = classOf.map((_, peer) => plan.outer(peer));
      t.is(new Set(outer).size, outer.length);
      t.deepEqual(
        outer.map((address) => plan.peerOf(address)),
        classOf.map((_, peer) => peer),
      );
      classOf.forEach((nat, peer) => {
        const isPublic = nat.carrier === null && !nat.gateway?.mapping;
        t.is(plan.hasPublicAddress(peer), isPublic);
        t.is(plan.own(peer) === addressOf(peer), isPublic);
        t.is(plan.peerOf(addressOf(peer)), isPublic ? peer : -1);
        if (!isPublic) t.is(plan.peerOf(plan.own(peer)), -1, 'a private address says nothing outside');
        t.is(plan.reachable(peer), nat === OPEN);
      });
    }),
  );
});

test('the outer address is the one that others see, where gateways preserve ports: at once, and whoever sends first', (t) => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...PLACES), { minLength: 2, maxLength: 40 }),
      fc.array(fc.nat(1000), { maxLength: 80 }),
      (classOf, senders) => {
        const world = new NatWorld([...classOf, OPEN]);
        for (const sender of senders) {
          const peer = sender % classOf.length;
          t.is(world.seenBy(peer, addressOf(classOf.length)), world.plan.outer(peer));
        }
      },
    ),
  );
});

test('with one peer behind it an address is that peer\u2019s, whatever the port; with several the port tells, if it can', (t) => {
  const several = behind(wild, { peersPerGateway: 2 });
  const { plan } = new NatWorld([behind(wild), several, several, behind(wild, { carrier: { ...carrier, gateways: 1 } })]);
  const at = (number: number, port: number) => plan.peerOf(endpoint(FIRST_GATEWAY_IP + number, port));
  for (const port of [0, 1024, PORT, 65_535]) t.is(at(0, port), 0);
  t.deepEqual(
    [PORT, PORT + 1, PORT + 2, 1024, 0].map((port) => at(1, port)),
    [1, 2, -1, -1, -1],
  );
  t.is(at(2, PORT), -1, 'a home gateway behind a carrier');
  t.is(at(3, 1234), 3);
  t.is(at(4, PORT), -1);
  for (const odd of [Number.NaN, -1, 0.5, 5, 2 ** 48, addressOf(0) + 1, addressOf(-1)]) t.is(plan.peerOf(odd), -1);
});

test('addresses read as people would write them', (t) => {
  const { plan } = new NatWorld([...PLACES.flatMap((nat) => [nat, nat])]);
  t.deepEqual(
    [0, 2, 5, 7, 11, 12, 13, 15].map((peer) => `${formatAddress(plan.own(peer))} ${formatAddress(plan.outer(peer))}`),
    [
      '1.0.0.0:6346 1.0.0.0:6346',
      '192.168.0.2:6346 128.0.0.0:6346',
      '192.168.0.3:6346 128.0.0.2:6347',
      '1.0.0.7:6346 1.0.0.7:6346',
      '192.168.0.2:6346 128.0.0.7:6347',
      '192.168.0.2:6346 128.0.0.10:6346',
      '192.168.0.3:6346 128.0.0.10:6347',
      '100.64.0.1:6346 128.0.0.12:6347',
    ],
  );
});

test('every number behind an address has a port of its own, in the range that is given out', (t) => {
  const ports = Array.from({ length: 64_512 }, (_, number) => preferredPort(number));
  t.is(ports[0], PORT);
  t.is(new Set(ports).size, 64_512);
  t.true(Math.min(...ports) === 1024 && Math.max(...ports) === 65_535);
  t.true(ports.every((port, number) => numberOfPort(port) === number));
});

test('without NAT a peer and its address are a sum apart', (t) => {
  const plan = new AddressPlan(plainTopology(), 100, null);
  t.is(plan.own(17), addressOf(17));
  t.is(plan.outer(17), addressOf(17));
  t.is(plan.peerOf(addressOf(17)), 17);
  t.is(plan.peerOf(addressOf(100)), -1);
  t.true(plan.reachable(99));
});
