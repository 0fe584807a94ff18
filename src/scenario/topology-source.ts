/**
 * Finds a topology as it is written: a shipped name, a YAML file, a latency matrix, or a map inside a scenario; and merges it over the
 * one it `extends`, key by key. What comes out is still a `Source`, so `topology-file.ts` can name file and line of whatever is wrong.
 */

import { existsSync } from 'node:fs';
import { basename, dirname, extname, resolve } from 'node:path';
import { Problem } from '../problem.js';
import { findFile } from './package-files.js';
import { unexpected } from './units.js';
import { displayPath, type Path, readYaml, type Source } from './yaml-source.js';

const YAML_ENDINGS = ['.yaml', '.yml'];
/** Endings of a latency matrix. */
const MATRIX_ENDINGS = ['.tsv', '.csv', '.txt'];
/** Endings of formats that a later version will read. */
const LATER_ENDINGS = ['.gml', '.graphml', '.xml', '.json'];

/** The topology of this name, or of this file as seen from the folder `from`. */
export function topologySource(nameOrFile: string, from: string, via: readonly string[] = []): Source {
  const file = findFile(nameOrFile, 'topologies', from);
  if (via.includes(file)) throw new Problem(`${displayPath(file)}: a topology cannot extend itself`);
  const ending = extname(file).toLowerCase();
  if (MATRIX_ENDINGS.includes(ending)) return matrixSource(file);
  if (LATER_ENDINGS.includes(ending)) throw new Problem(`${displayPath(file)}: topologies in ${ending} files are not supported yet`);
  if (!YAML_ENDINGS.includes(ending)) {
    throw new Problem(`${displayPath(file)}: expected a file that ends in ${[...YAML_ENDINGS, ...MATRIX_ENDINGS].join(', ')}`);
  }
  return extended(readYaml(file), dirname(file), basename(file, ending), [...via, file]);
}

/** A topology written in place, in a file of the folder `from`: a name, a file or a map. */
export function inlineTopology(source: Source, from: string): Source {
  if (typeof source.value === 'string') return pointed(source, [], () => topologySource(source.value as string, from));
  if (!isMap(source.value))
    throw new Problem(`${source.where([])}: ${unexpected('the name or file of a topology, or a map', source.value).message}`);
  const base = source.value.extends;
  return extended(source, from, typeof base === 'string' ? `${basename(base, extname(base))} (changed)` : 'inline', []);
}

/** Puts a source over the one it extends, names it, and makes the path of its matrix absolute. */
function extended(source: Source, from: string, name: string, via: readonly string[]): Source {
  if (!isMap(source.value)) throw new Problem(`${source.where([])}: ${unexpected('a map of topology settings', source.value).message}`);
  const { extends: base, ...own } = source.value;
  const top: Record<string, unknown> = { name, ...own, ...absoluteMatrix(own.latency, from) };
  const over = { value: top, where: source.where };
  if (base === undefined) return over;
  if (typeof base !== 'string')
    throw new Problem(`${source.where(['extends'])}: ${unexpected('the name or file of a topology', base).message}`);
  const below = pointed(source, ['extends'], () => topologySource(base, from, via));
  const value = { ...(below.value as Record<string, unknown>), ...top };
  return { value, where: (path, at) => (path.length > 0 && Object.hasOwn(top, path[0]) ? source : below).where(path, at) };
}

/** Follows a reference from a file; that it leads nowhere is the fault of the line that wrote it. */
export function pointed<T>(source: Source, path: Path, follow: () => T): T {
  try {
    return follow();
  } catch (error) {
    if (error instanceof Problem && /^no topology named|: no such file$|: a topology cannot extend itself$/.test(error.message)) {
      throw new Problem(`${source.where(path)}: ${error.message}`);
    }
    throw error;
  }
}

function matrixSource(file: string): Source {
  if (!existsSync(file)) throw new Problem(`${displayPath(file)}: no such file`);
  const value = {
    name: basename(file, extname(file)),
    about: `Hosts as far apart as measured in ${basename(file)}, on links without limits.`,
    latency: { matrix: { file } },
  };
  return { value, where: () => displayPath(file) };
}

function absoluteMatrix(latency: unknown, from: string): { latency?: unknown } {
  if (!isMap(latency)) return {};
  const { matrix } = latency;
  if (typeof matrix === 'string') return { latency: { ...latency, matrix: { file: resolve(from, matrix) } } };
  if (isMap(matrix) && typeof matrix.file === 'string')
    return { latency: { ...latency, matrix: { ...matrix, file: resolve(from, matrix.file) } } };
  return {};
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
