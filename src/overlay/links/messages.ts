/** What two peers say to each other about the link between them. */

import type { Address } from '../../protocol.js';

/** "Be my neighbour": the first on a connection. */
export type Connect = { readonly type: 'connect' };
/** "I am, and this is the address by which I see you." */
export type Accept = { readonly type: 'accept'; readonly seenAs: Address };
/** "No room, but try these": the last on a connection. */
export type Refuse = { readonly type: 'refuse'; readonly hosts: readonly Address[] };
/** "We are neighbours no longer": likewise. */
export type Bye = { readonly type: 'bye' };
export type LinkMessage = Connect | Accept | Refuse | Bye;

/** For a definition to spread among its own. */
export const LINK_MESSAGES = {
  connect: [],
  accept: ['seenAs'],
  refuse: ['hosts'],
  bye: [],
} as const;

export const CONNECT: Connect = Object.freeze({ type: 'connect' });
export const BYE: Bye = Object.freeze({ type: 'bye' });
