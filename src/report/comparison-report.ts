/** The report of a comparison: side by side as for a few runs, by rank for many, and as curves when a setting was varied. */

import { figuresOf, KEY_FIGURES } from '../metrics/key-figures.js';
import type { Report } from '../results/add-report.js';
import type { Comparison } from '../results/comparison.js';
import type { Overview } from '../results/read.js';
import { SWEEP_SCHEMA, type Sweep, type SweepRun } from '../results/sweep.js';
import { BOARD_LEGEND, boardTables } from './board.js';
import type { Picture } from './charts/draw.js';
import type { Offer } from './charts/frontier.js';
import { busiest } from './charts/lorenz.js';
import { type RankedRow, rankedPicture } from './charts/ranked.js';
import { causesPicture } from './charts/traffic.js';
import type { PageTable } from './html/table.js';
import type { TableRow } from './layout.js';
import { protocolLooks } from './palette.js';
import { makeReport, type Plan } from './report.js';
import { figuresTable, head, messagesTable, runPictures, trafficOf } from './runs-report.js';
import { bargains, COST, frontiers, nameOf, sameEverywhere, sweepPictures, WELL } from './sweep-pictures.js';

/** So many runs stand side by side; of more, curves would cover each other. */
const MOST_SIDE_BY_SIDE = 6;
/** And so many columns of figures. */
const MOST_COLUMNS = 4;

export async function comparisonReport(comparison: Comparison, runs: readonly Overview[]): Promise<Report> {
  const page = head(runs, comparison.command);
  if (comparison.varied !== null) {
    const sweep = asSweep(comparison, runs);
    const [setting] = sweep.axes;
    const title = `${page.title}; ${nameOf(setting)} from ${setting.values[0].text} to ${setting.values.at(-1)!.text}`;
    return makeReport({ ...page, title, sentences: [] }, [...variedPlans(sweep), { title: 'Figures', tables: boards(comparison, runs) }]);
  }
  if (runs.length <= MOST_SIDE_BY_SIDE) {
    const tables = runs.length <= MOST_COLUMNS ? [figuresTable(runs.map(({ summary }) => summary))] : boards(comparison, runs);
    return makeReport(page, [
      { title: 'Pictures', pictures: runPictures(runs) },
      { title: 'What one gets for it', pictures: bargainsOf(runs) },
      { title: 'Figures', tables: [...tables, messagesTable(runs)] },
    ]);
  }
  return makeReport({ ...page, sentences: [] }, [
    { title: 'Pictures', pictures: rankedPictures(runs) },
    { title: 'What one gets for it', pictures: bargainsOf(runs) },
    { title: 'Figures', tables: boards(comparison, runs) },
  ]);
}

function variedPlans(sweep: Sweep): Plan[] {
  const same = sameEverywhere(sweep, [...WELL, ...COST]);
  const note = same.length === 0 ? '' : `The same everywhere: ${same.join(', ')}.`;
  return [
    { title: 'How well it goes', note, pictures: sweepPictures(sweep, WELL) },
    { title: 'What it costs', pictures: sweepPictures(sweep, COST) },
    { title: 'What one gets for it', pictures: frontiers(sweep) },
  ];
}

/** A comparison with a varied setting is a small sweep with one repetition. */
export function asSweep({ scenario, command, varied, runs: which }: Comparison, runs: readonly Overview[]): Sweep {
  const values = [...new Set(which.map(({ value }) => value ?? ''))];
  const protocols = [...new Set(runs.map(({ summary }) => summary.protocol))];
  const quantities = values.map(quantity);
  const isNumeric = quantities.every((each) => each !== null && each.unit === quantities[0]?.unit);
  return {
    schema: SWEEP_SCHEMA,
    version: runs[0].summary.version,
    scenario,
    command,
    repeat: 1,
    axes: [
      {
        path: varied!,
        unit: isNumeric ? quantities[0]!.unit : null,
        values: values.map((text, at) => ({ text, number: isNumeric ? quantities[at]!.number : null })),
      },
      { path: 'protocol', unit: null, values: protocols.map((text) => ({ text, number: null })) },
    ],
    points: runs.map(({ summary }, at) => ({
      at: [values.indexOf(which[at].value ?? ''), protocols.indexOf(summary.protocol)],
      protocol: summary.protocol,
      peers: summary.peers,
      runs: [
        {
          repetition: 1,
          seed: summary.seed,
          key: summary.digest,
          status: summary.status === 'completed' ? 'completed' : 'failed',
          failure: null,
          reason: summary.reason,
          folder: which[at].folder,
          figures: summary.status === 'completed' ? figuresOf(summary) : {},
          thresholdsMissed: summary.thresholds.filter(({ met }) => !met).length,
          digest: summary.digest,
          wallMs: summary.wallMs,
        } satisfies SweepRun,
      ],
    })),
  };
}

const UNITS: Readonly<Record<string, readonly [factor: number, unit: 'ms' | 'share' | null]>> = {
  '': [1, null],
  '%': [0.01, 'share'],
  ms: [1, 'ms'],
  s: [1000, 'ms'],
  m: [60_000, 'ms'],
  min: [60_000, 'ms'],
  h: [3_600_000, 'ms'],
  d: [86_400_000, 'ms'],
};

/** A value of `--vary` as a number; null for words. */
function quantity(text: string): { number: number; unit: 'ms' | 'share' | null } | null {
  const [, number, unit] = /^([\d.]+(?:e\d+)?) ?(%|[a-z]*)$/.exec(text.trim()) ?? [];
  const known = UNITS[unit ?? 'none'];
  return known === undefined || number === undefined || !Number.isFinite(Number(number))
    ? null
    : { number: Number(number) * known[0], unit: known[1] };
}

function bargainsOf(runs: readonly Overview[]): (Picture | null)[] {
  const looks = protocolLooks(runs.map(({ summary }) => summary.protocol));
  const cost = KEY_FIGURES.find(({ name }) => name === 'trafficBytesPerPeerSecond')!;
  return bargains((figure) => {
    const gainOf = KEY_FIGURES.find(({ name }) => name === figure)!;
    return runs.flatMap(({ summary }): Offer[] => {
      const [price, gain] = [cost.of(summary), gainOf.of(summary)];
      return !price || gain === null
        ? []
        : [{ name: summary.protocol, protocol: summary.protocol, look: looks.get(summary.protocol)!, cost: price, gain }];
    });
  });
}

function rankedPictures(runs: readonly Overview[]): (Picture | null)[] {
  const rows = (values: (run: Overview) => (number | null)[]): RankedRow[] =>
    runs.map((run) => ({ name: run.summary.protocol, values: values(run) }));
  const located = ({ summary }: Overview) => summary.operations.locate;
  return [
    rankedPicture(
      {
        name: 'success',
        about:
          'Success: a live provider was found, of the queries that could be judged. Recall: how many of all live providers were found.',
      },
      'Success of queries',
      rows((run) => [located(run)?.success ?? null, located(run)?.recall ?? null]),
      { names: ['success', 'recall'], unit: 'share', axis: '', moreIsBetter: true },
    ),
    rankedPicture(
      {
        name: 'latency',
        about:
          'Of the queries that were answered, the time within which half, 90 % and 99 % of them had the answer. The scale is logarithmic where the times lie far apart.',
      },
      'Median latency of a query',
      rows((run) => [located(run)?.latencyMs.p50 ?? null, located(run)?.latencyMs.p90 ?? null, located(run)?.latencyMs.p99 ?? null]),
      { names: ['median', '90 %', '99 %'], unit: 'ms', axis: 'latency', moreIsBetter: false },
    ),
    causesPicture(runs.map(trafficOf)),
    rankedPicture(
      {
        name: 'load',
        about:
          'What the busiest tenth, and the busiest hundredth, of the peers (servers included) handled of all messages. If all were alike: 10 % and 1 %.',
      },
      'Messages handled by the busiest tenth of the peers',
      rows(({ load }) => (load.length === 0 ? [null, null] : [busiest(load, 10), busiest(load, 1)])),
      { names: ['busiest 10 %', 'busiest 1 %'], unit: 'share', axis: 'of all messages handled', moreIsBetter: false },
    ),
    rankedPicture(
      { name: 'messages', about: 'Sent by anybody on behalf of one query, duplicates and late ones included.' },
      'Messages per query',
      rows((run) => [located(run)?.messages.mean ?? null]),
      { names: ['messages per query'], unit: 'messages', axis: 'messages per query', moreIsBetter: false },
    ),
    rankedPicture(
      {
        name: 'state',
        about: 'What a live peer keeps in mind for the overlay at the end of the run: contacts, index entries for others, routes.',
      },
      'State per peer',
      rows(({ summary }) => [summary.state?.meanEntries ?? null, summary.state?.maxEntries ?? null]),
      { names: ['mean', 'most'], unit: 'entries', axis: 'entries', moreIsBetter: false },
    ),
  ];
}

/** The tables of the terminal; where a setting was varied, its value is a column, so that rows can be put into any order. */
function boards({ varied, runs: which }: Comparison, runs: readonly Overview[]): PageTable[] {
  const entries = runs.map(({ summary }) => ({ heading: '', name: summary.protocol, summary }));
  const captions = ['What was found', 'What it costs', 'What peers keep in mind'];
  return boardTables(entries).map((rows, at) => ({
    caption: captions[at],
    note: BOARD_LEGEND[at].replace(/^\w+: (.)/, (_, first: string) => first.toUpperCase()),
    first: 'protocol',
    sortable: true,
    rows: rows.map((row, line): TableRow => {
      if (row === null) return row;
      const [name, ...cells] = line === 0 ? ['protocol', ...row.slice(1)] : row;
      return varied === null ? [name, ...cells] : [name, line === 0 ? varied : (which[line - 1].value ?? ''), ...cells];
    }),
  }));
}
