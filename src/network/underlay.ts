/**
 * What a topology may have besides latency, jitter and even loss: CoDel at the access links, bottlenecks that a site or a pair of sites
 * shares, links that differ from the rule, loss in bursts, reordering. Made only for topologies that have some of it, so that the others
 * pay nothing.
 */

import type { Stream } from '../kernel/random.js';
import { Bottlenecks } from './bottleneck.js';
import { GilbertElliott } from './burst-loss.js';
import { Codel } from './codel.js';
import { PairLinks } from './pair-links.js';
import { classOf, type PeerTable, siteOf } from './peer-table.js';
import type { QueueDiscipline, Topology } from './topology.js';

export class Underlay {
  private readonly table: PeerTable;
  private readonly topology: Topology;
  /** By access class; null for drop-tail. A link is a peer's line, twice: up and down. */
  private readonly codels: readonly (Codel | null)[];
  private readonly outOfSites: Bottlenecks;
  private readonly intoSites: Bottlenecks;
  private readonly pairs: PairLinks;
  private readonly pairLines: Bottlenecks;
  private readonly bursts: GilbertElliott | null;

  constructor(topology: Topology, table: PeerTable) {
    this.table = table;
    this.topology = topology;
    this.codels = topology.classes.map(({ discipline }) => (isCodel(discipline) ? new Codel(discipline, table.peers * 2) : null));
    const { sites, links } = topology;
    this.outOfSites = new Bottlenecks(sites.map((each) => ({ bitsPerSecond: each.uplinkBitsPerSecond, queueBytes: each.queueBytes })));
    this.intoSites = new Bottlenecks(sites.map((each) => ({ bitsPerSecond: each.downlinkBitsPerSecond, queueBytes: each.queueBytes })));
    this.pairs = new PairLinks(links, sites.length);
    this.pairLines = new Bottlenecks(links);
    this.bursts = topology.bursts ? new GilbertElliott(topology.bursts, table.peers) : null;
  }

  static isNeeded({ classes, sites, links, bursts, reorder }: Topology): boolean {
    return (
      links.length > 0 ||
      bursts !== null ||
      reorder !== null ||
      classes.some(({ discipline }) => isCodel(discipline)) ||
      sites.some((each) => each.uplinkBitsPerSecond < Infinity || each.downlinkBitsPerSecond < Infinity)
    );
  }

  /** Whether CoDel drops a packet at the uplink of this line, where it would wait until `startMs`. */
  uplinkDrops(line: number, startMs: number, waitMs: number, bytesPerMs: number, size: number): boolean {
    const codel = this.codels[classOf(this.table.places[line])];
    return codel?.drops(line * 2, startMs, waitMs, waitMs * bytesPerMs, size) ?? false;
  }

  downlinkDrops(line: number, startMs: number, waitMs: number, bytesPerMs: number, size: number): boolean {
    const codel = this.codels[classOf(this.table.places[line])];
    return codel?.drops(line * 2 + 1, startMs, waitMs, waitMs * bytesPerMs, size) ?? false;
  }

  /** Whether a packet between these peers has to pass a bottleneck on the sender's side. */
  hasEgress(source: number, destination: number): boolean {
    const from = siteOf(this.table.places[source]);
    const to = siteOf(this.table.places[destination]);
    if (this.outOfSites.bytesPerMs[from] !== Infinity && from !== to) return true;
    const link = this.pairs.find(from, to);
    return link >= 0 && this.pairLines.bytesPerMs[link] !== Infinity;
  }

  hasIngress(source: number, destination: number): boolean {
    const to = siteOf(this.table.places[destination]);
    return this.intoSites.bytesPerMs[to] !== Infinity && siteOf(this.table.places[source]) !== to;
  }

  /**
   * A packet's last byte has come from its sender's uplink, of this rate, to the bottlenecks of its site and pair. Gives the slowest
   * rate so far, in bytes per ms, and writes into `due` when the last byte is through; or -1 or -2: the site's or the pair's queue is
   * full.
   */
  egress(source: number, destination: number, size: number, uplinkBytesPerMs: number, nowMs: number, due: Float64Array): number {
    const from = siteOf(this.table.places[source]);
    const to = siteOf(this.table.places[destination]);
    due[0] = nowMs;
    let slowest = uplinkBytesPerMs;
    if (from !== to) {
      slowest = this.pass(this.outOfSites, from, size, slowest, due);
      if (slowest < 0) return -1;
    }
    const link = this.pairs.find(from, to);
    if (link >= 0) slowest = this.pass(this.pairLines, link, size, slowest, due);
    return slowest < 0 ? -2 : slowest;
  }

  /** A packet's last byte would be through its receiver's site's bottleneck now. False: the queue is full. */
  ingress(destination: number, size: number, nowMs: number, due: Float64Array): boolean {
    const passes = this.intoSites.pass(siteOf(this.table.places[destination]), size, nowMs);
    due[0] = this.intoSites.due[0];
    return passes;
  }

  /** Bytes per ms of the bottleneck into a site; `Infinity` for none. */
  intoRate(destination: number): number {
    return this.intoSites.bytesPerMs[siteOf(this.table.places[destination])];
  }

  /** The latency of a packet with all that chance adds, in ms; negative: it is lost. */
  path(source: number, from: number, to: number, latencyMs: number, random: Stream): number {
    const { topology } = this;
    const link = this.pairs.find(from, to);
    const override = link < 0 ? null : topology.links[link];
    const loss = override?.loss ?? topology.loss;
    const jitter = override?.jitter ?? topology.jitter;
    if (loss > 0 && random.next() < loss) return -1;
    if (this.bursts?.lost(source, random)) return -1;
    let total = latencyMs;
    if (jitter > 0) total += latencyMs * jitter * random.next();
    if (topology.reorder !== null && random.next() < topology.reorder.share) total += topology.reorder.byMs;
    return total;
  }

  /** The last byte leaves a line of its own rate: as long after it came as the line is slower than what it came from. */
  private pass(lines: Bottlenecks, index: number, size: number, slowest: number, due: Float64Array): number {
    const rate = lines.bytesPerMs[index];
    if (rate === Infinity) return slowest;
    const extraMs = rate < slowest ? size / rate - size / slowest : 0;
    if (!lines.pass(index, size, due[0] + extraMs)) return -1;
    due[0] = lines.due[0];
    return Math.min(rate, slowest);
  }
}

function isCodel(discipline: QueueDiscipline): discipline is QueueDiscipline & { readonly kind: 'codel' } {
  return discipline.kind === 'codel';
}
