/** Everybody is logged in already, each to a server drawn at random, with the identifier that a test would have given. O(N). */

import type { Everyone } from '../../protocol.js';
import type { Client } from './client.js';
import { Server } from './server.js';
import { type EdonkeySettings, lineOptions } from './settings.js';

export function converge({
  count,
  servers,
  random,
  local,
  connect,
  reachable,
  settings,
}: Everyone<Client | Server, EdonkeySettings>): void {
  const options = lineOptions(settings);
  const serverOf = Uint32Array.from({ length: count }, () => random.integer(servers));
  const lowIdOf = new Uint32Array(count);
  const lowIds = new Uint32Array(servers);
  const members: number[][] = Array.from({ length: servers }, () => []);
  for (let index = 0; index < count; index++) {
    if (!reachable(index)) lowIdOf[index] = ++lowIds[serverOf[index]];
    members[serverOf[index]].push(index);
  }
  for (const { index, protocol } of local) {
    if (protocol instanceof Server) {
      for (const member of members[index - count]) protocol.adopt(connect(index, member, options), lowIdOf[member]);
    } else protocol.login.adopt(connect(index, count + serverOf[index], options), lowIdOf[index]);
  }
}
