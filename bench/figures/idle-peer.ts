/**
 * What a converged Chord peer takes before anything happens: its instance, its tables, its timers, its share of the network's and
 * meter's arrays. With Chord's own defaults (8 successors, all upkeep on), not the bare settings of the lookup benchmark.
 */

import { peerage } from '../child.js';
import { bytes, type Figure, median } from '../figure.js';

const AT_MOST_BYTES = 1500;
const bare = ['--set', 'workload=none', '--set', 'phases.drain=0s', '--duration', '1s'];
const run = peerage('bench-chord', 100_000, 1, '--set', 'settings.chord=null', ...bare);

export const idlePeer: Figure = {
  title: 'Memory of an idle converged Chord peer',
  goal: `at most ${bytes(AT_MOST_BYTES)}`,
  contestants: [run],
  line(samplesOf) {
    const measured = samplesOf(run).flatMap(({ bytesPerPeer }) => (bytesPerPeer === null ? [] : [bytesPerPeer]));
    if (measured.length === 0) return { value: 'not measured', detail: '', reached: false };
    const perPeer = median(measured);
    const rss = median(samplesOf(run).map(({ rssBytes }) => rssBytes));
    return { value: bytes(perPeer), detail: `process after the run: ${bytes(rss)} for 100,000 peers`, reached: perPeer <= AT_MOST_BYTES };
  },
};
