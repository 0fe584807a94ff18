/** What a peer remembers while it waits for an answer: one small object per request. */

import type { Address, Key, Message } from '../../protocol.js';
import type { LocateOperation } from '../../services/locate.js';
import { Call } from '../rpc.js';
import type { RequestType, RoutedMessage } from './messages.js';

/** Something this peer wants of the root of a key. */
export class Request extends Call {
  readonly kind = 'request';
  readonly type: RequestType;
  readonly key: Key;
  /** For `locate`. */
  readonly operation: LocateOperation | null;
  /** For `publish` and `withdraw`: who has the item. */
  readonly provider: Address;
  /** First peer to ask, when it is not for the own table to say: NOBODY when it is. */
  readonly through: Address;
  readonly startedMs: number;
  /** How often it was asked again. */
  retries = 0;

  constructor(type: RequestType, key: Key, operation: LocateOperation | null, provider: Address, through: Address, startedMs: number) {
    super();
    this.type = type;
    this.key = key;
    this.operation = operation;
    this.provider = provider;
    this.through = through;
    this.startedMs = startedMs;
  }
}

/** One peer was asked something. If it stays silent though asked `rpcRetries` times more, it is dead. */
export abstract class Asked extends Call {
  readonly to: Address;
  /** What to send again. */
  message: Message | undefined = undefined;
  repeats = 0;

  constructor(to: Address) {
    super();
    this.to = to;
  }
}

/** A question of its own. */
export class Question extends Asked {
  readonly kind = 'question';
  /**
   * What hangs on it. `contact`: whether to join through it; `newcomer`: whether to enter it in the table; `known`: whether it is still
   * there; `suspect`: the same, because somebody says it is not; `peers`: whom it knows.
   */
  readonly about: 'contact' | 'newcomer' | 'known' | 'suspect' | 'peers';
  readonly sentMs: number;

  constructor(about: Question['about'], to: Address, sentMs: number) {
    super(to);
    this.about = about;
    this.sentMs = sentMs;
  }
}

/** What one system alone asks. */
export abstract class Other extends Asked {
  readonly kind = 'other';
}

/** A hop of somebody's message that waits for its acknowledgement. */
export class Hop<R extends RoutedMessage> extends Asked {
  readonly kind = 'hop';
  /** The message as it came here. */
  readonly routed: R;

  constructor(to: Address, routed: R) {
    super(to);
    this.routed = routed;
  }
}
