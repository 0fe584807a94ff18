/**
 * What the page is told, and what it may ask: the words between the server and the page, which imports these types as they are. Every
 * event is one of `Told`, by name; rows of numbers are arrays, because there are thousands of them a second.
 */

import type { FaultRecord } from '../faults/plan.js';
import type { Cause, Phase } from '../metrics/measures.js';

export interface Told {
  /** Everything, for a newcomer and for who has missed something. */
  readonly whole: Whole;
  /** What has happened since the last one. */
  readonly frame: Frame;
  /** Something has changed about the run as such: paused, another pace, over. */
  readonly status: Status;
}

export interface Whole {
  readonly run: RunCard;
  readonly status: Status;
  /** The run so far, thinned. */
  readonly samples: readonly Sample[];
  readonly faults: readonly FaultLine[];
  readonly drops: Drops;
  readonly scene: Scene | null;
}

/** What is running: does not change. */
export interface RunCard {
  readonly scenario: string;
  readonly about: string;
  readonly protocol: string;
  readonly topology: string;
  readonly peers: number;
  readonly servers: number;
  readonly seed: number;
  readonly totalMs: number;
  readonly phases: readonly { readonly name: Phase; readonly fromMs: number; readonly toMs: number }[];
  readonly asksQueries: boolean;
  readonly hasNat: boolean;
  /** Sentences of the fault language that this scenario takes, to choose from. */
  readonly examples: readonly string[];
  /** Of a finished run: the folder it was read from. */
  readonly folder: string | null;
}

/** `idle`: a finished run is shown from its folder, and nothing is running. `waiting`: it begins when the first viewer comes. */
export type State = 'idle' | 'waiting' | 'running' | 'paused' | 'ended';

export interface Status {
  readonly state: State;
  readonly isReplay: boolean;
  /** Virtual time per wall time; null: as fast as possible. */
  readonly pace: number | null;
  readonly virtualMs: number;
  readonly phase: Phase;
  /** Why no fault can be injected, as a sentence; null: one can. */
  readonly noFaults: string | null;
  readonly canReplay: boolean;
  readonly outcome: Outcome | null;
}

/** How a run ended. */
export interface Outcome {
  readonly status: 'completed' | 'interrupted' | 'failed';
  readonly reason: string | null;
  readonly digest: string;
  /** Of a replay: the digest of the run it repeats, which is to be the same. */
  readonly recordedDigest: string | null;
  readonly folder: string | null;
  readonly hasReport: boolean;
  readonly repeat: string | null;
  /** Figures as the terminal shows them. */
  readonly figures: readonly (readonly [name: string, value: string])[];
  readonly warnings: readonly string[];
}

/** Totals since the run began, at one time; latencies are of the operations that ended since the sample before. */
export type Sample = readonly [
  virtualMs: number,
  sent: number,
  bytes: number,
  delivered: number,
  dropped: number,
  started: number,
  succeeded: number,
  failed: number,
  peersAlive: number,
  latencyP50Ms: number | null,
  latencyP90Ms: number | null,
];

/** Messages and segments that did not arrive, by reason, since the run began. */
export type Drops = Readonly<Record<string, number>>;

export type FaultLine = FaultRecord;

/** Peers as they are drawn. All lists by peer are of the same length. */
export interface Scene {
  /** Names of the drawn peers: `p17`; a server has its own. */
  readonly names: readonly string[];
  readonly layout: 'ring' | 'plane' | 'none';
  /** [angle] on a ring, [x, y] in the plane, each in [0, 1); null: it has no place (yet). */
  readonly places: readonly (readonly number[] | null)[];
  /** A sum of `flags.ts`. */
  readonly flags: readonly number[];
  /** Links between drawn peers, two by two, as places in `names`. */
  readonly links: readonly number[];
  /** Links that there are besides. */
  readonly moreLinks: number;
  /** Names of message types. */
  readonly types: readonly string[];
}

/** The whole population in groups by number. */
export interface Heat {
  /** Messages that each group handled since the frame before. */
  readonly handled: readonly number[];
  /** Share of each group that is up. */
  readonly up: readonly number[];
  readonly peersPerGroup: number;
}

export interface Frame {
  readonly status: Status;
  readonly sample: Sample;
  readonly drops: Drops;
  /** Only when it has changed. */
  readonly faults?: readonly FaultLine[];
  /** Only what has changed. */
  readonly scene?: Partial<Scene>;
  /** Null: every peer is drawn, or there is nothing to tell. */
  readonly heat: Heat | null;
  readonly messages: readonly MessageRow[];
  /** Messages that ended in this frame besides those. */
  readonly moreMessages: number;
  /** One operation in so many is shown. */
  readonly operationsShown: number;
}

/** A message between drawn peers that came to its end since the frame before. */
export type MessageRow = readonly [
  sentMs: number,
  /** When it was delivered, or found lost. */
  endedMs: number,
  /** Places in the scene's `names`; `to` is -1 for somebody who is not drawn, or nobody. */
  from: number,
  to: number,
  /** Index into the scene's `types`. */
  type: number,
  cause: Cause,
  /** The operation it serves; -1: none. */
  operation: number,
  /** Hops left; -1: it has no such thing. */
  ttl: number,
  /** Why it did not arrive; null: it did. */
  dropped: string | null,
];

/** What a viewer may ask, by POST. */
export type Ask =
  | { readonly do: 'inject'; readonly says: string }
  | { readonly do: 'pause' }
  | { readonly do: 'resume' }
  | { readonly do: 'step'; readonly byMs: number }
  | { readonly do: 'pace'; readonly pace: number | null }
  | { readonly do: 'replay' };
