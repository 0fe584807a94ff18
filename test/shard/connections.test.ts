import test from 'ava';
import type { Connection } from '../../src/protocol.js';
import { type Note, type Puppet, puppet } from '../helpers/puppet.js';
import { story as net } from '../helpers/story.js';
import { testnet } from '../helpers/testnet.js';

test('a handshake takes one round trip, and the other side knows half of one later', async (t) => {
  const two = await net({});
  two.peer(0)!.peer.connect(two.address(1));
  two.run(1000);
  t.deepEqual(two.story, ['100 p0 is open', '150 p1 accepts']);
});

test('messages arrive in order, each after one latency on an open line', async (t) => {
  const two = await net({
    open: (_me, connection) => {
      for (let n = 1; n <= 3; n++) connection.send({ type: 'a', n } as Note);
    },
  });
  two.peer(0)!.peer.connect(two.address(1));
  two.run(1000);
  t.deepEqual(two.story.slice(2), ['150 p1 gets a 1', '150 p1 gets a 2', '150 p1 gets a 3']);
});

test('who does not listen refuses', async (t) => {
  const story: string[] = [];
  const two = await testnet<Puppet>(puppet({ close: (me, _connection, reason) => story.push(`${me.peer.now} ${reason}`) }), { peers: 2 });
  two.peer(0)!.peer.connect(two.address(1));
  two.run(1000);
  t.deepEqual(story, ['100 refused']);
});

test('a large message takes slow start: 10, 20, 40 segments a round trip', async (t) => {
  const two = await net({ open: (_me, connection) => connection.send({ type: 'a', n: 1460 * 70 } as Note) });
  two.peer(0)!.peer.connect(two.address(1));
  two.run(2000);
  // 100 handshake, then rounds at 100, 200 and 300, each arriving half a round trip later.
  t.is(two.story.at(-1), '350 p1 gets a 102200');
});

test('loss costs time, not data, and order is kept', async (t) => {
  const got: number[] = [];
  const two = await net(
    {
      open: (_me: Puppet, connection: Connection) => {
        for (let n = 1; n <= 200; n++) connection.send({ type: 'a', n } as Note);
      },
      message: (_me, _from, message) => got.push(Number(message.n)),
    },
    { topology: { loss: 0.2 } },
  );
  two.peer(0)!.peer.connect(two.address(1));
  two.run(60_000);
  t.deepEqual(
    got,
    Array.from({ length: 200 }, (_, i) => i + 1),
  );
});
