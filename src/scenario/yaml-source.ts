/**
 * Values that remember where they were written. A `Source` is plain data plus, for each path into it, 'file:line:column: path' or
 * '--set path'; `check` runs a zod schema over it and turns what is wrong into one sentence that begins there.
 */

import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument, visit } from 'yaml';
import type { z } from 'zod';
import { Problem } from '../problem.js';
import { show } from './units.js';

export type Path = readonly (string | number)[];

/** Ends with the sentence that what is written at `path` is wrong. */
export type Fail = (path: Path, message: string) => never;

export interface Source {
  readonly value: unknown;
  /**
   * Where the part at `path` is written (or, missing, would be): the beginning of a message about it. The position is that of the
   * value, or of the key when that is what is wrong.
   */
  where(path: Path, at?: 'key' | 'value'): string;
}

/** One setting from the command line: it goes before whatever the file says. `label` names it in messages: '--set peers'. */
export interface Override {
  readonly path: Path;
  readonly value: unknown;
  readonly label: string;
  /** From where a file that it names is looked for; not given: from the current folder. */
  readonly folder?: string;
}

/** Reads a YAML file. A missing file or broken YAML is a Problem with its line. */
export function readYaml(file: string): Source {
  return yamlSource(readText(file), displayPath(file));
}

/** A text file's content, or a Problem that says why it cannot be read. */
export function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const why = code === 'ENOENT' ? 'no such file' : code === 'EISDIR' ? 'is a folder, not a file' : `cannot be read (${code})`;
    throw new Problem(`${displayPath(file)}: ${why}`);
  }
}

/** A path as the user would write it: relative when it lies below the current folder. */
export function displayPath(file: string): string {
  const short = relative(process.cwd(), file);
  return short === '' || short.startsWith('..') ? file : short;
}

/** YAML text; `name` stands before line and column in messages. */
export function yamlSource(text: string, name: string): Source {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, merge: false });
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `${name}:${line}:${col}`;
  };
  const wrong = document.errors[0] ?? document.warnings[0];
  if (wrong) throw new Problem(`${at(wrong.pos[0])}: not valid YAML: ${wrong.message.split(/ at line \d+|\n/)[0]}`);
  visit(document, {
    Pair(_, { key }) {
      if (isScalar(key) && key.value === '__proto__') throw new Problem(`${at(key.range![0])}: the key "__proto__" is not allowed`);
    },
  });
  const offsetOf = (path: Path, keyOrValue: 'key' | 'value'): number => {
    const parent = keyOrValue === 'key' ? document.getIn(path.slice(0, -1), true) : null;
    const pair = isMap(parent) ? parent.items.find(({ key }) => isScalar(key) && String(key.value) === String(path.at(-1))) : undefined;
    if (isScalar(pair?.key) && pair.key.range) return pair.key.range[0];
    for (let length = path.length; length >= 0; length--) {
      const node = document.getIn(path.slice(0, length), true);
      if (isNode(node) && node.range) return node.range[0];
    }
    return 0;
  };
  return { value: plain(document, name), where: (path, keyOrValue = 'value') => withPath(at(offsetOf(path, keyOrValue)), path) };
}

/** Plain data. An alias without an anchor, or aliases that multiply without end, are found only here. */
function plain(document: Document.Parsed, name: string): unknown {
  try {
    return document.toJS();
  } catch (error) {
    throw new Problem(`${name}: not valid YAML: ${(error as Error).message}`);
  }
}

/** The part of a source below `path`, with messages that still name the whole path. */
export function partOf(source: Source, path: Path): Source {
  return { value: valueAt(source.value, path), where: (below, at) => source.where([...path, ...below], at) };
}

/** The source with the overrides put in, in order. Maps are made where there are none; a value of null takes the key away. */
export function withOverrides(source: Source, overrides: readonly Override[]): Source {
  if (overrides.length === 0) return source;
  let value: unknown = structuredClone(source.value);
  for (const override of overrides) value = putIn(value, override, 0);
  // An override is to blame for what lies below it, and for the way to it where the source has none.
  const isToBlame = (each: Override, path: Path) =>
    startsWith(path, each.path) || (path.length > 0 && startsWith(each.path, path) && valueAt(source.value, path) === undefined);
  const where: Source['where'] = (path, at) => {
    const override = overrides.findLast((each) => isToBlame(each, path));
    return override ? `${override.label}${dotted(path.slice(override.path.length), '.')}` : source.where(path, at);
  };
  return { value, where };
}

function putIn(container: unknown, override: Override, depth: number): unknown {
  const { path, value, label } = override;
  if (depth === path.length) return value;
  const key = path[depth];
  if (container === undefined || container === null) container = {};
  if (Array.isArray(container)) {
    if (typeof key !== 'number' || key > container.length) {
      throw new Problem(`${label}: expected an index from 0 to ${container.length} after ${dotted(path.slice(0, depth))}, got ${key}`);
    }
    container[key] = putIn(container[key], override, depth + 1);
    return container;
  }
  if (typeof container !== 'object') {
    throw new Problem(`${label}: ${dotted(path.slice(0, depth))} is ${show(container)}, which has no settings of its own`);
  }
  const map = container as Record<string, unknown>;
  if (depth === path.length - 1 && value === null) delete map[key];
  else map[key] = putIn(Object.hasOwn(map, key) ? map[key] : undefined, override, depth + 1);
  return map;
}

/** 'a.b.3=text' as an override. Text that is not YAML, such as '>= 0.95', stands for itself. */
export function parseOverride(text: string, flag = '--set'): Override {
  const equals = text.indexOf('=');
  const name = text.slice(0, equals).trim();
  const path = parsePath(name);
  if (equals < 1 || text.slice(equals + 1).trim() === '' || path === null) {
    throw new Problem(`${flag}: expected path.to.setting=value, got ${show(text)}`, 'usage');
  }
  return {
    path,
    value: parseValue(text.slice(equals + 1), `${flag} ${name}`),
    label: `${flag} ${name}`,
  };
}

/** 'a.b.3' as a path; null when it is none. */
export function parsePath(name: string): Path | null {
  const keys = name.split('.');
  if (keys.some((key) => key === '' || key === '__proto__')) return null;
  return keys.map((key) => (/^\d+$/.test(key) ? Number(key) : key));
}

/** A value from the command line, read as YAML. */
export function parseValue(text: string, label: string): unknown {
  const document = parseDocument(text);
  if (document.errors.length === 0) return plain(document, label);
  if (/^\s*["'[{]/.test(text)) throw new Problem(`${label}: not valid YAML: ${document.errors[0].message.split(/ at line \d+|\n/)[0]}`);
  return text.trim();
}

/** What the schema makes of the source; the first thing that is wrong is a Problem. Unknown keys go first: they explain the rest. */
export function check<T>(schema: z.ZodType<T>, source: Source): T {
  const result = schema.safeParse(source.value);
  if (result.success) return result.data;
  const { issues } = result.error;
  const issue = issues.find((each) => each.code === 'unrecognized_keys') ?? issues[0];
  const path = issue.path as Path;
  const where = issue.code === 'unrecognized_keys' ? source.where([...path, issue.keys[0]], 'key') : source.where(path);
  throw new Problem(`${where}: ${issue.message}`);
}

export function dotted(path: Path, before = ''): string {
  return path.length === 0 ? '' : before + path.join('.');
}

export function startsWith(path: Path, beginning: Path): boolean {
  return beginning.every((key, index) => key === path[index]);
}

function withPath(position: string, path: Path): string {
  return path.length === 0 ? position : `${position}: ${dotted(path)}`;
}

function valueAt(value: unknown, path: Path): unknown {
  for (const key of path) value = (value as Record<string | number, unknown> | null | undefined)?.[key];
  return value;
}
