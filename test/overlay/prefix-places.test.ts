import test from 'ava';
import fc from 'fast-check';
import { sortedPlaces, TableFiller } from '../../src/overlay/prefix/places.js';
import type { PrefixSettings } from '../../src/overlay/prefix/settings.js';
import { ENTRY, PrefixTable, UNKNOWN_RTT_MS } from '../../src/overlay/prefix-table.js';
import type { Everyone } from '../../src/protocol.js';
import { FakeNetwork } from '../helpers/fake-network.js';

/** As many peers as there are identifiers; latencies differ for every pair, and are the same both ways. */
function everyone(identifiers: readonly number[], changed: Partial<PrefixSettings>): Everyone<unknown, PrefixSettings> {
  const { random } = new FakeNetwork().addPeer({ about: '', messages: {}, create: () => ({ join() {}, onMessage() {} }) });
  return {
    count: identifiers.length,
    settings: { b: 4, proximity: true, candidates: 256, identifiers, ...changed } as PrefixSettings,
    address: (index: number) => index + 1,
    latencyMs: (from: number, to: number) => 1 + ((Math.min(from, to) * 31 + Math.max(from, to) * 17) % 101),
    random,
  } as unknown as Everyone<unknown, PrefixSettings>;
}

const population = fc.uniqueArray(fc.oneof(fc.integer({ min: 0, max: 2 ** 48 - 1 }), fc.integer({ min: 0, max: 500 })), {
  minLength: 1,
  maxLength: 50,
});

test('with enough candidates each table is what entering everybody would make of it', (t) => {
  fc.assert(
    fc.property(population, fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 3 }), (identifiers, b, perCell) => {
      const all = everyone(identifiers, { b });
      const places = sortedPlaces(all);
      const filler = new TableFiller(all, places);
      for (let rank = 0; rank < identifiers.length; rank++) {
        const index = places.order[rank];
        const filled = new PrefixTable(identifiers[index], b, perCell);
        filler.fill(filled, rank);
        const expected = new PrefixTable(identifiers[index], b, perCell);
        // In the order in which the filler looks at them, so that of two as far the same one is taken.
        for (const other of places.order) expected.insert(identifiers[other], other + 1, 2 * all.latencyMs(index, other));
        if (filled.entries.join() !== expected.entries.join()) return false;
      }
      return true;
    }),
    { numRuns: 200 },
  );
  t.pass();
});

test('with few candidates, or without proximity, every cell that can be filled is, by somebody who belongs there', (t) => {
  fc.assert(
    fc.property(population, fc.boolean(), fc.integer({ min: 1, max: 4 }), (identifiers, proximity, candidates) => {
      const all = everyone(identifiers, { proximity, candidates });
      const places = sortedPlaces(all);
      const filler = new TableFiller(all, places);
      for (let rank = 0; rank < identifiers.length; rank++) {
        const own = identifiers[places.order[rank]];
        const filled = new PrefixTable(own, 4, 2);
        filler.fill(filled, rank);
        const expected = new PrefixTable(own, 4, 2);
        for (const other of places.order) expected.insert(identifiers[other], other + 1, UNKNOWN_RTT_MS);
        if (filled.size !== expected.size) return false;
        for (let i = 0; i < filled.entries.length; i += ENTRY) {
          const { row, column } = filled.cellAt(i);
          if (expected.cellAt(i).row !== row || expected.cellAt(i).column !== column) return false;
          if (identifiers[filled.entries[i + 2] - 1] !== filled.entries[i + 1] || filled.rowOf(filled.entries[i + 1]) !== row) return false;
        }
      }
      return true;
    }),
    { numRuns: 200 },
  );
  t.pass();
});

test('of two with one identifier the later is hashed again', (t) => {
  const { attempts, sorted } = sortedPlaces(everyone([7, 9, 7, 7], {}));
  t.deepEqual([...attempts], [0, 0, 1, 1]);
  t.is(new Set(sorted).size, 4);
});
