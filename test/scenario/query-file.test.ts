import test from 'ava';
import { runScenario } from '../../src/coordinator/run.js';
import { loadProtocol } from '../../src/protocol-catalog.js';
import { loadScenario, type Overrides } from '../../src/scenario/load.js';
import { numberQueries, type QueryOptions, queryRows } from '../../src/scenario/query-file.js';
import type { QueryTrace, Scenario } from '../../src/scenario/scenario.js';
import { sentence, temporaryFolder } from './temporary.js';

const folder = temporaryFolder();
const where = (line: number) => (line > 0 ? `q.csv:${line}` : 'q.csv');
const read = (text: string, options: Partial<QueryOptions> = {}) =>
  numberQueries(queryRows(text, where), where, { peers: 10, numberOf: null, files: undefined, fromMs: 0, ...options });

/** [ms, peer, file] of each query, peer by peer. */
const queries = ({ starts, atMs, file }: QueryTrace) =>
  Array.from({ length: starts.length - 1 }, (_, peer) =>
    Array.from(atMs.subarray(starts[peer], starts[peer + 1]), (ms, i) => [ms, peer, file[starts[peer] + i]]),
  ).flat();

test('numbers below the number of peers and files are their own; times are seconds, or carry their unit; without a file it is drawn', (t) => {
  const { trace, files, notes } = read('# a log\ntime,peer,file\n61.5,3,0\n\n1.5m; p0\n250ms\t3\t999\n61.5,3,7\n');
  t.deepEqual(queries(trace), [
    [90_000, 0, -1],
    [250, 3, 999],
    [61_500, 3, 0],
    [61_500, 3, 7],
  ]);
  t.deepEqual([files, notes, trace.starts.length], [1000, [], 11]);
});

test('peers and files of any name are numbered as they appear, and that is said', (t) => {
  const { trace, files, notes } = read('5,10.0.0.7,"Casablanca"\n1,bob,Vertigo\n9,10.0.0.7,Vertigo', { files: 2 });
  t.deepEqual(queries(trace), [
    [5000, 0, 0],
    [9000, 0, 1],
    [1000, 1, 1],
  ]);
  t.is(files, 2);
  t.deepEqual(notes, [
    'its 2 peers are numbered p0 to p1 as they appear, "10.0.0.7" first',
    'its 2 files are numbered 0 to 1 as they appear, "Casablanca" first',
  ]);
});

test('without the setting files there are as many as ever, or as many as the trace names', (t) => {
  const many = Array.from({ length: 1200 }, (_, i) => `1,0,title ${i}`).join('\n');
  t.is(read(many).files, 1200);
  t.is(read('1,0,title').files, 1000);
});

test('a run may begin within a trace', (t) => {
  const { trace, notes } = read('10,0,1\n70,0,2\n65,1,3', { fromMs: 60_000 });
  t.deepEqual(queries(trace), [
    [10_000, 0, 2],
    [5000, 1, 3],
  ]);
  t.deepEqual(notes, ['1 of its 3 queries come before 1m, when the run begins']);
});

test('what is wrong is named with its line', (t) => {
  const says = (text: string, options?: Partial<QueryOptions>) => sentence(() => read(text, options));
  t.is(says('1,0,2\n1'), 'q.csv:2: expected time,peer,file, got "1"');
  t.is(says('1,0,2,3'), 'q.csv:1: expected time,peer,file, got "1,0,2,3"');
  t.is(says('time,peer,file\nsoon,0,2'), 'q.csv:2: expected a time of at least 0, such as 90 (seconds), 90s, 1.5h or 250ms, got "soon"');
  t.is(says('1,,2'), 'q.csv:1: expected the number or name of a peer, got nothing');
  t.is(says('1,a\n1,b\n1,c', { peers: 2 }), 'q.csv:3: expected at most as many peers as the scenario has, 2, got "c" as one more');
  t.is(
    says('1,0,a\n1,0,b', { files: 1 }),
    'q.csv:2: expected at most as many files as the scenario has, 1, got "b" as one more; without the setting files there are as many as in the trace',
  );
  t.is(says('1,0,a', { files: 0 }), 'q.csv:1: expected no file, because there are none (workload.locate.files: 0), got "a"');
  t.is(says('time,peer,file\n'), 'q.csv: expected lines of time,peer,file, got none');
  t.is(says('1,0', { fromMs: 5000 }), 'q.csv: expected a query at 5s or later, got none');
  t.is(says('1,alice', { numberOf: new Map([['bob', 0]]) }), 'q.csv:1: expected a peer that population.trace names, got "alice"');
});

const LOCATE = { services: ['locate'] };
const load = (text: string, overrides?: Overrides) => loadScenario(folder.write('s.yaml', `protocols: [ring]\n${text}`), overrides);
const traceOf = (scenario: Scenario) => queries(scenario.workload.locate!.trace!);

test('a scenario takes the file of a trace, from its own folder; the table itself; or a list', (t) => {
  folder.write('q.csv', '70,3,1\n80,4,2');
  const same = [
    [70_000, 3, 1],
    [80_000, 4, 2],
  ];
  for (const trace of [
    'q.csv',
    '{file: q.csv}',
    '{table: "70,3,1\\n80,4,2"}',
    '[{at: 70s, peer: 3, file: 1}, {at: 80s, peer: p4, file: 2}]',
  ])
    t.deepEqual(traceOf(load(`peers: 9\nworkload: {locate: {trace: ${trace}}}`).for('ring', LOCATE)), same, trace);
  // What the command line names is looked for from the current folder.
  t.deepEqual(traceOf(load('workload: {locate: {}}', { set: [`workload.locate.trace=${folder.path}/q.csv`] }).for('ring', LOCATE)), same);
  t.regex(
    sentence(() => load('workload: {locate: {}}', { set: ['workload.locate.trace=q.csv'] })),
    /^--set workload\.locate\.trace: q\.csv: no such file$/,
  );
});

test('peers may have the names of the population\u2019s trace', (t) => {
  const population = 'population: {trace: {table: "0,alice,join\\n0,bob,join"}}';
  const loaded = load(`${population}\nworkload: {locate: {trace: {table: "70,bob,1"}}}`);
  t.deepEqual(traceOf(loaded.for('ring', LOCATE)), [[70_000, 1, 1]]);
});

test('queries outside of measure are not asked, which is said; when that is all of them, it is refused', (t) => {
  const trace = (text: string) => load(`workload: {locate: {trace: {table: "${text}"}}}`);
  t.deepEqual(trace('10,0,1\\n70,0,1\\n360,0,1').notes, [
    'workload.locate.trace: 2 of its 3 queries are not asked, because they come outside of measure, which is from 1m to 6m of the run',
  ]);
  t.is(
    sentence(() => trace('10,0,1\\n360,0,1'), folder.path),
    's.yaml:2:28: workload.locate.trace: expected queries within measure, which is from 1m to 6m of the run, got none',
  );
});

test('what is wrong in a scenario is a sentence that says where', (t) => {
  const says = (locate: string) => sentence(() => load(`peers: 5\nworkload: {locate: {${locate}}}`), folder.path);
  t.is(says('trace: q.csv, rate: 1/s'), 's.yaml:3:20: workload.locate: expected no rate beside a trace, which says who asks when');
  t.is(says('trace: none.csv'), `s.yaml:3:28: workload.locate.trace: none.csv: no such file`);
  t.is(
    says('trace: 7'),
    's.yaml:3:28: workload.locate.trace: expected the file of a trace, a map with file or table, or a list of queries, got 7',
  );
  t.is(says('trace: {}'), 's.yaml:3:28: workload.locate.trace: expected either file or table');
  t.is(says('trace: {fiel: q.csv}'), 's.yaml:3:29: workload.locate.trace.fiel: unknown setting "fiel"; there is file, table, from');
  t.is(
    says('trace: [{at: 70s, peer: 1}, {at: 70, peer: 1}]'),
    's.yaml:3:54: workload.locate.trace.1.at: expected a duration such as 500ms, 30s, 10m, 2h or 1d, got 70',
  );
  t.is(says('trace: [{at: 70s}]'), 's.yaml:3:29: workload.locate.trace.0.peer: expected the number or name of a peer, got nothing');
});

test('a trace is asked alike on any number of shards, whatever the table\u2019s order', async (t) => {
  const lines = Array.from({ length: 200 }, (_, i) => `${61 + ((i * 7) % 50) / 10},${(i * 13) % 40},${i % 3 === 0 ? '' : i % 20}`);
  const text = (rows: string[]) =>
    `peers: 40\nphases: {start: converge, measure: 10s, drain: 5s}\nworkload: {locate: {files: 20, replicas: 3, trace: {table: "${rows.join('\\n')}"}}}`;
  const chord = await loadProtocol('chord');
  const run = async (rows: string[], shards: number, strict = false) => {
    const { measures } = await runScenario(load(text(rows), { protocol: 'chord' }).for('chord', chord), { shards, strict });
    return measures;
  };
  const one = await run(lines, 1);
  t.is(one.operations.length, 200);
  for (const other of [await run(lines, 2), await run(lines.toReversed(), 3, true)]) {
    t.is(other.digest, one.digest);
    const keys = (measures: typeof one) => Array.from({ length: 200 }, (_, row) => measures.operations.at(row, 'key'));
    t.deepEqual(keys(other), keys(one));
  }
});
