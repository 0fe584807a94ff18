/** What is counted of connections, all of it integers: how they began and ended, and the bytes of their streams and on the wire. */

/** In the order in which they cross threads. */
export const CONNECTION_COUNTS = [
  'asked', // handshakes begun
  'opened', // of those: answered
  'accepted', // by the other side, which hears that its answer arrived half a round trip later
  'refused',
  'timedOut', // in the handshake, or later by a write that nobody acknowledged
  'reset',
  'closed', // these three also of connections that a run began with, which nobody asked for
  'writtenBytes', // payload that protocols sent on connections
  'deliveredBytes',
  'lostBytes', // sent, and never handed over because the connection ended before
  'segments', // sent with payload, the repeated ones included
  'resent',
  'controls', // segments of handshakes, acknowledgements and resets
  'wireBytes', // all segments with headers
] as const;
export type ConnectionCount = (typeof CONNECTION_COUNTS)[number];

/** Attempts of peers of one NAT class to connect with peers of another, side by side: asked, opened. */
export const REACH = 2;
