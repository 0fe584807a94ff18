import test from 'ava';
import fc from 'fast-check';
import { KeywordIndex } from '../../src/overlay/keyword-index.js';
import type { Item } from '../../src/protocol.js';

const item = (key: number, ...words: number[]): Item => ({ key, words, sizeBytes: 0 });
const keys = (index: KeywordIndex, ...words: number[]) => index.match(words).map((each) => each.item.key);

test('a question finds the items that have all of its words, with those who have them', (t) => {
  const index = new KeywordIndex();
  t.true(index.add(item(1, 10, 11, 12), 100));
  t.true(index.add(item(2, 11, 12, 13), 100));
  t.true(index.add(item(1, 10, 11, 12), 200));
  t.false(index.add(item(1, 10, 11, 12), 200), 'known');
  t.deepEqual(keys(index, 11), [1, 2]);
  t.deepEqual(keys(index, 12, 13), [2]);
  t.deepEqual(keys(index, 10, 13), []);
  t.deepEqual(keys(index, 99), []);
  t.deepEqual(keys(index), []);
  t.deepEqual(index.get(1)?.providers, [100, 200]);
  t.is(index.size, 3);
  t.is(index.itemCount, 2);
  index.removeProvider(100);
  t.deepEqual(keys(index, 11), [1]);
  index.remove(1, 200);
  index.remove(1, 200);
  t.is(index.size, 0);
  t.deepEqual([...index.providers], []);
});

test('whatever is entered and taken out, it answers like a list that is searched from end to end', (t) => {
  const word = fc.integer({ min: 1, max: 6 });
  const step = fc.record({
    key: fc.integer({ min: 1, max: 8 }),
    provider: fc.integer({ min: 1, max: 3 }),
    what: fc.constantFrom('add', 'remove', 'gone'),
  });
  const names = fc.array(fc.uniqueArray(word, { minLength: 1, maxLength: 3 }), { minLength: 9, maxLength: 9 });
  fc.assert(
    fc.property(names, fc.array(step, { maxLength: 60 }), fc.uniqueArray(word, { minLength: 1, maxLength: 3 }), (words, steps, asked) => {
      const index = new KeywordIndex();
      const listed = new Set<string>();
      for (const { key, provider, what } of steps) {
        if (what === 'add') {
          t.is(index.add(item(key, ...words[key]), provider), !listed.has(`${key} ${provider}`));
          listed.add(`${key} ${provider}`);
        } else if (what === 'remove') {
          index.remove(key, provider);
          listed.delete(`${key} ${provider}`);
        } else {
          index.removeProvider(provider);
          for (const each of [...listed]) if (each.endsWith(` ${provider}`)) listed.delete(each);
        }
      }
      const expected = [...listed].filter((each) => asked.every((one) => words[Number(each.split(' ')[0])].includes(one))).sort();
      const found = index.match(asked).flatMap(({ item: { key }, providers }) => providers.map((provider) => `${key} ${provider}`));
      t.deepEqual(found.sort(), expected);
      t.is(index.size, listed.size);
    }),
  );
});
