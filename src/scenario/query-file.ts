/**
 * Reads and writes who asks for what when as a table: `time,peer,file`, one query a line, in any order; without a file, it is drawn by
 * popularity as ever. Peers and files are numbers or any other names. What is wrong is named with its line.
 */

import { Problem } from '../problem.js';
import { SCENARIO_DEFAULTS } from './defaults.js';
import type { QueryTrace } from './scenario.js';
import { byTime, Names, PEER_NUMBER, PLAIN_NUMBER, readTime, tableRows } from './table.js';
import { formatDuration, show, unexpected } from './units.js';

/** One query as it is written. */
export interface WrittenQuery {
  /** Line of a table, or place in a list. */
  readonly line: number;
  readonly atMs: number;
  readonly peer: string;
  readonly file: string | null;
}

export interface QueryOptions {
  /** How many peers the scenario has. */
  readonly peers: number;
  /** Their numbers by the names that the population's trace has for them; null when it has none. */
  readonly numberOf: ReadonlyMap<string, number> | null;
  /** How many files the scenario says there are; by default as many as otherwise, or as the trace names if these are more. */
  readonly files: number | undefined;
  /** The trace's time at which the run begins. */
  readonly fromMs: number;
}

export interface LoadedQueries {
  readonly trace: QueryTrace;
  readonly files: number;
  /** What had to be decided, in sentences, for the user to see. */
  readonly notes: readonly string[];
}

/** Begins a message about a line, or about the whole (0). */
export type WhereLine = (line: number) => string;

/** The lines of a table. @throws Problem with its line */
export function* queryRows(text: string, where: WhereLine): Generator<WrittenQuery> {
  for (const { line, cells, written } of tableRows(text)) {
    if (cells.length < 2 || cells.length > 3) throw new Problem(`${where(line)}: ${unexpected('time,peer,file', written).message}`);
    const [time, peer, file = ''] = cells;
    if (peer === '') throw new Problem(`${where(line)}: expected the number or name of a peer, got nothing`);
    yield { line, atMs: readTime(time, where(line)), peer, file: file === '' ? null : file };
  }
}

/** Gives everybody and everything their numbers. @throws Problem with the line of what cannot be */
export function numberQueries(written: Iterable<WrittenQuery>, where: WhereLine, options: QueryOptions): LoadedQueries {
  const { peers, files: mostFiles = Infinity, fromMs } = options;
  const [atMs, peer, file]: [number[], number[], number[]] = [[], [], []];
  const peerNames = new Names();
  const fileNames = new Names();
  let early = 0;
  for (const query of written) {
    const at = () => where(query.line);
    const place = options.numberOf ? known(options.numberOf, query.peer, at) : peerNames.add(query.peer);
    if (place >= peers)
      throw new Problem(`${at()}: expected at most as many peers as the scenario has, ${peers}, got ${show(query.peer)} as one more`);
    const wanted = query.file === null ? -1 : fileNames.add(query.file);
    if (wanted >= mostFiles) throw new Problem(`${at()}: ${tooMany(mostFiles, query.file!)}`);
    if (query.atMs < fromMs) early++;
    atMs.push(query.atMs - fromMs);
    peer.push(place);
    file.push(wanted);
  }
  if (atMs.length === 0) throw new Problem(`${where(0)}: expected lines of time,peer,file, got none`);
  if (early === atMs.length) throw new Problem(`${where(0)}: expected a query at ${formatDuration(fromMs)} or later, got none`);
  const notes: string[] = [];
  if (early > 0) notes.push(`${early} of its ${atMs.length} queries come before ${formatDuration(fromMs)}, when the run begins`);
  const files = options.files ?? Math.max(SCENARIO_DEFAULTS.locate.files, fileNames.names.length);
  const peerNumbers = options.numberOf ? null : numbers(peerNames, PEER_NUMBER, peers, 'peers', 'p', notes);
  const fileNumbers = numbers(fileNames, PLAIN_NUMBER, files, 'files', '', notes);
  const order = byTime(atMs).filter((query) => atMs[query] >= 0);
  return {
    trace: build(
      atMs,
      peerNumbers ? peer.map((each) => peerNumbers[each]) : peer,
      file.map((each) => fileNumbers[each] ?? -1),
      order,
      peers,
    ),
    files,
    notes,
  };
}

/** The trace as a table that is read to the very same trace. */
export function writeQueries({ starts, atMs, file }: QueryTrace): string {
  const peer = new Uint32Array(atMs.length);
  for (let each = 0; each + 1 < starts.length; each++) peer.fill(each, starts[each], starts[each + 1]);
  const order = byTime([...atMs]);
  const lines = Array.from(order, (query) => `${formatDuration(atMs[query])},${peer[query]}${file[query] < 0 ? '' : `,${file[query]}`}`);
  return `time,peer,file\n${lines.join('\n')}\n`;
}

function known(numberOf: ReadonlyMap<string, number>, name: string, at: () => string): number {
  const number = numberOf.get(name);
  if (number === undefined) throw new Problem(`${at()}: expected a peer that population.trace names, got ${show(name)}`);
  return number;
}

function tooMany(files: number, name: string): string {
  if (files === 0) return `expected no file, because there are none (workload.locate.files: 0), got ${show(name)}`;
  return (
    `expected at most as many files as the scenario has, ${files}, got ${show(name)} as one more; ` +
    'without the setting files there are as many as in the trace'
  );
}

/** The number of each name by its place: its own, or as they appear, and that is said. */
function numbers(table: Names, pattern: RegExp, below: number, what: string, letter: string, notes: string[]): readonly number[] {
  const own = table.ownNumbers(pattern, below);
  if (own) return own;
  const { names } = table;
  notes.push(`its ${names.length} ${what} are numbered ${letter}0 to ${letter}${names.length - 1} as they appear, ${show(names[0])} first`);
  return names.map((_, place) => place);
}

/** Brings the queries into groups, one for each peer. */
function build(atMs: readonly number[], peer: readonly number[], file: readonly number[], order: Uint32Array, peers: number): QueryTrace {
  const starts = new Uint32Array(peers + 1);
  for (const query of order) starts[peer[query] + 1]++;
  for (let each = 0; each < peers; each++) starts[each + 1] += starts[each];
  const filled = starts.slice();
  const trace: QueryTrace = { starts, atMs: new Float64Array(order.length), file: new Int32Array(order.length) };
  for (const query of order) {
    const entry = filled[peer[query]]++;
    trace.atMs[entry] = atMs[query];
    trace.file[entry] = file[query];
  }
  return trace;
}
