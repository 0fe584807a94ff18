import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { readAction } from '../../src/scenario/fault-language.js';
import { planFaults } from '../../src/scenario/fault-plan.js';
import { actionInWords } from '../../src/scenario/fault-words.js';
import { loadScenario } from '../../src/scenario/load.js';
import { loadTopology } from '../../src/scenario/topology-file.js';
import { fences, inFolder, read } from '../helpers/documents.js';

const text = read('docs/faults.md');
const PLACES = { sites: loadTopology('planet').sites, peers: 500 };
/** First column and example of the table of verbs. */
const verbs = [...text.matchAll(/^\| `(\w+)` \| `((?:[^`])+)` \|/gm)].map(([, verb, example]) => ({
  verb,
  example: example.replaceAll('\\|', '|'),
}));

test('every verb of docs/faults.md has an example that says it', (t) => {
  t.true(verbs.length >= 13, `${verbs.length} verbs`);
  const before = ['at 1s partition peers 1 | rest', 'at 1s hold peers 1 | rest', 'at 1s crash 1%'];
  for (const { verb, example } of verbs) {
    t.true(example.split(' ').includes(verb), example);
    t.true(planFaults([...before, example], PLACES, (_, error) => error).length >= 3, example);
  }
});

test('docs/faults.md has every verb there is', (t) => {
  const { message } = t.throws(() => readAction('nothing', PLACES))!;
  const known = /\((.*)\)/.exec(message)![1].split(', ');
  t.deepEqual(verbs.map(({ verb }) => verb).sort(), known.sort());
});

test('every group of docs/faults.md is understood', (t) => {
  const groups = [
    ...text.slice(text.indexOf('| group |'), text.indexOf('A name with a comma')).matchAll(/^\| ((?:`[^`]+`(?:, )?)+) \|/gm),
  ].flatMap(([, cell]) => [...cell.matchAll(/`([^`]+)`/g)].map(([, group]) => group));
  t.true(groups.length >= 7, `${groups.length} groups`);
  for (const group of groups) t.notThrows(() => readAction(`partition ${group} | peers 1`, PLACES).verb, group);
  const quoted = { ...PLACES, sites: [{ name: 'Rest, the', region: null }] };
  t.is(actionInWords(readAction('crash sites "Rest, the"', quoted), quoted), 'crash sites "Rest, the"');
  t.true(text.includes('`crash sites "Rest, the"`'));
});

test('every scenario of docs/faults.md is one, and every sentence in its prose can be said', async (t) => {
  const yaml = fences(text).filter(({ language }) => language === 'yaml');
  t.true(yaml.length >= 2);
  await inFolder([], (folder) => {
    for (const { body, line } of yaml) {
      writeFileSync(join(folder, 's.yaml'), body);
      const { faults, chaos } = loadScenario(join(folder, 's.yaml')).for('chord', {});
      t.true(faults.length + chaos.length >= 3, `line ${line}`);
    }
  });
  const spoken = [...text.matchAll(/`((?:at|from) \d+[^`|]*?)`/g)]
    .map(([, sentence]) => sentence)
    .filter((sentence) => !/\.\.\.|^at \d+s$|^from \w+ to \w+$/.test(sentence));
  t.true(spoken.length >= 12, spoken.join('\n'));
  for (const sentence of spoken) {
    const before = ['at 1s partition peers 1 | rest', 'at 1s hold peers 1 | rest', 'at 1s loss 1%', 'at 1s crash 1%'];
    t.notThrows(() => planFaults([...before, sentence], PLACES, (_, error) => error), sentence);
  }
  const injected = fences(text)
    .find(({ body }) => body.includes('--inject'))!
    .body.split('\n')
    .slice(1, -1);
  t.deepEqual(injected.length, 4);
  for (const line of injected.filter((_, at) => at % 2 === 1)) t.true(planFaults([line], PLACES, (_, error) => error).length === 1, line);
});
