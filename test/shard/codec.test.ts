import test from 'ava';
import fc from 'fast-check';
import type { Message } from '../../src/protocol.js';
import { Codec } from '../../src/shard/codec.js';
import { isProblem } from '../helpers/is-problem.js';
import type { Note } from '../helpers/puppet.js';

const MESSAGES = { none: [], one: ['data'], three: ['n', 'data', '$more'] } as const;

/** What a protocol may put into a message, nested. Minus zero crosses as zero, so it is left out. */
const { tree: value } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    fc.double().map((x) => x + 0),
    fc.integer(),
    fc.maxSafeInteger(),
    fc.string({ unit: 'grapheme' }),
    fc.boolean(),
    fc.constant(null),
    fc.uint8Array().map((bytes) => new Uint8Array(bytes)),
    fc.array(tie('tree'), { maxLength: 5 }),
    fc.dictionary(
      fc.string({ unit: 'grapheme', maxLength: 8 }).filter((key) => key !== '__proto__'),
      tie('tree'),
      { maxKeys: 5, noNullPrototype: true },
    ),
  ),
}));

const message = fc.oneof(
  fc.constant({ type: 'none' }),
  fc.record({ type: fc.constant('one'), data: value }),
  fc.record({ type: fc.constant('three'), n: value, data: value, $more: value }),
);

/** Byte arrays may come back as another class of byte array. */
function plain(value: unknown): unknown {
  if (ArrayBuffer.isView(value)) return [...new Uint8Array(value.buffer, value.byteOffset, value.byteLength)];
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each)]));
  return value;
}

test('a batch of messages comes back as it was, in order: nested objects, arrays, strings, numbers and bytes', (t) => {
  const codec = new Codec(MESSAGES);
  fc.assert(
    fc.property(fc.array(message), (messages) => {
      const values: unknown[] = [];
      for (const each of messages) codec.append(each, codec.typeOf(each), values);
      const decoded: Message[] = [];
      codec.decode(codec.unpack(new Uint8Array(codec.pack(values))), (each) => decoded.push(each!));
      t.deepEqual(
        decoded.map(plain),
        messages.map((each) => plain(each)),
      );
    }),
  );
});

test('bytes come back as bytes of their own: the batch they came in is used again', (t) => {
  const codec = new Codec(MESSAGES);
  const values: unknown[] = [];
  const sent: Note = { type: 'one', data: new Uint8Array([1, 2, 3]) };
  codec.append(sent, codec.typeOf(sent), values);
  const batch = new Uint8Array(codec.pack(values));
  let received: Note | undefined;
  codec.decode(codec.unpack(batch), (each) => {
    received = each as Note;
  });
  batch.fill(0);
  t.true(received!.data instanceof Uint8Array);
  t.deepEqual([...(received!.data as Uint8Array)], [1, 2, 3]);
});

test('a message is as large as its type and its fields, without their names', (t) => {
  const codec = new Codec({ aVeryLongNameOfAType: ['aVeryLongNameOfAField'] });
  const small: Note = { type: 'aVeryLongNameOfAType', aVeryLongNameOfAField: 5 };
  t.is(codec.sizeOf(small, 0), 3);
  t.is(codec.sizeOf({ ...small, aVeryLongNameOfAField: 'x'.repeat(20) } as Note, 0), 3 + 20);
});

test('an undeclared type is refused with what was perhaps meant', (t) => {
  const codec = new Codec({ lookup: ['key'], answer: [] });
  isProblem(
    t,
    () => codec.typeOf({ type: 'lokup' }),
    /type "lokup", .*not declare \(did you mean "lookup"\?\): expected one of lookup, answer/,
  );
  isProblem(t, () => codec.typeOf({ type: 'constructor' }), /type "constructor"/);
  isProblem(t, () => codec.typeOf(undefined as never), /type "undefined"/);
});

test('an undeclared field is refused, when it is new and whenever a message would lose it on the way', (t) => {
  const codec = new Codec({ lookup: ['key', 'ttl'], answer: [] });
  isProblem(
    t,
    () => codec.typeOf({ type: 'lookup', keys: 1 } as never),
    /"lookup" has the field "keys", .*\(did you mean "key"\?\): expected key, ttl/,
  );
  isProblem(t, () => codec.typeOf({ type: 'answer', x: 1 } as never), /"answer" has the field "x".*: expected no fields/);
  const good: Note = { type: 'lookup', key: 1, ttl: 2 };
  codec.typeOf(good);
  isProblem(t, () => codec.typeOf({ ...good, more: 1 } as Note), /has the field "more"/);
  for (let i = 0; i < 100; i++) codec.typeOf(good);
  const bad: Note = { ...good, extra: 3 };
  isProblem(t, () => codec.append(bad, codec.typeOf(bad), []), /has the field "extra"/);
  isProblem(t, () => codec.throughBytes({ type: 'lookup', key: 1, extra: 3 } as never, codec.typeOf(good)), /has the field "extra"/);
});

test('types alternate, and each gets its own number whatever came before', (t) => {
  const codec = new Codec({ a: [], b: [], c: [] });
  for (let i = 0; i < 1000; i++) t.is(codec.typeOf({ type: 'abc'[(i * 7) % 3] }), (i * 7) % 3);
  isProblem(t, () => codec.typeOf({ type: 'd' }), /type "d"/);
});

test('a field that cannot be one is refused with the definition', (t) => {
  for (const field of ['type', 'two words', '1st', 'a-b', '']) {
    isProblem(t, () => new Codec({ a: ['ok', field] }), /message "a" declares the field .*: expected a plain name/);
  }
});

test('strict: both ends get a frozen message, and not the same one', (t) => {
  const codec = new Codec(MESSAGES);
  const sent: Note = { type: 'one', data: { list: [{ x: 1 }] } };
  const received = codec.throughBytes(sent, codec.typeOf(sent)) as Note;
  t.deepEqual(received, sent);
  t.not(received, sent);
  for (const each of [sent, received]) {
    const data = each.data as { list: { x: number }[] };
    t.true([each, data, data.list, data.list[0]].every(Object.isFrozen));
  }
});
