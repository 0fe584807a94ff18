/**
 * Draws the overlay: links, then messages, then peers. Slowly enough, every message is a dot on its way, and one that does not arrive ends
 * in a cross; faster, each leaves a trace that fades. A followed operation keeps all of its ways.
 */

import { REACHABLE, SERVER, UP } from '../src/live/flags.js';
import type { PictureClock } from './clock.js';
import { type Layout, PLANE, RING } from './layout.js';
import type { Palette } from './palette.js';
import { isStill } from './part.js';
import type { Flight, Operation, World } from './world.js';

export interface View {
  /** The peer that is looked at; -1: none. */
  chosen: number;
  followed: Operation | null;
  showsUpkeep: boolean;
  showsLinks: boolean;
}

/** How far a message gets that does not arrive, by where it is lost. */
const GETS: Readonly<Record<string, number>> = {
  'uplink-full': 0.12,
  'uplink-codel': 0.12,
  'no-such-address': 0.2,
  'datagrams-blocked': 0.12,
  'nat-ports-exhausted': 0.12,
  'site-full': 0.4,
  'path-full': 0.5,
  lost: 0.5,
  fault: 0.5,
};
const ARRIVES_NEARLY = 0.9;
/** A cross stays for so much wall time. */
const CROSS_WALL_MS = 900;
/** Traces lose this much of their strength per second. */
const FADE_PER_SECOND = 0.9;
const LEAST_FADE = 0.2;
/** A name, or the TTL of a message, needs so much room, in square px; where there is less for each, there are none. */
const NAME_AREA = 3_500;
const TTL_AREA = 2_500;
const NAME_LETTER = 6.5;
const NAME_HEIGHT = 12;
const MARGIN = 26;
/** Names stand beside their peers. */
const NAME_WIDTH = 20;
const MOST_STRETCH = 1.5;

interface Point {
  x: number;
  y: number;
}

export class Painter {
  private readonly canvas: HTMLCanvasElement;
  private readonly ground = document.createElement('canvas');
  private readonly traces = document.createElement('canvas');
  private readonly world: World;
  private readonly layout: Layout;
  private readonly palette: Palette;
  private readonly clock: PictureClock;
  private scale = 1;
  /** What has no shape of its own may be wider than high. */
  private stretch = 1;
  private middle: Point = { x: 0, y: 0 };
  private density = 1;
  private groundIs = '';
  private unfadedMs = 0;
  private readonly crosses: { readonly flight: Flight; readonly until: number }[] = [];
  private crossedMs = 0;

  constructor(
    canvas: HTMLCanvasElement,
    { world, layout, palette, clock }: { world: World; layout: Layout; palette: Palette; clock: PictureClock },
  ) {
    this.canvas = canvas;
    this.world = world;
    this.layout = layout;
    this.palette = palette;
    this.clock = clock;
  }

  /** Radius of a peer, in CSS px. */
  get radius(): number {
    const { names, layout } = this.world.scene;
    const count = Math.max(1, names.length);
    // On a ring they stand in one line, by chance nearer to each other here than there.
    const room = layout === 'ring' ? (this.scale * 4) / count : this.scale;
    return Math.max(1.8, Math.min(8, room, (this.scale * 0.4) / Math.sqrt(count)));
  }

  /** Of the square that the overlay is drawn in, in square px. */
  private get area(): number {
    return (2 * this.scale) ** 2 * this.stretch;
  }

  at(peer: number): Point {
    return { x: this.middle.x + this.layout.x[peer] * this.scale * this.stretch, y: this.middle.y + this.layout.y[peer] * this.scale };
  }

  /** The drawn peer nearest to a point, if it is near. */
  nearest(point: Point): number {
    let best = -1;
    let bestDistance = Math.max(14, this.radius * 2);
    for (let peer = 0; peer < this.world.scene.names.length; peer++) {
      const { x, y } = this.at(peer);
      const distance = Math.hypot(x - point.x, y - point.y);
      if (distance < bestDistance) {
        best = peer;
        bestDistance = distance;
      }
    }
    return best;
  }

  /** Messages that are too fast leave traces; these are new. */
  trace(flights: readonly Flight[], { showsUpkeep, followed }: View): void {
    const context = this.traces.getContext('2d')!;
    context.lineWidth = 1.2;
    // Many at a time are each fainter, so that the whole stays a picture.
    const strength = Math.max(0.06, Math.min(0.5, 60 / Math.max(1, flights.length)));
    for (const flight of flights) {
      if (flight.to < 0 || (!flight.isAsked && !showsUpkeep)) continue;
      const isFollowed = followed === null || flight.operation === followed.number;
      context.globalAlpha = (flight.isAsked ? strength : strength * 0.4) * (isFollowed ? 1 : 0.2);
      context.strokeStyle = flight.dropped === null ? this.palette.of(flight.type) : this.palette.value('bad');
      this.way(context, flight.from, flight.to, 1);
    }
    context.globalAlpha = 1;
  }

  paint(wallMs: number, view: View): void {
    this.resize();
    const context = this.canvas.getContext('2d')!;
    context.setTransform(this.density, 0, 0, this.density, 0, 0);
    const { width, height } = this.size();
    context.clearRect(0, 0, width, height);
    this.paintGround(context, view);
    this.fade(wallMs);
    context.drawImage(this.traces, 0, 0, width, height);
    context.save();
    if (this.world.scene.layout === 'plane') this.clip(context);
    const reached = view.followed ? this.reachedBy(view.followed) : null;
    if (view.followed) this.paintFollowed(context, view.followed, reached!);
    if (view.chosen >= 0) this.paintNeighbours(context, view.chosen);
    context.restore();
    this.paintPeers(context, reached);
    context.save();
    if (this.world.scene.layout === 'plane') this.clip(context);
    if (!this.clock.isFast) this.paintFlights(context, view);
    this.paintCrosses(context, view);
    context.restore();
    this.paintLabels(context, view);
  }

  /** Forgets what was on its way. */
  reset(): void {
    this.crosses.length = 0;
    this.crossedMs = this.clock.shownMs;
    const context = this.traces.getContext('2d')!;
    context.clearRect(0, 0, this.traces.width, this.traces.height);
    this.groundIs = '';
  }

  /** Ways over the edge of the plane are not drawn outside. */
  private clip(context: CanvasRenderingContext2D): void {
    const half = this.scale * PLANE + 6;
    context.beginPath();
    context.rect(this.middle.x - half, this.middle.y - half, 2 * half, 2 * half);
    context.clip();
  }

  private size(): { readonly width: number; readonly height: number } {
    return { width: this.canvas.clientWidth, height: this.canvas.clientHeight };
  }

  private resize(): void {
    const { width, height } = this.size();
    this.stretch =
      this.world.scene.layout === 'none'
        ? Math.max(1, Math.min(MOST_STRETCH, (width / 2 - MARGIN - NAME_WIDTH) / Math.max(1, height / 2 - MARGIN)))
        : 1;
    const density = Math.min(2, devicePixelRatio || 1);
    const [w, h] = [Math.round(width * density), Math.round(height * density)];
    if (this.canvas.width === w && this.canvas.height === h) return;
    this.density = density;
    for (const each of [this.canvas, this.ground, this.traces]) {
      each.width = w;
      each.height = h;
    }
    this.traces.getContext('2d')!.setTransform(density, 0, 0, density, 0, 0);
    this.middle = { x: width / 2, y: height / 2 };
    this.scale = Math.max(20, Math.min(width, height) / 2 - MARGIN);
    this.groundIs = '';
  }

  /** Links and the frame of the layout change seldom: they are drawn once. */
  private paintGround(context: CanvasRenderingContext2D, { showsLinks }: View): void {
    const is = `${this.world.version} ${this.palette.value('link')} ${showsLinks} ${this.layout.moves}`;
    const { width, height } = this.size();
    if (is !== this.groundIs) {
      this.groundIs = is;
      const ground = this.ground.getContext('2d')!;
      ground.setTransform(this.density, 0, 0, this.density, 0, 0);
      ground.clearRect(0, 0, width, height);
      ground.strokeStyle = this.palette.value('line');
      ground.lineWidth = 1;
      const { layout, links } = this.world.scene;
      if (layout === 'ring') {
        ground.beginPath();
        ground.arc(this.middle.x, this.middle.y, this.scale * RING, 0, 2 * Math.PI);
        ground.stroke();
      } else if (layout === 'plane') {
        const half = this.scale * PLANE;
        ground.strokeRect(this.middle.x - half, this.middle.y - half, 2 * half, 2 * half);
      }
      if (showsLinks) {
        ground.save();
        if (layout === 'plane') this.clip(ground);
        ground.strokeStyle = this.palette.value('link');
        ground.globalAlpha = Math.max(0.25, Math.min(1, 1_200 / Math.max(1, links.length)));
        for (let at = 0; at < links.length; at += 2) this.way(ground, links[at], links[at + 1], 1, layout === 'ring' ? 0 : undefined);
        ground.restore();
      }
    }
    context.drawImage(this.ground, 0, 0, width, height);
  }

  /** In steps that are large enough: of many small ones, each rounded, something would stay for ever. */
  private fade(wallMs: number): void {
    this.unfadedMs += wallMs;
    const strength = 1 - (1 - FADE_PER_SECOND) ** (this.unfadedMs / 1000);
    if (strength < LEAST_FADE) return;
    this.unfadedMs = 0;
    const context = this.traces.getContext('2d')!;
    const { width, height } = this.size();
    context.save();
    context.globalCompositeOperation = 'destination-out';
    context.globalAlpha = strength;
    context.fillRect(0, 0, width, height);
    context.restore();
  }

  /** @param reached whom the followed operation has come to; null: none is followed */
  private paintPeers(context: CanvasRenderingContext2D, reached: ReadonlyMap<number, Flight | null> | null): void {
    const { names, flags, places, layout } = this.world.scene;
    const r = this.radius;
    for (let peer = 0; peer < names.length; peer++) {
      const { x, y } = this.at(peer);
      const flag = flags[peer];
      const isUp = (flag & UP) !== 0;
      const first = reached?.get(peer);
      context.globalAlpha = reached !== null && first === undefined && isUp ? 0.45 : 1;
      context.beginPath();
      if (flag & SERVER) context.rect(x - r * 1.5, y - r * 1.5, r * 3, r * 3);
      else if (flag & REACHABLE) context.arc(x, y, r, 0, 2 * Math.PI);
      else diamond(context, x, y, r * 1.25);
      if (isUp) {
        context.fillStyle = this.palette.value(flag & SERVER ? 'ink' : flag & REACHABLE ? 'peer' : 'nat');
        if (places[peer] === null && layout !== 'none') context.globalAlpha *= 0.5;
        context.fill();
      } else {
        context.globalAlpha = 0.7;
        context.fillStyle = this.palette.value('panel');
        context.fill();
        context.strokeStyle = this.palette.value('quiet');
        context.lineWidth = 1.2;
        context.stroke();
      }
      if (first !== undefined) {
        context.globalAlpha = 1;
        context.strokeStyle = first === null ? this.palette.value('ink') : this.palette.of(first.type);
        context.lineWidth = Math.max(1.5, r * 0.4);
        context.stroke();
      }
    }
    context.globalAlpha = 1;
  }

  /** Whom an operation has come to by now, each with the message that was the first to do so. */
  private reachedBy({ flights, origin }: Operation): Map<number, Flight | null> {
    const reached = new Map<number, Flight | null>([[origin, null]]);
    for (const flight of flights) {
      if (flight.dropped !== null || flight.endedMs > this.clock.shownMs) continue;
      const first = reached.get(flight.to);
      if (first === undefined || (first !== null && flight.endedMs < first.endedMs)) reached.set(flight.to, flight);
    }
    return reached;
  }

  /** All its ways so far: strong where it came to somebody new, weak where it was known already. */
  private paintFollowed(context: CanvasRenderingContext2D, operation: Operation, reached: ReadonlyMap<number, Flight | null>): void {
    const { flights, origin } = operation;
    const now = this.clock.shownMs;
    for (const flight of flights) {
      const { sentMs, endedMs, from, to, type, dropped } = flight;
      if (to < 0 || sentMs > now) continue;
      const gone = Math.min(1, (now - sentMs) / Math.max(1e-6, endedMs - sentMs));
      const isNew = reached.get(to) === flight;
      context.globalAlpha = isNew ? 0.9 : gone < 1 ? 0.4 : 0.13;
      context.lineWidth = isNew ? 2 : 1;
      context.strokeStyle = dropped === null ? this.palette.of(type) : this.palette.value('bad');
      this.way(context, from, to, dropped === null ? gone : Math.min(gone, getsTo(dropped)));
    }
    context.globalAlpha = 1;
    const { x, y } = this.at(origin);
    context.strokeStyle = this.palette.value('ink');
    context.lineWidth = 2;
    context.beginPath();
    context.arc(x, y, this.radius + 5, 0, 2 * Math.PI);
    context.stroke();
  }

  private paintFlights(context: CanvasRenderingContext2D, { followed, showsUpkeep }: View): void {
    const { flights } = this.world;
    const now = this.clock.shownMs;
    const dot = Math.max(2.2, Math.min(4.5, this.radius * 0.75));
    const moving: { flight: Flight; x: number; y: number; faint: boolean }[] = [];
    for (const flight of flights) {
      const { sentMs, endedMs, from, to, dropped, isAsked, operation } = flight;
      if (to < 0 || sentMs > now || (!isAsked && !showsUpkeep)) continue;
      const gone = (now - sentMs) / Math.max(1e-6, endedMs - sentMs);
      const gets = dropped === null ? 1 : getsTo(dropped);
      if (dropped !== null && gone >= gets && this.crossedMs < sentMs + gets * (endedMs - sentMs)) {
        this.crosses.push({ flight, until: performance.now() + CROSS_WALL_MS });
      }
      if (gone >= gets) continue;
      const faint = followed !== null ? operation !== followed.number : !isAsked;
      const { x, y } = this.along(from, to, isStill.matches ? 0.5 : gone);
      moving.push({ flight, x, y, faint });
    }
    this.crossedMs = now;
    for (const { flight, x, y, faint } of moving) {
      context.globalAlpha = faint ? 0.35 : 1;
      context.strokeStyle = this.palette.of(flight.type);
      context.fillStyle = context.strokeStyle;
      context.lineWidth = faint ? 0.8 : 1.4;
      const gone = (now - flight.sentMs) / Math.max(1e-6, flight.endedMs - flight.sentMs);
      if (!faint) {
        context.globalAlpha = 0.4;
        this.way(context, flight.from, flight.to, isStill.matches ? 1 : gone);
        context.globalAlpha = 1;
      }
      context.beginPath();
      context.arc(x, y, faint ? dot * 0.7 : dot, 0, 2 * Math.PI);
      context.fill();
    }
    context.globalAlpha = 1;
    const labelled = moving.filter(({ faint, flight }) => !faint && flight.ttl >= 0);
    if (labelled.length * TTL_AREA > this.area) return;
    context.font = '600 11px system-ui, sans-serif';
    context.textAlign = 'left';
    context.textBaseline = 'middle';
    context.lineWidth = 3;
    context.strokeStyle = this.palette.value('panel');
    context.fillStyle = this.palette.value('ink');
    for (const { flight, x, y } of labelled) {
      context.strokeText(String(flight.ttl), x + dot + 2, y - 5);
      context.fillText(String(flight.ttl), x + dot + 2, y - 5);
    }
  }

  private paintCrosses(context: CanvasRenderingContext2D, { followed, showsUpkeep }: View): void {
    const now = performance.now();
    while (this.crosses.length > 0 && (this.crosses[0].until < now || this.crosses.length > 400)) this.crosses.shift();
    context.strokeStyle = this.palette.value('bad');
    context.lineWidth = 2;
    for (const { flight, until } of this.crosses) {
      if (!flight.isAsked && !showsUpkeep) continue;
      const { x, y } = this.along(flight.from, flight.to, getsTo(flight.dropped!));
      const isFaint = followed !== null && flight.operation !== followed.number;
      context.globalAlpha = Math.max(0, Math.min(1, ((until - now) / CROSS_WALL_MS) * 1.5)) * (isFaint ? 0.3 : 1);
      context.beginPath();
      context.moveTo(x - 4, y - 4);
      context.lineTo(x + 4, y + 4);
      context.moveTo(x + 4, y - 4);
      context.lineTo(x - 4, y + 4);
      context.stroke();
    }
    context.globalAlpha = 1;
  }

  private paintNeighbours(context: CanvasRenderingContext2D, chosen: number): void {
    context.strokeStyle = this.palette.value('accent');
    context.lineWidth = 1.6;
    for (const other of this.world.neighbours[chosen] ?? []) this.way(context, chosen, other, 1, 0);
  }

  /** Names: of who is looked at and who asked, and of the others where they are in nobody's way. */
  private paintLabels(context: CanvasRenderingContext2D, { chosen, followed }: View): void {
    const { names, layout } = this.world.scene;
    context.font = '11px system-ui, sans-serif';
    context.textBaseline = 'middle';
    context.lineWidth = 3;
    context.strokeStyle = this.palette.value('panel');
    context.fillStyle = this.palette.value('ink');
    const taken: { readonly x: number; readonly y: number; readonly width: number }[] = [];
    const label = (peer: number) => {
      const { x, y } = this.at(peer);
      const out = layout === 'ring' && x < this.middle.x ? -1 : 1;
      const width = names[peer].length * NAME_LETTER;
      const [tx, ty] = [x + out * (this.radius + 4), y + (layout === 'ring' ? (y - this.middle.y) * 0.025 : 0)];
      const left = out > 0 ? tx : tx - width;
      if (taken.some((other) => Math.abs(other.y - ty) < NAME_HEIGHT && left < other.x + other.width && other.x < left + width)) return;
      taken.push({ x: left, y: ty, width });
      context.textAlign = out > 0 ? 'left' : 'right';
      context.strokeText(names[peer], tx, ty);
      context.fillText(names[peer], tx, ty);
    };
    if (chosen >= 0) label(chosen);
    if (followed) label(followed.origin);
    if (names.length * NAME_AREA <= this.area) for (let peer = 0; peer < names.length; peer++) label(peer);
    if (chosen < 0) return;
    const { x, y } = this.at(chosen);
    context.strokeStyle = this.palette.value('accent');
    context.beginPath();
    context.arc(x, y, this.radius + 4, 0, 2 * Math.PI);
    context.stroke();
  }

  /** The way from one peer to another, or the first part of it: a little bent, so that there and back lie apart. */
  private way(context: CanvasRenderingContext2D, from: number, to: number, part: number, bend = 0.1): void {
    const a = this.at(from);
    const b = this.end(from, to);
    const { x, y } = this.at(to);
    const wraps = b.x !== x || b.y !== y;
    this.curve(context, a, b, part, bend);
    // Over the edge of the plane and in again on the other side: the same way once more, ending where it ends.
    if (wraps) this.curve(context, { x: a.x + x - b.x, y: a.y + y - b.y }, { x, y }, part, bend);
  }

  private curve(context: CanvasRenderingContext2D, a: Point, b: Point, part: number, bend: number): void {
    const c = control(a, b, bend);
    context.beginPath();
    context.moveTo(a.x, a.y);
    // The first part of a quadratic curve is one itself (de Casteljau).
    const c1 = mix(a, c, part);
    const end = mix(c1, mix(c, b, part), part);
    context.quadraticCurveTo(c1.x, c1.y, end.x, end.y);
    context.stroke();
  }

  private along(from: number, to: number, part: number): Point {
    const a = this.at(from);
    const b = this.end(from, to);
    const c = control(a, b, 0.1);
    const point = mix(mix(a, c, part), mix(c, b, part), part);
    if (this.world.scene.layout !== 'plane') return point;
    return {
      x: wrapped(point.x - this.middle.x, this.scale * PLANE) + this.middle.x,
      y: wrapped(point.y - this.middle.y, this.scale * PLANE) + this.middle.y,
    };
  }

  /** Where a way ends: a plane has no edges, so it may be shorter over one of them. */
  private end(from: number, to: number): Point {
    const b = this.at(to);
    if (this.world.scene.layout !== 'plane') return b;
    const a = this.at(from);
    const half = this.scale * PLANE;
    return { x: a.x + wrapped(b.x - a.x, half), y: a.y + wrapped(b.y - a.y, half) };
  }
}

/** Brings a distance into [-half, half) by whole turns. */
function wrapped(distance: number, half: number): number {
  return distance - Math.floor((distance + half) / (2 * half)) * 2 * half;
}

function getsTo(reason: string): number {
  return GETS[reason] ?? ARRIVES_NEARLY;
}

function mix(a: Point, b: Point, part: number): Point {
  return { x: a.x + (b.x - a.x) * part, y: a.y + (b.y - a.y) * part };
}

function control(a: Point, b: Point, bend: number): Point {
  return { x: (a.x + b.x) / 2 + (b.y - a.y) * bend, y: (a.y + b.y) / 2 - (b.x - a.x) * bend };
}

function diamond(context: CanvasRenderingContext2D, x: number, y: number, r: number): void {
  context.moveTo(x, y - r);
  context.lineTo(x + r, y);
  context.lineTo(x, y + r);
  context.lineTo(x - r, y);
  context.closePath();
}
