import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { EXIT_CODES, type ExitName } from '../../src/cli/exit-codes.js';
import { loadTopology } from '../../src/scenario/topology-file.js';
import { type Ended, peerage } from '../helpers/cli.js';

const folder = mkdtempSync(join(tmpdir(), 'peerage-topology-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

const GML = `graph [
  node [ id 0 label "A" country_code "DE" host_bandwidth_up "10 Mbit" host_bandwidth_down "100 Mbit" ]
  node [ id 1 label "B" country_code "FR" host_bandwidth_up "1 Gbit" host_bandwidth_down "1 Gbit" ]
  edge [ source 0 target 0 latency "1 ms" ]
  edge [ source 1 target 1 latency "2 ms" ]
  edge [ source 0 target 1 latency "15 ms" packet_loss 0.02 city "x" ]
]`;
writeFileSync(join(folder, 'net.gml'), GML);

function ends(t: ExecutionContext, { code, stdout, stderr }: Ended, name: ExitName): void {
  t.is(code, EXIT_CODES[name].code, `${stdout}\n${stderr}`);
  t.false(/\n\s+at /.test(stderr), `a stack:\n${stderr}`);
}

test('describes a file: sites, regions, lines, latency, loss, lookahead, and what was decided', async (t) => {
  const ended = await peerage(folder, 'topology', 'net.gml', '--peers', '400');
  ends(t, ended, 'ok');
  const text = ended.stdout.replace(/\s+/g, ' ');
  for (const part of [
    'net: The network that net.gml describes.',
    'sites 2; of 400 peers 200 on each',
    'regions 2: DE 50.0 % on 1 site, FR 50.0 % on 1 site',
    'up 10 Mbit/s, down 100 Mbit/s 50.0 % (10 Mbit/s up, 100 Mbit/s down, queue 256 KiB)',
    'median 15 ms',
    'in one site 1 ms to 2 ms',
    'triangles none: fewer than three sites',
    '2 shards: 15 ms, 4 shards: 1 ms',
    'not used: edge.city',
  ])
    t.true(text.includes(part), `${part}\n${text}`);
});

test('--json: the same as data, and nothing else', async (t) => {
  const ended = await peerage(folder, 'topology', 'net.gml', '--json');
  ends(t, ended, 'ok');
  const data = JSON.parse(ended.stdout);
  t.like(data, { name: 'net', sites: 2, peers: 1000, triangles: null, withinMs: { least: 1, most: 2 } });
  t.is(data.latencyMs.median, 15);
  t.deepEqual(data.divisions[0], { asked: 2, shards: 2, lookaheadMs: 15 });
  t.is(data.classes[1].uplinkBitsPerSecond, 1e9);
  t.is(data.notes.length, 2);
});

test('--to yaml is the same topology again; --out writes a new file and never an old one', async (t) => {
  const printed = await peerage(folder, 'topology', 'net.gml', '--to', 'yaml');
  ends(t, printed, 'ok');
  t.true(printed.stderr.includes('note: not used: edge.city'));
  const written = await peerage(folder, 'topology', 'net.gml', '--to', 'yaml', '--out', 'net.yaml');
  ends(t, written, 'ok');
  t.is(written.stdout, 'net: written to net.yaml\n');
  t.is(readFileSync(join(folder, 'net.yaml'), 'utf8'), printed.stdout);
  t.deepEqual(loadTopology(join(folder, 'net.yaml')), loadTopology(join(folder, 'net.gml')));
  const again = await peerage(folder, 'topology', 'planet', '--to', 'yaml', '--out', 'net.yaml');
  ends(t, again, 'usage');
  t.true(again.stderr.includes('--out net.yaml: is there already and is not overwritten'));
  t.is(readFileSync(join(folder, 'net.yaml'), 'utf8'), printed.stdout);
  const nowhere = await peerage(folder, 'topology', 'planet', '--to', 'yaml', '--out', 'gone/net.yaml');
  ends(t, nowhere, 'usage');
  t.true(nowhere.stderr.includes('--out gone/net.yaml: no such folder'));
});

test('--to gml and --to matrix say what they leave out', async (t) => {
  const gml = await peerage(folder, 'topology', 'home-users', '--to', 'gml');
  ends(t, gml, 'ok');
  t.true(gml.stdout.startsWith('# home-users\n') && gml.stdout.includes('graph ['));
  t.true(gml.stderr.includes('note: GML has no words for: '));
  const matrix = await peerage(folder, 'topology', 'planet', '--to', 'matrix');
  ends(t, matrix, 'ok');
  t.is(matrix.stdout.trimEnd().split('\n').length, 47);
});

test('generate: drawn by seed and size, described, or written', async (t) => {
  const one = await peerage(
    folder,
    'topology',
    'generate',
    'transit-stub',
    '--sites',
    '30',
    '--seed',
    '5',
    '--to',
    'yaml',
    '--out',
    'ts.yaml',
  );
  ends(t, one, 'ok');
  t.is(loadTopology(join(folder, 'ts.yaml')).sites.length, 30);
  const same = await peerage(folder, 'topology', 'generate', 'transit-stub', '--to', 'yaml', '--seed', '5', '--sites', '30');
  t.is(same.stdout, readFileSync(join(folder, 'ts.yaml'), 'utf8'));
  const other = await peerage(folder, 'topology', 'generate', 'transit-stub', '--to', 'yaml', '--seed', '6', '--sites', '30');
  t.not(other.stdout, same.stdout);
  const changed = await peerage(folder, 'topology', 'generate', 'waxman', '--set', 'alpha=0.5', '--set', 'side=20ms', '--json');
  ends(t, changed, 'ok');
  t.true(JSON.parse(changed.stdout).latencyMs.max < 80);
});

test('--set changes any setting of a topology', async (t) => {
  const ended = await peerage(folder, 'topology', 'planet', '--set', 'loss=1%', '--set', 'latency.greatCircle.stretch=1', '--json');
  ends(t, ended, 'ok');
  t.is(JSON.parse(ended.stdout).loss, 0.01);
});

test('mistakes are sentences with their exit code', async (t) => {
  const wrong: [string[], ExitName, string][] = [
    [['planett'], 'invalid-input', 'no topology named "planett" (did you mean "planet"?)'],
    [['gone.gml'], 'invalid-input', 'gone.gml: no such file'],
    [['net.gml.xz'], 'invalid-input', 'net.gml.xz: a packed file cannot be read; unpack it first: unxz net.gml.xz'],
    [['planet', '--to', 'yml'], 'usage', '--to: expected yaml, gml, matrix, got "yml" (did you mean "yaml"?)'],
    [['planet', '--to', 'gml', '--json'], 'usage', '--json describes a topology, --to writes it: expected one of them'],
    [['planet', '--peers', '0'], 'usage', 'expected a whole number from 1'],
    [['planet', '--set', 'lossy=1%'], 'invalid-input', '--set lossy: unknown setting "lossy"'],
    [['generate', 'waxmann'], 'usage', 'got "waxmann" (did you mean "waxman"?)'],
    [['generate', 'waxman', '--sites', '6000'], 'invalid-input', '--sites: expected a whole number of at most 5000, got 6000'],
    [['generate', 'waxman', '--set', 'alpha=2'], 'invalid-input', '--set alpha: expected a number of at most 1, got 2'],
    [[], 'usage', 'missing required argument'],
  ];
  for (const [words, name, expected] of wrong) {
    const ended = await peerage(folder, 'topology', ...words);
    ends(t, ended, name);
    t.true(ended.stderr.includes(expected), `${words.join(' ')}: ${ended.stderr}`);
  }
});

test('a run takes a map straight', async (t) => {
  const ended = await peerage(
    folder,
    'run',
    'small-churn',
    '--protocol',
    'chord',
    '--topology',
    'net.gml',
    '--peers',
    '30',
    '--duration',
    '5s',
    '--shards',
    '2',
    '--out',
    'results',
  );
  ends(t, ended, 'ok');
  t.true(existsSync(join(folder, 'results')));
  t.true(ended.stderr.includes('note: topology net: 2 nodes and 3 edges, as Shadow reads them'));
});
