/** A placebo that works until `atMs` and then throws in the method that `where` names. */

import {
  type Address,
  defineProtocol,
  type Message,
  type Peer,
  type Protocol,
  type SettingSpecs,
  type SettingsOf,
} from '../../../src/protocol.js';
import type { Locate, LocateOperation } from '../../../src/services/locate.js';

const SETTINGS = {
  where: { default: 'nowhere', about: 'the method that throws' },
  atMs: { default: 0, min: 0, about: 'from when on' },
} as const satisfies SettingSpecs;

class Thrower implements Protocol<Message>, Locate {
  private readonly peer: Peer;
  private readonly settings: SettingsOf<typeof SETTINGS>;

  constructor(peer: Peer, settings: SettingsOf<typeof SETTINGS>) {
    this.peer = peer;
    this.settings = settings;
    this.trap('create');
  }

  join(): void {
    this.begin();
    this.trap('join');
  }

  begin(): void {
    this.peer.every(100, this.greet);
  }

  onMessage(): void {
    this.trap('onMessage');
  }

  leave(): void {
    this.trap('leave');
  }

  publish(): void {
    this.trap('publish');
  }

  locate(_key: number, operation: LocateOperation): void {
    this.trap('locate');
    operation.finish(1);
  }

  neighbours(): Address[] {
    this.trap('neighbours');
    return [];
  }

  private greet(): void {
    this.trap('timer');
    if (this.settings.where === 'async') Promise.reject(new Error('placebo, later'));
    for (const other of this.peer.bootstrap(1)) this.peer.send(other, { type: 'hello' });
  }

  private trap(here: string): void {
    if (this.settings.where === here && this.peer.now >= this.settings.atMs) throw new Error('placebo');
  }
}

export default defineProtocol<Thrower, typeof SETTINGS>({
  about: 'throws where it is told to',
  settings: SETTINGS,
  messages: { hello: [] },
  services: ['locate'],
  sizeOf(_message: Message, settings) {
    if (settings.where === 'sizeOf') throw new Error('placebo');
    return 10;
  },
  create: (peer, settings) => new Thrower(peer, settings),
  converge({ local, settings }) {
    if (settings.where === 'converge') throw new Error('placebo');
    for (const { protocol } of local) protocol.begin();
  },
});
