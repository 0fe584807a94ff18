/**
 * Distance by exclusive or, over identifiers of up to 48 bits held as plain numbers (Maymounkov and Mazieres, "Kademlia", IPTPS 2002,
 * section 2.1). It is symmetric, obeys the triangle inequality, and for a point and a distance there is one other point: so all lookups
 * of a key come together on the same way, whoever begins them.
 */

/** JavaScript's `^` takes 32 bits, so an identifier is split into two halves of 24. */
const HALF = 2 ** 24;
const LOW_HALF = HALF - 1;

/** `a` xor `b`, for whole numbers in [0, 2^48). */
export function xorDistance(a: number, b: number): number {
  // `&` reduces modulo 2^32 first, which leaves the lower 24 bits as they are.
  return (Math.floor(a / HALF) ^ Math.floor(b / HALF)) * HALF + ((a & LOW_HALF) ^ (b & LOW_HALF));
}
