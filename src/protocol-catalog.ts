/**
 * Finds protocols by listing src/protocols: a file `x.ts`, or a folder `x` with `index.ts`, is the protocol `x`. A user's own module is
 * loaded by its path. There is no register to edit.
 */

import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, extname, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { didYouMean, Problem } from './problem.js';
import type { ProtocolDefinition, ServiceName } from './protocol.js';

const FOLDER = fileURLToPath(new URL('./protocols/', import.meta.url));

/** What a definition in a script's memory is called in results: it has neither a name nor a file. */
export const IN_MEMORY = 'inline';

/** Names of the protocols that come with Peerage, sorted. */
export function listProtocols(): string[] {
  const names = readdirSync(FOLDER, { withFileTypes: true })
    .filter((entry) => (entry.isDirectory() ? existsSync(`${FOLDER}${entry.name}/index.js`) : entry.name.endsWith('.js')))
    .map((entry) => basename(entry.name, '.js'));
  return names.sort();
}

/** True when this names a module rather than one of ours. */
export function isProtocolFile(nameOrFile: string): boolean {
  return /[\\/]/.test(nameOrFile) || ['.js', '.mjs', '.cjs'].includes(extname(nameOrFile));
}

/** What results and tables call the protocol: its name, or its file's name without ending (`index` gives its folder's name). */
export function protocolName(nameOrFile: string): string {
  if (!isProtocolFile(nameOrFile)) return nameOrFile;
  const name = basename(nameOrFile, extname(nameOrFile));
  return name === 'index' ? basename(dirname(resolve(nameOrFile))) : name;
}

/** Loads a definition; a Problem says what is wrong with the name, the file or the definition. */
export async function loadProtocol(nameOrFile: string): Promise<ProtocolDefinition> {
  if (!isProtocolFile(nameOrFile)) {
    if (nameOrFile === IN_MEMORY) {
      throw new Problem(
        `the protocol "${IN_MEMORY}" was a definition in the memory of the script that ran it, and is in no file: name a protocol, or the path of a module`,
      );
    }
    const names = listProtocols();
    if (!names.includes(nameOrFile)) {
      throw new Problem(
        `there is no protocol "${nameOrFile}"${didYouMean(nameOrFile, names)}: expected one of ${names.join(', ')}, or a path such as ./mine.js`,
      );
    }
    const file = existsSync(`${FOLDER}${nameOrFile}.js`) ? `${nameOrFile}.js` : `${nameOrFile}/index.js`;
    return (await import(pathToFileURL(FOLDER + file).href)).default;
  }
  const path = resolve(nameOrFile);
  if (!existsSync(path)) throw new Problem(`protocol file ${nameOrFile}: there is no such file (looked for ${path})`);
  let module: { default?: unknown };
  try {
    module = await import(pathToFileURL(path).href);
  } catch (error) {
    throw new Problem(`protocol file ${nameOrFile} cannot be loaded: ${firstLines(error)}`);
  }
  return checkDefinition(module.default, `protocol file ${nameOrFile}`, 'a default export');
}

function firstLines(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // A syntax error's stack begins with the file and line.
  const stack = (error.stack ?? '').split('\n');
  const place = error instanceof SyntaxError && stack[0].includes(':') ? ` (${stack[0].trim()})` : '';
  return `${error.name}: ${error.message}${place}`;
}

const SERVICES: readonly string[] = ['locate'] satisfies ServiceName[];
const MEMBERS = Object.keys({
  about: true,
  source: true,
  settings: true,
  messages: true,
  services: true,
  locatesBy: true,
  servers: true,
  sizeOf: true,
  create: true,
  converge: true,
  claims: true,
} satisfies Record<keyof ProtocolDefinition, true>);

/** The first field of a message that cannot be one: codecs are generated from these names, and `type` is every message's own. */
export function oddField(fields: readonly string[]): string | undefined {
  return fields.find((field) => !/^[A-Za-z_$][\w$]*$/.test(field) || field === 'type');
}

/**
 * @param where begins each complaint
 * @param what it is expected to be
 */
export function checkDefinition(definition: unknown, where: string, what = 'a definition'): ProtocolDefinition {
  const wrong = (complaint: string) => new Problem(`${where}: ${complaint}`);
  if (typeof definition !== 'object' || definition === null) {
    throw wrong(`expected ${what} made by defineProtocol({...}), got ${definition === undefined ? 'none' : typeof definition}`);
  }
  const members = definition as Record<string, unknown>;
  for (const name of Object.keys(members)) {
    if (!MEMBERS.includes(name)) throw wrong(`unknown member "${name}"${didYouMean(name, MEMBERS)}: expected ${MEMBERS.join(', ')}`);
  }
  if (typeof members.about !== 'string') throw wrong('expected "about", a sentence that says what the protocol is');
  if (typeof members.create !== 'function') throw wrong('expected "create", a function (peer, settings) that makes one peer\'s instance');
  if (typeof members.messages !== 'object' || members.messages === null)
    throw wrong('expected "messages", each type with the list of its fields');
  for (const [type, fields] of Object.entries(members.messages)) {
    if (!Array.isArray(fields) || fields.some((field) => typeof field !== 'string'))
      throw wrong(`expected messages.${type} to be a list of field names`);
    const odd = oddField(fields);
    if (odd !== undefined) throw wrong(`message "${type}" declares the field "${odd}": expected a plain name other than "type"`);
  }
  for (const service of [members.services ?? []].flat()) {
    if (!SERVICES.includes(service as string))
      throw wrong(`there is no service "${service}"${didYouMean(String(service), SERVICES)}: expected ${SERVICES.join(', ')}`);
  }
  if (!['key', 'words', undefined].includes(members.locatesBy as string | undefined))
    throw wrong('expected "locatesBy" to be "key" or "words"');
  for (const name of ['servers', 'sizeOf', 'converge'] as const) {
    if (members[name] !== undefined && typeof members[name] !== 'function') throw wrong(`expected "${name}" to be a function`);
  }
  return definition as ProtocolDefinition;
}
