import test from 'ava';
import ping from '../../src/protocols/ping.js';
import { FakeNetwork } from '../helpers/fake-network.js';

test('every peer pings once a period, every ping is ponged', (t) => {
  for (const how of ['converge', 'join'] as const) {
    const net = new FakeNetwork({ latencyMs: 20 });
    if (how === 'converge') net.converge(10, ping, { periodMs: 500 });
    else for (let i = 0; i < 10; i++) net.addPeer(ping, { periodMs: 500 }).protocol.join();
    net.run(10_000);
    t.is(net.counters.get('pings'), 200);
    t.is(net.sentOf('ping').length, 200);
    net.hosts.forEach((host) => {
      net.crash(host.index); // no new pings; what is on its way is lost
    });
    const pongs = net.counters.get('pongs') ?? 0;
    t.true(pongs > 180 && pongs <= 200, `${pongs} pongs`);
    t.is(net.sentOf('pong').filter((sent) => sent.atMs + 20 <= 10_000).length, pongs);
  }
});

test('alone, a peer pings nobody', (t) => {
  const net = new FakeNetwork();
  net.converge(1, ping);
  net.run(10_000);
  t.is(net.sent.length, 0);
});

test('a message is as large as asked', (t) => {
  t.is(ping.sizeOf?.({ type: 'ping' } as never, { partners: 0, periodMs: 1, payloadBytes: 1000 }), 1000);
});
