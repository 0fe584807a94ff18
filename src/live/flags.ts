/** What is to be known of a drawn peer, as the flags of a number. */

export const UP = 1;
/** Anybody can call it: no NAT or firewall in the way. */
export const REACHABLE = 2;
/** Run by the system's operator. */
export const SERVER = 4;
