import test from 'ava';
import { type AnyClaim, hasChurn, judgeClaims } from '../../src/metrics/claims.js';
import { summarise } from '../../src/metrics/summary.js';
import { measuresWith, queries, scenarioWith } from '../helpers/measures.js';

const SOURCE = 'Stoica et al. 2001';

function hops(judge: AnyClaim['judge'], applies: AnyClaim['applies'] = () => true): AnyClaim {
  return { says: 'half log2 N hops', source: SOURCE, applies, judge };
}

const judged = (claim: AnyClaim) => summarise(scenarioWith(), measuresWith(queries(3)), '', [claim]).claims;
const measured = 3;

test('a claim is judged by the summary, within its bounds', (t) => {
  t.deepEqual(judged(hops(({ summary }) => ({ measured: summary.operations.locate.hops.mean!, atMost: 4 }))), [
    { says: 'half log2 N hops', source: SOURCE, measured, atLeast: null, atMost: 4, held: true, problem: null },
  ]);
  t.is(judged(hops(() => ({ measured, atLeast: 3, atMost: 3 })))[0].held, true);
  t.is(judged(hops(() => ({ measured, atMost: 2.9 })))[0].held, false);
  t.is(judged(hops(() => ({ measured, atLeast: 3.1 })))[0].held, false);
});

test('one whose conditions do not hold is not judged, nor any in a run that broke off', (t) => {
  t.deepEqual(
    judged(
      hops(
        () => ({ measured: 9, atMost: 1 }),
        ({ churn }) => churn,
      ),
    ),
    [],
  );
  t.deepEqual(
    judged(
      hops(
        () => ({ measured: 9, atMost: 1 }),
        ({ peers }) => peers > 4,
      ),
    ),
    [],
  );
  const interrupted = measuresWith(queries(3), [], { status: 'interrupted' });
  t.deepEqual(summarise(scenarioWith(), interrupted, '', [hops(() => ({ measured: 9, atMost: 1 }))]).claims, []);
});

test('one that has no number, or throws, is neither held nor broken, and says why', (t) => {
  const [none] = judged(hops(() => ({ measured: Number.NaN, atMost: 1 })));
  t.is(none.held, null);
  t.is(none.measured, null);
  t.is(none.problem, 'the run has nothing to measure it by');
  const [thrown] = judged(
    hops(() => {
      throw new Error('no such counter');
    }),
  );
  t.is(thrown.held, null);
  t.is(thrown.problem, 'judging it threw: no such counter');
  const { operations, ...rest } = summarise(scenarioWith(), measuresWith([]), '');
  const asked = { ...rest, operations: { locate: operations.locate! } };
  t.is(
    judgeClaims([hops(({ summary }) => ({ measured: summary.operations.store.started, atMost: 1 }))], scenarioWith(), asked)[0].held,
    null,
  );
});

test('churn: anything that comes or goes while the run lasts', (t) => {
  const { population, phases } = scenarioWith();
  const session = { kind: 'exponential', meanMs: 1000 } as const;
  const churn = (changes: Partial<typeof population>) => hasChurn({ phases, population: { ...population, ...changes } });
  t.false(churn({}));
  t.true(churn({ session }));
  t.false(churn({ session, core: 1 }));
  t.false(churn({ session, churnFromMs: 120_000 }));
  t.true(churn({ massFailures: [{ atMs: 60_000, share: 0.3 }] }));
  t.false(churn({ massFailures: [{ atMs: 999_000, share: 0.3 }] }));
  t.true(churn({ arrivals: { kind: 'ramp', overMs: 1000 } }));
});
