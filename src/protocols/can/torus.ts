/**
 * The d-dimensional torus in which zones and points lie: which zones are neighbours, how far a point is from a zone, where a key is.
 *
 * A key's point. A key has 48 bits and is uniform already. In one dimension its point is the key; in two, the upper and the lower
 * half of it, 24 bits each, so that one can name the key of a point. Every further coordinate is 32 bits of a hash of the key and the
 * dimension, since 48 bits are too few for ten.
 */

import { KEY_BITS, type Key } from '../../protocol.js';
import { covers, depthOf, lowerHalf, overlap, type Point, SPACE, upperHalf, type Zone } from './zones.js';

const HALF_BITS = 24;
const HALF = 2 ** HALF_BITS;
const TWO_TO_32 = 2 ** 32;
/** Zones are half open: the last point of one lies this far before the first of the next. */
const UNIT = 2 ** -KEY_BITS;

export class Torus {
  readonly dimensions: number;
  private readonly low: Float64Array;
  private readonly high: Float64Array;
  private readonly otherLow: Float64Array;
  private readonly otherHigh: Float64Array;

  constructor(dimensions: number) {
    this.dimensions = dimensions;
    this.low = new Float64Array(dimensions);
    this.high = new Float64Array(dimensions);
    this.otherLow = new Float64Array(dimensions);
    this.otherHigh = new Float64Array(dimensions);
  }

  /** Where a key belongs. */
  pointOf(key: Key): Point {
    if (this.dimensions === 1) return [key / 2 ** KEY_BITS];
    const upper = Math.floor(key / HALF);
    const lower = key % HALF;
    const point = [upper / HALF, lower / HALF];
    for (let dimension = 2; dimension < this.dimensions; dimension++) point.push(mix(upper, lower, dimension) / TWO_TO_32);
    return point;
  }

  /** The zone's interval in each dimension, as [low, high] pairs. */
  boundsOf(zone: Zone): [number, number][] {
    this.decode(zone, this.low, this.high);
    return Array.from(this.low, (low, dimension) => [low, this.high[dimension]]);
  }

  /** The zone of this depth that holds the point. */
  zoneAt(point: Point, depth: number): Zone {
    let zone = SPACE;
    for (let level = 0, dimension = 0, size = 0.5; level < depth; level++) {
      const isUpper = Math.floor(point[dimension] / size) % 2 === 1;
      zone = isUpper ? upperHalf(zone) : lowerHalf(zone);
      if (++dimension === this.dimensions) {
        dimension = 0;
        size /= 2;
      }
    }
    return zone;
  }

  holds(zone: Zone, point: Point): boolean {
    this.decode(zone, this.low, this.high);
    for (let i = 0; i < this.dimensions; i++) if (point[i] < this.low[i] || point[i] >= this.high[i]) return false;
    return true;
  }

  /** Whether any of the zones holds the point. */
  anyHolds(zones: readonly Zone[], point: Point): boolean {
    for (const zone of zones) if (this.holds(zone, point)) return true;
    return false;
  }

  /** The point in the zone's middle. */
  middleOf(zone: Zone): Point {
    this.decode(zone, this.low, this.high);
    return Array.from(this.low, (low, i) => (low + this.high[i]) / 2);
  }

  /**
   * Square of the distance from a point to the nearest point of a zone, around the torus. It is 0 in the zone alone. Some neighbour of
   * any other zone is nearer than that zone: the one behind the face towards the point. So greedy routing never stands still.
   */
  distance(point: Point, zone: Zone): number {
    this.decode(zone, this.low, this.high);
    let sum = 0;
    for (let i = 0; i < this.dimensions; i++) {
      const x = point[i];
      const low = this.low[i];
      const high = this.high[i];
      if (x >= low && x < high) continue;
      const below = x < low ? low - x : low - x + 1;
      const above = (x >= high ? x - high : x - high + 1) + UNIT;
      const away = Math.min(below, above);
      sum += away * away;
    }
    return sum;
  }

  /** The same for the nearest of several. */
  distanceToAny(point: Point, zones: readonly Zone[]): number {
    let nearest = Number.POSITIVE_INFINITY;
    for (const zone of zones) nearest = Math.min(nearest, this.distance(point, zone));
    return nearest;
  }

  /** Whether two zones are neighbours: they abut in one dimension and overlap in all others. */
  abut(a: Zone, b: Zone): boolean {
    return this.touches(a, b) === 1;
  }

  /** Whether any of these is a neighbour of any of those. */
  anyAbut(these: readonly Zone[], those: readonly Zone[]): boolean {
    for (const a of these) for (const b of those) if (this.touches(a, b) === 1) return true;
    return false;
  }

  /** Whether a zone, or a part of it, can be a neighbour of another, or overlaps it. Prunes a walk down the tree. */
  isNear(zone: Zone, other: Zone): boolean {
    return this.touches(zone, other) <= 1;
  }

  /**
   * The zones next to `mine` that nobody is known to hold, none larger than `mine`: what lies farther off is for others to say.
   * `claims` are all zones known to be held.
   */
  holesBeside(mine: Zone, claims: readonly Zone[]): Zone[] {
    const holes: Zone[] = [];
    this.findHoles(SPACE, mine, claims, holes);
    return holes;
  }

  private findHoles(zone: Zone, mine: Zone, claims: readonly Zone[], holes: Zone[]): void {
    if (!this.isNear(zone, mine)) return;
    const inside = claims.filter((claim) => overlap(claim, zone));
    if (inside.some((claim) => covers(claim, zone))) return;
    if (inside.length === 0 && depthOf(zone) >= depthOf(mine)) {
      if (this.abut(zone, mine)) holes.push(zone);
    } else {
      this.findHoles(lowerHalf(zone), mine, inside, holes);
      this.findHoles(upperHalf(zone), mine, inside, holes);
    }
  }

  /** A point of a zone right beside another zone that it abuts. */
  pointBeside(zone: Zone, other: Zone): Point {
    this.decode(zone, this.low, this.high);
    this.decode(other, this.otherLow, this.otherHigh);
    return Array.from(this.low, (low, i) => {
      if (low < this.otherHigh[i] && this.otherLow[i] < this.high[i]) return Math.max(low, this.otherLow[i]);
      const isAbove = low === this.otherHigh[i] || (low === 0 && this.otherHigh[i] === 1);
      return isAbove ? low : this.high[i] - UNIT;
    });
  }

  /** In how many dimensions two zones merely touch; 2 when they are apart in any, or touch in more than one. */
  private touches(a: Zone, b: Zone): number {
    this.decode(a, this.low, this.high);
    this.decode(b, this.otherLow, this.otherHigh);
    let touching = 0;
    for (let i = 0; i < this.dimensions; i++) {
      const low = this.low[i];
      const high = this.high[i];
      const otherLow = this.otherLow[i];
      const otherHigh = this.otherHigh[i];
      if (low < otherHigh && otherLow < high) continue;
      const meets = high === otherLow || otherHigh === low || (high === 1 && otherLow === 0) || (otherHigh === 1 && low === 0);
      if (!meets || ++touching > 1) return 2;
    }
    return touching;
  }

  /** Lowest and highest coordinates: every bit of the number below the first is a choice of half, the first dimension's first. */
  private decode(zone: Zone, low: Float64Array, high: Float64Array): void {
    const dimensions = this.dimensions;
    const depth = depthOf(zone);
    const upper = Math.floor(zone / HALF);
    const lower = zone % HALF;
    for (let i = 0; i < dimensions; i++) low[i] = 0;
    let dimension = 0;
    let size = 0.5;
    for (let bit = depth - 1; bit >= 0; bit--) {
      const isUpper = bit >= HALF_BITS ? (upper >>> (bit - HALF_BITS)) & 1 : (lower >>> bit) & 1;
      if (isUpper === 1) low[dimension] += size;
      if (++dimension === dimensions) {
        dimension = 0;
        size /= 2;
      }
    }
    for (let i = 0; i < dimensions; i++) high[i] = low[i] + (i < dimension ? size : 2 * size);
  }
}

/** 32 bits of a hash of a key's halves and a dimension: two rounds of multiply and shift (as MurmurHash3's finaliser does). */
function mix(upper: number, lower: number, dimension: number): number {
  let hash = Math.imul(upper ^ Math.imul(dimension, 0x9e3779b1), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 15) ^ lower, 0xc2b2ae35);
  hash = Math.imul(hash ^ (hash >>> 13), 0x85ebca6b);
  return (hash ^ (hash >>> 16)) >>> 0;
}

const toruses: Torus[] = [];

/** The torus with so many dimensions; one object for all who ask. */
export function torusOf(dimensions: number): Torus {
  toruses[dimensions] ??= new Torus(dimensions);
  return toruses[dimensions];
}
