/** From a run's frames, as the coordinator shows them, to what a viewer is told. */

import type { WatchFrame } from '../coordinator/watch.js';
import type { Heat, MessageRow, Sample, Scene } from './feed.js';
import { REACHABLE, SERVER, UP } from './flags.js';

export interface Translated {
  readonly sample: Sample;
  readonly drops: Readonly<Record<string, number>>;
  readonly faults: WatchFrame['faults'];
  readonly scene: Scene;
  readonly heat: Heat | null;
  readonly messages: readonly MessageRow[];
  readonly moreMessages: number;
  readonly operationsShown: number;
}

/** Places in the picture are told to a ten-thousandth, times to a microsecond. */
const round = (value: number, by: number) => Math.round(value * by) / by;

export class Translator {
  private readonly hosts: number;
  private places = new Map<number, number>();
  private links: readonly number[] = [];
  private moreLinks = 0;
  private before: (Pick<WatchFrame, 'drawn' | 'up' | 'positions'> & { readonly scene: Scene }) | null = null;

  /** @param hosts peers and servers there are, drawn or not */
  constructor(hosts: number) {
    this.hosts = hosts;
  }

  translate(frame: WatchFrame): Translated {
    if (this.places.size !== frame.drawn.length) this.places = new Map(frame.drawn.map(({ peer }, place) => [peer, place]));
    if (frame.links !== null) {
      this.links = frame.links.map((peer) => this.placeOf(peer));
      this.moreLinks = frame.moreLinks;
    }
    const messages = this.messagesOf(frame);
    return {
      sample: sampleOf(frame),
      drops: frame.totals.dropped,
      faults: frame.faults,
      scene: this.sceneOf(frame),
      heat: this.heatOf(frame),
      messages,
      moreMessages: frame.moreMessages + frame.messages.length - messages.length,
      operationsShown: Math.round(1 / frame.operationsShown),
    };
  }

  private placeOf(peer: number): number {
    return this.places.get(peer) ?? -1;
  }

  private messagesOf(frame: WatchFrame): MessageRow[] {
    const rows: MessageRow[] = [];
    for (const { sentMs, arrivesMs, from, to, type, cause, operation, ttl, dropped } of frame.messages) {
      const [a, b] = [this.placeOf(from), this.placeOf(to)];
      if (a >= 0 && b >= 0) rows.push([round(sentMs, 1000), round(arrivesMs, 1000), a, b, type, cause, operation, ttl ?? -1, dropped]);
    }
    return rows;
  }

  /** What has not changed in the run is the same array as before: so it need not be looked at to see that. */
  private sceneOf({ drawn, up, positions, types }: WatchFrame): Scene {
    const { before } = this;
    const placed = positions.find((position) => position !== null);
    const scene: Scene = {
      names: before?.drawn === drawn ? before.scene.names : drawn.map(({ name }) => name),
      layout: placed === undefined ? 'none' : placed.length === 1 ? 'ring' : 'plane',
      places:
        before?.positions === positions
          ? before.scene.places
          : positions.map((position) => position?.map((each) => round(each, 1e4)) ?? null),
      flags:
        before?.up === up
          ? before.scene.flags
          : drawn.map(({ reachable, isServer }, at) => (up[at] ? UP : 0) + (reachable ? REACHABLE : 0) + (isServer ? SERVER : 0)),
      links: this.links,
      moreLinks: this.moreLinks,
      types,
    };
    this.before = { drawn, up, positions, scene };
    return scene;
  }

  /** Where every peer is drawn, nothing more is to be told of them all. */
  private heatOf({ drawn, heat }: WatchFrame): Heat | null {
    if (drawn.length >= this.hosts) return null;
    return { handled: heat.handled, up: heat.up.map((share) => round(share, 1000)), peersPerGroup: heat.hosts / heat.groups };
  }
}

/** Only the figures: enough while nobody looks closely. */
export function sampleOf({ virtualMs, totals, peersAlive, latency }: WatchFrame): Sample {
  const { sent, bytes, delivered, dropped, operations } = totals;
  const lost = Object.values(dropped).reduce((sum, messages) => sum + messages, 0);
  const { started, succeeded, failed } = operations;
  return [virtualMs, sent, bytes, delivered, lost, started, succeeded, failed, peersAlive, latency.p50Ms, latency.p90Ms];
}
