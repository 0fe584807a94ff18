import test from 'ava';
import phold from '../../src/protocols/phold.js';
import { FakeNetwork } from '../helpers/fake-network.js';

test('jobs are neither lost nor made, and go to all others alike', (t) => {
  const net = new FakeNetwork({ latencyMs: 50 });
  const hosts = net.converge(20, phold, { population: 5, meanDelayMs: 450 });
  net.run(200_000);
  // 100 jobs, each with a hop every 500 ms in the mean.
  t.true(Math.abs(net.sent.length / 40_000 - 1) < 0.02, `${net.sent.length} hops`);
  const received = hosts.map((host) => net.sent.filter((sent) => sent.to === host.address).length);
  for (const hops of received) t.true(Math.abs(hops / (net.sent.length / 20) - 1) < 0.1, `${hops} hops`);
  t.true(net.sent.every((sent) => sent.from !== sent.to));
});

test('without local delay only the network delays: every job hops once a latency', (t) => {
  const net = new FakeNetwork({ latencyMs: 50 });
  net.converge(10, phold, { population: 3, meanDelayMs: 0 });
  net.run(1000);
  net.sent.length = 0;
  net.run(11_000);
  t.is(net.sent.length, 30 * 200);
});

test('joining one by one works, even for the first, who is alone', (t) => {
  const net = new FakeNetwork({ latencyMs: 50 });
  net.addPeer(phold, { meanDelayMs: 0 }).protocol.join();
  net.run(5000);
  t.is(net.sent.length, 0);
  net.addPeer(phold, { meanDelayMs: 0 }).protocol.join();
  net.run(10_000);
  net.sent.length = 0;
  net.run(11_000);
  t.is(net.sent.length, 2 * 20);
});
