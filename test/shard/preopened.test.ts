/** Connections that are open from the start: no handshake, and the ends find each other. */

import test from 'ava';
import { addressOf } from '../../src/network/address.js';
import type { Connection } from '../../src/protocol.js';
import { behind, OPEN } from '../helpers/nat-world.js';
import { type Note, type Puppet, puppet, type Script } from '../helpers/puppet.js';
import { type Testnet, type TestnetOptions, testnet } from '../helpers/testnet.js';

const note = (n: number) => ({ type: 'a', n }) as Note;

/** Two peers with a connection from the start; `ends` are theirs. */
async function joined(script: Script = {}, options: Partial<TestnetOptions> = {}) {
  const ends: Connection[] = [];
  const story: string[] = [];
  const write = (me: Puppet, what: string) => void story.push(`${Math.round(me.peer.now)} ${me.peer.name} ${what}`);
  const definition = puppet(
    {
      accept: (me) => write(me, 'accepts'),
      open: (me) => write(me, 'opens'),
      message: (me, _from, message) => write(me, `gets ${message.n}`),
      close: (me, _connection, reason) => write(me, reason),
      ...script,
    },
    {
      converge(everyone) {
        for (const { index } of everyone.local) ends[index] = everyone.connect(index, 1 - index, { tag: index });
      },
    },
  );
  const net: Testnet<Puppet> = await testnet<Puppet>(definition, { peers: 2, ...options });
  return { net, ends, story };
}

test('both sides can speak at once, in order, without a handshake', async (t) => {
  const { net, ends, story } = await joined();
  t.deepEqual(
    ends.map(({ open, incoming, remote, roundTripMs, tag }) => [open, incoming, remote, roundTripMs, tag]),
    [
      [true, false, net.address(1), 100, 0],
      [true, true, net.address(0), 100, 1],
    ],
  );
  for (const n of [1, 2]) for (const end of ends) end.send(note(n));
  net.run(100);
  t.deepEqual(story, ['50 p0 gets 1', '50 p0 gets 2', '50 p1 gets 1', '50 p1 gets 2']);
  ends[0].send(note(3));
  net.run(1000);
  t.is(story.at(-1), '150 p1 gets 3');
  const { asked, opened, accepted, controls, segments } = net.shard.transport.books;
  t.deepEqual([asked, opened, accepted, controls, segments], [0, 0, 0, 0, 5]);
});

test('it ends like any other, even if nothing was ever said on it', async (t) => {
  for (const [how, reason] of [
    ['close', 'closed'],
    ['reset', 'reset'],
  ] as const) {
    const { net, ends, story } = await joined();
    ends[1][how]();
    net.run(1000);
    t.deepEqual(story, [`50 p0 ${reason}`]);
    t.deepEqual(
      ends.map(({ open }) => open),
      [false, false],
    );
    t.is(net.shard.transport.ends.count, 0);
  }
});

test('who crashed and is back knows nothing of it', async (t) => {
  const { net, ends, story } = await joined();
  net.crash(1);
  net.join(1);
  ends[0].send(note(1));
  net.run(1000);
  t.deepEqual(story, ['100 p0 reset']);
  t.false(ends[1].send(note(2)));
});

test('nor does a newer connection of the same two get what was meant for it', async (t) => {
  const { net, ends, story } = await joined();
  const newer = net.peer(0)!.peer.connect(net.address(1));
  net.run(200);
  ends[0].close();
  net.run(400);
  t.deepEqual(story, ['100 p0 opens', '150 p1 accepts', '250 p1 closed']);
  newer.send(note(1));
  net.run(1000);
  t.is(story.at(-1), '450 p1 gets 1');
});

test('loss takes time only', async (t) => {
  const { net, ends, story } = await joined({}, { topology: { loss: 0.3 } });
  const numbers = Array.from({ length: 30 }, (_, i) => i);
  for (const n of numbers) ends[0].send(note(n));
  net.run(60_000);
  t.deepEqual(
    story.map((line) => Number(line.split(' ').at(-1))),
    numbers,
  );
});

test('behind a gateway that gives each destination a random port, the other side learns where to answer', async (t) => {
  const nat = [{ ...OPEN, share: 0.5 }, behind({ mapping: 'address-and-port-dependent', ports: 'random' }, { share: 0.5 })];
  let seed = 1;
  let world = await joined({}, { topology: { nat }, seed });
  const isMixed = () => world.net.shard.addresses.reachable(0) !== world.net.shard.addresses.reachable(1);
  while (!isMixed()) world = await joined({}, { topology: { nat }, seed: ++seed });
  const { net, ends, story } = world;
  const open = net.shard.addresses.reachable(0) ? 0 : 1;
  t.deepEqual([ends[open].incoming, ends[1 - open].incoming], [true, false]);
  ends[open].send(note(1)); // by a guess of the address, and again when that was wrong
  ends[1 - open].send(note(2));
  net.run(5000);
  t.true(story.includes(`50 p${open} gets 2`));
  t.regex(story.join(), new RegExp(`\\d+ p${1 - open} gets 1`));
  t.is(ends[1 - open].remote, addressOf(open));
  t.not(ends[open].remote, net.shard.addresses.own(1 - open));
  ends[open].send(note(3));
  net.run(5060);
  t.is(story.at(-1), `5050 p${1 - open} gets 3`);
});

test('two who cannot be called cannot begin with a connection', async (t) => {
  await t.throwsAsync(joined({}, { topology: { nat: [behind({}, { share: 1 })] } }), {
    message: /connection of peer p0 with one that can be called as little as it, p1/,
  });
});

test('a star of many: whatever each of its points says arrives at its own end, also after some have gone and come back', async (t) => {
  const points = 100;
  const heard = new Map<string, number[]>();
  const ends = new Map<Connection, number>();
  const definition = puppet(
    {
      message: (me, _from, message, connection) => {
        if (!me.peer.isServer || connection === null) return;
        heard.set(`${message.n}`, [...(heard.get(`${message.n}`) ?? []), ends.get(connection) ?? -1]);
      },
      accept: () => {},
    },
    {
      servers: () => 1,
      converge: (everyone) => {
        for (const { index, protocol } of everyone.local) {
          if (index < points) {
            const connection = everyone.connect(index, points);
            protocol.peer.after(100 + index, () => connection.send({ type: 'a', n: index } as Note));
            protocol.peer.after(101 + index, () => connection.send({ type: 'a', n: index } as Note));
          } else for (let point = 0; point < points; point++) ends.set(everyone.connect(points, point), point);
        }
      },
    },
  );
  const net = await testnet<Puppet>(definition, { peers: points, latencyMs: 300 });
  net.run(50);
  net.crash(3);
  net.join(3);
  net.run(2000);
  for (let point = 0; point < points; point++) t.deepEqual(heard.get(`${point}`), point === 3 ? undefined : [point, point]);
  const again = net.peer(3)!.peer.connect(net.address(points));
  net.run(4000);
  again.send({ type: 'a', n: 3 } as Note);
  net.run(6000);
  t.deepEqual(heard.get('3'), [-1], 'a new connection, not the old end');
});
