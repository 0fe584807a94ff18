import test from 'ava';
import { parseOverride, partOf, withOverrides, yamlSource } from '../../src/scenario/yaml-source.js';
import { sentence } from './temporary.js';

const SOURCE = yamlSource('peers: 5\nphases:\n  warmUp: 60s # a minute\nevents: [one, two]\n', 's.yaml');

test('every part knows where it is written; what is missing, where it would be', (t) => {
  t.deepEqual(SOURCE.value, { peers: 5, phases: { warmUp: '60s' }, events: ['one', 'two'] });
  t.is(SOURCE.where(['phases', 'warmUp']), 's.yaml:3:11: phases.warmUp');
  t.is(SOURCE.where(['phases', 'warmUp'], 'key'), 's.yaml:3:3: phases.warmUp');
  t.is(SOURCE.where(['events', 1]), 's.yaml:4:15: events.1');
  t.is(SOURCE.where(['phases', 'drain']), 's.yaml:3:3: phases.drain');
  t.is(SOURCE.where([]), 's.yaml:1:1');
  const part = partOf(SOURCE, ['phases']);
  t.deepEqual(part.value, { warmUp: '60s' });
  t.is(part.where(['warmUp']), SOURCE.where(['phases', 'warmUp']));
  t.is(partOf(SOURCE, ['nothing', 'there']).value, undefined);
});

test('broken YAML is a sentence with file, line and column', (t) => {
  const says = (text: string) => sentence(() => yamlSource(text, 's.yaml'));
  t.is(says('a: 1\nb: 2\na: 3'), 's.yaml:3:1: not valid YAML: Map keys must be unique');
  t.regex(says('a: [1, 2\nb: 3'), /^s\.yaml:\d+:\d+: not valid YAML: Flow sequence/);
  t.is(says('a: !secret 3'), 's.yaml:1:4: not valid YAML: Unresolved tag: !secret');
  const bomb = ['a0: &a0 [x, x, x, x, x, x, x, x, x]'];
  for (let i = 1; i < 9; i++)
    bomb.push(
      `a${i}: &a${i} [${Array(9)
        .fill(`*a${i - 1}`)
        .join(', ')}]`,
    );
  t.regex(says(bomb.join('\n')), /^s\.yaml: not valid YAML: Excessive alias count/);
  t.is(says('a:\n  __proto__: {x: 1}'), 's.yaml:2:3: the key "__proto__" is not allowed');
});

test('overrides go before the file, in order, and are to blame for what they brought', (t) => {
  const set = ['phases.warmUp=3s', 'events.0=three', 'a.b=1', 'a.c=[1, 2]', 'peers=null'].map((text) => parseOverride(text));
  const over = withOverrides(SOURCE, set);
  t.deepEqual(over.value, { phases: { warmUp: '3s' }, events: ['three', 'two'], a: { b: 1, c: [1, 2] } });
  t.deepEqual(SOURCE.value, { peers: 5, phases: { warmUp: '60s' }, events: ['one', 'two'] }, 'the source is as it was');
  t.is(over.where(['phases', 'warmUp']), '--set phases.warmUp');
  t.is(over.where(['a', 'c', 1]), '--set a.c.1');
  t.is(over.where(['a']), '--set a.c');
  t.is(over.where(['phases']), 's.yaml:3:3: phases');
});

test('values of overrides are YAML, or text that stands for itself', (t) => {
  const value = (text: string) => parseOverride(`x=${text}`).value;
  t.is(value('3'), 3);
  t.is(value('3s'), '3s');
  t.is(value('true'), true);
  t.is(value('"3"'), '3');
  t.deepEqual(value('{a: [1]}'), { a: [1] });
  t.is(value('>= 0.95'), '>= 0.95');
  t.is(value('a=b'), 'a=b');
});

test('overrides that make no sense are refused', (t) => {
  const says = (text: string) => sentence(() => withOverrides(SOURCE, [parseOverride(text)]));
  t.is(says('peers'), '--set: expected path.to.setting=value, got "peers"');
  t.is(says('=3'), '--set: expected path.to.setting=value, got "=3"');
  t.is(says('peers='), '--set: expected path.to.setting=value, got "peers="');
  t.is(says('a..b=3'), '--set: expected path.to.setting=value, got "a..b=3"');
  t.is(says('a.__proto__.b=3'), '--set: expected path.to.setting=value, got "a.__proto__.b=3"');
  t.is(says('peers.x=3'), '--set peers.x: peers is 5, which has no settings of its own');
  t.is(says('events.7=x'), '--set events.7: expected an index from 0 to 2 after events, got 7');
  t.is(says('events.x=x'), '--set events.x: expected an index from 0 to 2 after events, got x');
  t.regex(says('x=[1, 2'), /^--set x: not valid YAML: /);
});
