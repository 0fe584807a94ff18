/** What the live page costs the run that it shows: one viewer against none. */

import { peerage, watched } from '../child.js';
import { ratioOf } from '../figure.js';

/** Long enough for the page to be more than its beginning. */
const LOOKUPS = 'workload.locate.perPeer=40';

export const onThePage = ratioOf(
  'Chord, 10,000 peers: on the live page / not watched',
  watched('bench-chord', 10_000, 1, LOOKUPS),
  peerage('bench-chord', 10_000, 1, '--set', LOOKUPS),
  0.95,
);
