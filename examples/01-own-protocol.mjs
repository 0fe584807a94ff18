// A protocol of one's own (flood.mjs) beside one that comes with Peerage: the same peers, the same questions.
// @ts-check

import { run } from 'peerage';

const mine = new URL('./flood.mjs', import.meta.url);

console.log('protocol  success  messages per query  hops');
for (const protocol of [mine, 'chord']) {
  const { summary } = await run('lookup', { protocol, peers: 100, set: { 'workload.locate.files': 30 } });
  const { success, messages, hops } = summary.operations.locate ?? {};
  const cells = [`${((success ?? 0) * 100).toFixed(1)} %`.padStart(7), messages?.mean?.toFixed(1).padStart(18), hops?.mean?.toFixed(2)];
  console.log(`${summary.protocol.padEnd(8)}  ${cells.join('  ')}`);
}
