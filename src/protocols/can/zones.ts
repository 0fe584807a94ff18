/**
 * Zones of a d-dimensional torus, as pure arithmetic.
 *
 * A zone comes about by halving the whole space again and again, along the first dimension, the second, ... and the first again. So the
 * zones there can be are the places of a binary tree (the paper's partition tree), and a zone is held as its number in that tree as in
 * a heap: the whole space is 1, the halves of z are 2z and 2z + 1. One number says what 2d coordinates would, two zones that merge into
 * a valid one are siblings, and which zone holds which is a division. Coordinates are fractions of the side, in [0, 1), and exact:
 * each is a sum of powers of two.
 */

import { floorLog2 } from '../../overlay/identifiers.js';

/** A zone's number in the partition tree. */
export type Zone = number;
/** A place in the space: one fraction in [0, 1) per dimension. */
export type Point = readonly number[];

/** The whole space. */
export const SPACE: Zone = 1;
/** No zone is halved more often: with 48 bits a number is exact with room to spare. */
export const DEEPEST = 48;

/** How often the space was halved to get this zone. */
export const depthOf = floorLog2;

/** Share of the whole space. */
export function volumeOf(zone: Zone): number {
  return 2 ** -depthOf(zone);
}

export function lowerHalf(zone: Zone): Zone {
  return 2 * zone;
}

export function upperHalf(zone: Zone): Zone {
  return 2 * zone + 1;
}

/** The zone with which this one merges into their parent. The whole space has none, and is its own. */
export function siblingOf(zone: Zone): Zone {
  if (zone === SPACE) return SPACE;
  return zone % 2 === 0 ? zone + 1 : zone - 1;
}

/** Whether the second zone is the first one, or a part of it. */
export function covers(zone: Zone, other: Zone): boolean {
  if (other < zone) return false;
  return Math.floor(other / 2 ** (depthOf(other) - depthOf(zone))) === zone;
}

/** Of two zones that share a point, one is a part of the other. */
export function overlap(a: Zone, b: Zone): boolean {
  return a <= b ? covers(a, b) : covers(b, a);
}

/** The same space with siblings merged, as far as it goes, in rising order. */
export function merged(zones: readonly Zone[]): Zone[] {
  const left = new Set(zones);
  for (const zone of left) {
    if (zone === SPACE || !left.has(siblingOf(zone))) continue;
    left.delete(zone);
    left.delete(siblingOf(zone));
    left.add(Math.floor(zone / 2)); // which this loop comes to as well
  }
  return [...left].sort((a, b) => a - b);
}

/** What is left of a zone without another, as zones. */
export function without(zone: Zone, other: Zone): Zone[] {
  if (!overlap(zone, other)) return [zone];
  const left: Zone[] = [];
  for (let part = other; part > zone; part = Math.floor(part / 2)) left.push(siblingOf(part));
  return left;
}

/** What is left of zones without others. */
export function withoutAll(zones: readonly Zone[], others: readonly Zone[]): readonly Zone[] {
  let left = zones;
  for (const other of others) if (left.some((zone) => overlap(zone, other))) left = left.flatMap((zone) => without(zone, other));
  return left;
}

/** Sum of the volumes. */
export function volumeOfAll(zones: readonly Zone[]): number {
  let volume = 0;
  for (const zone of zones) volume += volumeOf(zone);
  return volume;
}
