import test from 'ava';
import { loadTopology } from '../../src/scenario/topology-file.js';
import { sentence, temporaryFolder } from './temporary.js';

const folder = temporaryFolder();
const load = (discipline: string) =>
  loadTopology(folder.write('t.yaml', `latency: 5ms\naccess: { a: { uplink: 1 Mbit/s, discipline: ${discipline} } }`)).classes[0]
    .discipline;
const says = (discipline: string) => sentence(() => load(discipline), folder.path);

test('disciplines by name, and CoDel with its own target and interval', (t) => {
  t.deepEqual(load('drop-tail'), { kind: 'drop-tail' });
  t.deepEqual(load('codel'), { kind: 'codel', targetMs: 5, intervalMs: 100 });
  t.deepEqual(load('{ codel: {} }'), load('codel'));
  t.deepEqual(load('{ codel: { target: 15ms } }'), { kind: 'codel', targetMs: 15, intervalMs: 100 });
  t.deepEqual(load('{ codel: { target: 1ms, interval: 20ms } }'), { kind: 'codel', targetMs: 1, intervalMs: 20 });
});

test('what is wrong with a discipline is a sentence', (t) => {
  t.is(
    says('red'),
    't.yaml:2:46: access.a.discipline: expected drop-tail, codel or { codel: { target: 5ms, interval: 100ms } }, got "red"',
  );
  t.is(
    says('{ codel: { target: 0ms } }'),
    't.yaml:2:65: access.a.discipline.codel.target: expected a duration above 0, such as 500ms, 30s, 10m, 2h or 1d, got "0ms"',
  );
  t.is(says('{ red: {} }'), 't.yaml:2:48: access.a.discipline.red: unknown setting "red"; there is codel');
});
