/** The report of one run, or of a few that stand side by side. */

import { parse } from 'yaml';
import type { LedgerRow } from '../metrics/measures.js';
import type { Summary } from '../metrics/summary.js';
import type { Report } from '../results/add-report.js';
import type { Overview } from '../results/read.js';
import type { Picture } from './charts/draw.js';
import { hopsPicture } from './charts/hops.js';
import { lorenzPicture } from './charts/lorenz.js';
import { overTimePicture } from './charts/over-time.js';
import { latencyPicture } from './charts/percentiles.js';
import { causesPicture, messageTypesPicture, type TrafficRun } from './charts/traffic.js';
import { closingSentences } from './closing.js';
import { figureRows } from './figures.js';
import { bytes, count, duration, share, whole } from './format.js';
import type { Page } from './html/page.js';
import type { PageTable } from './html/table.js';
import { protocolLooks } from './palette.js';
import { brokenOff, remarksOf } from './remarks.js';
import { makeReport } from './report.js';

/** Digests of more runs than this are left to comparison.csv. */
const MOST_DIGESTS = 4;
/** Protocols that a title names. */
const MOST_NAMED = 4;

/** @param command what repeats the runs */
export async function runsReport(runs: readonly Overview[], command: string): Promise<Report> {
  const summaries = runs.map(({ summary }) => summary);
  return makeReport(head(runs, command), [
    { title: 'Pictures', pictures: runPictures(runs) },
    { title: 'Figures', tables: [figuresTable(summaries), messagesTable(runs)] },
  ]);
}

export function head(runs: readonly Overview[], command: string): Omit<Page, 'sections'> {
  const summaries = runs.map(({ summary }) => summary);
  const [{ scenario, version }] = summaries;
  const protocols = [...new Set(summaries.map(({ protocol }) => protocol))];
  return {
    title: `${scenario}: ${protocols.length > MOST_NAMED ? `${protocols.length} protocols` : protocols.join(', ')}`,
    about: aboutOf(runs[0].scenarioYaml),
    facts: factsOf(summaries),
    notices: summaries.flatMap(noticesOf),
    sentences: closingSentences(summaries),
    command,
    files: runs.map(({ summary, scenarioYaml }) => ({
      name: runs.length === 1 ? 'scenario.yaml, every default filled in' : `scenario.yaml of ${summary.protocol}, every default filled in`,
      text: scenarioYaml,
    })),
    version,
  };
}

export function aboutOf(scenarioYaml: string): string {
  const about = (parse(scenarioYaml) as { about?: unknown } | null)?.about;
  return typeof about === 'string' ? about.replace(/\s+/g, ' ').trim() : '';
}

function factsOf(summaries: readonly Summary[]): [string, string][] {
  const each = (show: (summary: Summary) => string) => [...new Set(summaries.map(show))].join(' / ');
  const servers = each((summary) => whole(summary.servers));
  return [
    ['peers', each(({ peers }) => whole(peers))],
    ...(servers === '0' ? [] : ([['servers', servers]] as [string, string][])),
    ['topology', each(({ topology }) => topology)],
    ['seed', each(({ seed }) => String(seed))],
    ['virtual time', each(({ virtualMs }) => duration(virtualMs))],
    [
      'wall time',
      summaries.length > MOST_DIGESTS
        ? duration(summaries.reduce((sum, { wallMs }) => sum + wallMs, 0))
        : each(({ wallMs }) => duration(wallMs)),
    ],
    ['status', each(({ status }) => status)],
    ...(summaries.length > MOST_DIGESTS
      ? []
      : ([['digest', summaries.map(({ digest }) => (summaries.length > 1 ? digest.slice(0, 12) : digest)).join(' / ')]] as [
          string,
          string,
        ][])),
    ['Peerage', each(({ version }) => version)],
  ];
}

export function noticesOf(summary: Summary): Page['notices'] {
  return [
    ...brokenOff(summary).map((text) => {
      const [kind, ...rest] = text.split(': ');
      return { weight: 'bad' as const, kind: kind.toLowerCase(), text: rest.join(': ') };
    }),
    ...remarksOf(summary).map(({ kind, text }) => ({
      weight: kind === 'warning' || kind === 'claim' ? ('care' as const) : ('bad' as const),
      kind: kind === 'missed' ? 'threshold missed' : kind === 'claim' ? 'claim broken' : kind,
      text,
    })),
  ];
}

export function runPictures(runs: readonly Overview[]): (Picture | null)[] {
  const looks = protocolLooks(runs.map(({ summary }) => summary.protocol));
  const named = runs.map((run) => ({ ...run, name: run.summary.protocol, look: looks.get(run.summary.protocol)! }));
  const traffic = runs.map(trafficOf);
  const withPercentiles = (histogram: string) =>
    named.flatMap((run) => (run.percentiles[histogram] ? [{ ...run, percentiles: run.percentiles[histogram] }] : []));
  return [
    overTimePicture(named),
    latencyPicture(
      withPercentiles('locate-latency').map((run) => {
        const { p50 = null, p99 = null } = run.summary.operations.locate?.latencyMs ?? {};
        return { ...run, p50, p99 };
      }),
    ),
    hopsPicture(withPercentiles('locate-hops')),
    lorenzPicture(named.map((run) => ({ ...run, gini: run.summary.load.gini }))),
    causesPicture(traffic),
    messageTypesPicture(traffic),
  ];
}

export function trafficOf({ ledger, summary }: Overview): TrafficRun {
  return { name: summary.protocol, ledger, peerSeconds: summary.measure.peerSeconds };
}

export function figuresTable(summaries: readonly Summary[]): PageTable {
  const groups = figureRows(summaries);
  return {
    caption: 'Key figures, as on the terminal',
    first: 'figure',
    sortable: false,
    rows: [['', ...summaries.map(({ protocol }) => protocol)], ...groups.flatMap((group, at) => (at === 0 ? group : [null, ...group]))],
  };
}

/** messages.csv as people read it: a row for each type and cause, those of which most was sent first. */
export function messagesTable(runs: readonly Overview[]): PageTable {
  const several = runs.length > 1;
  const rows = runs.flatMap(({ ledger, summary }) =>
    sumsOf(ledger).map(
      ({ type, cause, messages, bytes: sum }) =>
        [
          type,
          ...(several ? [summary.protocol] : []),
          cause,
          count(messages),
          share(messages / summary.messages.sent),
          bytes(sum),
          bytes(messages > 0 ? sum / messages : null),
        ] as [string, ...string[]],
    ),
  );
  return {
    caption: 'Messages sent over the whole run, by type and cause',
    first: 'type',
    sortable: true,
    rows: [['type', ...(several ? ['protocol'] : []), 'cause', 'messages', 'share', 'bytes', 'bytes each'], ...rows],
  };
}

function sumsOf(ledger: readonly LedgerRow[]): Pick<LedgerRow, 'type' | 'cause' | 'messages' | 'bytes'>[] {
  const sums = new Map<string, { type: string; cause: LedgerRow['cause']; messages: number; bytes: number }>();
  for (const { type, cause, messages, bytes } of ledger) {
    const key = `${cause} ${type}`;
    const sum = sums.get(key) ?? { type, cause, messages: 0, bytes: 0 };
    sum.messages += messages;
    sum.bytes += bytes;
    sums.set(key, sum);
  }
  return [...sums.values()].sort((a, b) => b.messages - a.messages || (a.type < b.type ? -1 : 1));
}
