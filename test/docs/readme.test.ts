import test from 'ava';
import type { Summary } from '../../src/metrics/summary.js';
import { filesOf, inFolder, peerage, read } from '../helpers/documents.js';

const text = read('README.md');

test('the rumour of README.md reaches what theory says, at most 15 lines of it', async (t) => {
  t.true(filesOf(text).get('rumour.js')!.trim().split('\n').length <= 15);
  await inFolder([text], (folder) => {
    const { code, stdout } = peerage(['run', 'bench-ping', '--protocol', './rumour.js', '--json'], folder);
    t.is(code, 0);
    const summary: Summary = JSON.parse(stdout);
    // Final size of an epidemic of which everybody tells four others: x = 1 - exp(-4 x), 0.980.
    t.true(Math.abs(summary.counters.heard / summary.peers - 0.98) < 0.01, `${summary.counters.heard}`);
  });
});

test('the hops that README.md states are those of its command', async (t) => {
  const [, stated, command] = /^\| hops of a lookup [^|]*\| ([\d.]+),[^|]*\| `npx peerage ([^`]+)` \|$/m.exec(text)!;
  await inFolder([], (folder) => {
    const summary: Summary = JSON.parse(peerage([...command.split(' '), '--json'], folder).stdout);
    t.is(summary.operations.locate!.hops.mean!.toPrecision(3), stated);
  });
});
