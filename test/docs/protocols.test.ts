import test from 'ava';
import { listProtocols, loadProtocol } from '../../src/protocol-catalog.js';
import { read } from '../helpers/documents.js';

const text = read('docs/protocols.md');

/** First and later cells of a table's rows that begin with a name in backquotes. */
const rows = new Map(
  [...text.matchAll(/^\| `([\w-]+)` \|(.*)\|$/gm)].map(([, name, cells]) => [name, cells.split('|').map((cell) => cell.trim())]),
);

test('docs/protocols.md has a row for every protocol there is, and no other', (t) => {
  t.deepEqual([...rows.keys()].sort(), listProtocols());
});

test('a row names the services of its protocol, and a test that exists is for the links to say', async (t) => {
  for (const [name, [, , services, proof]] of rows) {
    const definition = await loadProtocol(name);
    t.is(services, definition.services?.join(', ') ?? 'none', name);
    t.regex(proof, /\]\(\.\.\/test\//, `${name}: expected a link to the test that proves it`);
  }
});

test('every claim of a protocol is quoted', async (t) => {
  const flat = text.replace(/\s+/g, ' ');
  for (const name of rows.keys()) {
    for (const { says } of (await loadProtocol(name)).claims ?? []) t.true(flat.includes(says), `${name}: ${says}`);
  }
});

test('what is missing is not there', (t) => {
  const missing = /^## Missing$([\s\S]*)/m.exec(text)![1];
  for (const [, name] of missing.matchAll(/^- ([\w-]+)/gm)) t.false(listProtocols().includes(name.toLowerCase()), name);
});
