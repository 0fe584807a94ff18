import test from 'ava';
import fc from 'fast-check';
import { contentMark } from '../../src/overlay/transfer/messages.js';
import { type Part, Parts } from '../../src/overlay/transfer/parts.js';

const never = () => false;

test('one part without a size of parts', (t) => {
  const parts = new Parts(1000, 0);
  t.is(parts.waiting, 1);
  const part = parts.take(1, never)!;
  t.like(part, { at: 0, bytes: 1000 });
  t.is(parts.take(2, never), undefined);
  parts.finish(part);
  t.true(parts.complete);
});

test('a part that was given back comes before fresh ones, with what it has', (t) => {
  const parts = new Parts(1000, 300);
  t.is(parts.waiting, 4);
  const part = parts.take(1, never)!;
  part.got = 100;
  parts.giveBack(part);
  t.is(parts.waiting, 4);
  t.is(parts.take(2, never), part);
  t.is(part.got, 100);
});

test('who has spoilt a part gets it again only when it is needed', (t) => {
  const parts = new Parts(600, 300);
  const part = parts.take(1, never)!;
  part.givers.push(1);
  part.got = 300;
  part.spoil();
  parts.giveBack(part);
  t.like(parts.take(1, never), { at: 300 });
  t.is(parts.take(1, never), undefined);
  t.is(
    parts.take(1, () => true),
    part,
  );
  t.is(part.got, 0);
});

test('whoever takes and gives back what, every byte is finished once', (t) => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5000 }),
      fc.integer({ min: 0, max: 700 }),
      fc.array(fc.tuple(fc.nat(4), fc.nat(3)), { maxLength: 60 }),
      (totalBytes, partBytes, steps) => {
        const parts = new Parts(totalBytes, partBytes);
        const covered = new Uint8Array(totalBytes);
        const out = new Map<number, Part>();
        const finish = (part: Part) => {
          for (let at = part.at; at < part.at + part.bytes; at++) covered[at]++;
          parts.finish(part);
        };
        for (const [source, what] of steps) {
          const held = out.get(source);
          if (held === undefined) {
            const part = parts.take(source, () => true);
            if (part !== undefined) out.set(source, part);
            continue;
          }
          out.delete(source);
          if (what === 0) finish(held);
          else {
            if (what === 1) held.spoil();
            parts.giveBack(held);
          }
        }
        for (const part of out.values()) finish(part);
        for (let part = parts.take(9, () => true); part !== undefined; part = parts.take(9, () => true)) finish(part);
        t.true(parts.complete);
        t.true(covered.every((times) => times === 1));
      },
    ),
    { numRuns: 200 },
  );
});

test('content marks differ by item and by place', (t) => {
  const marks = new Set<number>();
  for (let key = 0; key < 40; key++) {
    for (let block = 0; block < 40; block++) marks.add(contentMark(key * 2 ** 40 + (key % 3), block * 16_384 + 2 ** 33 * (block % 2)));
  }
  t.is(marks.size, 1600);
});
