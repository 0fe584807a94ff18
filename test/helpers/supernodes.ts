/** KaZaA peers on the fake network, some of them supernodes that know each other, without waiting for promotions. */

import kazaa from '../../src/protocols/kazaa/index.js';
import type { Kazaa } from '../../src/protocols/kazaa/kazaa.js';
import type { KazaaSettings } from '../../src/protocols/kazaa/settings.js';
import { type FakeHost, type FakeLatency, FakeNetwork } from './fake-network.js';

/** Nothing periodic, and nobody is promoted or retires. */
export const STILL: Partial<KazaaSettings> = { roleMs: 0, newsMs: 0, listMs: 0, descendants: 100_000, fewest: 1 };

export interface Kazaanet {
  readonly net: FakeNetwork;
  readonly supernodes: FakeHost<Kazaa>[];
  /** Another peer, which joins. */
  add(changes?: object): FakeHost<Kazaa>;
}

/** So many supernodes, all linked with each other. Who joins later has the first of them in its host cache. */
export function kazaanet(count: number, settings: Partial<KazaaSettings> = {}, latencyMs: FakeLatency = 10): Kazaanet {
  const net = new FakeNetwork({ latencyMs, seed: 7 });
  const filled = { ...STILL, ...settings };
  const supernodes = Array.from({ length: count }, () => net.addPeer(kazaa, filled) as unknown as FakeHost<Kazaa>);
  for (const { protocol } of supernodes) protocol.become();
  for (const { protocol } of supernodes) for (const { address } of supernodes) protocol.supernode!.mesh.hear(address);
  for (let round = 0; round < 10; round++) {
    for (const { protocol } of supernodes) protocol.supernode!.mesh.seek();
    net.run(net.now + 1000);
  }
  return {
    net,
    supernodes,
    add(changes = {}) {
      const host = net.addPeer(kazaa, filled) as unknown as FakeHost<Kazaa>;
      host.bootstrap = () => [supernodes[0].address];
      Object.assign(host, changes);
      host.protocol.join();
      return host;
    },
  };
}

/** The supernode of a peer, by its place among these; -1 for none of them. */
export function supernodeOf(host: FakeHost<Kazaa>, supernodes: readonly FakeHost<Kazaa>[]): number {
  return supernodes.findIndex(({ address }) => address === host.protocol.user.access?.remote);
}
