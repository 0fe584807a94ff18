import test from 'ava';
import fc from 'fast-check';
import { PairLinks } from '../../src/network/pair-links.js';

test('every pair of sites is found, or is not, as a table of all pairs would say', (t) => {
  const SITES = 7;
  const site = fc.nat(SITES - 1);
  const pairs = fc.uniqueArray(fc.tuple(site, site), { selector: ([from, to]) => from * SITES + to, maxLength: 49 });
  fc.assert(
    fc.property(pairs, (given) => {
      const links = given.map(([from, to]) => ({ from, to, bitsPerSecond: Infinity, queueBytes: Infinity, loss: null, jitter: null }));
      const found = new PairLinks(links, SITES);
      for (let from = 0; from < SITES; from++) {
        for (let to = 0; to < SITES; to++) {
          t.is(
            found.find(from, to),
            links.findIndex((each) => each.from === from && each.to === to),
          );
        }
      }
    }),
  );
});
