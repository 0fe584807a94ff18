/** What the events of a shard are, and the sequence numbers of those that are not a peer's own doing. */

/** What an event is, in the low 8 bits of its KIND; a message's type is above. */
export const MESSAGE_ARRIVING = 0; // at the receiver's downlink
export const MESSAGE_DUE = 1; // through the downlink
export const TIMER = 2;
export const TRANSITION = 3; // a peer joins or goes
export const QUERY = 4; // the workload asks
export const QUERY_EXPIRY = 5; // and gives up
/** What is done to a peer outside of events: for the pulse only. */
export const CREATING = 6;
export const JOINING = 7;
export const CONVERGING = 8;
export const ASKING_NEIGHBOURS = 9;
export const KIND_BITS = 8;
export const KIND_MASK = (1 << KIND_BITS) - 1;

/** Events of a peer that are not its own doing come after its own, at equal times. */
export const TRANSITION_SEQUENCE = 0xffffffff;
export const QUERY_SEQUENCE = 0xfffffffe;
export const QUERY_EXPIRY_SEQUENCE = 0xfffffffd;
