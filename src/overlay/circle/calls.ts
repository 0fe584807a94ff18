/** What a peer on a circle remembers while it waits for an answer: one small object per request. */

import type { Address, Key, Message } from '../../protocol.js';
import type { LocateOperation } from '../../services/locate.js';
import { Call } from '../rpc.js';

/** What is to be done when a lookup has found the owner; `seek` finds the peer before one's own place; `link` is for the system's own use. */
export type Purpose = 'locate' | 'publish' | 'withdraw' | 'seek' | 'link';

/** A lookup this peer began. */
export class Lookup extends Call {
  readonly kind = 'lookup';
  readonly purpose: Purpose;
  readonly key: Key;
  /** For `locate`. */
  readonly operation: LocateOperation | null;
  /** For `publish` and `withdraw`: who has the item. For `link`: which one. */
  readonly about: number;
  /** How often it was asked again. */
  retries: number;

  constructor(purpose: Purpose, key: Key, operation: LocateOperation | null, about: number, retries: number) {
    super();
    this.purpose = purpose;
    this.key = key;
    this.operation = operation;
    this.about = about;
    this.retries = retries;
  }
}

/** One peer was asked something. If it stays silent though asked `rpcRetries` times more, it is dead. */
abstract class Request extends Call {
  readonly to: Address;
  /** What to send again. */
  message: Message | undefined = undefined;
  repeats = 0;

  constructor(to: Address) {
    super();
    this.to = to;
  }
}

export class Ping extends Request {
  readonly kind = 'ping';
  /**
   * What the other is to this peer: `contact`, a way into the circle; `candidate`, perhaps a nearer successor; `spare`, a successor but
   * the first; `link`, one of the system's own links.
   */
  readonly role: 'contact' | 'successor' | 'spare' | 'candidate' | 'predecessor' | 'link';
  /** `successor`, `candidate`: who was found dead just before. `predecessor`: who becomes it instead, with identifier. */
  readonly about: number;
  readonly identifier: number;

  constructor(role: Ping['role'], to: Address, about = 0, identifier = 0) {
    super(to);
    this.role = role;
    this.about = about;
    this.identifier = identifier;
  }
}

/** A hop of somebody's lookup that waits for its acknowledgement. */
export class Hop extends Request {
  readonly kind = 'hop';
}

/** An index entry on its way to its owner. */
export class Storing extends Request {
  readonly kind = 'storing';
  readonly key: Key;
  readonly provider: Address;
  /** How often the owner was looked up again because the last one was silent. */
  readonly retries: number;

  constructor(to: Address, key: Key, provider: Address, retries: number) {
    super(to);
    this.key = key;
    this.provider = provider;
    this.retries = retries;
  }
}

export type CircleRequest = Ping | Hop | Storing;
export type CircleCall = Lookup | CircleRequest;
