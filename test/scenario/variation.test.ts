import test from 'ava';
import { Problem } from '../../src/problem.js';
import { parseVary, variationOf } from '../../src/scenario/variation.js';
import { isProblem } from '../helpers/is-problem.js';

test('a path and its values, apart at commas but for those in brackets', (t) => {
  t.deepEqual(parseVary('population.session=never, exponential 30m,exponential 5m'), {
    path: 'population.session',
    values: ['never', 'exponential 30m', 'exponential 5m'],
    label: '--vary population.session',
  });
  t.deepEqual(parseVary('faults=[at 1m crash 10%, at 2m restart],[]').values, ['[at 1m crash 10%, at 2m restart]', '[]']);
  t.deepEqual(parseVary('a={ b: 1, c: 2 },{ b: 2, c: 2 }').values.length, 2);
  t.deepEqual(parseVary('peers=100').values, ['100']);
});

test('a range stands for its values, also beside others', (t) => {
  t.deepEqual(parseVary('peers=10,100..10000:x10').values, ['10', '100', '1000', '10000']);
  t.deepEqual(parseVary('population.session.mean=10m..40m:x2,never').values, ['10m', '20m', '40m', 'never']);
  t.deepEqual(parseVary('topology=../mine.yaml,a/../b.yaml').values, ['../mine.yaml', 'a/../b.yaml']);
});

test('a list from a file or a program says the same', (t) => {
  t.deepEqual(variationOf('peers', [100, '1000..3000:+1000'], 'here').values, ['100', '1000', '2000', '3000']);
  t.deepEqual(variationOf('peers', '100..1000:x10', 'here').values, ['100', '1000']);
  t.deepEqual(variationOf('faults', [[], ['at 1m crash 10%']], 'here').values, ['[]', '["at 1m crash 10%"]']);
  isProblem(
    t,
    () => variationOf('peers', [], 'x.yaml:3'),
    /^x.yaml:3: expected a list of values, or a range such as .*, got an empty list$/,
  );
  isProblem(t, () => variationOf('peers', '100..10:x2', 'x.yaml:3'), /^x.yaml:3: expected a range that rises/);
});

for (const [given, says] of [
  ['peers', /expected path=value,value/],
  ['=1,2', /expected path=value,value/],
  ['peers=1,,2', /expected path=value,value/],
  ['peers=', /expected path=value,value/],
  ['peers=5,6,5', /^--vary peers: expected different values, got "5" twice/],
  ['peers=10,1..100:x10', /^--vary peers: expected different values, got "10" twice/],
  ['peers=1..100', /^--vary peers: expected a range such as 100..100000:x10/],
] as const) {
  test(`"${given}" is refused in a sentence`, (t) => {
    const error = t.throws(() => parseVary(given), { instanceOf: Problem, message: says });
    t.is(error?.kind, 'usage');
  });
}
