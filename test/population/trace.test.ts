import test from 'ava';
import fc from 'fast-check';
import { EventQueue } from '../../src/kernel/event-queue.js';
import type { PopulationPlan, Trace } from '../../src/population/plan.js';
import { type Change, Population, type Transition } from '../../src/population/population.js';

function plan(trace: Trace): PopulationPlan {
  return {
    arrivals: { kind: 'trace', trace },
    diurnal: null,
    core: 0,
    session: null,
    downtime: null,
    crashShare: 0.5,
    churnFromMs: 0,
    massFailures: [],
  };
}

/** A trace of these times per peer; a departure is a crash when it is negative. */
function traceOf(...peers: readonly (readonly number[])[]): Trace {
  const starts = [0];
  for (const times of peers) starts.push(starts[starts.length - 1] + times.length);
  const flat = peers.flat();
  return {
    starts: Uint32Array.from(starts),
    atMs: Float64Array.from(flat, Math.abs),
    crashes: Uint8Array.from(flat, (time) => (time < 0 ? 1 : 0)),
  };
}

/** Lets a population live as a shard does; each of `faults` sets peer 0 down at its time, or up when the time is negative. */
function live(population: Population, faults: readonly number[] = []): [number, number, Change][] {
  const queue = new EventQueue();
  const events: [number, number, Change][] = [];
  const push = (next: Transition | null) => {
    if (next) queue.push(next.atMs, next.peer, 0, next.after, 0, 0, 0, 0, next);
  };
  for (const arrival of population.arrivals()) push(arrival);
  const meddling = [...faults];
  while (true) {
    if (meddling.length > 0 && Math.abs(meddling[0]) <= queue.peekTime()) {
      const fault = meddling.shift()!;
      population.set(0, fault < 0);
      push(population.next(0, Math.abs(fault)));
      continue;
    }
    const id = queue.pop();
    if (id < 0) return events;
    const transition = queue.payloads[id] as Transition;
    queue.release(id);
    const change = population.apply(transition);
    events.push([transition.atMs, transition.peer, change]);
    if (change !== 'none') push(population.next(transition.peer, transition.atMs));
  }
}

test('a population does exactly what its trace says', (t) => {
  const population = new Population(plan(traceOf([0, 10, 20, -30], [], [5], [0, -10])), 4, 1);
  t.deepEqual(
    [...population.arrivals()].map(({ atMs, peer }) => [atMs, peer]),
    [
      [0, 0],
      [5, 2],
      [0, 3],
    ],
  );
  t.deepEqual(live(population), [
    [0, 0, 'join'],
    [0, 3, 'join'],
    [5, 2, 'join'],
    [10, 0, 'leave'],
    [10, 3, 'crash'],
    [20, 0, 'join'],
    [30, 0, 'crash'],
  ]);
});

test('a session may be of no length, and a smaller population has the first peers of the trace', (t) => {
  t.deepEqual(live(new Population(plan(traceOf([7, 7, 7], [1])), 1, 1)), [
    [7, 0, 'join'],
    [7, 0, 'leave'],
    [7, 0, 'join'],
  ]);
  t.is(live(new Population(plan(traceOf([7])), 3, 1)).length, 1);
});

test('whom a fault takes down stays down until the next join of the trace; whom it brings up, up until the next departure', (t) => {
  const lived = (...faults: number[]) =>
    live(new Population(plan(traceOf([0, 100, 200, 300])), 1, 1), faults)
      .filter(([, , change]) => change !== 'none')
      .map(([atMs, , change]) => `${atMs} ${change}`);
  t.deepEqual(lived(), ['0 join', '100 leave', '200 join', '300 leave']);
  t.deepEqual(lived(50), ['0 join', '200 join', '300 leave']);
  t.deepEqual(lived(-150), ['0 join', '100 leave', '300 leave']);
  t.deepEqual(lived(50, -80), ['0 join', '100 leave', '200 join', '300 leave']);
  t.deepEqual(lived(50, -150), ['0 join', '300 leave']);
  t.deepEqual(lived(-150, 250), ['0 join', '100 leave']);
  t.deepEqual(lived(250, -400), ['0 join', '100 leave', '200 join']);
});

test('whatever the trace, those are up whom it says, at any time', (t) => {
  const life = fc.array(fc.tuple(fc.nat(50), fc.boolean()), { maxLength: 8 }).map((gaps) => {
    let now = 0;
    return gaps.map(([gap, crash], i) => {
      now += gap;
      return i % 2 === 1 && crash ? -now : now;
    });
  });
  fc.assert(
    fc.property(fc.array(life, { minLength: 1, maxLength: 12 }), (lives) => {
      const population = new Population(plan(traceOf(...lives)), lives.length, 1);
      const events = live(population);
      t.is(events.length, lives.flat().length);
      for (const at of new Set(events.map(([atMs]) => atMs))) {
        // By definition: who has had an odd number of changes by then.
        const expected = lives.flatMap((times, peer) => (times.filter((time) => Math.abs(time) <= at).length % 2 === 1 ? [peer] : []));
        const up = new Set<number>();
        for (const [atMs, peer, change] of events) {
          if (atMs > at) break;
          if (change === 'join') up.add(peer);
          else up.delete(peer);
        }
        t.deepEqual(
          [...up].sort((a, b) => a - b),
          expected,
        );
      }
      const crashes = events.filter(([, , change]) => change === 'crash').length;
      t.is(crashes, lives.flat().filter((time) => time < 0).length);
      t.is(population.upCount, lives.filter((times) => times.length % 2 === 1).length);
    }),
  );
});
