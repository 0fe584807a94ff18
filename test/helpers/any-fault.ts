/** Any fault that can be said of given places, for property tests: whatever it is, it must survive being written and read. */

import fc from 'fast-check';
import type { Chaos, Fault, FaultAction, Group } from '../../src/faults/plan.js';
import { actionInWords, type Places } from '../../src/scenario/fault-words.js';

const share = fc.double({ min: 1e-9, max: 1, noNaN: true });
const ms = fc.double({ min: 1e-3, max: 1e7, noNaN: true });
const hasPeers = new Set(['crash', 'churn', 'restart']);

export function anyAction({ sites, peers }: Places): fc.Arbitrary<FaultAction> {
  const places: ('site' | 'region')[] = sites.some(({ region }) => region !== null) ? ['site', 'region'] : ['site'];
  const group: fc.Arbitrary<Group> = fc.oneof(
    fc.constant<Group>({ kind: 'everyone' }),
    fc
      .uniqueArray(fc.nat(sites.length - 1), { minLength: 1 })
      .map((indices): Group => ({ kind: 'sites', sites: indices.sort((a, b) => a - b) })),
    fc.tuple(fc.nat(peers - 1), fc.nat(peers - 1)).map(([a, b]): Group => ({ kind: 'peers', from: Math.min(a, b), to: Math.max(a, b) })),
    share.map((each): Group => ({ kind: 'share', share: each })),
    fc.constantFrom(...places).map((of): Group => ({ kind: 'random', of })),
  );
  const orRest = fc.oneof(group, fc.constant<Group>({ kind: 'rest' }));
  const between = fc
    .tuple(orRest, orRest)
    .filter(([a, b]) => ![a, b].some(({ kind }) => kind === 'rest') || ![a, b].every(({ kind }) => kind === 'rest' || kind === 'everyone'));
  return fc.oneof(
    fc.tuple(between, fc.constantFrom('partition', 'hold')).map(([pair, verb]): FaultAction => ({ verb, between: pair })),
    fc.tuple(between, ms).map(([pair, everyMs]): FaultAction => ({ verb: 'flap', between: pair, everyMs })),
    fc
      .tuple(between, share, fc.constantFrom('loss', 'corrupt'))
      .map(([pair, each, verb]): FaultAction => ({ verb, share: each, between: pair })),
    fc.tuple(between, ms).map(([pair, byMs]): FaultAction => ({ verb: 'delay', byMs, between: pair })),
    fc.tuple(group, fc.constantFrom('outage', 'crash', 'churn', 'restart')).map(([of, verb]): FaultAction => ({ verb, of })),
    fc
      .tuple(group, fc.constantFrom('uplink', 'downlink', 'both'), fc.double({ min: 1.001, max: 1e6, noNaN: true }))
      .map(([of, link, factor]): FaultAction => ({ verb: 'slow', link, of, factor })),
  );
}

/** Faults and chaos of a scenario whose links may be without limits; a crash comes first, so that there is somebody to restart. */
export function anyFaults(places: Places): fc.Arbitrary<{ faults: Fault[]; chaos: Chaos[] }> {
  const action = anyAction(places).filter(({ verb }) => verb !== 'slow');
  const fault = fc.tuple(action, ms, fc.option(ms)).map(([what, atMs, length]): Fault => {
    const hasEnd = what.verb === 'churn' || (length !== null && what.verb !== 'restart');
    return { atMs: atMs + 1, untilMs: hasEnd ? atMs + 1 + (length ?? 1) : null, says: actionInWords(what, places), action: what };
  });
  const chaos = fc
    .tuple(
      action.filter(({ verb }) => verb !== 'restart'),
      fc.double({ min: 1e5, max: 1e8, noNaN: true }),
      ms,
      fc.boolean(),
    )
    .map(([what, everyMs, lastsMs, isShort]): Chaos => {
      const hasNoLength = what.verb === 'crash' && isShort;
      return { says: actionInWords(what, places), action: what, everyMs, lastsMs: hasNoLength ? null : lastsMs };
    });
  return fc.tuple(fc.array(fault, { maxLength: 4 }), fc.array(chaos, { maxLength: 2 })).map(([drawn, random]) => {
    const crash: FaultAction = { verb: 'crash', of: { kind: 'peers', from: 0, to: 0 } };
    const first: Fault = { atMs: 0, untilMs: null, says: 'crash peers 0', action: crash };
    return { faults: drawn.some(({ action: { verb } }) => hasPeers.has(verb)) ? [first, ...drawn] : drawn, chaos: random };
  });
}
