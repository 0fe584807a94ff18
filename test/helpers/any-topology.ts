/** Any topology that a file can describe, for property tests: whatever it is, it must survive being written and read. */

import fc from 'fast-check';
import type {
  AccessClass,
  BurstLoss,
  Dependence,
  GatewayBehaviour,
  LinkOverride,
  NatClass,
  QueueDiscipline,
  Site,
  Topology,
} from '../../src/network/topology.js';
import { NAT_KINDS } from '../../src/scenario/nat-kinds.js';

/** Durations in ms, round and odd. */
export const anyMs = fc.oneof(fc.nat({ max: 1e7 }), fc.double({ min: 1e-3, max: 1e7, noNaN: true }));
export const anyPositiveMs = anyMs.filter((value) => value > 0);
export const anyShare = fc.oneof(
  fc.nat(100).map((percent) => percent / 100),
  fc.double({ min: 0, max: 1, noNaN: true }).map((value) => value + 0),
);
export const anyPositiveShare = anyShare.map((value) => Math.max(value, 1e-9));
/** Any text that a person might write, and some that YAML might take for something else. */
export const anyText = fc.oneof(
  fc.string(),
  fc.constantFrom('yes', '12', 'null', '- a', '# no', 'a: b', '>= 3', '"', "it's", 'two\nlines', ' x '),
);

const bitsPerSecond = fc.oneof(fc.constant(Infinity), fc.integer({ min: 1, max: 1e10 }), fc.double({ min: 1e-3, max: 50, noNaN: true }));
const bytes = fc.oneof(fc.constant(Infinity), fc.integer({ min: 1 }));
const weights = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 });

function sharesOf(count: number, parts: readonly number[]): number[] {
  const weightsOfAll = Array.from({ length: count }, (_, index) => parts[index % parts.length]);
  const total = weightsOfAll.reduce((sum, part) => sum + part, 0);
  return weightsOfAll.map((part) => part / total);
}

const discipline: fc.Arbitrary<QueueDiscipline> = fc.oneof(
  fc.constant<QueueDiscipline>({ kind: 'drop-tail' }),
  fc.tuple(anyPositiveMs, anyPositiveMs).map(([targetMs, intervalMs]): QueueDiscipline => ({ kind: 'codel', targetMs, intervalMs })),
);

const classes = fc
  .tuple(fc.array(fc.tuple(bitsPerSecond, bitsPerSecond, bytes, discipline, anyMs), { minLength: 1, maxLength: 4 }), weights)
  .map(([links, parts]) =>
    sharesOf(links.length, parts).map((share, index): AccessClass => {
      const [uplink, downlink, queue, kind, latencyMs] = links[index];
      return {
        name: `class ${index}`,
        share,
        uplinkBitsPerSecond: uplink,
        downlinkBitsPerSecond: downlink,
        queueBytes: queue,
        discipline: kind,
        latencyMs,
      };
    }),
  );

/** A bottleneck has a queue when it has a rate. */
const bottleneck = fc.tuple(bitsPerSecond, bitsPerSecond, bytes).map(([uplinkBitsPerSecond, downlinkBitsPerSecond, queueBytes]) => {
  const none = uplinkBitsPerSecond === Infinity && downlinkBitsPerSecond === Infinity;
  return { uplinkBitsPerSecond, downlinkBitsPerSecond, queueBytes: none ? Infinity : queueBytes };
});

const dependence = fc.constantFrom<Dependence>('endpoint-independent', 'address-dependent', 'address-and-port-dependent');
const gateway: fc.Arbitrary<GatewayBehaviour> = fc
  .record({
    mapping: fc.option(dependence),
    filtering: fc.option(dependence),
    mappingLifetimeMs: anyPositiveMs,
    connectionLifetimeMs: anyPositiveMs,
    inboundRefresh: fc.boolean(),
    ports: fc.constantFrom<GatewayBehaviour['ports']>('preserving', 'sequential', 'random'),
    hairpinning: fc.boolean(),
  })
  .map((given) =>
    given.mapping === null
      ? { ...given, ports: 'preserving', hairpinning: false }
      : { ...given, filtering: given.filtering ?? 'endpoint-independent' },
  );
const translating = gateway.map(
  (given): GatewayBehaviour => ({
    ...given,
    mapping: given.mapping ?? 'endpoint-independent',
    filtering: given.filtering ?? 'endpoint-independent',
  }),
);
const carrier = fc.record({ gateway: translating, gateways: fc.integer({ min: 1, max: 100 }) });
const closed = fc.record({
  gateway,
  peersPerGateway: fc.integer({ min: 1, max: 50 }),
  datagrams: fc.boolean(),
  portMapping: fc.boolean(),
  carrier: fc.option(carrier),
});
const withoutGateway = fc.record({
  gateway: fc.constant(null),
  peersPerGateway: fc.constant(1),
  datagrams: fc.boolean(),
  portMapping: fc.constant(false),
  carrier: fc.option(carrier),
});
/** Half of them bear the name of a kind, and are not all like that kind. */
const nat = fc
  .tuple(fc.array(fc.tuple(fc.oneof(closed, withoutGateway), fc.nat(NAT_KINDS.length * 2)), { maxLength: 5 }), weights)
  .map(([behaviours, parts]) => {
    const taken = new Set<string>();
    return sharesOf(behaviours.length, parts).map((share, index): NatClass => {
      const [behaviour, choice] = behaviours[index];
      const kind = NAT_KINDS[choice];
      const fits =
        kind !== undefined &&
        !taken.has(kind) &&
        (kind === 'open' || kind === 'mobile') === (behaviour.gateway === null) &&
        (behaviour.carrier !== null || (kind !== 'carrier-grade' && kind !== 'mobile'));
      if (fits) taken.add(kind);
      return { name: fits ? kind : `nat ${index}`, share, ...behaviour };
    });
  });

const bursts: fc.Arbitrary<BurstLoss> = fc
  .tuple(anyPositiveShare, anyPositiveShare, anyShare, anyShare)
  .filter(([, , a, b]) => a !== b)
  .map(([enter, leave, a, b]) => ({ enter, leave, lossGood: Math.min(a, b), lossBad: Math.max(a, b) }));

/** A link differs from the rule in something, and has a queue when it has a rate. */
const override = (sites: number): fc.Arbitrary<LinkOverride> =>
  fc
    .record({
      from: fc.nat(sites - 1),
      to: fc.nat(sites - 1),
      bitsPerSecond,
      queueBytes: bytes,
      loss: fc.option(anyShare.map((value) => value / 2)),
      jitter: fc.option(anyShare),
    })
    .map((given) => ({ ...given, queueBytes: given.bitsPerSecond === Infinity ? Infinity : given.queueBytes }))
    .filter(({ bitsPerSecond: rate, loss, jitter }) => rate !== Infinity || loss !== null || jitter !== null);

export const anyTopology: fc.Arbitrary<Topology> = fc.tuple(fc.integer({ min: 1, max: 5 }), classes).chain(([sites, access]) =>
  fc.record({
    name: anyText,
    about: anyText,
    source: anyText,
    headerBytes: fc.nat(100),
    segmentHeaderBytes: fc.nat(100),
    classes: fc.constant(access),
    sites: fc
      .tuple(
        weights,
        fc.array(fc.tuple(fc.option(anyText), fc.option(fc.nat(access.length - 1)), bottleneck), { minLength: sites, maxLength: sites }),
      )
      .map(([parts, rest]) =>
        sharesOf(sites, parts).map((share, index): Site => {
          const [region, accessClass, shared] = rest[index];
          return { name: `${index}`, share, region, accessClass, ...shared };
        }),
      ),
    latencyMs: fc.array(anyMs, { minLength: sites ** 2, maxLength: sites ** 2 }).map((values) => Float64Array.from(values)),
    jitter: anyShare,
    loss: anyShare.map((value) => value / 2),
    bursts: fc.option(bursts),
    reorder: fc.option(fc.record({ share: anyPositiveShare, byMs: anyPositiveMs })),
    duplicate: anyShare,
    links: fc.uniqueArray(override(sites), { selector: ({ from, to }) => from * sites + to, maxLength: 5 }),
    nat,
  }),
);
