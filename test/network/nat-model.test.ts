/**
 * The engine against a naive model of the same gateways: objects in lists, looked through from one end to the other, nothing hashed,
 * nothing packed, nothing put off. Whatever peers send to whatever addresses at whatever times, both must say the same.
 */

import test from 'ava';
import fc from 'fast-check';
import { addressOf, endpoint, FIRST_CARRIER_IP, FIRST_GATEWAY_IP, FIRST_HOME_IP, formatAddress, PORT } from '../../src/network/address.js';
import {
  DROPPED_DATAGRAMS_BLOCKED,
  DROPPED_FILTERED,
  DROPPED_NO_HAIRPIN,
  DROPPED_NO_MAPPING,
  DROPPED_NO_SUCH_ADDRESS,
  DROPPED_PORTS_EXHAUSTED,
} from '../../src/network/network.js';
import type { Dependence, GatewayBehaviour, NatClass } from '../../src/network/topology.js';
import type { Address } from '../../src/protocol.js';
import { behind, type Fate, NatWorld, OPEN } from '../helpers/nat-world.js';

const RANGE = { first: PORT - 1, last: PORT + 2 };

interface Mapping {
  readonly inner: Address;
  readonly transport: number;
  /** What it was made for, as far as the gateway cares. */
  readonly remote: string;
  readonly port: number;
  usedAt: number;
  /** Whom it has sent to, as far as the gateway cares, and when last. */
  readonly asked: Map<string, number>;
}

const asFarAs = (dependence: Dependence | null, remote: Address) =>
  dependence === 'address-dependent'
    ? String(Math.floor(remote / 65536))
    : dependence === 'address-and-port-dependent'
      ? String(remote)
      : 'anybody';

/** One gateway between an inner network, where it is `inside`, and an outer one, where it is known as `ip`. */
class Gateway {
  readonly behaviour: GatewayBehaviour;
  readonly ip: number;
  readonly mappings: Mapping[] = [];
  next = 0;

  constructor(behaviour: GatewayBehaviour, ip: number) {
    this.behaviour = behaviour;
    this.ip = ip;
  }

  lifetime(transport: number): number {
    return transport === 0 ? this.behaviour.mappingLifetimeMs : this.behaviour.connectionLifetimeMs;
  }

  alive(now: number, transport: number): Mapping[] {
    return this.mappings.filter((each) => each.transport === transport && now < each.usedAt + this.lifetime(transport));
  }

  /** The address outside of what leaves from `inner`. A firewall's mapping is of an endpoint to itself. */
  leave(now: number, inner: Address, to: Address, transport: number, preferred: number): Address | number {
    const translates = this.behaviour.mapping !== null;
    const remote = asFarAs(this.behaviour.mapping, to);
    const alive = this.alive(now, transport);
    let mapping = alive.find((each) => each.inner === inner && each.remote === remote);
    if (!mapping) {
      let port = preferred;
      if (translates && (this.behaviour.ports !== 'preserving' || port > RANGE.last || alive.some((each) => each.port === port))) {
        const size = RANGE.last - RANGE.first + 1;
        if (new Set(alive.map((each) => each.port)).size === size) return DROPPED_PORTS_EXHAUSTED;
        do port = RANGE.first + (this.next++ % size);
        while (alive.some((each) => each.port === port));
      }
      mapping = { inner, transport, remote, port, usedAt: now, asked: new Map() };
      this.mappings.push(mapping);
    }
    mapping.usedAt = now;
    mapping.asked.set(asFarAs(this.behaviour.filtering, to), now);
    return translates ? endpoint(this.ip, mapping.port) : inner;
  }

  /** Where inside it goes what comes for a port, or for an inner address if this is a firewall. */
  enter(now: number, to: Address, from: Address, transport: number): Address | number {
    const { mapping: translates, filtering } = this.behaviour;
    const mapping = this.alive(now, transport).find((each) => (translates === null ? each.inner === to : each.port === to % 65536));
    if (translates === null && filtering === null) return to;
    if (!mapping) return translates === null ? DROPPED_FILTERED : DROPPED_NO_MAPPING;
    const who = asFarAs(filtering, from);
    if (filtering !== 'endpoint-independent') {
      const asked = mapping.asked.get(who);
      if (asked === undefined || now >= asked + this.lifetime(transport)) return DROPPED_FILTERED;
    }
    if (this.behaviour.inboundRefresh) {
      mapping.usedAt = now;
      mapping.asked.set(who, now);
    }
    return mapping.inner;
  }
}

/** Where a peer is: what it calls itself, and which gateways are in front of it. */
interface Place {
  readonly nat: NatClass;
  readonly own: Address;
  readonly home: Gateway | null;
  readonly carrier: Gateway | null;
  readonly preferred: readonly [home: number, carrier: number];
}

/** Peers come to households of two and carriers of two homes in order, by class. */
function places(classOf: readonly NatClass[]): Place[] {
  const homes = new Map<NatClass, { home: Gateway | null; size: number; wan: number; carrier: Gateway | null; number: number }>();
  const carriers = new Map<NatClass, { carrier: Gateway; size: number }>();
  let count = 0;
  return classOf.map((nat, peer) => {
    if (nat.gateway === null && nat.carrier === null && nat.datagrams)
      return { nat, own: addressOf(peer), home: null, carrier: null, preferred: [0, 0] };
    const room = nat.gateway === null ? 1 : nat.peersPerGateway;
    let here = homes.get(nat);
    if (!here || here.size === room) {
      const number = count++;
      let carrier = carriers.get(nat);
      if (nat.carrier !== null && (!carrier || carrier.size === nat.carrier.gateways)) {
        carrier = { carrier: new Gateway(nat.carrier.gateway, FIRST_GATEWAY_IP + count++), size: 0 };
        carriers.set(nat, carrier);
      }
      const place = carrier ? carrier.size++ : 0;
      const wan = FIRST_CARRIER_IP + place * (nat.gateway?.mapping ? 1 : room);
      here = {
        home: nat.gateway && new Gateway(nat.gateway, carrier ? wan : FIRST_GATEWAY_IP + number),
        size: 0,
        wan,
        carrier: carrier?.carrier ?? null,
        number: place,
      };
      homes.set(nat, here);
    }
    const k = here.size++;
    const ip = nat.gateway?.mapping ? FIRST_HOME_IP + k : here.carrier ? here.wan + k : null;
    return {
      nat,
      own: ip === null ? addressOf(peer) : endpoint(ip, PORT),
      home: here.home,
      carrier: here.carrier,
      preferred: [PORT + k, PORT + here.number * room + k],
    };
  });
}

class Model {
  readonly places: Place[];
  private readonly hidden: boolean[];

  constructor(classOf: readonly NatClass[]) {
    this.places = places(classOf);
    this.hidden = this.places.map(({ own }, peer) => own !== addressOf(peer));
  }

  send(now: number, source: number, to: Address, transport: number): Fate {
    const me = this.places[source];
    const at = (ip: number) => (Math.floor(to / 65536) | 0) === ip;
    const near = this.places.findIndex(
      (each) => (each === me || (each.home !== null && each.home === me.home)) && at(Math.floor(each.own / 65536) | 0),
    );
    if (near >= 0 && me.home) return this.places[near].own === to ? { peer: near, from: me.own } : DROPPED_NO_SUCH_ADDRESS;
    if (me.own === to) return { peer: source, from: me.own };
    const blocked = transport === 0 && !me.nat.datagrams;
    if (to >= endpoint(FIRST_HOME_IP, 0) && to < endpoint(FIRST_HOME_IP + 100, 0)) {
      return blocked && !me.home?.behaviour.mapping ? DROPPED_DATAGRAMS_BLOCKED : this.homeless(now, me, to, transport);
    }
    if (blocked) return DROPPED_DATAGRAMS_BLOCKED;
    const isWan = to >= endpoint(FIRST_CARRIER_IP, 0) && to < endpoint(FIRST_CARRIER_IP + 100, 0);
    if (isWan && !me.carrier) return DROPPED_NO_SUCH_ADDRESS;
    const hairpinsAtHome = me.home?.behaviour.mapping && at(me.home.ip) && (!me.carrier || isWan);
    if (hairpinsAtHome && !me.home?.behaviour.hairpinning) return DROPPED_NO_HAIRPIN;
    let from = me.own;
    if (me.home) {
      const outside = me.home.leave(now, from, to, transport, me.preferred[0]);
      if (outside < 0) return outside;
      from = outside;
    }
    if (isWan) {
      const neighbours = this.places.filter((each) => each.carrier === me.carrier);
      const there = neighbours.find((each) => (each.home?.behaviour.mapping ? at(each.home.ip) : each.own === to));
      return there ? this.atHome(now, there, to, from, transport) : DROPPED_NO_SUCH_ADDRESS;
    }
    if (me.carrier) {
      if (at(me.carrier.ip) && !me.carrier.behaviour.hairpinning) return DROPPED_NO_HAIRPIN;
      // A home's port has a preference outside if it is one that the home's peers have by preference.
      const inner = from % 65536;
      const k = inner - PORT;
      const room = me.nat.gateway === null ? 1 : me.nat.peersPerGateway;
      const base = me.preferred[1] - (me.preferred[0] - PORT);
      const preferred = !me.home?.behaviour.mapping ? me.preferred[1] : k >= 0 && k < room ? base + k : RANGE.last + 1;
      const outside = me.carrier.leave(now, from, to, transport, preferred);
      if (outside < 0) return outside;
      from = outside;
    }
    const open = this.places.findIndex((each, peer) => !this.hidden[peer] && each.own === to);
    const there =
      open >= 0
        ? this.places[open]
        : this.places.find((each) => at((each.carrier ?? each.home)?.ip ?? 0) && (each.carrier ?? each.home)!.behaviour.mapping);
    if (!there) return DROPPED_NO_SUCH_ADDRESS;
    if (transport === 0 && !there.nat.datagrams) return DROPPED_DATAGRAMS_BLOCKED;
    if (!there.carrier) return this.atHome(now, there, to, from, transport);
    const inside = there.carrier.enter(now, to, from, transport);
    if (inside < 0) return inside;
    const neighbours = this.places.filter((each) => each.carrier === there.carrier);
    const ip = Math.floor(inside / 65536) | 0;
    const home = neighbours.find((each) => (each.home?.behaviour.mapping ? each.home.ip === ip : each.own === inside))!;
    return this.atHome(now, home, inside, from, transport);
  }

  /** To a private address that is nobody's here. */
  private homeless(now: number, me: Place, to: Address, transport: number): number {
    if (me.home?.behaviour.mapping) return DROPPED_NO_SUCH_ADDRESS;
    const outside = me.home ? me.home.leave(now, me.own, to, transport, PORT) : me.own;
    const further = me.carrier && outside >= 0 ? me.carrier.leave(now, outside, to, transport, me.preferred[1]) : outside;
    return further < 0 ? further : DROPPED_NO_SUCH_ADDRESS;
  }

  private atHome(now: number, there: Place, to: Address, from: Address, transport: number): Fate {
    if (transport === 0 && !there.nat.datagrams) return DROPPED_DATAGRAMS_BLOCKED;
    const inside = there.home ? there.home.enter(now, to, from, transport) : to;
    if (inside < 0) return inside;
    return {
      peer: this.places.findIndex((each) => each.own === inside && each.home === there.home && each.carrier === there.carrier),
      from,
    };
  }
}

const dependence = fc.constantFrom<Dependence>('endpoint-independent', 'address-dependent', 'address-and-port-dependent');
const behaviour = (mapping: fc.Arbitrary<Dependence | null>): fc.Arbitrary<GatewayBehaviour> =>
  fc.record({
    mapping,
    filtering: dependence,
    mappingLifetimeMs: fc.constantFrom(10, 40, 300),
    connectionLifetimeMs: fc.constantFrom(20, 80, 600),
    inboundRefresh: fc.boolean(),
    ports: fc.constantFrom('preserving' as const, 'sequential' as const),
    hairpinning: fc.boolean(),
  });
const natClass: fc.Arbitrary<NatClass> = fc
  .record({
    home: fc.oneof({ arbitrary: behaviour(fc.option(dependence, { freq: 4 })), weight: 6 }, fc.constant(null)),
    peersPerGateway: fc.integer({ min: 1, max: 2 }),
    datagrams: fc.boolean(),
    carrier: fc.option(fc.record({ gateway: behaviour(dependence), gateways: fc.integer({ min: 1, max: 2 }) }), { freq: 2 }),
  })
  .map(({ home, carrier, ...rest }) => behind(home, { ...rest, carrier, datagrams: rest.datagrams || home === null }));

const world = fc
  .array(natClass, { minLength: 1, maxLength: 3 })
  .chain((classes) => fc.tuple(fc.constant(classes), fc.array(fc.constantFrom(OPEN, ...classes), { minLength: 3, maxLength: 9 })));
const action = fc.record({
  source: fc.nat(8),
  transport: fc.nat(1),
  waitMs: fc.constantFrom(0, 0, 1, 5, 20),
  /** To an address that somebody was seen by, to somebody's own, or to a gateway's port. */
  to: fc.oneof(
    { arbitrary: fc.record({ seen: fc.nat(30) }), weight: 5 },
    { arbitrary: fc.record({ own: fc.nat(8) }), weight: 3 },
    fc.record({ gateway: fc.nat(6), port: fc.integer({ min: RANGE.first, max: RANGE.last }) }),
    fc.record({ home: fc.nat(3), port: fc.integer({ min: RANGE.first, max: RANGE.last }) }),
  ),
});

test('whatever is sent whenever to whomever: the engine does what the model does', (t) => {
  const fates = new Map<string, number>();
  fc.assert(
    fc.property(world, fc.array(action, { minLength: 20, maxLength: 200 }), ([, classOf], actions) => {
      const engine = new NatWorld(classOf, { range: RANGE });
      const model = new Model(classOf);
      t.deepEqual(
        classOf.map((_, peer) => engine.plan.own(peer)),
        model.places.map(({ own }) => own),
      );
      const seen = classOf.map((_, peer) => model.places[peer].own);
      let now = 0;
      for (const { source: any, transport, waitMs, to: where } of actions) {
        now += waitMs;
        const source = any % classOf.length;
        let to: Address;
        if ('seen' in where) to = seen[where.seen % seen.length];
        else if ('own' in where) to = model.places[where.own % classOf.length].own;
        else if ('gateway' in where) to = endpoint(FIRST_GATEWAY_IP + where.gateway, where.port);
        else to = endpoint(FIRST_CARRIER_IP + where.home, where.port);
        const expected = model.send(now, source, to, transport);
        const fate = engine.at(now).send(source, to, transport);
        // Thrown, so that fast-check makes the example small and shows it.
        if (JSON.stringify(fate) !== JSON.stringify(expected)) {
          const says = `p${source} to ${formatAddress(to)}, transport ${transport}, at ${now}`;
          throw new Error(`${says}: ${JSON.stringify(fate)}, expected ${JSON.stringify(expected)}`);
        }
        if (typeof fate === 'object') seen.push(fate.from);
        const label = typeof fate === 'number' ? String(fate) : 'arrived';
        fates.set(label, (fates.get(label) ?? 0) + 1);
      }
    }),
    { numRuns: 2000 },
  );
  t.log(Object.fromEntries(fates));
  // The model is worth something only if everything happened, and often.
  const verdicts = [
    DROPPED_FILTERED,
    DROPPED_NO_MAPPING,
    DROPPED_NO_HAIRPIN,
    DROPPED_NO_SUCH_ADDRESS,
    DROPPED_PORTS_EXHAUSTED,
    DROPPED_DATAGRAMS_BLOCKED,
  ];
  for (const label of ['arrived', ...verdicts.map(String)]) t.true((fates.get(label) ?? 0) > 20, label);
});
