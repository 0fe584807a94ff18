/** A folder of its own for a test that needs files, and the sentence of the Problem that a call must end in. */

import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Problem } from '../../src/problem.js';

export interface Folder {
  readonly path: string;
  /** Writes a file and returns its path. */
  write(name: string, text: string): string;
}

export function temporaryFolder(): Folder {
  const path = mkdtempSync(join(tmpdir(), 'peerage-'));
  return {
    path,
    write: (name, text) => {
      mkdirSync(dirname(join(path, name)), { recursive: true });
      writeFileSync(join(path, name), text);
      return join(path, name);
    },
  };
}

/** What the Problem says; anything else that is thrown, or nothing, is an error. Paths in `folder` are shortened to the file's name. */
export function sentence(run: () => unknown, folder = ''): string {
  try {
    run();
  } catch (error) {
    if (error instanceof Problem) return folder === '' ? error.message : error.message.replaceAll(`${folder}/`, '');
    throw error;
  }
  throw new Error('expected a Problem, and there was none');
}
