import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { loadScenario, type Overrides, scenarioToYaml } from '../../src/scenario/load.js';
import { packageRoot } from '../../src/scenario/package-files.js';
import { sentence, temporaryFolder } from './temporary.js';

const folder = temporaryFolder();
const load = (text: string, overrides?: Overrides) =>
  loadScenario(folder.write('s.yaml', `protocols: [x]\n${text}`), overrides).for('x', { services: ['locate'] });
const says = (text: string, overrides?: Overrides) => sentence(() => load(text, overrides), folder.path);

test('the clock is virtual time, or the wall clock at a speed', (t) => {
  const clock = (text: string, overrides?: Overrides) => load(text, overrides).clock;
  t.deepEqual(clock('clock: virtual'), { kind: 'virtual' });
  t.deepEqual(clock('clock: wall\nspeed: 1'), { kind: 'wall', speed: 1, latenessMs: 10 });
  t.deepEqual(clock('clock: wall\nlateness: 0.5s'), { kind: 'wall', speed: 1, latenessMs: 500 });
  t.deepEqual(clock('', { set: ['clock=wall', 'speed=0.1'] }), { kind: 'wall', speed: 0.1, latenessMs: 10 });
});

test('a processor takes a fixed time per message, or a multiple of the measured one', (t) => {
  const cpu = (text: string) => load(`cpu: ${text}`).cpu;
  t.is(cpu('none'), null);
  t.deepEqual(cpu('{ perMessage: 50us }'), { kind: 'per-message', costMs: 0.05 });
  t.deepEqual(cpu('{ measured: 10x }'), { kind: 'measured', factor: 10 });
  t.deepEqual(cpu('{ measured: .5 x }'), { kind: 'measured', factor: 0.5 });
});

test('what makes no sense is refused in a sentence', (t) => {
  for (const [text, expected] of [
    ['clock: wal', 's.yaml:2:8: clock: expected virtual or wall, got "wal" (did you mean "wall"?)'],
    ['speed: 2', 's.yaml:2:8: speed: speed is for clock: wall only; in virtual time a run goes as fast as it can, and is never late'],
    [
      'lateness: 1ms\nclock: virtual',
      's.yaml:2:11: lateness: lateness is for clock: wall only; in virtual time a run goes as fast as it can, and is never late',
    ],
    ['clock: wall\nspeed: 0', 's.yaml:3:8: speed: expected a number above 0, got 0'],
    ['clock: wall\nspeed: 10x', 's.yaml:3:8: speed: expected a number, got "10x"'],
    ['clock: wall\nlateness: 0ms', 's.yaml:3:11: lateness: expected a duration above 0, such as 500ms, 30s, 10m, 2h or 1d, got "0ms"'],
    [
      'clock: wall\ncpu: { perMessage: 1ms }',
      's.yaml:3:6: cpu: expected no cpu beside clock: wall, where handlers take the time they take, got a map',
    ],
    ['cpu: fast', 's.yaml:2:6: cpu: expected none, { perMessage: 50us } or { measured: 10x }, got "fast"'],
    ['cpu: {}', 's.yaml:2:6: cpu: expected either perMessage or measured, got neither'],
    ['cpu: { perMessage: 1ms, measured: 2x }', 's.yaml:2:6: cpu: expected either perMessage or measured, got both'],
    ['cpu: { measured: 10 }', 's.yaml:2:18: cpu.measured: expected a factor such as 10x, got 10'],
    ['cpu: { measured: 0x }', 's.yaml:2:18: cpu.measured: expected a factor such as 10x, got "0x"'],
    [
      'cpu: { perMesage: 1ms }',
      's.yaml:2:8: cpu.perMesage: unknown setting "perMesage" (did you mean "perMessage"?); there is perMessage, measured',
    ],
  ]) {
    t.is(says(text), expected, text);
  }
  t.is(
    says('', { set: ['speed=2'] }),
    '--set speed: speed is for clock: wall only; in virtual time a run goes as fast as it can, and is never late',
  );
});

test('what was read is written back', (t) => {
  for (const text of ['', 'clock: wall\nspeed: 2.5\nlateness: 250us', 'cpu: { perMessage: 1.5ms }', 'cpu: { measured: 1e-9x }']) {
    const { clock, cpu } = load(text);
    const again = loadScenario(folder.write('again.yaml', scenarioToYaml(load(text)))).for('x', { services: ['locate'] });
    t.deepEqual({ clock: again.clock, cpu: again.cpu }, { clock, cpu }, text);
  }
});

test('the examples of docs/clock.md are scenarios', (t) => {
  const page = readFileSync(join(packageRoot(), 'docs/clock.md'), 'utf8');
  const found = [...page.matchAll(/```yaml\n(.*?)```/gs)].map(([, code]) => loadScenario(folder.write('e.yaml', code)));
  const times = found.map((each) => each.for(each.protocols[0], {})).map(({ clock, cpu }) => ({ clock, cpu }));
  t.deepEqual(times, [
    { clock: { kind: 'wall', speed: 1, latenessMs: 10 }, cpu: null },
    { clock: { kind: 'virtual' }, cpu: { kind: 'per-message', costMs: 0.05 } },
    { clock: { kind: 'virtual' }, cpu: { kind: 'measured', factor: 10 } },
  ]);
});
