import test from 'ava';
import fc from 'fast-check';
import { DESTINATION, EventQueue, F64_STRIDE, SEQUENCE, SOURCE, TIME, U32_STRIDE } from '../../src/kernel/event-queue.js';
import { Stream, WHOLE_RUN } from '../../src/kernel/random.js';

type Key = readonly [time: number, destination: number, source: number, sequence: number];

const compare = (a: Key, b: Key) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2] || a[3] - b[3];

function pushKey(queue: EventQueue, key: Key): void {
  queue.push(key[0], key[1], key[2], key[3], 0, 0, 0, 0, key);
}

function popKey(queue: EventQueue): Key | undefined {
  const id = queue.pop();
  if (id < 0) return undefined;
  const u32 = queue.u32;
  const key: Key = [
    queue.f64[id * F64_STRIDE + TIME],
    u32[id * U32_STRIDE + DESTINATION],
    u32[id * U32_STRIDE + SOURCE],
    u32[id * U32_STRIDE + SEQUENCE],
  ];
  if (queue.payloads[id] !== undefined && (queue.payloads[id] as Key).join() !== key.join()) throw new Error('payload of another event');
  queue.release(id);
  return key;
}

// Times from the same bucket to far beyond both wheels, with many ties.
const time = fc.oneof(
  fc.constantFrom(0, 1, 1.5, 4095.999, 4096, 2 ** 24, 2 ** 31, 2 ** 40),
  fc.double({ min: 0, max: 10, noNaN: true }),
  fc.double({ min: 0, max: 1e5, noNaN: true }),
  fc.double({ min: 0, max: 1e12, noNaN: true }),
);
const small = fc.integer({ min: 0, max: 3 });

test('pops what was pushed, ordered by time, destination, source, sequence', (t) => {
  fc.assert(
    fc.property(fc.array(fc.tuple(time, small, small, fc.integer({ min: 0, max: 4_294_967_295 }))), (keys) => {
      const queue = new EventQueue(1, 2);
      for (const key of keys) pushKey(queue, key);
      const popped = keys.map(() => popKey(queue));
      t.deepEqual(popped, [...keys].sort(compare));
      t.is(queue.pop(), -1);
      t.is(queue.peekTime(), Infinity);
    }),
  );
});

test('stays in order while events are pushed between pops, whatever was peeked', (t) => {
  fc.assert(
    fc.property(fc.array(fc.record({ push: fc.array(fc.tuple(time, small, small)), pops: small, peek: fc.boolean() })), (steps) => {
      const queue = new EventQueue(0.5, 2);
      const model: Key[] = [];
      let now = 0;
      let sequence = 0;
      for (const step of steps) {
        for (const [delay, destination, source] of step.push) {
          const key: Key = [now + delay, destination, source, sequence++];
          pushKey(queue, key);
          model.push(key);
        }
        model.sort(compare);
        if (step.peek) t.is(queue.peekTime(), model[0]?.[0] ?? Infinity);
        for (let i = 0; i < step.pops; i++) {
          const expected = model.shift();
          t.deepEqual(popKey(queue), expected);
          now = expected?.[0] ?? now;
        }
        t.is(queue.length, model.length);
      }
      let visited = 0;
      queue.forEach(() => {
        visited++;
      });
      t.is(visited, model.length);
    }),
  );
});

test('a long hold sequence over all levels of the wheel agrees with a sorted list', (t) => {
  const random = new Stream(7, WHOLE_RUN, 'protocol');
  const queue = new EventQueue();
  const delays = [0.001, 0.3, 20, 5_000, 2 ** 25];
  let last: Key = [0, 0, 0, 0];
  for (let i = 0; i < 500; i++) pushKey(queue, [random.next() * 100, random.integer(9), 0, i]);
  for (let i = 500; i < 50_000; i++) {
    const key = popKey(queue) as Key;
    if (compare(key, last) < 0) t.fail(`went back from ${last} to ${key}`);
    last = key;
    pushKey(queue, [key[0] + random.pick(delays) * (1 - random.next()), random.integer(9), random.integer(2), i]);
  }
  t.is(queue.length, 500);
});

test('a popped event can be given a later time and keeps what it carries', (t) => {
  const queue = new EventQueue();
  const payload = { type: 'x' };
  queue.push(5, 1, 2, 3, 0, 9, 100, 4, payload);
  queue.push(6, 1, 2, 4, 0, 9, 100, 4, null);
  const id = queue.pop();
  queue.f64[id * F64_STRIDE + TIME] = 7;
  queue.enqueue(id);
  queue.release(queue.pop());
  const again = queue.pop();
  t.is(again, id);
  t.is(queue.f64[again * F64_STRIDE + TIME], 7);
  t.is(queue.payloads[again], payload);
});
