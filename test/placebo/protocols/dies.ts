/** A placebo that after a second of virtual time ends its thread, or never gives it back, or sends until time and memory are used up. */

import {
  type Address,
  defineProtocol,
  type Message,
  type Peer,
  type Protocol,
  type SettingSpecs,
  type SettingsOf,
} from '../../../src/protocol.js';

const SETTINGS = {
  how: { default: 'live', about: 'what it dies of' },
  where: { default: 'timer', about: 'in which method: timer, join or converge' },
  atMs: { default: 1000, min: 0, about: 'when, from a timer' },
} as const satisfies SettingSpecs;

class Mortal implements Protocol<Message> {
  private readonly peer: Peer;
  private readonly settings: SettingsOf<typeof SETTINGS>;
  /** Wall time, in ms: what no honest protocol looks at. */
  private readonly madeAt = performance.now();

  constructor(peer: Peer, settings: SettingsOf<typeof SETTINGS>) {
    this.peer = peer;
    this.settings = settings;
  }

  join(): void {
    this.peer.every(100, this.greet);
    if (this.peer.name !== 'p1') return;
    if (this.settings.where === 'join') this.die();
    else if (this.settings.where === 'timer') this.peer.after(this.settings.atMs, this.die);
  }

  onMessage(from: Address, { type }: Message): void {
    if (type === 'again') this.peer.send(this.peer.address, { type: 'again' });
    if (type !== 'twice') return;
    this.peer.send(from, { type: 'twice' });
    this.peer.send(from, { type: 'twice' });
  }

  die(): void {
    const { peer } = this;
    switch (this.settings.how) {
      case 'exit':
        process.exit(3);
        break;
      case 'never returns':
        while (true);
      case 'memory': {
        const hoard: number[][] = [];
        while (true) hoard.push(new Array(100_000).fill(hoard.length + 0.5));
      }
      case 'time stands still':
        peer.send(peer.address, { type: 'again' });
        break;
      case 'flood':
        for (const other of peer.bootstrap(5)) peer.send(other, { type: 'twice' });
        break;
      case 'size NaN':
      case 'size negative':
      case 'size huge':
      case 'size fraction':
        peer.send(peer.bootstrap(1)[0], { type: this.settings.how });
        break;
      case 'to nowhere':
        peer.send(5, { type: 'hello' });
        break;
      case 'to NaN':
        peer.send(Number.NaN, { type: 'hello' });
        break;
      case 'to text':
        peer.send('p7' as never, { type: 'hello' });
        break;
      case 'undeclared type':
        peer.send(peer.bootstrap(1)[0], { type: 'helo' });
        break;
      case 'undeclared field':
        peer.send(peer.bootstrap(1)[0], { type: 'again', text: 'you' } as Message);
    }
  }

  private greet(): void {
    if (this.settings.how === 'exit late' && this.peer.name === 'p1' && performance.now() - this.madeAt > 3000) process.exit(3);
    for (const other of this.peer.bootstrap(1)) this.peer.send(other, { type: 'hello' });
  }
}

const SIZES: Readonly<Record<string, number>> = { 'size NaN': Number.NaN, 'size negative': -1, 'size huge': 1e9, 'size fraction': 10.5 };

export default defineProtocol<Mortal, typeof SETTINGS>({
  about: 'dies as it is told to',
  settings: SETTINGS,
  messages: { hello: [], again: [], twice: [], ...Object.fromEntries(Object.keys(SIZES).map((type) => [type, []])) },
  sizeOf: ({ type }: Message) => SIZES[type] ?? 10,
  create: (peer, settings) => new Mortal(peer, settings),
  converge({ local, settings }) {
    for (const { protocol } of local) {
      protocol.join();
      if (settings.where === 'converge') protocol.die();
    }
  },
});
