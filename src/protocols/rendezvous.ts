/**
 * Who can reach whom: peers behind whatever gateways register with a few that anybody can call, learn of each other there, and reach
 * each other, by the ladder of `overlay/reach`: directly, through a punched hole, or relayed. Over the path they say a few words, and
 * close it. Nothing else is of interest; the counters are the result.
 */

import { REACH_MESSAGES, type ReachMessage, sizeOfReach } from '../overlay/reach/messages.js';
import type { Path } from '../overlay/reach/path.js';
import { type Identity, Reach, type ReachUser } from '../overlay/reach/reach.js';
import { REACH_SETTINGS } from '../overlay/reach/settings.js';
import {
  type Address,
  type ClaimContext,
  type CloseReason,
  type Connection,
  defineProtocol,
  type Message,
  type Peer,
  type Protocol,
  type SettingSpecs,
  type SettingsOf,
} from '../protocol.js';

/** The path's asker says words, numbered from 1; the other side repeats them. */
interface Word {
  readonly type: 'word';
  readonly number: number;
}
interface Echo {
  readonly type: 'echo';
  readonly number: number;
}
type RendezvousMessage = Word | Echo | ReachMessage;

const SETTINGS = {
  ...REACH_SETTINGS,
  everyMs: { default: 20_000, min: 1, about: 'mean time between two attempts of a peer to reach another; exponential' },
  settleMs: { default: 10_000, min: 0, about: 'how long after it joined a peer makes no attempt' },
  words: { default: 3, integer: true, min: 1, max: 1000, about: 'messages each way over a path' },
  pauseMs: { default: 500, min: 0, about: 'time between two of them' },
  wordBytes: { default: 200, integer: true, min: 0, max: 65_000, about: 'bytes of each' },
  patienceMs: { default: 10_000, min: 1, about: 'an answer that is not there by then will not come' },
} as const satisfies SettingSpecs;
type Settings = SettingsOf<typeof SETTINGS>;

/** Some to choose a partner from. */
const CANDIDATES = 8;

/** What this side of a path remembers. */
interface Talk {
  readonly path: Path;
  said: number;
}

class Partner implements Protocol<RendezvousMessage>, ReachUser {
  private readonly peer: Peer;
  private readonly settings: Settings;
  private readonly reach: Reach;

  constructor(peer: Peer, settings: Settings) {
    this.peer = peer;
    this.settings = settings;
    this.reach = new Reach(peer, settings, this, () => settings.wordBytes);
  }

  join(): void {
    this.reach.start();
    const { peer, settings } = this;
    peer.after(settings.settleMs + peer.random.exponential(settings.everyMs), this.lookAround);
  }

  leave(): void {
    this.reach.leave();
  }

  onMessage(from: Address, message: RendezvousMessage, connection: Connection | null): void {
    this.reach.onMessage(from, message, connection);
  }

  /** Everybody listens: who asks for a connection says on it what it is for. */
  onAccept(): void {}

  onOpen(connection: Connection): void {
    this.reach.onOpen(connection);
  }

  onClose(connection: Connection, reason: CloseReason): void {
    this.reach.onClose(connection, reason);
  }

  onWho(identities: readonly Identity[]): void {
    const others = identities.filter(({ id }) => id !== this.reach.id);
    if (others.length > 0) this.reach.to(this.peer.random.pick(others));
  }

  onReached(path: Path): void {
    if (!path.open) return;
    const talk: Talk = { path, said: 0 };
    path.tag = talk;
    this.say(talk);
  }

  onPath(): void {}

  onPathMessage(path: Path, message: Message): void {
    if (message.type === 'word') path.send({ type: 'echo', number: (message as Word).number } satisfies Echo);
    else if (path.tag !== undefined) this.onEcho(path.tag as Talk, message as Echo);
  }

  onPathEnd(path: Path): void {
    if (path.tag !== undefined) this.peer.count('talks-broken');
  }

  private lookAround(): void {
    const { peer, settings } = this;
    peer.after(peer.random.exponential(settings.everyMs), this.lookAround);
    const rendezvous = peer.bootstrap(1).at(0);
    if (rendezvous !== undefined) this.reach.who(rendezvous, CANDIDATES);
  }

  private say(talk: Talk): void {
    if (!talk.path.open) return;
    talk.said++;
    talk.path.send({ type: 'word', number: talk.said } satisfies Word);
    this.peer.after(this.settings.patienceMs, this.giveUp, [talk, talk.said] as const);
  }

  private onEcho(talk: Talk, { number }: Echo): void {
    if (number !== talk.said) return;
    if (talk.said < this.settings.words) {
      this.peer.after(this.settings.pauseMs, this.say, talk);
      return;
    }
    talk.said++;
    talk.path.close();
    this.peer.count('talks-complete');
  }

  /** No echo of this word came. */
  private giveUp([talk, number]: readonly [Talk, number]): void {
    if (talk.said !== number || !talk.path.open) return;
    talk.path.close();
    this.peer.count('talks-broken');
  }
}

const reachOf = ({ summary }: ClaimContext<Settings>, how: string) =>
  (summary.counters as Readonly<Record<string, number>>)[`reach-${how}`] ?? 0;
const attempts = (run: ClaimContext<Settings>) =>
  ['direct', 'punched', 'relayed', 'failed'].reduce((sum, how) => sum + reachOf(run, how), 0);

export default defineProtocol({
  about: 'who can reach whom: directly, through a punched hole, or relayed',
  source: 'Srisuresh, Ford, Kegel, State of Peer-to-Peer (P2P) Communication across NATs, RFC 5128, 2008; the order as in ICE, RFC 8445',
  settings: SETTINGS,
  messages: { word: ['number'], echo: ['number'], ...REACH_MESSAGES },
  sizeOf: (message: RendezvousMessage, settings) =>
    message.type === 'word' || message.type === 'echo' ? settings.wordBytes : sizeOfReach(message, () => settings.wordBytes),
  create: (peer, settings) => new Partner(peer, settings),
  claims: [
    {
      says: 'without NAT nobody needs a hole punched or a relay',
      source: 'RFC 5128, 2008',
      applies: (run) => run.summary.nat === null && !run.churn && attempts(run) > 0,
      judge: (run) => ({ measured: reachOf(run, 'direct') / attempts(run), atLeast: 0.99 }),
    },
    {
      says: 'with a relay as the last resort everybody reaches everybody, whatever gateways are between them',
      source: 'ICE, RFC 8445, 2018',
      applies: (run) => run.settings.relaying && run.settings.relayPaths > 0 && !run.churn && attempts(run) > 0,
      judge: (run) => ({ measured: 1 - reachOf(run, 'failed') / attempts(run), atLeast: 0.99 }),
    },
  ],
});
