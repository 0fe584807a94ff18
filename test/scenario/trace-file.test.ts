import { join } from 'node:path';
import test from 'ava';
import type { Trace } from '../../src/population/plan.js';
import { loadScenario } from '../../src/scenario/load.js';
import { parseTrace, writeTrace } from '../../src/scenario/trace-file.js';
import { sentence, temporaryFolder } from './temporary.js';

const folder = temporaryFolder();
const where = (line: number) => (line > 0 ? `t.csv:${line}` : 't.csv');
const read = (text: string, { peers, fromMs = 0 }: { peers?: number; fromMs?: number } = {}) => parseTrace(text, where, { peers, fromMs });
const says = (text: string, options?: { peers?: number; fromMs?: number }) => sentence(() => read(text, options));

/** Each peer's entries as [ms, verb]. */
function entries({ starts, atMs, crashes }: Trace): (readonly [number, string])[][] {
  return Array.from({ length: starts.length - 1 }, (_, peer) =>
    Array.from({ length: starts[peer + 1] - starts[peer] }, (_, i) => {
      const entry = starts[peer] + i;
      return [atMs[entry], i % 2 === 0 ? 'join' : crashes[entry] === 1 ? 'crash' : 'leave'] as const;
    }),
  );
}

test('numbers below the number of peers are the peers\u2019 own; times are seconds, or carry their unit', (t) => {
  const { trace, peers, notes } = read('# a comment\ntime,peer,change\n0,1,join\n\n1.005, 0, join\n1.5m,1,leave\n250000 ms,p0,JOIN\n');
  // p0 and 0 would be the same number, so they are names.
  t.is(peers, 3);
  t.deepEqual(notes, ['its 3 peers are numbered p0 to p2 as they appear, "1" first']);
  t.is(entries(trace).flat().length, 4);
  const own = read('0,1,join\n1.005,0,join\n1.5m,1,leave\n250000ms,0,CRASH\n');
  t.deepEqual([own.peers, own.notes], [2, []]);
  t.deepEqual(entries(own.trace), [
    [
      [1005, 'join'],
      [250_000, 'crash'],
    ],
    [
      [0, 'join'],
      [90_000, 'leave'],
    ],
  ]);
});

test('peers of any name are numbered as they appear, and that is said', (t) => {
  const { trace, peers, notes } = read('5;"10.0.0.7:6346";join\n1;bob;join\n9;10.0.0.7:6346;leave', { peers: 4 });
  t.is(peers, 4);
  t.deepEqual(entries(trace), [
    [
      [5000, 'join'],
      [9000, 'leave'],
    ],
    [[1000, 'join']],
    [],
    [],
  ]);
  t.deepEqual(notes, [
    'its 2 peers are numbered p0 to p1 as they appear, "10.0.0.7:6346" first',
    '2 of 4 peers are not in it and never come',
  ]);
  // Numbers, but not all of them below the number of peers.
  t.deepEqual(entries(read('1\t7\tjoin\n2\t9\tjoin').trace), [[[1000, 'join']], [[2000, 'join']]]);
  t.deepEqual(read('1\t7\tjoin\n2\t9\tjoin', { peers: 10 }).notes, ['8 of 10 peers are not in it and never come']);
});

test('lines may come in any order; at one time, they count in the order of lines', (t) => {
  t.deepEqual(entries(read('30,0,crash\n10,0,join\n10,1,join\n10,1,leave\n10,1,join').trace), [
    [
      [10_000, 'join'],
      [30_000, 'crash'],
    ],
    [
      [10_000, 'join'],
      [10_000, 'leave'],
      [10_000, 'join'],
    ],
  ]);
});

test('a run may begin within a trace: who is up then is there at time 0', (t) => {
  const text = '1186000000,0,join\n1186000010,1,join\n1186000020,1,leave\n1186000100,0,leave\n1186000130,1,join\n1186000160,2,join';
  t.deepEqual(entries(read(text, { fromMs: 1186000060e3 }).trace), [
    [
      [0, 'join'],
      [40_000, 'leave'],
    ],
    [[70_000, 'join']],
    [[100_000, 'join']],
  ]);
});

test('what is written is read back', (t) => {
  const { trace } = read('0,0,join\n0.5,0,crash\n1d,0,join\n7,2,join\n1000000.001,2,leave', { peers: 3 });
  t.is(writeTrace(trace), 'time,peer,change\n0ms,0,join\n500ms,0,crash\n7s,2,join\n1d,0,join\n1000000.001s,2,leave\n');
  t.deepEqual(read(writeTrace(trace), { peers: 3 }).trace, trace);
});

test('whatever is wrong is a sentence with file and line', (t) => {
  const line2 = '0,0,join\n';
  t.is(says(`${line2}3,0,lave`), 't.csv:2: expected join, leave or crash, got "lave" (did you mean "leave"?)');
  t.is(says(`${line2}3,0,up`), 't.csv:2: expected join, leave or crash, got "up"');
  t.is(says(`${line2}3,0`), 't.csv:2: expected time,peer,join|leave|crash, got "3,0"');
  t.is(says(`${line2}3,,join`), 't.csv:2: expected the number or name of a peer, got nothing');
  t.is(says(`${line2}soon,0,leave`), 't.csv:2: expected a time of at least 0, such as 90 (seconds), 90s, 1.5h or 250ms, got "soon"');
  t.is(says(`${line2}-3,0,leave`), 't.csv:2: expected a time of at least 0, such as 90 (seconds), 90s, 1.5h or 250ms, got "-3"');
  t.is(says(`${line2}3,0,join`), 't.csv:2: expected a peer that is down at 3s, got a join of one that is up since line 1');
  t.is(says('4,a,leave'), 't.csv:1: expected a peer that is up at 4s, got a leave of one that never joined before');
  t.is(says('0,a,join\n9,a,crash\n5,a,leave'), 't.csv:2: expected a peer that is up at 9s, got a crash of one that is down since line 3');
  t.is(
    says('0,a,join\n0,b,join\n0,c,join', { peers: 2 }),
    't.csv:3: expected at most as many peers as the scenario has, 2, got "c" as one more; without the setting peers there are as many as in the trace',
  );
  t.is(says('# nothing\ntime,peer,change\n'), 't.csv: expected lines of time,peer,join|leave|crash, got none');
  t.is(says('0,a,join\n60,a,leave', { fromMs: 90_000 }), 't.csv: expected somebody who is up at 90s or later, got a last change at 1m');
});

const load = (text: string, set?: string[]) => loadScenario(folder.write('s.yaml', `protocols: [x]\n${text}`), set ? { set } : {});
const wrong = (text: string) => sentence(() => load(text), folder.path);

test('a scenario names its trace, from its own folder, and has as many peers', (t) => {
  folder.write('traces/week.csv', '0,a,join\n100,b,join\n150,a,crash\n900,b,leave\n');
  const loaded = load('population: { trace: traces/week.csv, events: [at 60s crash 50%] }');
  const { peers, population } = loaded.for('x', {});
  t.is(peers, 2);
  t.like(population, { core: 0, session: null, downtime: null, massFailures: [{ atMs: 60_000, share: 0.5 }] });
  t.true(population.arrivals.kind === 'trace');
  t.deepEqual(loaded.notes, [
    'population.trace: its 2 peers are numbered p0 to p1 as they appear, "a" first',
    'population.trace: 1 of its 4 changes come after the end of the run',
  ]);
  t.is(load('population: { trace: { file: traces/week.csv, from: 2m } }\npeers: 5').for('x', {}).peers, 5);
  t.is(load('seed: 1', [`population.trace=${join(folder.path, 'traces/week.csv')}`]).for('x', {}).peers, 2);
  t.is(load('population: { trace: { table: "0,0,join" } }').for('x', {}).peers, 1);
});

test('what a trace says nothing else says, and a trace that never begins is refused', (t) => {
  folder.write('t.csv', '10,a,join\n');
  folder.write('bad.csv', '10,a,jon\n');
  t.is(
    wrong('population: { trace: t.csv, session: exponential 5m }'),
    's.yaml:2:38: population.session: expected no session beside a trace, which says who comes and goes',
  );
  t.is(
    wrong('population: { trace: t.csv, evnts: [] }'),
    's.yaml:2:29: population.evnts: unknown setting "evnts" (did you mean "events"?); there is trace, events',
  );
  t.is(wrong('population: { trace: bad.csv }'), 'bad.csv:1: expected join, leave or crash, got "jon" (did you mean "join"?)');
  t.is(wrong('population: { trace: gone.csv }'), 's.yaml:2:22: population.trace: gone.csv: no such file');
  t.is(
    wrong('population: { trace: { table: "0,a,join\\n0,a,join" } }'),
    's.yaml:2:31: population.trace.table: line 2: expected a peer that is down at 0ms, got a join of one that is up since line 1',
  );
  t.is(wrong('population: { trace: {} }'), 's.yaml:2:22: population.trace: expected either file or table');
  t.is(
    wrong('population: { trace: }'),
    's.yaml:2:22: population.trace: expected the file of a trace, or a map with file or table, got nothing',
  );
  t.is(
    wrong('population: { trace: t.csv }\nphases: { warmUp: 1s, measure: 1s, drain: 1s }'),
    's.yaml:2:22: population.trace: expected a time before the end of the run at 3s, got 10s',
  );
});
