/**
 * Finds a topology as it is written: a shipped name, a YAML file, a latency matrix, a map of a network, or a map inside a scenario; and merges it over the
 * one it `extends`, key by key. What comes out is still a `Source`, so `topology-file.ts` can name file and line of whatever is wrong.
 */

import { existsSync } from 'node:fs';
import { basename, dirname, extname, resolve } from 'node:path';
import { Problem } from '../problem.js';
import { findFile } from './package-files.js';
import { looksLikePlaces } from './site-graph/coordinates.js';
import { unexpected } from './units.js';
import { displayPath, type Path, readText, readYaml, type Source } from './yaml-source.js';

const YAML_ENDINGS = ['.yaml', '.yml'];
/** Endings of a latency matrix. */
const MATRIX_ENDINGS = ['.tsv', '.csv', '.txt'];
/** Endings of maps, and the key of `latency` that reads them. */
const MAP_ENDINGS: Readonly<Record<string, string>> = { '.gml': 'gml', '.graphml': 'graphml', '.xml': 'graphml' };
/** Endings of packed files, and what unpacks them. */
const PACKED_ENDINGS: Readonly<Record<string, string>> = {
  '.xz': 'unxz',
  '.gz': 'gunzip',
  '.bz2': 'bunzip2',
  '.zst': 'unzstd',
  '.zip': 'unzip',
};
/** Keys of `latency` that name a file. */
const FILE_KEYS = ['matrix', 'gml', 'graphml', 'coordinates'];

/** The topology of this name, or of this file as seen from the folder `from`. */
export function topologySource(nameOrFile: string, from: string, via: readonly string[] = []): Source {
  const file = findFile(nameOrFile, 'topologies', from);
  if (via.includes(file)) throw new Problem(`${displayPath(file)}: a topology cannot extend itself`);
  const ending = extname(file).toLowerCase();
  if (MATRIX_ENDINGS.includes(ending)) return tableSource(file);
  if (Object.hasOwn(MAP_ENDINGS, ending)) return mapSource(file, MAP_ENDINGS[ending]);
  if (Object.hasOwn(PACKED_ENDINGS, ending)) {
    const short = displayPath(file);
    throw new Problem(`${short}: a packed file cannot be read; unpack it first: ${PACKED_ENDINGS[ending]} ${short}`);
  }
  if (!YAML_ENDINGS.includes(ending)) {
    const readable = [...YAML_ENDINGS, ...MATRIX_ENDINGS, ...Object.keys(MAP_ENDINGS)];
    throw new Problem(`${displayPath(file)}: expected a file that ends in ${readable.join(', ')}`);
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

/** Puts a source over the one it extends, names it, and makes the paths of its files absolute. */
function extended(source: Source, from: string, name: string, via: readonly string[]): Source {
  if (!isMap(source.value)) throw new Problem(`${source.where([])}: ${unexpected('a map of topology settings', source.value).message}`);
  const { extends: base, ...own } = source.value;
  const top: Record<string, unknown> = { name, ...own, ...absoluteFiles(own.latency, from) };
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

/** A matrix of latencies, or a list of places. */
function tableSource(file: string): Source {
  mustBeThere(file);
  if (looksLikePlaces(readText(file))) {
    return fileSource(file, `Places as far apart as the coordinates in ${basename(file)}, on links without limits.`, {
      coordinates: { file },
    });
  }
  return fileSource(file, `Hosts as far apart as measured in ${basename(file)}, on links without limits.`, { matrix: { file } });
}

function mapSource(file: string, key: string): Source {
  mustBeThere(file);
  return fileSource(file, `The network that ${basename(file)} describes.`, { [key]: { file } });
}

function mustBeThere(file: string): void {
  if (!existsSync(file)) throw new Problem(`${displayPath(file)}: no such file`);
}

function fileSource(file: string, about: string, latency: Record<string, unknown>): Source {
  return { value: { name: basename(file, extname(file)), about, latency }, where: () => displayPath(file) };
}

/** A file is looked for from the folder of the file that names it. */
function absoluteFiles(latency: unknown, from: string): { latency?: unknown } {
  if (!isMap(latency)) return {};
  const absolute = { ...latency };
  for (const key of FILE_KEYS) {
    const named = latency[key];
    if (typeof named === 'string') absolute[key] = { file: resolve(from, named) };
    else if (isMap(named) && typeof named.file === 'string') absolute[key] = { ...named, file: resolve(from, named.file) };
  }
  return { latency: absolute };
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
