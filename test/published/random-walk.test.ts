/**
 * Figures of Lv, Cao, Cohen, Li, Shenker, "Search and replication in unstructured peer-to-peer networks" (ICS 2002), measured on the
 * protocol itself: what walks and rings cost beside floods, and what more walkers change.
 *
 * The paper's overlays have 5,000 to 10,000 peers of mean degree 4, a random graph and one with a power law among them. A flood is given the TTL with
 * which it finds what there is, as in the paper, where the TTL is the smallest one with which 95 % of the questions are answered.
 */

import test from 'ava';
import { Stream, WHOLE_RUN } from '../../src/kernel/random.js';
import randomWalk from '../../src/protocols/random-walk/index.js';
import type { Searcher } from '../../src/protocols/random-walk/searcher.js';
import type { WalkSettings } from '../../src/protocols/random-walk/settings.js';
import { type FakeHost, FakeNetwork, FakeOperation, itemOf } from '../helpers/fake-network.js';

const LATENCY_MS = 10;

interface Costs {
  /** All that was sent, per question: steps or copies, checks, hits and answers. */
  readonly messages: number;
  /** Of these, steps of walkers or copies of a flood. */
  readonly forwarded: number;
  readonly answered: number;
  /** Until the first answer. */
  readonly delayMs: number;
}

/** Asks `questions` times for something that `replicas` random peers have, each time from another peer. */
function ask(settings: Partial<WalkSettings>, peers: number, replicas: number, questions: number): Costs {
  const net = new FakeNetwork({ latencyMs: LATENCY_MS });
  const hosts: FakeHost<Searcher>[] = net.converge(peers, randomWalk, { keepAliveMs: 0, ...settings });
  const random = new Stream(7, WHOLE_RUN, 'workload');
  let [messages, forwarded, answered, delayMs] = [0, 0, 0, 0];
  for (let key = 1; key <= questions; key++) {
    for (let copy = 0; copy < replicas; copy++) random.pick(hosts).protocol.publish(key, itemOf(key));
    const operation = new FakeOperation(key);
    const asked = net.now;
    operation.found = () => {
      answered++;
      delayMs += net.now - asked;
    };
    net.sent.length = 0;
    random.pick(hosts).protocol.locate(key, operation);
    net.run(net.now + 300_000);
    messages += net.sent.length;
    forwarded += net.sent.filter(({ message }) => message.type === 'walk' || message.type === 'query').length;
  }
  return {
    messages: messages / questions,
    forwarded: forwarded / questions,
    answered: answered / questions,
    delayMs: delayMs / answered,
  };
}

/** With what TTL a flood reaches 95 % of the peers of such an overlay. */
const FLOOD_TTL = { 'random-regular': 10, 'barabasi-albert': 6 } as const;

for (const wiring of ['random-regular', 'barabasi-albert'] as const) {
  for (const [peers, replicas] of [
    [5000, 25],
    [10_000, 12],
  ] as const) {
    test(`${wiring}, ${replicas} of ${peers} peers have it: 32 walkers send at most a tenth of what a flood sends`, (t) => {
      const flood = ask({ wiring, search: 'flood', floodTtl: FLOOD_TTL[wiring] }, peers, replicas, 2);
      const ring = ask({ wiring, search: 'expanding-ring', ringGiveUpTtl: FLOOD_TTL[wiring] }, peers, replicas, 8);
      const walk = ask({ wiring }, peers, replicas, 20);
      t.log(`flood ${JSON.stringify(flood)}`);
      t.log(`ring ${JSON.stringify(ring)}`);
      t.log(`walk ${JSON.stringify(walk)}`);
      t.is(walk.answered, 1);
      t.true(flood.messages > 10 * walk.messages, `${flood.messages} against ${walk.messages}`);
      t.true(flood.messages > 2 * ring.messages, `${flood.messages} against ${ring.messages}`);
    });
  }
}

test('k walkers take as many steps as one, in a k-th of the time', (t) => {
  const one = ask({ walkers: 1, ttl: 60_000 }, 5000, 20, 150);
  const eight = ask({ walkers: 8, ttl: 60_000 }, 5000, 20, 150);
  t.log(JSON.stringify({ one, eight }));
  t.true(Math.abs(eight.forwarded / one.forwarded - 1) <= 0.2, `${eight.forwarded} steps against ${one.forwarded}`);
  t.true(Math.abs((8 * eight.delayMs) / one.delayMs - 1) <= 0.2, `${eight.delayMs} ms against ${one.delayMs}`);
});
