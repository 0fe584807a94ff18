import test from 'ava';
import { loadTopology } from '../../src/scenario/topology-file.js';
import { sentence, temporaryFolder } from './temporary.js';

const folder = temporaryFolder();
const SITES = 'latency: 5ms\nsites: [{name: London}, {name: Tokyo}, {name: Lagos}]\nlinks:\n';
const load = (links: string) => loadTopology(folder.write('t.yaml', `${SITES}  - ${links}`));
const says = (links: string) => sentence(() => load(links), folder.path);
const plain = { bitsPerSecond: Infinity, queueBytes: Infinity, loss: null, jitter: null };

test('between is both ways, from and to is one; latency goes into the matrix', (t) => {
  const both = load('{ between: [London, Tokyo], latency: 120ms }');
  t.deepEqual([...both.latencyMs], [5, 120, 5, 120, 5, 5, 5, 5, 5]);
  t.deepEqual(both.links, []);
  const one = load('{ from: Tokyo, to: Lagos, latency: 90ms, loss: 2% }');
  t.deepEqual([...one.latencyMs], [5, 5, 5, 5, 5, 90, 5, 5, 5]);
  t.deepEqual(one.links, [{ ...plain, from: 1, to: 2, loss: 0.02 }]);
  const within = load('{ between: [Lagos, Lagos], latency: 1ms, jitter: 20% }');
  t.deepEqual([...within.latencyMs], [5, 5, 5, 5, 5, 5, 5, 5, 1]);
  t.deepEqual(within.links, [{ ...plain, from: 2, to: 2, jitter: 0.2 }]);
});

test('a bandwidth has a queue of 100 ms unless it is given', (t) => {
  t.deepEqual(load('{ from: London, to: Lagos, bandwidth: 8 Mbit/s }').links, [
    { ...plain, from: 0, to: 2, bitsPerSecond: 8e6, queueBytes: 100_000 },
  ]);
  t.deepEqual(load('{ between: [Lagos, Tokyo], bandwidth: 8 Mbit/s, queue: 64 KiB, loss: 0%, jitter: 0% }').links, [
    { from: 2, to: 1, bitsPerSecond: 8e6, queueBytes: 65_536, loss: 0, jitter: 0 },
    { from: 1, to: 2, bitsPerSecond: 8e6, queueBytes: 65_536, loss: 0, jitter: 0 },
  ]);
  t.is(load('{ from: London, to: Lagos, bandwidth: 8 Mbit/s, queue: 20ms }').links[0].queueBytes, 20_000);
});

test('links are laid over any kind of latency', (t) => {
  const places = 'sites:\n  - {name: A, latitude: 0, longitude: 0}\n  - {name: B, latitude: 0, longitude: 90}\n';
  const { latencyMs } = loadTopology(
    folder.write('g.yaml', `latency: {greatCircle: {}}\n${places}links: [{from: A, to: B, latency: 300ms}]`),
  );
  t.deepEqual([...latencyMs.subarray(0, 2)], [1, 300]);
  t.true(latencyMs[2] > 50 && latencyMs[2] < 51);
});

test('what is wrong with a link is a sentence', (t) => {
  const wrong: [string, string][] = [
    ['{ between: [London, Tokio], latency: 1ms }', '4:16: links.0.between: no site named "Tokio" (did you mean "Tokyo"?)'],
    ['{ from: London, to: Paris, latency: 1ms }', '4:25: links.0.to: no site named "Paris"'],
    ['{ between: [London], latency: 1ms }', '4:16: links.0.between: expected the names of two sites, such as [London, Tokyo], got a list'],
    ['{ from: London, latency: 1ms }', '4:5: links.0: expected either between, with two sites, or from and to'],
    ['{ between: [London, Tokyo], from: Lagos, latency: 1ms }', '4:5: links.0: expected either between, with two sites, or from and to'],
    ['{ between: [London, Tokyo] }', '4:5: links.0: expected a latency, bandwidth, loss or jitter for this link, got none'],
    [
      '{ between: [London, Tokyo], queue: 64 KiB, loss: 1% }',
      '4:40: links.0.queue: expected a bandwidth beside the queue, because only then there is one',
    ],
    [
      '{ between: [London, Tokyo], loss: 1% }\n  - { from: Tokyo, to: London, jitter: 1% }',
      '5:5: links.1: expected each pair once, got "Tokyo" to "London" a second time after links.0',
    ],
    ['{ between: [London, Tokyo], loss: 100% }', '4:39: links.0.loss: expected a share below 1, such as 70% or 0.7, got "100%"'],
    [
      '{ between: [London, Tokyo], latancy: 1ms }',
      '4:33: links.0.latancy: unknown setting "latancy" (did you mean "latency"?); there is between, from, to, latency, bandwidth, queue, loss, jitter',
    ],
  ];
  for (const [text, expected] of wrong) t.is(says(text), `t.yaml:${expected}`);
});
