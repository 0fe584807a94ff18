/**
 * The door of a shard's thread: a Piscina task that lasts as long as the run. It exposes a ShardHost over comlink on the port it was
 * given, and ends when told to stop. The task must not end before: an idle Piscina worker sleeps in Atomics.wait and hears no port.
 */

import type { MessagePort } from 'node:worker_threads';
import * as Comlink from 'comlink';
import { ShardHost } from '../src/shard/host.js';

export default function holdShard({ port }: { port: MessagePort }): Promise<void> {
  return new Promise((resolve) => {
    const host = new ShardHost(() => {
      // After the answer to `stop` has left.
      setImmediate(() => {
        port.close();
        resolve();
      });
    });
    Comlink.expose(host, port as unknown as Comlink.Endpoint);
  });
}
