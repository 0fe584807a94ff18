/**
 * A finished partition of the space among N peers, from global knowledge: the partition tree of which the peers' zones are the leaves,
 * and every zone's neighbours, found by a walk down the tree that leaves out what lies apart: O(log N) a peer instead of N.
 */

import { floorLog2 } from '../../overlay/identifiers.js';
import { Problem } from '../../problem.js';
import type { Torus } from './torus.js';
import { DEEPEST, depthOf, lowerHalf, type Point, SPACE, upperHalf, volumeOf } from './zones.js';

/** A leaf has no halves. */
const LEAF = 0;

export class Partition {
  readonly torus: Torus;
  /** Peer -> its zone. */
  readonly zones: Float64Array;
  private readonly leaves: Uint32Array;
  /** Tree node -> its lower half; the upper one is next to it. */
  private readonly halves: Uint32Array;
  private readonly nodeZones: Float64Array;
  private readonly owners: Uint32Array;
  private nodes = 1;
  private peers = 0;

  constructor(torus: Torus, count: number) {
    this.torus = torus;
    this.zones = new Float64Array(count);
    this.leaves = new Uint32Array(count);
    this.halves = new Uint32Array(2 * count);
    this.nodeZones = new Float64Array(2 * count);
    this.owners = new Uint32Array(2 * count);
    this.nodeZones[0] = SPACE;
  }

  /** The next peer joins at this point: it gets the half where the point is of the zone it hits, or with the volume check of a larger one. */
  join(point: Point, volumeCheck: boolean): void {
    const peer = this.peers;
    if (peer === 0) {
      this.own(0, 0);
      return;
    }
    let leaf = this.leafAt(point);
    if (volumeCheck) leaf = this.largestAround(leaf);
    const zone = this.nodeZones[leaf];
    if (depthOf(zone) >= DEEPEST)
      throw new Problem(`protocol.points: too many peers at one point: no zone is halved more than ${DEEPEST} times`);
    const lower = this.halve(leaf);
    const newcomer = this.torus.holds(this.nodeZones[lower], point) ? lower : lower + 1;
    const former = this.owners[leaf];
    this.own(newcomer, peer);
    this.assign(newcomer === lower ? lower + 1 : lower, former);
  }

  /** Divides the space as equally as can be: for a power of two all zones have the same volume. */
  divide(order: Uint32Array): void {
    const count = order.length;
    const depth = floorLog2(count);
    const halvedAgain = count - 2 ** depth;
    const level: number[] = [0];
    let first = 0;
    for (let i = 0; i < depth; i++) {
      const end = level.length;
      for (; first < end; first++) {
        const lower = this.halve(level[first]);
        level.push(lower, lower + 1);
      }
    }
    const leaves = level.slice(first);
    for (let i = 0; i < halvedAgain; i++) {
      const lower = this.halve(leaves[i]);
      leaves[i] = lower;
      leaves.push(lower + 1);
    }
    for (const [i, leaf] of leaves.entries()) this.assign(leaf, order[i]);
    this.peers = count;
  }

  /** The peer whose zone holds the point. */
  ownerOf(point: Point): number {
    return this.owners[this.leafAt(point)];
  }

  /** The peers whose zones are next to this peer's. */
  neighboursOf(peer: number): number[] {
    return this.leavesAround(this.leaves[peer]).map((leaf) => this.owners[leaf]);
  }

  private leafAt(point: Point): number {
    const { dimensions } = this.torus;
    let node = 0;
    for (let dimension = 0, size = 0.5; this.halves[node] !== LEAF; ) {
      const isUpper = Math.floor(point[dimension] / size) % 2;
      node = this.halves[node] + isUpper;
      if (++dimension === dimensions) {
        dimension = 0;
        size /= 2;
      }
    }
    return node;
  }

  private leavesAround(leaf: number): number[] {
    const found: number[] = [];
    const zone = this.nodeZones[leaf];
    const open = [0];
    for (let node = open.pop(); node !== undefined; node = open.pop()) {
      if (!this.torus.isNear(this.nodeZones[node], zone)) continue;
      const lower = this.halves[node];
      if (lower !== LEAF) open.push(lower + 1, lower);
      else if (node !== leaf) found.push(node); // leaves do not overlap, so it abuts
    }
    return found;
  }

  /** Of a leaf and its neighbours the one with the largest zone; the leaf itself when none is larger. */
  private largestAround(leaf: number): number {
    let best = leaf;
    for (const other of this.leavesAround(leaf)) {
      if (volumeOf(this.nodeZones[other]) > volumeOf(this.nodeZones[best])) best = other;
    }
    return best;
  }

  private halve(node: number): number {
    const lower = this.nodes;
    this.nodes += 2;
    this.halves[node] = lower;
    this.nodeZones[lower] = lowerHalf(this.nodeZones[node]);
    this.nodeZones[lower + 1] = upperHalf(this.nodeZones[node]);
    return lower;
  }

  private own(node: number, peer: number): void {
    this.peers++;
    this.assign(node, peer);
  }

  private assign(node: number, peer: number): void {
    this.owners[node] = peer;
    this.leaves[peer] = node;
    this.zones[peer] = this.nodeZones[node];
  }
}
