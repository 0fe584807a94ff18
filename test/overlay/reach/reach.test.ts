import test from 'ava';
import { formatAddress, isHomeIp, PORTS } from '../../../src/network/address.js';
import type { GatewayBehaviour, NatClass } from '../../../src/network/topology.js';
import type { Path } from '../../../src/overlay/reach/path.js';
import { CARRIER_GATEWAY } from '../../../src/scenario/nat-kinds.js';
import { classOfKind, type Reachnet, type ReachnetOptions, reachnet, SAY_BYTES, say } from '../../helpers/reachers.js';

const TRANSPORTS = ['datagram', 'connection'] as const;
const OPEN = classOfKind('open');
const SYMMETRIC = classOfKind('symmetric');
const PORT_RESTRICTED = classOfKind('port-restricted-cone');

const named = (name: string, nat: NatClass, gateway: Partial<GatewayBehaviour> = {}, changes: Partial<NatClass> = {}): NatClass => ({
  ...nat,
  name,
  gateway: { ...nat.gateway!, ...gateway },
  ...changes,
});

/** A network in which everybody has had time to register. */
async function settled(classes: readonly NatClass[], options: Partial<ReachnetOptions> = {}): Promise<Reachnet> {
  const made = await reachnet({ peers: 12 * classes.length, classes: [OPEN, ...classes.filter((each) => each !== OPEN)], ...options });
  made.net.run(15_000);
  return made;
}

/** Lets one reach the other, and waits for the outcome. */
function reach({ net, reacher, identity }: Reachnet, from: number, to: number): Path {
  const path = reacher(from).reach.to(identity(to));
  net.runFor(15_000);
  return path;
}

/** The other side's view of a path. */
const there = ({ reacher }: Reachnet, to: number, { number }: Path) => reacher(to).incoming.find((path) => path.number === number)!;

for (const transport of TRANSPORTS) {
  test(`by ${transport}: peers learn their public address, and what their gateway does to it`, async (t) => {
    const made = await settled([PORT_RESTRICTED, SYMMETRIC, classOfKind('firewall')], { settings: { transport } });
    const { of, reacher, net } = made;
    for (const [name, mapping] of [
      ['open', 'none'],
      ['firewall', 'none'],
      ['port-restricted-cone', 'endpoint-independent'],
      ['symmetric', 'dependent'],
    ]) {
      for (const peer of of(name)) {
        const { reach } = reacher(peer);
        t.is(reach.mapping, mapping as never, name);
        t.is(reach.identity.at.length, 2);
        const ip = (address: number) => Math.floor(address / PORTS);
        t.is(ip(reach.publicAddress!), ip(net.address(peer)), formatAddress(reach.publicAddress!));
        if (mapping !== 'dependent') t.is(reach.publicAddress, net.address(peer));
        for (const address of reach.identity.at) t.true(of('open').includes(made.owner(address)));
      }
    }
  });

  test(`by ${transport}: what cannot be punched is relayed, up to the limit, and the relay counts it`, async (t) => {
    const made = await settled([SYMMETRIC], { settings: { transport, relayLimitBytes: 20 * SAY_BYTES } });
    const [a, b] = made.of('symmetric');
    const path = reach(made, a, b);
    t.is(path.how, 'relayed');
    const before = made.net.shard.meter.report().counters['relayed-bytes'] ?? 0;
    for (let n = 1; n <= 10; n++) say(path, n);
    made.net.runFor(1000);
    t.deepEqual(
      made.reacher(b).heard.map(({ n }) => n),
      [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
    );
    t.is(made.net.shard.meter.report().counters['relayed-bytes'] - before, 10 * SAY_BYTES);
    const back = there(made, b, path);
    for (let n = 11; n <= 30; n++) say(back, n);
    made.net.runFor(1000);
    t.true(made.reacher(a).heard.length < 10, 'checks and keep-alives count, too');
    t.false(path.open || back.open);
    t.deepEqual([made.reacher(a).ended.length, made.reacher(b).ended.length], [1, 1]);
    t.is(made.net.shard.meter.report().counters['relay-limits-reached'], 1);
  });

  test(`by ${transport}: without punching, or without relaying, there is less to be had`, async (t) => {
    const unpunched = await settled([PORT_RESTRICTED], { settings: { transport, punching: false } });
    const [a, b] = unpunched.of('port-restricted-cone');
    t.is(reach(unpunched, a, b).how, 'relayed');
    t.is(reach(unpunched, a, unpunched.of('open')[0]).how, 'direct');
    const unrelayed = await settled([SYMMETRIC], { settings: { transport, relaying: false } });
    const [c, d] = unrelayed.of('symmetric');
    const failed = reach(unrelayed, c, d);
    t.is(failed.how, 'failed');
    t.false(failed.open);
    t.false(say(failed, 1));
    t.deepEqual(unrelayed.reacher(c).reached, [failed]);
    const full = await settled([SYMMETRIC], { settings: { transport, relayPaths: 0 } });
    t.is(reach(full, full.of('symmetric')[0], full.of('symmetric')[1]).how, 'failed');
  });

  test(`by ${transport}: a relay that crashes takes its paths with it, and both sides are reached again through others`, async (t) => {
    const made = await settled([SYMMETRIC], { settings: { transport, refreshMs: 5000, keepAliveMs: 5000 } });
    const { net, reacher } = made;
    const [a, b] = made.of('symmetric');
    const path = reach(made, a, b);
    t.is(path.how, 'relayed');
    const known = made.identity(b);
    net.crash(made.owner(path.remote));
    net.runFor(40_000);
    for (const side of [a, b]) t.is(reacher(side).ended.length, 1);
    t.false(path.open);
    // By what was known before the crash: its other registration is still good.
    const again = reacher(a).reach.to(known);
    net.runFor(30_000);
    t.is(again.how, 'relayed');
    t.not(again.remote, path.remote);
    t.is(made.identity(b).at.length, 2);
    t.false(made.identity(b).at.includes(path.remote));
    say(again, 7);
    net.runFor(1000);
    t.is(reacher(b).heard.at(-1)!.n, 7);
  });

  test(`by ${transport}: a rendezvous that left or crashed is noticed while asking`, async (t) => {
    for (const politely of [true, false]) {
      const made = await settled([PORT_RESTRICTED], { settings: { transport } });
      const [a, b] = made.of('port-restricted-cone');
      const known = made.identity(b);
      for (const address of known.at) {
        if (politely) made.net.leave(made.owner(address));
        else made.net.crash(made.owner(address));
      }
      const path = made.reacher(a).reach.to(known);
      made.net.runFor(60_000);
      t.is(path.how, 'failed');
      // The other side found others meanwhile.
      t.is(made.identity(b).at.length, 2);
      t.is(reach(made, a, b).how, 'punched');
    }
  });

  test(`by ${transport}: who is gone is not reached, and who goes is noticed`, async (t) => {
    const made = await settled([PORT_RESTRICTED, SYMMETRIC], { settings: { transport, keepAliveMs: 4000, refreshMs: 5000 } });
    const { net, reacher, identity } = made;
    const [a, b, c] = made.of('port-restricted-cone');
    const [d, e, f] = made.of('symmetric');
    const punched = [reach(made, a, b), reach(made, a, c)];
    const relayed = [reach(made, d, e), reach(made, d, f)];
    t.deepEqual(
      [...punched, ...relayed].map(({ how }) => how),
      ['punched', 'punched', 'relayed', 'relayed'],
    );
    const ids = [b, c].map(identity);
    net.leave(b);
    net.leave(e);
    net.runFor(1000);
    t.deepEqual(
      [a, d].map((peer) => reacher(peer).ended.map(({ reason }) => reason)),
      [['closed'], ['closed']],
    );
    net.crash(c);
    net.crash(f);
    net.runFor(40_000);
    t.deepEqual([punched[1].open, relayed[1].open], [false, false]);
    t.deepEqual([reacher(a).ended.length, reacher(d).ended.length], [2, 2]);
    for (const id of ids) {
      const path = reacher(a).reach.to(id);
      net.runFor(60_000);
      t.is(path.how, 'failed');
    }
  });

  test(`by ${transport}: two of one household meet at home, by private addresses`, async (t) => {
    const household = named('household', PORT_RESTRICTED, {}, { peersPerGateway: 2 });
    const made = await settled([household], { settings: { transport } });
    const { ofPeers } = made.net.shard.addresses.gateways!;
    const peers = made.of('household');
    const [a, stranger] = peers;
    const b = peers.find((peer) => peer !== a && ofPeers[peer] === ofPeers[a])!;
    const path = reach(made, a, b);
    t.is(path.how, 'direct');
    t.true(isHomeIp(Math.floor(path.remote / PORTS)), formatAddress(path.remote));
    t.is(reach(made, b, a).how, 'direct');
    const other = stranger === b ? peers.find((peer) => ofPeers[peer] !== ofPeers[a])! : stranger;
    t.is(reach(made, a, other).how, 'punched');
    say(path, 5);
    made.net.runFor(100);
    t.is(made.reacher(b).heard.at(-1)?.n, 5);
  });

  test(`by ${transport}: behind one carrier peers meet at its gateway, if it turns packets round`, async (t) => {
    for (const hairpinning of [true, false]) {
      const carrier = { gateway: { ...CARRIER_GATEWAY, hairpinning }, gateways: 4 };
      const made = await settled([classOfKind('carrier-grade', { carrier })], { settings: { transport } });
      const { ofPeers, carriers } = made.net.shard.addresses.gateways!;
      const carrierOf = (peer: number) => carriers[ofPeers[peer] - 1];
      const [a, ...others] = made.of('carrier-grade');
      const near = others.find((peer) => carrierOf(peer) === carrierOf(a))!;
      const far = others.find((peer) => carrierOf(peer) !== carrierOf(a))!;
      t.is(reach(made, a, near).how, hairpinning ? 'punched' : 'relayed');
      t.is(reach(made, a, far).how, 'punched');
    }
  });

  test(`by ${transport}: an address that the gateway granted makes a peer reachable, unless a carrier is in front of it`, async (t) => {
    const granting = named('granting', SYMMETRIC, {}, { portMapping: true });
    const carried = named('carried', SYMMETRIC, {}, { portMapping: true, carrier: { gateway: CARRIER_GATEWAY, gateways: 1 } });
    for (const mapPort of [true, false]) {
      const made = await settled([SYMMETRIC, granting, carried], { settings: { transport, mapPort } });
      const [a] = made.of('symmetric');
      t.is(reach(made, a, made.of('granting')[0]).how, mapPort ? 'direct' : 'relayed');
      // What the home's gateway granted is a mapping that all destinations share, and the carrier's gateway lets everybody in.
      t.is(reach(made, a, made.of('carried')[0]).how, mapPort ? 'direct' : 'relayed');
    }
  });

  test(`by ${transport}: loss costs time, hardly ever the hole, and not the path`, async (t) => {
    const made = await settled([PORT_RESTRICTED, SYMMETRIC], { peers: 60, settings: { transport }, loss: 0.1, seed: 3 });
    const { net, of, reacher, identity } = made;
    net.runFor(60_000);
    const [one, two] = [of('port-restricted-cone'), of('symmetric')];
    const punched = one.slice(1).map((peer, i) => reacher(peer).reach.to(identity(one[i])));
    const relayed = two.slice(1).map((peer, i) => reacher(peer).reach.to(identity(two[i])));
    net.runFor(40_000);
    t.true(punched.length >= 18 && relayed.length >= 18);
    t.true(punched.filter(({ how }) => how !== 'punched').length <= 1);
    for (const { how } of relayed) t.is(how, 'relayed');
    for (const path of [...punched, ...relayed]) {
      t.true(path.open && (path.agreed || transport === 'connection'), JSON.stringify([path.how, path.open, path.tries, path.tookMs]));
      t.is(net.shard.session(made.owner(path.remote))?.up, true);
    }
    const incoming = [...one, ...two].reduce((sum, peer) => sum + reacher(peer).incoming.length, 0);
    t.is(incoming, punched.length + relayed.length);
  });

  test(`by ${transport}: both reach each other at once, and each path carries its own`, async (t) => {
    const made = await settled([PORT_RESTRICTED], { settings: { transport } });
    const { net, reacher, identity } = made;
    const [a, b] = made.of('port-restricted-cone');
    const paths = [reacher(a).reach.to(identity(b)), reacher(b).reach.to(identity(a))];
    net.runFor(15_000);
    paths.forEach((path, i) => {
      // Two who happen to try the direct way at once have punched a hole.
      t.true(path.how === 'direct' || path.how === 'punched', `${path.how}`);
      say(path, i + 1);
    });
    net.runFor(1000);
    for (const [peer, n, number] of [
      [b, 1, paths[0].number],
      [a, 2, paths[1].number],
    ]) {
      t.deepEqual(
        reacher(peer).heard.map((each) => [each.n, each.path.number]),
        [[n, number]],
      );
    }
    paths[0].close();
    net.runFor(1000);
    t.true(paths[1].open);
    say(paths[1], 3);
    net.runFor(1000);
    t.is(reacher(a).heard.at(-1)!.n, 3);
    t.is(reacher(b).ended.length, 1);
  });

  test(`by ${transport}: peers that know nothing but a rendezvous learn who is there`, async (t) => {
    const made = await settled([PORT_RESTRICTED], { settings: { transport } });
    const [a] = made.of('port-restricted-cone');
    const [rendezvous] = made.identity(a).at;
    made.reacher(a).reach.who(rendezvous, 5);
    made.net.runFor(2000);
    const { known } = made.reacher(a);
    t.true(known.length > 0 && known.length <= 5);
    for (const { id, at } of known) {
      t.not(id, made.identity(a).id);
      t.is(at[0], rendezvous);
      t.true(at.length <= 2);
    }
    const path = made.reacher(a).reach.to(known[0]);
    made.net.runFor(15_000);
    t.true(path.open);
  });

  test(`by ${transport}: a peer reaches those who are registered with itself`, async (t) => {
    const made = await settled([PORT_RESTRICTED, SYMMETRIC], { settings: { transport, rendezvous: 1 } });
    for (const name of ['port-restricted-cone', 'symmetric', 'open']) {
      const [b] = made.of(name);
      const [a] = made.identity(b).at.map(made.owner);
      const path = reach(made, a, b);
      t.is(path.how, 'direct', `${name} has called it already`);
      say(path, 1);
      made.net.runFor(1000);
      t.is(made.reacher(b).heard.length, 1);
    }
  });

  test(`by ${transport}: nobody reaches itself, or one of whom nothing is known`, async (t) => {
    const made = await settled([PORT_RESTRICTED], { settings: { transport } });
    const [a] = made.of('port-restricted-cone');
    const { reach: own } = made.reacher(a);
    const paths = [own.to(own.identity), own.to({ id: 1, at: [] }), own.to({ id: 1, at: own.identity.at })];
    t.deepEqual(made.reacher(a).reached, [], 'the answer comes after the question');
    made.net.runFor(15_000);
    for (const { how } of paths) t.is(how, 'failed');
    t.is(made.reacher(a).reached.length, 3);
  });
}

test('a punched path of datagrams breaks when it is silent for longer than a mapping lasts, unless it is kept alive', async (t) => {
  const brief = named('brief', PORT_RESTRICTED, { mappingLifetimeMs: 10_000 });
  for (const keepAliveMs of [0, 8000]) {
    const made = await settled([brief], { settings: { keepAliveMs, refreshMs: 5000 } });
    const [a, b] = made.of('brief');
    const path = made.reacher(a).reach.to(made.identity(b));
    made.net.runFor(6000);
    t.is(path.how, 'punched');
    say(path, 1);
    made.net.runFor(9000);
    say(path, 2);
    made.net.runFor(30_000);
    say(path, 3);
    made.net.runFor(1000);
    t.deepEqual(
      made.reacher(b).heard.map(({ n }) => n),
      keepAliveMs > 0 ? [1, 2, 3] : [1, 2],
    );
    t.true(path.open, 'nobody has noticed');
  }
});

test('who is behind a wall that lets no datagrams pass registers by a connection, and is relayed to and from', async (t) => {
  const made = await settled([classOfKind('udp-blocked'), PORT_RESTRICTED]);
  const [a, b] = made.of('udp-blocked');
  const [c] = made.of('port-restricted-cone');
  for (const peer of [a, b]) {
    t.is(made.identity(peer).at.length, 2);
    t.is(made.reacher(peer).reach.publicAddress, null);
    t.is(made.reacher(peer).reach.mapping, 'unknown');
  }
  for (const [from, to] of [
    [a, b],
    [a, c],
    [c, a],
    [made.of('open')[0], a],
  ]) {
    const path = reach(made, from, to);
    t.is(path.how, 'relayed');
    const before = made.reacher(to).heard.length;
    say(path, 1);
    made.net.runFor(1000);
    t.is(made.reacher(to).heard.length, before + 1);
  }
});

test('the ladder takes as long as its rungs', async (t) => {
  // 50 ms from anybody to anybody. Asking takes a round trip, a check another; a rung that fails takes its time.
  const made = await settled([PORT_RESTRICTED, SYMMETRIC], { settings: { directMs: 1000, punchMs: 3000 } });
  const [a, b] = made.of('port-restricted-cone');
  const [c, d] = made.of('symmetric');
  const open = made.of('open').find((peer) => !made.identity(a).at.includes(made.net.address(peer)))!;
  t.is(reach(made, a, open).tookMs, 200);
  // Both are told at 1150 and check at once: what comes first is dropped, and so are both; the next are 250 ms later.
  const punched = reach(made, a, b);
  t.true(punched.tookMs >= 1000 + 100 + 100 + 100 && punched.tookMs < 1000 + 100 + 100 + 100 + 250 + 1, `${punched.tookMs}`);
  t.is(reach(made, c, d).tookMs, 100 + 1000 + 100 + 3000 + 100 + 200);
});
