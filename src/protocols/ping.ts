/**
 * A benchmark of the plain message path, and the smallest protocol that does something: every period a peer pings a random other one,
 * which pongs. The counters `pings` and `pongs` differ by what was lost or is on its way.
 */

import { type Address, defineProtocol, type Peer, type Protocol, type SettingSpecs, type SettingsOf } from '../protocol.js';

type Ping = { readonly type: 'ping' };
type Pong = { readonly type: 'pong' };

const PING: Ping = Object.freeze({ type: 'ping' });
const PONG: Pong = Object.freeze({ type: 'pong' });

const SETTINGS = {
  periodMs: { default: 1000, min: 0.001, about: 'time between two pings of one peer' },
  partners: {
    default: 0,
    integer: true,
    min: 0,
    max: 1000,
    about: 'peers that each pings in turn, drawn when it joins; 0: a new one each time',
  },
  payloadBytes: { default: 56, integer: true, min: 0, max: 65_507, about: 'bytes of a ping, and of a pong, without headers' },
} as const satisfies SettingSpecs;

class Pinger implements Protocol<Ping | Pong> {
  private readonly peer: Peer;
  private readonly settings: SettingsOf<typeof SETTINGS>;
  private partners: readonly Address[] = [];
  private turn = 0;

  constructor(peer: Peer, settings: SettingsOf<typeof SETTINGS>) {
    this.peer = peer;
    this.settings = settings;
  }

  join(): void {
    this.peer.every(this.settings.periodMs, this.ping);
  }

  onMessage(from: Address, message: Ping | Pong): void {
    if (message.type === 'ping') this.peer.send(from, PONG);
    else this.peer.count('pongs');
  }

  private ping(): void {
    const target = this.nextTarget();
    if (target === undefined) return; // alone
    this.peer.count('pings');
    this.peer.send(target, PING);
  }

  private nextTarget(): Address | undefined {
    const { partners } = this.settings;
    if (partners === 0) return this.peer.bootstrap(1).at(0);
    if (this.partners.length === 0) this.partners = this.peer.bootstrap(partners);
    return this.partners[this.turn++ % this.partners.length];
  }
}

export default defineProtocol({
  about: 'benchmark: every peer pings a random one, which pongs',
  settings: SETTINGS,
  messages: { ping: [], pong: [] },
  sizeOf: (_message: Ping | Pong, settings) => settings.payloadBytes,
  create: (peer, settings) => new Pinger(peer, settings),
  /** There is nothing to converge to: who pings needs nobody in particular. */
  converge({ local }) {
    for (const { protocol } of local) protocol.join();
  },
});
