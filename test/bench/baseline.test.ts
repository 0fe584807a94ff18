import test from 'ava';
import { chord, flood } from '../../bench/baseline.js';

/** SimGrid and PeerSim deliver 851,094 and 407,639 messages on the same two workloads. */
test('the hand-written loop does the same work as other simulators do', (t) => {
  within(chord(10_000).messages, 851_094);
  within(flood(10_000, 100).messages, 407_639);
  t.pass();
});

test('an uplink that sends one message after the other changes no count', (t) => {
  within(chord(1000, 10, { fifoUplink: true }).messages, 68_501, 0.02);
  within(flood(10_000, 50, { fifoUplink: true }).messages, 203_820, 0.02);
  t.pass();
});

test('a ring of one owns every key, and asks nobody', (t) => {
  t.is(chord(1, 10).messages, 0);
});

function within(messages: number, expected: number, relative = 0.01): void {
  if (!(Math.abs(messages / expected - 1) < relative)) throw new Error(`${messages} messages, expected about ${expected}`);
}
