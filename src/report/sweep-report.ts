/** The report of a sweep: how figures change with what was varied, what the bargains are, and every point in a table. */

import { KEY_FIGURES } from '../metrics/key-figures.js';
import type { Report } from '../results/add-report.js';
import type { Overview } from '../results/read.js';
import { estimateOf, type Sweep, type SweepRun } from '../results/sweep.js';
import { duration, whole } from './format.js';
import type { Page } from './html/page.js';
import type { PageTable } from './html/table.js';
import { makeReport } from './report.js';
import { aboutOf } from './runs-report.js';
import { COST, frontiers, nameOf, sameEverywhere, sweepPictures, WELL } from './sweep-pictures.js';
import { withInterval } from './sweep-text.js';

const COLUMNS: readonly (readonly [figure: string, label: string])[] = [
  ['success', 'success'],
  ['recall', 'recall'],
  ['latencyP50Ms', 'p50'],
  ['latencyP99Ms', 'p99'],
  ['hopsMean', 'hops'],
  ['messagesPerQuery', 'messages'],
  ['bytesPerQuery', 'bytes'],
  ['trafficBytesPerPeerSecond', 'traffic'],
  ['maintenanceBytesPerPeerSecond', 'upkeep'],
  ['loadP99', 'load p99'],
  ['loadGini', 'Gini'],
  ['stateMeanEntries', 'state'],
];

/** @param at the results of a run by its folder, as seen from the sweep's; null when they are gone */
export async function sweepReport(sweep: Sweep, at: (folder: string) => Overview | null): Promise<Report> {
  const runs = sweep.points.flatMap(({ runs }) => runs);
  const folder = runs.find(({ status, folder }) => status === 'completed' && folder !== null)?.folder;
  const sample = folder ? at(folder) : null;
  const same = sameEverywhere(sweep, [...WELL, ...COST]);
  return makeReport(
    {
      title: `${sweep.scenario}: ${variedIn(sweep)}`,
      about: sample === null ? '' : aboutOf(sample.scenarioYaml),
      facts: factsOf(sweep, runs, sample),
      notices: noticesOf(runs),
      sentences: [],
      command: sweep.command,
      files: sample === null ? [] : [{ name: 'scenario.yaml of the first run, every default filled in', text: sample.scenarioYaml }],
      version: sweep.version,
    },
    [
      {
        title: 'How well it goes',
        note: same.length === 0 ? '' : `The same at every point: ${same.join(', ')}.`,
        pictures: sweepPictures(sweep, WELL),
      },
      { title: 'What it costs', pictures: sweepPictures(sweep, COST) },
      { title: 'What one gets for it', pictures: frontiers(sweep) },
      { title: 'Figures', tables: [pointsTable(sweep)] },
    ],
  );
}

/** "3 protocols, number of peers from 100 to 10000" */
function variedIn({ axes, points }: Sweep): string {
  const parts = axes.map((axis) => {
    const { values, path } = axis;
    if (values.length === 1) return path === 'protocol' ? values[0].text : `${nameOf(axis)} ${values[0].text}`;
    if (path === 'protocol') return values.length > 4 ? `${values.length} protocols` : values.map(({ text }) => text).join(', ');
    return `${nameOf(axis)} from ${values[0].text} to ${values.at(-1)!.text}`;
  });
  const named = axes.some(({ path }) => path === 'protocol') ? parts : [...new Set(points.map(({ protocol }) => protocol)), ...parts];
  return named.join('; ');
}

function factsOf({ repeat, points, version }: Sweep, runs: readonly SweepRun[], sample: Overview | null): [string, string][] {
  const completed = runs.filter(({ status }) => status === 'completed');
  const wallMs = completed.reduce((sum, run) => sum + (run.wallMs ?? 0), 0);
  return [
    ['points', whole(points.length)],
    ['repetitions', whole(repeat)],
    ['runs completed', `${whole(completed.length)} of ${whole(runs.length)}`],
    ['peers', [...new Set(points.map(({ peers }) => whole(peers)))].join(' / ')],
    ...(sample === null
      ? []
      : ([
          ['topology', sample.summary.topology],
          ['seed', String(sample.summary.seed)],
        ] as [string, string][])),
    ['wall time of the runs', duration(wallMs)],
    ['Peerage', version],
  ];
}

/** Failures by their reason, so that a hundred of one kind are one line. */
function noticesOf(runs: readonly SweepRun[]): Page['notices'] {
  const failed = runs.filter(({ status }) => status === 'failed');
  const pending = runs.filter(({ status }) => status === 'pending').length;
  const missed = runs.filter(({ thresholdsMissed }) => thresholdsMissed > 0).length;
  const reasons = new Map<string, number>();
  for (const { reason } of failed) reasons.set(reason ?? 'no reason given', (reasons.get(reason ?? 'no reason given') ?? 0) + 1);
  const many = (count: number) => `${whole(count)} ${count === 1 ? 'run' : 'runs'}`;
  return [
    ...[...reasons].map(([reason, count]) => ({ weight: 'bad' as const, kind: `${many(count)} failed`, text: reason })),
    ...(missed > 0 ? [{ weight: 'bad' as const, kind: 'thresholds missed', text: `in ${many(missed)}` }] : []),
    ...(pending > 0
      ? [
          {
            weight: 'care' as const,
            kind: 'unfinished',
            text: `${many(pending)} of ${whole(runs.length)} are still to be done; the command below takes the sweep up where it stopped`,
          },
        ]
      : []),
  ];
}

/** A row per point, cells as on the terminal: means, with the half width of their 95 % interval where there are repetitions. */
export function pointsTable(sweep: Sweep): PageTable {
  const { axes, points } = sweep;
  const shown = COLUMNS.filter(([figure]) => points.some((point) => estimateOf(point, figure) !== null));
  const rows = points.map((point): [string, ...string[]] => {
    const [first, ...rest] = axes.map(({ values }, axis) => values[point.at[axis]].text);
    const completed = point.runs.filter(({ status }) => status === 'completed').length;
    const figures = shown.map(([figure]) => {
      return withInterval(estimateOf(point, figure), KEY_FIGURES.find(({ name }) => name === figure)!);
    });
    return [first ?? point.protocol, ...rest, `${completed} of ${point.runs.length}`, ...figures];
  });
  const heads = axes.length === 0 ? ['protocol'] : axes.map(({ path }) => path);
  return {
    caption: 'Every point of the grid',
    first: 'protocol',
    sortable: true,
    rows: [[...heads, 'runs', ...shown.map(([, name]) => name)] as unknown as [string, ...string[]], ...rows],
  };
}
