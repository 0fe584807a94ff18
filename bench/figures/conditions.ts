/**
 * What an honest network costs a protocol of datagrams: ping on a plain network against the same where three quarters of the peers are
 * behind gateways, and a fault is on for the whole run.
 */

import { peerage } from '../child.js';
import { ratioOf } from '../figure.js';

const plain = peerage('bench-ping', 10_000, 1);
const nat = 'topology.nat={open: 25%, full-cone: 10%, restricted-cone: 10%, port-restricted-cone: 35%, symmetric: 12%, firewall: 8%}';
const faults = 'faults=["from 0s to 30s loss 0.1% between 50% | rest", "from 1s to 32s slow uplink of 10% by 2x"]';

export const natAndFaults = ratioOf(
  'Ping, 10,000 peers: with NAT and faults / without',
  peerage('bench-ping', 10_000, 1, '--set', nat, '--set', faults),
  plain,
  0.7,
);
export const natAlone = ratioOf('Ping, 10,000 peers: with NAT / without', peerage('bench-ping', 10_000, 1, '--set', nat), plain, 0.7);
