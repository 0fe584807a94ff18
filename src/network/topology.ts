/**
 * A topology as the network uses it: access classes, sites, and the latency between sites. Everything is resolved: no files, no
 * units to parse, every default filled in. `scenario/topology-file.ts` makes one from YAML, `scenario/latency-matrix.ts` from a matrix.
 */

/** A kind of access link, with the share of peers that has it. */
export interface AccessClass {
  readonly name: string;
  /** Share of the peers, in (0, 1]; the shares of all classes add up to 1. */
  readonly share: number;
  /** Bits per second, `Infinity` for no limit. */
  readonly uplinkBitsPerSecond: number;
  readonly downlinkBitsPerSecond: number;
  /** Longest queue in bytes at either end of the link; a packet that does not fit is dropped (the newest). */
  readonly queueBytes: number;
  /** One-way latency of the access link itself, in ms, added at both ends of a path. */
  readonly latencyMs: number;
}

/** A place with peers. Latency is between sites. */
export interface Site {
  readonly name: string;
  /** Share of the peers, in [0, 1]; the shares of all sites add up to 1. */
  readonly share: number;
}

export interface Topology {
  readonly name: string;
  /** One sentence: what it stands for. */
  readonly about: string;
  /** Where its figures come from. */
  readonly source: string;
  /** Bytes of headers the network adds to each datagram (IP + UDP: 28). */
  readonly headerBytes: number;
  readonly classes: readonly AccessClass[];
  readonly sites: readonly Site[];
  /** One-way latency in ms, sites x sites in row order, row = source; the diagonal is between two peers of one site. */
  readonly latencyMs: Float64Array;
  /** Extra delay per packet: uniform in [0, jitter x path latency). 0 for none. */
  readonly jitter: number;
  /** Probability that a packet is lost on its way, in [0, 1). */
  readonly loss: number;
}
