/** What a peer remembers while it waits for an answer: one small object per request. */

import { Call } from '../../overlay/rpc.js';
import type { Address, Key } from '../../protocol.js';
import type { LocateOperation } from '../../services/locate.js';
import type { CanMessage, RoutedMessage } from './messages.js';
import type { Place } from './place.js';
import type { Point, Zone } from './zones.js';

/** What is to be done with the owner once it is found; `join` has none: a `welcome` comes instead. */
export type Purpose = 'locate' | 'publish' | 'withdraw' | 'join' | 'probe' | 'merge';

/** A message this peer has sent on its way to the owner of a point. */
export class Lookup extends Call {
  readonly kind = 'lookup';
  readonly purpose: Purpose;
  readonly key: Key;
  readonly point: Point;
  readonly reality: number;
  /** For `locate`. */
  readonly operation: LocateOperation | null;
  /** For `publish` and `withdraw`: who has the item. */
  readonly provider: Address;
  /** For `probe`: which zone may be nobody's. */
  readonly zone: Zone;
  readonly startedMs: number;
  /** How often it was asked again. */
  retries = 0;

  constructor(purpose: Purpose, point: Point, reality: number, startedMs: number, about: Partial<Lookup> = {}) {
    super();
    this.purpose = purpose;
    this.point = point;
    this.reality = reality;
    this.startedMs = startedMs;
    this.key = about.key ?? 0;
    this.operation = about.operation ?? null;
    this.provider = about.provider ?? 0;
    this.zone = about.zone ?? 0;
    this.retries = about.retries ?? 0;
  }
}

/** One peer was sent something. If it stays silent though sent it `rpcRetries` times more, it is dead. */
export abstract class Request extends Call {
  readonly to: Address;
  /** What to send again. */
  abstract readonly message: CanMessage;
  repeats = 0;
  sentMs = 0;

  constructor(to: Address) {
    super();
    this.to = to;
  }
}

/** Is anybody there: a contact before the join, or a neighbour whose round trip is to be measured. */
export class Ping extends Request {
  readonly kind = 'ping';
  readonly purpose: 'contact' | 'measure';
  message!: CanMessage;

  constructor(to: Address, purpose: 'contact' | 'measure') {
    super(to);
    this.purpose = purpose;
  }
}

/** A hop of somebody's message that waits for its acknowledgement. */
export class Hop extends Request {
  readonly kind = 'hop';
  message!: RoutedMessage;
  /** Peers that this peer has found silent for this message. */
  readonly silent: readonly Address[];

  constructor(to: Address, silent: readonly Address[]) {
    super(to);
    this.silent = silent;
  }
}

/** A zone on its way to another peer. */
export class Giving extends Request {
  readonly kind = 'giving';
  readonly place: Place;
  readonly zone: Zone;
  message!: CanMessage;

  constructor(to: Address, place: Place, zone: Zone) {
    super(to);
    this.place = place;
    this.zone = zone;
  }
}

/** An index entry on its way to its owner. */
export class Storing extends Request {
  readonly kind = 'storing';
  readonly lookup: Lookup;
  message!: CanMessage;

  constructor(to: Address, lookup: Lookup) {
    super(to);
    this.lookup = lookup;
  }
}

export type CanCall = Lookup | Ping | Hop | Giving | Storing;
