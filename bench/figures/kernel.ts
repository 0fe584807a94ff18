/** Rates that stand for themselves: PHOLD is the field's benchmark of an event kernel, ping the shortest road through all seven stops. */

import { type Contestant, peerage } from '../child.js';
import { type Figure, median, perSecond } from '../figure.js';

export const phold1 = eventRate('PHOLD, 10,000 peers, one shard: rate per shard', peerage('bench-phold', 10_000, 1), 1);
export const phold2 = eventRate('PHOLD, 10,000 peers, two shards: rate per shard', peerage('bench-phold', 10_000, 2), 2);
export const ping = eventRate('Ping, 10,000 peers, one shard', peerage('bench-ping', 10_000, 1), 1);

function eventRate(title: string, run: Contestant, shards: number): Figure {
  return {
    title,
    goal: '',
    contestants: [run],
    line(samplesOf) {
      const samples = samplesOf(run);
      const events = median(samples.map(({ eventsPerSecond }) => eventsPerSecond));
      const messages = median(samples.map(({ messagesPerSecond }) => messagesPerSecond));
      return { value: `${perSecond(events / shards)} events/s`, detail: `${perSecond(messages / shards)} messages/s`, reached: null };
    },
  };
}
