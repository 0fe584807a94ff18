/**
 * What every protocol must do, found by listing the catalogue: a new protocol is tested the moment its file lies there. A figure that is
 * a protocol's own stands in `expected/`. `PEERAGE_ONLY=chord` tests one of them.
 *
 * It is declared in several test files, each with every so-many-th protocol, because test files run side by side and tests of one do not.
 */

import test from 'ava';
import { runExperiment } from '../../src/coordinator/experiment.js';
import { overlayFacts } from '../../src/coordinator/overlay-facts.js';
import { runScenario } from '../../src/coordinator/run.js';
import { OperationTable } from '../../src/metrics/operations.js';
import { repeatable, summarise } from '../../src/metrics/summary.js';
import type { Message, ProtocolDefinition } from '../../src/protocol.js';
import { listProtocols, loadProtocol } from '../../src/protocol-catalog.js';
import { loadTopology } from '../../src/scenario/topology-file.js';
import { type Expected, expectedOf } from '../helpers/expectations.js';
import { type TestnetOptions, testnet } from '../helpers/testnet.js';
import { type WorldOptions, worldScenario } from '../helpers/worlds.js';

const CHURN: TestnetOptions['population'] = {
  core: 0.1,
  session: { kind: 'exponential', meanMs: 30_000 },
  downtime: { kind: 'exponential', meanMs: 10_000 },
  crashShare: 0.5,
  massFailures: [{ atMs: 60_000, share: 0.3 }],
};

const LOCATE: TestnetOptions['locate'] = {
  files: 30,
  replicas: 5,
  freeRiders: 0.3,
  publishSpreadMs: 5000,
  ratePerPeerPerSecond: 0.1,
  timeoutMs: 10_000,
};

/** The same definition, with every size it gives checked, and the types it sends noted. */
function watched(definition: ProtocolDefinition, sent: Set<string>): ProtocolDefinition {
  const { sizeOf } = definition;
  if (!sizeOf) return definition;
  return {
    ...definition,
    sizeOf(message: Message, settings) {
      sent.add(message.type);
      const size = sizeOf.call(definition, message as never, settings);
      if (!Number.isInteger(size) || size < 0 || size > 65_507) throw new Error(`sizeOf("${message.type}") gave ${size}`);
      if (sizeOf.call(definition, message as never, settings) !== size)
        throw new Error(`sizeOf("${message.type}") is not a function of the message`);
      return size;
    },
  };
}

/** Declares the tests of every protocol whose place in the catalogue, divided by `parts`, leaves `part`. */
export async function conformance(part: number, parts: number): Promise<void> {
  // All of them first: tests must be declared in one go.
  const { PEERAGE_ONLY } = process.env;
  const catalogue: [string, ProtocolDefinition, Expected][] = [];
  for (const [place, name] of listProtocols().entries()) {
    const isMeant = place % parts === part && (PEERAGE_ONLY === undefined || PEERAGE_ONLY === name);
    if (isMeant) catalogue.push([name, await loadProtocol(name), await expectedOf(name)]);
  }

  for (const [name, definition, expected] of catalogue) {
    const offersLocate = definition.services?.includes('locate') ?? false;
    const world: WorldOptions = { peers: 60, settings: expected.quick, locate: offersLocate ? LOCATE : undefined };

    test.serial(`${name}: peers join one by one and become one overlay that works`, async (t) => {
      const sent = new Set<string>();
      const net = await testnet(watched(definition, sent), {
        peers: 40,
        start: 'join',
        settings: expected.quick,
        population: { arrivals: { kind: 'ramp', overMs: 20_000 } },
        warmUpMs: 60_000,
        measureMs: 60_000,
        locate: offersLocate ? LOCATE : undefined,
      });
      net.run(150_000);
      if (definition.sizeOf) t.true(sent.size > 0);
      for (const type of sent) t.true(type in definition.messages, type);
      const links = net.shard.residents.links();
      t.is(net.shard.population.upCount, 40);
      if (links !== null) {
        const { largestComponentShare } = overlayFacts([links], 40, () => true)!;
        t.is(largestComponentShare, 1, 'the overlay is in pieces');
        for (let i = 0; i < links.length; i += 2) {
          t.not(links[i], links[i + 1], 'a peer is its own neighbour');
          t.true(links[i + 1] < 40, `neighbour ${links[i + 1]}`);
        }
      }
      if (offersLocate) {
        const { started, succeeded, failed } = net.shard.progress(false);
        t.true(started > 100);
        t.true(succeeded / (succeeded + failed) >= (expected.success ?? 0.95), `${succeeded} of ${succeeded + failed} succeeded`);
      }
    });

    test.serial(`${name}: survives churn, goodbyes and crashes and a mass failure, and still works`, async (t) => {
      const sent = new Set<string>();
      const net = await testnet(watched(definition, sent), {
        peers: 60,
        seed: 2,
        settings: expected.quick,
        population: CHURN,
        warmUpMs: 10_000,
        measureMs: 110_000,
        locate: offersLocate ? LOCATE : undefined,
      });
      t.notThrows(() => net.run(130_000));
      const { started, succeeded, failed, delivered } = net.shard.progress(false);
      t.true(delivered > 500, `${delivered} delivered`);
      if (offersLocate) {
        t.true(started > 200);
        t.true(succeeded / (succeeded + failed) >= (expected.successUnderChurn ?? 0.5), `${succeeded} of ${succeeded + failed} succeeded`);
      }
    });

    test.serial(`${name}: alone, and left alone, it does no harm`, async (t) => {
      for (const start of ['join', 'converge'] as const) {
        const alone = await testnet(definition, {
          peers: 1,
          start,
          settings: expected.quick,
          locate: offersLocate ? { perPeer: 3 } : undefined,
          measureMs: 30_000,
        });
        t.notThrows(() => alone.run(60_000));
        const few = await testnet(definition, { peers: 3, start, settings: expected.quick });
        few.run(20_000);
        few.leave(0);
        few.crash(1);
        t.notThrows(() => few.run(60_000));
        few.join(0);
        t.notThrows(() => few.run(120_000));
        t.is(few.shard.population.upCount, 2);
      }
    });

    test.serial(`${name}: the same run on 1, 2 and 4 shards and in strict mode, under churn, loss and jitter`, async (t) => {
      const scenario = await worldScenario(name, {
        ...world,
        population: { ...CHURN, massFailures: [{ atMs: 15_000, share: 0.3 }] },
        topology: { loss: 0.02, jitter: 0.2 },
        warmUpMs: 3000,
        measureMs: 20_000,
        drainMs: 2000,
      });
      // A thread costs more than what these few peers do in it. So strict mode has one shard, where every message is local and goes
      // through bytes; on the others what stays in a shard goes by reference.
      const digests: string[] = [];
      const summaries: unknown[] = [];
      for (const shards of [1, 2, 4]) {
        const { measures } = await runScenario(scenario, { shards, strict: shards === 1 });
        t.is(measures.status, 'completed', measures.reason ?? '');
        t.is(measures.shards, shards);
        t.true(measures.traffic.delivered > 200);
        digests.push(measures.digest);
        summaries.push(repeatable(summarise(scenario, measures, '')));
      }
      t.is(new Set(digests).size, 1, digests.join(' '));
      t.true(Object.keys(summaries[0] as object).length > 10);
      for (const summary of summaries.slice(1)) t.deepEqual(summary, summaries[0]);
    });

    if (offersLocate) {
      for (const start of ['join', 'converge'] as const) {
        test.serial(`${name}: most peers behind NAT, ${start}: what they share is found, and they find`, async (t) => {
          const net = await testnet(definition, {
            peers: 60,
            start,
            seed: 3,
            topology: { nat: loadTopology('home-users-nat').nat },
            settings: expected.quick,
            population: start === 'join' ? { arrivals: { kind: 'ramp', overMs: 20_000 } } : {},
            warmUpMs: 60_000,
            measureMs: 60_000,
            locate: LOCATE,
          });
          net.run(150_000);
          const hidden = Array.from({ length: 60 }, (_, peer) => peer).filter((peer) => !net.shard.addresses.reachable(peer));
          t.true(hidden.length > 30);
          const { started, succeeded, failed } = net.shard.progress(false);
          t.true(started > 100);
          t.true(succeeded / (succeeded + failed) >= (expected.successBehindNat ?? 0.9), `${succeeded} of ${succeeded + failed} succeeded`);
          const rows = new OperationTable(net.shard.locate!.report());
          const byHidden = Array.from({ length: rows.length }, (_, row) => row).filter((row) => hidden.includes(rows.at(row, 'origin')));
          t.true(
            byHidden.some((row) => rows.outcome(row) === 'succeeded'),
            'nobody behind NAT found anything',
          );
        });
      }
    }

    test.serial(`${name}: converged and undisturbed, what it claims holds, and what is there is found`, async (t) => {
      const scenario = await worldScenario(name, {
        ...world,
        peers: 120,
        settings: undefined,
        warmUpMs: 20_000,
        measureMs: 40_000,
        drainMs: 20_000,
      });
      const { summary } = await runExperiment(scenario, { shards: 1, outDir: null });
      t.is(summary.status, 'completed', summary.reason ?? '');
      for (const check of summary.checks) t.true(check.held, check.says);
      for (const { says, held, measured, atLeast, atMost } of summary.claims)
        t.is(held, true, `${says}: ${atLeast} <= ${measured} <= ${atMost}`);
      if (definition.claims?.length) t.true(summary.claims.length > 0, 'none of its claims could be judged');
      t.is(summary.messages.dropped['no-such-address'], 0);
      const { locate } = summary.operations;
      if (!offersLocate) return;
      t.true(locate!.started > 200);
      t.true(locate!.success! >= (expected.success ?? 0.95), `success ${locate!.success}`);
      t.true(locate!.recall! >= (expected.recall ?? (expected.success ?? 0.95) - 0.1), `recall ${locate!.recall}`);
      t.is(locate!.stale, 0);
    });
  }

  test(`part ${part + 1} of ${parts} has its share of the catalogue`, (t) => {
    t.is(catalogue.length > 0, PEERAGE_ONLY === undefined || listProtocols().indexOf(PEERAGE_ONLY) % parts === part);
  });
}
