/** Chord lookups: one shard with everything on (link clocks, ledger, histograms, digest) against the hand-written loop without any. */

import { baseline, peerage } from '../child.js';
import { ratioOf } from '../figure.js';

export const chord10k = ratioOf(
  'Chord, 10,000 peers: one shard / by hand',
  peerage('bench-chord', 10_000, 1),
  baseline('chord', 10_000),
  1,
);

export const chord100k = ratioOf(
  'Chord, 100,000 peers: one shard / by hand',
  peerage('bench-chord', 100_000, 1),
  baseline('chord', 100_000),
  1.3,
);
