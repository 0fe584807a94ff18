/** What an idle connection takes: there may be a dozen per peer, and a million peers. */

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import test from 'ava';
import type { Protocol } from '../../src/protocol.js';
import { testnet } from '../helpers/testnet.js';

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

/** Heap and array buffers, after two collections: the second waits for buffers that the first has let go. */
function bytesInUse(): number {
  collect();
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

const PEERS = 1000;
const CONNECTIONS = 30;

test('an idle end of a connection takes at most 200 bytes, and none when it is closed', async (t) => {
  const silent: Protocol = { join() {}, onMessage() {}, onAccept() {} };
  const net = await testnet({ about: 'silence', messages: {}, create: () => Object.create(silent) }, { peers: PEERS });
  const ask = (peer: number, step: number) => net.shard.session(peer)!.connect(net.address((peer + step) % PEERS));
  /** A few at a time, so that events under way do not count. */
  const connect = (from: number, to: number) => {
    for (let step = from; step < to; step++) {
      for (let peer = 0; peer < PEERS; peer++) {
        ask(peer, step);
        if (peer % 50 === 0) net.runFor(200);
      }
    }
    net.runFor(60_000);
  };
  const { ends } = net.shard.transport;
  connect(1, 3); // whatever is made once
  const [before, countBefore] = [bytesInUse(), ends.count];
  connect(3, 3 + CONNECTIONS);
  const perEnd = (bytesInUse() - before) / (ends.count - countBefore);
  t.is(ends.count - countBefore, 2 * PEERS * CONNECTIONS);
  t.log(`${perEnd.toFixed(0)} bytes per end`);
  t.true(perEnd <= 200, `${perEnd} bytes per end`);

  for (let peer = 0; peer < PEERS; peer++) {
    for (let end = net.shard.session(peer)!.ends; end !== null; end = end.next) if (!end.incoming) end.close();
    net.runFor(200);
  }
  net.runFor(60_000);
  t.is(ends.count, 0);
  // What stays is the table of numbers.
  const left = (bytesInUse() - before) / (2 * PEERS * CONNECTIONS);
  t.true(left < 30, `${left} bytes per end that is gone`);
});
