/** What the events of a shard are, and the sequence numbers of those that are not a peer's own doing. */

/**
 * What an event is, in the low 8 bits of its KIND; the type of the message it carries is above. Packets come first: where they are on
 * their way, in two bits, and two flags.
 */
export const MESSAGE_ARRIVING = 0; // at the receiver's downlink
export const MESSAGE_DUE = 1; // through the downlink
export const AT_EGRESS = 2; // where the sender's site is joined to the others
export const AT_INGRESS = 3; // where the receiver's is
export const STAGE_MASK = 3;
export const SEGMENT = 4; // of a connection
export const WAITED = 8; // in the fair queue of the downlink, which is free for the next one when this is through
export const LAST_PACKET = 15;
export const BOUNCE = 16; // back at the sender, which will find out in time that it did not arrive
export const UPLINK_READY = 17; // for the next segment in the fair queue
export const CONNECTION_TIMER = 18;
export const TIMER = 19;
export const TRANSITION = 20; // a peer joins or goes
export const QUERY = 21; // the workload asks
export const QUERY_EXPIRY = 22; // and gives up
export const CHURN = 23; // a fault takes a peer down, or lets it come back
export const TURN = 24; // a peer's processor gets to what is next
/** What is done to a peer outside of events: for the pulse only. */
export const CREATING = 25;
export const JOINING = 26;
export const CONVERGING = 27;
export const ASKING_NEIGHBOURS = 28;
export const KIND_BITS = 8;
export const KIND_MASK = (1 << KIND_BITS) - 1;

/** Events of a peer that are not its own doing come after its own, at equal times. */
export const TRANSITION_SEQUENCE = 0xffffffff;
export const QUERY_SEQUENCE = 0xfffffffe;
export const QUERY_EXPIRY_SEQUENCE = 0xfffffffd;
export const TURN_SEQUENCE = 0xfffffffc;
/** This, less 2 x the number of the fault, less 1 for the return. */
export const CHURN_SEQUENCE = 0xfffffffb;
