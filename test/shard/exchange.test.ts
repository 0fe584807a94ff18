import { MessageChannel, type MessagePort } from 'node:worker_threads';
import test from 'ava';
import fc from 'fast-check';
import {
  CAUSE,
  DESTINATION,
  END,
  EventQueue,
  F64_STRIDE,
  FROM_END,
  KIND,
  LENGTH,
  OFFSET,
  PORTS,
  SENT_AT,
  SEQUENCE,
  SIZE,
  SOURCE,
  TIME,
  U32_STRIDE,
} from '../../src/kernel/event-queue.js';
import type { Message } from '../../src/protocol.js';
import { Codec } from '../../src/shard/codec.js';
import { boxBytes, Exchange } from '../../src/shard/exchange.js';
import { OUT_U32, Outbox } from '../../src/shard/outbox.js';

const WORDS = [DESTINATION, SOURCE, SEQUENCE, CAUSE, SIZE, KIND, PORTS, END, FROM_END, OFFSET, LENGTH];
/** A record of which only the first words matter. */
const words = (...first: number[]) => WORDS.map((_, i) => first[i] ?? 0);

/** One end of the wires between shards, without a thread: what it received is kept as it came. */
class End {
  readonly codec = new Codec({ a: ['n', 'data'] });
  readonly outboxes: Outbox[];
  readonly received: unknown[] = [];
  readonly exchange: Exchange;
  private readonly queue = new EventQueue();

  constructor(shard: number, shards: number, boxes: SharedArrayBuffer, size: number, ports: (MessagePort | null)[]) {
    this.outboxes = Array.from({ length: shards }, () => new Outbox());
    this.exchange = new Exchange({ control: new SharedArrayBuffer(0), boxes, boxBytes: size, ports }, shard, shards);
  }

  send(to: number, time: number, words: readonly number[], message: Message): void {
    const id = this.queue.allocate(message);
    this.queue.f64[id * F64_STRIDE + TIME] = time;
    this.queue.f64[id * F64_STRIDE + SENT_AT] = time / 2;
    WORDS.forEach((word, i) => {
      this.queue.u32[id * U32_STRIDE + word] = words[i];
    });
    this.outboxes[to].add(this.queue, id, this.codec);
    this.queue.release(id);
  }

  /** Called by the exchange, as a shard's wire is. */
  receive(f64: Float64Array, d: number, u32: Uint32Array, w: number, message: Message | null): void {
    this.received.push([f64[d], f64[d + 1], [...u32.subarray(w, w + OUT_U32)], message]);
  }

  drain(parity: number): unknown[] {
    this.exchange.drain(this, this.codec, parity);
    return this.received.splice(0);
  }
}

function ends(shards: number, size: number): { all: End[]; close: () => void } {
  const boxes = new SharedArrayBuffer(shards * shards * 2 * size);
  const ports: (MessagePort | null)[][] = Array.from({ length: shards }, () => new Array(shards).fill(null));
  for (let a = 0; a < shards; a++) {
    for (let b = a + 1; b < shards; b++) {
      const { port1, port2 } = new MessageChannel();
      [ports[a][b], ports[b][a]] = [port1, port2];
    }
  }
  const all = ports.map((own, shard) => new End(shard, shards, boxes, size, own));
  const close = () => {
    for (const port of ports.flat()) port?.close();
  };
  return { all, close };
}

const event = fc.record({
  from: fc.nat(2),
  to: fc.nat(2),
  time: fc.double({ min: 0, max: 1e9, noNaN: true }),
  // The only type of message there is has the number 0, above the low 8 bits of KIND.
  words: fc
    .array(fc.nat(4_294_967_295), { minLength: WORDS.length, maxLength: WORDS.length })
    .map((all) => all.map((word, i) => (WORDS[i] === KIND ? word & 0xff : word))),
  data: fc.string({ maxLength: 200, size: 'max' }),
});

test('whatever is sent arrives, once and in order, by box or by port, round after round', (t) => {
  let byPort = 0;
  let byBox = 0;
  fc.assert(
    fc.property(fc.array(fc.array(event, { maxLength: 12 }), { maxLength: 6 }), (rounds) => {
      const { all, close } = ends(3, 400);
      rounds.forEach((events, round) => {
        const parity = round & 1;
        const expected: unknown[][] = [[], [], []];
        const crossing = events.filter(({ from, to }) => from !== to).sort((a, b) => a.from - b.from);
        for (const { from, to, time, words, data } of crossing) {
          const message = { type: 'a', n: time, data };
          all[from].send(to, time, words, message);
          expected[to].push([time, time / 2, words, message]);
        }
        for (const end of all) {
          t.is(
            Math.min(...end.outboxes.map((box) => box.earliest)),
            Math.min(Infinity, ...crossing.filter(({ from }) => all[from] === end).map(({ time }) => time)),
          );
          end.exchange.flush(end.outboxes, end.codec, parity);
        }
        t.deepEqual(
          all.map((end) => end.drain(parity)),
          expected,
        );
        if (crossing.length > 0) byBox++;
      });
      byPort += all.reduce((sum, { exchange }) => sum + exchange.byPort, 0);
      close();
    }),
  );
  t.true(byPort > 20, `${byPort} batches by port`);
  t.true(byBox > byPort, 'nearly all went by port');
});

test('a fast shard writes the next round while a slow one has not read this one', (t) => {
  const { all, close } = ends(2, 1024);
  const send = (round: number) => {
    all[0].send(1, round, words(1, 0, round), { type: 'a', n: round } as Message);
    all[0].exchange.flush(all[0].outboxes, all[0].codec, round & 1);
  };
  send(4);
  send(5);
  const times = (received: unknown[]) => received.map((each) => (each as unknown[])[0]);
  t.deepEqual(times(all[1].drain(0)), [4]);
  t.deepEqual(times(all[1].drain(1)), [5]);
  close();
});

test('a round without messages leaves nothing of the round before last', (t) => {
  const { all, close } = ends(2, 1024);
  all[0].send(1, 7, words(1, 2, 3, 4, 5, 6), { type: 'a' });
  all[0].exchange.flush(all[0].outboxes, all[0].codec, 0);
  t.is(all[1].drain(0).length, 1);
  all[0].exchange.flush(all[0].outboxes, all[0].codec, 0);
  t.is(all[1].drain(0).length, 0);
  close();
});

test('a batch exactly as large as its box stays in it, one byte more goes by port', (t) => {
  const size = 1024;
  const { all, close } = ends(2, size);
  const fill = (bytes: number) => {
    all[0].send(1, 1, words(), { type: 'a', n: 0, data: 'x'.repeat(bytes) } as Message);
    all[0].exchange.flush(all[0].outboxes, all[0].codec, 0);
    t.is(((all[1].drain(0)[0] as unknown[])[3] as { data: string }).data.length, bytes);
    return all[0].exchange.byPort;
  };
  let bytes = 900;
  while (fill(bytes) === 0) bytes++;
  // 16 bytes of header, 60 of record, and of the message: array 1, type 1, n 1, string 3.
  t.is(bytes - 1 + 16 + 60 + 6, size);
  close();
});

test('boxes are 8-aligned, within their bounds, and of moderate size in all', (t) => {
  for (let shards = 2; shards <= 64; shards++) {
    const size = boxBytes(shards);
    t.is(size % 8, 0);
    t.true(size >= 64 * 1024 && size <= 8 * 1024 * 1024);
    t.true(size * shards * shards * 2 <= 512 * 1024 * 1024);
  }
});
