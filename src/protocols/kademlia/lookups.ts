/**
 * Lookups: of the k closest peers to an identifier, and of a key's value, which ends with the first peer that has it (section 2.3).
 *
 * `hops` are referrals from the origin to the peer that answered: 0 when the origin has the value itself, 1 for one of its own contacts,
 * 2 for a peer which such a contact has named. When nobody has it, they are those to the closest peer that answered.
 */

import { type Candidate, UNKNOWN } from '../../overlay/iterative-lookup.js';
import { CONTACT } from '../../overlay/k-buckets.js';
import { xorDistance } from '../../overlay/xor.js';
import type { Address, Key } from '../../protocol.js';
import type { LocateOperation } from '../../services/locate.js';
import { Lookup, type Purpose, type Request, Step } from './calls.js';
import { Contacts } from './contacts.js';
import type { FindNodeMessage, KademliaMessage, NodesMessage } from './messages.js';

const NOTHING: readonly number[] = [];

export abstract class Lookups extends Contacts {
  /** When each bucket's range was last looked into, in ms; made with the first lookup. */
  protected lookedUpMs: number[] | null = null;

  /** The closest have answered, or nobody has; of a value: and none of them has it. */
  protected abstract onClosest(lookup: Lookup): void;
  /** The question that asks for the value. */
  protected abstract valueQuestion(lookup: Lookup, request: number): KademliaMessage;

  /** Looks up a key: its value, or where to store `items`. */
  protected findKey(purpose: Purpose, key: Key, operation: LocateOperation | null = null, items: readonly number[] = NOTHING): void {
    this.begin(new Lookup(this.settings, purpose, this.identifierOf(key), key, operation, items));
  }

  /** Looks up an identifier, for the contacts that this brings. */
  protected findNode(purpose: Purpose, target: number): void {
    this.begin(new Lookup(this.settings, purpose, target, 0, null, NOTHING));
  }

  protected begin(lookup: Lookup): void {
    const { target } = lookup;
    const number = this.buckets.bucketOf(target);
    this.lookedUpMs ??= [];
    if (number >= 0) {
      while (this.lookedUpMs.length <= number) this.lookedUpMs.push(0);
      this.lookedUpMs[number] = this.peer.now;
    }
    const contacts = this.buckets.closest(target, this.settings.k);
    for (let i = 0; i < contacts.length; i += CONTACT) lookup.offer(xorDistance(contacts[i], target), contacts[i], contacts[i + 1], 1);
    if (contacts.length === 0) {
      for (const address of this.peer.bootstrap(this.settings.bootstrapContacts))
        lookup.offer(Number.POSITIVE_INFINITY, UNKNOWN, address, 1);
    }
    this.advance(lookup);
  }

  protected advance(lookup: Lookup): void {
    if (lookup.over) return;
    if (lookup.operation !== null && !lookup.operation.open) {
      lookup.over = true;
      return;
    }
    for (let candidate = lookup.next(); candidate !== null; candidate = lookup.next()) this.ask(lookup, candidate);
    if (!lookup.done) return;
    lookup.over = true;
    this.onClosest(lookup);
  }

  private ask(lookup: Lookup, { address, identifier }: Candidate): void {
    const step = new Step(address, identifier, lookup);
    const request = this.number(step);
    if (lookup.purpose === 'value') this.request(step, this.valueQuestion(lookup, request));
    else this.request(step, { type: 'find-node', sender: this.identifier, request, target: lookup.target } as FindNodeMessage);
  }

  protected onFindNode(from: Address, { request, target }: FindNodeMessage): void {
    this.peer.reach();
    this.sendNodes(from, request, target);
  }

  protected sendNodes(to: Address, request: number, target: number): void {
    const contacts = this.buckets.closest(target, this.settings.k, to);
    this.peer.send(to, { type: 'nodes', sender: this.identifier, request, contacts } as NodesMessage);
  }

  protected onNodes(from: Address, { sender, request, contacts }: NodesMessage): void {
    const step = this.takeStep(from, request);
    if (step === undefined) return;
    const { lookup } = step;
    const depth = lookup.depthOf(from) + 1;
    for (let i = 0; i < contacts.length; i += CONTACT) {
      if (contacts[i + 1] === this.peer.address) continue;
      lookup.offer(xorDistance(contacts[i], lookup.target), contacts[i], contacts[i + 1], depth);
    }
    lookup.answered(from, sender, xorDistance(sender, lookup.target));
    this.advance(lookup);
  }

  /** A peer has answered with the value, so the lookup that asked is over; undefined when it was before. */
  protected endedBy(from: Address, request: number): Lookup | undefined {
    const step = this.takeStep(from, request);
    if (step === undefined || step.lookup.over) return undefined;
    step.lookup.over = true;
    return step.lookup;
  }

  /** The same, but the lookup is not over yet: `advance` it to others that have the value as well. */
  protected answeredBy(from: Address, request: number): Lookup | undefined {
    const step = this.takeStep(from, request);
    if (step === undefined || step.lookup.over) return undefined;
    step.lookup.had(from);
    return step.lookup;
  }

  private takeStep(from: Address, number: number): Step | undefined {
    const call = this.take(from, number);
    return call instanceof Step ? call : undefined;
  }

  protected onStepSilence(step: Step, final: boolean): void {
    const { lookup, to } = step;
    // It is passed over from the first silence on, so it has cost the lookup one timeout.
    const isFirst = step.repeats === (final ? 0 : 1);
    if (isFirst && !lookup.over) this.peer.timedOut();
    if (final) lookup.failed(to);
    else lookup.slow(to);
    this.advance(lookup);
  }

  protected onRequestSilence(_request: Request): void {}
}
