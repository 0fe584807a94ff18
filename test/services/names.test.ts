import test from 'ava';
import { Stream, WHOLE_RUN } from '../../src/kernel/random.js';
import { SCENARIO_DEFAULTS } from '../../src/scenario/defaults.js';
import type { LocateWorkload } from '../../src/scenario/scenario.js';
import { ItemNames } from '../../src/services/names.js';

const random = (part = 0) => new Stream(1, WHOLE_RUN, 'workload', part);
const workload = (names: Partial<LocateWorkload['names']> = {}, downloadBytes = 0): LocateWorkload => ({
  ...SCENARIO_DEFAULTS.locate,
  perPeer: 0,
  trace: null,
  names: { ...SCENARIO_DEFAULTS.locate.names, ...names },
  downloadBytes,
});
const names = (changes: Partial<LocateWorkload['names']> = {}, seed = 1) => new ItemNames(seed, workload(changes), (file) => 1000 + file);

test('without a vocabulary a name is one word that no other has, its key', (t) => {
  const plain = names();
  t.deepEqual(plain.item(7), { key: 1007, words: [1007], sizeBytes: 0 });
  t.deepEqual(plain.known(plain.item(7), random()), [1007]);
  t.is(new ItemNames(1, workload({}, 4e6), () => 1).item(0).sizeBytes, 4e6);
});

test('names are of so many different words, the same for all who ask, and of the same seed', (t) => {
  const some = names({ vocabulary: 200, perItem: 4 });
  for (let file = 0; file < 300; file++) {
    const { words } = some.item(file);
    t.is(new Set(words).size, 4);
    t.is(some.item(file), some.item(file));
    t.deepEqual(names({ vocabulary: 200, perItem: 4 }).item(file), some.item(file));
    t.true(words.every((word) => Number.isInteger(word) && word >= 0 && word < 2 ** 48));
  }
  t.notDeepEqual(names({ vocabulary: 200, perItem: 4 }, 2).item(0).words, some.item(0).words);
  const used = new Map<number, number>();
  for (let file = 0; file < 3000; file++) for (const word of some.item(file).words) used.set(word, (used.get(word) ?? 0) + 1);
  const counts = [...used.values()].sort((a, b) => b - a);
  t.true(counts.length <= 200);
  t.true(counts[0] > 8 * counts[counts.length - 1], 'some words are in many names, most in few');
});

test('who asks knows some of the words, in order, each as likely; never more than there are', (t) => {
  const some = names({ vocabulary: 1000, perItem: 3, perQuery: 2 });
  const item = some.item(1);
  const seen = [0, 0, 0];
  for (let ask = 0; ask < 3000; ask++) {
    const places = some.known(item, random(ask)).map((word) => item.words.indexOf(word));
    t.is(places.length, 2);
    t.true(places[0] < places[1]);
    for (const place of places) seen[place]++;
  }
  for (const count of seen) t.true(Math.abs(count - 2000) < 150, `${seen}`);
  t.deepEqual(names({ vocabulary: 9, perItem: 2, perQuery: 5 }).known(item, random()), item.words.slice(0, 5));
  t.is(names({ vocabulary: 2, perItem: 5 }).item(0).words.length, 2, 'a vocabulary smaller than a name');
});
