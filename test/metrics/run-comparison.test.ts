import test, { type ExecutionContext } from 'ava';
import { runScenario } from '../../src/coordinator/run.js';
import { Stream, WHOLE_RUN } from '../../src/kernel/random.js';
import { KEY_FIGURES } from '../../src/metrics/key-figures.js';
import type { OperationTable } from '../../src/metrics/operations.js';
import { type ComparedRun, compareRuns, type JudgeOptions, type PointComparison } from '../../src/metrics/run-comparison.js';
import { summarise } from '../../src/metrics/summary.js';
import { loadProtocol } from '../../src/protocol-catalog.js';
import { loadScenario } from '../../src/scenario/load.js';
import { type OperationRow, operationTable } from '../helpers/measures.js';

const JUDGE: JudgeOptions = { tolerance: null, figures: null };
const judge = (baseline: ComparedRun[], candidate: ComparedRun[], options = JUDGE) =>
  compareRuns([{ name: '', baseline, candidate }], options)[0];
const alarms = ({ figures }: PointComparison) =>
  figures.filter(({ verdict }) => ['worse', 'better', 'changed'].includes(verdict)).map(({ figure: { name } }) => name);

function run(seed: number, figures: Record<string, number>, operations: OperationTable | null = null): ComparedRun {
  return { seed, digest: `${seed}`, status: 'completed', figures, operations: () => operations };
}

/** A run that chance alone tells from others: figures that hang together, and one that is counted. */
function made(seed: number, worse = 1): ComparedRun {
  const random = new Stream(seed, WHOLE_RUN, 'word');
  const common = normal(random);
  const figures = { latencyP50Ms: 0, latencyP90Ms: 0, hopsMean: 0, messagesPerQuery: 0, loadMean: 0, loadGini: 0, stateMeanEntries: 0 };
  const names = Object.keys(figures);
  const values = names.map((name) => [name, Math.exp(0.1 * (common + normal(random))) * (name === 'hopsMean' ? worse : 1)]);
  return { ...run(seed, { ...Object.fromEntries(values), peersAlive: Math.round(50 + 3 * normal(random)) }), digest: `${seed} ${worse}` };
}

const normal = (random: Stream) => Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());

test('repetitions by chance alone: at most 5 % of comparisons raise any alarm; a real change raises the right one', (t) => {
  const trials = 100;
  let alarmed = 0;
  let found = 0;
  for (let trial = 0; trial < trials; trial++) {
    const runs = (from: number, worse = 1) => Array.from({ length: 5 }, (_, at) => made(trial * 100 + from + at, worse));
    if (alarms(judge(runs(0), runs(50))).length > 0) alarmed++;
    const changed = judge(runs(0), runs(50, 2));
    if (changed.figures.some(({ figure, verdict }) => figure.name === 'hopsMean' && verdict === 'worse')) found++;
  }
  // Three standard errors of 5 % in 100 trials are 6.5 %.
  t.true(alarmed / trials < 0.115, `${alarmed} of ${trials}`);
  t.true(found / trials > 0.9, `${found} of ${trials}`);
});

/** Queries of a run in which who asks, for what, and when matter, all of it drawn anew for each seed. */
function queriesOf(seed: number, slower = 1): OperationTable {
  const random = new Stream(seed, WHOLE_RUN, 'name');
  const effects = (count: number, size: number) => Array.from({ length: count }, () => size * normal(random));
  const [peers, items, times] = [effects(40, 0.3), effects(30, 0.4), effects(20, 0.2)];
  const rows = Array.from({ length: 240 }, (_, at): OperationRow => {
    const [origin, key] = [Math.floor(40 * random.next()), Math.floor(30 * random.next())];
    const effect = peers[origin] + items[key] + times[Math.floor(at / 12)];
    const latencyMs = 100 * slower * Math.exp(effect + 0.3 * normal(random));
    const fails = normal(random) + 2 * effect > 2;
    const messages = 10 * Math.exp(effect) + random.next();
    return {
      origin,
      key,
      startMs: at * 1000,
      latencyMs,
      messages,
      hops: Math.ceil(latencyMs / 50),
      ...(fails ? { outcome: 'failed' as const } : {}),
    };
  });
  return operationTable(rows);
}

function single(seed: number, slower = 1): ComparedRun {
  const figures = { success: 1, latencyP50Ms: 100, latencyP90Ms: 200, latencyP99Ms: 300, hopsMean: 3, messagesPerQuery: 10 };
  return { ...run(seed, figures, queriesOf(seed, slower)), digest: `${seed} ${slower}` };
}

test('single runs whose queries hang together by peer, item and time: alarms stay near 5 %, and a change is found', (t) => {
  const trials = 40;
  let alarmed = 0;
  let found = 0;
  for (let trial = 0; trial < trials; trial++) {
    if (alarms(judge([single(trial * 2)], [single(trial * 2 + 1)])).length > 0) alarmed++;
    // Of the same seed, by no more than another seed would do.
    if (alarms(judge([single(trial)], [single(trial, 1.3)])).includes('latencyP50Ms')) found++;
  }
  t.true(alarmed / trials < 0.13, `${alarmed} of ${trials} false`);
  t.true(found / trials > 0.5, `${found} of ${trials} found`);
});

/** No joining, and as many queries in less time. */
const QUICK = [
  'phases={start: converge, warmUp: 10s, measure: 30s, drain: 10s}',
  'peers=60',
  'workload.locate.rate=0.2/s',
  'population.events=[at 20s crash 20%]',
];

async function real(seed: number, ...set: string[]): Promise<ComparedRun> {
  const loaded = loadScenario('small-churn', { protocol: 'chord', seed, set: [...QUICK, ...set] });
  const scenario = loaded.for('chord', await loadProtocol('chord'));
  const { measures } = await runScenario(scenario, { shards: 1 });
  const summary = summarise(scenario, measures, '1');
  const figures = Object.fromEntries(KEY_FIGURES.map(({ name, of }) => [name, of(summary)]));
  return { seed, digest: summary.digest, status: summary.status, figures, operations: () => measures.operations };
}

test.serial(
  'real runs: other seeds raise no more alarms than chance does, a setting that hardly matters none, a real change the right one',
  async (t) => {
    t.timeout(120_000);
    const seeds = [1, 2, 3, 4];
    const baseline: ComparedRun[] = [];
    for (const seed of seeds) baseline.push(await real(seed));
    const pairs = seeds.flatMap((a) => seeds.filter((b) => b > a).map((b) => judge([baseline[a - 1]], [baseline[b - 1]])));
    const raised = pairs.filter((each) => alarms(each).length > 0);
    t.is(raised.length, 0, `${raised.length} of ${pairs.length} pairs: ${raised.flatMap(alarms)}`);
    t.deepEqual(alarms(judge(baseline.slice(0, 2), baseline.slice(2))), []);

    const hardly = await real(1, 'protocol.stabiliseMs=2.001s');
    t.not(hardly.digest, baseline[0].digest);
    t.deepEqual(alarms(judge([baseline[0]], [hardly])), []);

    const fragile = await Promise.all([1, 2].map((seed) => real(seed, 'protocol.successors=1')));
    for (const one of fragile) finds(t, judge([baseline[one.seed - 1]], [one]), 'hopsMean');
  },
);

function finds(t: ExecutionContext, point: PointComparison, name: string): void {
  const found = point.figures.find(({ figure }) => figure.name === name)!;
  t.is(found.verdict, 'worse', `${name}: ${found.baseline} -> ${found.candidate}, corrected p ${found.corrected}`);
}

test('equal digests are the same run, whatever is asked', (t) => {
  const one = run(1, { success: 0.5 });
  const point = judge([one], [{ ...one }]);
  t.true(point.identical);
  t.deepEqual(alarms(point), []);
});

test('a figure without an interval is judged by the tolerance alone', (t) => {
  const [a, b] = [run(1, { loadMean: 10, loadGini: 0.3 }), { ...run(1, { loadMean: 10.4, loadGini: 0.4 }), digest: 'x' }];
  const verdicts = (tolerance: number | null) => judge([a], [b], { tolerance, figures: null }).figures.map(({ verdict }) => verdict);
  t.deepEqual(verdicts(null), ['unknown', 'unknown']);
  t.deepEqual(verdicts(0.05), ['same', 'worse']);
  t.deepEqual(verdicts(0.5), ['same', 'same']);
});

test('a figure that one side did not measure is not judged; a run that failed is told', (t) => {
  const [a, b] = [run(1, { loadMean: 10, success: 1 }), { ...run(1, { loadMean: 10 }), digest: 'x' }];
  t.deepEqual(
    judge([a], [b]).figures.map(({ figure, verdict }) => [figure.name, verdict]),
    [
      ['success', 'unknown'],
      ['loadMean', 'same'],
    ],
  );
  const failed = { ...b, status: 'failed' as const, figures: {} };
  t.is(judge([a], [failed]).failures, 1);
  t.is(judge([failed], [a]).failures, 0);
  t.is(judge([{ ...a, status: 'interrupted' }], [b]).interrupted, 1);
});

test('the fewer figures are judged, the smaller a change is found', (t) => {
  const shift = (by: number) => [0, 1, 2, 3, 4].map((seed) => ({ ...made(seed), digest: `x${by}` }));
  const before = shift(0);
  const after = shift(1).map((one, at) => {
    return { ...one, figures: { ...one.figures, hopsMean: one.figures.hopsMean! + 0.1 + 0.05 * Math.sin(at * 7) } };
  });
  const all = judge(before, after).figures.find(({ figure }) => figure.name === 'hopsMean')!;
  const alone = judge(before, after, { tolerance: null, figures: ['hopsMean'] }).figures;
  t.is(alone.length, 1);
  t.true(alone[0].corrected! < all.corrected!);
});
