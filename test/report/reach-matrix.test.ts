import test from 'ava';
import type { Measures, NatFacts } from '../../src/metrics/measures.js';
import { type Summary, summarise } from '../../src/metrics/summary.js';
import { paint } from '../../src/report/paint.js';
import { reachMatrix } from '../../src/report/reach-matrix.js';
import { renderComparison, renderRun } from '../../src/report/terminal.js';
import { measuresWith, scenarioWith } from '../helpers/measures.js';

type Reach = NatFacts['reach'];

function run(nat: NatFacts | null, changes: Partial<Measures> = {}): Summary {
  const scenario = scenarioWith({ workload: { locate: null } }, 'rendezvous');
  return summarise(scenario, measuresWith([], [], { nat, ...changes }), '1.2.3');
}

const facts = (kinds: readonly string[], reach: Reach): NatFacts => ({
  peers: Object.fromEntries(kinds.map((kind) => [kind, 10])),
  mappingsMade: 1,
  bytes: 1,
  reach,
});

const KINDS = ['open', 'symmetric', 'a-kind-with-a-long-name'];
const SOME: Reach = [
  { from: 'open', to: 'symmetric', asked: 1000, opened: 1 },
  { from: 'symmetric', to: 'open', asked: 20_000, opened: 19_999 },
  { from: 'open', to: 'open', asked: 4, opened: 4 },
  { from: 'symmetric', to: 'symmetric', asked: 7, opened: 0 },
  { from: 'a-kind-with-a-long-name', to: 'open', asked: 8, opened: 5 },
];

test('a row for each kind that asked, a column for each that was asked, in the order of the topology', (t) => {
  t.deepEqual(reachMatrix(run(facts(KINDS, SOME)), paint(false)), [
    'of 100 connections from one NAT class (row) to another (column)',
    '   so many opened          asked   a   b   c',
    'a  open                    1,004 100   1   .',
    'b  symmetric              20.0 k  99   0   .',
    'c  a-kind-with-a-lon...        8  63   .   .',
  ]);
});

test('nothing without gateways, or when nobody asked for a connection', (t) => {
  t.deepEqual(reachMatrix(run(null), paint(false)), []);
  t.deepEqual(reachMatrix(run(facts(KINDS, [])), paint(false)), []);
});

test('it fits whatever there are: the busiest kinds are shown, the others counted', (t) => {
  const kinds = Array.from({ length: 40 }, (_, i) => `kind-number-${i}-of-forty`);
  const reach = kinds.map((from, i) => ({ from, to: kinds[(i * 7) % 40], asked: 1_000_000 + i, opened: 999_999 }));
  for (const width of [80, 60, 200]) {
    const lines = reachMatrix(run(facts(kinds, reach)), paint(false), width);
    for (const line of lines) t.true(line.length <= Math.max(width, 80), line);
    const shown = lines.length - 3;
    t.true(shown > 5 && shown <= 26, `${shown}`);
    t.is(lines.at(-1), `  and ${40 - shown} more classes: nat.reach in summary.json`);
  }
});

test('colour changes no letter', (t) => {
  const summary = run(facts(KINDS, SOME));
  const coloured = reachMatrix(summary, paint(true));
  t.notDeepEqual(coloured, reachMatrix(summary, paint(false)));
  for (const [at, line] of reachMatrix(summary, paint(false)).entries()) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the codes
    t.is(coloured[at].replace(/\u001b\[\d+m/g, ''), line);
  }
});

test('the terminal shows it below the table, one for each of several runs, and how paths were found', (t) => {
  const counters = {
    'reach-direct': 60,
    'reach-direct-ms': 30_000,
    'reach-punched': 30,
    'reach-punched-ms': 60_000,
    'reach-relayed': 9,
    'reach-relayed-ms': 45_000,
    'reach-failed': 1,
    'reach-failed-ms': 9000,
    'relayed-bytes': 12_345,
  };
  const summary = run(facts(KINDS, SOME), { counters });
  const text = renderRun(summary, null, 'npx peerage run nat');
  for (const row of [
    /^reached directly +60 \(60\.0 %\)$/m,
    /^reached by a punched hole +30 \(30\.0 %\)$/m,
    /^reached by a relay +9 \(9\.0 %\)$/m,
    /^not reached +1 \(1\.0 %\)$/m,
    /^ {2}time, reached directly +500 ms$/m,
    /^ {2}time, reached by a punched hole +2 s$/m,
    /^ {2}time, reached by a relay +5 s$/m,
    /^carried by relays +12\.3 kB$/m,
  ]) {
    t.regex(text, row);
  }
  t.regex(text, /^digest.*\n\nof 100 connections from/m);
  t.notRegex(text, /time, not reached/);
  t.notRegex(renderRun(run(null), null, ''), /reached/);
  const two = renderComparison([summary, summary], [], '');
  t.is(two.match(/^rendezvous: of 100 connections/gm)?.length, 2);
  for (const line of two.split('\n')) t.true(line.length <= 80 || line.startsWith('warning'), line);
});
