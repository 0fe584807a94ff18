/**
 * One Tapestry node as one peer's protocol: object pointers, and which message goes where. Zhao, Huang, Stribling, Rhea, Joseph and
 * Kubiatowicz, "Tapestry: a resilient global-scale overlay for service deployment" (IEEE JSAC 22(1), 2004).
 *
 * A provider publishes an object by a message to the object's root, which leaves a pointer with every peer on the way. A query for the
 * object goes the same way until it meets a pointer, and from there to the provider: so a replica nearby is mostly found before the
 * root. Pointers are soft state, said again every `republishMs`.
 *
 * It stands on mesh.ts (links), insertion.ts (joining) and overlay/prefix (requests, hops, members).
 */

import { serveClient } from '../../overlay/clients/desk.js';
import type { ClientMessage } from '../../overlay/clients/messages.js';
import { ringOf } from '../../overlay/identifiers.js';
import type { Request } from '../../overlay/prefix/calls.js';
import { type AnnounceMessage, type AnswerMessage, NOBODY } from '../../overlay/prefix/messages.js';
import { ENTRY, IDENTIFIER_BITS } from '../../overlay/prefix-table.js';
import type { Address, Connection, Item, Key, PeerState, Protocol } from '../../protocol.js';
import { Insertion } from './insertion.js';
import { CONTACT_BYTES, POINTER_BYTES, type PointersMessage, type TapestryMessage, type TapestryRouted } from './messages.js';

/** Added to a provider's address when nobody can call it (it is behind NAT): then the pointer's holder answers in its place. */
const CLIENT = 2 ** 48;
/** Pointers in one message: 40 x 30 bytes stay below an Ethernet frame. */
const POINTERS_PER_MESSAGE = 40;
/** Pointers of one key that a peer looks at for the nearest provider. */
const MOST_POINTERS = 20;

export class Tapestry extends Insertion implements Protocol<TapestryMessage | ClientMessage> {
  // Routed messages.

  protected begin({ type, key, provider }: Request, request: number): TapestryRouted {
    this.resolved = 0;
    this.hopMs = 0;
    const lifeMs = type === 'publish' ? this.settings.expiryMs : 0;
    return { type, key, origin: this.peer.address, request, hops: 0, ack: 0, provider, level: 0, distanceMs: 0, lifeMs };
  }

  protected onward(message: TapestryRouted, ack: number): TapestryRouted {
    const { type, key, origin, request, hops, provider, lifeMs } = message;
    const level = type === 'divert' ? message.level : this.resolved; // not on the way to the root
    return { type, key, origin, request, hops: hops + 1, ack, provider, level, distanceMs: message.distanceMs + this.hopMs, lifeMs };
  }

  protected visit(from: Address, message: TapestryRouted): boolean {
    const { type, key, provider } = message;
    switch (type) {
      case 'publish':
        this.index.put(key, provider, this.peer.now + message.lifeMs, message.distanceMs);
        return false;
      case 'withdraw':
        this.indexIfAny?.remove(key, provider);
        return false;
      case 'locate':
        return this.divert(message);
      case 'divert':
        if (from !== this.peer.address) this.serve(from, message);
        else this.resume(message);
        return true;
      case 'gone':
        this.resume(message);
        return true;
      default:
        return false;
    }
  }

  protected arrive(message: TapestryRouted): void {
    if (message.type === 'join') this.welcome(message);
    else this.answer(message, []);
  }

  // Searching.

  /** Sends a query to the nearest provider it has a pointer to; false: it has none. */
  private divert(message: TapestryRouted): boolean {
    const providers = this.indexIfAny?.find(message.key, this.peer.now, MOST_POINTERS) ?? [];
    const [provider] = providers;
    if (provider === undefined) return false;
    if (provider >= CLIENT)
      this.answer(
        message,
        providers.map((each) => each % CLIENT),
      ); // unasked, it may be gone: here are the others
    else if (provider === this.peer.address) this.answer(message, [provider]);
    else this.pass(provider, { ...message, type: 'divert', provider });
    return true;
  }

  /** A query has come to the provider: it is one still, or it sends it back. */
  private serve(from: Address, message: TapestryRouted): void {
    if (this.provides(message.key)) this.answer(message, [this.peer.address]);
    else this.peer.send(from, { ...message, type: 'gone', ack: 0 } as TapestryRouted);
  }

  /** The pointer was no good: the query goes on without it. */
  private resume(message: TapestryRouted): void {
    this.peer.count('pointers-stale');
    this.indexIfAny?.remove(message.key, message.provider);
    const query: TapestryRouted = { ...message, type: 'locate' };
    if (!this.divert(query)) this.forward(query);
  }

  /** Asks the next root when this one knows nobody, or does not answer. */
  protected override onDone(request: Request, from: Address, answer: AnswerMessage): void {
    if (answer.providers.length > 0 || !this.askNextRoot(request)) super.onDone(request, from, answer);
  }

  protected override onLost(request: Request): void {
    if (!this.askNextRoot(request)) super.onLost(request);
  }

  private askNextRoot({ operation, key }: Request): boolean {
    if (operation === null || !operation.open) return false;
    const targets = this.targetsOf(operation.key);
    const next = targets[targets.indexOf(key) + 1];
    if (next === undefined) return false;
    this.seek('locate', next, operation);
    return true;
  }

  // Sharing.

  /** The identifiers under which an object is published: its own, and those that the salts make of it. */
  protected targetsOf(key: Key): readonly Key[] {
    const targets = [key];
    for (let salt = 1; salt < this.settings.roots; salt++) targets.push(ringOf(IDENTIFIER_BITS).identifierAt(key, salt));
    return targets;
  }

  private provides(target: Key): boolean {
    if (this.published === null) return false;
    if (this.published.has(target)) return true;
    if (this.settings.roots > 1) for (const key of this.published.keys()) if (this.targetsOf(key).includes(target)) return true;
    return false;
  }

  override publishFor(provider: Address, item: Item): void {
    super.publishFor(provider + CLIENT, item);
  }

  override withdrawFor(provider: Address, key: Key): void {
    super.withdrawFor(provider === this.peer.address ? provider : provider + CLIENT, key);
  }

  /** Pointers whose way to the root now leads over this peer. */
  protected onNewCell(address: Address): void {
    if (this.indexIfAny === null) return;
    for (const key of [...this.index.keys()]) if (this.toward(key, 0) === address) this.republishAll(this.index.of(key, this.peer.now));
  }

  /** Sends pointers on their way to the root once more, from here. */
  private republishAll(items: readonly number[]): void {
    for (let i = 0; i < items.length; i += 3) {
      const [key, provider, lifeMs] = [items[i], items[i + 1], items[i + 2]];
      const origin = this.peer.address;
      const message: TapestryRouted = {
        ...{ type: 'publish', key, origin, request: 0, hops: 0, ack: 0, provider, level: 0, distanceMs: 0, lifeMs },
      };
      this.forward(message);
    }
  }

  private onPointers({ items }: PointersMessage): void {
    for (let i = 0; i < items.length; i += 3) {
      const [key, provider, lifeMs] = [items[i], items[i + 1], items[i + 2]];
      this.index.put(key, provider, this.peer.now + lifeMs);
    }
    this.republishAll(items);
  }

  // Joining and leaving.

  leave(): void {
    if (!this.joined) return;
    this.withdrawAll();
    this.sayGoodbye();
    this.handOver();
  }

  /** The pointers it was the root of go to who shares most digits with it, and from there to their new root. */
  private handOver(): void {
    const { table } = this;
    if (this.indexIfAny === null || table.size === 0) return;
    const heir = table.entries[table.firstOf(table.rowOf(table.entries[table.entries.length - ENTRY + 1])) + 2];
    const items: number[] = [];
    for (const key of this.index.keys()) {
      if (this.toward(key, 0) === this.peer.address) items.push(...this.index.of(key, this.peer.now));
    }
    for (let i = 0; i < items.length; i += 3 * POINTERS_PER_MESSAGE) {
      this.peer.send(heir, { type: 'pointers', items: items.slice(i, i + 3 * POINTERS_PER_MESSAGE) } as PointersMessage);
    }
  }

  protected override onAnnounce(from: Address, message: AnnounceMessage): void {
    super.onAnnounce(from, message);
    if (this.joined) this.tellNewcomers(message.identifier, from);
  }

  // Messages.

  onMessage(from: Address, message: TapestryMessage | ClientMessage, connection: Connection | null = null): void {
    switch (message.type) {
      case 'locate':
      case 'publish':
      case 'withdraw':
      case 'seek':
      case 'join':
      case 'divert':
      case 'gone':
        if (this.joined) this.onRouted(from, message);
        return;
      case 'copy':
        this.hear(message.contacts);
        return;
      case 'multicast':
        if (this.joined) this.onMulticast(from, message);
        return;
      case 'report':
        this.onReport(message);
        return;
      case 'hello':
        this.onHello(from, message);
        return;
      case 'inserted':
        this.onInserted(message);
        return;
      case 'heartbeat':
        this.onHeartbeat(from, message);
        return;
      case 'leaving':
        if (this.joined) this.onLeaving(from, message);
        return;
      case 'pointers':
        if (this.joined) this.onPointers(message);
        return;
      default:
        if (!this.onCommon(from, message)) serveClient(this, message, connection);
    }
  }

  // For others to look at.

  /** Called by `converge` when the table is filled. */
  converged(): void {
    this.onJoined();
  }

  /** Links, backups and backpointers, and the pointers held for others. */
  state(): PeerState {
    const contacts = this.table.size + this.backpointers.length;
    const pointers = this.indexIfAny?.entries ?? 0;
    return { entries: contacts + pointers, bytes: contacts * CONTACT_BYTES + pointers * POINTER_BYTES };
  }

  /** Whom a message to this identifier goes to from here when so many digits are resolved; NOBODY: this is the root. For tests. */
  nextHop(key: Key, level: number): { readonly to: Address; readonly level: number } {
    const to = this.toward(key, level);
    return { to: to === this.peer.address ? NOBODY : to, level: this.resolved };
  }
}
