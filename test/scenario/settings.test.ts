import test from 'ava';
import type { SettingSpecs } from '../../src/protocol.js';
import { resolveSettings } from '../../src/scenario/settings.js';
import { sentence } from './temporary.js';

const SPECS = {
  successors: { default: 8, min: 1, max: 64, integer: true, about: 'length of the list' },
  load: { default: 0.5, about: 'a number' },
  periodMs: { default: 1000, min: 0, about: 'period' },
  fingers: { default: true, about: 'whether there are any' },
  lookup: { default: 'recursive', oneOf: ['recursive', 'iterative'], about: 'how' },
  file: { default: '', about: 'path' },
  levels: { default: [1, 2], min: 0, about: 'levels' },
} as const satisfies SettingSpecs;

const where = (name: string) => `s.yaml:7: settings.x.${name}`;
const resolve = (given: Record<string, unknown>) => resolveSettings(SPECS, given, where);

test('defaults are filled in, in the order of declaration', (t) => {
  const resolved = resolve({ lookup: 'iterative' });
  t.deepEqual(resolved, { successors: 8, load: 0.5, periodMs: 1000, fingers: true, lookup: 'iterative', file: '', levels: [1, 2] });
  t.deepEqual(Object.keys(resolved), Object.keys(SPECS));
});

test('every type is read; names ending in Ms take durations', (t) => {
  t.deepEqual(resolve({ successors: 2, load: -3.5, periodMs: '30s', fingers: false, file: 'a b', levels: [] }), {
    successors: 2,
    load: -3.5,
    periodMs: 30_000,
    fingers: false,
    lookup: 'recursive',
    file: 'a b',
    levels: [],
  });
  t.is(resolve({ periodMs: 250 }).periodMs, 250);
});

test('whatever is wrong is a sentence', (t) => {
  const says = (given: Record<string, unknown>) => sentence(() => resolve(given));
  t.is(
    says({ succesors: 3 }),
    's.yaml:7: settings.x.succesors: the protocol has no setting "succesors" (did you mean "successors"?); there is successors, load, periodMs, fingers, lookup, file, levels',
  );
  t.is(
    says({ successors: 0 }),
    's.yaml:7: settings.x.successors: expected a whole number of at least 1 and at most 64, got 0 (length of the list)',
  );
  t.is(
    says({ successors: 2.5 }),
    's.yaml:7: settings.x.successors: expected a whole number of at least 1 and at most 64, got 2.5 (length of the list)',
  );
  t.is(says({ load: '1' }), 's.yaml:7: settings.x.load: expected a number, got "1" (a number)');
  t.is(says({ load: Number.POSITIVE_INFINITY }), 's.yaml:7: settings.x.load: expected a number, got Infinity (a number)');
  t.is(
    says({ periodMs: 'soon' }),
    's.yaml:7: settings.x.periodMs: expected a duration such as 500ms, 30s, 10m, 2h or 1d, got "soon" (period)',
  );
  t.is(
    says({ periodMs: '-1s' }),
    's.yaml:7: settings.x.periodMs: expected a number of ms (or a duration such as 30s) of at least 0, got "-1s" (period)',
  );
  t.is(says({ fingers: 'yes' }), 's.yaml:7: settings.x.fingers: expected true or false, got "yes" (whether there are any)');
  t.is(
    says({ lookup: 'recursve' }),
    's.yaml:7: settings.x.lookup: expected recursive or iterative, got "recursve" (did you mean "recursive"?) (how)',
  );
  t.is(says({ file: 3 }), 's.yaml:7: settings.x.file: expected text, got 3 (path)');
  t.is(says({ levels: 3 }), 's.yaml:7: settings.x.levels: expected a list of numbers, got 3 (levels)');
  t.is(says({ levels: [1, 'a'] }), 's.yaml:7: settings.x.levels: expected a number of at least 0, got "a" (levels)');
  t.is(
    sentence(() => resolveSettings({}, { a: 1 }, where)),
    's.yaml:7: settings.x.a: the protocol has no setting "a"; it has none',
  );
});

test('names of Object.prototype are not settings', (t) => {
  t.regex(
    sentence(() => resolve({ constructor: 1 })),
    /has no setting "constructor"/,
  );
});
