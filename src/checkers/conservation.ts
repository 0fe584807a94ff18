/**
 * Nothing appears and nothing vanishes: the books of a run, kept in several places by different code, must agree. Pure arithmetic on
 * what was measured, so it also holds a result folder to account.
 */

import type { Measures } from '../metrics/measures.js';

/** One thing that must hold in every run. A check that does not hold is a bug in the emulator, never in the protocol. */
export interface Check {
  readonly name: string;
  readonly held: boolean;
  /** The numbers, in a sentence. */
  readonly says: string;
}

type Books = Pick<Measures, 'traffic' | 'connections' | 'ledger' | 'series' | 'operations' | 'histograms'>;

/** Every check on the books of one run. */
export function checkConservation(books: Books): Check[] {
  return [messagesAreConserved(books), bytesAreConserved(books), ledgerAddsUp(books), seriesAddsUp(books), ...operationsAddUp(books)];
}

function messagesAreConserved({ traffic }: Books): Check {
  const dropped = total(Object.values(traffic.dropped), (count) => count);
  const sent = traffic.sent + traffic.duplicated;
  return check('messages', [['sent', sent, 'delivered + dropped + in flight', traffic.delivered + dropped + traffic.inFlight]]);
}

function bytesAreConserved({ connections }: Books): Check {
  const { writtenBytes, deliveredBytes, bytesInFlight, lostBytes } = connections;
  return check('connections', [
    ['bytes written', writtenBytes, 'delivered + in flight + lost with their connection', deliveredBytes + bytesInFlight + lostBytes],
  ]);
}

function ledgerAddsUp({ traffic, ledger }: Books): Check {
  return check('ledger', [
    ['messages sent', traffic.sent, 'messages in the ledger', total(ledger, (row) => row.messages)],
    ['bytes sent', traffic.bytes, 'bytes in the ledger', total(ledger, (row) => row.bytes)],
  ]);
}

function seriesAddsUp({ traffic, series }: Books): Check {
  return check('timeseries', [
    ['messages sent', traffic.sent, 'the sum over the time series', total(series, (row) => row.sent)],
    ['bytes sent', traffic.bytes, 'the sum over the time series', total(series, (row) => row.bytes)],
    ['messages delivered', traffic.delivered, 'the sum over the time series', total(series, (row) => row.delivered)],
    [
      'messages dropped',
      total(Object.values(traffic.dropped), (count) => count),
      'the sum over the time series',
      total(series, (row) => row.dropped),
    ],
  ]);
}

function operationsAddUp({ operations, series, histograms }: Books): Check[] {
  let answered = 0;
  for (let row = 0; row < operations.length; row++) if (operations.at(row, 'latencyMs') >= 0) answered++;
  return [
    check('operations', [
      ['operations recorded', operations.length, 'started in the time series', total(series, (row) => row.operationsStarted)],
      ['operations answered', answered, 'succeeded in the time series', total(series, (row) => row.operationsSucceeded)],
    ]),
    check('latencies', [['operations answered', answered, 'latencies in the histogram', histograms['locate-latency']?.totalCount ?? 0]]),
  ];
}

/** Each line: a name, its number, and the other name and number that must equal it. */
function check(name: string, lines: readonly (readonly [string, number, string, number])[]): Check {
  const wrong = lines.filter(([, left, , right]) => left !== right);
  const says = (wrong.length ? wrong : lines).map(([a, left, b, right]) => `${a} ${left} ${left === right ? '=' : '!='} ${b} ${right}`);
  return { name, held: wrong.length === 0, says: says.join('; ') };
}

function total<T>(items: readonly T[], of: (item: T) => number): number {
  let sum = 0;
  for (const item of items) sum += of(item);
  return sum;
}
