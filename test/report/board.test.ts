import test from 'ava';
import { summarise } from '../../src/metrics/summary.js';
import { boardTables, type Entry } from '../../src/report/board.js';
import { isBoard, renderBoard } from '../../src/report/terminal.js';
import { measuresWith, scenarioWith } from '../helpers/measures.js';

const entry = (name: string, heading = '', servers = 0): Entry => ({
  heading,
  name,
  summary: summarise({ ...scenarioWith({ servers }, name) }, measuresWith([{}, {}], []), '1'),
});

test('a few runs stand side by side; more of them, or variations, get a row each', (t) => {
  t.false(isBoard(['a', 'b', 'c', 'd'].map((name) => entry(name))));
  t.true(isBoard(['a', 'b', 'c', 'd', 'e'].map((name) => entry(name))));
  t.true(isBoard([entry('a', 'x 1')]));
});

test('the board has a row for each run in each table, under its heading, and fits 80 columns', (t) => {
  const names = ['gnutella-ultrapeer', 'random-walk', 'chord', 'can', 'kademlia'];
  const entries = ['session never', 'session 5m'].flatMap((heading) => names.map((name) => entry(name, heading)));
  const tables = boardTables(entries);
  t.is(tables.length, 3);
  for (const table of tables) {
    t.deepEqual(
      table.slice(1).flatMap((row) => (row && row.length > 1 ? [row[0].trim()] : [])),
      [...names, ...names],
    );
    t.is(table.filter((row) => row?.length === 1).length, 2);
  }
  t.false(tables[1][0]!.includes('server'), 'nobody has a server');
  t.true(boardTables([entry('napster', '', 1)])[1][0]!.includes('server'));
  const text = renderBoard(entries, 'results/x', 'npx peerage compare x');
  for (const line of text.split('\n').filter((each) => !each.startsWith('repeat'))) t.true(line.length <= 80, line);
  t.true(text.includes('10 runs in'));
  t.regex(text, /results {2}results\/x\nrepeat {3}npx/);
});
