/**
 * `peerage plan`: what a scenario will take, before it is run. It runs a small population of the same scenario for a few seconds and
 * scales up what it measures; a run that cannot fit is refused.
 */

import { totalmem } from 'node:os';
import type { Command } from 'commander';
import { runScenario } from '../coordinator/run.js';
import { placePeers } from '../network/placement.js';
import { bytes, count, duration, share, whole } from '../report/format.js';
import { alignTable } from '../report/layout.js';
import { paint } from '../report/paint.js';
import { phaseTimes } from '../scenario/phases.js';
import type { Scenario } from '../scenario/scenario.js';
import { finish } from './finish.js';
import { addRunningOptions, load, type RunningOptions, resolveOne, shardsFor } from './options.js';

const SAMPLE_PEERS = 2_000;
const SAMPLE_WALL_MS = 4_000;
/** What a thread takes before it holds a peer: V8, libraries, exchange boxes; in bytes, as measured on Node 20. */
const THREAD_BYTES = 60e6;
/** Garbage and buffers on top of what is alive: a heap is let grow to about this multiple before it is collected. */
const HEADROOM = 1.6;
const USABLE_SHARE = 0.75;

export function addPlan(program: Command): void {
  const command = program
    .command('plan <scenario>')
    .description('expected memory, lookahead and events of a run, from a small sample of it')
    .option('--protocol <name|file>', 'the protocol (default: the first the scenario names)');
  addRunningOptions(command).action(async (name: string, options: RunningOptions) => {
    const loaded = load(name, options);
    const scenario = await resolveOne(loaded);
    const shards = shardsFor(options, scenario.peers);
    const sampled = Math.min(scenario.peers, SAMPLE_PEERS);
    const signal = AbortSignal.timeout(SAMPLE_WALL_MS);
    // By virtual time, whatever the scenario's clock: what is to be known is how fast it can go.
    const { measures } = await runScenario({ ...scenario, peers: sampled, clock: { kind: 'virtual' } }, { shards: 1, signal, weigh: true });
    const placement = placePeers(scenario.topology, Math.min(scenario.peers, 100_000), shards, scenario.seed);
    const perPeer = measures.effort.bytesPerPeer ?? 0;
    const total = perPeer * scenario.peers * HEADROOM + THREAD_BYTES * (placement.shards + 1);
    const totalSeconds = phaseTimes(scenario).endMs / 1000;
    const eventsPerSecond = ((measures.events / Math.max(measures.virtualMs, 1)) * 1000 * scenario.peers) / sampled;
    const rate = (measures.events / measures.effort.runWallMs) * 1000;
    const rows: [string, string][] = [
      ['peers', whole(scenario.peers)],
      ['memory per peer', bytes(perPeer)],
      ['memory in all', `about ${bytes(total)} of ${bytes(totalmem())}`],
      ['shards', `${placement.shards}${placement.shards < shards ? ` (${shards} asked for; the topology cannot be divided so)` : ''}`],
      ['lookahead', Number.isFinite(placement.lookaheadMs) ? duration(placement.lookaheadMs) : 'none needed: one shard'],
      ['virtual time', duration(totalSeconds * 1000)],
      ['events per virtual second', `about ${count(eventsPerSecond)}`],
      ['events in all', `about ${count(eventsPerSecond * totalSeconds)}`],
      ['wall time', wallTime(scenario.clock, totalSeconds, eventsPerSecond, rate, placement.shards)],
    ];
    if (options.json) {
      const plan = {
        peers: scenario.peers,
        bytesPerPeer: perPeer,
        totalBytes: total,
        shards: placement.shards,
        eventsPerVirtualSecond: eventsPerSecond,
      };
      process.stdout.write(
        `${JSON.stringify({ ...plan, lookaheadMs: Number.isFinite(placement.lookaheadMs) ? placement.lookaheadMs : null }, null, 2)}\n`,
      );
    } else {
      process.stdout.write(`${alignTable(rows, paint(false)).join('\n')}\n`);
      process.stdout.write(
        `\nFrom ${whole(sampled)} peers over ${duration(measures.virtualMs)} of virtual time; events per peer are taken to stay the same.\n`,
      );
    }
    const fits = total <= totalmem() * USABLE_SHARE;
    finish(
      fits ? 'ok' : 'does-not-fit',
      fits
        ? null
        : `${whole(scenario.peers)} peers would take about ${bytes(total)}, more than ${USABLE_SHARE * 100} % of this machine's memory`,
    );
  });
}

/** @param rate events that a shard handles in a second of wall time, by the sample */
function wallTime(clock: Scenario['clock'], totalSeconds: number, eventsPerSecond: number, rate: number, shards: number): string {
  if (clock.kind === 'wall') {
    const load = (eventsPerSecond * clock.speed) / rate / shards;
    return `${duration((totalSeconds / clock.speed) * 1000)} by the wall clock, which asks for about ${share(load)} of what the shards can do`;
  }
  return `about ${duration(((eventsPerSecond * totalSeconds) / rate / shards) * 1000)} at the sample's ${count(rate)} events/s a shard`;
}
