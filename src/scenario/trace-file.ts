/**
 * Reads and writes who comes and goes as a table: `time,peer,join|leave|crash`, one change a line, in any order. Times are seconds, or
 * durations with their unit. Peers are numbers or any other names. What is wrong is named with its line.
 */

import type { Trace } from '../population/plan.js';
import { isDeparture } from '../population/trace.js';
import { didYouMean, Problem } from '../problem.js';
import { byTime, Names, PEER_NUMBER, readTime, tableRows } from './table.js';
import { formatDuration, show, unexpected } from './units.js';
import { displayPath, readText } from './yaml-source.js';

export interface TraceOptions {
  /** How many peers the scenario has; by default as many as the trace. */
  readonly peers?: number | undefined;
  /** The trace's time at which the run begins; who is up then is there at time 0. */
  readonly fromMs: number;
}

export interface LoadedTrace {
  readonly trace: Trace;
  readonly peers: number;
  /** Number of each peer by the trace's name for it; null when its names are the numbers. */
  readonly numberOf: ReadonlyMap<string, number> | null;
  /** What had to be decided, in sentences, for the user to see. */
  readonly notes: readonly string[];
}

const VERBS: readonly string[] = ['join', 'leave', 'crash'];
const JOIN = 0;
const CRASH = 2;

/** The lines of a trace, taken apart; each array has one element per change. */
interface Changes {
  readonly line: number[];
  readonly atMs: number[];
  readonly peer: number[];
  /** Index into VERBS. */
  readonly verb: number[];
  readonly names: Names;
}

/** @throws Problem with file and line */
export function readTrace(file: string, options: TraceOptions): LoadedTrace {
  const name = displayPath(file);
  return parseTrace(readText(file), (line) => (line === 0 ? name : `${name}:${line}`), options);
}

/** `where` begins a message about a line, from 1, or about the whole (0). */
export function parseTrace(text: string, where: (line: number) => string, options: TraceOptions): LoadedTrace {
  const changes = takeApart(text, where, options.peers);
  if (changes.line.length === 0) throw new Problem(`${where(0)}: expected lines of time,peer,join|leave|crash, got none`);
  const notes: string[] = [];
  const peers = options.peers ?? changes.names.names.length;
  const numberOf = numberPeers(changes, peers, notes);
  const order = byTime(changes.atMs);
  refuseWhatCannotBe(changes, order, peers, where);
  const trace = build(changes, order, peers, options.fromMs);
  if (trace.atMs.length === 0) {
    const last = formatDuration(changes.atMs[order[order.length - 1]]);
    throw new Problem(
      `${where(0)}: expected somebody who is up at ${formatDuration(options.fromMs)} or later, got a last change at ${last}`,
    );
  }
  return { trace, peers, numberOf, notes };
}

/** The trace as a table that `parseTrace` reads to the very same trace. */
export function writeTrace({ starts, atMs, crashes }: Trace): string {
  const lines: string[] = [];
  const when: number[] = [];
  for (let peer = 0; peer + 1 < starts.length; peer++) {
    for (let entry = starts[peer]; entry < starts[peer + 1]; entry++) {
      const verb = isDeparture(entry - starts[peer]) ? (crashes[entry] === 1 ? 'crash' : 'leave') : 'join';
      when.push(atMs[entry]);
      lines.push(`${formatDuration(atMs[entry])},${peer},${verb}`);
    }
  }
  const order = lines.map((_, index) => index).sort((a, b) => when[a] - when[b] || a - b);
  return `time,peer,change\n${order.map((index) => lines[index]).join('\n')}\n`;
}

function takeApart(text: string, where: (line: number) => string, mostPeers = Infinity): Changes {
  const changes: Changes = { line: [], atMs: [], peer: [], verb: [], names: new Names() };
  for (const { line, cells, written } of tableRows(text)) {
    const at = where(line);
    if (cells.length !== 3) throw new Problem(`${at}: ${unexpected('time,peer,join|leave|crash', written).message}`);
    const [time, name, change] = cells;
    const verb = VERBS.indexOf(change.toLowerCase());
    if (verb < 0) throw new Problem(`${at}: ${unexpected('join, leave or crash', change).message}${didYouMean(change, VERBS)}`);
    if (name === '') throw new Problem(`${at}: expected the number or name of a peer, got nothing`);
    const peer = changes.names.add(name);
    if (peer >= mostPeers) {
      throw new Problem(
        `${at}: expected at most as many peers as the scenario has, ${mostPeers}, got ${show(name)} as one more; ` +
          'without the setting peers there are as many as in the trace',
      );
    }
    changes.line.push(line);
    changes.atMs.push(readTime(time, at));
    changes.peer.push(peer);
    changes.verb.push(verb);
  }
  return changes;
}

/** Numbers that all fit are the peers' own; otherwise peers are numbered as they appear, and that is said. */
function numberPeers({ peer, names: table }: Changes, peers: number, notes: string[]): LoadedTrace['numberOf'] {
  const { names } = table;
  const own = table.ownNumbers(PEER_NUMBER, peers);
  if (own) {
    for (let index = 0; index < peer.length; index++) peer[index] = own[peer[index]];
  } else {
    notes.push(`its ${names.length} peers are numbered p0 to p${names.length - 1} as they appear, ${show(names[0])} first`);
  }
  if (names.length < peers) notes.push(`${peers - names.length} of ${peers} peers are not in it and never come`);
  return own ? null : new Map(names.map((name, number) => [name, number]));
}

function refuseWhatCannotBe(changes: Changes, order: Uint32Array, peers: number, where: (line: number) => string): void {
  /** What each peer did last, as an index plus one; 0: nothing yet. */
  const last = new Uint32Array(peers);
  for (const change of order) {
    const peer = changes.peer[change];
    const before = last[peer] - 1;
    const up = before >= 0 && changes.verb[before] === JOIN;
    const joins = changes.verb[change] === JOIN;
    if (up === joins) {
      const since = before < 0 ? 'never joined before' : `is ${up ? 'up' : 'down'} since line ${changes.line[before]}`;
      const time = formatDuration(changes.atMs[change]);
      throw new Problem(
        `${where(changes.line[change])}: expected a ${joins ? 'peer that is down' : 'peer that is up'} at ${time}, got a ${VERBS[changes.verb[change]]} of one that ${since}`,
      );
    }
    last[peer] = change + 1;
  }
}

/** Brings the changes into groups, one for each peer, with times from `fromMs` on. */
function build(changes: Changes, order: Uint32Array, peers: number, fromMs: number): Trace {
  // Who joined before the run begins and is still up joins at its beginning; what else was before it is nothing to the run.
  const upBefore = new Uint8Array(peers);
  for (const change of order) {
    if (changes.atMs[change] <= fromMs) upBefore[changes.peer[change]] = changes.verb[change] === JOIN ? 1 : 0;
  }
  const later = order.filter((change) => changes.atMs[change] > fromMs);
  const starts = new Uint32Array(peers + 1);
  for (const change of later) starts[changes.peer[change] + 1]++;
  for (let peer = 0; peer < peers; peer++) starts[peer + 1] += starts[peer] + upBefore[peer];
  const filled = starts.map((start, peer) => start + (upBefore[peer] ?? 0));
  const atMs = new Float64Array(starts[peers]);
  const crashes = new Uint8Array(starts[peers]);
  for (const change of later) {
    const entry = filled[changes.peer[change]]++;
    atMs[entry] = changes.atMs[change] - fromMs;
    crashes[entry] = changes.verb[change] === CRASH ? 1 : 0;
  }
  return { starts, atMs, crashes };
}
