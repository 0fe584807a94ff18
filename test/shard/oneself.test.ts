import test from 'ava';
import { plainNat } from '../helpers/plain-topology.js';
import { type Puppet, puppet } from '../helpers/puppet.js';
import { classOfKind } from '../helpers/reachers.js';
import { testnet } from '../helpers/testnet.js';

test('what a peer on the open network sends to itself is there at once, also where others are behind gateways', async (t) => {
  for (const nat of [[], [plainNat({ share: 0.5 }), classOfKind('symmetric', { share: 0.5 })]]) {
    const took: number[] = [];
    const net = await testnet<Puppet>(puppet({ message: (me, _from, { n }) => took.push(me.peer.now - Number(n)) }), {
      peers: 40,
      latencyMs: 30,
      topology: { nat },
    });
    for (let round = 0; round < 20; round++) {
      for (let peer = 0; peer < 40; peer++) {
        const { peer: me } = net.peer(peer)!;
        if (net.shard.addresses.reachable(peer)) me.send(me.address, { type: 'a', n: net.now } as never);
      }
      net.runFor(10);
    }
    t.is(took.length, (nat.length === 0 ? 40 : 20) * 20);
    t.true(
      took.every((ms) => ms === 0),
      `${Math.max(...took)} ms`,
    );
  }
});
