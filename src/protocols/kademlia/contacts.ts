/**
 * A peer's identifier, its contacts, and requests to them: whom it has heard from, who has gone silent, and who takes whose place.
 *
 * Every message tells its receiver of the sender. A newcomer for a full bucket gets a place only when the contact that was not heard of
 * for longest does not answer a ping (`evictionPing`, section 2.2 of the paper), or when one proves silent in use, which costs no pings
 * (section 4.1 of the long version). Either way it waits in the replacement cache meanwhile.
 */

import { ringOf } from '../../overlay/identifiers.js';
import { KBuckets } from '../../overlay/k-buckets.js';
import { Calls } from '../../overlay/rpc.js';
import { type Address, KEY_BITS, type Key, type Peer } from '../../protocol.js';
import { Probe, type Request, Step } from './calls.js';
import type { BareMessage, KademliaMessage } from './messages.js';
import type { MemberSettings } from './settings.js';

/** Bits of an identifier as they are held: a longer one is compared by its first 48. */
export function heldBits({ idBits }: Pick<MemberSettings, 'idBits'>): number {
  return Math.min(idBits, KEY_BITS);
}

/** The identifier of a peer: the one the settings name, else SHA-1 of its address, so that it keeps it from one session to the next. */
export function identifierFor(settings: MemberSettings, index: number, address: Address): number {
  return settings.identifiers[index] ?? ringOf(heldBits(settings)).identifierAt(address);
}

export abstract class Contacts {
  readonly peer: Peer;
  readonly settings: MemberSettings;
  readonly identifier: number;
  readonly buckets: KBuckets;
  private waiting: Calls<Request> | undefined = undefined;
  /** Buckets whose first contact is being pinged. */
  private probed: Set<number> | null = null;

  constructor(peer: Peer, settings: MemberSettings) {
    const { k, bitsPerHop, replacementCache: spares, staleAfter } = settings;
    this.peer = peer;
    this.settings = settings;
    this.identifier = identifierFor(settings, Number(peer.name.slice(1)), peer.address);
    this.buckets = new KBuckets(this.identifier, { bits: heldBits(settings), k, bitsPerHop, spares, staleAfter });
  }

  /** A question of a lookup has had no answer for `rpcTimeoutMs`, and is asked again; or will not be, because it was `final`. */
  protected abstract onStepSilence(step: Step, final: boolean): void;
  /** Any other request has had none after all repetitions. */
  protected abstract onRequestSilence(request: Request): void;
  /** A peer has become a contact. */
  protected abstract onContact(identifier: number, address: Address): void;

  identifierOf(key: Key): number {
    return ringOf(heldBits(this.settings)).identifierOf(key);
  }

  /** Requests that wait for an answer; made when first needed. */
  private get calls(): Calls<Request> {
    this.waiting ??= new Calls<Request>(this.peer, this.onTimeout);
    return this.waiting;
  }

  /** A number under which the answer is waited for. */
  protected number(request: Request): number {
    return this.calls.open(request, this.settings.rpcTimeoutMs);
  }

  /** Sends a message that has such a number, to be sent again when there is no answer. */
  protected request(request: Request, message: KademliaMessage): void {
    request.message = message;
    this.peer.send(request.to, message);
  }

  /** The request that this answers; undefined when nobody waits for it any more, or somebody else was asked. */
  protected take(from: Address, number: number): Request | undefined {
    return this.calls.get(number)?.to === from ? this.calls.close(number) : undefined;
  }

  /** `mayProbe`: not for a ping, or each would set off another at its receiver, and so on through the whole overlay. */
  protected heard(identifier: number, from: Address, mayProbe: boolean): void {
    const heard = this.buckets.heard(identifier, from);
    if (heard === 'added') this.onContact(identifier, from);
    else if (heard === 'full' && mayProbe && this.settings.evictionPing) this.probe(identifier, from);
  }

  private probe(newcomer: number, newcomerAddress: Address): void {
    const number = this.buckets.bucketOf(newcomer);
    if (this.probed?.has(number)) return;
    this.probed ??= new Set();
    this.probed.add(number);
    const [identifier, address] = this.buckets.leastRecent(number)!;
    const probe = new Probe(address, identifier, newcomer, newcomerAddress);
    this.request(probe, { type: 'ping', sender: this.identifier, request: this.number(probe) } as BareMessage);
  }

  protected onPing(from: Address, { request }: BareMessage): void {
    this.peer.send(from, { type: 'pong', sender: this.identifier, request } as BareMessage);
  }

  /** An answer that says no more than that the other is there. */
  protected onBare(from: Address, { request }: KademliaMessage): void {
    const call = this.take(from, request);
    if (call instanceof Probe) this.probed!.delete(this.buckets.bucketOf(call.identifier));
  }

  private onTimeout(number: number): void {
    const call = this.calls.get(number);
    if (call === undefined) return;
    const final = call.repeats >= this.settings.rpcRetries;
    if (final) {
      this.calls.close(number);
      this.peer.count('kademlia.timeouts');
      this.onSilence(call);
    } else {
      call.repeats++;
      this.calls.rearm(number, this.settings.rpcTimeoutMs);
      this.peer.send(call.to, call.message!);
    }
    if (call instanceof Step) this.onStepSilence(call, final);
    else if (final) this.onRequestSilence(call);
  }

  private onSilence(call: Request): void {
    if (call.identifier < 0) return;
    if (call instanceof Probe) {
      this.probed!.delete(this.buckets.bucketOf(call.identifier));
      this.buckets.evict(call.identifier, call.to);
      this.peer.count('kademlia.evictions');
      if (this.settings.replacementCache === 0) this.heard(call.newcomer, call.newcomerAddress, false); // nobody else has remembered it
    } else {
      this.buckets.silent(call.identifier, call.to, call.repeats + 1);
    }
  }

  /** Addresses of contacts that are not stale. */
  neighbours(): Iterable<Address> {
    return this.buckets.addresses();
  }

  /** On a circle of identifiers: who is near by XOR is near there too, though not the other way round. */
  position(): readonly number[] {
    return [this.identifier / 2 ** heldBits(this.settings)];
  }
}
