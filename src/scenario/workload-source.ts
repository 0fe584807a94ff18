/** Completes what a scenario says of its workload: reads the trace of queries it refers to, and counts the files. */

import { resolve } from 'node:path';
import { SCENARIO_DEFAULTS } from './defaults.js';
import type { Peopled } from './population-source.js';
import { type LoadedQueries, numberQueries, queryRows, type WhereLine } from './query-file.js';
import type { QueryReference } from './query-section.js';
import type { LocateWorkload, QueryTrace, Scenario } from './scenario.js';
import { pointed } from './topology-source.js';
import { displayPath, type Path, readText, type Source } from './yaml-source.js';

export interface LoadedWorkload {
  readonly workload: Scenario['workload'];
  /** What had to be decided, in sentences, for the user to see. */
  readonly notes: readonly string[];
}

const PATH = ['workload', 'locate', 'trace'];

/** @param folderOf from where a file that is named at this path is looked for */
export function loadWorkload(source: Source, settings: Peopled, folderOf: (path: Path) => string): LoadedWorkload {
  const { locate } = settings.workload;
  if (locate === null) return { workload: { locate: null }, notes: [] };
  const resolved = (files: number, trace: QueryTrace | null): Scenario['workload'] => ({
    locate: { ...locate, files, trace } satisfies LocateWorkload,
  });
  const { trace: reference } = locate;
  if (reference === null) return { workload: resolved(locate.files ?? SCENARIO_DEFAULTS.locate.files, null), notes: [] };
  const options = { peers: settings.peers, numberOf: settings.peerNumbers, files: locate.files, fromMs: reference.fromMs };
  const { trace, files, notes } = load(reference, source, options, folderOf);
  return { workload: resolved(files, trace), notes: notes.map((note) => `workload.locate.trace: ${note}`) };
}

function load(
  { file, table, list }: QueryReference,
  source: Source,
  options: Parameters<typeof numberQueries>[2],
  folderOf: (path: Path) => string,
): LoadedQueries {
  if (list !== null) {
    const where: WhereLine = (line) => source.where(line > 0 ? [...PATH, line - 1] : PATH);
    return numberQueries(
      list.map((query, index) => ({ line: index + 1, ...query })),
      where,
      options,
    );
  }
  if (file !== null) {
    const path = resolve(folderOf([...PATH, 'file']), file);
    const name = displayPath(path);
    const where: WhereLine = (line) => (line > 0 ? `${name}:${line}` : name);
    return numberQueries(
      queryRows(
        pointed(source, PATH, () => readText(path)),
        where,
      ),
      where,
      options,
    );
  }
  const where: WhereLine = (line) => `${source.where([...PATH, 'table'])}${line > 0 ? `: line ${line}` : ''}`;
  return numberQueries(queryRows(table!, where), where, options);
}

/** How many queries of a trace do not fall into [fromMs, toMs). */
export function outsideOf({ atMs }: QueryTrace, fromMs: number, toMs: number): number {
  return atMs.reduce((outside, each) => outside + (each < fromMs || each >= toMs ? 1 : 0), 0);
}
