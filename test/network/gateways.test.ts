import test from 'ava';
import fc from 'fast-check';
import { type GatewayTable, lineOf } from '../../src/network/gateways.js';
import { classOf, GATEWAY, ROW_U32, shardOf, siteOf } from '../../src/network/peer-table.js';
import { type Placement, placePeers } from '../../src/network/placement.js';
import type { NatClass, Topology } from '../../src/network/topology.js';
import { isProblem } from '../helpers/is-problem.js';
import { behind, gateway } from '../helpers/nat-world.js';
import { plainClass, plainNat, plainSite, plainTopology } from '../helpers/plain-topology.js';

const carrier = (gateways: number) => ({ gateway: gateway(), gateways });
const POPULATION: readonly NatClass[] = [
  plainNat({ share: 0.3 }),
  behind({}, { name: 'single', share: 0.3 }),
  behind({}, { name: 'family', share: 0.2, peersPerGateway: 3 }),
  behind({ mapping: null }, { name: 'office', share: 0.1, peersPerGateway: 5 }),
  behind({}, { name: 'carrier', share: 0.1, peersPerGateway: 2, carrier: carrier(4) }),
];
const SITES = [0.5, 0.3, 0.2];
const CLASSES = [0.6, 0.4];

const topologyOf = (nat: readonly NatClass[], changes: Partial<Topology> = {}) =>
  plainTopology({
    nat,
    sites: SITES.map((share, i) => plainSite({ name: `s${i}`, share })),
    latencyMs: new Float64Array(SITES.length ** 2).fill(20),
    classes: CLASSES.map((share, i) => plainClass({ name: `c${i}`, share })),
    ...changes,
  });

const natOf = ({ ofPeers, kinds }: GatewayTable, peer: number) => (ofPeers[peer] === 0 ? 0 : kinds[ofPeers[peer] - 1] >>> 1);
/** The outermost gateway that a peer is behind, or a name of its own. */
function unitOf({ ofPeers, carriers }: GatewayTable, peer: number): string {
  const home = ofPeers[peer];
  return home === 0 ? `peer ${peer}` : `gateway ${carriers[home - 1] || home}`;
}

test('NAT classes get their shares, closely, at every size, and independently of sites and access classes', (t) => {
  for (const peers of [100, 1000, 12_345]) {
    const { gateways } = placePeers(topologyOf(POPULATION), peers, 1, 3);
    const counts = POPULATION.map(() => 0);
    for (let peer = 0; peer < peers; peer++) counts[natOf(gateways!, peer)]++;
    counts.forEach((count, i) => {
      t.true(Math.abs(count - POPULATION[i].share * peers) <= 6, `${peers}, ${POPULATION[i].name}: ${count}`);
    });
  }
  // Where nobody shares a line, so that access classes are drawn one by one.
  const alone = POPULATION.map((nat) => ({ ...nat, peersPerGateway: 1 }));
  const { table, gateways } = placePeers(topologyOf(alone), 20_000, 1, 3);
  for (const [of, shares] of [
    [siteOf, SITES],
    [classOf, CLASSES],
  ] as const) {
    shares.forEach((share, index) => {
      const here = [...table.places.keys()].filter((peer) => of(table.places[peer]) === index);
      t.true(Math.abs(here.length / 20_000 - share) < 0.01);
      POPULATION.forEach((nat, i) => {
        const part = here.filter((peer) => natOf(gateways!, peer) === i).length / here.length;
        t.true(Math.abs(part - nat.share) < 0.02, `${nat.name} where ${of.name} is ${index}: ${part}`);
      });
    });
  }
});

test('households and carriers fill up within a site and a class, in order of peers, and have the first peer\u2019s access link', (t) => {
  const { table, gateways } = placePeers(topologyOf(POPULATION), 5000, 1, 7);
  const { ofPeers, numbers, kinds, carriers, numbersInCarrier, firstPeers, members, membersFrom } = gateways!;
  const unfilled = new Map<string, number>();
  for (let number = 0; number < kinds.length; number++) {
    const own = [...members.subarray(membersFrom[number], membersFrom[number + 1])];
    const nat = POPULATION[kinds[number] >>> 1];
    const isCarrier = (kinds[number] & 1) === 1;
    const room = isCarrier ? nat.carrier!.gateways : nat.peersPerGateway;
    t.true(own.length >= 1 && own.length <= room);
    t.deepEqual(
      own,
      own.toSorted((a, b) => a - b),
    );
    const peers = isCarrier ? own.flatMap((home) => [...members.subarray(membersFrom[home], membersFrom[home + 1])]) : own;
    t.is(firstPeers[number], Math.min(...peers));
    const places = new Set(peers.map((peer) => siteOf(table.places[peer])));
    t.is(places.size, 1);
    if (own.length < room) {
      const cell = `${kinds[number]} at ${[...places]}`;
      unfilled.set(cell, (unfilled.get(cell) ?? 0) + 1);
    }
    own.forEach((member, i) => {
      if (isCarrier) {
        t.is(carriers[member], number + 1);
        t.is(numbersInCarrier[member], i);
        t.is(kinds[member], kinds[number] - 1);
      } else {
        t.is(ofPeers[member], number + 1);
        t.is(numbers[member], i);
        t.is(lineOf(gateways, member), own[0]);
        t.is(classOf(table.places[member]), classOf(table.places[own[0]]));
      }
    });
    t.is(carriers[number] !== 0, nat.carrier !== null && !isCarrier);
  }
  t.true(
    [...unfilled.values()].every((count) => count === 1),
    'only the last of its site and class has room left',
  );
  for (let peer = 0; peer < 5000; peer++) {
    t.is(table.u32[peer * ROW_U32 + GATEWAY], ofPeers[peer]);
    if (ofPeers[peer] === 0) t.is(lineOf(gateways, peer), peer);
  }
  t.is(lineOf(null, 17), 17);
});

test('who is behind which gateway does not depend on how many peers follow, nor on the shards', (t) => {
  const all = placePeers(topologyOf(POPULATION), 3000, 1, 5);
  for (const [peers, shards] of [
    [10, 1],
    [777, 3],
    [2999, 8],
  ]) {
    const some = placePeers(topologyOf(POPULATION), peers, shards, 5);
    for (let peer = 0; peer < peers; peer++) {
      t.is(some.gateways!.ofPeers[peer], all.gateways!.ofPeers[peer]);
      t.is(some.gateways!.numbers[peer], all.gateways!.numbers[peer]);
      t.is(classOf(some.table.places[peer]), classOf(all.table.places[peer]));
    }
  }
});

test('whoever is behind one outermost gateway is in one shard, for 1 to 8 shards, and no shard is left empty', (t) => {
  const oneSite = plainTopology({ nat: POPULATION, latencyMs: Float64Array.of(20) });
  for (const topology of [topologyOf(POPULATION), oneSite]) {
    for (let shards = 1; shards <= 8; shards++) {
      const placement = placePeers(topology, 1000, shards, 2);
      t.is(placement.shards, shards);
      const shardOfUnit = new Map<string, number>();
      const load = new Array<number>(shards).fill(0);
      placement.table.places.forEach((place, peer) => {
        const unit = unitOf(placement.gateways!, peer);
        t.is(shardOfUnit.get(unit) ?? shardOf(place), shardOf(place), unit);
        shardOfUnit.set(unit, shardOf(place));
        load[shardOf(place)]++;
      });
      t.true(Math.max(...load) - Math.min(...load) <= 400 / shards, `${load}`);
    }
  }
});

test('there are no more shards than there are gateways to divide', (t) => {
  const everybody = behind({}, { peersPerGateway: 40, carrier: carrier(10) });
  const placed = (peers: number) => placePeers(plainTopology({ nat: [everybody], latencyMs: Float64Array.of(20) }), peers, 4, 1);
  t.is(placed(300).shards, 1);
  t.is(placed(300).lookaheadMs, Infinity);
  t.is(placed(1000).shards, 3);
  t.is(placed(1000).lookaheadMs, 20);
});

const shardsOfSites = ({ table }: Placement) => {
  const shards = new Map<number, Set<number>>();
  for (const place of table.places) shards.set(siteOf(place), (shards.get(siteOf(place)) ?? new Set()).add(shardOf(place)));
  return shards;
};

test('sites whose peers share a bottleneck stay whole, on fewer shards if need be', (t) => {
  const limited: Partial<Topology>[] = [
    { sites: SITES.map((share, i) => plainSite({ name: `s${i}`, share, uplinkBitsPerSecond: i === 1 ? 1e6 : Infinity })) },
    { sites: SITES.map((share, i) => plainSite({ name: `s${i}`, share, downlinkBitsPerSecond: 1e6 })) },
    { links: [{ from: 0, to: 1, bitsPerSecond: 1e6, queueBytes: 1e5, loss: null, jitter: null }] },
  ];
  // Shares of 50, 30 and 20 per cent: even enough for two shards, not for more.
  t.is(placePeers(topologyOf([]), 1000, 8, 1).shards, 8);
  const lossy = [{ from: 0, to: 1, bitsPerSecond: Infinity, queueBytes: 1e5, loss: 0.1, jitter: null }];
  t.is(placePeers(topologyOf([], { links: lossy }), 1000, 8, 1).shards, 8, 'loss is nobody\u2019s to share');
  for (const changes of limited) {
    for (const nat of [[], POPULATION]) {
      const placement = placePeers(topologyOf(nat, changes), 1000, 8, 1);
      t.is(placement.shards, 2);
      t.is(placement.lookaheadMs, 20);
      for (const shards of shardsOfSites(placement).values()) t.is(shards.size, 1);
    }
  }
});

test('a site can have one access class for all', (t) => {
  for (const nat of [[], POPULATION]) {
    const sites = SITES.map((share, i) => plainSite({ name: `s${i}`, share, accessClass: i === 1 ? 1 : null }));
    const { table } = placePeers(topologyOf(nat, { sites }), 2000, 1, 1);
    const plain = placePeers(topologyOf(nat), 2000, 1, 1).table;
    table.places.forEach((place, peer) => {
      t.is(classOf(place), siteOf(place) === 1 ? 1 : classOf(plain.places[peer]));
    });
  }
});

test('without NAT nobody is behind anything, and places are what they were: R2, one peer after the other', (t) => {
  const PLASTIC = 1.324717957244746;
  fc.assert(
    fc.property(fc.nat(2 ** 31), (seed) => {
      const { table, gateways } = placePeers(topologyOf([]), 300, 1, seed);
      t.is(gateways, null);
      const natural = placePeers(topologyOf(POPULATION), 300, 1, seed).table;
      // The steps from peer to peer are known, the offsets are the seed's: sites are a rotation by 1 / PLASTIC, cut at the shares.
      const offsets = [...table.places].map((place, peer) => {
        const low = siteOf(place) === 0 ? 0 : siteOf(place) === 1 ? 0.5 : 0.8;
        const width = SITES[siteOf(place)];
        return [(low - (peer + 1) / PLASTIC) % 1, width];
      });
      const fits = (offset: number) => offsets.every(([low, width]) => (((offset - low) % 1) + 1) % 1 <= width + 1e-9);
      t.true(
        offsets.some(([low]) => fits(low)),
        'one offset explains all sites',
      );
      natural.places.forEach((place, peer) => {
        t.is(siteOf(place), siteOf(table.places[peer]), 'NAT moves nobody');
      });
    }),
    { numRuns: 30 },
  );
});

test('what one public address has no ports for is refused, and so is a carrier that does not translate', (t) => {
  const place = (nat: NatClass) => () => placePeers(plainTopology({ nat: [nat] }), 10, 1, 1);
  t.notThrows(place(behind({}, { peersPerGateway: 64_512 })));
  isProblem(t, place(behind({}, { name: 'big', peersPerGateway: 64_513 })), /NAT class "big": expected 1 to 64512 peers .* got 64513/);
  isProblem(t, place(behind({}, { peersPerGateway: 100, carrier: carrier(1000) })), /got 100000/);
  isProblem(t, place(behind({}, { peersPerGateway: 0 })), /got 0/);
  isProblem(
    t,
    place(behind({}, { carrier: { gateway: gateway({ mapping: null }), gateways: 1 } })),
    /expected a carrier's gateway that translates/,
  );
});

test('a gateway table crosses to the threads as it is, sharing its memory', (t) => {
  const { gateways } = placePeers(topologyOf(POPULATION), 100, 1, 1);
  const there = structuredClone(gateways!);
  t.deepEqual(there, gateways!);
  gateways!.numbers[3] = 4711;
  t.is(there.numbers[3], 4711);
});

test('a gateway table takes 10 bytes per peer and 20 per gateway', (t) => {
  const { gateways } = placePeers(topologyOf(POPULATION), 10_000, 1, 1);
  const bytes = Object.values(gateways!).reduce((sum: number, array: Uint32Array | Uint16Array) => sum + array.byteLength, 0);
  const count = gateways!.kinds.length;
  const behindHomes = gateways!.members.length;
  t.is(bytes, 10_000 * 6 + count * (2 + 4 + 2 + 4 + 4) + 4 + behindHomes * 4);
  t.true(bytes <= 10_000 * 10 + count * 20 + 4, `${bytes} bytes for 10,000 peers and ${count} gateways`);
});
