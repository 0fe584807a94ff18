/** `peerage list`: what there is to run, with a sentence each. */

import type { Command } from 'commander';
import { Argument } from 'commander';
import { listProtocols, loadProtocol } from '../protocol-catalog.js';
import { wrap } from '../report/layout.js';
import { loadScenario } from '../scenario/load.js';
import { shippedNames } from '../scenario/package-files.js';
import { loadTopology } from '../scenario/topology-file.js';
import { terminal } from './run.js';

export function addList(program: Command): void {
  program
    .command('list')
    .description('what comes with Peerage')
    .addArgument(new Argument('[what]', 'one of them only').choices(['protocols', 'topologies', 'scenarios']))
    .action(async (what?: string) => {
      if (!what || what === 'protocols') {
        const lines = [];
        for (const name of listProtocols()) lines.push([name, (await loadProtocol(name)).about]);
        show('protocols', lines);
      }
      if (!what || what === 'topologies')
        show(
          'topologies',
          shippedNames('topologies').map((name) => [name, loadTopology(name).about]),
        );
      if (!what || what === 'scenarios')
        show(
          'scenarios',
          shippedNames('scenarios').map((name) => [name, loadScenario(name, { set: [] }).about]),
        );
    });
}

function show(title: string, lines: readonly string[][]): void {
  const width = Math.max(...lines.map(([name]) => name.length));
  process.stdout.write(`${title}\n`);
  for (const [name, about] of lines) {
    const [first, ...rest] = wrap(about.replace(/\s+/g, ' ').trim(), terminal().width - width - 4);
    process.stdout.write(`  ${name.padEnd(width)}  ${first}\n`);
    for (const line of rest) process.stdout.write(`${' '.repeat(width + 4)}${line}\n`);
  }
}
