/** What was sent: by type of message, and for whose sake. */

import type { Cause, LedgerRow } from '../../metrics/measures.js';
import { bytes, count, share } from '../format.js';
import type { Look, ToneName } from '../palette.js';
import { type Bar, type BarPanel, barPicture, type Part } from './bars.js';
import type { Picture } from './draw.js';

export interface TrafficRun {
  readonly name: string;
  readonly ledger: readonly LedgerRow[];
  readonly peerSeconds: number;
}

/** Types shown per run; the rest are one bar. */
const MOST_TYPES = 8;

const TONES: Readonly<Record<Cause, ToneName>> = {
  locate: 'blue',
  download: 'sky',
  maintenance: 'orange',
  join: 'green',
  leave: 'vermilion',
  publish: 'purple',
};

/** The same colours for causes in every report; a cause that no run has is left out. */
function partsOf(rows: readonly LedgerRow[]): { causes: Cause[]; parts: Part[] } {
  const order = Object.keys(TONES) as Cause[];
  const causes = order.filter((cause) => rows.some((row) => row.cause === cause && row.messages > 0));
  const parts = causes.map((cause) => ({ name: cause, look: { tone: TONES[cause], dash: 'solid', marker: 'rect' } satisfies Look }));
  return { causes, parts };
}

const sumOf = (rows: readonly LedgerRow[], of: (row: LedgerRow) => number) => rows.reduce((sum, row) => sum + of(row), 0);
const byCause = (rows: readonly LedgerRow[], causes: readonly Cause[], of: (row: LedgerRow) => number) =>
  causes.map((cause) =>
    sumOf(
      rows.filter((row) => row.cause === cause),
      of,
    ),
  );

/** The rows of each type, those of which most was sent first. */
function byType(ledger: readonly LedgerRow[]) {
  const types = new Map<string, LedgerRow[]>();
  for (const row of ledger) types.set(row.type, [...(types.get(row.type) ?? []), row]);
  return [...types]
    .map(([type, rows]) => ({ type, rows, messages: sumOf(rows, (row) => row.messages) }))
    .toSorted((a, b) => b.messages - a.messages || (a.type < b.type ? -1 : 1));
}

/** Messages over the whole run, a bar per type. Null when nothing was sent. */
export function messageTypesPicture(runs: readonly TrafficRun[]): Picture | null {
  const sending = runs.filter(({ ledger }) => ledger.length > 0);
  if (sending.length === 0) return null;
  const { causes, parts } = partsOf(sending.flatMap(({ ledger }) => ledger));
  const panels = sending.map(({ name, ledger }): BarPanel => {
    const types = byType(ledger);
    const few = types.slice(0, types.length > MOST_TYPES + 1 ? MOST_TYPES : types.length);
    const rest = types.slice(few.length);
    const all = rest.length === 0 ? few : [...few, { type: `${rest.length} other types`, rows: rest.flatMap(({ rows }) => rows) }];
    const bars = all.map(({ type, rows }): Bar => ({ name: type, values: byCause(rows, causes, ({ messages }) => messages) }));
    return { title: sending.length > 1 ? name : '', bars };
  });
  const said = sending.map(({ name, ledger }) => {
    const all = sumOf(ledger, ({ messages }) => messages);
    const [{ type, messages }] = byType(ledger);
    return `${sending.length > 1 ? `${name} ` : ''}${count(all)}, ${share(messages / all)} of them ${type}`;
  });
  return barPicture(
    {
      name: 'message-types',
      span: sending.length > 1 ? 'full' : 'half',
      title: `Messages sent, by type: ${said.join('; ')}`,
      about:
        'Over the whole run. The parts of a bar say on whose behalf messages were sent: a query, or one of the causes that keep the overlay going.',
    },
    parts,
    panels,
    'messages',
    'messages sent',
  );
}

const rateOf = ({ values }: Bar) => values.reduce((sum, value) => sum + value, 0);

/** Bytes in `measure` per peer and second, a bar per run. Null when none measured anything. */
export function causesPicture(runs: readonly TrafficRun[]): Picture | null {
  const measured = runs
    .map(({ name, ledger, peerSeconds }) => ({ name, peerSeconds, rows: ledger.filter(({ phase }) => phase === 'measure') }))
    .filter(({ rows, peerSeconds }) => peerSeconds > 0 && rows.length > 0);
  if (measured.length < 2) return null;
  const { causes, parts } = partsOf(measured.flatMap(({ rows }) => rows));
  const bars = measured.map(
    ({ name, rows, peerSeconds }): Bar => ({
      name,
      values: byCause(rows, causes, (row) => row.bytes).map((sum) => sum / peerSeconds),
    }),
  );
  const rates = bars.map((bar) => ({ name: bar.name, rate: rateOf(bar) })).toSorted((a, b) => a.rate - b.rate);
  const said = (each: { name: string; rate: number }) => `${each.name} ${bytes(each.rate)}/s`;
  const range = rates.length > 3 ? `from ${said(rates[0])} to ${said(rates.at(-1)!)}` : rates.map(said).join(', ');
  return barPicture(
    {
      name: 'cost-by-cause',
      span: 'half',
      title: `Bytes sent per peer and second: ${range}`,
      about:
        'What a peer sends in each second that it is up while the run is measured, headers included, by the cause for which it was sent.',
    },
    parts,
    [{ title: '', bars: bars.length > 3 ? bars.toSorted((a, b) => rateOf(a) - rateOf(b)) : bars }],
    'bytes/s',
    'sent per peer',
  );
}
