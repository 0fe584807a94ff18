/** Who pays for a message: the operation, or the upkeep, on whose behalf it was sent, however many hands it went through. */

import test from 'ava';
import { CAUSES, type Cause } from '../../src/metrics/measures.js';
import { CAUSED } from '../../src/metrics/meter.js';
import { COLUMN, OPERATION_STRIDE } from '../../src/metrics/operations.js';
import type { LocateOperation } from '../../src/services/locate.js';
import { Puppet, puppet, type Script } from '../helpers/puppet.js';
import { type Testnet, type TestnetOptions, testnet } from '../helpers/testnet.js';

const net = (script: Script, options: Partial<TestnetOptions> = {}) =>
  testnet<Puppet>(puppet(script), { peers: 2, latencyMs: 10, start: 'join', ...options });

const to = (me: Puppet) => (me.peer.name === 'p0' ? me.peer.address + 65_536 : me.peer.address - 65_536);

/** Messages and bytes sent for each cause, over all types and phases. */
function ledger(net: Testnet<Puppet>): Partial<Record<Cause, [messages: number, bytes: number]>> {
  const { ledger: cells } = net.shard.report(net.shard.progress(false));
  const sums: Partial<Record<Cause, [number, number]>> = {};
  for (let cell = 0; cell < cells.length; cell += 2) {
    if (cells[cell] === 0) continue;
    const cause = CAUSES[(cell / 2) % CAUSES.length];
    const sum = sums[cause] ?? [0, 0];
    sums[cause] = [sum[0] + cells[cell], sum[1] + cells[cell + 1]];
  }
  return sums;
}

/** Messages, bytes and peers reached of each operation, in the order of asking. */
function operations(net: Testnet<Puppet>): number[][] {
  const { operations: rows, caused } = net.shard.report(net.shard.progress(false));
  const starts = Array.from({ length: rows.length / OPERATION_STRIDE }, (_, row) => row * OPERATION_STRIDE);
  starts.sort((a, b) => rows[a + COLUMN.startMs] - rows[b + COLUMN.startMs]);
  return starts.map((row) => {
    const at = rows[row + COLUMN.number] * CAUSED;
    return Array.from({ length: CAUSED }, (_, i) => caused[at + i] ?? 0);
  });
}

test('what join, leave and every send is charged to join, leave and maintenance', async (t) => {
  const running = await net({
    join: (me) => {
      me.peer.send(to(me), { type: 'a' });
      me.peer.every(100, () => me.peer.send(to(me), { type: 'b' }), undefined, 50);
    },
    leave: (me) => me.peer.send(to(me), { type: 'c' }),
  });
  running.run(200);
  running.leave(0);
  running.crash(1);
  t.deepEqual(ledger(running), { join: [2, 200], maintenance: [4, 400], leave: [1, 100] });
});

test('a periodic task is maintenance although it was set up by join, or while serving something else', async (t) => {
  const running = await net({
    join: (me) => me.peer.name === 'p0' && me.peer.send(to(me), { type: 'a' }),
    message: (me, _from, { type }) => {
      if (type === 'a') me.peer.every(10, () => me.peer.send(to(me), { type: 'b' }), undefined, 0);
    },
  });
  running.run(35);
  t.deepEqual(ledger(running), { join: [1, 100], maintenance: [3, 300] });
});

test('a cause travels with messages and waits with timers', async (t) => {
  const running = await net({
    join: (me) => me.peer.name === 'p0' && me.peer.after(5, () => me.peer.send(to(me), { type: 'a', n: 3 })),
    message: (me, from, { n }) => {
      const left = n as number;
      if (left > 0) me.peer.after(left, (argument: number) => me.peer.send(from, { type: 'b', n: argument }), left - 1);
    },
  });
  running.run(1000);
  t.deepEqual(ledger(running), { join: [4, 400] });
});

test('what the constructor sends, or sets a timer for, belongs to the join: nobody\u2019s else affair', async (t) => {
  const definition = puppet(
    {
      message: (me, from, { type }) => type === 'a' && me.peer.send(from, { type: 'b' }),
      locate: (me) => me.peer.send(to(me), { type: 'a' }),
    },
    {
      create(peer) {
        const me = new Puppet(peer, { message: (me, from, { type }) => type === 'a' && me.peer.send(from, { type: 'b' }) });
        if (peer.now > 0) peer.after(1, () => peer.send(peer.address + 65_536, { type: 'c' }));
        me.locate = () => peer.send(to(me), { type: 'a' });
        return me;
      },
    },
  );
  const running = await testnet<Puppet>(definition, { peers: 2, latencyMs: 10, locate: { perPeer: 1 }, measureMs: 100 });
  running.run(50);
  running.crash(0);
  running.run(150); // both queries, and what they caused, are over
  const queries = ledger(running).locate;
  running.join(0);
  running.run(300);
  t.deepEqual(ledger(running).locate, queries);
  t.deepEqual(ledger(running).join, [1, 100]);
});

test('publishing is charged to publish, and so is what it sets off elsewhere', async (t) => {
  const running = await net(
    {
      publish: (me) => me.peer.send(to(me), { type: 'a' }),
      message: (me, from, { type }) => type === 'a' && me.peer.after(1, () => me.peer.send(from, { type: 'b' })),
    },
    { locate: { files: 3, replicas: 1 } },
  );
  running.run(1000);
  t.deepEqual(ledger(running), { publish: [6, 600] });
});

test('each query pays for what its handlers send anywhere, for nothing else, and counts the peers it reached', async (t) => {
  const open = new Map<number, LocateOperation>();
  const running = await net(
    {
      join: (me) => me.peer.every(7, () => me.peer.send(to(me), { type: 'c' }), undefined, 0),
      locate: (me, key, operation) => {
        open.set(key, operation);
        me.peer.send(to(me), { type: 'a', n: key });
      },
      message: (me, from, { type, n }) => {
        if (type === 'a') {
          me.peer.reach();
          me.peer.after(3, () => me.peer.send(from, { type: 'b', n }));
          if ((n as number) % 2 === 0) me.peer.send(from, { type: 'b', n: -1 });
        }
        if (type === 'b' && (n as number) >= 0) open.get(n as number)!.finish();
        if (type === 'c') me.peer.reach(); // nobody's query: counts for none
      },
    },
    { locate: { perPeer: 20 }, measureMs: 10_000 },
  );
  running.run(11_000);
  const rows = operations(running);
  t.is(rows.length, 40);
  const { operations: table } = running.shard.report(running.shard.progress(false));
  const keys = Array.from({ length: 40 }, (_, row) => [
    table[row * OPERATION_STRIDE + COLUMN.startMs],
    table[row * OPERATION_STRIDE + COLUMN.key],
  ])
    .sort((a, b) => a[0] - b[0])
    .map(([, key]) => key);
  t.true(keys.some((key) => key % 2 === 0) && keys.some((key) => key % 2 === 1));
  t.deepEqual(
    rows,
    keys.map((key) => (key % 2 === 0 ? [3, 300, 1, 0] : [2, 200, 1, 0])),
  );
  t.deepEqual(ledger(running).locate, [
    rows.reduce((sum, [messages]) => sum + messages, 0),
    rows.reduce((sum, [, bytes]) => sum + bytes, 0),
  ]);
  t.true(ledger(running).maintenance![0] > 2000);
});

test('headers are part of the bytes charged', async (t) => {
  const running = await net({ join: (me) => me.peer.send(to(me), { type: 'a' }) }, { topology: { headerBytes: 28 } });
  t.deepEqual(ledger(running), { join: [2, 256] });
});

test('a message belongs to the phase in which it was sent', async (t) => {
  const running = await net(
    { join: (me) => me.peer.every(100, () => me.peer.send(to(me), { type: 'a' }), undefined, 50) },
    { population: { arrivals: { kind: 'ramp', overMs: 200 } }, warmUpMs: 300, measureMs: 400, drainMs: 100 },
  );
  running.run(1000);
  const { ledger: cells } = running.shard.report(running.shard.progress(false));
  const perPhase = Array.from({ length: 4 }, (_, phase) => {
    let messages = 0;
    for (let cell = (phase * cells.length) / 4; cell < ((phase + 1) * cells.length) / 4; cell += 2) messages += cells[cell];
    return messages;
  });
  // p0 from 50 on, p1 (who comes at 100) from 150 on: twice a 100 ms.
  t.deepEqual(perPhase, [3, 6, 8, 2]);
});
