import test from 'ava';
import { FaultState, type Ground } from '../../src/faults/fault-state.js';
import type { FaultAction, Group } from '../../src/faults/plan.js';
import { Stream } from '../../src/kernel/random.js';
import { DROPPED_BY_FAULT, HELD, PASSES } from '../../src/network/network.js';
import { DOWNLINK_BYTES_PER_MS, PeerTable, placeOf, ROW_F64, UPLINK_BYTES_PER_MS, UPLINK_FREE_AT } from '../../src/network/peer-table.js';
import { plainClass, plainSite, plainTopology } from '../helpers/plain-topology.js';

const PEERS = 100;
/** Peer i is at site i % 4; sites 0 and 1 are the region west; 1 byte per ms up, 8 down. */
const TOPOLOGY = plainTopology({
  classes: [plainClass({ uplinkBitsPerSecond: 8000, downlinkBitsPerSecond: 64_000 })],
  sites: ['a', 'b', 'c', 'd'].map((name, at) => plainSite({ name, share: 0.25, region: at < 2 ? 'west' : null })),
  latencyMs: new Float64Array(16),
});

function state(changes: Partial<Ground> = {}) {
  const table = PeerTable.create(PEERS);
  for (let peer = 0; peer < PEERS; peer++) table.places[peer] = placeOf(peer % 4, 0, 0);
  table.settle(TOPOLOGY);
  const clock = new Float64Array(1);
  const ground: Ground = {
    topology: TOPOLOGY,
    table,
    clock,
    seed: 1,
    core: 0,
    servers: 0,
    isLocal: () => true,
    lineOf: (peer) => peer,
    ...changes,
  };
  const faults = new FaultState(ground);
  const random = new Stream(1, 0, 'network');
  return { faults, table, clock, judge: (from: number, to: number) => faults.judge(from, to, random), random };
}

const everyone: Group = { kind: 'everyone' };
const rest: Group = { kind: 'rest' };
const site = (...sites: number[]): Group => ({ kind: 'sites', sites });
const peers = (from: number, to = from): Group => ({ kind: 'peers', from, to });
const share = (given: number): Group => ({ kind: 'share', share: given });
const partition = (a: Group, b: Group): FaultAction => ({ verb: 'partition', between: [a, b] });

test('a partition stands between two groups in both directions, and nowhere else, until it ends', (t) => {
  const { faults, judge } = state();
  t.false(faults.active);
  faults.begin(0, partition(site(0), rest));
  t.true(faults.active);
  t.deepEqual([judge(0, 1), judge(1, 0), judge(0, 4), judge(1, 2)], [DROPPED_BY_FAULT, DROPPED_BY_FAULT, PASSES, PASSES]);
  faults.end(0);
  t.false(faults.active);
  t.is(judge(0, 1), PASSES);
});

test('groups: rest is whom the other does not name, on either side; groups may overlap', (t) => {
  const { faults, judge } = state();
  faults.begin(0, partition(rest, peers(10, 19)));
  t.deepEqual([judge(10, 11), judge(10, 20), judge(9, 19), judge(9, 20)], [PASSES, DROPPED_BY_FAULT, DROPPED_BY_FAULT, PASSES]);
  faults.end(0);
  faults.begin(1, partition(site(0, 1), peers(0, 3)));
  t.deepEqual([judge(0, 1), judge(0, 4), judge(2, 3), judge(2, 8)], [DROPPED_BY_FAULT, DROPPED_BY_FAULT, PASSES, DROPPED_BY_FAULT]);
});

test('an outage cuts off its peers from everybody, one another included', (t) => {
  const { faults, judge } = state();
  faults.begin(0, { verb: 'outage', of: site(2) });
  t.deepEqual([judge(2, 6), judge(2, 0), judge(0, 2), judge(0, 1)], [DROPPED_BY_FAULT, DROPPED_BY_FAULT, DROPPED_BY_FAULT, PASSES]);
});

test('a link that flaps is down first, then up, each for its time, from when it began', (t) => {
  const { faults, clock, judge } = state();
  clock[0] = 1234;
  faults.begin(0, { verb: 'flap', between: [site(0), site(1)], everyMs: 500 });
  const seen = [0, 499, 500, 999, 1000, 1499, 1500].map((ms) => {
    clock[0] = 1234 + ms;
    return judge(0, 1) === DROPPED_BY_FAULT ? 'down' : 'up';
  });
  t.deepEqual(seen, ['down', 'down', 'up', 'up', 'down', 'down', 'up']);
  t.is(judge(0, 2), PASSES);
});

test('what is lost is lost, whatever holds it; what is held is not yet asked by chance; delays add up', (t) => {
  const { faults, judge, random } = state();
  faults.begin(3, { verb: 'hold', between: [site(0), rest] });
  faults.begin(1, { verb: 'loss', share: 1, between: [everyone, everyone] });
  t.is(judge(0, 1), HELD);
  t.is(judge(1, 2), DROPPED_BY_FAULT);
  faults.begin(4, partition(peers(0), everyone));
  t.is(judge(0, 1), DROPPED_BY_FAULT);
  t.is(judge(4, 1), HELD);
  for (const number of [1, 3, 4]) faults.end(number);
  faults.begin(5, { verb: 'delay', byMs: 30, between: [site(0), rest] });
  faults.begin(6, { verb: 'delay', byMs: 12, between: [everyone, everyone] });
  const before = JSON.stringify(random);
  t.is(judge(0, 1), PASSES);
  t.is(faults.extraMs, 42);
  judge(1, 2);
  t.is(faults.extraMs, 12);
  t.is(JSON.stringify(random), before, 'no chance was drawn where none was asked for');
});

test('losses are independent of each other; what is damaged is said', (t) => {
  const { faults, judge } = state();
  faults.begin(0, { verb: 'loss', share: 0.2, between: [everyone, everyone] });
  faults.begin(1, { verb: 'loss', share: 0.3, between: [site(0), rest] });
  faults.begin(2, { verb: 'corrupt', share: 0.1, between: [everyone, everyone] });
  const trials = 20_000;
  const count = (from: number, to: number) => {
    const seen = { lost: 0, corrupted: 0 };
    for (let i = 0; i < trials; i++) {
      if (judge(from, to) === DROPPED_BY_FAULT) seen.lost++;
      else if (faults.corrupted) seen.corrupted++;
    }
    return seen;
  };
  const both = count(0, 1);
  t.true(Math.abs(both.lost / trials - 0.44) < 0.02, `${both.lost}`);
  t.true(Math.abs(both.corrupted / (trials - both.lost) - 0.1) < 0.02, `${both.corrupted}`);
  t.true(Math.abs(count(1, 2).lost / trials - 0.2) < 0.02);
});

test('a share is drawn once per fault, from seed and number, and is exact', (t) => {
  const hit = (number: number, seed = 1, core = 0, verb: 'crash' | 'outage' = 'crash') => {
    const { marks } = state({ seed, core }).faults.begin(number, { verb, of: share(0.3) });
    return [...marks].flatMap((mark, peer) => (mark !== 0 ? [peer] : []));
  };
  t.is(hit(0).length, 30);
  t.deepEqual(hit(0), hit(0));
  t.notDeepEqual(hit(0), hit(1));
  t.notDeepEqual(hit(0), hit(0, 2));
  t.is(hit(0, 1, 20).length, 24, 'of those outside the core');
  t.true(hit(0, 1, 20).every((peer) => peer >= 20));
  t.true(
    hit(0, 1, 20, 'outage').some((peer) => peer < 20),
    'the core is spared by what costs lives only',
  );
});

test('the core is spared, unless it is named', (t) => {
  const marked = (of: Group) => [...state({ core: 10 }).faults.begin(0, { verb: 'crash', of }).marks].filter((mark) => mark !== 0).length;
  t.is(marked(everyone), 90);
  t.is(marked(peers(5, 14)), 10);
  t.is(marked(site(0)), 25);
  t.true(marked({ kind: 'random', of: 'site' }) < 25, 'who is drawn is not named');
});

test('a random place is one of those with peers, and the fault says which', (t) => {
  const places = new Set<string>();
  for (let number = 0; number < 100; number++) {
    const { action, marks } = state().faults.begin(number, { verb: 'outage', of: { kind: 'random', of: 'site' } });
    t.true('of' in action && action.of.kind === 'sites' && action.of.sites.length === 1);
    places.add(JSON.stringify(action));
    t.is(
      marks.reduce((sum, mark) => sum + mark, 0),
      25,
    );
  }
  t.is(places.size, 4);
  const { action } = state().faults.begin(0, partition({ kind: 'random', of: 'region' }, rest));
  t.deepEqual(action, partition(site(0, 1), rest));
});

test('slow links: factors multiply, and at the end the rate is what it was, to the bit', (t) => {
  const { faults, table } = state();
  const up = (peer: number) => table.f64[peer * ROW_F64 + UPLINK_BYTES_PER_MS];
  const down = (peer: number) => table.f64[peer * ROW_F64 + DOWNLINK_BYTES_PER_MS];
  faults.begin(0, { verb: 'slow', link: 'uplink', of: site(0), factor: 3 });
  t.deepEqual([up(0), down(0), up(1)], [1 / 3, 8, 1]);
  t.false(faults.active || faults.slowedDownlinks, 'packets need not be judged');
  faults.begin(1, { verb: 'slow', link: 'both', of: peers(0, 1), factor: 7 });
  t.deepEqual([up(0), down(0), up(1), up(4)], [1 / 21, 8 / 7, 1 / 7, 1 / 3]);
  t.true(faults.slowedDownlinks);
  faults.end(0);
  t.deepEqual([up(0), up(4)], [1 / 7, 1]);
  faults.end(1);
  t.deepEqual([up(0), down(0), up(1), down(1)], [1, 8, 1, 8]);
  t.false(faults.slowedDownlinks);
});

test('what a link holds when it gets slower or faster, it passes on at the new rate', (t) => {
  const { faults, table, clock } = state();
  const free = UPLINK_FREE_AT;
  clock[0] = 1000;
  table.f64[free] = 1200; // 200 bytes at 1 byte per ms
  faults.begin(0, { verb: 'slow', link: 'uplink', of: peers(0), factor: 4 });
  t.is(table.f64[free], 1800);
  clock[0] = 1400;
  faults.end(0);
  t.is(table.f64[free], 1500);
});

test('a shard writes only the lines of its own peers; peers behind one line share its slowness', (t) => {
  const { faults, table } = state({ isLocal: (peer) => peer < 10, lineOf: (peer) => peer - (peer % 5) });
  faults.begin(0, { verb: 'slow', link: 'uplink', of: peers(6, 12), factor: 2 });
  const up = (peer: number) => table.f64[peer * ROW_F64 + UPLINK_BYTES_PER_MS];
  t.deepEqual([up(0), up(5), up(6), up(10)], [1, 0.5, 1, 1]);
});
