/** What a run says of itself while it goes on. */

import type { Phase } from '../metrics/measures.js';

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
}
