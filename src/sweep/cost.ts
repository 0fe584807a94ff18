/**
 * What runs cost in wall time and memory: at first only that more peers and more virtual time cost more, then what finished runs of the
 * same protocol took. For the order of runs and the time that is left; results do not depend on it.
 */

/** A run as its cost depends on it. */
export interface Priced {
  readonly protocol: string;
  readonly peers: number;
  /** Peers times virtual seconds. */
  readonly peerSeconds: number;
}

interface Point {
  readonly peerSeconds: number;
  /** Mean of the runs of this size. */
  wallMs: number;
  count: number;
}

/** How cost grows with size, as an exponent: between "no size counts, only starting does" and "everybody talks to everybody". */
const LEAST_SLOPE = 0;
const MOST_SLOPE = 2;
/** Wall ms of a peer-second when nothing is known, about that of a DHT: puts protocols of which nothing is known in line. */
const UNKNOWN_MS = 0.02;

export class CostModel {
  /** By protocol, from small to large. */
  private readonly points = new Map<string, Point[]>();
  private readonly bytes = new Map<string, { peers: number; bytesPerPeer: number }>();

  learn(run: Priced, wallMs: number, bytesPerPeer: number | null): void {
    const { protocol, peerSeconds } = run;
    const points = this.points.get(protocol) ?? [];
    if (points.length === 0) this.points.set(protocol, points);
    const at = points.findIndex((each) => each.peerSeconds >= peerSeconds);
    const found = at >= 0 && points[at].peerSeconds === peerSeconds ? points[at] : null;
    if (found === null) points.splice(at < 0 ? points.length : at, 0, { peerSeconds, wallMs, count: 1 });
    else found.wallMs += (wallMs - found.wallMs) / ++found.count;
    this.learnBytes(run, bytesPerPeer);
  }

  /** Of several sizes the largest tells most, of one the run that took most. */
  learnBytes({ protocol, peers }: Pick<Priced, 'protocol' | 'peers'>, bytesPerPeer: number | null): void {
    if (bytesPerPeer === null) return;
    const known = this.bytes.get(protocol);
    if (known === undefined || peers > known.peers || (peers === known.peers && bytesPerPeer > known.bytesPerPeer))
      this.bytes.set(protocol, { peers, bytesPerPeer });
  }

  /** What a peer of this protocol took, as far as it is known; null when it is not. */
  bytesPerPeer(protocol: string): number | null {
    return this.bytes.get(protocol)?.bytesPerPeer ?? null;
  }

  /** Whether a run of this protocol has finished. */
  knows(protocol: string): boolean {
    return this.points.has(protocol);
  }

  /** Expected wall time on one thread, in ms: between two sizes that ran on the line through them, beyond them along it. */
  wallMs({ protocol, peerSeconds }: Priced): number {
    const points = this.points.get(protocol);
    if (points === undefined) return peerSeconds * this.typicalMs();
    const after = points.findIndex((each) => each.peerSeconds >= peerSeconds);
    const high = after < 0 ? points.length - 1 : Math.max(after, Math.min(1, points.length - 1));
    const low = Math.max(0, high - 1);
    const [a, b] = [points[low], points[high]];
    const slope = low === high ? 1 : Math.log(b.wallMs / a.wallMs) / Math.log(b.peerSeconds / a.peerSeconds);
    const near = Math.abs(Math.log(peerSeconds / a.peerSeconds)) < Math.abs(Math.log(peerSeconds / b.peerSeconds)) ? a : b;
    return near.wallMs * (peerSeconds / near.peerSeconds) ** Math.min(MOST_SLOPE, Math.max(LEAST_SLOPE, slope));
  }

  /** Per peer-second, of those protocols of which something is known. */
  private typicalMs(): number {
    const rates = [...this.points.values()].map((points) => points.at(-1)!.wallMs / points.at(-1)!.peerSeconds);
    return rates.length === 0 ? UNKNOWN_MS : rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
  }
}
