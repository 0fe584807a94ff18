import test from 'ava';
import { refuseUnknownMetrics } from '../../src/metrics/known-metrics.js';
import { summarise } from '../../src/metrics/summary.js';
import { judgeThresholds, thresholdSentence } from '../../src/metrics/thresholds.js';
import { Problem } from '../../src/problem.js';
import type { Scenario, Threshold } from '../../src/scenario/scenario.js';
import { measuresWith, queries, scenarioWith } from '../helpers/measures.js';

const summary = summarise(
  scenarioWith(),
  measuresWith([...queries(3, { latencyMs: 5 }), { outcome: 'failed' }], [], { counters: { 'wrong.answers': 0 } }),
  '',
);

function judge(metric: string, condition: Threshold['condition'], value: number) {
  return judgeThresholds([{ metric, condition, value }], summary)[0];
}

test('paths: short for operations, or from the root; names with dots in them too', (t) => {
  t.is(judge('locate.success', '>=', 0.75).measured, 0.75);
  t.is(judge('operations.locate.success', '>=', 0.75).measured, 0.75);
  t.is(judge('locate.latencyMs.p99', '<', 6).measured, 5);
  t.is(judge('messages.dropped.uplink-full', '==', 0).measured, 0);
  t.is(judge('counters.wrong.answers', '==', 0).met, true);
  t.is(judge('peersAlive', '>', 3).met, true);
});

test('every condition, at its edge', (t) => {
  const met = (condition: Threshold['condition'], value: number) => judge('locate.success', condition, value).met;
  t.deepEqual([met('>=', 0.75), met('>=', 0.76)], [true, false]);
  t.deepEqual([met('>', 0.74), met('>', 0.75)], [true, false]);
  t.deepEqual([met('<=', 0.75), met('<=', 0.74)], [true, false]);
  t.deepEqual([met('<', 0.76), met('<', 0.75)], [true, false]);
  t.deepEqual([met('==', 0.75), met('==', 0.7500001)], [true, false]);
});

test('what has no value is not met, whatever the condition, and says why', (t) => {
  const none = judge('overlay.meanDegree', '<', 100);
  t.deepEqual([none.measured, none.met], [null, false]);
  t.is(thresholdSentence(none), 'overlay.meanDegree has no value: the run has nothing to measure it by, so < 100 is not met');
  t.is(
    thresholdSentence(judge('counters.oops', '==', 0)),
    `counters.oops has no value: nothing was counted under "oops" (peer.count('oops', 0) makes it known)`,
  );
  t.is(judge('digest', '==', 0).met, false);
  t.is(judge('reason', '==', 0).met, false);
});

test('sentences', (t) => {
  t.is(thresholdSentence(judge('locate.success', '>=', 0.95)), 'locate.success was 0.75, not >= 0.95');
  t.is(thresholdSentence(judge('locate.success', '>=', 0.5)), 'locate.success was 0.75, and so >= 0.5');
});

test('a metric that cannot exist is refused before the run, with the nearest that can', (t) => {
  const asking =
    (metric: string, changes: Partial<Scenario> = {}) =>
    () =>
      refuseUnknownMetrics(
        scenarioWith({ measures: { intervalMs: 1, paths: false, thresholds: [{ metric, condition: '>', value: 1 }] }, ...changes }),
        'x.yaml:3',
      );
  t.throws(asking('locate.sucess'), {
    instanceOf: Problem,
    message:
      'x.yaml:3: measures.thresholds: expected a metric of the summary (docs/results.md lists them), got "locate.sucess" (did you mean "locate.success"?)',
  });
  t.throws(asking('operations.locate.latency.p99'), { message: /did you mean "locate.latencyMs.p99"/ });
  t.throws(asking('digest'), { instanceOf: Problem });
  t.throws(asking('counters.'), { instanceOf: Problem });
  t.throws(asking('messagesByType.find'), { instanceOf: Problem });
  t.throws(asking('locate.success', { workload: { locate: null } }), { instanceOf: Problem });
  for (const metric of [
    'locate.success',
    'counters.any',
    'messagesByType.find.bytes',
    'overlay.meanDegree',
    'load.gini',
    'memory.rssBytes',
  ]) {
    t.notThrows(asking(metric));
  }
});
