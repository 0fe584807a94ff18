/**
 * A placebo that watches the clock: it pings, times the answers, and throws when time goes back or a timer fires too early. A handler
 * may take `burnMs` of real time.
 */

import { type Address, defineProtocol, type Peer, type Protocol, type SettingSpecs, type SettingsOf } from '../../../src/protocol.js';

type Ping = { readonly type: 'ping'; readonly sentMs: number };
type Pong = { readonly type: 'pong'; readonly sentMs: number; readonly handledMs: number };

const SETTINGS = {
  periodMs: { default: 100, min: 1, about: 'time between two pings' },
  burnMs: { default: 0, min: 0, about: 'real time that handling a message takes' },
} as const satisfies SettingSpecs;

class Watcher implements Protocol<Ping | Pong> {
  private readonly peer: Peer;
  private readonly settings: SettingsOf<typeof SETTINGS>;
  private lastMs = 0;

  constructor(peer: Peer, settings: SettingsOf<typeof SETTINGS>) {
    this.peer = peer;
    this.settings = settings;
    this.look();
  }

  join(): void {
    this.look();
    this.peer.after(this.settings.periodMs * this.peer.random.next(), this.ping, 0);
  }

  onMessage(from: Address, message: Ping | Pong): void {
    this.look(message.sentMs);
    if (message.type === 'ping') this.peer.send(from, { type: 'pong', sentMs: message.sentMs, handledMs: this.peer.now });
    else {
      this.look(message.handledMs);
      this.peer.count('round trips');
      this.peer.count('round trip us', Math.round((this.peer.now - message.sentMs) * 1000));
    }
    const until = performance.now() + this.settings.burnMs;
    while (performance.now() < until);
  }

  private ping(dueMs: number): void {
    this.look(dueMs);
    this.peer.after(this.settings.periodMs, this.ping, this.peer.now + this.settings.periodMs);
    for (const other of this.peer.bootstrap(1)) this.peer.send(other, { type: 'ping', sentMs: this.peer.now });
  }

  private look(notBeforeMs = 0): void {
    const { now } = this.peer;
    if (now < this.lastMs || now < notBeforeMs) throw new Error(`it is ${now} after ${this.lastMs} and ${notBeforeMs}`);
    this.lastMs = now;
  }
}

export default defineProtocol({
  about: 'times its pings',
  settings: SETTINGS,
  messages: { ping: ['sentMs'], pong: ['sentMs', 'handledMs'] },
  sizeOf: () => 100,
  create: (peer, settings) => new Watcher(peer, settings),
  converge({ local }) {
    for (const { protocol } of local) protocol.join();
  },
});
