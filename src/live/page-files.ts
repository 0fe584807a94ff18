/**
 * What the page is made of, by address: its text and style from `web/`, its code as compiled, and the two libraries it draws with,
 * straight from their packages. This list is all that is served; nothing comes from anywhere but this machine.
 */

import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Problem } from '../problem.js';
import { packageRoot } from '../scenario/package-files.js';

export interface PageFile {
  readonly type: string;
  readonly text: string | Uint8Array;
}

export interface Page {
  readonly files: ReadonlyMap<string, PageFile>;
  /** What the page may load and do (Content Security Policy, level 3). */
  readonly policy: string;
}

const JS = 'text/javascript; charset=utf-8';
const CSS = 'text/css; charset=utf-8';
const HTML = 'text/html; charset=utf-8';
/** Code that the page shares with the command line. */
const SHARED = ['src/live/flags.js', 'src/live/thin.js', 'src/report/format.js'];

export function readPage(): Page {
  const root = packageRoot();
  const compiled = join(root, 'dist/web');
  if (!existsSync(join(compiled, 'main.js')))
    throw new Problem(`the page is not built: ${compiled}/main.js is missing; run npm run build`, 'usage');
  const files = new Map<string, PageFile>();
  const add = (address: string, type: string, path: string) => files.set(address, { type, text: readFileSync(path) });

  for (const name of readdirSync(compiled)) if (name.endsWith('.js')) add(`web/${name}`, JS, join(compiled, name));
  for (const name of SHARED) add(name, JS, join(root, 'dist', name));
  const libraries = libraryFiles();
  for (const [name, path] of Object.entries(libraries)) add(`lib/${name}.js`, JS, path);
  add('style.css', CSS, join(root, 'web/style.css'));
  add('uplot.css', CSS, join(dirname(libraries.uplot), 'uPlot.min.css'));

  const imports = JSON.stringify({ imports: Object.fromEntries(Object.keys(libraries).map((name) => [name, `./lib/${name}.js`])) });
  const html = readFileSync(join(root, 'web/index.html'), 'utf8');
  files.set('', { type: HTML, text: html.replace('<!-- imports -->', () => `<script type="importmap">${imports}</script>`) });
  return { files, policy: policyFor(imports) };
}

function libraryFiles() {
  const d3 = createRequire(fileURLToPath(import.meta.resolve('d3-force')));
  return {
    uplot: join(dirname(fileURLToPath(import.meta.resolve('uplot'))), 'uPlot.esm.js'),
    'd3-force': fileURLToPath(import.meta.resolve('d3-force')),
    'd3-dispatch': d3.resolve('d3-dispatch'),
    'd3-quadtree': d3.resolve('d3-quadtree'),
    'd3-timer': d3.resolve('d3-timer'),
  };
}

/** Only what this server serves; the import map is the one script that has to stand in the page itself, so it is named by its hash. */
function policyFor(inline: string): string {
  const hash = createHash('sha256').update(inline).digest('base64');
  return [
    "default-src 'none'",
    `script-src 'self' 'sha256-${hash}'`,
    "style-src 'self'",
    "connect-src 'self'",
    "img-src 'self' data:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}
