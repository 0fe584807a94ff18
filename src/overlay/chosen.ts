/** Which peers are of a special kind (free riders of a protocol, poisoners, cheats), when a share of all is to be. */

import type { Peer } from '../protocol.js';

/**
 * Whether a peer is one of this share. It is a matter of its name and of the kind's (FNV-1a, mixed so that names which differ in one
 * letter fall anywhere), and so the same in all its sessions and in every run; who is one of 10 % is also one of 20 %.
 */
export function isChosen({ name }: Pick<Peer, 'name'>, share: number, kind = ''): boolean {
  let hash = 0x811c9dc5;
  const text = kind + name;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32 < share;
}
