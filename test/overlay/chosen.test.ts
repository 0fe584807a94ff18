import test from 'ava';
import { isChosen } from '../../src/overlay/chosen.js';

const names = Array.from({ length: 10_000 }, (_, i) => ({ name: `p${i}` }));
const chosen = (share: number, kind?: string) => names.filter((peer) => isChosen(peer, share, kind));

test('about the share asked for is chosen, all and none exactly', (t) => {
  t.is(chosen(0).length, 0);
  t.is(chosen(1).length, names.length);
  for (const share of [0.01, 0.1, 0.5]) {
    const [mean, deviation] = [names.length * share, Math.sqrt(names.length * share * (1 - share))];
    t.true(Math.abs(chosen(share).length - mean) < 4 * deviation, `${chosen(share).length} of ${mean}`);
  }
});

test('who is one of few is one of many; another kind chooses others', (t) => {
  const many = new Set(chosen(0.2));
  t.true(chosen(0.1).every((peer) => many.has(peer)));
  const both = chosen(0.2, 'other').filter((peer) => many.has(peer)).length;
  t.true(Math.abs(both / names.length - 0.04) < 0.01, `${both} are both`);
});
