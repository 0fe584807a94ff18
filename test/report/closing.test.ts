import test from 'ava';
import fc from 'fast-check';
import type { LedgerRow } from '../../src/metrics/measures.js';
import { type Summary, summarise } from '../../src/metrics/summary.js';
import { closingSentences } from '../../src/report/closing.js';
import { measuresWith, type OperationRow, queries, scenarioWith } from '../helpers/measures.js';

interface Figures {
  readonly messages?: number;
  readonly latencyMs?: number;
  readonly maintenanceBytes?: number;
  readonly succeeded?: number;
  readonly failed?: number;
  readonly status?: Summary['status'];
}

/** A run with these figures; 400 peer-seconds were measured. */
function run(protocol: string, figures: Figures = {}): Summary {
  const { messages = 10, latencyMs = 100, maintenanceBytes = 4000, succeeded = 100, failed = 0, status = 'completed' } = figures;
  const rows: OperationRow[] = [...queries(succeeded, { messages, latencyMs }), ...queries(failed, { messages, outcome: 'failed' })];
  const ledger: LedgerRow[] = [{ phase: 'measure', type: 'x', cause: 'maintenance', messages: 1, bytes: maintenanceBytes }];
  return summarise(scenarioWith({}, protocol), measuresWith(rows, ledger, { status }), '');
}

const contrast = (...summaries: Summary[]) => closingSentences(summaries)[1];

test('who does better in what, with "but" where it changes sides', (t) => {
  t.deepEqual(
    closingSentences([
      run('gnutella', { messages: 2310, succeeded: 84, failed: 16 }),
      run('chord', { messages: 14.2, latencyMs: 210, maintenanceBytes: 27_200 }),
    ]),
    [
      'Gnutella answered 84.0 % of its 100 queries with 2,310 messages per query; chord answered all of its 100 queries with 14.2 messages per query.',
      'Gnutella sent 163 times as many messages per query as chord (2,310 against 14.2), but the median answer of chord took 2.1 times as long as that of gnutella (210 ms against 100 ms), and chord spent 6.8 times as many bytes on maintenance as gnutella (68 B/s against 10 B/s).',
    ],
  );
});

test('ties, small differences, zeros', (t) => {
  t.is(
    contrast(run('a'), run('b')),
    'Messages per query came to 10 for both, median latency came to 100 ms for both, and maintenance per peer came to 10 B/s for both.',
  );
  t.regex(contrast(run('a', { messages: 10.4 }), run('b')), /^A sent 4 % more messages per query than b \(10\.4 against 10\), /);
  t.regex(contrast(run('a', { messages: 1000 }), run('b', { messages: 1002 })), /^B sent under 1 % more messages per query than a /);
  t.regex(
    contrast(run('a', { latencyMs: 130 }), run('b')),
    /the median answer of a took 30 % longer than that of b \(130 ms against 100 ms\)/,
  );
  t.regex(contrast(run('a', { maintenanceBytes: 0 }), run('b')), /maintenance per peer came to 10 B\/s for b and to nothing for a\.$/);
  t.notRegex(contrast(run('a', { latencyMs: 0 }), run('b', { latencyMs: 0 })), /latency/);
});

test('three protocols: ranges, ties named', (t) => {
  t.is(
    contrast(run('a', { messages: 5 }), run('b', { messages: 5, latencyMs: 50 }), run('c', { messages: 90, latencyMs: 75 })),
    'Messages per query ranged from 5 (a and b) to 90 (c), but median latency ranged from 50 ms (b) to 100 ms (a), and maintenance per peer came to 10 B/s for all 3.',
  );
});

test('figures that are missing, and runs that broke off', (t) => {
  t.deepEqual(
    closingSentences([run('a', { succeeded: 0, failed: 7 }), run('b')])[0],
    'A answered none of its 7 queries with 10 messages per query; b answered all of its 100 queries with 10 messages per query.',
  );
  t.notRegex(contrast(run('a', { succeeded: 0, failed: 7 }), run('b')), /latency|median/);
  t.is(closingSentences([run('a', { succeeded: 0 })])[0], 'A was asked nothing.');
  t.deepEqual(closingSentences([run('a', { status: 'failed' }), run('b', { status: 'interrupted' })]), [
    'A failed and b was interrupted, and are not compared.',
  ]);
  t.deepEqual(closingSentences([run('a', { status: 'failed' })]), []);
  t.deepEqual(closingSentences([]), []);
});

test('whatever the figures, every sentence is whole, and the one said to need more does', (t) => {
  const figures = fc.record({
    messages: fc.oneof(fc.nat(5), fc.nat(5000)),
    latencyMs: fc.oneof(fc.nat(3), fc.nat(9000)),
    maintenanceBytes: fc.nat(1e6),
    succeeded: fc.nat(3),
    failed: fc.nat(3),
    status: fc.constantFrom('completed', 'completed', 'completed', 'failed', 'interrupted'),
  }) as fc.Arbitrary<Required<Figures>>;
  fc.assert(
    fc.property(fc.array(figures, { minLength: 1, maxLength: 4 }), (all) => {
      const summaries = all.map((each, at) => run(`p${at}`, each));
      const sentences = closingSentences(summaries);
      for (const sentence of sentences) {
        t.regex(sentence, /^[A-Z].*\.$/);
        t.notRegex(sentence, /undefined|null|NaN|Infinity|\s\s|,\s*[,.]/);
      }
      for (const sentence of sentences) {
        const more = /p(\d) sent .* messages per query (?:as|than) p(\d)/i.exec(sentence);
        if (more) t.true(all[Number(more[1])].messages > all[Number(more[2])].messages);
        const longer = /median answer of p(\d) took .* that of p(\d)/.exec(sentence);
        if (longer) t.true(all[Number(longer[1])].latencyMs > all[Number(longer[2])].latencyMs);
      }
      for (let at = 0; at < all.length; at++) {
        if (all[at].status !== 'completed') t.true(sentences.some((sentence) => sentence.includes('not compared')) || all.length === 1);
      }
    }),
  );
});
