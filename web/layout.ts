/**
 * Where the peers are drawn, in a square from -1 to 1: on their ring, in their plane, or, where the system knows no places, where forces
 * between linked peers bring them (d3-force). Peers keep their places as long as they can, so that what changes is seen to change.
 */

import {
  forceCollide,
  forceLink,
  forceManyBody,
  forceSimulation,
  forceX,
  forceY,
  type Simulation,
  type SimulationNodeDatum,
} from 'd3-force';
import type { Scene } from '../src/live/feed.js';
import { SERVER, UP } from '../src/live/flags.js';

/** Wall time per picture that the forces may take. */
const BUDGET_MS = 6;
/** Links that change all the time, under churn, move the peers this often. */
const SETTLE_MS = 2_000;
/** Radius of the ring. */
export const RING = 0.97;
/** Half of the plane's side. */
export const PLANE = 0.95;
const GOLDEN = Math.PI * (3 - Math.sqrt(5));

interface Body extends SimulationNodeDatum {
  readonly at: number;
}

export class Layout {
  x = new Float32Array(0);
  y = new Float32Array(0);
  /** How often anything has moved. */
  moves = 0;
  private scene: Scene | null = null;
  private bodies: Body[] = [];
  private forces: Simulation<Body, undefined> | null = null;
  private links: readonly number[] = [];
  private linkedAt = 0;
  take(scene: Scene): void {
    if (this.scene?.names !== scene.names || this.scene.layout !== scene.layout) this.begin(scene);
    this.scene = scene;
    if (scene.layout === 'none') this.relink(scene);
    else {
      scene.names.forEach((_name, at) => {
        this.place(scene, at);
      });
      this.moves++;
    }
  }

  /** Moves what is still moving. @returns whether anything has moved */
  settle(): boolean {
    const { forces } = this;
    if (forces === null || forces.alpha() < forces.alphaMin()) return false;
    const from = performance.now();
    do forces.tick();
    while (performance.now() - from < BUDGET_MS && forces.alpha() >= forces.alphaMin());
    this.fit();
    this.moves++;
    return true;
  }

  private begin(scene: Scene): void {
    const count = scene.names.length;
    this.x = new Float32Array(count);
    this.y = new Float32Array(count);
    this.forces = null;
    this.links = [];
    // A sunflower: even, and the same every time.
    for (let at = 0; at < count; at++) {
      const r = Math.sqrt((at + 0.5) / count);
      this.x[at] = r * Math.cos(at * GOLDEN);
      this.y[at] = r * Math.sin(at * GOLDEN);
    }
    this.moves++;
    this.bodies = scene.names.map((_name, at) => ({ at, x: this.x[at] * 300, y: this.y[at] * 300 }));
  }

  private place({ layout, places, names }: Scene, at: number): void {
    const place = places[at];
    if (layout === 'ring') {
      // Who has no place yet waits outside.
      const angle = (place?.[0] ?? at / names.length) * 2 * Math.PI - Math.PI / 2;
      const r = place ? RING : 1.06;
      this.x[at] = r * Math.cos(angle);
      this.y[at] = r * Math.sin(angle);
    } else if (place) {
      this.x[at] = (place[0] * 2 - 1) * PLANE;
      this.y[at] = (1 - (place[1] ?? 0) * 2) * PLANE;
    } else {
      this.x[at] = ((at / names.length) * 2 - 1) * PLANE;
      this.y[at] = 1;
    }
  }

  private relink({ links, flags, names }: Scene): void {
    if (links === this.links || links.length === 0) return;
    const now = performance.now();
    if (this.forces !== null && now - this.linkedAt < SETTLE_MS) return;
    const isFirst = this.forces === null;
    this.linkedAt = now;
    this.links = links;
    const pairs = distinct(links, names.length);
    const isLinked = new Set(links);
    const spread = 26 / Math.sqrt(Math.max(1, names.length / 60));
    this.forces ??= forceSimulation<Body>(this.bodies).stop();
    this.forces
      .force(
        'links',
        forceLink<Body, { source: number; target: number }>(pairs)
          .distance(spread * 2.2)
          .strength(
            (link) =>
              (0.9 / Math.max(4, Math.sqrt(pairs.length / names.length) * 6)) *
              (flags[(link.source as unknown as Body).at] & SERVER ? 0.5 : 1),
          ),
      )
      .force(
        'apart',
        forceManyBody<Body>()
          .strength(-spread * 3)
          .distanceMax(spread * 24),
      )
      .force('touch', forceCollide<Body>(spread * 0.55))
      .force(
        'x',
        forceX<Body>(0).strength((body) => (isLinked.has(body.at) ? 0.03 : flags[body.at] & UP ? 0.08 : 0.05)),
      )
      .force(
        'y',
        forceY<Body>(0).strength((body) => (isLinked.has(body.at) ? 0.03 : flags[body.at] & UP ? 0.08 : 0.05)),
      )
      .alphaDecay(0.03)
      .alpha(isFirst ? 1 : 0.12);
  }

  /** The peers' extent becomes the square. */
  private fit(): void {
    const [left, right] = extent(this.bodies.map(({ x = 0 }) => x));
    const [top, bottom] = extent(this.bodies.map(({ y = 0 }) => y));
    for (const { at, x = 0, y = 0 } of this.bodies) {
      this.x[at] = ((x - left) / (right - left)) * 2 - 1;
      this.y[at] = ((y - top) / (bottom - top)) * 2 - 1;
    }
  }
}

function extent(values: readonly number[]): readonly [number, number] {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return most > least ? [least, most] : [least - 1, most + 1];
}

/** Each pair once, whoever named it. */
function distinct(links: readonly number[], count: number): { source: number; target: number }[] {
  const pairs = new Map<number, { source: number; target: number }>();
  for (let at = 0; at < links.length; at += 2) {
    const [source, target] = [Math.min(links[at], links[at + 1]), Math.max(links[at], links[at + 1])];
    pairs.set(source * count + target, { source, target });
  }
  return [...pairs.values()];
}
