/** Peers who write down what happens to their connections, and when: a story to be compared with the one that should have been. */

import type { CloseReason } from '../../src/protocol.js';
import { SIZED } from './hosts.js';
import { type Puppet, puppet, type Script } from './puppet.js';
import { type Testnet, type TestnetOptions, testnet } from './testnet.js';

/** Two peers, or more; all listen. `story` has a line for each thing that happened: `100 p0 is open`. */
export async function story(script: Script, options: Partial<TestnetOptions> = {}): Promise<Testnet<Puppet> & { story: string[] }> {
  const lines: string[] = [];
  const name = (me: Puppet) => me.peer.name;
  const note = (me: Puppet, what: string) => lines.push(`${Math.round(me.peer.now * 1000) / 1000} ${name(me)} ${what}`);
  const made = await testnet<Puppet>(
    puppet(
      {
        ...script,
        accept: (me, connection) => {
          note(me, 'accepts');
          script.accept?.(me, connection);
        },
        open: (me, connection) => {
          note(me, 'is open');
          script.open?.(me, connection);
        },
        close: (me, connection, reason: CloseReason) => {
          note(me, reason);
          script.close?.(me, connection, reason);
        },
        message: (me, from, message, connection) => {
          note(me, `gets ${message.type} ${message.n}`);
          script.message?.(me, from, message, connection);
        },
      },
      SIZED,
    ),
    { peers: 2, ...options },
  );
  return Object.assign(made, { story: lines });
}
