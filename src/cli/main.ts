#!/usr/bin/env node
/** The command line. Each command is a file of its own; here they are put together, and problems become sentences and exit codes. */

import { Command, CommanderError } from 'commander';
import { Problem } from '../problem.js';
import { version } from '../version.js';
import { COMMANDS } from './commands.js';
import { EXIT_CODES } from './exit-codes.js';
import { finish } from './finish.js';

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
for (const add of COMMANDS) add(program);
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
