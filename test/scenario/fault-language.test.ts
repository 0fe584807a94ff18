import test from 'ava';
import fc from 'fast-check';
import type { FaultAction, Group } from '../../src/faults/plan.js';
import { Problem } from '../../src/problem.js';
import { readAction, readSentence } from '../../src/scenario/fault-language.js';
import { planFaults } from '../../src/scenario/fault-plan.js';
import { actionInWords, type Places, sentenceOf } from '../../src/scenario/fault-words.js';
import { anyAction } from '../helpers/any-fault.js';

const PLACES: Places = {
  peers: 100,
  sites: [
    { name: 'London', region: 'Europe' },
    { name: 'Paris', region: 'Europe' },
    { name: 'Tokyo', region: 'Asia' },
    { name: 'Ho Chi Minh City', region: 'Asia' },
    { name: 'New York', region: null },
  ],
};

const plan = (...texts: string[]) => planFaults(texts, PLACES, (_, error) => error);
const sites = (...indices: number[]): Group => ({ kind: 'sites', sites: indices });
const REST: Group = { kind: 'rest' };
const EVERYONE: Group = { kind: 'everyone' };

test('every verb, as it is written and as it is meant', (t) => {
  const meanings: [string, FaultAction][] = [
    ['partition sites london, PARIS | rest', { verb: 'partition', between: [sites(0, 1), REST] }],
    ['partition Europe | Asia', { verb: 'partition', between: [sites(0, 1), sites(2, 3)] }],
    [
      'hold peers 3 | peers 10-20',
      {
        verb: 'hold',
        between: [
          { kind: 'peers', from: 3, to: 3 },
          { kind: 'peers', from: 10, to: 20 },
        ],
      },
    ],
    ['flap link london | tokyo every 500ms', { verb: 'flap', between: [sites(0), sites(2)], everyMs: 500 }],
    ['flap Ho Chi Minh City | everyone every 2 s', { verb: 'flap', between: [sites(3), EVERYONE], everyMs: 2000 }],
    ['loss 5% between london | rest', { verb: 'loss', share: 0.05, between: [sites(0), REST] }],
    ['loss 5 % of 30%', { verb: 'loss', share: 0.05, between: [{ kind: 'share', share: 0.3 }, EVERYONE] }],
    ['corrupt 0.1%', { verb: 'corrupt', share: 0.001, between: [EVERYONE, EVERYONE] }],
    ['delay 100ms between region asia | rest', { verb: 'delay', byMs: 100, between: [sites(2, 3), REST] }],
    ['outage region europe', { verb: 'outage', of: sites(0, 1) }],
    ['outage of a random site', { verb: 'outage', of: { kind: 'random', of: 'site' } }],
    ['slow uplink of 10% by 5x', { verb: 'slow', link: 'uplink', of: { kind: 'share', share: 0.1 }, factor: 5 }],
    ['slow downlink of peer 7 by 2.5 x', { verb: 'slow', link: 'downlink', of: { kind: 'peers', from: 7, to: 7 }, factor: 2.5 }],
    ['slow everyone by 2', { verb: 'slow', link: 'both', of: EVERYONE, factor: 2 }],
    ['crash 30%', { verb: 'crash', of: { kind: 'share', share: 0.3 } }],
    ['crash 0.25', { verb: 'crash', of: { kind: 'share', share: 0.25 } }],
    ['crash sites tokyo', { verb: 'crash', of: sites(2) }],
    ['crash random region', { verb: 'crash', of: { kind: 'random', of: 'region' } }],
    ['restart', { verb: 'restart', of: EVERYONE }],
    ['restart sites tokyo, new york', { verb: 'restart', of: sites(2, 4) }],
    ['churn 20%', { verb: 'churn', of: { kind: 'share', share: 0.2 } }],
  ];
  for (const [text, action] of meanings) {
    t.deepEqual(readAction(text, PLACES), action, text);
    t.deepEqual(readAction(actionInWords(action, PLACES), PLACES), action, actionInWords(action, PLACES));
  }
});

test('what is written back is the shortest way to say it: regions by name, nothing that is understood', (t) => {
  const canonical: [string, string][] = [
    ['partition paris, london | rest', 'partition sites Europe | rest'],
    ['partition sites paris, tokyo | sites london', 'partition sites Paris, Tokyo | London'],
    ['delay 100ms between asia, new york | everyone', 'delay 100ms of sites Asia, New York'],
    ['loss 0.05 between everyone | everyone', 'loss 5%'],
    ['slow links of london by 2x', 'slow links of sites London by 2x'],
    ['flap between london | tokyo every 0.5s', 'flap link London | Tokyo every 500ms'],
    ['restart everyone', 'restart'],
  ];
  for (const [text, words] of canonical) t.is(actionInWords(readAction(text, PLACES), PLACES), words);
});

test('a time before, a span, or how long: before the fault or behind it', (t) => {
  t.deepEqual(
    plan('at 60s crash 30%', 'from 100s to 200s churn 20%', 'at 1m for 30s crash 5%', 'at 90s outage london for 10 s').map(sentenceOf),
    ['at 1m crash 30%', 'from 100s to 200s churn 20%', 'from 1m to 90s crash 5%', 'from 90s to 100s outage sites London'],
  );
  const { atMs, untilMs, forMs } = readSentence('for 30s crash 5%', PLACES);
  t.deepEqual([atMs, untilMs, forMs], [null, null, 30_000]);
});

test('a mistake is a sentence that says what was expected, and what was perhaps meant', (t) => {
  const wrong: [string, RegExp][] = [
    ['at 60s partitoin a | b', /^expected what goes wrong \(partition, .*, release\), got "partitoin" \(did you mean "partition"\?\)$/],
    ['at 60s', /^expected what goes wrong .* got nothing$/],
    ['crash 3%', /^expected a time first, as in at 60s crash 3% or from 60s to 90s crash 3%$/],
    ['at 60 crash 3%', /^expected a duration such as .*, got "60"$/],
    ['from 60s crash 3%', /^expected to and a time, as in from 60s to 90s, got "crash" after "from 60s"$/],
    ['from 60s to 30s crash 3%', /^expected an end after 1m, got 30s$/],
    ['from 1s to 2s crash 3% for 5s', /^expected either from and to, or for$/],
    ['at 60s partition europe', /^expected two groups with \| between them, .* got nothing more after "at 60s partition europe"$/],
    [
      'at 60s partition europ | rest',
      /^expected a site or region of the topology, got "europ" \(did you mean "Europe"\?\); there is Europe, Asia, /,
    ],
    ['at 60s partition london, | paris', /^expected names of sites or regions/],
    ['at 60s partition rest | rest', /^expected a group beside rest that leaves somebody/],
    ['at 60s partition rest | everyone', /^expected a group beside rest that leaves somebody/],
    ['at 60s partition "london | paris', /^expected a closing quote/],
    ['at 60s partition "lon\\qdon" | paris', /^expected quotes as in JSON/],
    ['at 60s crash', /^expected who is hit: everyone, .* got nothing$/],
    ['at 60s crash rest', /^expected a group of its own, got rest/],
    ['at 60s crash 120%', /^expected a share of at most 1/],
    ['at 60s crash 0%', /^expected a share above 0/],
    ['at 60s crash random town', /^expected random site or random region, got "random town"$/],
    ['at 60s crash peers 90-100', /^expected peers from 0 to 99, because there are 100, got "90-100"$/],
    ['at 60s crash peers 20-10', /^expected peers from a smaller number to a larger one/],
    ['at 60s crash peers x', /^expected peers by number/],
    ['at 60s slow uplink of 10%', /^expected by 5x, got nothing more after/],
    ['at 60s slow uplink of 10% by 0.5x', /^expected a number above 1, got 0.5$/],
    ['at 60s slow uplink of 10% by five', /^expected a factor such as 5x, got "five"$/],
    ['at 60s flap link london | paris', /^expected every 500ms, got nothing more/],
    ['at 60s flap link london | paris every 0s', /^expected a duration above 0/],
    ['at 60s loss 5% in europe', /^expected nothing more after "at 60s loss 5%", got "in"$/],
    ['at 60s repair crash', /^expected what to repair \(.*\), got "crash"$/],
    ['at 60s repair', /^nothing to repair: no fault that lasts without an end of its own has begun before 1m$/],
    ['at 60s release', /^nothing to release: no hold /],
    ['from 60s to 90s repair', /^expected a moment/],
    ['at 60s restart', /^nobody to restart: no fault has crashed anybody before 1m$/],
    ['from 60s to 70s restart', /^expected a moment/],
    ['at 60s churn 20%', /^expected how long it lasts/],
  ];
  for (const [text, message] of wrong) t.throws(() => plan(text), { instanceOf: Problem, message }, text);
  t.throws(
    () => plan('at 60s partition london | rest', 'at 60s repair'),
    { message: /^nothing to repair/ },
    'what begins now is not open yet',
  );
  t.throws(() => plan('at 60s partition london | rest', 'at 70s repair', 'at 80s repair'), { message: /^nothing to repair/ });
  t.throws(() => plan('at 60s restart', 'at 70s crash 3%'), { message: /^nobody to restart/ });
  t.throws(() => readAction('at 5s crash 3%', PLACES), { message: /^expected a fault without a time/ });
  t.throws(() => readAction('repair', PLACES), { message: /^expected a fault, got "repair"/ });
  const noRegions = { ...PLACES, sites: PLACES.sites.map((site) => ({ ...site, region: null })) };
  t.throws(() => readAction('outage random region', noRegions), { message: /^expected random site: this topology has no regions$/ });
});

/** Any names, among them words of the language, numbers, and what has to be quoted. */
const name = fc.oneof(
  fc.string(),
  fc.constantFrom(
    'rest',
    'everyone',
    'site 1',
    'every',
    'by',
    'for',
    'a | b',
    'x, y',
    '30%',
    '0.5',
    '10-20',
    'a',
    'São Paulo',
    ' x',
    '"',
    '\\',
    'two\nlines',
  ),
);
const places: fc.Arbitrary<Places> = fc
  .uniqueArray(name, { minLength: 2, maxLength: 8, selector: (each) => each.toLowerCase() })
  .chain((names) =>
    fc
      .array(fc.constantFrom(null, 'North', 'South'), { minLength: names.length, maxLength: names.length })
      .map((regions): Places => ({ peers: 50, sites: names.map((each, at) => ({ name: each, region: regions[at] })) })),
  );

test('whatever a fault is, the sentence about it says exactly that, whatever its sites are called', (t) => {
  fc.assert(
    fc.property(
      places.chain((here) => fc.tuple(fc.constant(here), anyAction(here))),
      ([here, action]) => {
        const words = actionInWords(action, here);
        t.deepEqual(readAction(words, here), action, words);
      },
    ),
    { numRuns: 500 },
  );
});
