/**
 * The topologies and scenarios that come with Peerage: data files in the package's root, found from here whether this code runs in a
 * checkout or in an installed package.
 */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { didYouMean, Problem } from '../problem.js';
import { readYaml } from './yaml-source.js';

export type ShippedFolder = 'topologies' | 'scenarios';

let root: string | undefined;

/** The folder of Peerage's own package.json. */
export function packageRoot(): string {
  if (root !== undefined) return root;
  for (let folder = dirname(fileURLToPath(import.meta.url)); folder !== dirname(folder); folder = dirname(folder)) {
    const manifest = join(folder, 'package.json');
    if (existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).name === 'peerage') {
      root = folder;
      return folder;
    }
  }
  throw new Problem('the package "peerage" is incomplete: its package.json was not found');
}

/** Names of the shipped files, sorted. */
export function shippedNames(folder: ShippedFolder): string[] {
  return readdirSync(join(packageRoot(), folder))
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => file.slice(0, -'.yaml'.length))
    .sort();
}

/** What is shipped, by name, each with the sentence its file opens with. */
export function describeShipped(folder: ShippedFolder): { readonly name: string; readonly about: string }[] {
  return shippedNames(folder).map((name) => {
    const { about } = readYaml(join(packageRoot(), folder, `${name}.yaml`)).value as { about?: unknown };
    return { name, about: String(about ?? '') };
  });
}

/** Whether this names a file rather than something shipped: it has a folder or an ending. */
export function isPath(nameOrFile: string): boolean {
  return /[/\\]|\.\w+$/.test(nameOrFile) || isAbsolute(nameOrFile);
}

/** The absolute path of a shipped name, or of a file as seen from the folder `from`. An unknown name is a Problem. */
export function findFile(nameOrFile: string, folder: ShippedFolder, from: string): string {
  if (isPath(nameOrFile)) return resolve(from, nameOrFile);
  const names = shippedNames(folder);
  if (names.includes(nameOrFile)) return join(packageRoot(), folder, `${nameOrFile}.yaml`);
  const what = folder === 'topologies' ? 'topology' : 'scenario';
  throw new Problem(
    `no ${what} named "${nameOrFile}"${didYouMean(nameOrFile, names)}; there is ${names.join(', ')}, or give the path of a file`,
  );
}
