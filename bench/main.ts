/**
 * `npm run bench`: runs every contestant in turn, round after round, each in a process of its own, and prints one table. Interleaved,
 * because a machine drifts: only what ran in the same minutes may be compared. `README.md` beside this file says how to read it.
 *
 * `npm run bench -- [--rounds 3] [--only TEXT] [--million]`
 */

import { availableParallelism, cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { type Contestant, type Sample, sample } from './child.js';
import { type Figure, perSecond, table } from './figure.js';
import { chord10k, chord100k } from './figures/chord.js';
import { natAlone, natAndFaults, strangers } from './figures/conditions.js';
import { bareMessage, smallMessage, thousandFlows } from './figures/connections.js';
import { flood10k } from './figures/flood.js';
import { idlePeer } from './figures/idle-peer.js';
import { phold1, phold2, ping } from './figures/kernel.js';
import { million } from './figures/million.js';
import { twoShards } from './figures/two-shards.js';
import { onThePage } from './figures/watched.js';

const FIGURES = [
  chord10k,
  chord100k,
  twoShards,
  flood10k,
  idlePeer,
  phold1,
  phold2,
  ping,
  natAlone,
  natAndFaults,
  strangers,
  smallMessage,
  bareMessage,
  thousandFlows,
  onThePage,
];

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    only: { type: 'string', default: '' },
    million: { type: 'boolean', default: false },
  },
});
// A million peers take minutes: they run alone and once.
const rounds = options.million ? 1 : Number(options.rounds);
const figures = options.million ? [million] : FIGURES.filter(({ title }) => title.toLowerCase().includes(options.only.toLowerCase()));
if (!(rounds >= 1) || figures.length === 0) {
  console.error(`nothing to measure: expected --rounds of at least 1, and --only a part of one of\n${titles(FIGURES)}`);
  process.exit(2);
}

const before = loadavg()[0];
if (before > 0.5) console.error(`note: the machine is not idle (load ${before.toFixed(1)}); above all the two-shard ratio will suffer`);

const samples = new Map<string, Sample[]>();
const failures = new Map<string, string>();
for (let round = 1; round <= rounds; round++) {
  for (const contestant of contestantsOf(figures)) await measure(contestant, `round ${round}/${rounds}`);
}

console.log(table([['', 'measured', 'goal', '', 'behind it'], ...figures.map(row)]));
console.log(
  `\n${rounds} interleaved round${rounds === 1 ? '' : 's'} on ${availableParallelism()} x ${cpus()[0]?.model ?? 'an unknown processor'}, ` +
    `Node ${process.versions.node}. Compare within this table only.`,
);
process.exitCode = failures.size > 0 ? 1 : 0;

async function measure(contestant: Contestant, where: string): Promise<void> {
  if (failures.has(contestant.label)) return;
  try {
    const taken = await sample(contestant);
    samples.set(contestant.label, [...(samples.get(contestant.label) ?? []), taken]);
    console.error(`${where}  ${contestant.label}: ${perSecond(taken.messagesPerSecond)} messages/s`);
  } catch (error) {
    failures.set(contestant.label, (error as Error).message);
    console.error(`${where}  ${(error as Error).message}`);
  }
}

function row(figure: Figure): string[] {
  const failed = figure.contestants.find(({ label }) => failures.has(label));
  if (failed) return [figure.title, 'failed', figure.goal, '', `${failed.label}: see above`];
  const { value, detail, reached } = figure.line(({ label }) => samples.get(label)!);
  return [figure.title, value, figure.goal, reached === null ? '' : reached ? 'reached' : 'missed', detail];
}

/** Each once, however many figures need it, in the order in which they are first named. */
function contestantsOf(figures: readonly Figure[]): Contestant[] {
  const byLabel = new Map(figures.flatMap(({ contestants }) => contestants).map((contestant) => [contestant.label, contestant]));
  return [...byLabel.values()];
}

function titles(figures: readonly Figure[]): string {
  return figures.map(({ title }) => `  ${title}`).join('\n');
}
