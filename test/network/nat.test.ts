import test from 'ava';
import { addressOf, endpoint, FIRST_CARRIER_IP, FIRST_GATEWAY_IP, FIRST_HOME_IP, PORT } from '../../src/network/address.js';
import { CONNECTION, DATAGRAM, REALM_CARRIER, REALM_HOME, REALM_PUBLIC } from '../../src/network/nat.js';
import {
  DROPPED_DATAGRAMS_BLOCKED,
  DROPPED_FILTERED,
  DROPPED_NO_HAIRPIN,
  DROPPED_NO_MAPPING,
  DROPPED_NO_SUCH_ADDRESS,
  DROPPED_PORTS_EXHAUSTED,
} from '../../src/network/network.js';
import type { Dependence } from '../../src/network/topology.js';
import { behind, CONNECTION_LIFETIME_MS, gateway, LIFETIME_MS, NatWorld, OPEN, type Underway } from '../helpers/nat-world.js';

const ON_NOTHING = 'endpoint-independent';
const ON_ADDRESS = 'address-dependent';
const ON_BOTH = 'address-and-port-dependent';
const DEPENDENCES: readonly Dependence[] = [ON_NOTHING, ON_ADDRESS, ON_BOTH];
const TRANSPORTS = [DATAGRAM, CONNECTION];

const gatewayAddress = (number: number, port = PORT) => endpoint(FIRST_GATEWAY_IP + number, port);
const homeAddress = (number: number) => endpoint(FIRST_HOME_IP + number, PORT);
const carrierAddress = (number: number, port = PORT) => endpoint(FIRST_CARRIER_IP + number, port);

/**
 * Peers 1 and 2 share a public address, each with a port of its own that is fixed: what only a filter or mapping that looks at ports can
 * tell apart. Peer 0 is the one behind the gateway in question, peer 3 a stranger.
 */
const sharedAddress = behind({ mapping: ON_NOTHING, filtering: ON_NOTHING, hairpinning: true }, { peersPerGateway: 2 });

test('mapping: one outer port for all, for each address, or for each address and port (RFC 4787, 4.1)', (t) => {
  for (const mapping of DEPENDENCES) {
    for (const transport of TRANSPORTS) {
      const world = new NatWorld([behind({ mapping }), sharedAddress, sharedAddress, OPEN]);
      const [one, two] = [world.seenBy(1, addressOf(3), transport), world.seenBy(2, addressOf(3), transport)];
      t.is(two - one, 1, 'the same address, another port');
      const outer = [one, two, addressOf(3), one].map((to) => world.seenBy(0, to, transport));
      t.is(outer[0] === outer[1], mapping !== ON_BOTH);
      t.is(outer[0] === outer[2], mapping === ON_NOTHING);
      t.is(outer[3], outer[0], 'a mapping alive is used again');
      t.is(world.nat.report().mappingsMade, 2 + new Set(outer).size);
    }
  }
});

test('filtering: who may answer a mapping made for another, for every kind of mapping (RFC 4787, 5)', (t) => {
  for (const mapping of DEPENDENCES) {
    for (const filtering of DEPENDENCES) {
      for (const transport of TRANSPORTS) {
        const world = new NatWorld([behind({ mapping, filtering }), sharedAddress, sharedAddress, OPEN]);
        const [one] = [world.seenBy(1, addressOf(3), transport), world.seenBy(2, addressOf(3), transport)];
        const outer = world.seenBy(0, one, transport);
        const says = `mapping ${mapping}, filtering ${filtering}`;
        const passes = (source: number) => world.send(source, outer, transport);
        t.deepEqual(passes(1), { peer: 0, from: one }, `${says}: who was asked`);
        t.deepEqual(passes(2), filtering === ON_BOTH ? DROPPED_FILTERED : { peer: 0, from: one + 1 }, `${says}: its neighbour`);
        t.deepEqual(passes(3), filtering === ON_NOTHING ? { peer: 0, from: addressOf(3) } : DROPPED_FILTERED, `${says}: a stranger`);
        t.is(world.send(3, outer + 1, transport), DROPPED_NO_MAPPING, `${says}: no such port`);
        // The transports have nothing to do with each other.
        t.is(world.send(1, outer, 1 - transport), DROPPED_NO_MAPPING, says);
      }
    }
  }
});

test('a firewall keeps addresses as they are, and lets in only who was asked', (t) => {
  for (const filtering of DEPENDENCES) {
    for (const transport of TRANSPORTS) {
      const world = new NatWorld([behind({ mapping: null, filtering }), sharedAddress, sharedAddress, OPEN]);
      const [one] = [world.seenBy(1, addressOf(3), transport), world.seenBy(2, addressOf(3), transport)];
      const passes = (source: number) => world.send(source, addressOf(0), transport);
      t.is(passes(1), DROPPED_FILTERED);
      t.is(world.seenBy(0, one, transport), addressOf(0));
      t.deepEqual(passes(1), { peer: 0, from: one });
      t.deepEqual(passes(2), filtering === ON_BOTH ? DROPPED_FILTERED : { peer: 0, from: one + 1 });
      t.deepEqual(passes(3), filtering === ON_NOTHING ? { peer: 0, from: addressOf(3) } : DROPPED_FILTERED);
      t.is(world.send(1, addressOf(0), 1 - transport), DROPPED_FILTERED);
      t.is(world.send(1, addressOf(0) + 1, transport), DROPPED_NO_SUCH_ADDRESS);
    }
  }
  const welcoming = new NatWorld([behind({ mapping: null, filtering: null }), OPEN]);
  t.deepEqual(welcoming.send(1, addressOf(0)), { peer: 0, from: addressOf(1) });
});

test('a mapping and its permissions end a lifetime after they were last used outbound; inbound counts only where it should', (t) => {
  for (const inboundRefresh of [false, true]) {
    for (const [transport, lifetime] of [
      [DATAGRAM, LIFETIME_MS],
      [CONNECTION, CONNECTION_LIFETIME_MS],
    ]) {
      for (const home of [gateway({ inboundRefresh }), gateway({ inboundRefresh, mapping: null })]) {
        const world = new NatWorld([behind(home), OPEN, OPEN]);
        const gone = home.mapping === null ? DROPPED_FILTERED : DROPPED_NO_MAPPING;
        const outer = world.seenBy(0, addressOf(1), transport);
        const answer = (ms: number) => typeof world.at(ms).send(1, outer, transport) === 'object';
        t.true(answer(lifetime - 1));
        t.is(answer(lifetime), inboundRefresh);
        if (!inboundRefresh) t.is(world.send(1, outer, transport), gone);
        world.seenBy(0, addressOf(1), transport);
        t.true(answer(2 * lifetime - 1), 'refreshed from inside');
        t.is(answer(3 * lifetime - 2), inboundRefresh, 'refreshed from outside');
        t.is(world.at(10 * lifetime).send(1, outer, transport), gone);
      }
    }
  }
});

test('a permission ends although its mapping is kept alive by others', (t) => {
  const world = new NatWorld([behind({}), OPEN, OPEN]);
  const outer = world.seenBy(0, addressOf(1));
  world.at(600).seenBy(0, addressOf(2));
  world.at(1200);
  t.is(world.send(1, outer), DROPPED_FILTERED);
  t.deepEqual(world.send(2, outer), { peer: 0, from: addressOf(2) });
});

test('a mapping that ended is made anew; where ports are preserved it has the same port again, so the old address is good', (t) => {
  for (const [ports, same] of [
    ['preserving', true],
    ['sequential', false],
  ] as const) {
    const world = new NatWorld([behind({ ports }), OPEN]);
    const before = world.seenBy(0, addressOf(1));
    const after = world.at(LIFETIME_MS).seenBy(0, addressOf(1));
    t.is(before === after, same);
    t.is(world.nat.report().mappingsMade, 2);
  }
});

test('hairpinning: by its outer address a peer reaches a neighbour, who sees an outer address, or nobody (RFC 4787, REQ-9)', (t) => {
  for (const transport of TRANSPORTS) {
    const home = (hairpinning: boolean) => behind({ hairpinning, filtering: ON_ADDRESS }, { peersPerGateway: 2 });
    const strict = home(false);
    const without = new NatWorld([strict, strict, OPEN]);
    const outer = without.seenBy(1, addressOf(2), transport);
    t.is(without.send(0, outer, transport), DROPPED_NO_HAIRPIN);
    t.is(without.send(1, outer, transport), DROPPED_NO_HAIRPIN);
    const kind = home(true);
    const world = new NatWorld([kind, kind, OPEN]);
    t.is(world.seenBy(1, addressOf(2), transport), gatewayAddress(0, PORT + 1));
    // The filter is the same as for all others: the neighbour has not asked.
    t.is(world.send(0, gatewayAddress(0, PORT + 1), transport), DROPPED_FILTERED);
    t.deepEqual(world.send(1, gatewayAddress(0, PORT), transport), { peer: 0, from: gatewayAddress(0, PORT + 1) });
    t.deepEqual(world.send(0, gatewayAddress(0, PORT + 1), transport), { peer: 1, from: gatewayAddress(0, PORT) });
    t.is(world.send(0, gatewayAddress(0, 9999), transport), DROPPED_NO_MAPPING);
  }
});

test('a household: private addresses lead to each other directly, and nowhere else; each peer has a port outside', (t) => {
  const home = behind({}, { peersPerGateway: 3 });
  const world = new NatWorld([home, OPEN, home, home, home]);
  t.deepEqual(
    [0, 1, 2, 3, 4].map((peer) => world.plan.own(peer)),
    [homeAddress(0), addressOf(1), homeAddress(1), homeAddress(2), homeAddress(0)],
  );
  t.deepEqual(world.send(0, homeAddress(2)), { peer: 3, from: homeAddress(0) });
  t.is((world.leave(0, homeAddress(2)) as Underway).realm, REALM_HOME);
  t.deepEqual(world.send(3, homeAddress(2)), { peer: 3, from: homeAddress(2) }, 'itself');
  t.is(world.nat.report().mappingsMade, 0, 'nothing passed the gateway');
  t.is(world.send(0, homeAddress(3)), DROPPED_NO_SUCH_ADDRESS);
  t.is(world.send(0, homeAddress(1) + 1), DROPPED_NO_SUCH_ADDRESS);
  t.is(world.send(4, homeAddress(1)), DROPPED_NO_SUCH_ADDRESS, 'the other household has one peer');
  t.is(world.send(1, homeAddress(0)), DROPPED_NO_SUCH_ADDRESS, 'private addresses are nothing outside');
  t.deepEqual(
    [0, 2, 3, 4].map((peer) => world.seenBy(peer, addressOf(1))),
    [gatewayAddress(0, PORT), gatewayAddress(0, PORT + 1), gatewayAddress(0, PORT + 2), gatewayAddress(1, PORT)],
  );
  t.deepEqual(world.send(1, gatewayAddress(0, PORT + 1)), { peer: 2, from: addressOf(1) });
});

test('peers behind one firewall meet without it, by their public addresses', (t) => {
  const office = behind({ mapping: null }, { peersPerGateway: 2 });
  const world = new NatWorld([office, office, office]);
  t.deepEqual(world.send(0, addressOf(1)), { peer: 1, from: addressOf(0) });
  t.deepEqual(world.send(0, addressOf(0)), { peer: 0, from: addressOf(0) });
  t.is(world.send(0, addressOf(2)), DROPPED_FILTERED);
});

test('what is nobody\u2019s address is told so, whoever asks; a NATed peer has no address of its own outside', (t) => {
  const mobile = behind(null, { carrier: { gateway: gateway(), gateways: 2 } });
  const world = new NatWorld([OPEN, behind({}), mobile]);
  for (const source of [0, 1, 2]) {
    for (const to of [
      Number.NaN,
      -1,
      0,
      5,
      addressOf(1),
      addressOf(2),
      addressOf(3),
      addressOf(0) + 1,
      gatewayAddress(3),
      2 ** 48,
      homeAddress(7),
    ]) {
      t.is(world.send(source, to), DROPPED_NO_SUCH_ADDRESS, `p${source} to ${to}`);
    }
  }
  // Gateway 1 is the mobile peer's place in its carrier's network, and has no public address.
  t.is(world.send(0, gatewayAddress(1)), DROPPED_NO_SUCH_ADDRESS);
  t.is(world.send(0, gatewayAddress(2, 9999)), DROPPED_NO_MAPPING);
  t.is(world.send(0, carrierAddress(0)), DROPPED_NO_SUCH_ADDRESS);
  t.is(world.send(1, carrierAddress(0)), DROPPED_NO_SUCH_ADDRESS);
});

test('a carrier\u2019s gateway translates once more, and both must let in what comes (RFC 6888)', (t) => {
  for (const [inner, outer] of DEPENDENCES.flatMap((a) => DEPENDENCES.map((b) => [a, b]))) {
    const nat = behind({ filtering: inner }, { carrier: { gateway: gateway({ filtering: outer }), gateways: 2 } });
    const world = new NatWorld([nat, sharedAddress, sharedAddress, OPEN]);
    const [one] = [world.seenBy(1, addressOf(3)), world.seenBy(2, addressOf(3))];
    const seen = world.seenBy(0, one);
    t.is(seen, gatewayAddress(1), 'the carrier\u2019s address, not the home\u2019s');
    const fate = (source: number, passes: boolean) =>
      t.is(typeof world.send(source, seen) === 'object', passes, `${source}: ${inner} behind ${outer}`);
    fate(1, true);
    fate(2, inner !== ON_BOTH && outer !== ON_BOTH);
    fate(3, inner === ON_NOTHING && outer === ON_NOTHING);
    t.is(world.send(3, gatewayAddress(0)), DROPPED_NO_SUCH_ADDRESS, 'the home gateway has no public address');
  }
});

test('within a carrier\u2019s network homes meet by its addresses; through the public one only by hairpinning', (t) => {
  const of = (hairpinning: boolean, atHome = false) =>
    behind(
      { filtering: ON_NOTHING, hairpinning: atHome },
      { peersPerGateway: 2, carrier: { gateway: gateway({ hairpinning, filtering: ON_NOTHING }), gateways: 2 } },
    );
  const nat = of(true);
  // Gateways: 0 home, 1 carrier, 2 home behind it, 3 another home, 4 its carrier.
  const world = new NatWorld([nat, nat, nat, nat, nat, OPEN]);
  t.deepEqual(
    [0, 1, 2, 3, 4].map((peer) => world.seenBy(peer, addressOf(5))),
    [0, 1, 2, 3, 0].map((n, peer) => gatewayAddress(peer < 4 ? 1 : 4, PORT + n)),
  );
  const inside = world.leave(0, carrierAddress(1, PORT + 1)) as Underway;
  t.is(inside.realm, REALM_CARRIER);
  t.deepEqual(world.arrive(inside), { peer: 3, from: carrierAddress(0) });
  t.is(world.send(4, carrierAddress(1, PORT + 1)), DROPPED_NO_SUCH_ADDRESS, 'another carrier, another network');
  t.is(world.send(0, carrierAddress(2)), DROPPED_NO_SUCH_ADDRESS);
  t.is(world.send(0, carrierAddress(0, PORT + 1)), DROPPED_NO_HAIRPIN, 'its own home gateway does not hairpin');
  const around = world.leave(0, gatewayAddress(1, PORT + 3)) as Underway;
  t.is(around.realm, REALM_PUBLIC);
  t.deepEqual(world.arrive(around), { peer: 3, from: gatewayAddress(1) });
  t.deepEqual(world.send(0, gatewayAddress(1, PORT + 1)), { peer: 1, from: gatewayAddress(1) }, 'even to the own household');
  t.deepEqual(world.send(4, gatewayAddress(1, PORT + 1)), { peer: 1, from: gatewayAddress(4) });
  const strict = of(false, true);
  const without = new NatWorld([strict, strict, strict, OPEN]);
  for (const peer of [0, 1, 2]) without.seenBy(peer, addressOf(3));
  t.is(without.send(0, gatewayAddress(1, PORT + 2)), DROPPED_NO_HAIRPIN);
  t.deepEqual(without.send(0, carrierAddress(0, PORT + 1)), { peer: 1, from: carrierAddress(0) }, 'hairpinning at home');
});

test('a mobile peer, or a firewall, behind a carrier keeps its address within the carrier\u2019s network', (t) => {
  const carrier = { gateway: gateway(), gateways: 3 };
  const mobile = behind(null, { carrier });
  const world = new NatWorld([mobile, mobile, OPEN]);
  t.deepEqual([world.plan.own(0), world.plan.own(1)], [carrierAddress(0), carrierAddress(1)]);
  t.deepEqual(world.send(0, carrierAddress(1)), { peer: 1, from: carrierAddress(0) }, 'no gateway between');
  t.is(world.send(0, carrierAddress(1) + 1), DROPPED_NO_SUCH_ADDRESS);
  t.is(world.seenBy(0, addressOf(2)), gatewayAddress(1));
  t.deepEqual(world.send(2, gatewayAddress(1)), { peer: 0, from: addressOf(2) });
  const walled = behind({ mapping: null }, { peersPerGateway: 2, carrier });
  const office = new NatWorld([walled, walled, walled, OPEN]);
  t.deepEqual(
    [0, 1, 2].map((peer) => office.plan.own(peer)),
    [0, 1, 2].map((n) => carrierAddress(n)),
  );
  t.deepEqual(office.send(0, carrierAddress(1)), { peer: 1, from: carrierAddress(0) }, 'the same firewall');
  t.is(office.send(0, carrierAddress(2)), DROPPED_FILTERED, 'another');
  t.deepEqual(office.send(2, carrierAddress(0)), { peer: 0, from: carrierAddress(2) }, 'which was asked');
  t.is(office.seenBy(1, addressOf(3)), gatewayAddress(1, PORT + 1));
  t.deepEqual(office.send(3, gatewayAddress(1, PORT + 1)), { peer: 1, from: addressOf(3) });
  t.is(office.send(3, gatewayAddress(1, PORT)), DROPPED_NO_MAPPING);
});

test('where datagrams are blocked they pass in neither direction; connections do, and so does what stays at home', (t) => {
  for (const home of [{}, { mapping: null }, null]) {
    const blocked = behind(home, { datagrams: false, peersPerGateway: 2 });
    const world = new NatWorld([blocked, blocked, OPEN]);
    t.is(world.send(0, addressOf(2)), DROPPED_DATAGRAMS_BLOCKED);
    const outer = world.seenBy(0, addressOf(2), CONNECTION);
    t.deepEqual(world.send(2, outer, CONNECTION), { peer: 0, from: addressOf(2) });
    t.is(world.send(2, outer), DROPPED_DATAGRAMS_BLOCKED);
    if (home !== null) t.deepEqual(world.send(0, world.plan.own(1)), { peer: 1, from: world.plan.own(0) });
  }
});

test('ports: preserved if free, else the next in sequence; sequential; random by the seed; never one for two', (t) => {
  const open = Array.from({ length: 40 }, () => OPEN);
  const portsOf = (nat: ReturnType<typeof behind>, seed = 1) => {
    const world = new NatWorld([nat, ...open], { seed });
    return open.map((_, i) => world.seenBy(0, addressOf(i + 1)) % 65536);
  };
  const symmetric = (ports: 'preserving' | 'sequential' | 'random') => behind({ mapping: ON_BOTH, ports });
  t.deepEqual(portsOf(symmetric('preserving')), [PORT, ...Array.from({ length: 39 }, (_, i) => 1024 + i)]);
  t.deepEqual(
    portsOf(symmetric('sequential')),
    Array.from({ length: 40 }, (_, i) => 1024 + i),
  );
  const random = portsOf(symmetric('random'));
  t.is(new Set(random).size, 40);
  t.true(random.every((port) => port >= 1024) && Math.max(...random) - Math.min(...random) > 30_000);
  t.deepEqual(portsOf(symmetric('random')), random);
  t.notDeepEqual(portsOf(symmetric('random'), 2), random);
});

test('what a gateway gives does not depend on other gateways: their ports are drawn from streams of their own', (t) => {
  const nat = behind({ mapping: ON_BOTH, ports: 'random' });
  const world = new NatWorld([nat, nat, OPEN, OPEN]);
  const apart = [0, 0, 1, 1].map((peer, i) => world.seenBy(peer, addressOf(2 + (i & 1))));
  const other = new NatWorld([nat, nat, OPEN, OPEN]);
  const mixed = [1, 0, 1, 0].map((peer, i) => other.seenBy(peer, addressOf(2 + (i >> 1))));
  t.deepEqual([mixed[1], mixed[3], mixed[0], mixed[2]], apart);
});

test('a gateway without free ports drops what would need one, until one is free again', (t) => {
  for (const ports of ['preserving', 'sequential', 'random'] as const) {
    const nat = behind({ mapping: ON_ADDRESS, ports });
    const world = new NatWorld([nat, ...Array.from({ length: 6 }, () => OPEN)], { range: { first: 6345, last: 6348 } });
    const outer = [1, 2, 3, 4].map((peer) => world.at(peer).seenBy(0, addressOf(peer)) % 65536);
    t.deepEqual(outer.toSorted(), [6345, 6346, 6347, 6348]);
    for (let i = 0; i < 3; i++) t.is(world.send(0, addressOf(5)), DROPPED_PORTS_EXHAUSTED);
    t.is(world.seenBy(0, addressOf(2)) % 65536, outer[1], 'what there is goes on');
    t.is(world.seenBy(0, addressOf(5), CONNECTION) >= 0, true, 'connections have ports of their own');
    t.is(world.at(1 + LIFETIME_MS - 0.5).send(0, addressOf(5)), DROPPED_PORTS_EXHAUSTED);
    t.is(world.at(1 + LIFETIME_MS).seenBy(0, addressOf(5)) % 65536, outer[0], 'the first to end');
    t.is(world.send(0, addressOf(6)), DROPPED_PORTS_EXHAUSTED);
  }
});

test('a port given back is free for others a lifetime later, though they had found none', (t) => {
  const nat = behind({}, { portMapping: true, peersPerGateway: 2 });
  const world = new NatWorld([nat, nat, OPEN], { range: { first: PORT, last: PORT } });
  t.is(world.nat.mapPort(0), gatewayAddress(0));
  t.is(world.nat.mapPort(1), null, 'there is no other');
  t.is(world.send(1, addressOf(2)), DROPPED_PORTS_EXHAUSTED);
  world.at(10).nat.unmapPort(0);
  t.is(world.at(9 + LIFETIME_MS).send(1, addressOf(2)), DROPPED_PORTS_EXHAUSTED);
  t.is(world.at(10 + LIFETIME_MS).seenBy(1, addressOf(2)), gatewayAddress(0));
});

test('a port asked for is open to everybody, for both transports, until it is given back', (t) => {
  for (const mapping of DEPENDENCES) {
    const nat = behind({ mapping }, { portMapping: true, peersPerGateway: 2 });
    const world = new NatWorld([nat, nat, OPEN, OPEN]);
    const address = world.nat.mapPort(1)!;
    t.is(address, gatewayAddress(0, PORT + 1));
    t.is(world.nat.mapPort(1), address, 'asking twice changes nothing');
    world.at(100 * LIFETIME_MS);
    for (const transport of TRANSPORTS) {
      t.deepEqual(world.send(2, address, transport), { peer: 1, from: addressOf(2) });
      t.is(world.seenBy(1, addressOf(3), transport), address, 'its own packets leave by it');
      t.is(world.send(2, gatewayAddress(0), transport), DROPPED_NO_MAPPING, 'nobody else\u2019s port is open');
    }
    world.nat.unmapPort(1);
    t.is(world.send(2, address), DROPPED_FILTERED, 'the filter is back');
    t.deepEqual(world.send(3, address), { peer: 1, from: addressOf(3) }, 'for all but those that were spoken to');
    t.is(world.at(101 * LIFETIME_MS).send(3, address), DROPPED_NO_MAPPING);
    t.is(world.nat.mapPort(1), address, 'and it can be asked for again');
  }
});

test('a port asked for takes over the mapping that the peer has there; other conversations go on as they began', (t) => {
  const symmetric = behind({ mapping: ON_BOTH }, { portMapping: true });
  const world = new NatWorld([OPEN, OPEN, OPEN, symmetric]);
  const [first, second] = [world.seenBy(3, addressOf(1)), world.seenBy(3, addressOf(2))];
  t.is(first, gatewayAddress(0));
  t.is(world.nat.mapPort(3), first);
  t.is(world.seenBy(3, addressOf(1)), first);
  t.is(world.seenBy(3, addressOf(2)), second);
  t.is(world.seenBy(3, addressOf(0)), first);
  t.deepEqual(world.send(2, second), { peer: 3, from: addressOf(2) });
  // A neighbour's live mapping is not taken away: the next free port.
  const home = behind({ ports: 'sequential' }, { portMapping: true, peersPerGateway: 2 });
  const crowded = new NatWorld([home, home, OPEN], { range: { first: PORT, last: PORT + 2 } });
  const taken = crowded.seenBy(1, addressOf(2));
  t.is(taken, gatewayAddress(0, PORT));
  t.is(crowded.nat.mapPort(0), gatewayAddress(0, PORT + 1));
  t.is(crowded.nat.mapPort(1), gatewayAddress(0, PORT + 2));
  t.is(crowded.seenBy(1, addressOf(2)), gatewayAddress(0, PORT + 2));
  t.is(crowded.send(2, taken) === DROPPED_FILTERED, false, 'who knew the old port may still answer');
});

test('a pinhole in a firewall; nothing on the open network, or where it is not granted', (t) => {
  const walled = behind({ mapping: null }, { portMapping: true });
  const world = new NatWorld([walled, OPEN, behind({}), behind({}, { portMapping: true })]);
  t.is(world.nat.mapPort(0), addressOf(0));
  for (const transport of TRANSPORTS) t.deepEqual(world.at(1e6).send(1, addressOf(0), transport), { peer: 0, from: addressOf(1) });
  world.nat.unmapPort(0);
  for (const transport of TRANSPORTS) t.is(world.send(1, addressOf(0), transport), DROPPED_FILTERED);
  t.is(world.nat.mapPort(1), null);
  t.is(world.nat.mapPort(2), null);
  for (const peer of [1, 2, 3]) t.notThrows(() => world.nat.unmapPort(peer));
});

test('behind a carrier a port asked for is one in the carrier\u2019s network: from outside nobody can use it', (t) => {
  const nat = behind({}, { portMapping: true, carrier: { gateway: gateway(), gateways: 2 } });
  const world = new NatWorld([nat, nat, OPEN, OPEN]);
  const address = world.nat.mapPort(0)!;
  t.is(address, carrierAddress(0));
  t.deepEqual(world.send(1, address), { peer: 0, from: carrierAddress(1) });
  t.is(world.send(2, address), DROPPED_NO_SUCH_ADDRESS);
  const outside = world.seenBy(0, addressOf(2));
  t.is(outside, gatewayAddress(1));
  t.is(world.send(3, outside), DROPPED_FILTERED, 'the carrier\u2019s filter is what it was');
  const mobile = new NatWorld([behind(null, { portMapping: true, carrier: { gateway: gateway(), gateways: 2 } })]);
  t.is(mobile.nat.mapPort(0), null, 'there is no home gateway to ask');
});

test('what is remembered is reported', (t) => {
  const world = new NatWorld([behind({}), OPEN, OPEN]);
  const empty = world.nat.report();
  t.like(empty, { mappingsMade: 0, mappingsHeld: 0, permissionsHeld: 0 });
  for (const transport of TRANSPORTS) for (const to of [1, 2]) world.send(0, addressOf(to), transport);
  t.like(world.nat.report(), { mappingsMade: 2, mappingsHeld: 2, permissionsHeld: 4, bytes: empty.bytes });
});
