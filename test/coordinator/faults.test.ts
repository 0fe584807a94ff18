/** Faults in whole runs: the same on any number of shards, and what was injected repeats from the scenario that was written. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { checkConservation } from '../../src/checkers/conservation.js';
import { runExperiment } from '../../src/coordinator/experiment.js';
import type { Inject } from '../../src/coordinator/injector.js';
import { type RunResult, runScenario } from '../../src/coordinator/run.js';
import { repeatable, summarise } from '../../src/metrics/summary.js';
import { loadProtocol } from '../../src/protocol-catalog.js';
import { planFaults } from '../../src/scenario/fault-plan.js';
import { loadScenario, scenarioToYaml } from '../../src/scenario/load.js';
import type { Scenario } from '../../src/scenario/scenario.js';
import { type WorldOptions, worldScenario } from '../helpers/worlds.js';
import { temporaryFolder } from '../scenario/temporary.js';

const folder = temporaryFolder();

const SHORT: WorldOptions = {
  peers: 90,
  warmUpMs: 5000,
  measureMs: 25_000,
  drainMs: 5000,
  population: { session: { kind: 'exponential', meanMs: 30_000 }, downtime: { kind: 'exponential', meanMs: 10_000 }, core: 0.05 },
  locate: { files: 40, zipf: 0.8, replicas: 4, freeRiders: 0.4, publishSpreadMs: 6000, ratePerPeerPerSecond: 0.05, timeoutMs: 8000 },
};

const SETTINGS = { chord: { stabiliseMs: 2000, fixFingersMs: 2000, checkPredecessorMs: 2000 }, gnutella: { ttl: 4 } };

const broken =
  (protocol: keyof typeof SETTINGS) =>
  async (...sentences: string[]): Promise<Scenario> => {
    const scenario = await worldScenario(protocol, { ...SHORT, settings: SETTINGS[protocol] });
    const places = { sites: scenario.topology.sites, peers: scenario.peers };
    return { ...scenario, faults: planFaults(sentences, places, (_, error) => error) };
  };

function same(t: ExecutionContext, scenario: Scenario, one: RunResult, other: RunResult): void {
  t.is(other.measures.digest, one.measures.digest);
  t.deepEqual(repeatable(summarise(scenario, other.measures, '')), repeatable(summarise(scenario, one.measures, '')));
}

for (const protocol of ['chord', 'gnutella'] as const) {
  test.serial(
    `${protocol}: every verb at once, with chaos, under churn: the same run on 1, 2 and 4 shards, and the books balance`,
    async (t) => {
      const scenario: Scenario = {
        ...(await broken(protocol)(
          'at 8s partition site 1, site 2, site 3, site 4 | rest',
          'at 12s repair',
          'at 15s crash 30%',
          'from 18s to 22s crash peers 0-9',
          'at 20s restart',
          'from 10s to 25s churn 20%',
          'from 12s to 14s hold peers 0-20 | rest',
          'from 5s to 30s slow uplink of 30% by 5x',
          'from 7s to 28s slow downlink of 50% by 20x',
          'from 6s to 28s loss 5%',
          'from 6s to 28s corrupt 1%',
          'from 16s to 20s outage random site',
          'from 9s to 20s flap link site 5 | site 6 every 500ms',
          'from 3s to 25s delay 30ms of 20%',
        )),
        chaos: [
          { says: 'outage random site', action: { verb: 'outage', of: { kind: 'random', of: 'site' } }, everyMs: 4000, lastsMs: 1000 },
          { says: 'crash 5%', action: { verb: 'crash', of: { kind: 'share', share: 0.05 } }, everyMs: 5000, lastsMs: 3000 },
        ],
      };
      const one = await runScenario(scenario, { shards: 1 });
      t.is(one.measures.status, 'completed', one.measures.reason ?? '');
      // Datagrams are dropped; segments are lost and sent again.
      const lost = protocol === 'chord' ? one.measures.traffic.dropped : summarise(scenario, one.measures, '').connections!.segmentsLost;
      t.true(lost.fault! > 500 && lost.corrupted! > 50, JSON.stringify(lost));
      t.true(one.measures.faults.filter(({ origin }) => origin === 'chaos').length > 4);
      t.true(one.measures.faults.every(({ peersHit }) => peersHit !== null));
      for (const check of checkConservation(one.measures)) t.true(check.held, check.says);
      // On eight: determinism/everything.test.ts.
      for (const shards of [2, 4]) {
        const other = await runScenario(scenario, { shards, strict: shards === 4 });
        t.is(other.measures.shards, shards);
        same(t, scenario, one, other);
      }
    },
  );
}

test.serial('faults change what happens while they last, and before them nothing', async (t) => {
  const calm = await runScenario(await broken('chord')(), { shards: 1 });
  const storm = await runScenario(await broken('chord')('from 20s to 25s outage site 1, site 2, site 3'), { shards: 1 });
  const checksums = ({ measures }: RunResult) => measures.series.map(({ checksum }) => checksum);
  t.deepEqual(checksums(storm).slice(0, 4), checksums(calm).slice(0, 4));
  t.not(checksums(storm)[4], checksums(calm)[4]);
  t.deepEqual(calm.measures.faults, []);
});

for (const [shards, others] of [
  [1, [2]],
  [2, [1, 4]],
] as const) {
  test.serial(`what is injected into a run of ${shards} is in its scenario, which gives the same run again`, async (t) => {
    const calm = await broken('chord')('at 8s delay 20ms of 10%', 'at 80s crash 10%');
    // Long enough for several slices.
    const scenario: Scenario = { ...calm, phases: { ...calm.phases, measureMs: 90_000 } };
    const answers: string[] = [];
    let inject: Inject = () => t.fail() as never;
    const say = (text: string) =>
      void inject(text).then(
        (said) => answers.push(...said),
        (error: Error) => answers.push(error.message),
      );
    const script: [fromMs: number, text: string][] = [
      [9000, 'partition site 1, site 2, site 3, site 4 | rest'],
      [12_000, 'crsh 30%'],
      [13_000, 'crash 30%'],
      [15_000, 'repair'],
      [17_000, 'restart'],
      [18_000, 'for 5s churn 50%'],
      [20_000, 'hold peers 3 | rest for 2s'],
    ];
    const first = await runScenario(scenario, {
      shards,
      onReady: (control) => {
        inject = control.inject;
        say('loss 1%');
      },
      onProgress: ({ virtualMs }) => {
        while (script.length > 0 && virtualMs >= script[0][0]) say(script.shift()![1]);
      },
    });
    t.is(first.measures.status, 'completed', first.measures.reason ?? '');
    t.deepEqual(script, [], 'the run lasted long enough to say all of it');
    t.is(answers.length, 10, answers.join('\n'));
    t.true(answers.some((answer) => /did you mean "crash"/.test(answer)));
    const injected = first.measures.faults.filter(({ origin }) => origin === 'injected');
    t.deepEqual(
      injected.map(({ says }) => says),
      [
        'loss 1%',
        'partition sites "site 1", "site 2", "site 3", "site 4" | rest',
        'crash 30%',
        'restart',
        'churn 50%',
        'hold peers 3 | rest',
      ],
    );
    t.true(
      injected.every(({ atMs, peersHit }) => Number.isInteger(atMs) && peersHit! > 0),
      JSON.stringify(injected),
    );
    t.is(first.measures.faults[0].untilMs, injected[1].untilMs, 'repair ended the fault of the scenario, too');

    const file = folder.write('injected.yaml', scenarioToYaml(first.scenario));
    const again = loadScenario(file).for('chord', await loadProtocol('chord'));
    t.deepEqual(again, first.scenario);
    for (const other of others) {
      const second = await runScenario(again, { shards: other });
      t.is(second.measures.digest, first.measures.digest, `${other} shards`);
      t.deepEqual(
        second.measures.faults.map((fault) => ({ ...fault, origin: '' })),
        first.measures.faults.map((fault) => ({ ...fault, origin: '' })),
      );
    }
  });
}

test.serial('an experiment writes the scenario as it was run, and the faults', async (t) => {
  const scenario = await broken('chord')('at 8s delay 20ms of 10%');
  let said: Promise<string[]> = Promise.resolve([]);
  const { folder: results, summary } = await runExperiment(scenario, {
    shards: 1,
    outDir: folder.path,
    onReady: ({ inject }) => {
      said = inject('at 9s crash 10%');
    },
  });
  t.deepEqual(await said, ['at 9s crash 10%']);
  t.deepEqual(
    summary.faults.map(({ says, origin }) => [says, origin]),
    [
      ['delay 20ms of 10%', 'scenario'],
      ['crash 10%', 'injected'],
    ],
  );
  t.regex(readFileSync(join(results!, 'scenario.yaml'), 'utf8'), /^faults:\n {2}- at 8s delay 20ms of 10%\n {2}- at 9s crash 10%\n/m);
  const rows = readFileSync(join(results!, 'faults.csv'), 'utf8').split('\n');
  t.deepEqual(rows.slice(0, 2), ['atMs,untilMs,says,origin,peersHit', '8000,,delay 20ms of 10%,scenario,9']);
});
