import test from 'ava';
import fc from 'fast-check';
import { ExpiringTable, NONE } from '../../../src/network/nat/expiring-table.js';

/** Few keys, so that they meet again, and words with the sign bit set. */
const key = fc.tuple(fc.integer({ min: 0, max: 9 }), fc.constantFrom(-1, 0, 1 << 31), fc.integer({ min: -3, max: 3 }));
const step = fc.oneof(
  fc.record({ do: fc.constant('claim' as const), key, lifetimeMs: fc.oneof(fc.integer({ min: 0, max: 50 }), fc.constant(Infinity)) }),
  fc.record({ do: fc.constant('find' as const), key }),
  fc.record({ do: fc.constant('end' as const), key }),
  fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 30 }) }),
);

test('it does what a Map of ends would do, whatever is claimed, found or waited for', (t) => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 600 }), (steps) => {
      const clock = new Float64Array(1);
      const table = new ExpiringTable(clock);
      const model = new Map<string, number>();
      for (const each of steps) {
        if (each.do === 'wait') clock[0] += each.ms;
        else if (each.do === 'claim') {
          table.extend(table.claim(...each.key), each.lifetimeMs);
          const before = model.get(String(each.key)) ?? -Infinity;
          model.set(String(each.key), Math.max(before, clock[0] + each.lifetimeMs));
        } else if (each.do === 'end') {
          const entry = table.find(...each.key);
          if (entry === NONE) continue;
          table.end(entry);
          model.set(String(each.key), clock[0]);
        } else {
          const expected = model.get(String(each.key)) ?? -1;
          const entry = table.find(...each.key);
          if (expected > clock[0]) t.is(table.endOf(entry), expected);
          else t.is(entry, NONE);
        }
      }
    }),
    { numRuns: 300 },
  );
});

test('a hundred thousand entries are all found again, and take at most 64 bytes each', (t) => {
  const clock = new Float64Array(1);
  const table = new ExpiringTable(clock);
  const count = 100_000;
  for (let i = 0; i < count; i++) table.extend(table.claim(i >> 8, i & 255, -i), 1000 + i);
  for (let i = 0; i < count; i++) if (table.endOf(table.find(i >> 8, i & 255, -i)) !== 1000 + i) t.fail(`entry ${i}`);
  t.is(table.find(0, 0, 1), NONE);
  t.is(table.used, count);
  t.log(`${(table.bytes / count).toFixed(1)} bytes per entry`);
  t.true(table.bytes / count >= 24 && table.bytes / count <= 64);
});

test('entries that come and go do not make it grow: the dead are left behind', (t) => {
  const clock = new Float64Array(1);
  const table = new ExpiringTable(clock);
  for (let i = 0; i < 200_000; i++) {
    clock[0] = i;
    table.extend(table.claim(i, 7, 7), 100);
  }
  t.true(table.bytes <= 24 * 1024, `${table.bytes} bytes for 100 entries alive`);
  for (let i = 199_901; i < 200_000; i++) t.not(table.find(i, 7, 7), NONE);
  t.is(table.find(199_899, 7, 7), NONE);
});
