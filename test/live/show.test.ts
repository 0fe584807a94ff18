import { EventEmitter } from 'node:events';
import test from 'ava';
import type { RunControl } from '../../src/coordinator/control.js';
import type { WatchFrame } from '../../src/coordinator/watch.js';
import type { Frame, RunCard, Status, Whole } from '../../src/live/feed.js';
import { REACHABLE, SERVER, UP } from '../../src/live/flags.js';
import { Show } from '../../src/live/show.js';
import { DROP_REASONS, type DropReason } from '../../src/metrics/measures.js';
import { Problem } from '../../src/problem.js';

class Viewer extends EventEmitter {
  readonly heard: { readonly name: string; readonly data: unknown }[] = [];

  write(text: string | Uint8Array): boolean {
    const [, name, data] = /^event: (\w+)\ndata: (.*)\n\n$/.exec(text.toString())!;
    this.heard.push({ name, data: JSON.parse(data) });
    return true;
  }

  end(): void {}

  last<T>(name: string): T {
    return this.heard.findLast((each) => each.name === name)?.data as T;
  }
}

const run: RunCard = {
  scenario: 'small',
  about: '',
  protocol: 'ring',
  topology: 'lan',
  peers: 2,
  servers: 1,
  seed: 1,
  totalMs: 1000,
  phases: [{ name: 'measure', fromMs: 0, toMs: 1000 }],
  asksQueries: true,
  hasNat: false,
  examples: [],
  folder: null,
};

const dropped = Object.fromEntries(DROP_REASONS.map((reason) => [reason, reason === 'lost' ? 2 : 0])) as Record<DropReason, number>;
const counts = { sent: 10, delivered: 7, bytes: 500, dropped, operations: { started: 3, succeeded: 1, failed: 1 } };
const first: WatchFrame = {
  paused: false,
  pace: null,
  number: 0,
  fromMs: 0,
  virtualMs: 100,
  totalMs: 1000,
  wallMs: 5,
  phase: 'measure',
  peersAlive: 2,
  totals: counts,
  inFrame: counts,
  latency: { p50Ms: 20, p90Ms: 40 },
  drawn: [
    { peer: 0, name: 'p0', reachable: true, isServer: false },
    { peer: 1, name: 'p1', reachable: false, isServer: false },
    { peer: 2, name: 'server0', reachable: true, isServer: true },
  ],
  up: [true, false, true],
  positions: [[0.25], null, [0.123456]],
  changes: [],
  types: ['lookup'],
  messages: [
    { sentMs: 10, arrivesMs: 60.00049, from: 0, to: 2, type: 0, cause: 'locate', operation: 5, ttl: 3, onConnection: false, dropped: null },
    { sentMs: 20, arrivesMs: 70, from: 0, to: -1, type: 0, cause: 'locate', operation: 5, ttl: null, onConnection: false, dropped: 'lost' },
  ],
  moreMessages: 7,
  operationsShown: 0.25,
  links: [0, 2],
  moreLinks: 0,
  heat: { groups: 3, hosts: 3, handled: [1, 2, 3], up: [1, 0, 1] },
  faults: [],
};

function begun() {
  const asked: unknown[] = [];
  const control: RunControl = {
    inject: async (sentence) => {
      if (sentence === 'nonsense') throw new Problem('expected a fault, got "nonsense"');
      asked.push(sentence);
      return [`at 101ms ${sentence}`];
    },
    pause: async () => asked.push('pause'),
    resume: () => asked.push('resume'),
    step: async (byMs) => asked.push(byMs),
    pace: (pace) => asked.push(pace),
  };
  const show = new Show({ run, pace: 0.5, report: () => null, again: async () => new Promise(() => {}) });
  const { watch, onReady } = show.watching;
  return { show, watch, begin: () => onReady(control), asked };
}

test('a frame becomes what the page draws: places, flags, messages between drawn peers, and how many are not shown', (t) => {
  const { show, watch, begin } = begun();
  const viewer = new Viewer();
  show.watch(viewer);
  begin();
  watch.onFrame(first);
  const { scene, sample, messages, moreMessages, operationsShown, heat, drops } = viewer.last<Frame>('frame');
  t.deepEqual(scene?.names, ['p0', 'p1', 'server0']);
  t.is(scene?.layout, 'ring');
  t.deepEqual(scene?.places, [[0.25], null, [0.1235]]);
  t.deepEqual(scene?.flags, [UP + REACHABLE, 0, UP + REACHABLE + SERVER]);
  t.deepEqual(sample, [100, 10, 500, 7, 2, 3, 1, 1, 2, 20, 40]);
  t.deepEqual(messages, [[10, 60, 0, 2, 0, 'locate', 5, 3, null]]);
  t.is(moreMessages, 8);
  t.is(operationsShown, 4);
  t.is(heat, null, 'all peers are drawn');
  t.is(drops.lost, 2);
});

test('only what has changed is told again; a newcomer is told all of it', (t) => {
  const { show, watch, begin } = begun();
  const viewer = new Viewer();
  show.watch(viewer);
  begin();
  watch.onFrame(first);
  watch.onFrame({ ...first, number: 1, virtualMs: 200, up: [true, true, true], links: null, messages: [] });
  t.deepEqual(Object.keys(viewer.last<Frame>('frame').scene!), ['flags']);
  watch.onFrame({ ...first, number: 2, virtualMs: 300, up: [true, true, true], messages: [] });
  t.is(viewer.last<Frame>('frame').scene, undefined);
  const newcomer = new Viewer();
  show.watch(newcomer);
  const { scene, samples, status } = newcomer.last<Whole>('whole');
  t.deepEqual(scene?.flags[1], UP);
  t.deepEqual(scene?.links, [0, 2]);
  t.deepEqual(
    samples.map(([ms]) => ms),
    [100, 200, 300],
  );
  t.is(status.state, 'running');
});

test('while nobody watches there is a look a second, and a newcomer still has curves', (t) => {
  const { show, watch, begin } = begun();
  begin();
  t.is(watch.everyMs!(), 1000);
  for (let number = 0; number < 5; number++) watch.onFrame({ ...first, number, virtualMs: number * 100 });
  const viewer = new Viewer();
  show.watch(viewer);
  t.true(watch.everyMs!() < 200);
  t.is(viewer.last<Whole>('whole').samples.length, 5);
  viewer.emit('close');
  t.is(watch.everyMs!(), 1000);
});

test('what viewers ask comes to the run, and what is not understood does not', async (t) => {
  const { show, begin, asked } = begun();
  await t.throwsAsync(show.ask({ do: 'pause' }), { instanceOf: Problem, message: 'the run has not begun' });
  begin();
  t.deepEqual(await show.ask({ do: 'inject', says: 'crash 30%' }), { done: ['at 101ms crash 30%'] });
  for (const what of [{ do: 'pause' }, { do: 'resume' }, { do: 'step', byMs: 10 }, { do: 'pace', pace: null }]) await show.ask(what);
  t.deepEqual(asked, [0.5, 'crash 30%', 'pause', 'resume', 10, null]);
  await t.throwsAsync(show.ask({ do: 'inject', says: 'nonsense' }), { message: 'expected a fault, got "nonsense"' });
  for (const what of [null, 'pause', { do: 'stop' }, { do: 'step', byMs: -1 }, { do: 'pace', pace: 0 }, { do: 'inject' }])
    await t.throwsAsync(show.ask(what), { instanceOf: Problem, message: /not understood/ }, JSON.stringify(what));
  await t.throwsAsync(show.ask({ do: 'replay' }), { message: 'it is running' });
});

test('a run that has ended says how, takes no faults, and a replay of it takes none either', async (t) => {
  const { show, begin } = begun();
  const viewer = new Viewer();
  show.watch(viewer);
  begin();
  const outcome = {
    status: 'completed',
    reason: null,
    digest: 'abc',
    recordedDigest: null,
    folder: 'results/x',
    hasReport: true,
    repeat: null,
    figures: [],
    warnings: [],
  } as const;
  show.end(outcome);
  const ended = viewer.last<Status>('status');
  t.is(ended.state, 'ended');
  t.deepEqual(ended.outcome, { ...outcome });
  t.true(ended.canReplay);
  await t.throwsAsync(show.ask({ do: 'inject', says: 'crash 30%' }), { message: /^The run is over/ });
  await show.ask({ do: 'replay' });
  const { status, samples } = viewer.last<Whole>('whole');
  t.true(status.isReplay);
  t.is(status.state, 'waiting');
  t.deepEqual(samples, []);
  begin();
  await t.throwsAsync(show.ask({ do: 'inject', says: 'crash 30%' }), { message: /^A replay shows what was/ });
});
