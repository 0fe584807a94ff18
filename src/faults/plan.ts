/**
 * Faults as a timeline: what goes wrong when, to whom, and when it is mended. Plain data, resolved; `scenario/fault-language.ts` reads
 * it from text, `chaos.ts` draws it from rates, and every shard follows the whole of it. A fault is known by its number: its place in
 * the list of a run, those that chaos draws first, then the scenario's, then those that were injected.
 */

/** A set of peers. Sites are indices into the topology. `share` and `random` are drawn once per fault, from the seed. */
export type Group =
  | { readonly kind: 'everyone' }
  /** Everybody whom the other group of the same fault does not name. */
  | { readonly kind: 'rest' }
  | { readonly kind: 'sites'; readonly sites: readonly number[] }
  /** By number, both ends included. */
  | { readonly kind: 'peers'; readonly from: number; readonly to: number }
  /** The system's servers with these numbers, counted from 0, both ends included; not those that the protocol has not. */
  | { readonly kind: 'servers'; readonly from: number; readonly to: number }
  /** A share of the population, in (0, 1]. */
  | { readonly kind: 'share'; readonly share: number }
  /** One site, or the sites of one region, among those that have peers. */
  | { readonly kind: 'random'; readonly of: 'site' | 'region' };

/** What may be wrong with the packets between two groups, in both directions. */
export type PathFault =
  /** Nothing passes. */
  | { readonly verb: 'partition' }
  /** Nothing passes now; all of it does when the fault ends. */
  | { readonly verb: 'hold' }
  /** Down and up in turn, each for `everyMs`; down first. */
  | { readonly verb: 'flap'; readonly everyMs: number }
  | { readonly verb: 'loss'; readonly share: number }
  /** Damaged on the way. */
  | { readonly verb: 'corrupt'; readonly share: number }
  /** Later by so much. */
  | { readonly verb: 'delay'; readonly byMs: number };

/** What may be wrong with the peers of a group. */
export type PeerFault =
  /** Every packet to or from them is lost, even among themselves: a region without power for its network. */
  | { readonly verb: 'outage' }
  /** Their links are slower by this factor, above 1. */
  | { readonly verb: 'slow'; readonly link: 'uplink' | 'downlink' | 'both'; readonly factor: number };

/** What happens to the peers of a group at one moment, or over a span. */
export type LifeFault =
  /** When it ends, those whom it took down, and who are still down, come back. */
  | { readonly verb: 'crash' }
  /** Those whom faults took down, and who are still down, come back. */
  | { readonly verb: 'restart' }
  /** Each of them crashes at a random time of the span and comes back at a later one. */
  | { readonly verb: 'churn' };

/** What goes wrong, and to whom. */
export type FaultAction =
  | (PathFault & { readonly between: readonly [Group, Group] })
  | (PeerFault & { readonly of: Group })
  | (LifeFault & { readonly of: Group });

export type FaultVerb = FaultAction['verb'];

export interface Fault {
  readonly atMs: number;
  /** When it is over; null: it lasts to the end (or it has no length). */
  readonly untilMs: number | null;
  /** The action in words, for results and pictures: `partition sites europe | rest`. */
  readonly says: string;
  readonly action: FaultAction;
}

/** Random faults, drawn from the seed: what happens, how often, and for how long. */
export interface Chaos {
  readonly says: string;
  readonly action: FaultAction;
  /** Mean time from one to the next, exponential. */
  readonly everyMs: number;
  /** Mean length, exponential; null for what has none (a crash without a return). */
  readonly lastsMs: number | null;
}

/** Who asked for a fault. */
export type FaultOrigin = 'scenario' | 'chaos' | 'injected';

/** What became of a fault, for results. */
export interface FaultRecord {
  readonly atMs: number;
  /** The same as `atMs` for what has no length; null: it was to last to the end. */
  readonly untilMs: number | null;
  /** As in the fault, with what was random about its places filled in. */
  readonly says: string;
  readonly origin: FaultOrigin;
  /**
   * Peers it took down, brought back, cut off or slowed; of a fault between two groups those of the first. Null: the run ended before
   * it began.
   */
  readonly peersHit: number | null;
}
