/** A converged start: everybody is logged in at a server drawn at random, and linked servers have their links. */

import type { Everyone } from '../../protocol.js';
import { Client } from './client.js';
import { lineTypeOf } from './messages.js';
import { Server } from './server.js';
import type { NapsterSettings } from './settings.js';

export function converge(everyone: Everyone<Client | Server, NapsterSettings>): void {
  const { count, servers, settings, random } = everyone;
  const { keepAliveMs, serverTimeoutMs: writeTimeoutMs } = settings;
  const local = new Map<number, Client | Server>();
  for (const { index, protocol } of everyone.local) local.set(index, protocol);
  for (let index = 0; index < count; index++) {
    const home = random.integer(servers);
    const [client, server] = [local.get(index), local.get(count + home)];
    if (client instanceof Client) client.begin(home, everyone.connect(index, count + home, { keepAliveMs, writeTimeoutMs }));
    if (server instanceof Server) {
      const connection = everyone.connect(count + home, index, { keepAliveMs });
      server.adopt(connection, lineTypeOf(everyone.uplinkBitsPerSecond(index)), everyone.reachable(index));
    }
  }
  for (let home = 0; home < servers; home++) {
    const server = local.get(count + home);
    if (!(server instanceof Server)) continue;
    for (let other = 0; settings.linked && other < servers; other++) {
      if (other !== home) server.adoptLink(other, everyone.connect(count + home, count + other, { keepAliveMs, writeTimeoutMs }));
    }
    server.join();
  }
}
