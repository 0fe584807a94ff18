// Queries of one's own, as a list: 120 peers on modems and fibre ask a Chord ring, first each for another file over a minute, then all
// for the same file within a second. Whoever is responsible for that file becomes a hot spot.
// @ts-check

import { run } from 'peerage';

const PEERS = 120;

/** Every peer asks once, within `seconds` from 20 s on; times count from the start of the run. */
const everybody = (/** @type {(peer: number) => number} */ fileOf, /** @type {number} */ seconds) =>
  Array.from({ length: PEERS }, (_, peer) => ({ at: `${20_000 + (1000 * seconds * peer) / PEERS}ms`, peer, file: fileOf(peer) }));

const workloads = {
  'any file, over a minute': everybody((peer) => peer % 40, 60),
  'one file, over a minute': everybody(() => 7, 60),
  'one file, in one second': everybody(() => 7, 1),
};

console.log('everybody asks for         median      99 %   busiest peer');
for (const [name, trace] of Object.entries(workloads)) {
  const { summary, measures } = await run({
    name: 'hot-spot',
    peers: PEERS,
    topology: 'dialup-vs-fibre',
    protocols: 'chord',
    phases: { start: 'converge', warmUp: '20s', measure: '1m', drain: '10s' },
    workload: { locate: { files: 40, replicas: 2, publishSpread: '5s', trace } },
  });
  const { p50, p99 } = summary.operations.locate?.latencyMs ?? {};
  const ms = (/** @type {number | null | undefined} */ value) => `${value?.toFixed(0)} ms`.padStart(7);
  console.log(`${name}   ${ms(p50)}   ${ms(p99)}   ${Math.max(...measures.handled)} messages`);
}
