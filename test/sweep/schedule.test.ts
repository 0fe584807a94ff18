import test from 'ava';
import fc from 'fast-check';
import { CostModel, type Priced } from '../../src/sweep/cost.js';
import { type Assignment, PEERS_PER_THREAD, Schedule } from '../../src/sweep/schedule.js';

const job = (protocol: string, peers: number, seconds = 100): Priced => ({ protocol, peers, peerSeconds: peers * seconds });
const bySize = ({ peerSeconds }: Priced) => peerSeconds;

/** Starts all that may start; then the run that began first ends, and so on. */
function play(schedule: Schedule<Priced>, onStart: (running: readonly Assignment<Priced>[]) => void): Assignment<Priced>[] {
  const started: Assignment<Priced>[] = [];
  const running: Assignment<Priced>[] = [];
  while (true) {
    for (let next = schedule.next(); next !== null; next = schedule.next()) {
      started.push(next);
      running.push(next);
      onStart(running);
    }
    const ended = running.shift();
    if (ended === undefined) return started;
    schedule.ended(ended);
  }
}

test('cheap before dear, across protocols, and in the order of the grid where runs cost the same', (t) => {
  const jobs = [job('a', 1000), job('a', 10), job('b', 100), job('b', 10), job('a', 10)];
  const order = play(new Schedule(jobs, 1, bySize), () => {}).map(({ job }) => job);
  t.deepEqual(order, [jobs[1], jobs[4], jobs[3], jobs[2], jobs[0]]);
  t.is(order[0], jobs[1]);
});

test('what is learned while it goes on changes the order', (t) => {
  const costs = new CostModel();
  const jobs = [job('flood', 100), job('dht', 150), job('flood', 200), job('dht', 300)];
  const schedule = new Schedule(jobs, 1, (each) => costs.wallMs(each));
  const first = schedule.next()!;
  t.is(first.job, jobs[0]);
  costs.learn(first.job, 50_000, null);
  costs.learn(job('dht', 10), 1, null);
  schedule.ended(first);
  t.deepEqual(
    play(schedule, () => {}).map((each) => each.job),
    [jobs[1], jobs[3], jobs[2]],
  );
});

test('any sweep runs each run once, on no more threads than it has', (t) => {
  const sizes = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.integer({ min: 1, max: 200_000 })), { maxLength: 40 });
  fc.assert(
    fc.property(sizes, fc.integer({ min: 1, max: 9 }), (given, threads) => {
      const jobs = given.map(([protocol, peers]) => job(protocol, peers));
      const schedule = new Schedule(jobs, threads, bySize);
      const started = play(schedule, (running) => {
        const used = running.reduce((sum, each) => sum + each.threads, 0);
        t.true(used <= threads && used === schedule.busy);
      });
      t.is(new Set(started.map((each) => each.job)).size, jobs.length);
      t.is(started.length, jobs.length);
      // Cheap before dear.
      const costs = started.map((each) => each.job.peerSeconds);
      t.deepEqual(
        costs,
        costs.toSorted((a, b) => a - b),
      );
      t.is(schedule.left, 0);
    }),
  );
});

test('threads are never idle while runs wait', (t) => {
  const schedule = new Schedule(
    Array.from({ length: 10 }, (_, at) => job('a', at + 1)),
    4,
    bySize,
  );
  for (let at = 0; at < 4; at++) t.is(schedule.next()!.threads, 1);
  t.is(schedule.next(), null);
  t.is(schedule.busy, 4);
});

test('several threads only for large runs, and only when fewer are left than threads', (t) => {
  const large = 4 * PEERS_PER_THREAD;
  const threadsOf = (peers: number[], threads: number) =>
    play(
      new Schedule(
        peers.map((each) => job('a', each)),
        threads,
        bySize,
      ),
      () => {},
    ).map((each) => each.threads);
  t.deepEqual(threadsOf([large], 4), [4]);
  t.deepEqual(threadsOf([2 * PEERS_PER_THREAD], 4), [2]);
  t.deepEqual(threadsOf([100], 4), [1]);
  t.deepEqual(threadsOf([large, large], 4), [2, 2]);
  t.deepEqual(threadsOf([large, large, large, large], 4), [1, 1, 1, 1]);
});

test('what was set aside runs after all others, alone, on every thread', (t) => {
  const jobs = [job('a', 10), job('a', 20), job('a', 50_000), job('a', 60_000)];
  const schedule = new Schedule(jobs, 3, bySize);
  const started: Assignment<Priced>[] = [];
  const running: Assignment<Priced>[] = [];
  while (true) {
    for (let next = schedule.next(); next !== null; next = schedule.next()) {
      if (next.job.peers >= 50_000 && !next.alone) schedule.ended(next, true);
      else {
        started.push(next);
        running.push(next);
        if (next.alone) t.is(running.length, 1);
      }
    }
    const ended = running.shift();
    if (ended === undefined) break;
    schedule.ended(ended);
  }
  t.deepEqual(
    started.map(({ job: { peers }, threads, alone }) => [peers, threads, alone]),
    [
      [10, 1, false],
      [20, 1, false],
      [50_000, 3, true],
      [60_000, 3, true],
    ],
  );
  t.is(schedule.left, 0);
});

test('the cost of a size between two that ran lies between theirs, and beyond them it goes on as it grew', (t) => {
  const costs = new CostModel();
  const ms = (protocol: string, peers: number) => costs.wallMs(job(protocol, peers));
  t.true(ms('a', 200) > ms('a', 100));
  t.false(costs.knows('a'));
  costs.learn(job('a', 100), 100, 1000);
  t.is(ms('a', 100), 100);
  t.is(Math.round(ms('a', 1000)), 1000);
  costs.learn(job('a', 1000), 2000, 3000);
  costs.learn(job('a', 1000), 4000, 2000);
  t.is(ms('a', 1000), 3000);
  t.true(ms('a', 300) > 100 && ms('a', 300) < 3000);
  // Thirty times the time for ten times the size.
  t.is(Math.round(ms('a', 10_000)), 90_000);
  // Of the largest that ran.
  t.is(costs.bytesPerPeer('a'), 3000);
  costs.learn(job('a', 500), 1, 9000);
  t.is(costs.bytesPerPeer('a'), 3000);
  t.is(costs.bytesPerPeer('b'), null);
  // Nothing is known of b but that it is larger.
  t.true(ms('b', 1000) > ms('b', 100));
});
