import test from 'ava';
import fc from 'fast-check';
import { NONE } from '../../../src/network/nat/expiring-table.js';
import { MappingTable } from '../../../src/network/nat/mapping-table.js';

interface Mapping {
  readonly key: string;
  readonly outside: string;
  readonly inner: number;
  end: number;
}

const inner = fc.integer({ min: 0, max: 5 });
const remote = fc.constantFrom(0, 1, 1 << 31);
const outside = fc.tuple(fc.integer({ min: 0, max: 1 }), fc.constantFrom(1024, 1025, 40_000, 65_535));
const step = fc.oneof(
  fc.record({ do: fc.constant('add' as const), inner, remote, outside, lifetimeMs: fc.integer({ min: 1, max: 60 }) }),
  fc.record({ do: fc.constant('use' as const), outside, lifetimeMs: fc.integer({ min: 1, max: 60 }) }),
  fc.record({ do: fc.constant('static' as const), outside, yes: fc.boolean() }),
  fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 20 }) }),
);

test('mappings are found by key and by port as in a list of them all, however often the table is copied', (t) => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
      const clock = new Float64Array(1);
      const table = new MappingTable(clock, 2);
      const model: Mapping[] = [];
      const alive = (of: (mapping: Mapping) => boolean) => model.filter((each) => each.end > clock[0] && of(each)).at(-1);
      for (const each of steps) {
        if (each.do === 'wait') clock[0] += each.ms;
        else if (each.do === 'add') {
          // An inner endpoint is behind one gateway.
          const outside = [each.inner & 1, each.outside[1]] as const;
          const port = String(outside);
          const key = `${each.inner},${each.remote}`;
          // As gateways do: a port in use is not given again.
          if (alive((mapping) => mapping.outside === port)) continue;
          table.use(table.add(each.inner, 6346 << 16, each.remote, ...outside), each.lifetimeMs);
          model.push({ key, outside: port, inner: each.inner, end: clock[0] + each.lifetimeMs });
        } else {
          const found = table.findPort(...each.outside);
          const expected = alive((mapping) => mapping.outside === String(each.outside));
          t.is(found !== NONE, expected !== undefined);
          if (!expected) continue;
          t.is(table.inner(found), expected.inner);
          t.is(table.innerPort(found), 6346);
          t.is(table.port(found), each.outside[1]);
          t.is(table.end(found), expected.end);
          if (each.do === 'static') {
            table.setStatic(found, each.yes);
            if (each.yes) expected.end = Infinity;
            else {
              table.use(found, 10);
              expected.end = clock[0] + 10;
            }
          } else {
            table.use(found, each.lifetimeMs);
            if (expected.end !== Infinity) expected.end = clock[0] + each.lifetimeMs;
          }
        }
        for (let a = 0; a <= 5; a++) {
          // Of several with one key the newest is found, alive or dead.
          const newest = model.filter((mapping) => mapping.key === `${a},1`).at(-1);
          const found = table.find(a & 1, a, 6346 << 16, 1);
          t.is(found === NONE ? 'none' : table.end(found), newest && newest.end > clock[0] ? newest.end : 'none');
        }
      }
    }),
    { numRuns: 300 },
  );
});

test('a hundred thousand mappings take at most 96 bytes each; those that come and go do not make it grow', (t) => {
  const clock = new Float64Array(1);
  const table = new MappingTable(clock, 100_000);
  const count = 100_000;
  for (let i = 0; i < count; i++) table.use(table.add(i << 2, 6346 << 16, 0, i, 6346), 1000);
  for (let i = 0; i < count; i++) {
    const record = table.find(i, i << 2, 6346 << 16, 0);
    if (record === NONE || table.findPort(i, 6346) !== record || table.inner(record) !== i << 2) t.fail(`mapping ${i}`);
  }
  t.log(`${(table.bytes / count).toFixed(1)} bytes per mapping`);
  t.true(table.bytes / count >= 48 && table.bytes / count <= 96);
  const before = table.bytes;
  for (let i = 0; i < 1_000_000; i++) {
    clock[0] = 2000 + i;
    table.use(table.add(i, 0, 0, 1, 1024 + (i % 60_000)), 50);
  }
  t.true(table.bytes < before / 1000, `${table.bytes} bytes for 50 mappings alive`);
  t.is(table.made, 1_100_000);
});
