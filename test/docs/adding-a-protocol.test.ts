import test from 'ava';
import type { Summary } from '../../src/metrics/summary.js';
import { filesOf, inFolder, peerage, read } from '../helpers/documents.js';

const text = read('docs/adding-a-protocol.md');

function run(folder: string, words: readonly string[]): Summary {
  const { code, stdout, stderr } = peerage(['run', ...words, '--protocol', './mine.js', '--json'], folder);
  if (code !== 0) throw new Error(`exit ${code}: ${stderr}`);
  return JSON.parse(stdout);
}

test('the protocol of docs/adding-a-protocol.md is the same run on 1 and 2 shards and in strict mode', async (t) => {
  await inFolder([text], (folder) => {
    t.deepEqual([...filesOf(text).keys()], ['mine.js']);
    const one = run(folder, ['small-churn', '--shards', '1']);
    t.is(one.status, 'completed');
    t.is(one.protocol, 'mine');
    for (const way of [
      ['--shards', '2'],
      ['--shards', '1', '--strict'],
    ]) {
      const other = run(folder, ['small-churn', ...way]);
      t.is(other.digest, one.digest, way.join(' '));
      t.deepEqual(other.operations, one.operations, way.join(' '));
    }
  });
});

test('what docs/adding-a-protocol.md says about its result holds', async (t) => {
  await inFolder([text], (folder) => {
    for (const seed of [1, 2]) {
      const churned = run(folder, ['small-churn', '--shards', '1', '--seed', String(seed)]);
      const { locate } = churned.operations;
      t.true(locate!.success! > 0.95, `seed ${seed}: success ${locate!.success}`);
      t.true(locate!.latencyMs.p99! > 5000, `seed ${seed}: somebody had to ask again`);
      t.true(locate!.recall! < 0.5, `seed ${seed}: recall ${locate!.recall}: it stops at the first provider`);
      t.deepEqual(
        churned.claims.map(({ held }) => held),
        [true],
      );
      t.true(churned.counters['walks-in-vain'] > 0);
      const flooded = JSON.parse(
        peerage(['run', 'small-churn', '--shards', '1', '--seed', String(seed), '--protocol', 'gnutella', '--json'], folder).stdout,
      );
      t.true(locate!.messages.mean! < flooded.operations.locate.messages.mean / 3, `seed ${seed}: fewer messages than flooding`);
      t.true(locate!.latencyMs.p90! > flooded.operations.locate.latencyMs.p90, `seed ${seed}: later answers than flooding`);
    }
  });
});

test('its converge makes a connected overlay of about the stated degree', async (t) => {
  await inFolder([text], (folder) => {
    const summary = run(folder, ['lookup', '--peers', '500', '--set', 'protocol.degree=6']);
    // Those that drew fewer than six go on to find more.
    t.true(summary.overlay.meanDegree! >= 6 && summary.overlay.meanDegree! < 8, `${summary.overlay.meanDegree}`);
    t.true(summary.overlay.largestComponentShare! > 0.99);
    t.true(summary.operations.locate!.success! > 0.95);
  });
});
