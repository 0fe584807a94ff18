/** What a place remembers while it waits for an answer: one small object per request. */

import { Call } from '../../overlay/rpc.js';
import type { Address, Key } from '../../protocol.js';
import type { LocateOperation } from '../../services/locate.js';
import type { PlaceMessage } from './messages.js';

/** What is to be done with the owner once it is found. */
export type Purpose = 'locate' | 'publish' | 'withdraw' | 'join' | 'finger' | 'merge';

/** A lookup this place began. */
export class Lookup extends Call {
  readonly kind = 'lookup';
  readonly purpose: Purpose;
  readonly key: Key;
  /** For `locate`. */
  readonly operation: LocateOperation | null;
  readonly startedMs: number;
  /** For `publish` and `withdraw`: who has the item. */
  readonly provider: Address;
  /** How often it was asked again. */
  retries: number;
  /** Iterative only: whom to ask next, as [address, 1 if thought to be the owner, who named it, ...]; the number of the question under way; a dead peer to complain of. */
  queue: number[] | null = null;
  question = 0;
  dead: Address = 0;
  hops = 0;

  constructor(purpose: Purpose, key: Key, operation: LocateOperation | null, startedMs: number, retries: number, provider: Address) {
    super();
    this.purpose = purpose;
    this.key = key;
    this.operation = operation;
    this.startedMs = startedMs;
    this.retries = retries;
    this.provider = provider;
  }
}

/** One peer was asked something. If it stays silent though asked `rpcRetries` times more, it is dead. */
export class Request extends Call {
  readonly to: Address;
  /** What to send again. */
  message: PlaceMessage | undefined = undefined;
  repeats = 0;

  constructor(to: Address) {
    super();
    this.to = to;
  }
}

export class Question extends Request {
  readonly kind: 'contact' | 'successor' | 'candidate' | 'predecessor' | 'step' | 'suspect';
  /** `successor`: a peer found dead a moment ago. `predecessor`: who becomes it instead, as [address, identifier]. `step`: the lookup's number, and who named the peer. */
  readonly about: number;
  readonly second: number;

  constructor(kind: Question['kind'], to: Address, about = 0, second = 0) {
    super(to);
    this.kind = kind;
    this.about = about;
    this.second = second;
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

export type ChordCall = Lookup | Question | Hop | Storing;
