import test from 'ava';
import fc from 'fast-check';
import { digitAt, digitsOf, ENTRY, PrefixTable, sharedDigits, UNKNOWN_RTT_MS } from '../../src/overlay/prefix-table.js';

const identifier = fc.integer({ min: 0, max: 2 ** 48 - 1 });
/** Identifiers that often share long prefixes. */
const near = fc
  .tuple(fc.integer({ min: 0, max: 15 }), fc.integer({ min: 0, max: 47 }))
  .map(([value, bit]) => value * 2 ** Math.min(44, bit));
const bits = fc.integer({ min: 1, max: 8 });

test('digits: those of the paper’s example 10233102 in base 4', (t) => {
  const example = Number.parseInt('10233102', 4) * 2 ** 32;
  t.deepEqual(
    Array.from({ length: 8 }, (_, place) => digitAt(example, place, 2)),
    [1, 0, 2, 3, 3, 1, 0, 2],
  );
  t.is(sharedDigits(example, Number.parseInt('10230322', 4) * 2 ** 32, 2), 4);
  t.is(sharedDigits(example, example, 2), 24);
});

test('two identifiers share a prefix exactly as long as their digits agree', (t) => {
  fc.assert(
    fc.property(fc.oneof(identifier, near), fc.oneof(identifier, near), bits, (one, other, b) => {
      let same = 0;
      while (same < digitsOf(b) && digitAt(one, same, b) === digitAt(other, same, b)) same++;
      return sharedDigits(one, other, b) === same;
    }),
    { numRuns: 2000 },
  );
  t.pass();
});

test('whatever is entered and removed: each cell holds its nearest peers, nearest first, and is found', (t) => {
  const step = fc.record({ peer: fc.integer({ min: 0, max: 40 }), rttMs: fc.constantFrom(1, 2, 5, 10, UNKNOWN_RTT_MS), out: fc.boolean() });
  fc.assert(
    fc.property(
      fc.array(fc.oneof(identifier, near), { minLength: 2, maxLength: 40 }),
      bits,
      fc.integer({ min: 1, max: 4 }),
      fc.array(step),
      (all, b, perCell, steps) => {
        const identifiers = [...new Set(all)];
        const table = new PrefixTable(identifiers[0], b, perCell);
        // What the table should hold, cell by cell: [identifier, rtt], nearest first.
        const model = new Map<string, [number, number][]>();
        for (const { peer, rttMs, out } of steps) {
          const its = identifiers[peer % identifiers.length];
          if (its === identifiers[0]) continue;
          const row = sharedDigits(identifiers[0], its, b);
          const cell = `${row} ${digitAt(its, row, b)}`;
          const held = model.get(cell) ?? [];
          const known = held.find(([other]) => other === its);
          if (out) {
            const emptied = table.remove(its + 1);
            model.set(
              cell,
              held.filter(([other]) => other !== its),
            );
            if ((emptied !== null) !== (known !== undefined && held.length === 1)) return false;
            continue;
          }
          const wanted = table.wants(its, rttMs);
          const entered = table.insert(its, its + 1, rttMs);
          if (known === undefined && wanted !== entered) return false;
          if (known !== undefined && rttMs === UNKNOWN_RTT_MS) continue;
          const rest = held.filter(([other]) => other !== its);
          let at = 0;
          while (at < rest.length && rest[at][1] <= rttMs) at++;
          rest.splice(at, 0, [its, rttMs]);
          model.set(cell, rest.slice(0, perCell));
        }
        let size = 0;
        for (const [cell, held] of model) {
          const [row, column] = cell.split(' ').map(Number);
          const at = table.find(row, column);
          if (at < 0 !== (held.length === 0)) return false;
          if (held.length > 0 && table.rttMs(at) !== held[0][1]) return false;
          if (table.row(row, column).join() !== held.flatMap(([its]) => [its, its + 1]).join()) return false;
          size += held.length;
        }
        return table.size === size && table.entries.every((order, i) => i % ENTRY !== 0 || i === 0 || order >= table.entries[i - ENTRY]);
      },
    ),
    { numRuns: 500 },
  );
  t.pass();
});

test('a peer is never in its own table', (t) => {
  const table = new PrefixTable(5, 4, 3);
  t.false(table.insert(5, 1, 1));
  t.false(table.wants(5));
  t.is(table.size, 0);
});
