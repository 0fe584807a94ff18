// A sweep: Chord among more and more peers, each point three times with other seeds. A figure is the mean of the three with its 95 %
// confidence interval. Finished runs are kept in `results`: run this again, and it takes no time.
// @ts-check

import { estimateOf, sweep } from 'peerage';

const { sweep: grid, reused } = await sweep('lookup', {
  protocol: 'chord',
  vary: { peers: [32, 128] }, // or a range: '32..2048:x2'
  repeat: 3,
  duration: '10s',
  set: { 'workload.locate.files': 20 },
  outDir: 'results',
});

console.log('peers  hops           1/2 log2 N  messages per query');
for (const point of grid.points) {
  const [hops, messages] = ['hopsMean', 'messagesPerQuery'].map((figure) => estimateOf(point, figure));
  const cell = (/** @type {import('peerage').Estimate | null} */ of) => `${of?.mean.toFixed(2)} ± ${of?.ci95?.toFixed(2)}`;
  const law = (Math.log2(point.peers) / 2).toFixed(2);
  console.log(`${String(point.peers).padStart(5)}  ${cell(hops).padEnd(13)}  ${law.padStart(10)}  ${cell(messages)}`);
}
console.log(`\n${grid.points.length * grid.repeat} runs, ${reused} of them done before`);
