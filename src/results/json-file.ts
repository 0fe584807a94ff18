/** Reads the JSON files by which a folder says what it is: summary.json, comparison.json, sweep.json. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Problem } from '../problem.js';
import { readText } from './csv.js';

export interface JsonFile {
  readonly file: string;
  readonly schema: number;
  /** What it holds, and what a folder that has one is called: "a summary", "a result folder". */
  readonly holds: string;
  readonly folder: string;
}

/** @throws Problem when the folder has no such file, or it is not one of this schema */
export function readJson<T extends { readonly schema: number }>(folder: string, kind: JsonFile): T {
  const path = join(folder, kind.file);
  if (!existsSync(path)) {
    throw new Problem(`${folder}: expected ${kind.folder}, got ${existsSync(folder) ? `one without ${kind.file}` : 'no such folder'}`);
  }
  let value: Partial<T> | null;
  try {
    value = JSON.parse(readText(path));
  } catch (error) {
    if (error instanceof Problem) throw error;
    throw new Problem(`${path}: expected JSON: ${(error as Error).message}`);
  }
  if (value?.schema !== kind.schema) {
    throw new Problem(`${path}: expected ${kind.holds} with schema ${kind.schema}, got schema ${JSON.stringify(value?.schema) ?? 'none'}`);
  }
  return value as T;
}
