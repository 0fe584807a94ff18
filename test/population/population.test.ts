import test from 'ava';
import { EventQueue } from '../../src/kernel/event-queue.js';
import { Stream, WHOLE_RUN } from '../../src/kernel/random.js';
import { meanMs } from '../../src/population/durations.js';
import type { Duration, PopulationPlan } from '../../src/population/plan.js';
import { type Change, Population, type Transition } from '../../src/population/population.js';
import { PRESETS } from '../../src/population/presets.js';

const QUIET: PopulationPlan = {
  arrivals: { kind: 'at-once' },
  diurnal: null,
  core: 0,
  session: null,
  downtime: null,
  crashShare: 0.5,
  churnFromMs: 0,
  massFailures: [],
};
const exponential = (mean: number): Duration => ({ kind: 'exponential', meanMs: mean });

interface Lived {
  readonly population: Population;
  readonly events: { readonly atMs: number; readonly peer: number; readonly change: Change }[];
  /** Time integral of the number of peers up, in peer-ms, from `fromMs` on. */
  readonly upMs: number;
}

/** Lets a population live until `untilMs`, as a shard does: transitions in order, mass failures before what happens at their time. */
function live(plan: PopulationPlan, peers: number, untilMs: number, { seed = 1, fromMs = 0 } = {}): Lived {
  const population = new Population(plan, peers, seed);
  const queue = new EventQueue();
  const events: Lived['events'] = [];
  let upMs = 0;
  let last = 0;
  const advance = (nowMs: number) => {
    upMs += Math.max(0, nowMs - Math.max(last, fromMs)) * population.upCount;
    last = nowMs;
  };
  const push = (transition: Transition | null) => {
    if (transition && transition.atMs < untilMs) queue.push(transition.atMs, transition.peer, 0, transition.after, 0, 0, 0, 0, transition);
  };
  for (const arrival of population.arrivals()) push(arrival);
  let failure = 0;
  while (true) {
    const failAt = plan.massFailures[failure]?.atMs ?? Infinity;
    if (failAt <= queue.peekTime() && failAt < untilMs) {
      advance(failAt);
      for (const peer of population.fail(failure++)) {
        events.push({ atMs: failAt, peer, change: 'crash' });
        push(population.next(peer, failAt));
      }
      continue;
    }
    const id = queue.pop();
    if (id < 0) break;
    const transition = queue.payloads[id] as Transition;
    queue.release(id);
    advance(transition.atMs);
    const change = population.apply(transition);
    events.push({ atMs: transition.atMs, peer: transition.peer, change });
    if (change !== 'none') push(population.next(transition.peer, transition.atMs));
  }
  advance(untilMs);
  return { population, events, upMs };
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

function correlation(a: readonly number[], b: readonly number[]): number {
  const [meanA, meanB] = [mean(a), mean(b)];
  const covariance = mean(a.map((each, i) => (each - meanA) * (b[i] - meanB)));
  return covariance / Math.sqrt(mean(a.map((each) => (each - meanA) ** 2)) * mean(b.map((each) => (each - meanB) ** 2)));
}

/** Lengths of each peer's first `count` sessions, or downtimes: all of them, so that none is missing for being long. */
function stretches({ events }: Lived, peers: number, which: 'up' | 'down', count: number): number[][] {
  const lengths: number[][] = Array.from({ length: peers }, () => []);
  const since: (number | undefined)[] = new Array(peers);
  for (const { atMs, peer, change } of events) {
    if (change === 'none') continue;
    const begins = (change === 'join') === (which === 'up');
    if (begins) since[peer] = atMs;
    else if (since[peer] !== undefined && lengths[peer].length < count) lengths[peer].push(atMs - since[peer]);
  }
  return lengths;
}

test('at once: everybody is there at time 0', (t) => {
  const arrivals = [...new Population(QUIET, 50, 1).arrivals()];
  t.deepEqual(
    arrivals.map(({ peer }) => peer),
    Array.from({ length: 50 }, (_, i) => i),
  );
  t.true(arrivals.every(({ atMs }) => atMs === 0));
});

test('a ramp spreads those outside the core evenly, the core is there at once', (t) => {
  const plan: PopulationPlan = { ...QUIET, arrivals: { kind: 'ramp', overMs: 800 }, core: 0.2 };
  const times = [...new Population(plan, 10, 1).arrivals()].map(({ atMs }) => atMs);
  t.deepEqual(times, [0, 0, 0, 100, 200, 300, 400, 500, 600, 700]);
});

test('Poisson arrivals have exponential gaps of the stated rate', (t) => {
  const plan: PopulationPlan = { ...QUIET, arrivals: { kind: 'poisson', ratePerSecond: 20 } };
  const times = [...new Population(plan, 50_000, 1).arrivals()].map(({ atMs }) => atMs);
  const gaps = times.map((at, i) => at - (times[i - 1] ?? 0));
  t.true(Math.abs(mean(gaps) / 50 - 1) < 0.02, `mean gap ${mean(gaps)} ms`);
  const beyond = (ms: number) => gaps.filter((gap) => gap > ms).length / gaps.length;
  for (const ms of [10, 50, 150]) t.true(Math.abs(beyond(ms) - Math.exp(-ms / 50)) < 0.01, `${beyond(ms)} beyond ${ms} ms`);
});

test('a flash crowd: the stated share comes from its time on, at a rate that falls exponentially; the others are there', (t) => {
  const plan: PopulationPlan = { ...QUIET, core: 0.1, arrivals: { kind: 'flash-crowd', share: 0.8, atMs: 5000, decayMs: 2000 } };
  const arrivals = [...new Population(plan, 50_000, 1).arrivals()];
  t.is(arrivals.length, 50_000);
  const [early, crowd] = [arrivals.slice(0, 14_000), arrivals.slice(14_000)];
  t.true(early.every(({ atMs }) => atMs === 0));
  const waits = crowd.map(({ atMs }) => atMs - 5000);
  t.true(waits.every((each) => each > 0));
  for (const ms of [200, 1000, 4000, 9000]) {
    const beyond = waits.filter((each) => each > ms).length / waits.length;
    t.true(Math.abs(beyond - Math.exp(-ms / 2000)) < 0.01, `${beyond} beyond ${ms} ms`);
  }
});

test('a steady population is from time 0 on what others become after a long time', (t) => {
  const { session, downtime } = PRESETS.kad;
  const peers = 20_000;
  const hourMs = 3_600_000;
  const plan: PopulationPlan = { ...QUIET, core: 0.5, arrivals: { kind: 'steady' }, session, downtime };
  const { events } = live(plan, 2 * peers, 24 * hourMs);
  const turnMs = meanMs(session) + meanMs(downtime!);
  // Up: the core, and of the others the share of time that a session takes; a deviation is 58 peers.
  const upAt = (ms: number) => {
    const before = events.filter(({ atMs }) => atMs <= ms);
    return before.reduce((up, { change }) => up + (change === 'join' ? 1 : -1), 0) - peers;
  };
  const expected = (peers * meanMs(session)) / turnMs;
  t.is(Math.round(expected), 4279);
  for (const hour of [0, 0.1, 1, 6, 23]) t.true(Math.abs(upAt(hour * hourMs) - expected) < 290, `${upAt(hour * hourMs)} at ${hour} h`);
  // As many come and go in the first hour as in any later one: one of each per peer and turn.
  const perHour = (peers * hourMs) / turnMs;
  for (const hour of [0, 5, 20]) {
    const within = events.filter(({ atMs }) => atMs > hour * hourMs && atMs <= (hour + 1) * hourMs);
    const joins = within.filter(({ change }) => change === 'join').length;
    t.true(Math.abs(joins - perHour) < 6 * Math.sqrt(perHour), `${joins} joins in hour ${hour}, not ${perHour}`);
    t.true(Math.abs(within.length - joins - perHour) < 6 * Math.sqrt(perHour), `${within.length - joins} departures in hour ${hour}`);
  }
});

test('without session times nobody leaves; without downtimes who left stays away', (t) => {
  t.is(live(QUIET, 100, 1e9).population.upCount, 100);
  const { population, events } = live({ ...QUIET, session: exponential(1000), core: 0.1 }, 100, 1e9);
  t.is(population.upCount, 10);
  t.is(events.length, 100 + 90);
});

test('sessions and downtimes have the durations stated, the first ones as the later ones', (t) => {
  const durations: [Duration, Duration][] = [
    [exponential(60_000), exponential(20_000)],
    [
      { kind: 'weibull', shape: 0.6, scaleMs: 40_000 },
      { kind: 'lognormal', sigma: 1, medianMs: 10_000 },
    ],
    [
      { kind: 'fixed', valueMs: 5000 },
      { kind: 'fixed', valueMs: 2500 },
    ],
  ];
  const peers = 5000;
  const rounds = 4;
  for (const [session, downtime] of durations) {
    const lived = live({ ...QUIET, session, downtime }, peers, 100 * meanMs(session));
    for (const [which, duration] of [
      ['up', session],
      ['down', downtime],
    ] as const) {
      const lengths = stretches(lived, peers, which, rounds);
      t.true(
        lengths.every((each) => each.length === rounds),
        which,
      );
      for (let round = 0; round < rounds; round++) {
        const measured = mean(lengths.map((each) => each[round]));
        t.true(Math.abs(measured / meanMs(duration) - 1) < 0.07, `${which} ${round}: ${measured} ms, not ${meanMs(duration)} ms`);
      }
      t.true(Math.abs(mean(lengths.flat()) / meanMs(duration) - 1) < 0.03, `${which}: ${mean(lengths.flat())} ms`);
    }
  }
});

test('with exponential times the share of peers up is session / (session + downtime)', (t) => {
  const peers = 1000;
  const fromMs = 300_000;
  const untilMs = 3_300_000;
  const { upMs } = live({ ...QUIET, session: exponential(60_000), downtime: exponential(20_000) }, peers, untilMs, { fromMs });
  const share = upMs / (untilMs - fromMs) / peers;
  t.true(Math.abs(share - 0.75) < 0.01, `${share}`);
});

test('churn waits for its time: sessions of those present are counted from there', (t) => {
  const plan: PopulationPlan = { ...QUIET, session: exponential(1000), churnFromMs: 5000 };
  const { events } = live(plan, 10_000, 1e9);
  const ends = events.filter(({ change }) => change !== 'join').map(({ atMs }) => atMs);
  t.true(Math.min(...ends) >= 5000);
  t.true(Math.abs(mean(ends) - 6000) < 50, `${mean(ends)}`);
});

test('the stated share of departures are crashes, and it is each peer\u2019s own chance, session by session', (t) => {
  for (const crashShare of [0, 0.3, 1]) {
    const { events } = live({ ...QUIET, session: exponential(1000), downtime: exponential(1000), crashShare }, 2000, 20_000);
    const departures = events.filter(({ change }) => change === 'crash' || change === 'leave');
    const crashes = departures.filter(({ change }) => change === 'crash').length / departures.length;
    t.true(departures.length > 10_000);
    t.true(Math.abs(crashes - crashShare) < (crashShare % 1 === 0 ? 1e-9 : 0.02), `${crashes} of ${crashShare}`);
  }
});

test('how long a session lasts, how it ends and how long its peer then stays away have nothing to do with each other', (t) => {
  const plan: PopulationPlan = { ...QUIET, session: exponential(1000), downtime: exponential(1000), crashShare: 0.5 };
  const { events } = live(plan, 20_000, 30_000);
  const lives = Array.from({ length: 20_000 }, (): Lived['events'] => []);
  for (const event of events) if (lives[event.peer].length < 3) lives[event.peer].push(event);
  const whole = lives.filter((life) => life.length === 3);
  t.true(whole.length > 19_900);
  const session = whole.map(([joined, left]) => left.atMs - joined.atMs);
  const ending = whole.map(([, left]) => (left.change === 'crash' ? 1 : 0));
  const downtime = whole.map(([, left, back]) => back.atMs - left.atMs);
  for (const [a, b] of [
    [session, ending],
    [session, downtime],
    [ending, downtime],
  ]) {
    t.true(Math.abs(correlation(a, b)) < 0.04, `${correlation(a, b)}`); // five deviations and more
  }
});

test('the core never leaves and never fails', (t) => {
  const plan: PopulationPlan = {
    ...QUIET,
    core: 0.05,
    session: exponential(100),
    downtime: exponential(100),
    massFailures: [
      { atMs: 500, share: 1 },
      { atMs: 700, share: 1 },
    ],
  };
  const { population, events } = live(plan, 200, 20_000);
  t.is(population.core, 10);
  t.deepEqual(
    events.filter(({ peer, change }) => peer < 10 && change !== 'join'),
    [],
  );
  for (let peer = 0; peer < 10; peer++) t.true(population.isUp(peer));
});

test('a mass failure takes exactly its share of those outside the core, uniformly', (t) => {
  const plan: PopulationPlan = { ...QUIET, core: 0.1, massFailures: [{ atMs: 10, share: 0.3 }] };
  const hits = new Float64Array(100);
  for (let seed = 0; seed < 2000; seed++) {
    const { population, events } = live(plan, 100, 100, { seed });
    const failed = events.filter(({ change }) => change === 'crash');
    t.is(failed.length, 27);
    t.is(population.upCount, 73);
    for (const { peer } of failed) hits[peer]++;
  }
  t.is(Math.max(...hits.subarray(0, 10)), 0);
  const expected = 600;
  for (const count of hits.subarray(10)) t.true(Math.abs(count - expected) < 5 * Math.sqrt(expected * 0.7), `${count}`);
});

test('two mass failures of one run hit different peers', (t) => {
  const plan: PopulationPlan = {
    ...QUIET,
    massFailures: [
      { atMs: 10, share: 0.5 },
      { atMs: 20, share: 0.5 },
    ],
  };
  const { events } = live(plan, 1000, 100);
  const second = events.filter(({ atMs }) => atMs === 20).length;
  // Half of all, of which half were up.
  t.true(Math.abs(second - 250) < 60, `${second}`);
});

test('who failed comes back after a downtime; the departure planned before is void', (t) => {
  const plan: PopulationPlan = {
    ...QUIET,
    session: { kind: 'fixed', valueMs: 1000 },
    downtime: { kind: 'fixed', valueMs: 100 },
    crashShare: 0,
    massFailures: [{ atMs: 950, share: 1 }],
  };
  const { events } = live(plan, 3, 2100);
  t.deepEqual(
    events.filter(({ peer }) => peer === 0).map(({ atMs, change }) => `${atMs} ${change}`),
    ['0 join', '950 crash', '1000 none', '1050 join', '2050 leave'],
  );
});

test('what is set from outside makes what was planned void, too', (t) => {
  const population = new Population({ ...QUIET, session: exponential(1000), downtime: exponential(1000) }, 5, 1);
  for (const arrival of population.arrivals()) population.apply(arrival);
  const planned = population.next(3, 0)!;
  population.set(3, false);
  population.set(3, true);
  t.is(population.apply(planned), 'none');
  t.true(population.isUp(3));
  const upBefore = population.upCount;
  population.set(3, true);
  t.is(population.upCount, upBefore);
  t.not(population.apply(population.next(3, 500)!), 'none');
});

test('sessions are numbered from 1; a new one begins with each return', (t) => {
  const population = new Population(QUIET, 2, 1);
  for (const arrival of population.arrivals()) population.apply(arrival);
  t.is(population.session(1), 1);
  population.set(1, false);
  t.is(population.session(1), 1);
  population.set(1, true);
  t.is(population.session(1), 2);
});

test('a peer\u2019s life does not depend on the size of the population, nor on what happens to others', (t) => {
  const plan: PopulationPlan = { ...QUIET, session: exponential(1000), downtime: exponential(500) };
  const lifeOf17 = (lived: Lived) => lived.events.filter(({ peer }) => peer === 17);
  const few = lifeOf17(live(plan, 20, 50_000));
  t.true(few.length > 30);
  t.deepEqual(lifeOf17(live(plan, 400, 50_000)), few);
  t.notDeepEqual(lifeOf17(live(plan, 20, 50_000, { seed: 2 })), few);
});

test('the peers up are counted, and drawn uniformly', (t) => {
  const { population, events } = live({ ...QUIET, session: exponential(1000), downtime: exponential(1000) }, 60, 10_000);
  t.true(events.length > 500);
  const up = Array.from({ length: 60 }, (_, peer) => peer).filter((peer) => population.isUp(peer));
  t.is(population.upCount, up.length);
  const random = new Stream(1, WHOLE_RUN, 'protocol');
  const drawn = new Float64Array(60);
  for (let draw = 0; draw < 1000 * up.length; draw++) drawn[population.pickUp(random)]++;
  drawn.forEach((count, peer) => {
    if (population.isUp(peer)) t.true(Math.abs(count - 1000) < 160, `p${peer} drawn ${count} times`);
    else t.is(count, 0);
  });
});
