import test from 'ava';
import { planFaults } from '../../src/scenario/fault-plan.js';
import { type Places, sentenceOf } from '../../src/scenario/fault-words.js';

const PLACES: Places = {
  peers: 100,
  sites: [
    { name: 'London', region: 'Europe' },
    { name: 'Paris', region: 'Europe' },
    { name: 'Tokyo', region: null },
  ],
};

const plan = (...texts: string[]) => planFaults(texts, PLACES, (_, error) => error);

test('repair ends all that is open, or one kind of it; release what is held; in order of time, not of lines', (t) => {
  t.deepEqual(
    plan(
      'at 90s repair',
      'at 60s partition sites europe | rest',
      'at 70s loss 5%',
      'from 10s to 300s delay 1s',
      'at 100s hold london | paris',
      'at 95s loss 1%',
      'at 110s release',
      'at 120s repair loss',
      'at 200s outage tokyo',
    ).map(sentenceOf),
    [
      'from 1m to 90s partition sites Europe | rest',
      'from 70s to 90s loss 5%',
      'from 10s to 5m delay 1s',
      'from 100s to 110s hold sites London | Paris',
      'from 95s to 2m loss 1%',
      'at 200s outage sites Tokyo',
    ],
  );
});

test('a mistake is blamed on its own sentence, also when it shows only beside the others', (t) => {
  const blamed = (...texts: string[]) => {
    let at = -1;
    t.throws(() =>
      planFaults(texts, PLACES, (index, error) => {
        at = index;
        return error;
      }),
    );
    return at;
  };
  t.is(blamed('at 1s crash 3%', 'at 2s crash nobody'), 1);
  t.is(blamed('at 1s crash 3%', 'at 5s repair', 'at 2s churn 3%'), 2);
  t.is(blamed('at 1s crash 3%', 'at 5s repair', 'at 6s partition london | rest'), 1);
  t.is(blamed('at 3s crash 3%', 'at 2s restart'), 1);
});
