import test from 'ava';
import { digestOf } from '../../src/coordinator/digest.js';
import { DROP_REASONS } from '../../src/metrics/measures.js';
import { isProblem } from '../helpers/is-problem.js';
import { plainClass } from '../helpers/plain-topology.js';
import { type Puppet, puppet, type Script } from '../helpers/puppet.js';
import { type Testnet, type TestnetOptions, testnet, testScenario } from '../helpers/testnet.js';

const net = (script: Script, options: Partial<TestnetOptions> = {}, changes: Parameters<typeof puppet>[1] = {}) =>
  testnet<Puppet>(puppet(script, changes), { peers: 4, latencyMs: 10, start: 'join', ...options });

const address = (index: number) => 0x01000000 * 65_536 + 6346 + index * 65_536;

function drops(net: Testnet<Puppet>): Record<string, number> {
  const { dropped } = net.shard.report(net.shard.progress(false));
  return Object.fromEntries(DROP_REASONS.map((reason, i) => [reason, dropped[i]]).filter(([, count]) => count !== 0));
}

/** What a topology without gateways, faults and bottlenecks drops packets for. */
const REASONS_HERE = ['uplink-full', 'lost', 'no-such-address', 'downlink-full', 'peer-down'] as const;

/** Sent, delivered, dropped and in flight, and that they add up, and that the queue agrees. */
function books(net: Testnet<Puppet>) {
  const { sent, delivered, dropped, inFlight } = net.shard.progress(false);
  const counted = net.shard.report(net.shard.progress(false)).inFlightCounted;
  return { sent, delivered, dropped, inFlight, balanced: sent === delivered + dropped + inFlight && counted === inFlight };
}

test('a message takes latency + (payload + header) / rate, and comes from its sender', async (t) => {
  const heard: unknown[] = [];
  const running = await net(
    {
      join: (me) => me.peer.name === 'p1' && me.peer.send(address(2), { type: 'a', n: 7, data: 'x' }),
      message: (me, from, message) => heard.push([me.peer.name, from, message, me.peer.now]),
    },
    {
      topology: {
        headerBytes: 28,
        classes: [plainClass({ uplinkBitsPerSecond: 8000 * 4, downlinkBitsPerSecond: 8000 * 8, queueBytes: 1e6, latencyMs: 1 })],
      },
    },
    { sizeOf: () => 12 },
  );
  running.run(100);
  t.deepEqual(heard, [['p2', address(1), { type: 'a', n: 7, data: 'x' }, 10 + 2 + 40 / 4]]);
});

test('without sizeOf a message is as large as msgpackr makes it', async (t) => {
  const running = await net(
    { join: (me) => me.peer.name === 'p0' && me.peer.send(address(1), { type: 'a', n: 1, data: 'x'.repeat(500) }) },
    {},
    {
      sizeOf: undefined,
    },
  );
  const { bytes } = running.shard.report(running.shard.progress(false));
  t.true(bytes > 500 && bytes < 520, `${bytes} bytes`);
});

test('events of one instant happen by destination, then source, then order of sending: whoever was first to send', async (t) => {
  const heard: string[] = [];
  const running = await net({
    message: (me, from, { n }) => heard.push(`p${running.indexOf(from)} to ${me.peer.name}: ${n}`),
  });
  const send = (from: number, to: number, n: number) => running.peer(from)!.peer.send(address(to), { type: 'a', n });
  send(3, 2, 1);
  send(3, 1, 2);
  send(0, 2, 3);
  send(3, 1, 4);
  send(2, 1, 5);
  send(0, 1, 6);
  running.peer(1)!.peer.after(10, () => heard.push('p1 timer'));
  running.run(20);
  t.deepEqual(heard, ['p0 to p1: 6', 'p1 timer', 'p2 to p1: 5', 'p3 to p1: 2', 'p3 to p1: 4', 'p0 to p2: 3', 'p3 to p2: 1']);
});

test('what a peer sends itself arrives at once, costs no link, and comes after what is going on', async (t) => {
  const order: string[] = [];
  const running = await net(
    {
      message: (me, from, { type }) => order.push(`${type} from ${from === me.peer.address ? 'itself' : from} at ${me.peer.now}`),
    },
    {
      topology: {
        loss: 0.999999,
        classes: [plainClass({ uplinkBitsPerSecond: 1, downlinkBitsPerSecond: 1, queueBytes: 1, latencyMs: 9 })],
      },
    },
  );
  const me = running.peer(0)!;
  running.run(5);
  me.peer.after(0, () => {
    me.peer.send(me.peer.address, { type: 'a' });
    order.push('sent');
  });
  running.run(6);
  t.deepEqual(order, ['sent', 'a from itself at 5']);
  t.deepEqual(books(running), { sent: 1, delivered: 1, dropped: 0, inFlight: 0, balanced: true });
});

test('a message to nobody is sent, counted and dropped; one to no address at all is a mistake of the protocol', async (t) => {
  const running = await net({});
  const { peer } = running.peer(0)!;
  for (const nowhere of [5, 0, address(4), address(1) + 1, address(-1)]) peer.send(nowhere, { type: 'a' });
  t.deepEqual(drops(running), { 'no-such-address': 5 });
  t.deepEqual(books(running), { sent: 5, delivered: 0, dropped: 5, inFlight: 0, balanced: true });
  for (const wrong of [Number.NaN, undefined, 'p1', 1.5, null]) {
    isProblem(t, () => peer.send(wrong as never, { type: 'a' }), /sent "a" to .*: expected an address/);
  }
});

test('sizes that cannot be, and types that are not declared, are mistakes of the protocol', async (t) => {
  let size: unknown = 0;
  const running = await net({}, {}, { sizeOf: () => size as number });
  const { peer } = running.peer(0)!;
  for (size of [Number.NaN, -1, 1e9, 65_508, 10.5, undefined, '12', Infinity]) {
    isProblem(t, () => peer.send(address(1), { type: 'a' }), /sizeOf\("a"\) gave .*: expected a whole number of bytes from 0 to 65507/);
  }
  size = 65_507;
  peer.send(address(1), { type: 'a' });
  isProblem(t, () => peer.send(address(1), { type: 'd' }), /type "d", .*not declare.*: expected one of a, b, c/);
  isProblem(t, () => peer.send(address(1), {} as never), /type "undefined"/);
  isProblem(t, () => peer.send(address(1), null as never), /type "undefined"/);
  t.is(books(running).sent, 1);
});

test('sent = delivered + dropped + in flight at every moment, with loss, full queues, churn and nowhere at once', async (t) => {
  let sent = 0;
  let handled = 0;
  const running = await testnet<Puppet>(
    puppet({
      join: (me) =>
        me.peer.every(20, () => {
          const target = me.peer.random.next() < 0.05 ? 5 : address(me.peer.random.integer(60));
          sent++;
          me.peer.send(target, { type: 'a' });
        }),
      message: () => handled++,
    }),
    {
      peers: 60,
      seed: 5,
      start: 'join',
      population: {
        session: { kind: 'exponential', meanMs: 2000 },
        downtime: { kind: 'exponential', meanMs: 1000 },
        massFailures: [{ atMs: 3000, share: 0.5 }],
      },
      topology: {
        latencyMs: Float64Array.of(80),
        loss: 0.1,
        jitter: 0.5,
        classes: [
          plainClass({
            name: 'thin',
            share: 0.5,
            uplinkBitsPerSecond: 8000 * 4.5,
            downlinkBitsPerSecond: 8000 * 5,
            queueBytes: 300,
            latencyMs: 3,
          }),
          plainClass({
            name: 'thick',
            share: 0.5,
            uplinkBitsPerSecond: 8e7,
            downlinkBitsPerSecond: 8000 * 5,
            queueBytes: 400,
            latencyMs: 1,
          }),
        ],
      },
    },
  );
  for (let untilMs = 250; untilMs <= 10_000; untilMs += 250) {
    running.run(untilMs);
    const { balanced, ...figures } = books(running);
    t.true(balanced, JSON.stringify(figures));
    t.is(figures.sent, sent);
    t.is(figures.delivered, handled);
  }
  const all = drops(running);
  for (const reason of REASONS_HERE) t.true(all[reason] > 10, `${reason}: ${all[reason]}`);
});

test('a peer that went down while a packet waited in its downlink does not get it', async (t) => {
  let heard = 0;
  const running = await net(
    { message: () => heard++ },
    {
      topology: {
        classes: [plainClass({ downlinkBitsPerSecond: 8000, queueBytes: 1000 })],
      },
    },
  );
  for (const from of [1, 2, 3]) running.peer(from)!.peer.send(address(0), { type: 'a' });
  running.run(150); // the first came at 110; the others wait until 210 and 310
  t.is(heard, 1);
  running.crash(0);
  running.run(1000);
  t.is(heard, 1);
  t.deepEqual(drops(running), { 'peer-down': 2 });
});

const broken: [string, Script, RegExp][] = [
  ['create', {}, /create of p0 at 0\.000 s \(seed 1\) threw RangeError: oops \(.*shard\.test\.\w+:\d+:\d+\)?/],
  ['join', { join: oops }, /join of p0 at 0\.000 s \(seed 1\) threw RangeError: oops \(.*shard\.test\.\w+:\d+:\d+\)?/],
  [
    'onMessage',
    { join: (me) => me.peer.name === 'p1' && me.peer.send(address(2), { type: 'b' }), message: oops },
    /onMessage\("b"\) of p2 at 0\.010 s \(seed 1\) threw RangeError: oops \(.*shard\.test\.\w+:\d+:\d+\)?/,
  ],
  ['a timer', { join: (me) => me.peer.after(1250, oops) }, /the timer oops of p0 at 1\.250 s \(seed 1\) threw RangeError: oops/],
  ['leave', { leave: oops }, /leave of p3 at 1\.000 s \(seed 1\) threw RangeError: oops/],
  ['locate', { locate: oops }, /locate of p\d at 0\.\d+ s \(seed 1\) threw RangeError: oops/],
  ['publish', { publish: oops }, /the timer publish of p\d at 0\.\d+ s \(seed 1\) threw RangeError: oops/],
];

function oops(): never {
  throw new RangeError('oops');
}

for (const [where, script, sentence] of broken) {
  test(`an exception in ${where} becomes a sentence: protocol, peer, what it did, when, where in its code`, async (t) => {
    const begin = () =>
      net(
        script,
        {
          locate: where === 'publish' ? { files: 4, publishSpreadMs: 100 } : where === 'locate' ? { perPeer: 1 } : undefined,
          measureMs: 1000,
        },
        where === 'create' ? { create: oops } : {},
      );
    if (where === 'create' || where === 'join') {
      const problem = await t.throwsAsync(begin);
      t.is(problem?.name, 'Problem');
      t.regex(problem?.message ?? '', new RegExp(`^test: ${sentence.source}`));
      return;
    }
    const running = await begin();
    isProblem(
      t,
      () => {
        running.run(1000);
        running.leave(3);
        running.run(2000);
      },
      new RegExp(`^test: ${sentence.source}`),
    );
  });
}

test('an exception in neighbours is a sentence as well', async (t) => {
  const running = await net({});
  (running.peer(2) as unknown as { neighbours: unknown }).neighbours = oops;
  for (const other of [0, 1, 3]) (running.peer(other) as unknown as { neighbours: unknown }).neighbours = () => [];
  isProblem(t, () => running.shard.residents.links(), /test: neighbours of p2 .* threw RangeError: oops/);
});

test('a callback that is no function is refused where it is set, not when it is due', async (t) => {
  const running = await net({});
  const { peer } = running.peer(0)!;
  isProblem(t, () => peer.after(5, undefined as never), /expected a function/);
  isProblem(t, () => peer.every(5, 'tick' as never), /expected a function/);
});

test('a period of 0 would never let time pass: it is refused', async (t) => {
  const running = await net({});
  isProblem(t, () => running.peer(0)!.peer.every(0, () => {}), /0 ms: expected/);
});

test('when time does not advance the run ends: eventsPerInstant', async (t) => {
  const definition = puppet({
    join: (me) => me.peer.name === 'p1' && me.peer.after(500, () => me.peer.send(me.peer.address, { type: 'c' })),
    message: (me, from) => me.peer.send(from, { type: 'c' }),
  });
  const running = await testnet<Puppet>(definition, { peers: 2, start: 'join' });
  Object.assign(running.scenario.limits, { eventsPerInstant: 1000 });
  isProblem(
    t,
    () => running.run(1000),
    /^test: time does not advance: 1001 events at 0\.500 s alone \(limits\.eventsPerInstant, seed 1\); .*1 "c" messages/,
  );
});

test('when more is pending than the limit the run ends: pendingEvents', async (t) => {
  const definition = puppet({
    join: (me) => me.peer.name === 'p0' && me.peer.send(address(1), { type: 'a' }),
    message: (me, from) => {
      me.peer.send(from, { type: 'a' });
      me.peer.send(from, { type: 'b' });
    },
  });
  const running = await testnet<Puppet>(definition, { peers: 2, start: 'join' });
  Object.assign(running.scenario.limits, { pendingEvents: 5000 });
  isProblem(
    t,
    () => {
      // As a shard's thread does: in portions.
      while (running.shard.run(10_000, 2000) >= 2000);
    },
    /^test: \d+ events are pending at \d\.\d+ s \(limits\.pendingEvents is 5000, seed 1\); .*"[ab]" messages/,
  );
  // It stopped near the limit, not after the flood had filled the memory.
  t.true(running.shard.progress(false).inFlight < 50_000, `${running.shard.progress(false).inFlight} in flight`);
});

test('strict mode catches a protocol that changes a message it has sent or received, deep inside too', async (t) => {
  const changers: [string, Script][] = [
    [
      'the sender',
      {
        join: (me) => {
          const message = { type: 'a', n: 1, data: { list: [1] } };
          me.peer.send(address(1), message);
          message.n = 2;
        },
      },
    ],
    [
      'the sender, inside',
      {
        join: (me) => {
          const data = { list: [1] };
          me.peer.send(address(1), { type: 'a', data });
          data.list.push(2);
        },
      },
    ],
    [
      'the receiver',
      {
        join: (me) => me.peer.send(address(1), { type: 'a', data: [3, 1, 2] }),
        message: (_me, _from, { data }) => (data as number[]).sort(),
      },
    ],
  ];
  for (const [who, script] of changers) {
    const run = async (strict: boolean) => (await net(script, { strict })).run(100);
    await t.notThrowsAsync(run(false), who);
    const problem = await t.throwsAsync(run(true), undefined, who);
    t.regex(problem?.message ?? '', /TypeError: Cannot (assign|add)/, who);
  }
});

test('strict mode gives the receiver a message of its own, with the same content', async (t) => {
  const sent = { type: 'a', n: -0, data: { deep: [1, 'zwei', null, true, { x: new Uint8Array([1, 2, 255]) }], big: 2 ** 47 + 1 } };
  const received: unknown[] = [];
  const running = await net({
    join: (me) => me.peer.name === 'p0' && me.peer.send(address(1), sent),
    message: (_me, _from, message) => received.push(message),
  });
  running.run(100);
  t.not(received[0], sent);
  const data = (received[0] as typeof sent).data;
  t.deepEqual({ ...data, deep: data.deep.slice(0, 4) }, { ...sent.data, deep: sent.data.deep.slice(0, 4) } as never);
  t.deepEqual([...(data.deep[4] as { x: Uint8Array }).x], [1, 2, 255]);
  t.true(Object.isFrozen(received[0]) && Object.isFrozen(data) && Object.isFrozen(data.deep));
});

test('in strict mode, and with different sizes of steps, the run is the same to the digest', async (t) => {
  const chatter: Script = {
    join: (me) =>
      me.peer.every(30, () => me.peer.send(me.peer.bootstrap(1)[0], { type: 'a', n: me.peer.random.integer(5), data: ['x', { y: 1 }] })),
    message: (me, from, { type, n }) => type === 'a' && me.peer.after(n as number, () => me.peer.send(from, { type: 'b', n })),
  };
  const options = { topology: { jitter: 0.3, loss: 0.05 }, peers: 30 };
  const digests: string[] = [];
  for (const [strict, step, seed] of [
    [false, 5000, 1],
    [true, 5000, 1],
    [false, 7, 1],
    [false, 5000, 2],
  ] as const) {
    const running = await net(chatter, { ...options, strict, seed });
    while (running.now < 5000) running.run(Math.min(5000, running.now + step));
    t.true(running.shard.progress(false).delivered > 1000);
    digests.push(digestOf((running.shard as unknown as { table: never }).table));
  }
  t.is(digests[1], digests[0]);
  t.is(digests[2], digests[0]);
  t.not(digests[3], digests[0]);
});

test('the scenario of a test is what the loader would make of it: every limit is there', (t) => {
  const { limits } = testScenario('x', puppet({}) as never, { peers: 1 });
  t.deepEqual(Object.keys(limits).sort(), ['eventsPerInstant', 'pendingEvents', 'stallSeconds']);
});
