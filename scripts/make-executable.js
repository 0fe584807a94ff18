// Lets `npx peerage` run what was just compiled: tsc writes files without the right to execute them.
import { chmodSync } from 'node:fs';

chmodSync(new URL('../dist/src/cli/main.js', import.meta.url), 0o755);
