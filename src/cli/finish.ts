/** How a command ends: its exit code, and for a failure one line on stderr that says which. */

import { EXIT_CODES, type ExitName } from './exit-codes.js';

export function finish(name: ExitName, reason: string | null = null): void {
  const { code } = EXIT_CODES[name];
  if (reason) process.stderr.write(`peerage: ${reason}\n`);
  if (code !== 0) process.stderr.write(`peerage: exit ${code} (${name}: ${EXIT_CODES[name].about})\n`);
  process.exitCode = code;
}
