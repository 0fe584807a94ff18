/**
 * Messages as bytes, for the way between shards and for strict mode. The definition's `messages` is the schema: a message travels as
 * its type's number and its fields' values in declared order, all messages of a batch in one flat msgpackr array, which is both
 * smaller and faster than objects with names. Encoders and decoders are generated per type, so decoded messages share one shape.
 */

import { Packr } from 'msgpackr';
import { didYouMean, Problem } from '../problem.js';
import type { Message } from '../protocol.js';
import { oddField } from '../protocol-catalog.js';

type Encode = (message: Message, values: unknown[]) => void;
type Decode = (values: readonly unknown[], at: number) => Message;

/** In a batch, in place of a type's number. */
const NOTHING = -1;
/** Messages of a type whose fields are compared with the declaration before it is trusted. */
const CHECKED_MESSAGES = 64;

export class Codec {
  readonly types: readonly string[];
  private readonly fields: readonly (readonly string[])[];
  private readonly ids = new Map<string, number>();
  private readonly encoders: Encode[] = [];
  private readonly decoders: Decode[] = [];
  private readonly seen: Uint32Array;
  private lastType: string | null = null;
  private lastId = 0;
  private readonly packr = new Packr({ useRecords: false, copyBuffers: true });

  constructor(messages: Readonly<Record<string, readonly string[]>>) {
    this.types = Object.keys(messages);
    this.fields = Object.values(messages);
    this.seen = new Uint32Array(this.types.length);
    this.types.forEach((type, id) => {
      const fields = this.fields[id];
      const bad = oddField(fields);
      if (bad !== undefined) throw new Problem(`message "${type}" declares the field "${bad}": expected a plain name other than "type"`);
      this.ids.set(type, id);
      const reads = fields.map((field) => `, message.${field}`).join('');
      this.encoders.push(new Function('message', 'values', `values.push(${id}${reads})`) as Encode);
      const writes = fields.map((field, i) => `, ${field}: values[at + ${i + 1}]`).join('');
      this.decoders.push(new Function('values', 'at', `return { type: ${JSON.stringify(type)}${writes} }`) as Decode);
    });
  }

  /** The number of a message's type; throws a Problem when it is not declared, or its fields are not those declared. */
  typeOf(message: Message): number {
    // Most messages are of the type of the one before.
    if (message?.type === this.lastType && this.seen[this.lastId] === CHECKED_MESSAGES) return this.lastId;
    const id = this.ids.get(message?.type);
    if (id === undefined) throw this.unknownType(message);
    if (this.seen[id] < CHECKED_MESSAGES) {
      this.seen[id]++;
      this.checkFields(message, id);
    }
    this.lastType = message.type;
    this.lastId = id;
    return id;
  }

  checkFields(message: Message, id: number): void {
    for (const field in message) {
      if (field === 'type' || this.fields[id].includes(field)) continue;
      throw new Problem(
        `message "${message.type}" has the field "${field}", which its definition does not declare${didYouMean(field, this.fields[id])}: ` +
          `expected ${this.fields[id].join(', ') || 'no fields'}`,
        'protocol-failed',
      );
    }
  }

  /** Appends a message to a batch. */
  append(message: Message, id: number, values: unknown[]): void {
    let fields = 0;
    for (const _ in message) fields++;
    if (fields > this.fields[id].length + 1) this.checkFields(message, id);
    this.encoders[id](message, values);
  }

  /** A packet that carries no message has a place in the batch all the same. */
  appendNothing(values: unknown[]): void {
    values.push(NOTHING);
  }

  /** The bytes of a batch: a view that is good until the next call. */
  pack(values: readonly unknown[]): Uint8Array {
    return this.packr.pack(values);
  }

  unpack(bytes: Uint8Array): unknown[] {
    return this.packr.unpack(bytes);
  }

  /** Calls back with each message of an unpacked batch, or null for a packet without one. */
  decode(values: readonly unknown[], visit: (message: Message | null) => void): void {
    for (let at = 0; at < values.length; ) {
      const id = values[at] as number;
      if (id === NOTHING) {
        visit(null);
        at++;
        continue;
      }
      visit(this.decoders[id](values, at));
      at += this.fields[id].length + 1;
    }
  }

  /** The message as another shard would get it, deep-frozen; the original is frozen too, so that a later change throws. */
  throughBytes(message: Message, id: number): Message {
    this.checkFields(message, id);
    deepFreeze(message);
    const values: unknown[] = [];
    this.encoders[id](message, values);
    const copy = this.decoders[id](this.unpack(new Uint8Array(this.pack(values))), 0);
    deepFreeze(copy);
    return copy;
  }

  /** Bytes of one message on its own: the wire size of protocols that declare none. */
  sizeOf(message: Message, id: number): number {
    const values: unknown[] = [];
    this.encoders[id](message, values);
    return this.pack(values).length;
  }

  private unknownType(message: Message): Problem {
    const type = String(message?.type);
    return new Problem(
      `it sent a message of type "${type}", which its definition does not declare${didYouMean(type, this.types)}: ` +
        `expected one of ${this.types.join(', ')}`,
      'protocol-failed',
    );
  }
}

function deepFreeze(value: unknown): void {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value) || Object.isFrozen(value)) return;
  Object.freeze(value);
  for (const each of Object.values(value)) deepFreeze(each);
}
