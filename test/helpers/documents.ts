/**
 * The project's Markdown as tests see it: its fences, its commands, and the files it spells out. A fence ` ```js mine.js ` is a piece
 * of the file `mine.js`; ` ```console ` holds commands behind `$ ` and exactly what they print.
 */

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

let found = import.meta.dirname;
while (!existsSync(join(found, 'package.json'))) found = dirname(found);
/** The folder of package.json. */
export const root = found;

/** The command line as it was compiled together with this test. */
const MAIN = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));
const FOLDERS = ['', 'docs/', 'bench/', 'results/', 'examples/'];

/** Every document, by its path from the root. */
export const documents: readonly string[] = FOLDERS.flatMap((folder) =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => folder + name)
    .sort(),
);

export function read(document: string): string {
  return readFileSync(join(root, document), 'utf8');
}

export interface Fence {
  readonly language: string;
  /** The file it is a piece of, or ''. */
  readonly file: string;
  readonly body: string;
  /** Line of the opening fence, from 1. */
  readonly line: number;
}

export function fences(text: string): Fence[] {
  const all: Fence[] = [];
  let opening: { info: string; at: number } | null = null;
  const lines = text.split('\n');
  lines.forEach((line, at) => {
    if (!line.startsWith('```')) return;
    if (opening === null) {
      opening = { info: line.slice(3), at };
      return;
    }
    const [language, file = ''] = opening.info.trim().split(/\s+/);
    const body = lines.slice(opening.at + 1, at).map((each) => `${each}\n`);
    all.push({ language, file, body: body.join(''), line: opening.at + 1 });
    opening = null;
  });
  return all;
}

/** The text without its fences, for rules about prose. */
export function prose(text: string): string {
  return text.replace(/^```[\s\S]*?^```$/gm, '');
}

/** The files that a document spells out, put together from its fences in order. */
export function filesOf(text: string): Map<string, string> {
  const files = new Map<string, string>();
  for (const { file, body } of fences(text)) if (file !== '') files.set(file, (files.get(file) ?? '') + body);
  return files;
}

/** Calls back with a fresh folder that holds the files which these documents spell out, and removes it. */
export async function inFolder<T>(texts: readonly string[], use: (folder: string) => T | Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'peerage-docs-'));
  try {
    for (const text of texts) for (const [file, body] of filesOf(text)) writeFileSync(join(folder, file), body);
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs `peerage` in a folder. */
export function peerage(words: readonly string[], cwd: string): { code: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [...process.execArgv, MAIN, ...words], {
    cwd,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  return { code: status, stdout, stderr };
}

/** A command as a reader would type it. */
export interface Command {
  readonly words: readonly string[];
  readonly text: string;
}

/** Every `npx peerage ...` or `peerage ...`, in fences and in backquotes. What stands behind `#`, `|` or `>` is not part of it. */
export function commandsOf(text: string): Command[] {
  const lines = fences(text).flatMap(({ body }) => body.replaceAll('\\\n', ' ').split('\n'));
  const spans = [...prose(text).matchAll(/`([^`\n]+)`/g)].map(([, span]) => span);
  return [...lines, ...spans].flatMap((line) => {
    const match = /^(?:\$ )?(?:npx )?peerage( .*)?$/.exec(line.trim());
    return match ? [{ words: split(match[1] ?? ''), text: line.trim() }] : [];
  });
}

/** Words of a shell line; quotes hold them together. */
export function split(line: string): string[] {
  const words: string[] = [];
  for (const [word] of line.matchAll(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g)) {
    if (/^([#|>;]|&&)/.test(word)) break;
    words.push(word.replace(/'([^']*)'|"([^"]*)"/g, (_, single, double) => single ?? double));
  }
  return words;
}
