/**
 * `peerage check`: proves that a scenario gives the same run on 1, 2 and 4 shards and in strict mode. When two runs differ, it looks up
 * the first interval of the time series whose checksum differs, repeats both with every delivery of that interval recorded, and names
 * the first delivery that is not the same.
 */

import type { Command } from 'commander';
import { type RunResult, runScenario } from '../coordinator/run.js';
import { isRepeatable, whyNotRepeatable } from '../metrics/clock-summary.js';
import { Problem } from '../problem.js';
import type { Scenario } from '../scenario/scenario.js';
import type { TraceRow } from '../shard/messages.js';
import { finish } from './finish.js';
import { addScenarioOptions, load, resolveAll, type ScenarioOptions } from './options.js';

interface Way {
  readonly shards: number;
  readonly strict: boolean;
}

const WAYS: readonly Way[] = [
  { shards: 1, strict: false },
  { shards: 2, strict: false },
  { shards: 4, strict: false },
  { shards: 1, strict: true },
];

export function addCheck(program: Command): void {
  const command = program
    .command('check <scenario>')
    .description('run a scenario on 1, 2 and 4 shards and in strict mode, and compare the digests')
    .option('--protocol <name|file>', 'the protocol (default: every one the scenario names)');
  addScenarioOptions(command).action(async (name: string, options: ScenarioOptions) => {
    let same = true;
    for (const scenario of await resolveAll(load(name, options))) same = (await checkProtocol(scenario)) && same;
    finish(same ? 'ok' : 'digests-differ');
  });
}

async function checkProtocol(scenario: Scenario): Promise<boolean> {
  if (!isRepeatable(scenario)) {
    throw new Problem(`scenario ${scenario.name}: expected a run that can be repeated, to compare digests: ${whyNotRepeatable(scenario)}`);
  }
  const results: RunResult[] = [];
  for (const way of WAYS) {
    const result = await runScenario(scenario, { ...way, shards: Math.min(way.shards, scenario.peers) });
    const { status, reason, digest, shards, traffic } = result.measures;
    if (status === 'failed')
      throw new Problem(`${scenario.protocol.name} on ${describe(way)}: ${reason}`, result.failure ?? 'protocol-failed');
    const used = shards === way.shards ? '' : ` (the topology cannot be divided: ${shards} used)`;
    process.stdout.write(
      `${scenario.protocol.name.padEnd(12)} ${describe(way).padEnd(18)} ${digest}  ${traffic.delivered} deliveries${used}\n`,
    );
    results.push(result);
  }
  const odd = results.findIndex(({ measures }) => measures.digest !== results[0].measures.digest);
  if (odd < 0) {
    process.stdout.write(`${scenario.protocol.name}: the same run every time\n`);
    return true;
  }
  process.stdout.write(`${scenario.protocol.name}: ${describe(WAYS[odd])} differs from ${describe(WAYS[0])}\n`);
  process.stdout.write(`${await firstDifference(scenario, results[0], results[odd], WAYS[odd])}\n`);
  return false;
}

async function firstDifference(scenario: Scenario, left: RunResult, right: RunResult, way: Way): Promise<string> {
  const rows = left.measures.series;
  const row = rows.findIndex((each, i) => each.checksum !== right.measures.series[i]?.checksum);
  if (row < 0) return 'no interval of the time series differs: only the order of equal deliveries does';
  const trace = { fromMs: rows[row].startMs, toMs: rows[row].endMs };
  const [a, b] = [
    (await runScenario(scenario, { ...WAYS[0], trace })).trace.toSorted(byKey),
    (await runScenario(scenario, { ...way, trace })).trace.toSorted(byKey),
  ];
  const at = a.findIndex(
    (each, i) => b[i] === undefined || byKey(each, b[i]) !== 0 || each.type !== b[i].type || each.sizeBytes !== b[i].sizeBytes,
  );
  if (at < 0 && a.length === b.length)
    return `between ${trace.fromMs} and ${trace.toMs} ms; repeated, the two did not differ: the protocol is not repeatable`;
  const index = at < 0 ? a.length : at;
  return `the first delivery that differs:\n  ${describe(WAYS[0])}: ${show(a[index])}\n  ${describe(way)}: ${show(b[index])}`;
}

function byKey(a: TraceRow, b: TraceRow): number {
  return a.timeMs - b.timeMs || a.destination - b.destination || a.source - b.source || a.sequence - b.sequence;
}

function show(row: TraceRow | undefined): string {
  if (row === undefined) return 'nothing more';
  return `${row.timeMs} ms  p${row.source} -> p${row.destination}  "${row.type}", ${row.sizeBytes} bytes, number ${row.sequence} of its sender`;
}

function describe({ shards, strict }: Way): string {
  return `${shards} shard${shards === 1 ? '' : 's'}${strict ? ', strict' : ''}`;
}
