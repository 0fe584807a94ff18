import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import test from 'ava';
import type { z } from 'zod';
import {
  defineProtocol,
  Problem,
  type ProtocolDefinition,
  type RunFailed,
  type RunOptions,
  readResults,
  run,
  type ScenarioObject,
  sitesOf,
} from '../../src/index.js';
import type { scenarioSchema } from '../../src/scenario/scenario-schema.js';

const folder = mkdtempSync(join(tmpdir(), 'peerage-library-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

const TINY: ScenarioObject = {
  name: 'tiny',
  peers: 24,
  topology: 'planet',
  protocols: ['chord', 'gnutella'],
  phases: { start: 'converge', warmUp: '2s', measure: '10s', drain: '5s' },
  workload: { locate: { files: 10, replicas: 3, publishSpread: '1s', rate: '0.2/s', timeout: '5s' } },
};

/** Peers that say hello to each other once a second, as the text of a module. */
const HELLO = `{
  about: 'hellos',
  settings: { periodMs: { default: 1000, about: 'period' } },
  messages: { hello: ['n'] },
  create: (peer, settings) => ({
    join() { peer.every(settings.periodMs, this.greet); },
    greet() { for (const other of peer.bootstrap(1)) peer.send(other, { type: 'hello', n: 1 }); },
    onMessage() { peer.count('heard'); },
  }),
}`;
const definition: ProtocolDefinition = new Function(`return ${HELLO}`)();
const module = join(folder, 'hello.mjs');
writeFileSync(module, `export default ${HELLO};`);
const CALM: ScenarioObject = { ...TINY, workload: 'none' };

const refused = async (scenario: string | ScenarioObject, options: RunOptions = {}) => {
  const error = await run(scenario, options).catch((each: unknown) => each);
  if (!(error instanceof Problem)) throw new Error(`expected a Problem, got ${error}`);
  return error.message;
};

test('a run from an object is the run from the file that it writes; nothing is written unless asked for', async (t) => {
  const before = readdirSync('.');
  const first = await run(TINY, { seed: 3, shards: 1 });
  t.is(first.folder, null);
  t.deepEqual(readdirSync('.'), before);
  t.like(first.summary, { scenario: 'tiny', protocol: 'chord', peers: 24, seed: 3, status: 'completed' });
  t.true(first.summary.operations.locate!.started > 20);

  const written = await run({ ...TINY, seed: 3 }, { outDir: join(folder, 'out'), shards: 2, strict: true });
  t.is(written.summary.digest, first.summary.digest);
  t.is(readResults(written.folder!).summary.digest, first.summary.digest);
  const again = await run(join(written.folder!, 'scenario.yaml'), { shards: 1 });
  t.is(again.summary.digest, first.summary.digest);
  t.deepEqual(again.scenario, written.scenario);
});

test('what the options change', async (t) => {
  const { scenario, notes } = await run(TINY, {
    protocol: 'gnutella',
    shards: 1,
    topology: { extends: 'lan', loss: '1%' },
    peers: 12,
    duration: '1s',
    set: {
      'protocol.ttl': 2,
      'population.session': 'exponential 10m',
      'workload.locate.rate': null,
      'workload.locate.perPeer': 1,
      about: undefined,
    },
  });
  t.like(scenario, {
    peers: 12,
    protocol: { name: 'gnutella', settings: { ttl: 2 } },
    topology: { name: 'lan (changed)', loss: 0.01 },
    phases: { measureMs: 1000 },
    population: { session: { kind: 'exponential', meanMs: 600_000 } },
    workload: { locate: { perPeer: 1 } },
  });
  t.deepEqual(notes, []);
});

test('whatever is wrong is a sentence that begins with where', async (t) => {
  t.is(await refused({ ...TINY, peers: 0 }), 'scenario.peers: expected a whole number of at least 1, got 0');
  t.regex(
    await refused({ ...TINY, peerz: 5 } as ScenarioObject),
    /^scenario\.peerz: unknown setting "peerz" \(did you mean "peers"\?\); there is /,
  );
  t.is(
    await refused({ ...TINY, phases: { measure: '300' } }),
    'scenario.phases.measure: expected a duration such as 500ms, 30s, 10m, 2h or 1d, got "300"',
  );
  t.is(
    await refused({ ...TINY, population: { events: ['at 60s crsh 30%'] } }),
    'scenario.population.events.0: expected at <time> crash <share>, such as at 60s crash 30%, got "at 60s crsh 30%"',
  );
  t.regex(
    await refused({ ...TINY, topology: { extends: 'lann' } }),
    /^scenario\.topology\.extends: no topology named "lann" \(did you mean "lan"\?\)/,
  );
  t.is(await refused({ peers: 5 }), 'scenario.protocols: expected at least one protocol, here or by --protocol');
  t.is(
    await refused({ ...TINY, about: (() => 'me') as unknown as string }),
    'scenario.about: expected plain data, such as a scenario file can hold, got a function',
  );
  t.is(
    await refused({ ...TINY, settings: new Map() as never }),
    'scenario.settings: expected plain data, such as a scenario file can hold, got a Map',
  );
  const circle: Record<string, unknown> = {};
  circle.again = circle;
  t.is(
    await refused({ ...TINY, settings: circle as never }),
    'scenario.settings.again: expected plain data, such as a scenario file can hold, got an object that contains itself',
  );
  t.regex(await refused('lokup'), /^no scenario named "lokup" \(did you mean "lookup"\?\)/);
  t.is(
    await refused({
      ...TINY,
      workload: {
        locate: {
          trace: [
            { at: '3s', peer: 'p0' },
            { at: '4s', peer: 1, file: 2.5 },
          ],
        },
      },
    }),
    'scenario.workload.locate.trace.1.file: expected the number or name of a file, got 2.5',
  );
});

test('a wrong option is named', async (t) => {
  t.is(
    await refused(TINY, { proctocol: 'chord' } as RunOptions),
    'options.proctocol: there is no such option (did you mean "protocol"?); there is protocol, topology, peers, duration, seed, set, shards, strict, outDir, signal, onProgress, onReady, watch',
  );
  t.is(await refused(TINY, null as never), 'options: expected an object, got nothing');
  t.is(
    await refused(TINY, { set: 'peers=3' as never }),
    "options.set: expected an object from paths to values, such as { 'population.crash': '100%' }, got \"peers=3\"",
  );
  t.is(await refused(TINY, { peers: 1.5 }), 'options.peers: expected a whole number, got 1.5');
  t.is(await refused(TINY, { duration: '10' }), 'options.duration: expected a duration such as 500ms, 30s, 10m, 2h or 1d, got "10"');
  t.is(await refused(TINY, { shards: 0 }), 'options.shards: expected a whole number from 1 to 64, got 0');
  t.is(await refused(TINY, { shards: 25 }), 'options.shards: expected at most one per peer, and there are 24 peers, got 25');
  t.is(
    await refused(TINY, { topology: { extends: 'lan', loss: '200%' } }),
    'options.topology.loss: expected a share below 1, such as 70% or 0.7, got "200%"',
  );
  t.regex(
    await refused(TINY, { set: { 'protocol.succesors': 2 } }),
    /^options\.set\['protocol\.succesors'\]: the protocol has no setting "succesors" \(did you mean "successors"\?\); there is /,
  );
  t.is(
    await refused(TINY, { set: { 'population..crash': 1 } }),
    "options.set['population..crash']: expected the path of a setting, such as 'population.crash'",
  );
  t.is(
    await refused(TINY, { set: { 'population.crash': 2 } }),
    "options.set['population.crash']: expected a share of at most 1, such as 70% or 0.7, got 2",
  );
  t.regex(await refused(TINY, { protocol: './nowhere.js' }), /^protocol file .*nowhere\.js: there is no such file/);
  t.regex(await refused(TINY, { protocol: {} as never }), /^options\.protocol: expected "about"/);
  t.regex(
    await refused(TINY, { protocol: 7 as never }),
    /^options\.protocol: expected a name, a path, a URL or a definition made by defineProtocol\(\{\.\.\.\}\), got number/,
  );
  t.is(
    await refused(CALM, { protocol: definition, shards: 2 }),
    'options.shards: expected 1, because a definition has functions, which cannot go to other threads, got 2; ' +
      "for more, make it the default export of a module and name that: protocol: './mine.js'",
  );
});

test('a definition in memory runs in this thread, and is the same run as its module on two threads', async (t) => {
  const own = await run(CALM, { protocol: definition, set: { 'protocol.periodMs': '500ms' }, outDir: join(folder, 'own') });
  t.is(own.summary.protocol, 'inline');
  t.is(own.summary.shards, 1);
  t.true(own.summary.counters.heard > 100);
  const there = { set: { 'protocol.periodMs': 500 }, shards: 2 };
  for (const protocol of [module, pathToFileURL(module), pathToFileURL(module).href]) {
    const { summary } = await run(CALM, { protocol, ...there });
    t.is(summary.protocol, 'hello');
    t.is(summary.digest, own.summary.digest);
  }
  // Its folder says that it cannot be repeated without the script.
  t.regex(
    await refused(join(own.folder!, 'scenario.yaml')),
    /the protocol "inline" was a definition in the memory of the script that ran it/,
  );
  t.is((await run(join(own.folder!, 'scenario.yaml'), { protocol: definition })).summary.digest, own.summary.digest);
});

test('while a run goes on in this thread, the thread hears of other things; a signal ends it, and what was measured is kept', async (t) => {
  const controller = new AbortController();
  let virtualMs = 0;
  const timer = setInterval(() => virtualMs > 0 && controller.abort(), 1);
  const { summary } = await run(CALM, {
    protocol: definition,
    duration: '100d',
    signal: controller.signal,
    onProgress: (progress) => {
      virtualMs = progress.virtualMs;
    },
  });
  clearInterval(timer);
  t.is(summary.status, 'interrupted');
  t.true(summary.virtualMs > 0 && summary.virtualMs < 86_400_000 * 100);
});

test('a run that fails is thrown, with what was measured until then', async (t) => {
  const broken = defineProtocol({
    about: 'falls ill',
    messages: { hello: [] },
    create: (peer) => ({
      join() {
        peer.after(6000, this.fall);
        for (const other of peer.bootstrap(1)) peer.send(other, { type: 'hello' });
      },
      fall() {
        throw new TypeError('oops');
      },
      onMessage() {},
    }),
  });
  const error = await t.throwsAsync<RunFailed>(run(CALM, { protocol: broken, outDir: join(folder, 'failed') }), { name: 'RunFailed' });
  t.true(error instanceof Problem);
  t.is(error.kind, 'protocol-failed');
  t.regex(error.message, /inline.*oops/s);
  t.is(error.result.summary.status, 'failed');
  t.true(error.result.summary.messages.sent > 0);
  t.true(existsSync(join(error.result.folder!, 'summary.json')));
});

test('a threshold that is missed is no error', async (t) => {
  const { summary } = await run({ ...TINY, measures: { thresholds: { 'locate.success': '> 2' } } }, { duration: '2s', shards: 1 });
  t.deepEqual(
    summary.thresholds.map(({ met }) => met),
    [false],
  );
});

test('where peers are: the shares of the sites hold', async (t) => {
  const { scenario } = await run(CALM, {
    protocol: definition,
    duration: '1s',
    topology: {
      access: { a: {} },
      sites: [
        { name: 'here', share: '75%' },
        { name: 'there', share: '25%' },
      ],
      latency: '10ms',
    },
  });
  const sites = sitesOf(scenario);
  t.is(sites.length, 24);
  t.is(sites.filter((each) => each === 'here').length, 18);
});

test('the type of a scenario object has every key that a scenario file may have', (t) => {
  type Keys = keyof z.input<typeof scenarioSchema>;
  const complete: [Exclude<Keys, keyof ScenarioObject>] extends [never] ? true : never = true;
  const nothingElse: [Exclude<keyof ScenarioObject, Keys>] extends [never] ? true : never = true;
  t.true(complete && nothingElse);
});
