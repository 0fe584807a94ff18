/** What a peer remembers while it looks something up and while it waits for an answer. */

import { IterativeLookup } from '../../overlay/iterative-lookup.js';
import { Call } from '../../overlay/rpc.js';
import type { Address, Key } from '../../protocol.js';
import type { LocateOperation } from '../../services/locate.js';
import type { KademliaMessage } from './messages.js';

/** What a lookup is for: to find a value, or the closest peers for one that is to be stored, or contacts. */
export type Purpose = 'value' | 'publish' | 'republish' | 'join' | 'refresh';

export class Lookup extends IterativeLookup {
  readonly purpose: Purpose;
  /** The point in the identifier space that it is about; of a key, the key's identifier. */
  readonly target: number;
  /** For all but `join` and `refresh`. */
  readonly key: Key;
  /** For `value`: whose question it is. */
  readonly operation: LocateOperation | null;
  /** For `publish`: the records to store, [...record, life in ms, ...]. */
  readonly items: readonly number[];
  over = false;

  constructor(
    { k, alpha }: { readonly k: number; readonly alpha: number },
    purpose: Purpose,
    target: number,
    key: Key,
    operation: LocateOperation | null,
    items: readonly number[],
  ) {
    super(k, alpha);
    this.purpose = purpose;
    this.target = target;
    this.key = key;
    this.operation = operation;
    this.items = items;
  }
}

/** A request that waits for its answer; sent again as often as `rpcRetries` says. */
export class Request extends Call {
  readonly to: Address;
  /** The other's identifier; UNKNOWN for a peer from the host cache. */
  readonly identifier: number;
  message: KademliaMessage | undefined = undefined;
  repeats = 0;

  constructor(to: Address, identifier: number) {
    super();
    this.to = to;
    this.identifier = identifier;
  }
}

/** A question of a lookup. */
export class Step extends Request {
  readonly lookup: Lookup;

  constructor(to: Address, identifier: number, lookup: Lookup) {
    super(to, identifier);
    this.lookup = lookup;
  }
}

/** Is the contact that its full bucket has not heard of for longest still there, or can a newcomer have its place? */
export class Probe extends Request {
  readonly newcomer: number;
  readonly newcomerAddress: Address;

  constructor(to: Address, identifier: number, newcomer: number, newcomerAddress: Address) {
    super(to, identifier);
    this.newcomer = newcomer;
    this.newcomerAddress = newcomerAddress;
  }
}
