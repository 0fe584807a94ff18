/**
 * The ladder (RFC 5128, 3; ICE, RFC 8445): a peer asks a rendezvous of the target for its addresses and tries them; then has both told
 * at the same time, so that both try, and each opens its gateway for the other; then has the rendezvous relay. Every way is checked from
 * end to end before it is used, and it is the asking side that decides which is.
 */

import type { Address } from '../../protocol.js';
import { type Link, RETRY_MS, TRIES } from './links.js';
import { AGREE, ANSWER, type Call, CHECK, DIRECT, KEEP, type Probe, PUNCH, RELAY, type Told, USE } from './messages.js';
import { Path, type PathKind, Way } from './path.js';
import type { Identity, Reach } from './reach.js';
import { ASKING, PROBING, Search, WAITING } from './search.js';
import { SILENT_PERIODS } from './settings.js';

const wake = (search: Search) => search.owner.wake(search);
const nominate = (path: Path) => path.owner.searches.nominate(path);
const KINDS: readonly PathKind[] = ['direct', 'punched', 'relayed'];

export class Searches {
  private readonly reach: Reach;
  /** By the path's number. */
  private readonly searches = new Map<number, Search>();

  constructor(reach: Reach) {
    this.reach = reach;
  }

  begin(target: Identity, tag: unknown): Path {
    const { reach } = this;
    const { peer } = reach;
    const path = new Path(reach, peer.random.identifier(), false, target.id, tag);
    // This peer itself is the last to ask: it cannot relay to itself.
    const at = peer.random.shuffle(target.at.filter((address) => address !== peer.address));
    if (at.length < target.at.length) at.push(peer.address);
    const search = new Search(this, path, target.id === reach.id ? [] : at);
    this.searches.set(path.number, search);
    this.sleep(search, 0);
    return path;
  }

  /** A timer of the search is due. */
  wake(search: Search): void {
    const { now } = this.reach.peer;
    search.timer = undefined;
    if (search.state === WAITING) this.findLink(search);
    else if (search.state === ASKING) {
      if (++search.tries < TRIES) this.ask(search);
      else this.askAnother(search);
    } else if (now < search.untilMs) this.check(search);
    else if (search.path.incoming) this.end(search, null);
    else if (search.step === RELAY) this.askAnother(search);
    else this.climb(search);
  }

  onTold(link: Link, { path, step, known, addresses }: Told): void {
    const search = this.searches.get(path);
    if (search === undefined || search.link !== link || search.state !== ASKING || search.step !== step) return;
    if (!known) this.askAnother(search);
    else if (step === RELAY || addresses.length > 0) this.tryOut(search, addresses);
    else this.climb(search);
  }

  /** Somebody wants to reach this peer, says a rendezvous where it is registered. */
  onCall(link: Link, { path, step, id, addresses }: Call): void {
    if (this.reach.paths.has(path)) return;
    const search = this.searches.get(path) ?? this.expect(path, id);
    if (!search.path.incoming || (search.step === step && search.state === PROBING && search.link === link)) return;
    search.step = step;
    search.link = link;
    search.path.other = id;
    this.tryOut(search, addresses);
  }

  /** @param way by which it came, and which it is about */
  onProbe(way: Way, { path: number, what, id }: Probe): void {
    const { reach } = this;
    const path = reach.paths.get(number);
    if (path !== undefined) {
      path.heardMs = reach.peer.now;
      if (what === AGREE || what === KEEP) path.agreed = true;
      if (way.connection === null && what === CHECK) way.probe(reach.peer, ANSWER, id);
      if (way.connection === null && what === USE) way.probe(reach.peer, AGREE, id);
      return;
    }
    const search = this.searches.get(number);
    if (what === CHECK) this.onCheck(search, way, id);
    else if (search === undefined) this.refuse(way);
    else if (search.path.incoming !== (what === ANSWER)) {
      this.end(search, way);
      if (what === USE && way.connection === null) way.probe(reach.peer, AGREE, id);
    }
  }

  /** Tells the other side that this path is in use, until it says something on it. */
  nominate(path: Path): void {
    const { peer } = this.reach;
    if (!path.open || path.agreed) return;
    path.way!.probe(peer, USE, path.other);
    if (path.way!.connection === null && ++path.tries < TRIES) peer.after(RETRY_MS * 2 ** path.tries, nominate, path);
  }

  /** The first data may overtake the word that the path is in use. */
  onData(path: number, from: Address, link: Link | null): Path | undefined {
    const search = this.searches.get(path);
    if (search?.path.incoming) this.end(search, new Way(path, from, null, search.step === RELAY ? link : null));
    else this.refuse(new Way(path, from, null, link));
    return this.reach.paths.get(path);
  }

  /** A connection that was tried is open. */
  onOpen(way: Way): void {
    const search = this.searches.get(way.path);
    if (search === undefined) way.connection!.reset();
    else way.probe(this.reach.peer, CHECK, search.path.other);
  }

  onClose(way: Way): void {
    const search = this.searches.get(way.path);
    if (search === undefined) return;
    search.ways = search.ways.filter((other) => other !== way);
    // When a hole is being punched the other side may still come through.
    if (search.state === PROBING && search.step === DIRECT && search.ways.length === 0 && !search.path.incoming) this.climb(search);
  }

  onLinkUp(link: Link): void {
    for (const search of this.searches.values()) if (search.link === link && search.state === WAITING) this.ask(search);
  }

  onLinkGone(link: Link): void {
    for (const search of [...this.searches.values()]) {
      if (search.link !== link || search.path.incoming) continue;
      if (search.state !== PROBING || search.step === RELAY) this.askAnother(search);
    }
  }

  isUsing(link: Link): boolean {
    for (const search of this.searches.values()) if (search.link === link) return true;
    for (const { way } of this.reach.paths.values()) if (way!.relay === link) return true;
    return false;
  }

  private findLink(search: Search): void {
    const address = search.at.at(0);
    if (address === undefined) {
      this.end(search, null);
      return;
    }
    search.link = this.reach.links.to(address);
    search.state = WAITING;
    if (search.link.up) this.ask(search);
  }

  private ask(search: Search): void {
    const { peer } = this.reach;
    const link = search.link!;
    search.state = ASKING;
    link.usedMs = peer.now;
    this.sendAsk(search);
    this.sleep(search, RETRY_MS * 2 ** search.tries);
  }

  private sendAsk({ path, step, link }: Search): void {
    const { peer, id, links } = this.reach;
    link!.send({ type: 'reach-ask', path: path.number, step, id, own: peer.address, mapped: links.mapped, target: path.other });
  }

  /** The rendezvous does not answer, does not know the target, or will not relay. */
  private askAnother(search: Search): void {
    this.letGo(search);
    search.at.shift();
    search.tries = 0;
    this.findLink(search);
  }

  /** The next rung. */
  private climb(search: Search): void {
    const { settings, links } = this.reach;
    this.letGo(search);
    search.step++;
    if (search.step === PUNCH && (!settings.punching || links.blocked)) search.step = RELAY;
    search.tries = 0;
    if (search.step > RELAY || (search.step === RELAY && !settings.relaying)) this.end(search, null);
    else if (search.link!.gone) this.askAnother(search);
    else this.ask(search);
  }

  /** Tries these addresses, or, on the last rung, the relay. */
  private tryOut(search: Search, addresses: readonly Address[]): void {
    const { peer, settings, links } = this.reach;
    const { step, path } = search;
    search.state = PROBING;
    search.tries = 0;
    search.askAgainMs = peer.now;
    search.untilMs = peer.now + (step === DIRECT ? settings.directMs : settings.punchMs);
    // Behind gateways the other side's own address may be the same as this peer's.
    search.addresses = links.blocked ? [] : addresses.filter((address) => address !== peer.address);
    if (!path.incoming && step !== RELAY && search.addresses.length === 0) this.climb(search);
    else if (step !== RELAY && settings.transport === 'connection') {
      const timeoutMs = search.untilMs - peer.now;
      const { keepAliveMs } = settings;
      const alive = keepAliveMs > 0 ? { keepAliveMs, writeTimeoutMs: SILENT_PERIODS * keepAliveMs } : {};
      for (const address of search.addresses) {
        const connection = peer.connect(address, { timeoutMs, ...alive });
        const way = new Way(path.number, address, connection, null);
        connection.tag = way;
        search.ways.push(way);
      }
      this.sleep(search, timeoutMs);
    } else this.check(search);
  }

  /** Sends datagrams to all addresses that are tried, or one over the relay; and sets the timer for the next time. */
  private check(search: Search): void {
    const { peer, settings } = this.reach;
    const { path, step, link, addresses } = search;
    let waitMs = search.untilMs - peer.now;
    if (!path.incoming && step !== DIRECT && peer.now >= search.askAgainMs) {
      // The rendezvous has answered, but the other side may not have been told.
      if (search.tries > 0 && link!.connection === null) this.sendAsk(search);
      if (step === RELAY) new Way(path.number, link!.address, null, link).probe(peer, CHECK, path.other);
      search.askAgainMs = peer.now + RETRY_MS * (step === RELAY ? 1 : 2 ** search.tries);
      search.tries++;
    }
    if (step === RELAY) {
      if (!path.incoming) waitMs = Math.min(waitMs, search.askAgainMs - peer.now);
    } else if (settings.transport === 'datagram' && addresses.length > 0) {
      for (const address of addresses) this.checkAt(search, address);
      waitMs = Math.min(waitMs, settings.probeMs);
    }
    this.sleep(search, waitMs);
  }

  private checkAt({ path }: Search, address: Address): void {
    this.reach.peer.send(address, { type: 'reach-probe', path: path.number, what: CHECK, id: path.other } satisfies Probe);
  }

  private onCheck(before: Search | undefined, way: Way, id: number): void {
    const { reach } = this;
    const { connection } = way;
    if (id !== reach.id) {
      // Behind gateways one address is many peers'.
      connection?.reset();
      return;
    }
    const isNew = connection !== null && connection.tag !== way;
    if (isNew && !this.yields(connection.tag, way)) return;
    const search = before ?? this.expect(way.path, 0);
    if (isNew) {
      connection.tag = way;
      search.ways.push(way);
    }
    if (search.path.incoming) way.probe(reach.peer, ANSWER, id);
    else if (connection !== null) this.end(search, way);
    else {
      // It came from there; whether it goes there is another question (RFC 8445, 7.3.1.4: a triggered check).
      way.probe(reach.peer, ANSWER, id);
      if (search.addresses.includes(way.remote) || way.relay !== null) return;
      search.addresses.push(way.remote);
      if (search.state === PROBING) this.checkAt(search, way.remote);
    }
  }

  /** Whether a connection is free for this way: when both sides asked at the same time, it is one for two paths, or for a link. */
  private yields(tag: unknown, way: Way): boolean {
    if (!(tag instanceof Way)) return tag === undefined;
    if (tag.path < way.path) return false; // as the other side sees, too
    this.onClose(tag);
    return true;
  }

  /** Somebody looks for this peer. */
  private expect(path: number, other: number): Search {
    const { reach } = this;
    const search = new Search(this, new Path(reach, path, true, other, undefined), []);
    this.searches.set(path, search);
    search.state = PROBING;
    search.untilMs = reach.peer.now + reach.settings.punchMs;
    this.sleep(search, reach.settings.punchMs);
    return search;
  }

  /** The search is over: by this way the other side is reached, or by none. */
  private end(search: Search, way: Way | null): void {
    const { reach } = this;
    const { path } = search;
    search.ways = search.ways.filter((other) => other !== way);
    this.letGo(search);
    this.searches.delete(path.number);
    if (way !== null) reach.opened(path, way, way.relay !== null ? 'relayed' : KINDS[search.step === DIRECT ? DIRECT : PUNCH]);
    else if (!path.incoming) reach.failed(path);
  }

  /** Stops what the search is doing. */
  private letGo(search: Search): void {
    const { ways } = search;
    search.ways = [];
    for (const { connection } of ways) connection!.reset();
    this.reach.peer.cancel(search.timer);
    search.timer = undefined;
  }

  private sleep(search: Search, ms: number): void {
    const { peer } = this.reach;
    peer.cancel(search.timer);
    search.timer = peer.after(ms, wake, search);
  }

  /** Nobody here knows of this path. */
  private refuse(way: Way): void {
    if (way.relay === null && way.connection !== null) way.connection.reset();
    else way.end(this.reach.peer);
  }
}
