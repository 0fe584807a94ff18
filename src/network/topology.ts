/**
 * A topology as the network uses it: access classes, sites, the latency between sites, and who is behind which kind of NAT. Everything
 * is resolved: no files, no units to parse, every default filled in. `scenario/topology-file.ts` makes one from YAML.
 */

/**
 * What is dropped when a queue gets long. CoDel (RFC 8289) drops when packets have waited longer than `targetMs` for `intervalMs`;
 * `drop-tail` waits until the queue is full.
 */
export type QueueDiscipline =
  | { readonly kind: 'drop-tail' }
  | { readonly kind: 'codel'; readonly targetMs: number; readonly intervalMs: number };

/** A kind of access link, with the share of peers that has it. */
export interface AccessClass {
  readonly name: string;
  /** Share of the peers whose site leaves it open, in [0, 1]; the shares of all classes add up to 1. */
  readonly share: number;
  /** Bits per second, `Infinity` for no limit. */
  readonly uplinkBitsPerSecond: number;
  readonly downlinkBitsPerSecond: number;
  /** Longest queue in bytes at either end of the link; a packet that does not fit is dropped (the newest). */
  readonly queueBytes: number;
  readonly discipline: QueueDiscipline;
  /** One-way latency of the access link itself, in ms, added at both ends of a path. */
  readonly latencyMs: number;
}

/** A place with peers. Latency is between sites. */
export interface Site {
  readonly name: string;
  /** Share of the peers, in [0, 1]; the shares of all sites add up to 1. */
  readonly share: number;
  /** A group of sites that faults can name, such as a continent; null for none. */
  readonly region: string | null;
  /** Index of the access class that all peers of this site have; null: drawn by the classes' shares. */
  readonly accessClass: number | null;
  /** A bottleneck that all peers of the site share towards the others, in bits per second; `Infinity` for none. */
  readonly uplinkBitsPerSecond: number;
  readonly downlinkBitsPerSecond: number;
  /** Longest queue at that bottleneck, in bytes (drop-tail). */
  readonly queueBytes: number;
}

/** RFC 4787: what a mapping, or a filter, depends on. */
export type Dependence = 'endpoint-independent' | 'address-dependent' | 'address-and-port-dependent';

/** How one gateway translates and filters (RFC 4787 for datagrams, RFC 5382 for connections). */
export interface GatewayBehaviour {
  /** For which destinations an inner endpoint keeps its outer one; null: it does not translate (a plain firewall). */
  readonly mapping: Dependence | null;
  /** Who may answer; null: everybody, even unasked (only sensible without translation). */
  readonly filtering: Dependence | null;
  /** A datagram mapping, and the permission to answer, end this long after the last use, in ms. */
  readonly mappingLifetimeMs: number;
  /** The same for connections, in ms. */
  readonly connectionLifetimeMs: number;
  /** Whether what comes in is a use, too (what goes out always is). */
  readonly inboundRefresh: boolean;
  /** Which outer port a new mapping gets: the inner one if it is free, the next one, or a random one. */
  readonly ports: 'preserving' | 'sequential' | 'random';
  /** Whether an inner peer reaches another by its outer address. */
  readonly hairpinning: boolean;
}

/** A kind of way onto the network, with the share of peers that has it. */
export interface NatClass {
  readonly name: string;
  /** Share of the peers, in (0, 1]; the shares of all classes add up to 1. */
  readonly share: number;
  /** Null: on the open network, with an address of its own. */
  readonly gateway: GatewayBehaviour | null;
  /** Peers behind one gateway, which share its access link; at least 1. */
  readonly peersPerGateway: number;
  /** Whether datagrams pass, in either direction. */
  readonly datagrams: boolean;
  /** Whether a peer may ask its gateway for a mapping that anybody can use (as by UPnP IGD or PCP). */
  readonly portMapping: boolean;
  /** A carrier's gateway in front of so many of these, as in carrier-grade NAT (RFC 6888); null for none. */
  readonly carrier: { readonly gateway: GatewayBehaviour; readonly gateways: number } | null;
}

/** Bursty loss (Gilbert 1960, Elliott 1963): a two-state chain per sender that moves before each packet. */
export interface BurstLoss {
  /** Probability that the good state ends at a packet, and that the bad one does. */
  readonly enter: number;
  readonly leave: number;
  /** Probability of loss in either state. */
  readonly lossGood: number;
  readonly lossBad: number;
}

/** A pair of sites that differs from the topology's rule, in this direction. Its latency is in `latencyMs`. */
export interface LinkOverride {
  /** Indices of sites. */
  readonly from: number;
  readonly to: number;
  /** What all traffic of this pair shares, in bits per second; `Infinity` for no limit. */
  readonly bitsPerSecond: number;
  /** Longest queue there, in bytes. */
  readonly queueBytes: number;
  /** Instead of the topology's; null: as there. */
  readonly loss: number | null;
  readonly jitter: number | null;
}

/** A network as the emulator uses it: every default filled in, every unit resolved. */
export interface Topology {
  readonly name: string;
  /** One sentence: what it stands for. */
  readonly about: string;
  /** Where its figures come from. */
  readonly source: string;
  /** Bytes of headers the network adds to each datagram (IP + UDP: 28). */
  readonly headerBytes: number;
  /** Bytes of headers the network adds to each segment of a connection (IP + TCP: 40). */
  readonly segmentHeaderBytes: number;
  readonly classes: readonly AccessClass[];
  readonly sites: readonly Site[];
  /** One-way latency in ms, sites x sites in row order, row = source; the diagonal is between two peers of one site. */
  readonly latencyMs: Float64Array;
  /** Extra delay per packet: uniform in [0, jitter x path latency). 0 for none. */
  readonly jitter: number;
  /** Probability that a packet is lost on its way, in [0, 1). */
  readonly loss: number;
  /** Loss in bursts, on top; null for none. */
  readonly bursts: BurstLoss | null;
  /** Share of the packets that are held back by `byMs`, so that later ones overtake them; null for none. */
  readonly reorder: { readonly share: number; readonly byMs: number } | null;
  /** Share of the datagrams that arrive twice. */
  readonly duplicate: number;
  readonly links: readonly LinkOverride[];
  /** Empty: everybody is on the open network. */
  readonly nat: readonly NatClass[];
}
