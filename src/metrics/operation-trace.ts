/**
 * One operation, step by step: who sent what to whom when, and because of what. Shards write down steps and how they ended, each those
 * of its own peers; here they are put together into a tree, which is the same for any number of shards.
 */

import { DROP_REASONS, type DropReason } from './measures.js';

/** `timer`: set by a handler, and fired. `connection`: asked for. `found`: the operation was told of somebody who has it. */
export type StepKind = 'operation' | 'message' | 'timer' | 'connection' | 'found';

/** Something that was begun, as a shard writes it down. */
export interface BegunStep {
  readonly kind: StepKind;
  /** By which shards know it. */
  readonly key: string;
  /** What was being handled; null: nothing of this operation. */
  readonly parent: string | null;
  readonly atMs: number;
  /** Who did it, and to whom; the same for what a peer does by itself, and -1 for nobody. */
  readonly from: number;
  readonly to: number;
  /** Of a message. */
  readonly type: string;
  readonly ttl: number | null;
  readonly onConnection: boolean;
  /** Of `found`: whether it was up and had the item. */
  readonly isLive: boolean;
}

/** How it ended: a message delivered to `peer` or dropped, a timer fired, a connection opened or not. */
export interface EndedStep {
  readonly key: string;
  readonly atMs: number;
  readonly peer: number;
  /** A negative verdict of the network; 0: it went well. */
  readonly verdict: number;
}

/** What a shard has written down. */
export interface TraceRecord {
  readonly begun: readonly BegunStep[];
  readonly ended: readonly EndedStep[];
  /** Steps that were not written down because there were too many. */
  readonly left: number;
}

export interface TraceStep extends Omit<BegunStep, 'key' | 'parent'> {
  /** Place in the list of the step that caused it; -1 for the first. */
  readonly parent: number;
  /** How many messages there are on the way from the operation's start to here, this one included. */
  readonly depth: number;
  readonly children: readonly number[];
  /** When it arrived, fired, opened, or was lost; null: it had not when the trace ended. */
  readonly endMs: number | null;
  readonly dropped: DropReason | null;
  /** `found`: by something that was not sent for this operation. */
  readonly isForeign: boolean;
  /** A message: whether it is the first of the operation that its receiver got. */
  readonly isFirst: boolean;
}

export interface OperationTrace {
  /** The operation is the first; what it caused comes in order of time, and after its cause. */
  readonly steps: readonly TraceStep[];
  readonly left: number;
}

/** Null when the operation was not begun. Timers that fired for nothing are left out. */
export function putTogether(records: readonly TraceRecord[]): OperationTrace | null {
  const begun = records.flatMap((record) => record.begun.map((step, order) => ({ step, order })));
  const ended = new Map(records.flatMap((record) => record.ended.map((end) => [end.key, end])));
  const left = records.reduce((sum, record) => sum + record.left, 0);
  const root = begun.find(({ step }) => step.kind === 'operation');
  if (root === undefined) return null;
  const causes = new Set(begun.map(({ step }) => step.parent));
  const kept = begun.filter(({ step }) => step !== root.step && (step.kind !== 'timer' || causes.has(step.key)));
  // What one peer does at one time is all in one shard, in its order.
  kept.sort((a, b) => a.step.atMs - b.step.atMs || a.step.from - b.step.from || a.order - b.order);
  const ordered = [root.step, ...kept.map(({ step }) => step)];
  const placeOf = new Map(ordered.map((step, place) => [step.key, place]));
  const children: number[][] = ordered.map(() => []);
  const parents = ordered.map(({ parent }, place) => (place === 0 ? -1 : (placeOf.get(parent ?? root.step.key) ?? 0)));
  parents.forEach((parent, place) => {
    if (parent >= 0) children[parent].push(place);
  });
  // A handler may set its timer before it sends or after; what it waits for reads better first.
  const waits = (place: number) => (ordered[place].kind === 'timer' ? 1 : 0);
  for (const each of children) each.sort((a, b) => ordered[a].atMs - ordered[b].atMs || waits(a) - waits(b) || a - b);
  const depths = depthsOf(ordered, children);
  const first = firstArrivals(ordered, ended);
  const steps = ordered.map((step, place): TraceStep => {
    const { key, parent: _, ...rest } = step;
    const end = ended.get(key);
    const dropped = end !== undefined && end.verdict < 0 ? DROP_REASONS[-1 - end.verdict] : null;
    return {
      ...rest,
      to: end !== undefined && dropped === null && step.kind === 'message' ? end.peer : step.to,
      parent: parents[place],
      depth: depths[place],
      children: children[place],
      endMs: end?.atMs ?? null,
      dropped,
      isForeign: step.parent === null && place > 0,
      isFirst: first.has(key),
    };
  });
  return { steps, left };
}

function depthsOf(steps: readonly BegunStep[], children: readonly (readonly number[])[]): number[] {
  const depths = steps.map(() => 0);
  const open = [0];
  while (open.length > 0) {
    const place = open.pop()!;
    for (const child of children[place]) {
      depths[child] = depths[place] + (steps[child].kind === 'message' ? 1 : 0);
      open.push(child);
    }
  }
  return depths;
}

/** Keys of the messages by which each peer first heard of the operation; who asked has from the start. */
function firstArrivals(steps: readonly BegunStep[], ended: ReadonlyMap<string, EndedStep>): Set<string> {
  const heard = new Set([steps[0].from]);
  const arrivals = steps.flatMap(({ kind, key }) => {
    const end = ended.get(key);
    return kind === 'message' && end !== undefined && end.verdict === 0 ? [end] : [];
  });
  arrivals.sort((a, b) => a.atMs - b.atMs);
  const first = new Set<string>();
  for (const { key, peer } of arrivals) {
    if (heard.has(peer)) continue;
    heard.add(peer);
    first.add(key);
  }
  return first;
}
