/**
 * What an honest network costs a protocol of datagrams: ping on a plain network against the same where three quarters of the peers are
 * behind gateways, and faults are on for the whole run. Each peer pings the same ten others in turn, as the members of an overlay do their
 * neighbours; what it costs when every packet goes to somebody new, and gateways remember them all, is a line of its own.
 */

import { type Contestant, peerage } from '../child.js';
import { type Figure, ratioOf } from '../figure.js';

const nat = 'topology.nat={open: 25%, full-cone: 10%, restricted-cone: 10%, port-restricted-cone: 35%, symmetric: 12%, firewall: 8%}';
const faults = 'faults=["from 0s to 120s loss 0.1% between 50% | rest", "from 1s to 121s slow uplink of 10% by 2x"]';

/** Long enough to look past the first second, in which code is compiled and tables grow. */
const run = (partners: number, ...more: string[]): Contestant =>
  peerage('bench-ping', 10_000, 1, '--duration', '2m', '--set', `protocol.partners=${partners}`, ...more);

export const natAndFaults = ratioOf(
  'Ping, 10,000 peers: with NAT and faults / without',
  run(10, '--set', nat, '--set', faults),
  run(10),
  0.7,
);
export const natAlone = ratioOf('Ping, 10,000 peers: with NAT / without', run(10, '--set', nat), run(10), 0.7);
const toStrangers = ratioOf('Ping to strangers, 10,000 peers: with NAT / without', run(0, '--set', nat), run(0), 0);
/** Printed without a goal. */
export const strangers: Figure = { ...toStrangers, goal: '', line: (samplesOf) => ({ ...toStrangers.line(samplesOf), reached: null }) };
