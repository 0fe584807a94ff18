// Reading a result folder, one question after the other, as in a notebook. Without a folder on the command line it makes one, in `results`;
// any that `peerage run` left will do.
// @ts-check

import { readResults, run } from 'peerage';

const folder = process.argv[2] ?? (await run('small-churn', { protocol: 'gnutella', outDir: 'results' })).folder;
const { summary, series, ledger, operations } = readResults(String(folder));
const bar = (/** @type {number} */ share) => '#'.repeat(Math.round(40 * share));

console.log(`${summary.scenario}: ${summary.peers} peers, ${summary.protocol}, seed ${summary.seed}, digest ${summary.digest}`);
console.log(`folder: ${folder}\n`);

console.log('How did the queries end?');
/** @type {Map<string, number>} */
const outcomes = new Map();
for (let row = 0; row < operations.length; row++) {
  const outcome = operations.outcome(row);
  outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
}
for (const [outcome, count] of outcomes) console.log(`  ${outcome.padEnd(11)} ${String(count).padStart(5)}`);

console.log('\nDoes an answer from further away cost more messages?'); // No: a flood does not stop when it has found something.
/** @type {Map<number, number[]>} */
const byHops = new Map();
for (let row = 0; row < operations.length; row++) {
  if (operations.outcome(row) !== 'succeeded') continue;
  const hops = operations.at(row, 'hops');
  byHops.set(hops, [...(byHops.get(hops) ?? []), operations.at(row, 'messages')]);
}
for (const [hops, messages] of [...byHops].sort(([a], [b]) => a - b)) {
  const mean = messages.reduce((sum, each) => sum + each, 0) / messages.length;
  console.log(`  ${hops} hops  ${String(messages.length).padStart(4)} queries  ${mean.toFixed(0).padStart(5)} messages each`);
}

console.log('\nWhat were the bytes sent for?');
/** @type {Map<string, number>} */
const byCause = new Map();
for (const { cause, bytes } of ledger) byCause.set(cause, (byCause.get(cause) ?? 0) + bytes);
for (const [cause, bytes] of [...byCause].sort(([, a], [, b]) => b - a)) {
  const share = bytes / summary.messages.bytes;
  console.log(`  ${cause.padEnd(11)} ${`${(100 * share).toFixed(1)} %`.padStart(6)}  ${bar(share)}`.trimEnd());
}

console.log('\nHow many peers were up?'); // At 80 s, 30 % crash.
for (const { endMs, peersAlive } of series) {
  if (endMs % 20_000 === 0)
    console.log(`  ${String(endMs / 1000).padStart(3)} s  ${String(peersAlive).padStart(3)}  ${bar(peersAlive / summary.peers)}`);
}
