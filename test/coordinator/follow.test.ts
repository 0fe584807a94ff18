/** One operation followed step by step: it is the operation that was asked for, with all that it caused, on any number of shards. */

import test from 'ava';
import { runScenario } from '../../src/coordinator/run.js';
import type { OperationTrace } from '../../src/metrics/operation-trace.js';
import type { Scenario } from '../../src/scenario/scenario.js';
import { type WorldOptions, worldScenario } from '../helpers/worlds.js';

const SHORT: WorldOptions = {
  peers: 60,
  warmUpMs: 3000,
  measureMs: 10_000,
  drainMs: 5000,
  population: { session: { kind: 'exponential', meanMs: 30_000 }, downtime: { kind: 'exponential', meanMs: 5000 }, core: 0.1 },
  locate: {
    files: 20,
    replicas: 3,
    publishSpreadMs: 2000,
    ratePerPeerPerSecond: 0.1,
    timeoutMs: 4000,
    names: { vocabulary: 0, perItem: 1, perQuery: 1, zipf: 0 },
  },
};

const messagesOf = ({ steps }: OperationTrace) => steps.filter(({ kind }) => kind === 'message');

/** Follows the operation of this row, learnt from one shard, on so many. */
async function traced(scenario: Scenario, choose: (messages: number[]) => number, shards: number) {
  const { measures } = await runScenario(scenario, { shards: 1 });
  const { operations } = measures;
  const row = choose(Array.from({ length: operations.length }, (_, each) => operations.at(each, 'messages')));
  const { followed } = await runScenario(scenario, { shards, follow: { operations, row } });
  return { followed: followed!, operations, row };
}

const mostOf = (messages: number[]) => messages.indexOf(Math.max(...messages));

for (const protocol of ['chord', 'gnutella', 'kademlia', 'kazaa', 'napster', 'can', 'freenet', 'random-walk']) {
  test.serial(`${protocol}: the tree has every message of the operation, each with what caused it`, async (t) => {
    const scenario = await worldScenario(protocol, { ...SHORT, settings: protocol === 'kademlia' ? { k: 4 } : {} });
    const { followed, operations, row } = await traced(scenario, mostOf, 2);
    const { steps } = followed;
    const messages = messagesOf(followed);
    t.is(messages.length, operations.at(row, 'messages'));
    t.true(messages.length > 1, `${messages.length}`);
    t.is(steps[0].from, operations.at(row, 'origin'));
    t.is(steps[0].atMs, operations.at(row, 'startMs'));
    t.is(steps.filter(({ kind, isLive }) => kind === 'found' && isLive).length, operations.at(row, 'foundLive'));
    t.is(steps.filter(({ kind, isLive }) => kind === 'found' && !isLive).length, operations.at(row, 'foundStale'));
    t.true(
      messages.every(({ isForeign }) => !isForeign),
      'nothing is sent for no reason',
    );
    for (const step of steps.slice(1)) {
      const parent = steps[step.parent];
      t.true(parent.children.includes(steps.indexOf(step)));
      t.is(step.depth, parent.depth + (step.kind === 'message' ? 1 : 0));
      t.true(step.atMs >= parent.atMs);
      // Who does something is who got what caused it.
      const doer = parent.kind === 'message' ? parent.to : parent.from;
      if (parent.kind !== 'connection') t.is(step.from, doer, `${step.kind} ${step.type} after ${parent.kind} ${parent.type}`);
      if (parent.kind === 'message') t.true(step.atMs === parent.endMs);
    }
  });
}

test.serial(
  'a run in which an operation is followed ends when there is no more to see, and its steps are the same on 1 and 2 shards',
  async (t) => {
    const scenario = await worldScenario('gnutella', SHORT);
    const first = (messages: number[]) => messages.findIndex((each) => each > 50);
    const one = await traced(scenario, first, 1);
    const two = await traced(scenario, first, 2);
    t.deepEqual(two.followed, one.followed);
    const plain = await runScenario(scenario, { shards: 2 });
    t.deepEqual(plain.followed, null);
  },
);

test.serial('a flood: the ttl falls by one with every query, and who answers was first reached by one', async (t) => {
  const { followed, operations, row } = await traced(await worldScenario('gnutella', SHORT), mostOf, 1);
  const queries = messagesOf(followed).filter(({ type }) => type === 'query');
  const highest = Math.max(...queries.map(({ ttl }) => ttl!));
  t.true(queries.length > 100);
  for (const { ttl, depth } of queries) t.is(ttl! + depth, highest + 1);
  // Only who hears of it for the first time passes it on.
  for (const query of queries) if (query.children.length > 0) t.true(query.isFirst);
  t.is(queries.filter(({ isFirst }) => isFirst).length, operations.at(row, 'reached'));
});

test.serial('a Chord lookup passes through the peers of its path, in order', async (t) => {
  const scenario = await worldScenario('chord', SHORT);
  const withPaths = { ...scenario, measures: { ...scenario.measures, paths: true } };
  const { followed, operations, row } = await traced(withPaths, mostOf, 2);
  const origin = `p${operations.at(row, 'origin')}`;
  const path = operations.paths[row].split(' ').filter((name) => name !== origin);
  t.true(path.length > 2, operations.paths[row]);
  // Whoever is asked and is not part of the ring yet is not on it.
  const first = messagesOf(followed).flatMap(({ isFirst, to }) => (isFirst && path.includes(`p${to}`) ? [`p${to}`] : []));
  t.deepEqual(first, path);
});

test.serial('with processors a message is handled later, and is still the cause', async (t) => {
  const scenario: Scenario = { ...(await worldScenario('chord', SHORT)), cpu: { kind: 'per-message', costMs: 3 } };
  const { followed, operations, row } = await traced(scenario, mostOf, 2);
  const messages = messagesOf(followed);
  t.is(messages.length, operations.at(row, 'messages'));
  t.true(messages.every(({ isForeign }) => !isForeign));
  const later = messages.filter(({ parent, atMs }) => followed.steps[parent].kind === 'message' && atMs > followed.steps[parent].endMs!);
  t.true(later.length > 0);
});
