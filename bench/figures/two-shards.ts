/** What a second core brings: the same 100,000 peers in two shards against one. Means something only while both cores are free. */

import { peerage } from '../child.js';
import { ratioOf } from '../figure.js';

export const twoShards = ratioOf(
  'Chord, 100,000 peers: two shards / one',
  peerage('bench-chord', 100_000, 2),
  peerage('bench-chord', 100_000, 1),
  1.6,
);
