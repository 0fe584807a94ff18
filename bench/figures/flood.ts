/** A flood with TTL 7 on a random 4-regular overlay: one shard against the hand-written loop. */

import { baseline, peerage } from '../child.js';
import { ratioOf } from '../figure.js';

export const flood10k = ratioOf(
  'Flood, 10,000 peers: one shard / by hand',
  peerage('bench-flood', 10_000, 1),
  baseline('flood', 10_000),
  1,
);
