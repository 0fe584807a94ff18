/**
 * `peerage plan`: what a scenario will take, before it is run. It runs a small population of the same scenario for a few seconds and
 * scales up what it measures; a run that cannot fit is refused.
 */

import { totalmem } from 'node:os';
import type { Command } from 'commander';
import { estimateRun, USABLE_SHARE } from '../coordinator/estimate.js';
import { bytes, count, duration, share, whole } from '../report/format.js';
import { alignTable } from '../report/layout.js';
import { paint } from '../report/paint.js';
import type { Scenario } from '../scenario/scenario.js';
import { finish } from './finish.js';
import { addRunningOptions, load, type RunningOptions, resolveOne, shardsFor } from './options.js';

export function addPlan(program: Command): void {
  const command = program
    .command('plan <scenario>')
    .description('expected memory, lookahead and events of a run, from a small sample of it')
    .option('--protocol <name|file>', 'the protocol (default: the first the scenario names)');
  addRunningOptions(command).action(async (name: string, options: RunningOptions) => {
    const loaded = load(name, options);
    const scenario = await resolveOne(loaded);
    const shards = shardsFor(options, scenario.peers);
    const { sample, totalBytes: total, fits, virtualMs, eventsPerVirtualSecond, ...placement } = await estimateRun(scenario, shards);
    const totalSeconds = virtualMs / 1000;
    const rows: [string, string][] = [
      ['peers', whole(scenario.peers)],
      ['memory per peer', bytes(sample.bytesPerPeer)],
      ['memory in all', `about ${bytes(total)} of ${bytes(totalmem())}`],
      ['shards', `${placement.shards}${placement.shards < shards ? ` (${shards} asked for; the topology cannot be divided so)` : ''}`],
      ['lookahead', Number.isFinite(placement.lookaheadMs) ? duration(placement.lookaheadMs) : 'none needed: one shard'],
      ['virtual time', duration(virtualMs)],
      ['events per virtual second', `about ${count(eventsPerVirtualSecond)}`],
      ['events in all', `about ${count(eventsPerVirtualSecond * totalSeconds)}`],
      ['wall time', wallTime(scenario.clock, totalSeconds, eventsPerVirtualSecond, sample.eventsPerSecond, placement.shards)],
    ];
    if (options.json) {
      const plan = {
        peers: scenario.peers,
        bytesPerPeer: sample.bytesPerPeer,
        totalBytes: total,
        shards: placement.shards,
        eventsPerVirtualSecond,
      };
      process.stdout.write(
        `${JSON.stringify({ ...plan, lookaheadMs: Number.isFinite(placement.lookaheadMs) ? placement.lookaheadMs : null }, null, 2)}\n`,
      );
    } else {
      process.stdout.write(`${alignTable(rows, paint(false)).join('\n')}\n`);
      process.stdout.write(
        `\nFrom ${whole(sample.peers)} peers over ${duration(sample.virtualMs)} of virtual time; events per peer are taken to stay the same.\n`,
      );
    }
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
