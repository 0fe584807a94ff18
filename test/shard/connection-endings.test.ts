/** How connections end, and who is told what and when: by a word, by silence, or by a peer that has forgotten. */

import test from 'ava';
import type { Connection } from '../../src/protocol.js';
import { planFaults } from '../../src/scenario/fault-plan.js';
import { sized } from '../helpers/hosts.js';
import { story } from '../helpers/story.js';

const NOWHERE = 2 ** 47;
const faults = (...texts: string[]) => planFaults(texts, { sites: [], peers: 2 }, (_, error) => error);

test('nobody at that address, and a peer that is down: no answer until the time is up', async (t) => {
  const net = await story({});
  net.crash(1);
  const me = net.peer(0)!.peer;
  me.connect(NOWHERE, { timeoutMs: 5000 });
  me.connect(net.address(1));
  net.run(100_000);
  t.deepEqual(net.story, ['5000 p0 timed-out', '30000 p0 timed-out']);
  const { books, ends } = net.shard.transport;
  t.deepEqual([books.asked, books.opened, books.timedOut], [2, 0, 2]);
  t.is(ends.count, 0);
});

test('a lost question is asked again after 1, 3, 7 s, and a peer that comes up in time answers', async (t) => {
  const net = await story({});
  net.crash(1);
  net.peer(0)!.peer.connect(net.address(1));
  net.run(2500);
  net.join(1);
  net.run(10_000);
  t.deepEqual(net.story, ['3100 p0 is open', '3150 p1 accepts']);
});

test('when the third of the handshake is lost it is repeated, so that a side that only listens is not forgotten', async (t) => {
  // The question leaves at 0, the answer is back at 100; then nothing passes for a while. Repeated at 1,100 and 3,100.
  const net = await story(
    { accept: (_me, connection) => connection.send(sized(7)) },
    { faults: faults('from 90ms to 2s partition peers 0 | peers 1') },
  );
  net.peer(0)!.peer.connect(net.address(1));
  net.run(10_000);
  t.deepEqual(net.story, ['100 p0 is open', '3150 p1 accepts', '3200 p0 gets a 7']);
});

test('what is sent between the handshake and the word of it opens the other side as well', async (t) => {
  const net = await story(
    { open: (_me, connection) => connection.send(sized(7)) },
    { faults: faults('from 90ms to 100.5ms partition peers 0 | peers 1') },
  );
  net.peer(0)!.peer.connect(net.address(1));
  net.run(10_000);
  t.is(net.story.filter((line) => line.endsWith('accepts')).length, 1);
  t.true(net.story.some((line) => line.endsWith('gets a 7')));
});

test('a reset is heard half a round trip later, and what was on its way is lost', async (t) => {
  const net = await story({
    open: (_me, connection) => {
      connection.send(sized(100_000));
      connection.send(sized(100));
      connection.reset();
    },
  });
  net.peer(0)!.peer.connect(net.address(1));
  net.run(5000);
  t.deepEqual(net.story, ['100 p0 is open', '150 p1 accepts', '150 p1 reset']);
  const { books, ends } = net.shard.transport;
  t.is(ends.count, 0);
  t.is(books.lostBytes + books.deliveredBytes, 100_100);
  t.is(net.shard.mail.inFlight, 0);
});

test('a close delivers everything before it, large or small, and then says so', async (t) => {
  for (const sizes of [[], [100], [50_000], [300_000, 10, 20_000]]) {
    const net = await story(
      {
        open: (_me, connection) => {
          for (const size of sizes) connection.send(sized(size));
          connection.close();
        },
      },
      { topology: { loss: 0.1 }, seed: 3 },
    );
    net.peer(0)!.peer.connect(net.address(1));
    net.run(60_000);
    const heard = net.story.filter((line) => line.includes('p1')).map((line) => line.replace(/^\S+ p1 /, ''));
    t.deepEqual(heard, ['accepts', ...sizes.map((size) => `gets a ${size}`), 'closed']);
    t.false(net.story.some((line) => /p0 (closed|reset|timed-out)/.test(line)));
    t.is(net.shard.transport.ends.count, 0, 'both sides have let go of it');
  }
});

test('both sides may close at once; who has closed takes nothing more', async (t) => {
  const net = await story({
    open: (me, connection) => me.peer.after(1000, () => connection.close()),
    accept: (me, connection) => {
      me.peer.after(940, () => connection.send(sized(300)));
      me.peer.after(950, () => connection.close());
    },
  });
  const connection = net.peer(0)!.peer.connect(net.address(1));
  net.run(1095);
  t.true(connection.open);
  net.run(5000);
  t.deepEqual(net.story, ['100 p0 is open', '150 p1 accepts'], 'neither is told what it did itself');
  t.false(connection.send(sized(1)));
  const { books, ends } = net.shard.transport;
  t.deepEqual([ends.count, books.closed, books.lostBytes], [0, 2, 300]);
});

test('a polite departure closes; a crash says nothing', async (t) => {
  for (const [how, expected] of [
    ['leave', ['550 p0 gets a 5', '550 p0 closed']],
    ['crash', []],
  ] as const) {
    const connections: Connection[] = [];
    const net = await story({
      accept: (_me, connection) => connections.push(connection),
      leave: () => {
        for (const connection of connections) connection.send(sized(5));
      },
    });
    const mine = net.peer(0)!.peer.connect(net.address(1));
    net.run(500);
    net[how](1);
    net.run(500_000);
    t.deepEqual(net.story.slice(2), [...expected]);
    t.is(mine.open, how === 'crash', 'half-open: nobody has said anything since');
  }
});

test('after a crash a write finds out when nothing has been heard of it for long enough, by default 100 s', async (t) => {
  for (const [writeTimeoutMs, endMs] of [
    [undefined, 101_000],
    [3000, 4000],
  ] as const) {
    const net = await story({});
    const connection = net.peer(0)!.peer.connect(net.address(1), { writeTimeoutMs });
    net.run(500);
    net.crash(1);
    net.run(1000);
    t.true(connection.send(sized(100)), 'it does not know yet');
    net.run(400_000);
    t.deepEqual(net.story.slice(2), [`${endMs} p0 timed-out`]);
  }
});

test('after a crash keep-alive finds out without a write; without a crash it bothers nobody', async (t) => {
  for (const crashes of [true, false]) {
    const net = await story({});
    net.peer(0)!.peer.connect(net.address(1), { keepAliveMs: 10_000, writeTimeoutMs: 20_000 });
    net.run(25_000);
    if (crashes) net.crash(1);
    net.run(200_000);
    // Open at 100 ms; the third look, at 30.1 s, is the first that gets no answer for 20 s.
    t.deepEqual(net.story.slice(2), crashes ? ['50100 p0 timed-out'] : []);
  }
});

test('the side that was asked looks as often as the one that asked', async (t) => {
  const net = await story({});
  net.peer(0)!.peer.connect(net.address(1), { keepAliveMs: 10_000 });
  net.run(5000);
  net.crash(0);
  net.run(300_000);
  t.regex(net.story.at(-1)!, /^110150 p1 timed-out$/);
});

test('a peer that crashed and is back has forgotten: the first write is answered by a reset', async (t) => {
  const net = await story({});
  const connection = net.peer(0)!.peer.connect(net.address(1));
  net.run(500);
  net.crash(1);
  net.run(600);
  net.join(1);
  net.run(1000);
  t.true(connection.open);
  connection.send(sized(100));
  net.run(5000);
  t.deepEqual(net.story.slice(2), ['1100 p0 reset']);
  t.is(net.shard.transport.books.lostBytes, 100);
});

test('a partition is waited out when it ends in time, and ends the connection when it does not', async (t) => {
  for (const [until, expected] of [
    ['60s', /^(6[0-9]|7[0-9]|8[0-9]|9[0-9])\d{3}(\.\d+)? p1 gets a 900$/],
    ['300s', /^101000 p0 timed-out$/],
  ] as const) {
    const net = await story({}, { faults: faults(`from 900ms to ${until} partition peers 0 | peers 1`) });
    const connection = net.peer(0)!.peer.connect(net.address(1));
    net.run(1000);
    connection.send(sized(900));
    net.run(400_000);
    t.regex(net.story[2], expected);
  }
});

test('two who ask each other at once get one connection, and both hear that it is open', async (t) => {
  const net = await story({ open: (me, connection) => connection.send(sized(me.peer.name === 'p0' ? 10 : 20)) });
  const [mine, yours] = [net.peer(0)!.peer.connect(net.address(1)), net.peer(1)!.peer.connect(net.address(0))];
  net.run(1000);
  t.deepEqual(net.story, ['100 p0 is open', '100 p1 is open', '150 p0 gets a 20', '150 p1 gets a 10']);
  t.is(net.shard.transport.ends.count, 2);
  t.false(mine.incoming || yours.incoming);
  mine.close();
  net.run(2000);
  t.is(net.story.at(-1), '1050 p1 closed');
});

test('when one asks twice and the other once, none is mixed up with another', async (t) => {
  for (const loss of [0, 0.3]) {
    const net = await story(
      { open: (_me, connection) => connection.send(sized(connection.tag as number)) },
      { topology: { loss, jitter: loss }, seed: 5 },
    );
    const [zero, one] = [net.peer(0)!.peer, net.peer(1)!.peer];
    const asked = [
      zero.connect(net.address(1), { tag: 1 }),
      zero.connect(net.address(1), { tag: 2 }),
      one.connect(net.address(0), { tag: 3 }),
    ];
    net.run(60_000);
    const got = net.story.filter((line) => line.includes('gets')).map((line) => Number(line.split(' ').at(-1)));
    t.is(new Set(got).size, got.length);
    t.deepEqual(
      got.sort(),
      asked
        .filter(({ open }) => open)
        .map(({ tag }) => tag as number)
        .sort(),
    );
    t.true(got.length >= 2);
  }
});

test('closing before the answer is no word at all', async (t) => {
  const net = await story({});
  const early = net.peer(0)!.peer.connect(net.address(1));
  early.close();
  net.run(5000);
  t.false(early.open);
  t.deepEqual(net.story, []);
  t.is(net.shard.transport.ends.count, 0);
});

test('who asks itself is joined to itself, as a TCP socket is that calls its own port', async (t) => {
  const net = await story({ open: (_me, connection) => connection.send(sized(5)) });
  net.peer(0)!.peer.connect(net.address(0));
  net.run(5000);
  t.deepEqual(net.story, ['0 p0 is open', '0 p0 gets a 5']);
  t.is(net.shard.transport.ends.count, 1);
});
