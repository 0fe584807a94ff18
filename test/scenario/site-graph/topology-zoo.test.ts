/** The 276 maps of the Internet Topology Zoo, where they are at hand: every one loads, and says what had to be decided. */

import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import test from 'ava';
import { greatCircleKm } from '../../../src/scenario/great-circle.js';
import { packageRoot } from '../../../src/scenario/package-files.js';
import { convertTopology } from '../../../src/scenario/site-graph/convert.js';
import { loadTopology, resolveTopology } from '../../../src/scenario/topology-file.js';
import { topologySource } from '../../../src/scenario/topology-source.js';
import { yamlSource } from '../../../src/scenario/yaml-source.js';

const ARCHIVE = 'internet-topology-zoo-graphml.tar.gz';
const data = [process.env.PEERAGE_DATA, resolve(packageRoot(), '../shared/data')].find(
  (each) => each !== undefined && existsSync(join(each, ARCHIVE)),
);
// Skipped without the archive: it is not part of the package (CC BY 4.0, http://www.topology-zoo.org).
const withZoo = data === undefined ? test.skip : test;

let folder = '';
test.before(() => {
  if (data === undefined) return;
  folder = mkdtempSync(join(tmpdir(), 'peerage-zoo-'));
  execFileSync('tar', ['xzf', join(data, ARCHIVE), '-C', folder]);
});
test.after.always(() => {
  if (folder !== '') rmSync(folder, { recursive: true, force: true });
});
const maps = () => join(folder, 'graphml');
const load = (name: string) => resolveTopology(topologySource(join(maps(), `${name}.graphml`), folder));

withZoo('all 276 load: shares add up, latencies are those of a planet, and notes say what was decided', (t) => {
  t.timeout(120_000);
  const files = readdirSync(maps()).filter((name) => name.endsWith('.graphml'));
  t.is(files.length, 276);
  const said = { interpolated: 0, unplaced: 0, apart: 0, routers: 0, speeds: 0 };
  for (const file of files) {
    const { topology, notes } = load(file.slice(0, -'.graphml'.length));
    const { sites, latencyMs, links } = topology;
    const n = sites.length;
    t.true(n >= 2 && latencyMs.length === n * n, file);
    t.true(Math.abs(sites.reduce((sum, { share }) => sum + share, 0) - 1) < 1e-9, file);
    t.true(
      latencyMs.every((ms, index) => ms >= 1 && ms < 400 && ms === latencyMs[(index % n) * n + Math.floor(index / n)]),
      file,
    );
    t.true(
      links.every(({ from, to, bitsPerSecond, queueBytes }) => from < n && to < n && bitsPerSecond >= 10_000 && queueBytes >= 65_536),
      file,
    );
    for (const note of notes) {
      if (note.includes('interpolated')) said.interpolated++;
      if (note.includes('no node has coordinates')) said.unplaced++;
      if (note.includes('nothing joins them')) said.apart++;
      if (note.includes('no peers live there')) said.routers++;
    }
    if (links.length > 0) said.speeds++;
  }
  // As counted by another program: 23 maps in pieces, 16 without coordinates and one more whose largest piece has none.
  t.is(said.apart, 23);
  t.is(said.unplaced, 17);
  t.is(said.interpolated, 174);
  t.is(said.routers, 174);
  t.true(said.speeds >= 100, `${said.speeds} maps with speeds`);
});

withZoo('Abilene: eleven places, each link as long as light in fibre takes, times 1.5', (t) => {
  const { topology } = load('Abilene');
  const index = (name: string) => topology.sites.findIndex((site) => site.name === name);
  t.is(topology.sites.length, 11);
  const places = { 'New York': { latitude: 40.71427, longitude: -74.00597 }, Chicago: { latitude: 41.85003, longitude: -87.65005 } };
  const expected = (greatCircleKm(places['New York'], places.Chicago) / 199.861639) * 1.5;
  const actual = topology.latencyMs[index('New York') * 11 + index('Chicago')];
  t.true(Math.abs(actual - expected) < 0.001, `${actual} for ${expected}`);
  t.is(topology.sites[0].region, 'United States');
});

withZoo('the largest, Kdl, with 754 nodes, is read and written to YAML that is the same topology', (t) => {
  const { topology } = load('Kdl');
  t.is(topology.sites.length, 726);
  const again = resolveTopology(yamlSource(convertTopology(topology, 'yaml').text, 'kdl.yaml'));
  t.deepEqual(again.topology, topology);
});

withZoo('one with speeds and countries is written to YAML that is the same topology', (t) => {
  const topology = loadTopology(join(maps(), 'Geant2012.graphml'));
  t.deepEqual(resolveTopology(yamlSource(convertTopology(topology, 'yaml').text, 'g.yaml')).topology, topology);
});
