import test from 'ava';
import { CAUSES, DROP_REASONS, PHASES } from '../../src/metrics/measures.js';
import { OUTCOMES } from '../../src/metrics/operations.js';
import { read } from '../helpers/documents.js';

const text = read('docs/glossary.md');
const entries = [...text.matchAll(/^- \*\*([^*]+)\*\*:? (.+)$/gm)].map(([, words, says]) => ({ words: words.split(/ \/ |, /), says }));
const words = entries.flatMap((entry) => entry.words);

test('the glossary has every word that a result is divided by', (t) => {
  for (const word of [...PHASES, ...CAUSES, ...DROP_REASONS, ...OUTCOMES]) t.true(words.includes(word), word);
});

test('each word stands in it once, in alphabetical order of the first of an entry', (t) => {
  t.is(new Set(words).size, words.length);
  for (const section of text.split(/^## /m).slice(1)) {
    const firsts = [...section.matchAll(/^- \*\*([^*,]+?)(?: \/ [^*]*|, [^*]*)?\*\*/gm)].map(([, word]) => word.toLowerCase());
    t.deepEqual(firsts, firsts.toSorted());
  }
});
