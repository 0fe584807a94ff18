/**
 * Every kind of access to the network against every other, by the protocol's own code over a rendezvous: who is reached directly, through
 * a hole, or by a relay. What it must be is worked out here from the definitions of RFC 4787 alone, and is what docs/nat.md prints.
 */

import test from 'ava';
import type { Dependence, NatClass } from '../../../src/network/topology.js';
import { CARRIER_GATEWAY } from '../../../src/scenario/nat-kinds.js';
import { read } from '../../helpers/documents.js';
import { classOfKind, reachnet, say } from '../../helpers/reachers.js';

/** The gateways on a peer's way out, from the inside, as docs/nat.md describes the kinds. */
interface Kind {
  readonly name: string;
  readonly nat: NatClass;
  readonly gates: readonly { readonly translates: boolean; readonly mapping: Dependence; readonly filtering: Dependence }[];
  readonly datagrams: boolean;
}
const [ANY, IP, ENDPOINT]: Dependence[] = ['endpoint-independent', 'address-dependent', 'address-and-port-dependent'];
const gate = (mapping: Dependence, filtering: Dependence) => ({ translates: true, mapping, filtering });
const wall = (filtering: Dependence) => ({ translates: false, mapping: ANY, filtering });
const kind = (name: string, nat: NatClass, gates: Kind['gates'] = [], datagrams = true): Kind => ({ name, nat, gates, datagrams });

const SYMMETRIC_CARRIER = {
  gateway: { ...CARRIER_GATEWAY, mapping: 'address-and-port-dependent', filtering: 'address-and-port-dependent' },
  gateways: 1,
} as const;
const KINDS: readonly Kind[] = [
  kind('open', classOfKind('open')),
  kind('full-cone', classOfKind('full-cone'), [gate(ANY, ANY)]),
  kind('restricted-cone', classOfKind('restricted-cone'), [gate(ANY, IP)]),
  kind('port-restricted-cone', classOfKind('port-restricted-cone'), [gate(ANY, ENDPOINT)]),
  kind('symmetric', classOfKind('symmetric'), [gate(ENDPOINT, ENDPOINT)]),
  kind('firewall', classOfKind('firewall'), [wall(ENDPOINT)]),
  kind('udp-blocked', classOfKind('udp-blocked'), [gate(ANY, ENDPOINT)], false),
  kind('carrier-grade', classOfKind('carrier-grade'), [gate(ANY, ENDPOINT), gate(ANY, ANY)]),
  kind('mobile', classOfKind('mobile'), [gate(ANY, ANY)]),
  kind('carrier-grade, symmetric', { ...classOfKind('carrier-grade', { carrier: SYMMETRIC_CARRIER }), name: 'carrier-grade, symmetric' }, [
    gate(ANY, ENDPOINT),
    gate(ENDPOINT, ENDPOINT),
  ]),
];

type Transport = 'datagram' | 'connection';

/** "Endpoint-independent mapping: the NAT reuses the port mapping for subsequent packets" to any address: others see what one sees. */
const looksTheSameToAll = ({ gates }: Kind) => gates.every(({ mapping }) => mapping === ANY);

/** Whether packets get in that nobody asked for, to the address that the rendezvous sees. */
const letsStrangersIn = ({ gates }: Kind) => gates.every(({ filtering }) => filtering === ANY);

/** Whether the other's packets get in, to that same address, when this side has sent to the one by which the rendezvous sees the other. */
function letsInWhomItCalled(kind: Kind, other: Kind): boolean {
  return kind.gates.every(({ filtering }, level) => {
    if (filtering === ANY) return true;
    // It was not through the mapping that the rendezvous knows that this side has called.
    if (!looksTheSameToAll({ ...kind, gates: kind.gates.slice(0, level + 1) })) return false;
    return filtering === IP || looksTheSameToAll(other);
  });
}

function expected(asking: Kind, target: Kind, transport: Transport): string {
  if (transport === 'datagram' && !(asking.datagrams && target.datagrams)) return 'relayed';
  if (letsStrangersIn(target)) return 'direct';
  return letsInWhomItCalled(target, asking) || letsInWhomItCalled(asking, target) ? 'punched' : 'relayed';
}

/** What became of every pair, who asks first in the key; each peer is in one pair only, so that nothing is open already. */
async function measured(transport: Transport): Promise<Map<string, string>> {
  const { net, of, reacher, identity } = await reachnet({
    classes: KINDS.map(({ nat }) => nat),
    peers: KINDS.length * (2 * KINDS.length + 4),
    settings: { transport, mapPort: false },
    seed: transport === 'datagram' ? 1 : 2,
  });
  net.run(20_000);
  const free = new Map(KINDS.map(({ name }) => [name, of(name)]));
  const take = (name: string, isFit: (peer: number) => boolean) => {
    const peers = free.get(name)!;
    const at = peers.findIndex(isFit);
    return peers.splice(at, 1)[0];
  };
  const pairs = KINDS.flatMap((asking) =>
    KINDS.map(({ name }) => {
      const from = take(asking.name, () => true);
      // Who is registered with the other has called it already.
      const to = take(name, (peer) => !identity(peer).at.includes(net.address(from)) && !identity(from).at.includes(net.address(peer)));
      return { key: `${asking.name} -> ${name}`, from, to, path: reacher(from).reach.to(identity(to)) };
    }),
  );
  net.runFor(15_000);
  for (const { path } of pairs) say(path, 1);
  net.runFor(1000);
  for (const { to } of pairs) for (const path of reacher(to).incoming) say(path, 2);
  net.runFor(1000);
  return new Map(
    pairs.map(({ key, from, to, path }) => {
      const there = reacher(to);
      const both = reacher(from).heard.some(({ n }) => n === 2) && there.heard.some(({ n }) => n === 1);
      const agree = there.incoming.some(({ number, how }) => number === path.number && how === path.how);
      return [key, `${path.how}${both ? '' : ', but not heard'}${agree ? '' : ', but the other side differs'}`];
    }),
  );
}

const TRANSPORTS = ['datagram', 'connection'] as const;
for (const transport of TRANSPORTS) {
  test.serial(`by ${transport}: every kind reaches every kind, both ways round, as RFC 4787 lets it`, async (t) => {
    const got = await measured(transport);
    for (const asking of KINDS) {
      for (const target of KINDS) {
        const key = `${asking.name} -> ${target.name}`;
        t.is(got.get(key), expected(asking, target, transport), key);
      }
    }
    for (const [key, how] of got) {
      const [asking, target] = key.split(' -> ');
      t.is(
        got.get(`${target} -> ${asking}`) === 'relayed',
        how === 'relayed',
        `${key}: who asks makes no difference to the need of a relay`,
      );
    }
    t.is(got.size, KINDS.length ** 2);
  });
}

test('docs/nat.md prints these tables', (t) => {
  const letters: Readonly<Record<string, string>> = { direct: 'd', punched: 'p', relayed: 'r' };
  for (const transport of TRANSPORTS) {
    const rows = KINDS.map(
      (asking) => `| ${asking.name} | ${KINDS.map((target) => letters[expected(asking, target, transport)]).join(' | ')} |`,
    );
    const squeezed = read('docs/nat.md').replace(/ +/g, ' ');
    t.true(squeezed.includes(rows.join('\n')), `by ${transport}:\n${rows.join('\n')}`);
  }
});
