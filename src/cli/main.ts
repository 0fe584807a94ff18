#!/usr/bin/env node
/** The command line. Each command is a file of its own; here they are put together, and problems become sentences and exit codes. */

import { Command, CommanderError } from 'commander';
import { Problem } from '../problem.js';
import { version } from '../version.js';
import { addCheck } from './check.js';
import { addCompare } from './compare.js';
import { addCompareRuns } from './compare-runs.js';
import { EXIT_CODES } from './exit-codes.js';
import { finish } from './finish.js';
import { addList } from './list.js';
import { addPlan } from './plan.js';
import { addReportCommand } from './report.js';
import { addRun } from './run.js';
import { addSweep } from './sweep.js';
import { addTopology } from './topology.js';
import { addTrace } from './trace.js';
import { addView } from './view.js';

// Whoever reads our output may stop reading (`peerage list | head`): that is no mistake.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT_CODES.ok.code);
  throw error;
});

const program = new Command('peerage')
  .description('Peerage: a peer-to-peer cluster emulator. Real protocol code, many light peers, an honest network.')
  .version(version())
  .showHelpAfterError('(peerage --help shows what there is)')
  .exitOverride();
const commands = [
  addRun,
  addView,
  addTrace,
  addCompare,
  addSweep,
  addCompareRuns,
  addReportCommand,
  addCheck,
  addPlan,
  addTopology,
  addList,
];
for (const add of commands) add(program);
const exits = Object.entries(EXIT_CODES).map(([name, { code, about }]) => `  ${String(code).padStart(3)}  ${name}: ${about}`);
program.addHelpText('after', `\nExit codes:\n${exits.join('\n')}`);
for (const command of program.commands) command.exitOverride();

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) finish(error.exitCode === 0 ? 'ok' : 'usage');
  else if (error instanceof Problem) finish(error.kind, error.message);
  else {
    process.stderr.write(`${(error as Error)?.stack ?? error}\n`);
    finish('internal');
  }
}
