/** Damaged packets: a datagram is dropped by its checksum unless the protocol asks for it; on a connection it is lost, and sent again. */

import test from 'ava';
import { DROP_REASONS } from '../../src/metrics/measures.js';
import { planFaults } from '../../src/scenario/fault-plan.js';
import { type Note, puppet, type Script } from '../helpers/puppet.js';
import { testnet } from '../helpers/testnet.js';

const corrupt = (share: string) => planFaults([`from 0s to 10s corrupt ${share}`], { sites: [], peers: 2 }, (_, error) => error);

async function damaged(script: Script, share = '100%') {
  const net = await testnet(puppet(script), { peers: 2, faults: corrupt(share) });
  net.run(100);
  const me = net.peer(0)!.peer;
  for (let n = 0; n < 5; n++) me.send(net.address(1), { type: 'a', n } as Note);
  net.run(5000);
  const { dropped, delivered } = net.shard.report(net.shard.progress(false));
  return { net, corrupted: dropped[DROP_REASONS.indexOf('corrupted')], delivered };
}

test('a damaged datagram is dropped, for a reason of its own', async (t) => {
  let heard = 0;
  const { corrupted, delivered } = await damaged({ message: () => heard++ });
  t.deepEqual([corrupted, delivered, heard], [5, 0, 0]);
});

test('a protocol that asks for damaged datagrams sees them, marked, and they still do not count as delivered', async (t) => {
  const seen: unknown[] = [];
  let heard = 0;
  const { net, corrupted, delivered } = await damaged({
    message: () => heard++,
    corrupted: (me, from, message) => seen.push([me.peer.name, from, message.n]),
  });
  t.deepEqual(
    seen,
    [0, 1, 2, 3, 4].map((n) => ['p1', net.address(0), n]),
  );
  t.deepEqual([corrupted, delivered, heard], [5, 0, 0]);
});

test('on a connection everything arrives all the same, in order', async (t) => {
  const got: unknown[] = [];
  const { net } = await damaged(
    { accept: () => {}, message: (_me, _from, message, connection) => connection && got.push(message.n) },
    '20%',
  );
  const connection = net.peer(0)!.peer.connect(net.address(1));
  net.run(9000);
  t.true(connection.open);
  for (let n = 0; n < 100; n++) connection.send({ type: 'b', n } as Note);
  net.run(60_000);
  t.deepEqual(
    got,
    Array.from({ length: 100 }, (_, n) => n),
  );
  t.true(net.shard.transport.books.lost[DROP_REASONS.indexOf('corrupted')] > 0);
});
