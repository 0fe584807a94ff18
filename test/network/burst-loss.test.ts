import test from 'ava';
import { Stream } from '../../src/kernel/random.js';
import { GilbertElliott, meanLoss } from '../../src/network/burst-loss.js';
import type { BurstLoss } from '../../src/network/topology.js';

function fates(bursts: BurstLoss, packets: number, seed = 1): boolean[] {
  const chain = new GilbertElliott(bursts, 1);
  const random = new Stream(seed, 0, 'network');
  return Array.from({ length: packets }, () => chain.lost(0, random));
}

/** Lengths of the runs of losses. */
function runs(lost: readonly boolean[]): number[] {
  const lengths: number[] = [];
  lost.forEach((each, index) => {
    if (!each) return;
    if (lost[index - 1]) lengths[lengths.length - 1]++;
    else lengths.push(1);
  });
  return lengths;
}

const share = (lost: readonly boolean[]) => lost.filter(Boolean).length / lost.length;
const mean = (values: readonly number[]) => values.reduce((sum, each) => sum + each, 0) / values.length;

/**
 * Losses of a chain whose states hang together by r = 1 - enter - leave: the variance of their share among n packets is that of
 * independent ones, times (1 + r) / (1 - r) for the part that the states cause.
 */
function tolerance(bursts: BurstLoss, packets: number): number {
  const p = meanLoss(bursts);
  const r = 1 - bursts.enter - bursts.leave;
  return 5 * Math.sqrt(((p * (1 - p)) / packets) * Math.max(1, (1 + r) / (1 - r)));
}

test('share of losses and length of bursts are those of theory', (t) => {
  const packets = 400_000;
  for (const [enter, leave] of [
    [0.01, 0.2],
    [0.002, 0.05],
    [0.3, 0.5],
  ]) {
    const bursts: BurstLoss = { enter, leave, lossGood: 0, lossBad: 1 };
    t.is(meanLoss(bursts), enter / (enter + leave));
    const lost = fates(bursts, packets);
    t.true(Math.abs(share(lost) - meanLoss(bursts)) < tolerance(bursts, packets), `${share(lost)} for ${meanLoss(bursts)}`);
    const lengths = runs(lost);
    // Geometric: mean 1 / leave, variance (1 - leave) / leave^2.
    const error = 5 * Math.sqrt((1 - leave) / lengths.length) * (1 / leave);
    t.true(Math.abs(mean(lengths) - 1 / leave) < error, `bursts of ${mean(lengths)} for ${1 / leave}`);
  }
});

test('both states lose their own share', (t) => {
  const bursts: BurstLoss = { enter: 0.02, leave: 0.1, lossGood: 0.01, lossBad: 0.5 };
  t.true(Math.abs(meanLoss(bursts) - ((1 / 6) * 0.5 + (5 / 6) * 0.01)) < 1e-12);
  const lost = fates(bursts, 400_000);
  t.true(Math.abs(share(lost) - meanLoss(bursts)) < tolerance(bursts, 400_000), `${share(lost)}`);
  // That the packet before was lost says that the state is probably bad: P(lost | lost before), from the chain.
  const after = lost.filter((_, index) => index > 0 && lost[index - 1]);
  const badThen = ((1 / 6) * 0.5) / meanLoss(bursts);
  const badNow = badThen * 0.9 + (1 - badThen) * 0.02;
  const expected = badNow * 0.5 + (1 - badNow) * 0.01;
  t.true(Math.abs(share(after) - expected) < 5 * Math.sqrt((expected * (1 - expected)) / after.length), `${share(after)} for ${expected}`);
});

test('without memory it is independent loss', (t) => {
  const bursts: BurstLoss = { enter: 0.2, leave: 0.8, lossGood: 0, lossBad: 1 };
  const lost = fates(bursts, 200_000);
  const after = lost.filter((_, index) => index > 0 && lost[index - 1]);
  t.true(Math.abs(share(lost) - 0.2) < 5 * Math.sqrt(0.16 / 200_000));
  t.true(Math.abs(share(after) - 0.2) < 5 * Math.sqrt(0.16 / after.length));
});

test('those who send one packet lose as much as those who send many', (t) => {
  const bursts: BurstLoss = { enter: 0.001, leave: 0.009, lossGood: 0, lossBad: 1 };
  const senders = 20_000;
  const chain = new GilbertElliott(bursts, senders);
  let lost = 0;
  for (let sender = 0; sender < senders; sender++) if (chain.lost(sender, new Stream(7, sender, 'network'))) lost++;
  t.true(Math.abs(lost / senders - 0.1) < 5 * Math.sqrt(0.09 / senders), `${lost} of ${senders}`);
});

test('each sender has a chain of its own', (t) => {
  const bursts: BurstLoss = { enter: 0.05, leave: 0.05, lossGood: 0, lossBad: 1 };
  const chain = new GilbertElliott(bursts, 2);
  const streams = [new Stream(1, 0, 'network'), new Stream(2, 0, 'network')];
  const together: boolean[] = [];
  for (let i = 0; i < 500; i++) {
    together.push(chain.lost(0, streams[0]));
    for (let k = 0; k < i % 3; k++) chain.lost(1, streams[1]);
  }
  t.deepEqual(together, fates(bursts, 500));
});

test('a chain that never turns bad loses nothing', (t) => {
  t.false(fates({ enter: 0, leave: 0.5, lossGood: 0, lossBad: 1 }, 1000).some(Boolean));
});
