/**
 * A folder that is there whole or not at all: everything goes into a hidden sibling, `.<name>.partial`, which gets its name only when it is
 * whole, whatever ends the process. Writing is synchronous, so no signal handler runs halfway.
 */

import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, openSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Problem } from '../problem.js';
import { type Cell, writeCsv } from './csv.js';

/**
 * Makes `<outDir>/<stem>-<date>-<short id>/`, has `fill` write into it, and returns its path.
 * @throws Problem when it cannot be written; nothing is left behind then
 */
export function writeFolder(outDir: string, stem: string, fill: (partial: string) => void): string {
  return orSentence(outDir, () => {
    mkdirSync(outDir, { recursive: true });
    const { folder, partial } = reserve(outDir, fileName(stem));
    moveWhole(partial, folder, fill);
    return folder;
  });
}

/**
 * The same under this very name, for what is the same whoever writes it: when it is there already, or another process was first, that
 * one stays.
 * @throws Problem when it cannot be written; nothing is left behind then
 */
export function writeFolderOnce(outDir: string, name: string, fill: (partial: string) => void): string {
  const folder = join(outDir, name);
  if (existsSync(folder)) return folder;
  return orSentence(outDir, () => {
    mkdirSync(outDir, { recursive: true });
    const partial = join(outDir, `.${name}-${randomBytes(3).toString('hex')}.partial`);
    mkdirSync(partial);
    try {
      moveWhole(partial, folder, fill);
    } catch (error) {
      if (!existsSync(folder)) throw error;
    }
    return folder;
  });
}

/** A file that is there whole or not at all, instead of the one that was there. @throws Problem when it cannot be written */
export function replaceFile(path: string, fill: (partial: string) => void): void {
  const partial = join(dirname(path), `.${basename(path)}-${randomBytes(3).toString('hex')}.partial`);
  orSentence(dirname(path), () => {
    mkdirSync(dirname(path), { recursive: true });
    moveWhole(partial, path, fill);
  });
}

function moveWhole(partial: string, whole: string, fill: (partial: string) => void): void {
  try {
    fill(partial);
    renameSync(partial, whole);
  } catch (error) {
    rmSync(partial, { recursive: true, force: true });
    throw error;
  }
}

function orSentence<T>(outDir: string, write: () => T): T {
  try {
    return write();
  } catch (error) {
    const { code, path } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new Problem(`cannot write the results into ${outDir}: ${REASONS[code] ?? code}${path ? ` (${path})` : ''}`);
  }
}

export const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'no permission',
  EPERM: 'not permitted',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  ENOTDIR: 'a part of the path is a file, not a folder',
  EEXIST: 'there is a file of that name',
};

/** Makes the hidden folder under a name that is free; `mkdir` fails when another process was first. */
function reserve(outDir: string, stem: string): { folder: string; partial: string } {
  const date = new Date().toISOString().slice(0, 19).replaceAll(':', '-');
  for (let attempt = 1; ; attempt++) {
    const name = `${stem}-${date}-${randomBytes(3).toString('hex')}`;
    const folder = join(outDir, name);
    const partial = join(outDir, `.${name}.partial`);
    if (existsSync(folder)) continue;
    try {
      mkdirSync(partial);
      return { folder, partial };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || attempt === 10) throw error;
    }
  }
}

/** A name fit for a folder on any system: letters, digits, dot, dash and underscore, and no dot in front. */
export function fileName(name: string): string {
  return name.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^\.+/, '') || 'run';
}

/** A new file with these columns and rows. */
export function writeTable(path: string, columns: readonly string[], rows: Iterable<readonly Cell[]>): void {
  const descriptor = openSync(path, 'wx');
  try {
    writeCsv(descriptor, columns, rows);
  } finally {
    closeSync(descriptor);
  }
}
