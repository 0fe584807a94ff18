/**
 * What the documents print is what the commands print. `PEERAGE_UPDATE_DOCS=1` writes the real output into the documents instead of
 * comparing it.
 */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { documents, fences, filesOf, inFolder, peerage, read, root, split } from '../helpers/documents.js';

const UPDATE = process.env.PEERAGE_UPDATE_DOCS === '1';
/** The documents were made with this; another engine may round a logarithm differently, and then a digest differs. */
const SAME_ENGINE = process.versions.node.startsWith('20.');

/** What differs from run to run is masked: wall time, names of result folders, where the temporary folder is. */
function essence(output: string): string {
  const masked = output
    .replace(/\s+/g, ' ')
    .replace(/of virtual time in .*? of wall time/g, 'of virtual time in (some) wall time')
    .replace(/-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d-[0-9a-f]{6}/g, '-(date)')
    .replace(/file:\/\/\/?\S*\//g, 'file:///')
    .trim();
  return SAME_ENGINE ? masked : masked.replace(/\b[0-9a-f]{12,16}\b/g, '(digest)');
}

/** The commands of a console fence, each with what stands below it. */
function sessions(body: string): { command: string; output: string }[] {
  return body
    .split(/^\$ /m)
    .slice(1)
    .map((part) => {
      const end = part.indexOf('\n');
      return { command: part.slice(0, end), output: part.slice(end + 1) };
    });
}

/** `npm start` is short for this, by package.json. */
const spellOut = (command: string) => (/^(npm ci && )?npm start$/.test(command) ? 'npx peerage compare flood-vs-dht' : command);

for (const document of documents) {
  const consoles = fences(read(document)).filter(({ language }) => language === 'console');
  if (consoles.length === 0) continue;
  test(`${document} shows what its commands print`, async (t) => {
    t.timeout(180_000);
    let text = read(document);
    const texts = documents.map(read).filter((each) => filesOf(each).size > 0);
    await inFolder(texts, (folder) => {
      for (const { body, line } of consoles) {
        let real = '';
        for (const { command, output } of sessions(body)) {
          const words = split(spellOut(command));
          t.deepEqual(words.slice(0, 2), ['npx', 'peerage'], `${document}:${line}: ${command}`);
          const { stdout, stderr } = peerage(words.slice(2), folder);
          const printed = (stdout + stderr).replace(/file:\/\/\/?\S*\//g, 'file:///home/you/');
          if (!UPDATE) t.is(essence(printed), essence(output), `${document}:${line}: ${command}`);
          real += `$ ${command}\n${printed}`;
        }
        text = text.replace(body, () => real);
      }
    });
    if (UPDATE) writeFileSync(join(root, document), text);
  });
}
