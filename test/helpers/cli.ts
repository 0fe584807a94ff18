/** The command line as a user meets it: a child process in a folder of its own. */

import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** How many run at a time: tests of a file begin all at once, and a machine with two cores would serve none of fifty in time. */
const AT_ONCE = 2;
let running = 0;
const waiting: (() => void)[] = [];

/** Runs `peerage` with these words in this folder; a command that takes longer than a minute is ended. */
export async function peerage(cwd: string, ...words: string[]): Promise<Ended> {
  return (await begin(cwd, ...words)).ended;
}

/** The same, and nothing is drawn of what it runs: that takes as long as a small run. */
export function withoutReport(cwd: string, ...words: string[]): Promise<Ended> {
  const draws = ['run', 'compare'].includes(words[0]);
  return draws ? peerage(cwd, words[0], '--no-report', ...words.slice(1)) : peerage(cwd, ...words);
}

/** Starts it, for tests that do something to it while it runs. */
export async function begin(cwd: string, ...words: string[]): Promise<{ child: ChildProcess; ended: Promise<Ended> }> {
  if (running === AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve));
  else running++;
  const child = spawn(process.execPath, ['--enable-source-maps', ...process.execArgv, MAIN, ...words], {
    cwd,
    timeout: 60_000,
    env: { ...process.env, NO_COLOR: '1' },
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text;
  });
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      const next = waiting.shift();
      if (next) next();
      else running--;
      resolve({ code, stdout, stderr });
    });
  });
  return { child, ended };
}
