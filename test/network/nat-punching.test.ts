/**
 * Hole punching through a rendezvous (RFC 5128, 3.3; Ford, Srisuresh and Kegel 2005), for every kind of gateway against every other:
 * both peers tell the rendezvous hello, learn there by which address it sees the other, and send to that, twice. What must get through
 * is worked out here from the definitions of RFC 4787, without a gateway's tables, and compared packet by packet.
 */

import test from 'ava';
import { addressOf } from '../../src/network/address.js';
import { CONNECTION, DATAGRAM } from '../../src/network/nat.js';
import type { Dependence, NatClass } from '../../src/network/topology.js';
import { behind, gateway, NatWorld, OPEN } from '../helpers/nat-world.js';

/** A gateway on a peer's way out, from the inside: what it does, in the two letters that matter. */
interface Gate {
  readonly mapping: Dependence | null;
  readonly filtering: Dependence | null;
}

interface Kind {
  readonly name: string;
  readonly gates: readonly Gate[];
  readonly nat: NatClass;
}

const DEPENDENCES: readonly Dependence[] = ['endpoint-independent', 'address-dependent', 'address-and-port-dependent'];
const MAPPINGS = [...DEPENDENCES, null];

function kind(...gates: Gate[]): Kind {
  const name = gates.map(({ mapping, filtering }) => `${mapping ?? 'firewall'}/${filtering}`).join(' behind ') || 'open';
  const [home, carrier] = gates;
  const nat = home ? behind(home, { carrier: carrier ? { gateway: gateway(carrier), gateways: 1 } : null }) : OPEN;
  return { name, gates, nat };
}

const single = MAPPINGS.flatMap((mapping) => DEPENDENCES.map((filtering) => kind({ mapping, filtering })));
const double = single.flatMap(({ gates: [home] }) =>
  [
    { mapping: DEPENDENCES[0], filtering: DEPENDENCES[1] },
    { mapping: DEPENDENCES[0], filtering: DEPENDENCES[2] },
    { mapping: DEPENDENCES[2], filtering: DEPENDENCES[2] },
  ].map((carrier) => kind(home, carrier)),
);
const KINDS = [kind(), ...single, ...double];

/** Whether the peer's packets to the other leave by the address that the rendezvous saw: every mapping on the way serves both. */
const sameOutside = (gates: readonly Gate[]) => gates.every(({ mapping }) => mapping === null || mapping === 'endpoint-independent');

/**
 * Whether the other's packet, to the address that the rendezvous saw, gets in. It comes to the mapping (or peer) that has sent to the
 * rendezvous, and, if mappings serve both, to the other. So a gate opens to all; or to the other's IP address when it has sent there
 * by this way; or to the other's endpoint when that also is the one sent to.
 */
function letsIn(gates: readonly Gate[], hasSent: boolean, otherIsSame: boolean): boolean {
  return gates.every(({ filtering }, level) => {
    if (filtering === null || filtering === 'endpoint-independent') return true;
    if (!hasSent || !sameOutside(gates.slice(0, level + 1))) return false;
    return filtering === 'address-dependent' || otherIsSame;
  });
}

type Order = 'together' | 'a first' | 'b first';
const ORDERS: readonly Order[] = ['together', 'a first', 'b first'];
const [A, B, RENDEZVOUS] = [0, 1, 2];

/** What happens to the packets of two rounds: a to b, b to a, a to b, b to a. */
function punch(a: Kind, b: Kind, order: Order, transport: number): boolean[] {
  const world = new NatWorld([a.nat, b.nat, OPEN]);
  const seen = [A, B].map((peer) => world.seenBy(peer, addressOf(RENDEZVOUS), transport));
  const got: boolean[] = [];
  for (let round = 0; round < 2; round++) {
    const turns = order === 'b first' ? [B, A] : [A, B];
    const fates: unknown[] = [];
    if (order === 'together') {
      const underway = turns.map((peer) => world.leave(peer, seen[1 - peer], transport));
      for (const peer of turns) fates[peer] = world.arrive(underway[peer]);
    } else {
      for (const peer of turns) fates[peer] = world.send(peer, seen[1 - peer], transport);
    }
    for (const peer of [A, B]) {
      const fate = fates[peer];
      got.push(typeof fate === 'object' && (fate as { peer: number }).peer === 1 - peer);
    }
  }
  return got;
}

function expected(a: Kind, b: Kind, order: Order): boolean[] {
  const [aSame, bSame] = [sameOutside(a.gates), sameOutside(b.gates)];
  const [toB, toA] = [letsIn(b.gates, true, aSame), letsIn(a.gates, true, bSame)];
  return [order === 'a first' ? letsIn(b.gates, false, aSame) : toB, order === 'b first' ? letsIn(a.gates, false, bSame) : toA, toB, toA];
}

for (const transport of [DATAGRAM, CONNECTION]) {
  test(`${transport === DATAGRAM ? 'datagrams' : 'connections'}: every kind against every kind, in every order`, (t) => {
    let pairs = 0;
    for (const a of KINDS) {
      // The same object would put both behind one gateway.
      for (const b of KINDS.map(({ gates }) => kind(...gates))) {
        for (const order of ORDERS) {
          const says = `${a.name} x ${b.name}, ${order}`;
          if (String(punch(a, b, order, transport)) !== String(expected(a, b, order))) {
            t.deepEqual(punch(a, b, order, transport), expected(a, b, order), says);
          }
          pairs++;
        }
      }
    }
    t.is(pairs, 49 * 49 * 3);
  });
}

test('the table of textbooks: who gets through to whom in one direction at least, and so in both', (t) => {
  const named = {
    open: kind(),
    full: kind({ mapping: 'endpoint-independent', filtering: 'endpoint-independent' }),
    restricted: kind({ mapping: 'endpoint-independent', filtering: 'address-dependent' }),
    'port-restricted': kind({ mapping: 'endpoint-independent', filtering: 'address-and-port-dependent' }),
    symmetric: kind({ mapping: 'address-and-port-dependent', filtering: 'address-and-port-dependent' }),
    firewall: kind({ mapping: null, filtering: 'address-and-port-dependent' }),
  };
  const failing: string[] = [];
  for (const [aName, a] of Object.entries(named)) {
    for (const [bName, b] of Object.entries(named)) {
      const got = punch(a, kind(...b.gates), 'together', DATAGRAM);
      if (!got.includes(true)) failing.push(`${aName} x ${bName}`);
    }
  }
  t.deepEqual(failing, [
    'port-restricted x symmetric',
    'symmetric x port-restricted',
    'symmetric x symmetric',
    'symmetric x firewall',
    'firewall x symmetric',
  ]);
});

/** Gateways that let in whom a mapping was not made for, and then answer by another mapping: allowed, but no session passes them whole. */
const isLax = ({ mapping, filtering }: Gate) =>
  mapping !== null && filtering !== null && DEPENDENCES.indexOf(filtering) < DEPENDENCES.indexOf(mapping);

test('who got a packet can answer to where it came from, so that one open direction opens the other', (t) => {
  let answered = 0;
  for (const a of KINDS) {
    for (const b of KINDS.filter(({ gates }) => !gates.some(isLax)).map(({ gates }) => kind(...gates))) {
      const world = new NatWorld([a.nat, b.nat, OPEN]);
      const seen = [A, B].map((peer) => world.seenBy(peer, addressOf(RENDEZVOUS)));
      world.send(A, seen[B]);
      world.send(B, seen[A]);
      const fate = world.send(A, seen[B]);
      if (typeof fate === 'number') continue;
      answered++;
      t.is(fate.peer, B);
      const answer = world.send(B, fate.from);
      if (typeof answer === 'number' || answer.peer !== A) t.fail(`${a.name} x ${b.name}: ${JSON.stringify(answer)}`);
    }
  }
  t.true(answered > 600, `${answered} pairs`);
});
