import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import test from 'ava';
import { documents, prose, read, root } from '../helpers/documents.js';

/** The anchor that GitHub gives a heading. */
function anchor(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(' ', '-');
}

const anchors = (text: string) => [...prose(text).matchAll(/^#+ +(.*)$/gm)].map(([, heading]) => anchor(heading));

/** Links of a text that stay within the repository. */
const relativeLinks = (text: string) =>
  [...prose(text).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target).filter((target) => !/^[a-z]+:/.test(target));

test('every relative link leads to a file, and its anchor to a heading', (t) => {
  let links = 0;
  for (const document of documents) {
    for (const target of relativeLinks(read(document))) {
      links++;
      const [path, fragment] = target.split('#');
      const file = path === '' ? document : join(dirname(document), path);
      t.true(existsSync(join(root, file)), `${document}: ${target}`);
      if (fragment === undefined || !existsSync(join(root, file))) continue;
      t.true(anchors(read(file)).includes(fragment), `${document}: ${target}: there is no such heading`);
    }
  }
  t.true(links > 30, `only ${links} links were found`);
});

test('every file that a document names in backquotes is there', (t) => {
  const named = /`((?:src|test|workers|bench|docs|scenarios|topologies|scripts)\/[\w./-]+)`/g;
  for (const document of documents) {
    for (const [, path] of prose(read(document)).matchAll(named)) t.true(existsSync(join(root, path)), `${document}: ${path}`);
  }
});

test('every function that a document places in a file is in that file', (t) => {
  // `Shard.send` (`src/shard/shard.ts`)
  const placed = /`(?:\w+\.)?(\w+)`\s+\(`(src\/[\w./-]+\.ts)`\)/g;
  let functions = 0;
  for (const document of documents) {
    for (const [text, name, path] of prose(read(document)).matchAll(placed)) {
      functions++;
      t.true(new RegExp(`\\b${name}\\b`).test(readFileSync(join(root, path), 'utf8')), `${document}: ${text}`);
    }
  }
  t.true(functions >= 10, `only ${functions} were found`);
});

test('every npm command that a document shows is one of package.json', (t) => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  for (const document of documents) {
    for (const [text, run, script] of read(document).matchAll(/\bnpm (run )?([a-z][\w:]*)/g)) {
      if (!run && ['ci', 'install'].includes(script)) continue;
      t.true(script in scripts, `${document}: ${text}`);
    }
  }
});
