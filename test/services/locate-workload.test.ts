import test from 'ava';
import { COLUMN, OPERATION_STRIDE, type OperationColumn, OUTCOMES, type Outcome } from '../../src/metrics/operations.js';
import type { Address, Key } from '../../src/protocol.js';
import type { LocateWorkload } from '../../src/scenario/scenario.js';
import { Catalogue } from '../../src/services/catalogue.js';
import type { LocateOperation } from '../../src/services/locate.js';
import { type Puppet, puppet, type Script } from '../helpers/puppet.js';
import { type Testnet, type TestnetOptions, testnet } from '../helpers/testnet.js';

type Row = Record<Exclude<OperationColumn, 'outcome'>, number> & { outcome: Outcome };

function rows(net: Testnet<Puppet>): Row[] {
  const { operations } = net.shard.report(net.shard.progress(false));
  const table = Array.from({ length: operations.length / OPERATION_STRIDE }, (_, row) => {
    const entries = Object.entries(COLUMN).map(([name, column]) => [name, operations[row * OPERATION_STRIDE + column]]);
    const values = Object.fromEntries(entries);
    return { ...values, outcome: OUTCOMES[values.outcome] } as Row;
  });
  return table.sort((a, b) => a.startMs - b.startMs);
}

const net = (script: Script, locate: Partial<LocateWorkload>, options: Partial<TestnetOptions> = {}) =>
  testnet<Puppet>(puppet(script), { peers: 20, latencyMs: 10, start: 'join', measureMs: 10_000, drainMs: 60_000, locate, ...options });

const address = (index: number): Address => 0x01000000 * 65_536 + 6346 + index * 65_536;

/** Who shares what in a test's run: the catalogue is a pure function of seed, peers and workload. */
function catalogueOf(net: Testnet<Puppet>): { holders: (key: Key) => number[]; keys: number[] } {
  const { seed, peers, workload } = net.scenario;
  const catalogue = new Catalogue(seed, peers, workload.locate!);
  const fileOf = new Map(Array.from({ length: catalogue.fileCount }, (_, file) => [catalogue.key(file), file]));
  return { holders: (key) => [...catalogue.holdersOf(fileOf.get(key)!)], keys: [...fileOf.keys()] };
}

test('every protocol is asked the same: the same peers, keys and times, whatever it sends and draws', async (t) => {
  const churn: TestnetOptions['population'] = {
    session: { kind: 'exponential', meanMs: 5000 },
    downtime: { kind: 'exponential', meanMs: 2000 },
  };
  const locate = { files: 30, replicas: 3, ratePerPeerPerSecond: 0.5, timeoutMs: 1000 };
  const asked = async (script: Script) => {
    const running = await net(script, locate, { population: churn });
    running.run(20_000);
    return rows(running).map(({ origin, key, startMs, liveReplicas }) => [origin, key, startMs, liveReplicas]);
  };
  const silent = await asked({});
  t.true(silent.length > 40);
  const talkative = await asked({
    join: (me) => me.peer.every(50, () => me.peer.random.next() < 0.5 && me.peer.send(me.peer.bootstrap(1)[0] ?? 5, { type: 'a' })),
    locate: (_me, _key, operation) => operation.finish(),
  });
  t.deepEqual(talkative, silent);
});

test('perPeer: exactly so many of each peer, at uniform times within measure', async (t) => {
  const running = await net({ locate: (_me, _key, operation) => operation.finish(1) }, { perPeer: 7 }, { peers: 600, warmUpMs: 3000 });
  running.run(30_000);
  const table = rows(running);
  for (let peer = 0; peer < 600; peer++) t.is(table.filter(({ origin }) => origin === peer).length, 7);
  const share = table.map(({ startMs }) => (startMs - 3000) / 10_000);
  t.true(share.every((each) => each >= 0 && each < 1));
  const counts = new Float64Array(20);
  for (const each of share) counts[Math.floor(each * 20)]++;
  const chiSquare = counts.reduce((sum, count) => sum + (count - 210) ** 2 / 210, 0);
  t.true(chiSquare < 50, `chi-square ${chiSquare}`); // 19 degrees of freedom: once in 10,000 times
});

test('rate: a Poisson process per peer, with the mean and the spread of one', async (t) => {
  const running = await net({}, { ratePerPeerPerSecond: 0.8, timeoutMs: 1 }, { peers: 2000 });
  running.run(11_000);
  const perPeer = new Float64Array(2000);
  for (const { origin, startMs } of rows(running)) {
    perPeer[origin]++;
    t.true(startMs < 10_000);
  }
  const mean = perPeer.reduce((sum, each) => sum + each, 0) / 2000;
  const variance = perPeer.reduce((sum, each) => sum + (each - mean) ** 2, 0) / 2000;
  t.true(Math.abs(mean - 8) < 0.3, `${mean} questions a peer`);
  t.true(Math.abs(variance / mean - 1) < 0.15, `variance / mean ${variance / mean}`);
});

test('a trace: who asks when is what it says, whatever came before measure is not asked, nor what comes after it', async (t) => {
  const trace = {
    starts: Uint32Array.from([0, 4, 4, 7]),
    atMs: Float64Array.from([2999, 3000, 3000, 5000, 4000, 12_999, 13_000]),
    file: Int32Array.from([0, 1, 2, -1, 7, 3, 4]),
  };
  const running = await net(
    { locate: (_me, _key, operation) => operation.finish(1) },
    { files: 10, trace },
    { peers: 3, warmUpMs: 3000, seed: 3 },
  );
  running.run(30_000);
  const { keys } = catalogueOf(running);
  const table = rows(running).map(({ origin, startMs, key }) => [startMs, origin, keys.indexOf(key)]);
  const drawn = table[3][2];
  t.deepEqual(table, [
    [3000, 0, 1],
    [3000, 0, 2],
    [4000, 2, 7],
    [5000, 0, drawn],
    [12_999, 2, 3],
  ]);
  t.true(drawn >= 0, 'without a file, one by popularity');
});

test('a trace without files: every query is for a fresh key', async (t) => {
  const trace = { starts: Uint32Array.from([0, 2]), atMs: Float64Array.from([1, 2]), file: Int32Array.from([-1, -1]) };
  const running = await net({ locate: (_me, _key, operation) => operation.finish(1) }, { files: 0, trace }, { peers: 1 });
  running.run(30_000);
  const keys = rows(running).map(({ key }) => key);
  t.deepEqual([keys.length, new Set(keys).size], [2, 2]);
});

test('keys are asked for by Zipf\u2019s law, and hardly ever by somebody who has the file', async (t) => {
  const running = await net({}, { files: 50, zipf: 1, replicas: 2, perPeer: 100, timeoutMs: 1 }, { peers: 100 });
  running.run(11_000);
  const { holders, keys } = catalogueOf(running);
  const table = rows(running);
  const askedFor = keys.map((key) => table.filter((row) => row.key === key).length);
  const harmonic = keys.reduce((sum, _, i) => sum + 1 / (i + 1), 0);
  for (const rank of [1, 2, 5]) {
    const expected = table.length / rank / harmonic;
    t.true(Math.abs(askedFor[rank - 1] / expected - 1) < 0.1, `rank ${rank}: ${askedFor[rank - 1]}, expected ${expected}`);
  }
  t.is(table.filter(({ key, origin }) => holders(key).includes(origin)).length, 0);
});

test('the oracle: who has the file and is up when it is asked for, other than the one who asks; recall and stale answers by it', async (t) => {
  const running = await net(
    {
      locate(me, key, operation) {
        const all = catalogueOf(running).holders(key);
        for (const holder of all) operation.found(address(holder), 3);
        operation.found(address(all[0]), 9); // the same provider again counts once
        operation.found(me.peer.address, 1); // itself is no answer
        operation.found(5, 1); // nor is nobody
        operation.finish();
      },
    },
    { files: 40, replicas: 4, perPeer: 20, timeoutMs: 1000 },
  );
  const down = [1, 2, 3, 5, 7, 8, 9, 11, 13, 14, 16, 18];
  for (const peer of down) running.crash(peer);
  running.run(30_000);
  const { holders } = catalogueOf(running);
  const table = rows(running);
  t.is(table.length, 8 * 20);
  for (const { key, origin, liveReplicas, foundLive, foundStale, outcome, hops } of table) {
    const up = holders(key).filter((holder) => !down.includes(holder) && holder !== origin);
    t.is(liveReplicas, up.length);
    t.is(foundLive, up.length);
    t.is(foundStale, new Set([...holders(key), origin]).size + 1 - up.length);
    t.is(outcome, up.length > 0 ? 'succeeded' : 'unanswerable');
    t.is(hops, up.length > 0 ? 3 : -1);
  }
  t.true(table.some(({ outcome }) => outcome === 'unanswerable') && table.some(({ liveReplicas }) => liveReplicas >= 3));
});

test('a provider that came up after the question was asked is no live replica; one that left meanwhile still is', async (t) => {
  const late = new Map<LocateOperation, Key>();
  const running = await net(
    { locate: (_me, key, operation) => late.set(operation, key) },
    { files: 1, replicas: 20, perPeer: 1, timeoutMs: 50_000 },
    {
      peers: 4,
    },
  );
  running.crash(1);
  running.run(10_000);
  running.join(1);
  running.crash(2);
  running.run(12_000);
  for (const operation of late.keys()) for (const provider of [0, 1, 2, 3]) operation.found(address(provider), 1);
  for (const operation of late.keys()) operation.finish();
  const table = rows(running).filter(({ origin }) => origin !== 2);
  t.is(table.length, 2);
  // p0 and p3 each asked when p2 and the other were up.
  for (const { liveReplicas, foundLive, foundStale } of table) t.deepEqual([liveReplicas, foundLive, foundStale], [2, 2, 2]);
});

test('the first live provider decides latency and hops, although the search goes on; more than one counts for recall', async (t) => {
  const running = await net(
    {
      locate(me, key, operation) {
        const others = catalogueOf(running)
          .holders(key)
          .filter((holder) => address(holder) !== me.peer.address);
        me.peer.after(100, () => operation.found(5, 1));
        me.peer.after(200, () => operation.found(address(others[0]), 4));
        me.peer.after(300, () => operation.found(address(others[1]), 2));
        me.peer.after(400, () => operation.finish(9));
        me.peer.after(500, () => operation.found(address(others[2]), 1)); // too late
        me.peer.after(600, () => operation.finish(1));
      },
    },
    { files: 5, replicas: 10, perPeer: 1, timeoutMs: 5000 },
  );
  running.run(20_000);
  const table = rows(running);
  t.is(table.length, 20);
  for (const { outcome, startMs, endMs, latencyMs, hops, foundLive, foundStale } of table) {
    t.is(outcome, 'succeeded');
    t.true(Math.abs(latencyMs - 200) < 1e-6 && Math.abs(endMs - startMs - 400) < 1e-6);
    t.deepEqual([hops, foundLive, foundStale], [4, 2, 1]);
  }
  const { succeeded, failed, started } = running.shard.progress(false);
  t.deepEqual([started, succeeded, failed], [20, 20, 0]);
});

test('a search without an end is ended by its timeout, exactly: succeeded if something was found, failed if not', async (t) => {
  const operations: LocateOperation[] = [];
  const running = await net(
    {
      locate(me, key, operation) {
        operations.push(operation);
        const other = catalogueOf(running)
          .holders(key)
          .find((holder) => address(holder) !== me.peer.address)!;
        if (me.peer.address % 2 ** 17 < 2 ** 16) me.peer.after(50, () => operation.found(address(other), 1));
      },
    },
    { files: 5, replicas: 5, perPeer: 4, timeoutMs: 750 },
  );
  running.run(10_600);
  t.true(operations.some(({ open }) => open) && operations.some(({ open }) => !open));
  running.run(20_000);
  t.true(operations.every(({ open }) => !open));
  const table = rows(running);
  t.is(table.length, 80);
  for (const { outcome, origin, startMs, endMs, latencyMs } of table) {
    t.is(outcome, origin % 2 === 0 ? 'succeeded' : 'failed');
    t.true(Math.abs(endMs - startMs - 750) < 1e-6, `${endMs - startMs} ms`);
    t.true(outcome === 'failed' ? latencyMs === -1 : Math.abs(latencyMs - 50) < 1e-6);
  }
});

test('when the peer that asked goes down without an answer, its question is abandoned: neither success nor failure', async (t) => {
  const running = await net(
    {
      locate(me, key, operation) {
        const other = catalogueOf(running)
          .holders(key)
          .find((holder) => address(holder) !== me.peer.address)!;
        if (me.peer.name === 'p1') operation.found(address(other), 1);
        me.peer.after(5000, () => operation.finish());
      },
    },
    { files: 5, replicas: 5, perPeer: 1, timeoutMs: 20_000 },
    { measureMs: 100 },
  );
  running.run(200);
  running.crash(0);
  running.leave(1);
  running.crash(2);
  running.join(2); // another session: not the one that asked
  running.run(50_000);
  const outcome = (peer: number) => rows(running).find(({ origin }) => origin === peer)!.outcome;
  t.is(outcome(0), 'abandoned');
  t.is(outcome(1), 'succeeded');
  t.is(outcome(2), 'abandoned');
  t.is(outcome(3), 'failed');
  t.is(running.shard.progress(false).failed, 17);
});

test('who is down is not asked, but asked again when it is back', async (t) => {
  const running = await net({ locate: (_me, _key, operation) => operation.finish() }, { perPeer: 50 });
  running.crash(4);
  running.run(5000);
  running.join(4);
  running.run(20_000);
  const times = rows(running)
    .filter(({ origin }) => origin === 4)
    .map(({ startMs }) => startMs);
  t.true(times.length > 10 && times.length < 40, `${times.length}`);
  t.true(times[0] >= 5000);
});

test('what is open at the end is pending, or has succeeded already', async (t) => {
  const running = await net(
    {
      locate: (me, key, operation) =>
        me.peer.name === 'p0' &&
        operation.found(
          address(
            catalogueOf(running)
              .holders(key)
              .find((each) => each !== 0)!,
          ),
          2,
        ),
    },
    { files: 3, replicas: 6, perPeer: 1, timeoutMs: 100_000 },
  );
  running.run(11_000);
  for (const { origin, outcome, endMs } of rows(running)) {
    t.is(outcome, origin === 0 ? 'succeeded' : 'pending');
    t.is(endMs, -1);
  }
  const { started, succeeded, failed } = running.shard.progress(false);
  t.deepEqual([started, succeeded, failed], [20, 1, 0]);
});

test('without files every question is for a fresh key, and a definite "nobody" is the right answer', async (t) => {
  const running = await net(
    {
      locate(me, _key, operation) {
        if (me.peer.name === 'p0') return; // never says so
        if (me.peer.name === 'p1') operation.found(address(5), 1); // claims that somebody has it
        operation.finish(4);
      },
    },
    { files: 0, perPeer: 5, timeoutMs: 1000 },
  );
  running.run(30_000);
  const table = rows(running);
  t.is(new Set(table.map(({ key }) => key)).size, 100);
  for (const { origin, outcome, hops, latencyMs, liveReplicas } of table) {
    t.is(outcome, origin <= 1 ? 'unanswerable' : 'succeeded');
    t.deepEqual([hops, latencyMs], origin <= 1 ? [-1, -1] : [4, 0]);
    t.is(liveReplicas, 0);
  }
});

test('with files, "nobody has it" is a failure when somebody does', async (t) => {
  const running = await net({ locate: (_me, _key, operation) => operation.finish(4) }, { files: 5, replicas: 5, perPeer: 1 });
  running.run(30_000);
  t.true(rows(running).every(({ outcome }) => outcome === 'failed'));
});
