/** Every default of a scenario or topology file, in one place. `docs/scenario.md` and `docs/topologies.md` list them. */

export const SCENARIO_DEFAULTS = {
  seed: 1,
  peers: 1000,
  topology: 'planet',
  phases: { start: 'join', warmUpMs: 60_000, measureMs: 300_000, drainMs: 30_000 },
  population: { core: 0, crashShare: 0.5, churnFromMs: 0 },
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
  },
  intervalMs: 10_000,
  limits: { pendingEvents: 50_000_000, eventsPerInstant: 20_000_000, stallSeconds: 30 },
} as const;

export const TOPOLOGY_DEFAULTS = {
  /** IPv4 and UDP: 20 + 8 (RFC 791, RFC 768). */
  headerBytes: 28,
  jitter: 0,
  loss: 0,
  access: { bitsPerSecond: Number.POSITIVE_INFINITY, queueBytes: 262_144, latencyMs: 0 },
  greatCircle: { stretch: 1, spread: 0, withinMs: 1 },
  /** One-way latency between two peers on one host of a matrix whose diagonal is empty, in ms: neighbours on a local network. */
  matrixWithinMs: 0.5,
} as const;
