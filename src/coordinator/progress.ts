/** What a run says of itself while it goes on. */

import type { Fault } from '../faults/plan.js';
import type { Phase } from '../metrics/measures.js';

/** Totals of a run so far; times in ms. */
export interface RunProgress {
  /** How far it is, and how long it will be. */
  readonly virtualMs: number;
  readonly totalMs: number;
  readonly wallMs: number;
  /** Delivered. */
  readonly messages: number;
  readonly peersAlive: number;
  readonly phase: Phase;
  readonly operations: { readonly started: number; readonly succeeded: number; readonly failed: number };
  /** The scenario's, then those that were injected until now. */
  readonly faults: readonly Fault[];
}
