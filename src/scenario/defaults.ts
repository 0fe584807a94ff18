/** Every default of a scenario or topology file, in one place. `docs/scenario.md` and `docs/topologies.md` list them. */

export const SCENARIO_DEFAULTS = {
  seed: 1,
  peers: 1000,
  topology: 'planet',
  clock: 'virtual',
  speed: 1,
  /** Little beside the round trips between homes, which take tens of ms and more. */
  latenessMs: 10,
  phases: { start: 'join', warmUpMs: 60_000, measureMs: 300_000, drainMs: 30_000 },
  population: { core: 0, crashShare: 0.5, churnFromMs: 0, diurnalPeriodMs: 86_400_000 },
  locate: {
    files: 1000,
    zipf: 0.8,
    replicas: 10,
    replicaZipf: 0,
    freeRiders: 0,
    sharingZipf: 0,
    publishSpreadMs: 10_000,
    ratePerPeerPerSecond: 0.01,
    timeoutMs: 30_000,
    /** Words of a name, and those that a query knows: of the order of what query logs show (Yang and Garcia-Molina, ICDCS 2002). */
    names: { vocabulary: 0, perItem: 3, perQuery: 2, zipf: 0.8 },
  },
  intervalMs: 10_000,
  paths: false,
  limits: { pendingEvents: 50_000_000, eventsPerInstant: 20_000_000, stallSeconds: 30 },
} as const;

export const TOPOLOGY_DEFAULTS = {
  /** IPv4 and UDP: 20 + 8 (RFC 791, RFC 768). */
  headerBytes: 28,
  /** IPv4 and TCP without options: 20 + 20 (RFC 791, RFC 9293). */
  segmentHeaderBytes: 40,
  jitter: 0,
  loss: 0,
  /** A chain whose bad state loses everything (Gilbert 1960). */
  bursts: { lossGood: 0, lossBad: 1 },
  duplicate: 0,
  /** RFC 8289, 4.3 and 4.2: 5 ms, and 100 ms, a round trip that is long for most traffic. */
  codel: { targetMs: 5, intervalMs: 100 },
  /** Queue of a line in the middle: a round trip's worth of its rate (Villamizar and Song, CCR 24, 1994), for a round trip of this length. */
  sharedQueueMs: 100,
  nat: {
    /** The least that RFC 4787 (REQ-5) allows, and what Linux gives a flow with traffic both ways (nf_conntrack_udp_timeout_stream). */
    lifetimeMs: 120_000,
    /** RFC 5382, REQ-5: 2 hours and 4 minutes. */
    connectionLifetimeMs: 7_440_000,
    /** RFC 4787 (REQ-6) leaves it open; Linux does. */
    inboundRefresh: true,
    peersPerGateway: 1,
    portMapping: false,
    /** Homes that share one public address of their carrier. */
    carrierGateways: 64,
  },
  access: { bitsPerSecond: Number.POSITIVE_INFINITY, queueBytes: 262_144, latencyMs: 0 },
  greatCircle: { stretch: 1, spread: 0, withinMs: 1 },
  gml: { useShortestPath: true, withinMs: 1 },
  /** ITU-T G.826 takes a route of less than 1,000 km for 1.5 times as long as the distance through the air. */
  graphml: { stretch: 1.5, withinMs: 1, unplacedMs: 5, linkSpeeds: true },
  generate: {
    sites: 100,
    seed: 1,
    withinMs: 1,
    latencyMs: 10,
    spread: 0.5,
    sideMs: 60,
    links: 2,
    neighbours: 4,
    rewire: 0.1,
    radius: 0.2,
    alpha: 0.2,
    beta: 0.15,
    transitStub: {
      transitDomains: 4,
      transitRouters: 4,
      stubsPerRouter: 3,
      transitLinks: 0.6,
      stubLinks: 0.42,
      backboneMs: 30,
      transitMs: 15,
      accessMs: 5,
      stubMs: 2,
    },
  },
  /** One-way latency between two peers on one host of a matrix whose diagonal is empty, in ms: neighbours on a local network. */
  matrixWithinMs: 0.5,
} as const;
