import test from 'ava';
import { parseVary } from '../../src/cli/vary.js';
import { Problem } from '../../src/problem.js';

test('a path and its values, apart at commas but for those in brackets', (t) => {
  t.deepEqual(parseVary('population.session=never, exponential 30m,exponential 5m'), {
    path: 'population.session',
    values: ['never', 'exponential 30m', 'exponential 5m'],
  });
  t.deepEqual(parseVary('faults=[at 1m crash 10%, at 2m restart],[]').values, ['[at 1m crash 10%, at 2m restart]', '[]']);
  t.deepEqual(parseVary('a={ b: 1, c: 2 },{ b: 2, c: 2 }').values.length, 2);
  t.deepEqual(parseVary('peers=100').values, ['100']);
});

for (const [given, says] of [
  ['peers', /expected path=value,value/],
  ['=1,2', /expected path=value,value/],
  ['peers=1,,2', /expected path=value,value/],
  ['peers=', /expected path=value,value/],
  ['peers=5,6,5', /expected different values, got "5" twice/],
] as const) {
  test(`"${given}" is refused in a sentence`, (t) => {
    const error = t.throws(() => parseVary(given), { instanceOf: Problem, message: says });
    t.is(error?.kind, 'usage');
  });
}
