/** 1,000,000 Chord peers, converged, each doing one lookup, on as many shards as there are cores (at most four). */

import { availableParallelism } from 'node:os';
import { peerage } from '../child.js';
import { bytes, type Figure, perSecond } from '../figure.js';

const run = peerage('bench-chord', 1_000_000, Math.min(4, availableParallelism()), '--set', 'workload.locate.perPeer=1');

export const million: Figure = {
  title: 'Chord, 1,000,000 peers, one lookup each',
  goal: 'completes',
  contestants: [run],
  line(samplesOf) {
    const sample = samplesOf(run)[0];
    return {
      value: `${(sample.wallMs / 1000).toFixed(0)} s`,
      detail: `${perSecond(sample.messages)} messages at ${perSecond(sample.messagesPerSecond)}/s, ${bytes(sample.rssBytes)} resident`,
      reached: sample.messages > 0,
    };
  },
};
