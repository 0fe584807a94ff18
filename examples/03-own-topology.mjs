// A network of one's own, as an object: two offices on fibre, and ships behind a satellite. The same questions are asked everywhere; how
// long one waits for the answer depends on where one is.
// @ts-check

import { run, sitesOf } from 'peerage';

/** @type {import('peerage').TopologyObject} */
const fleet = {
  name: 'fleet',
  about: 'Two offices on fibre, and ships behind a satellite.',
  loss: '0.1%',
  access: {
    fibre: { uplink: '100 Mbit/s', downlink: '100 Mbit/s', latency: '1ms' },
    satellite: { uplink: '256 kbit/s', downlink: '2 Mbit/s', latency: '5ms' },
  },
  sites: [
    { name: 'Hamburg', share: '50%', access: 'fibre' },
    { name: 'Singapore', share: '30%', access: 'fibre' },
    { name: 'at sea', share: '20%', access: 'satellite' },
  ],
  // One way, in ms, from each site to each.
  latency: { rowsMs: ['1 80 300', '80 1 300', '300 300 5'] },
};

const { scenario, measures } = await run('lookup', {
  topology: fleet,
  protocol: 'kademlia',
  peers: 150,
  set: { 'workload.locate.files': 30 },
});

/** @type {Map<string, number[]>} */
const waits = new Map();
const siteOf = sitesOf(scenario);
for (let row = 0; row < measures.operations.length; row++) {
  if (measures.operations.outcome(row) !== 'succeeded') continue;
  const site = siteOf[measures.operations.at(row, 'origin')];
  waits.set(site, [...(waits.get(site) ?? []), measures.operations.at(row, 'latencyMs')]);
}
console.log('asked from  answers   median   slowest');
for (const { name } of scenario.topology.sites) {
  const sorted = (waits.get(name) ?? []).sort((a, b) => a - b);
  const ms = (/** @type {number} */ value) => `${value.toFixed(0)} ms`.padStart(7);
  console.log(
    `${name.padEnd(10)}  ${String(sorted.length).padStart(7)}  ${ms(sorted[sorted.length >> 1])}   ${ms(sorted[sorted.length - 1])}`,
  );
}
