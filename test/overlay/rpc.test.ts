import test from 'ava';
import { Call, Calls } from '../../src/overlay/rpc.js';
import { FakeNetwork } from '../helpers/fake-network.js';

class Question extends Call {
  readonly text: string;

  constructor(text: string) {
    super();
    this.text = text;
  }
}

function asker() {
  const net = new FakeNetwork();
  const expired: string[] = [];
  let calls!: Calls<Question>;
  net.addPeer({
    about: 'asks',
    messages: {},
    create: (peer) => {
      calls = new Calls<Question>(peer, (number) => expired.push(calls.close(number)!.text));
      return { join() {}, onMessage() {} };
    },
  });
  return { net, calls, expired };
}

test('an answer in time closes the call and stops its timer', (t) => {
  const { net, calls, expired } = asker();
  const number = calls.open(new Question('a'), 100);
  net.run(50);
  t.is(calls.close(number)?.text, 'a');
  t.is(calls.close(number), undefined, 'a second answer finds nothing');
  net.run(1000);
  t.deepEqual(expired, []);
});

test('silence times out, each call at its own time; without a timeout a call waits', (t) => {
  const { net, calls, expired } = asker();
  calls.open(new Question('late'), 300);
  calls.open(new Question('early'), 100);
  const patient = calls.open(new Question('patient'), 0);
  net.run(100);
  t.deepEqual(expired, ['early']);
  net.run(1e9);
  t.deepEqual(expired, ['early', 'late']);
  t.is(calls.get(patient)?.text, 'patient');
});

test('numbers are never 0 and not those of a peer that asks from another session', (t) => {
  const { calls } = asker();
  const numbers = Array.from({ length: 1000 }, () => calls.open(new Question(''), 0));
  t.is(new Set(numbers).size, 1000);
  t.true(numbers.every((number) => number > 0 && number < 2 ** 32));
  t.true(numbers[0] > 1);
});

test('tidying forgets stale calls, and looks only when there are many', (t) => {
  const { calls } = asker();
  for (let i = 0; i < 100; i++) calls.open(new Question(i % 2 ? 'stale' : 'fresh'), 0);
  calls.tidy((call) => call.text === 'stale');
  t.is(calls.size, 50);
  let asked = 0;
  for (let i = 0; i < 10; i++) {
    calls.open(new Question('stale'), 0);
    calls.tidy(() => ++asked > 0);
  }
  t.is(asked, 0);
  t.is(calls.size, 60);
});
