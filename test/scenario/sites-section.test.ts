import test from 'ava';
import { loadTopology } from '../../src/scenario/topology-file.js';
import { plainSite } from '../helpers/plain-topology.js';
import { sentence, temporaryFolder } from './temporary.js';

const folder = temporaryFolder();
const load = (text: string) => loadTopology(folder.write('t.yaml', `latency: 5ms\n${text}`));
const says = (text: string) => sentence(() => load(text), folder.path);

const TWO = 'access: { thin: { uplink: 1 Mbit/s }, thick: { uplink: 1 Gbit/s } }\n';

test('a site names the class that all of its peers have; classes then have the shares of their sites', (t) => {
  const { classes, sites } = load(
    `${TWO}sites: [{name: A, weight: 1, access: thick}, {name: B, weight: 2, access: thin}, {name: C, weight: 5, access: thick}]`,
  );
  t.deepEqual(
    sites.map(({ accessClass }) => accessClass),
    [1, 0, 1],
  );
  t.deepEqual(
    classes.map(({ share }) => share),
    [0.25, 0.75],
  );
});

test('a class that sites name needs no share among the peers of the others', (t) => {
  const { classes, sites } = load(
    'access: { a: { share: 30% }, b: { share: 70% }, server: {} }\nsites: [{name: A}, {name: B, access: server}]',
  );
  t.deepEqual(
    sites.map(({ accessClass }) => accessClass),
    [null, 2],
  );
  t.deepEqual(
    classes.map(({ share }) => share),
    [0.3, 0.7, 0],
  );
});

test('a bottleneck has a queue of 100 ms of its uplink, or of its downlink, unless it is given', (t) => {
  const bottleneck = (text: string) => load(`sites: [{name: A, ${text}}]`).sites[0];
  const A = plainSite({ name: 'A' });
  t.deepEqual(bottleneck('uplink: 8 Mbit/s'), { ...A, uplinkBitsPerSecond: 8e6, queueBytes: 100_000 });
  t.deepEqual(bottleneck('downlink: 16 Mbit/s'), { ...A, downlinkBitsPerSecond: 16e6, queueBytes: 200_000 });
  t.deepEqual(bottleneck('uplink: 8 Mbit/s, downlink: 16 Mbit/s, queue: 10ms'), {
    ...A,
    uplinkBitsPerSecond: 8e6,
    downlinkBitsPerSecond: 16e6,
    queueBytes: 10_000,
  });
  t.deepEqual(bottleneck('uplink: 8 Mbit/s, queue: unlimited'), { ...A, uplinkBitsPerSecond: 8e6 });
  t.deepEqual(bottleneck('uplink: unlimited'), A);
});

test('what is wrong with a site is a sentence', (t) => {
  const wrong: [string, string][] = [
    [
      `${TWO}sites: [{name: A, access: thicc}]`,
      't.yaml:3:27: sites.0.access: no class of access link named "thicc" (did you mean "thick"?); there is thin, thick',
    ],
    [`${TWO}sites: [{name: A, access: thick}]`, 't.yaml:2:17: access.thin: expected a share of the peers, got none'],
    [`${TWO}sites: [{name: A, access: thick}, {name: B}]`, 't.yaml:2:17: access.thin: expected a share of the peers, got none'],
    ['sites: [{name: A, access: a}]', 't.yaml:2:27: sites.0.access: no class of access link named "a"; there is unlimited'],
    [
      'sites: [{name: A, queue: 64 KiB}]',
      't.yaml:2:26: sites.0.queue: expected an uplink or a downlink beside the queue, because only then there is one',
    ],
    ['sites: [{name: A, uplink: fast}]', 't.yaml:2:27: sites.0.uplink: expected a rate such as 10 Mbit/s, 1 MB/s or unlimited, got "fast"'],
    ['sites: [{name: A, region: 3}]', 't.yaml:2:27: sites.0.region: expected text, got 3'],
    ['sites: [{name: A, nat: open}]', 't.yaml:2:19: sites.0.nat: not supported yet'],
  ];
  for (const [text, expected] of wrong) t.is(says(text), expected);
});
