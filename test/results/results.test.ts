import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import test from 'ava';
import { build, type Histogram, initWebAssemblySync } from 'hdr-histogram-js';
import type { FaultRecord } from '../../src/faults/plan.js';
import { loadCurve } from '../../src/metrics/load.js';
import type { LedgerRow, Measures } from '../../src/metrics/measures.js';
import { OPERATION_COLUMNS } from '../../src/metrics/operations.js';
import { summarise } from '../../src/metrics/summary.js';
import { Problem } from '../../src/problem.js';
import { readComparison, writeComparison } from '../../src/results/comparison.js';
import { listResults, readOverview, readResults, readSummary } from '../../src/results/read.js';
import { writeResults } from '../../src/results/write.js';
import { measuresWith, type OperationRow, queries, scenarioWith } from '../helpers/measures.js';

const YAML = 'name: flood-vs-dht\npeers: 4\n';
const LEDGER: LedgerRow[] = [
  { phase: 'measure', type: 'find', cause: 'locate', messages: 5, bytes: 500 },
  { phase: 'measure', type: 'a "quoted", type\nof two lines', cause: 'maintenance', messages: 1, bytes: 40 },
];
const QUERIES: OperationRow[] = [
  { origin: 17, key: 2 ** 48 - 1, startMs: 20_000.1234, endMs: 20_450.5, latencyMs: 45.0554, hops: 3, messages: 5, bytes: 500, reached: 4 },
  { origin: 3, outcome: 'failed', foundStale: 2 },
  { origin: 0, outcome: 'pending', endMs: -1 },
];

const directory = mkdtempSync(join(tmpdir(), 'peerage-results-'));
test.after.always(() => rmSync(directory, { recursive: true, force: true }));
const fresh = (name: string) => join(directory, name);

function write(outDir: string, measures: Measures = measuresWith(QUERIES, LEDGER), protocol = 'chord'): string {
  const scenario = scenarioWith({}, protocol);
  return writeResults(scenario, YAML, measures, summarise(scenario, measures, '1.2.3'), outDir);
}

test('the folder, its name and its files', (t) => {
  const folder = write(fresh('one'), measuresWith(QUERIES, LEDGER, { log: ['1.5 ms p3: hello', '2 ms p4: bye'] }));
  t.regex(basename(folder), /^flood-vs-dht-chord-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d-[0-9a-f]{6}$/);
  t.deepEqual(readdirSync(folder).sort(), [
    'load.csv',
    'locate-hops.hgrm',
    'locate-latency.hgrm',
    'log.txt',
    'messages.csv',
    'operations.csv',
    'scenario.yaml',
    'summary.json',
    'timeseries.csv',
  ]);
  t.deepEqual(readdirSync(fresh('one')), [basename(folder)]);
  t.deepEqual(readFileSync(join(folder, 'operations.csv'), 'utf8').split('\n'), [
    'origin,key,startMs,endMs,outcome,latencyMs,hops,liveReplicas,foundLive,foundStale,reached,messages,bytes,timeouts,obtainedMs,path',
    'p17,281474976710655,20000.123,20450.5,succeeded,45.055,3,2,2,0,4,5,500,0,,',
    'p3,42,20000,20100,failed,,,2,0,2,0,0,0,0,,',
    'p0,42,20000,,pending,,,2,0,0,0,0,0,0,,',
    '',
  ]);
  t.deepEqual(readFileSync(join(folder, 'timeseries.csv'), 'utf8').split('\n'), [
    'startMs,endMs,peersAlive,sent,bytes,delivered,dropped,operationsStarted,operationsSucceeded,operationsFailed,checksum,success',
    '0,120000,4,6,540,6,0,3,1,1,4000000000,0.5',
    '',
  ]);
  t.is(readFileSync(join(folder, 'messages.csv'), 'utf8').split('\n')[1], 'measure,find,locate,5,500');
});

test('what is written is read back', (t) => {
  const measures = measuresWith(QUERIES, LEDGER, { log: ['hello'] });
  const folder = write(fresh('back'), measures);
  const results = readResults(folder);
  t.deepEqual(results.summary, summarise(scenarioWith(), measures, '1.2.3'));
  t.deepEqual(readSummary(folder), results.summary);
  t.is(results.scenarioYaml, YAML);
  t.deepEqual(results.series, measures.series);
  t.deepEqual(results.ledger, LEDGER);
  t.deepEqual(results.log, ['hello']);
  t.is(results.operations.length, QUERIES.length);
  for (let row = 0; row < QUERIES.length; row++) {
    t.is(results.operations.outcome(row), measures.operations.outcome(row));
    for (const column of OPERATION_COLUMNS)
      t.true(Math.abs(results.operations.at(row, column) - measures.operations.at(row, column)) <= 0.0005);
  }
});

test('the spread of load and the percentiles are read back, and a broken file is said with its line', (t) => {
  const folder = write(fresh('overview'));
  const { load, percentiles, folder: where } = readOverview(folder);
  t.is(where, folder);
  t.deepEqual(load, loadCurve(measuresWith(QUERIES, LEDGER).handled));
  t.deepEqual(Object.keys(percentiles), ['locate-hops', 'locate-latency']);
  const { unit, count, points } = percentiles['locate-latency'];
  t.deepEqual([unit, count, points.at(-1)], ['ms', 1, { value: 45.055, share: 1 }]);
  t.is(percentiles['locate-hops'].unit, 'hops');
  const path = join(folder, 'locate-latency.hgrm');
  writeFileSync(path, readFileSync(path, 'utf8').replace('45.055', 'many'));
  t.throws(() => readOverview(folder), {
    instanceOf: Problem,
    message: /locate-latency\.hgrm:3: expected value, percentile and count, got "/,
  });
  writeFileSync(path, 'Value\n');
  t.throws(() => readOverview(folder), { instanceOf: Problem, message: /expected percentiles up to 1, got 0 rows/ });
});

test('a comparison says which runs it compares, wherever they are moved together', (t) => {
  const outDir = fresh('compared');
  const folder = write(outDir);
  const runs = [{ summary: readSummary(folder), value: '5%', folder }];
  const command = 'npx peerage compare x';
  const written = writeComparison({ scenario: 'x', command, varied: 'topology.loss' }, runs, 'text', outDir);
  t.deepEqual(readComparison(written), {
    schema: 1,
    scenario: 'x',
    command,
    varied: 'topology.loss',
    runs: [{ protocol: 'chord', value: '5%', folder: `../${basename(folder)}` }],
  });
  t.throws(() => readComparison(folder), {
    instanceOf: Problem,
    message: /expected a comparison's folder, got one without comparison\.json/,
  });
});

test('latencies are in ms in the .hgrm, with their zeros, also from a WASM histogram', (t) => {
  initWebAssemblySync();
  const wasm = build({ bitBucketSize: 64, useWebAssembly: true });
  wasm.recordValue(45_055);
  const hops = build({ bitBucketSize: 64 });
  const folder = write(fresh('wasm'), { ...measuresWith([], LEDGER), histograms: { 'locate-latency': wasm, 'locate-hops': hops } });
  const text = readFileSync(join(folder, 'locate-latency.hgrm'), 'utf8');
  t.regex(text, /^ +45\.055 1\.000000000000 +1$/m);
  t.regex(text, /#\[Unit {4}= ms\]\n$/);
  t.false(existsSync(join(folder, 'locate-hops.hgrm')), 'an empty histogram has no file');
});

test('runs of the same second do not collide, and names that are no file names are mended', (t) => {
  const outDir = fresh('many');
  const folders = new Set(Array.from({ length: 20 }, () => write(outDir)));
  t.is(folders.size, 20);
  t.deepEqual(listResults(outDir), [...folders].sort());
  t.regex(basename(write(outDir, undefined, '../my protocol')), /^flood-vs-dht--my-protocol-2/);
});

test('a failure midway leaves nothing behind', (t) => {
  const outDir = fresh('broken');
  const whole = write(outDir);
  const broken = { ...measuresWith(QUERIES, LEDGER), histograms: { 'locate-hops': { totalCount: 1 } as Histogram } };
  t.throws(() => write(outDir, broken), { message: /Unsupported Histogram/ });
  t.deepEqual(readdirSync(outDir), [basename(whole)]);
});

test('what a killed run left is ignored', (t) => {
  const outDir = fresh('killed');
  const whole = write(outDir);
  mkdirSync(join(outDir, '.x-chord-2026-01-01T00-00-00-abcdef.partial'));
  writeFileSync(join(outDir, '.x-chord-2026-01-01T00-00-00-abcdef.partial', 'summary.json'), '{}');
  mkdirSync(join(outDir, 'something else'));
  t.deepEqual(listResults(outDir), [whole]);
});

test('a place that cannot be written to is said in a sentence', (t) => {
  writeFileSync(fresh('file'), '');
  const error = t.throws(() => write(join(fresh('file'), 'below')), { instanceOf: Problem });
  t.regex(error.message, /^cannot write the results into .*file.below: a part of the path is a file, not a folder/);
});

test('a folder that is none, or broken, gets a sentence with file and line', (t) => {
  const folder = write(fresh('bad'));
  const mend = (file: string, from: string, to: string) => {
    const path = join(folder, file);
    const before = readFileSync(path, 'utf8');
    t.true(before.includes(from));
    writeFileSync(path, before.replace(from, to));
    return () => writeFileSync(path, before);
  };
  const problem = (message: RegExp) => t.throws(() => readResults(folder), { instanceOf: Problem, message });

  t.throws(() => readResults(fresh('nowhere')), { instanceOf: Problem, message: /expected a result folder, got no such folder/ });
  t.throws(() => readResults(directory), { instanceOf: Problem, message: /expected a result folder, got one without summary.json/ });
  t.throws(() => listResults(fresh('nowhere')), { instanceOf: Problem });
  let undo = mend('summary.json', '"schema": 1', '"schema": 2');
  problem(/summary.json: expected a summary with schema 1, got schema 2/);
  undo();
  undo = mend('summary.json', '{', '');
  problem(/summary.json: expected JSON: /);
  undo();
  undo = mend('operations.csv', 'failed', 'failled');
  problem(/operations.csv:3: outcome: expected one of succeeded, failed, .*got "failled"/);
  undo();
  undo = mend('operations.csv', ',pending', '');
  problem(/operations.csv:4: expected 16 cells, got 15/);
  undo();
  undo = mend('messages.csv', 'cause,', 'because,');
  problem(/messages.csv:1: expected the columns phase,type,cause,messages,bytes, got /);
  undo();
  undo = mend('timeseries.csv', '0,120000', 'x,120000');
  problem(/timeseries.csv:2: startMs: expected a number, got "x"/);
  undo();
  rmSync(join(folder, 'timeseries.csv'));
  problem(/timeseries.csv: there is no such file/);
});

test('many operations are written in chunks, every row once', (t) => {
  const rows = queries(20_000).map((row, at) => ({ ...row, origin: at }));
  const { operations } = readResults(write(fresh('large'), measuresWith(rows)));
  t.is(operations.length, rows.length);
  for (let row = 0; row < rows.length; row++) if (operations.at(row, 'origin') !== row) t.fail(`row ${row}`);
});

test('faults are a table of their own, when there are any', (t) => {
  const faults: FaultRecord[] = [
    { atMs: 90_000.5, untilMs: null, says: 'loss 5%', origin: 'injected', peersHit: 4 },
    { atMs: 60_000, untilMs: 90_000, says: 'partition sites "a, b" | rest', origin: 'scenario', peersHit: 2 },
    { atMs: 110_000, untilMs: 110_000, says: 'crash 5%', origin: 'chaos', peersHit: null },
  ];
  const folder = write(fresh('faults'), measuresWith(QUERIES, LEDGER, { faults }));
  t.deepEqual(readFileSync(join(folder, 'faults.csv'), 'utf8').split('\n'), [
    'atMs,untilMs,says,origin,peersHit',
    '60000,90000,"partition sites ""a, b"" | rest",scenario,2',
    '90000.5,,loss 5%,injected,4',
    '110000,110000,crash 5%,chaos,',
    '',
  ]);
  const read = readResults(folder);
  t.deepEqual(read.faults, [faults[1], faults[0], faults[2]]);
  t.deepEqual(read.faults, read.summary.faults);
  const calm = write(fresh('calm'));
  t.false(existsSync(join(calm, 'faults.csv')));
  t.deepEqual(readResults(calm).faults, []);
});
