import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { KEY_FIGURES } from '../../src/metrics/key-figures.js';
import { Problem } from '../../src/problem.js';
import { comparisonReport } from '../../src/report/comparison-report.js';
import { bytes, count, duration, share, whole } from '../../src/report/format.js';
import { magnitude } from '../../src/report/html/table.js';
import { reportOf } from '../../src/report/of-folder.js';
import { runsReport } from '../../src/report/runs-report.js';
import { sweepReport } from '../../src/report/sweep-report.js';
import { addReport, type Report } from '../../src/results/add-report.js';
import type { Comparison } from '../../src/results/comparison.js';
import type { Sweep, SweepRun } from '../../src/results/sweep.js';
import { parseXml, type XmlElement } from '../../src/scenario/site-graph/xml.js';
import { type Made, overviewOf } from '../helpers/overviews.js';

const FAULTS = [
  { atMs: 30_000, untilMs: 60_000, says: 'partition sites A | "rest" & <more>', origin: 'scenario', peersHit: 2 },
  { atMs: 70_000, untilMs: 70_000, says: 'crash 30%', origin: 'chaos', peersHit: 1 },
  { atMs: 75_000, untilMs: null, says: 'loss 1%', origin: 'injected', peersHit: null },
] as const;

const some: Made = { faults: [...FAULTS], thresholds: [{ metric: 'locate.success', condition: '>', value: 0.99 }] };
const run = () => runsReport([overviewOf('chord', some)], 'npx peerage run scenario.yaml');

function comparisonOf(
  protocols: readonly string[],
  varied: string | null = null,
  values: readonly string[] = [''],
): [Comparison, ReturnType<typeof overviewOf>[]] {
  const pairs = values.flatMap((value) => protocols.map((protocol) => ({ protocol, value })));
  const runs = pairs.map(({ protocol, value }) => ({ protocol, value: varied === null ? null : value, folder: `../${protocol}` }));
  const comparison: Comparison = { schema: 1, scenario: 'flood-vs-dht', command: 'npx peerage compare x', varied, runs };
  return [comparison, pairs.map(({ protocol }, at) => overviewOf(protocol, { latencyMs: 100 + 40 * at }))];
}
const MANY = ['napster', 'gnutella', 'chord', 'kademlia', 'can', 'pastry', 'freenet', 'mine'];

/** Few, so that few pictures are drawn. */
const MEASURED = KEY_FIGURES.filter(({ name }) => ['success', 'latencyP50Ms', 'hopsMean', 'trafficBytesPerPeerSecond'].includes(name));

function sweepOf(axes: Sweep['axes'], figure: (at: readonly number[], repetition: number) => number | null, repeat = 3): Sweep {
  const grid = axes.reduce<number[][]>((all, { values }) => all.flatMap((each) => values.map((_, at) => [...each, at])), [[]]);
  const runAt = (at: readonly number[], repetition: number): SweepRun => {
    const value = figure(at, repetition);
    const figures =
      value === null
        ? {}
        : Object.fromEntries(MEASURED.map(({ name, unit }) => [name, unit === 'share' ? Math.min(1, value / 1000) : value]));
    return {
      repetition,
      seed: repetition,
      key: `${at} ${repetition}`,
      status: value === null ? 'failed' : 'completed',
      failure: value === null ? 'protocol-failed' : null,
      reason: value === null ? 'it threw <up>' : null,
      folder: null,
      figures,
      thresholdsMissed: 0,
      digest: null,
      wallMs: 10,
    };
  };
  const protocolAxis = axes.findIndex(({ path }) => path === 'protocol');
  const points = grid.map((at) => ({
    at,
    protocol: protocolAxis < 0 ? 'chord' : axes[protocolAxis].values[at[protocolAxis]].text.replace(/^\.\/|\.js$/g, ''),
    peers: 100,
    runs: Array.from({ length: repeat }, (_, index) => runAt(at, index + 1)),
  }));
  return { schema: 1, version: '1.2.3', scenario: 'lookup', command: 'npx peerage sweep lookup', repeat, axes, points };
}
const numbers = (path: string, ...values: number[]): Sweep['axes'][number] => ({
  path,
  unit: null,
  values: values.map((number) => ({ text: String(number), number })),
});
const words = (path: string, ...texts: string[]): Sweep['axes'][number] => ({
  path,
  unit: null,
  values: texts.map((text) => ({ text, number: null })),
});
const scaling = () =>
  sweepReport(
    sweepOf([words('protocol', 'chord', './gnutella.js'), numbers('peers', 100, 1000, 10_000, 100_000)], ([protocol, size], repetition) =>
      protocol === 1 && size === 2 && repetition > 1 ? null : (protocol === 0 ? 5 + 2 * size : 10 ** (size / 2)) * (1 + 0.01 * repetition),
    ),
    () => null,
  );

/** Every element of an SVG. */
function* elements(element: XmlElement): Generator<XmlElement> {
  yield element;
  for (const child of element.children) yield* elements(child);
}

/** Pictures are XML with a title and a description and no number that is none; the page fetches nothing. */
function isSound(t: ExecutionContext, { html, charts }: Report, ...names: string[]): void {
  for (const name of names) t.true(charts.has(`${name}.svg`), `${name} is missing: ${[...charts.keys()]}`);
  for (const [name, svg] of charts) {
    const root = parseXml(svg, name);
    t.is(root.name, 'svg');
    t.is(root.attributes.get('role'), 'img', name);
    const [title, about] = root.children;
    t.deepEqual([title.name, about.name], ['title', 'desc'], name);
    t.true(title.text.length > 10, name);
    t.false(/NaN|undefined|Infinity|\[object/.test(svg), `${name}: ${/.{60}(?:NaN|undefined|Infinity|\[object).{60}/s.exec(svg)?.[0]}`);
    t.true(svg.includes('prefers-color-scheme: dark'), name);
    const ids = [...elements(root)].flatMap(({ attributes }) => attributes.get('id') ?? []);
    t.is(new Set(ids).size, ids.length, `${name}: ids`);
    for (const [, id] of svg.matchAll(/url\(#([^)]+)\)/g)) t.true(ids.includes(id), `${name}: ${id}`);
  }
  t.false(/(?:src|href)\s*=/.test(html), 'it fetches something');
  t.false(/@import|url\((?!#)/.test(html));
  for (const [url] of html.matchAll(/https?:\/\/[^\s"'<]+/g)) t.is(url, 'http://www.w3.org/2000/svg');
  const ids = [...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
  t.is(new Set(ids).size, ids.length, 'ids of the page');
  t.false(/>(?:NaN|undefined|null)</.test(html));
  t.false(/<b>"odd"/.test(html), 'names are escaped');
}

test('one run: what went wrong first, pictures of what there is, faults by name', async (t) => {
  const report = await run();
  isSound(t, report, 'over-time', 'latency', 'hops', 'load', 'message-types');
  t.is(report.charts.size, 5, 'nothing is compared with itself');
  const { html } = report;
  t.true(html.includes('threshold missed'));
  t.true(html.indexOf('threshold missed') < html.indexOf('<h2>'), 'before everything else');
  t.true(html.includes('partition sites A | &quot;rest&quot; &amp; &lt;more&gt;'));
  t.true(html.includes('npx peerage run scenario.yaml'));
  t.true(html.includes('<details><summary>scenario.yaml'));
  t.regex(html, /<th scope="row">success<\/th><td[^>]*>97\.0 %<\/td>/);
  t.true(report.charts.get('latency.svg')!.includes('half within'));
});

test('a run without queries, or cut off at its begin, has fewer pictures and no empty ones', async (t) => {
  const nothing = { ...overviewOf('chord'), percentiles: {}, load: [], ledger: [], series: [], faults: [] };
  const report = await runsReport([nothing], 'npx peerage run x');
  isSound(t, report);
  t.is(report.charts.size, 0);
  t.false(report.html.includes('<h2>Pictures'));
  t.true(report.html.includes('<h2>Figures'));
});

test('a few runs side by side: one look each', async (t) => {
  const report = await comparisonReport(...comparisonOf(['gnutella', 'chord', 'mine']));
  isSound(t, report, 'over-time', 'latency', 'load', 'cost-by-cause', 'message-types', 'frontier-latency');
  const svg = report.charts.get('latency.svg')!;
  for (const tone of ['s-vermilion', 's-blue']) t.true(svg.includes(tone), tone);
  t.true(report.html.includes('Chord answered') || report.html.includes('chord answered'));
});

test('many protocols stand in rows, the best first, and in tables that can be sorted', async (t) => {
  const report = await comparisonReport(...comparisonOf(MANY));
  isSound(t, report, 'success', 'latency', 'load', 'cost-by-cause', 'messages');
  t.false(report.charts.has('over-time.svg'));
  t.regex(report.charts.get('latency.svg')!, /Median latency of a query: from 100 ms \(napster\) to 380 ms \(mine\)/);
  t.is(report.html.split('<table class="sortable">').length - 1, 3);
});

test('a comparison with a varied setting has curves against it, words in their order', async (t) => {
  const report = await comparisonReport(
    ...comparisonOf(['chord', 'kademlia'], 'population.session', ['never', 'exponential 30m', 'exponential 5m']),
  );
  isSound(t, report, 'latencyP50Ms');
  t.regex(report.charts.get('latencyP50Ms.svg')!, /against session time: chord from 100 ms to 260 ms, kademlia from 140 ms to 300 ms/);
  t.true(report.html.includes('exponential 30m'));
  t.regex(report.html, /The same everywhere: success of queries \(97 %\)/);
});

test('a sweep over sizes: intervals, laws in title and legend, gaps where runs failed', async (t) => {
  const report = await scaling();
  isSound(t, report, 'latencyP50Ms', 'hopsMean', 'success');
  const svg = report.charts.get('latencyP50Ms.svg')!;
  t.regex(svg, /against number of peers: chord grows as log N \(fit off by under 1 %\), gnutella grows as N\^0\.5/);
  t.regex(svg, /chord ~ log N \(off by under 1 %\)/);
  t.true(report.html.includes('2 runs failed</b>it threw &lt;up&gt;'));
  t.regex(report.html, /±/);
});

test('one point is no curve, and three varied settings are panels, no more than can be seen', async (t) => {
  const single = await sweepReport(
    sweepOf([numbers('peers', 100)], () => 5),
    () => null,
  );
  isSound(t, single);
  t.is(single.charts.size, 0);
  const wide = await sweepReport(
    sweepOf(
      [
        words('protocol', 'chord', 'mine'),
        numbers('peers', 100, 200, 400),
        numbers('protocol.ttl', 1, 2, 3, 4),
        words('topology', 'planet', 'lan'),
      ],
      ([protocol, size, ttl, topology], repetition) => 1 + protocol + size * (1 + ttl) + 3 * topology + repetition / 10,
    ),
    () => null,
  );
  isSound(t, wide, 'hopsMean');
  t.true(wide.charts.get('hopsMean.svg')!.includes('ttl 1, topology planet'));
  t.true(wide.html.includes('2 more combinations are in sweep.csv.'));
});

test('session times with "never" among them: numbers where they belong, the word apart; the price is compared among what one can choose', async (t) => {
  const session = {
    path: 'population.session.mean',
    unit: 'ms' as const,
    values: [...[5, 30, 120].map((n) => ({ text: `${n}m`, number: n * 60_000 })), { text: 'never', number: null }],
  };
  const report = await sweepReport(
    sweepOf(
      [words('protocol', 'chord', 'kademlia', 'can'), session],
      ([protocol, time], repetition) => 100 * (1 + protocol + time) + repetition,
    ),
    () => null,
  );
  isSound(t, report, 'success', 'frontier-latency');
  const svg = report.charts.get('success.svg')!;
  for (const text of ['5 min', '30 min', '2 h', 'never']) t.true(svg.includes(`>${text}</text>`), text);
  t.true(svg.includes('against mean session time: chord from'));
  t.true(report.charts.get('frontier-latency.svg')!.includes('All at mean session time 5m.'));
});

test('a sweep of which nothing ran yet, or everything failed, is reported as that', async (t) => {
  const failed = await sweepReport(
    sweepOf([numbers('peers', 100, 1000)], () => null),
    () => null,
  );
  isSound(t, failed);
  t.true(failed.html.includes('6 runs failed'));
  const sweep = sweepOf([numbers('peers', 100, 1000)], () => 1);
  const pending = {
    ...sweep,
    points: sweep.points.map((point) => ({
      ...point,
      runs: point.runs.map((each) => ({ ...each, status: 'pending' as const, figures: {} })),
    })),
  };
  t.true((await sweepReport(pending, () => null)).html.includes('6 runs of 6 are still to be done'));
});

test('the same again is the same, to the byte, whatever was drawn in between', async (t) => {
  const first = await run();
  await scaling();
  const again = await run();
  t.is(again.html, first.html);
  t.deepEqual([...again.charts], [...first.charts]);
});

test('a report is put into its folder whole, instead of an older one', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'peerage-report-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  addReport(folder, { html: 'old', charts: new Map([['old.svg', '<svg/>']]) });
  const path = addReport(folder, { html: 'new', charts: new Map([['new.svg', '<svg/>']]) });
  t.is(readFileSync(path, 'utf8'), 'new');
  t.deepEqual(readdirSync(folder).sort(), ['charts', 'report.html']);
  t.deepEqual(readdirSync(join(folder, 'charts')), ['new.svg']);
  const error = t.throws(() => addReport(join(path, 'below'), { html: '', charts: new Map() }), { instanceOf: Problem });
  t.regex(error.message, /^cannot write the report into /);
});

test('folders with nothing to report, or broken ones, get a sentence', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'peerage-report-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const problem = (path: string, message: RegExp) => t.throwsAsync(reportOf(path), { instanceOf: Problem, message });
  await problem(join(folder, 'nowhere'), /expected the folder of a run, a comparison or a sweep, got no such folder/);
  await problem(folder, /got one with neither summary\.json nor comparison\.json nor sweep\.json/);
  writeFileSync(join(folder, 'comparison.json'), JSON.stringify(comparisonOf(['chord'])[0]));
  await problem(folder, /expected the results of chord there, got no such folder: it belongs beside/);
  writeFileSync(join(folder, 'comparison.json'), '{');
  await problem(folder, /comparison\.json: expected JSON/);
});

test('cells are sorted by what they show', (t) => {
  const cases: [string, number | null][] = [
    [share(0.843), 0.843],
    [share(0.0004), 0.001],
    [bytes(1230), 1230],
    [`${bytes(45_600_000)}/s`, 45_600_000],
    [duration(420), 420],
    [duration(123_000), 123_000],
    [duration(3_900_000), 3_900_000],
    [count(1_230_000), 1_230_000],
    [whole(5812), 5812],
    ['14.2 msg/s', 14.2],
    ['346 (7.22 kB)', 346],
    ['97.4 ±1.2 %', 0.974],
    ['1.20 ±0.31 s', 1200],
    ['-', null],
    ['words', null],
    ['', null],
  ];
  for (const [text, value] of cases) {
    const got = magnitude(text);
    t.true(value === null ? got === null : got !== null && Math.abs(got - value) < 1e-6 * Math.max(1, value), `${text}: ${got}`);
  }
});
