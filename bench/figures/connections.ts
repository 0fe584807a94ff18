/** What connections cost: a small message on one against a datagram, and a thousand peers that send bulk as fast as their lines go. */

import { fileURLToPath } from 'node:url';
import { type Contestant, peerage } from '../child.js';
import { type Figure, median, perSecond } from '../figure.js';

const protocol = (name: string, ...settings: string[]) => [
  '--protocol',
  fileURLToPath(new URL(`../protocols/${name}.js`, import.meta.url)),
  ...['phases.start=converge', ...settings].flatMap((setting) => ['--set', setting]),
];
const talk = (over: string, notes: boolean): Contestant =>
  peerage('bench-ping', 10_000, 1, '--duration', '60s', ...protocol('talk', `protocol.over=${over}`, `protocol.notes=${notes}`));

/** The median over rounds of: cost of a message on a connection / cost of a datagram, in the same round. */
function dearer(title: string, notes: boolean, atMost: number | null): Figure {
  const [by, over] = [talk('datagrams', notes), talk('connections', notes)];
  return {
    title,
    goal: atMost === null ? '' : `at most ${atMost.toFixed(1)} x`,
    contestants: [by, over],
    line(samplesOf) {
      const datagrams = samplesOf(by).map(({ messagesPerSecond }) => messagesPerSecond);
      const messages = samplesOf(over).map(({ messagesPerSecond }) => messagesPerSecond);
      const ratio = median(datagrams.map((rate, round) => rate / messages[round]));
      return {
        value: `${ratio.toFixed(2)} x`,
        detail: `${perSecond(median(datagrams))} datagrams/s, ${perSecond(median(messages))} on connections`,
        reached: atMost === null ? null : ratio <= atMost,
      };
    },
  };
}

/** As overlays talk, whose peers know of whom they heard. */
export const smallMessage = dearer('Connections, 10,000 peers, 8 each: a small message / a datagram', true, 1.5);
/** The bare message: nobody asks who it was, which is what a connection knows and a datagram has to be looked up for. */
export const bareMessage = dearer('Connections, the same without a look at who spoke', false, null);

const bulk = peerage('bench-ping', 1000, 1, '--duration', '10s', ...protocol('bulk'));

export const thousandFlows: Figure = {
  title: 'Connections, 1,000 parallel bulk flows at 8 Mbit/s: wall time per virtual second',
  goal: '',
  contestants: [bulk],
  line(samplesOf) {
    const samples = samplesOf(bulk);
    const seconds = samples.map(({ events, eventsPerSecond, virtualMs }) => (1000 * events) / eventsPerSecond / virtualMs);
    const [{ events, segments, virtualMs }] = samples;
    return {
      value: `${median(seconds).toFixed(2)} s`,
      detail: `${perSecond((segments * 1000) / virtualMs)} segments per virtual second, ${(events / segments).toFixed(2)} events each`,
      reached: null,
    };
  },
};
