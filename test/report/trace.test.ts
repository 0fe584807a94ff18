/** The tree of an operation, put together from what shards wrote down, and how it is told and drawn. */

import test from 'ava';
import { type BegunStep, type EndedStep, putTogether, type TraceRecord } from '../../src/metrics/operation-trace.js';
import { renderTraceSvg } from '../../src/report/trace-svg.js';
import { renderTrace, type TraceHeading } from '../../src/report/trace-text.js';

const begun = (key: string, parent: string | null, atMs: number, from: number, to: number, more: Partial<BegunStep> = {}): BegunStep => ({
  kind: 'message',
  key,
  parent,
  atMs,
  from,
  to,
  type: 'ask',
  ttl: null,
  onConnection: false,
  isLive: false,
  ...more,
});
const ended = (key: string, atMs: number, peer: number, verdict = 0): EndedStep => ({ key, atMs, peer, verdict });

/** Peer 0 asks 1, who asks 2 and, in vain, 3; 2 answers; a timer fires for nothing, another asks 4. In two shards. */
const RECORDS: TraceRecord[] = [
  {
    begun: [
      begun('operation', null, 1000, 0, 0, { kind: 'operation', type: '' }),
      begun('t1', 'operation', 1000, 0, 0, { kind: 'timer', type: '' }),
      begun('t2', 'operation', 1000, 0, 0, { kind: 'timer', type: '' }),
      begun('a', 'operation', 1000, 0, 1, { ttl: 2 }),
      begun('f', 'd', 1080, 0, 2, { kind: 'found', type: '', isLive: true }),
      begun('e', 't2', 1500, 0, 4, { ttl: 2 }),
    ],
    ended: [ended('t1', 1400, 0), ended('t2', 1500, 0), ended('d', 1080, 0), ended('f', 1080, 0)],
    left: 0,
  },
  {
    begun: [
      begun('b', 'a', 1020, 1, 2, { ttl: 1 }),
      begun('c', 'a', 1020, 1, 3, { ttl: 1 }),
      begun('d', 'b', 1050, 2, 0, { type: 'tell' }),
    ],
    ended: [ended('a', 1020, 1), ended('b', 1050, 2), ended('c', 1040, 3, -5)],
    left: 0,
  },
];

const HEADING: TraceHeading = {
  scenario: 'test',
  protocol: 'p & q',
  peers: 5,
  seed: 1,
  operation: 2,
  operations: 9,
  key: 77,
  outcome: 'succeeded',
  latencyMs: 80,
  hops: 2,
  endMs: 2000,
  messages: 5,
  sizeBytes: 500,
  reached: 3,
  timeouts: 0,
  nameOf: (host) => `p${host}`,
};
const STYLE = { colour: false, width: 80, lines: 100 };

test('steps stand below what caused them, wherever they were written down', (t) => {
  for (const records of [RECORDS, [...RECORDS].reverse()]) {
    t.is(
      renderTrace(putTogether(records)!, HEADING, STYLE),
      `test, p & q, 5 peers, seed 1: operation 2 of 9
p0 asks for 77 at 1.000 s
succeeded after 80 ms, 2 hops: p2
5 messages (500 B), 1 lost, 3 peers reached

      sent     arrives
    0.0 ms              p0 asks
    0.0 ms     20.0 ms  ├ p0 → p1  ask, ttl 2
   20.0 ms     50.0 ms  │ ├ p1 → p2  ask, ttl 1
   50.0 ms     80.0 ms  │ │ p2 → p0  tell
   80.0 ms              │ │ p0 has found p2
   20.0 ms        lost  │ └ p1 → p3  ask, ttl 1, peer-down
    0.0 ms    500.0 ms  └ p0 waits
  500.0 ms           -    p0 → p4  ask, ttl 2, under way

type  messages  lost
ask          4     1
tell         1     0
`,
    );
  }
});

test('depth counts messages, and the first to reach a peer is known', (t) => {
  const { steps } = putTogether(RECORDS)!;
  const told = steps
    .filter(({ kind }) => kind === 'message')
    .map(({ from, to, depth, isFirst, dropped }) => [from, to, depth, isFirst, dropped]);
  t.deepEqual(told, [
    [0, 1, 1, true, null],
    [1, 2, 2, true, null],
    [1, 3, 2, false, 'peer-down'],
    [2, 0, 3, false, null],
    [0, 4, 1, false, null],
  ]);
  t.is(putTogether([{ begun: [], ended: [], left: 0 }]), null, 'no operation, no trace');
});

test('a picture of few messages has a line for each peer and an arrow for each message, and is XML', (t) => {
  const svg = renderTraceSvg(putTogether(RECORDS)!, HEADING);
  t.true(svg.includes('p &amp; q') && !svg.includes('p & q'));
  for (const name of ['p0', 'p1', 'p2', 'p3', 'p4', 'peer-down', 'found p2']) t.true(svg.includes(`>${name}</text>`), name);
  t.is([...svg.matchAll(/<path class="line c\d" d="M[\d.]+ [\d.]+L/g)].length, 5);
  t.is([...svg.matchAll(/<path class="f\d" d="M/g)].length, 3, 'three have arrived');
  t.false(/NaN|undefined|Infinity/.test(svg));
  t.regex(svg, />\+\d+ ms<\/text>/, 'quiet time is cut');
});

test('a flood is told by its depths, and drawn as a tree', (t) => {
  const flood: TraceRecord = { begun: [RECORDS[0].begun[0]], ended: [], left: 0 };
  const [steps, ends] = [flood.begun as BegunStep[], flood.ended as EndedStep[]];
  // Each peer n passes it on to 3n + 1 .. 3n + 3, of 400; every tenth message is lost.
  for (let peer = 1; peer < 400; peer++) {
    const parent = Math.floor((peer - 1) / 3);
    const depth = Math.floor(Math.log(2 * peer + 1) / Math.log(3) + 1e-9);
    const atMs = 1000 + 10 * (depth - 1);
    steps.push(begun(`m${peer}`, parent === 0 ? 'operation' : `m${parent}`, atMs, parent, peer, { type: 'query', ttl: 8 - depth }));
    ends.push(ended(`m${peer}`, atMs + 10, peer, peer > 300 && peer % 10 === 0 ? -2 : 0));
  }
  const trace = putTogether([flood])!;
  const text = renderTrace(trace, { ...HEADING, messages: 399 }, { ...STYLE, lines: 20 });
  t.regex(
    text,
    /^depth {2}messages {2}new peers {2}lost {2}ttl {2}first arrives {2}last arrives\n1 +3 +3 +0 +7 +10\.0 ms +10\.0 ms\n2 +9 +9 +0 +6 /m,
  );
  t.regex(text, /\.\.\. and 380 steps more/);
  t.true(text.split('\n').length < 50);
  const svg = renderTraceSvg(trace, { ...HEADING, messages: 399 });
  t.true(svg.includes('>9 sent, 9 new, ttl 6</text>'));
  t.is([...svg.matchAll(/class="lost"/g)].length, 10, '9 and the legend');
  t.false(/NaN|undefined|Infinity/.test(svg));
});
