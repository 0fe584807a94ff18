import test from 'ava';
import type { Timer } from '../../src/protocol.js';
import { isProblem } from '../helpers/is-problem.js';
import { type Puppet, puppet } from '../helpers/puppet.js';
import { type Testnet, testnet } from '../helpers/testnet.js';

/** Two peers that do nothing by themselves. */
const two = (script: Parameters<typeof puppet>[0] = {}, options: Partial<Parameters<typeof testnet>[1]> = {}) =>
  testnet<Puppet>(puppet(script), { peers: 2, latencyMs: 10, ...options });

const counter = (net: Testnet<Puppet>, name: string) => net.shard.report(net.shard.progress(false)).counters[name] ?? 0;

test('a peer knows its name, its address and the time', async (t) => {
  const net = await two();
  const me = net.peer(1)!.peer;
  t.is(me.name, 'p1');
  t.is(me.address, net.address(1));
  t.is(me.now, 0);
  net.run(1234.5);
  t.is(me.now, 1234.5);
});

test('after calls back once, at its time, with the protocol as this and its argument', async (t) => {
  const net = await two();
  const me = net.peer(0)!;
  const calls: unknown[] = [];
  function note(this: unknown, argument: unknown): void {
    calls.push([this === me, argument, me.peer.now]);
  }
  me.peer.after(5, note, 'x');
  me.peer.after(0, note);
  me.peer.after(2.5, note, { some: 'thing' });
  net.run(1000);
  t.deepEqual(calls, [
    [true, undefined, 0],
    [true, { some: 'thing' }, 2.5],
    [true, 'x', 5],
  ]);
});

test('timers of one peer at one instant fire in the order in which they were set', async (t) => {
  const net = await two();
  const { peer } = net.peer(0)!;
  const order: number[] = [];
  for (let i = 0; i < 20; i++) peer.after(7, (n: number) => order.push(n), i);
  net.run(8);
  t.deepEqual(
    order,
    Array.from({ length: 20 }, (_, i) => i),
  );
});

test('every calls back each period; the first time when told, or at a random part of the period', async (t) => {
  const net = await two();
  const { peer } = net.peer(0)!;
  const times: number[] = [];
  peer.every(100, (by: number) => times.push(peer.now + by), 0.5, 30);
  net.run(450);
  t.deepEqual(times, [30.5, 130.5, 230.5, 330.5, 430.5]);

  const many = await testnet<Puppet>(puppet({}), { peers: 300 });
  const firsts: number[] = [];
  for (let i = 0; i < 300; i++) many.peer(i)!.peer.every(1000, () => firsts.push(many.now));
  many.run(1000);
  t.is(firsts.length, 300);
  for (let part = 0; part < 4; part++) {
    const here = firsts.filter((at) => Math.floor(at / 250) === part).length;
    t.true(Math.abs(here - 75) < 40, `${here} of 300 in quarter ${part}`);
  }
});

test('cancel stops a timer, before it fires and between two of its periods, from inside its own callback too', async (t) => {
  const net = await two();
  const { peer } = net.peer(0)!;
  const calls: string[] = [];
  const once = peer.after(10, () => calls.push('once'));
  const ticking: Timer = peer.every(10, () => calls.push('ticking'), undefined, 5);
  const limited: Timer = peer.every(
    10,
    () => {
      calls.push('limited');
      if (calls.filter((each) => each === 'limited').length === 2) peer.cancel(limited);
    },
    undefined,
    1,
  );
  t.false(once.cancelled);
  peer.cancel(once);
  t.true(once.cancelled);
  net.run(17);
  peer.cancel(ticking);
  net.run(200);
  t.deepEqual(calls, ['limited', 'ticking', 'limited', 'ticking']);
  peer.cancel(undefined);
  peer.cancel(once);
});

test('a timer that makes no sense is refused', async (t) => {
  const net = await two();
  const { peer } = net.peer(0)!;
  isProblem(t, () => peer.after(-1, () => {}), /-1 ms: expected 0 or more/);
  isProblem(t, () => peer.after(Number.NaN, () => {}), /NaN ms/);
  isProblem(t, () => peer.every(-5, () => {}, undefined, 0), /-5 ms/);
});

for (const how of ['crash', 'leave'] as const) {
  test(`${how}: timers and messages of the ended session are void, also when the peer is back in time`, async (t) => {
    const heard: string[] = [];
    const net = await testnet<Puppet>(puppet({ message: (me, _from, { n }) => heard.push(`${me.peer.name} ${n} at ${me.peer.now}`) }), {
      peers: 3,
      latencyMs: 10,
    });
    const old = net.peer(0)!;
    let fired = 0;
    old.peer.after(20, () => fired++);
    old.peer.every(20, () => fired++, undefined, 20);
    net.run(5);
    net.peer(1)!.peer.send(net.address(0), { type: 'a', n: 1 }); // arrives at 15, when the peer is down
    net.run(7);
    net[how](0);
    t.is(net.peer(0), undefined);
    net.run(20);
    net.join(0);
    t.not(net.peer(0), old);
    net.peer(1)!.peer.send(net.address(0), { type: 'a', n: 2 });
    old.peer.send(net.address(2), { type: 'a', n: 3 }); // a reference that outlived its session
    old.peer.after(1, () => fired++);
    net.run(500);
    t.deepEqual(heard, ['p0 2 at 30']);
    t.is(fired, 0);
    t.is(net.shard.report(net.shard.progress(false)).dropped[4], 1);
    t.is(net.shard.progress(false).sent, 2);
  });
}

test('what is sent in leave still travels', async (t) => {
  const heard: [string, number][] = [];
  const net = await two(
    {
      leave: (me) => me.peer.send(me.peer.bootstrap(1)[0], { type: 'b' }),
      message: (me, _from, { type }) => heard.push([type, me.peer.now]),
    },
    { peers: 3 },
  );
  net.run(100);
  net.leave(0);
  net.crash(1);
  net.run(200);
  t.is(heard.length <= 1, true);
  t.is(net.shard.progress(false).sent, 1);
});

test('a new session has a new stream of random numbers, the same in every run; streams of peers differ', async (t) => {
  const draws = async (seed: number) => {
    const net = await two({}, { seed });
    const first = net.peer(0)!.peer.random.next();
    const other = net.peer(1)!.peer.random.next();
    net.crash(0);
    net.join(0);
    return [first, net.peer(0)!.peer.random.next(), other];
  };
  const numbers = await draws(1);
  t.is(new Set(numbers).size, 3);
  t.deepEqual(await draws(1), numbers);
  t.notDeepEqual(await draws(2), numbers);
});

test('bootstrap draws distinct others that are up, uniformly, never the peer itself', async (t) => {
  const net = await testnet<Puppet>(puppet({}), { peers: 12 });
  for (const down of [3, 7]) net.crash(down);
  const me = net.peer(5)!.peer;
  const counts = new Map<number, number>();
  const rounds = 3000;
  for (let round = 0; round < rounds; round++) {
    const found = me.bootstrap(3).map((address) => net.indexOf(address));
    t.is(new Set(found).size, 3);
    for (const each of found) counts.set(each, (counts.get(each) ?? 0) + 1);
  }
  t.deepEqual(
    [...counts.keys()].sort((a, b) => a - b),
    [0, 1, 2, 4, 6, 8, 9, 10, 11],
  );
  for (const [index, count] of counts) t.true(Math.abs(count - rounds / 3) < 5 * Math.sqrt(rounds / 3), `p${index}: ${count}`);
  // Asked for more than there are: all of them.
  t.is(me.bootstrap(100).length, 9);
  t.deepEqual(me.bootstrap(0), []);
  for (const other of [0, 1, 2, 4, 6, 8, 9, 10, 11]) net.crash(other);
  t.deepEqual(me.bootstrap(5), []);
});

test('in its leave a peer can still find the others', async (t) => {
  const found: number[] = [];
  const net = await two({ leave: (me) => found.push(...me.peer.bootstrap(5)) });
  net.leave(0);
  t.deepEqual(found, [net.address(1)]);
});

test('counters add up over peers; a counter that only ever got 0 is there', async (t) => {
  const net = await two();
  net.peer(0)!.peer.count('things');
  net.peer(1)!.peer.count('things', 4);
  net.peer(1)!.peer.count('none', 0);
  t.is(counter(net, 'things'), 5);
  t.true('none' in net.shard.report(net.shard.progress(false)).counters);
});

test('log lines carry time and peer; a shard keeps one more than the 10,000 that are shown', async (t) => {
  const net = await two();
  net.run(1500);
  net.peer(1)!.peer.log('hello');
  const { log } = net.shard.report(net.shard.progress(false));
  t.deepEqual(log, ['      1500.000 p1 hello']);
  for (let i = 0; i < 11_000; i++) net.peer(0)!.peer.log(`line ${i}`);
  const long = net.shard.report(net.shard.progress(false)).log;
  t.is(long.length, 10_001);
});
