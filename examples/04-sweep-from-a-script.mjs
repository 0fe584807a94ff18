// A sweep: Chord and Kademlia among more and more peers, each point three times with other seeds. A figure is the mean of the three with its
// 95 % confidence interval. Finished runs are kept in `results`: run this again, and it takes no time.
// @ts-check

import { estimateOf, sweep } from 'peerage';

const {
  sweep: grid,
  folder,
  reused,
} = await sweep('lookup', {
  vary: { protocol: ['chord', 'kademlia'], peers: [32, 128] },
  repeat: 3,
  duration: '10s',
  set: { 'workload.locate.files': 20 },
  outDir: 'results',
});

console.log('protocol  peers  hops           messages per query');
for (const point of grid.points) {
  const [hops, messages] = ['hopsMean', 'messagesPerQuery'].map((figure) => estimateOf(point, figure));
  const cell = (/** @type {import('peerage').Estimate | null} */ of) => `${of?.mean.toFixed(2)} ± ${of?.ci95?.toFixed(2)}`.padEnd(13);
  console.log(`${point.protocol.padEnd(8)}  ${String(point.peers).padStart(5)}  ${cell(hops)}  ${cell(messages)}`.trimEnd());
}
console.log(`\n${grid.points.length * grid.repeat} runs, ${reused} of them done before; ${folder}`);
