import test from 'ava';
import { checkConservation } from '../../src/checkers/conservation.js';
import type { LedgerRow, Measures } from '../../src/metrics/measures.js';
import { drops, measuresWith, queries } from '../helpers/measures.js';

const LEDGER: LedgerRow[] = [
  { phase: 'warm-up', type: 'ping', cause: 'maintenance', messages: 10, bytes: 400 },
  { phase: 'measure', type: 'find', cause: 'locate', messages: 5, bytes: 500 },
];

function balanced(): Measures {
  const dropped = drops({ lost: 3, 'peer-down': 1 });
  return measuresWith([...queries(3), { outcome: 'failed' }], LEDGER, {
    traffic: { sent: 0, duplicated: 0, delivered: 0, inFlight: 0, bytes: 0, dropped },
  });
}

/** The names of the checks that do not hold. */
const broken = (measures: Measures) =>
  checkConservation(measures)
    .filter(({ held }) => !held)
    .map(({ name }) => name);

test('balanced books pass every check', (t) => {
  const measures = balanced();
  t.is(measures.traffic.delivered, 11);
  t.deepEqual(broken(measures), []);
  t.deepEqual(
    checkConservation(measures).map(({ name }) => name),
    ['messages', 'connections', 'ledger', 'timeseries', 'operations', 'latencies'],
  );
});

test('one message that vanished is found, and the sentence gives both numbers', (t) => {
  const measures = balanced();
  const short = { ...measures, traffic: { ...measures.traffic, delivered: 10 } };
  t.deepEqual(broken(short), ['messages', 'timeseries']);
  t.is(checkConservation(short)[0].says, 'sent 15 != delivered + dropped + in flight 14');
});

test('each book is held against the others', (t) => {
  const measures = balanced();
  t.deepEqual(broken({ ...measures, ledger: LEDGER.slice(1) }), ['ledger']);
  t.deepEqual(broken({ ...measures, series: [] }), ['timeseries', 'operations']);
  t.deepEqual(broken({ ...measures, histograms: {} }), ['latencies']);
  t.deepEqual(broken({ ...measures, series: [{ ...measures.series[0], bytes: 899 }] }), ['timeseries']);
});
