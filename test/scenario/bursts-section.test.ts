import test from 'ava';
import fc from 'fast-check';
import { meanLoss } from '../../src/network/burst-loss.js';
import { loadTopology } from '../../src/scenario/topology-file.js';
import { sentence, temporaryFolder } from './temporary.js';

const folder = temporaryFolder();
const load = (bursts: string) => loadTopology(folder.write('t.yaml', `latency: 5ms\nbursts: ${bursts}`)).bursts!;
const says = (bursts: string) => sentence(() => load(bursts), folder.path);

test('as the chain has it', (t) => {
  t.deepEqual(load('{ enter: 0.5%, leave: 25% }'), { enter: 0.005, leave: 0.25, lossGood: 0, lossBad: 1 });
  t.deepEqual(load('{ enter: 0.5%, leave: 25%, lossGood: 1%, lossBad: 40% }'), { enter: 0.005, leave: 0.25, lossGood: 0.01, lossBad: 0.4 });
  t.is(load('none'), null as never);
});

test('as it is measured: the chain that comes out loses that share, in bursts of that length', (t) => {
  const share = fc.integer({ min: 1, max: 99 }).map((n) => n / 100);
  fc.assert(
    fc.property(share, fc.double({ min: 1, max: 50, noNaN: true }), share, share, (part, length, good, width) => {
      const lossGood = good / 2;
      const lossBad = lossGood + width / 2;
      const loss = lossGood + ((part * length) / (length + 1)) * (lossBad - lossGood);
      const chain = load(`{ loss: ${loss}, length: ${length}, lossGood: ${lossGood}, lossBad: ${lossBad} }`);
      t.is(1 / chain.leave, 1 / (1 / length));
      t.true(chain.enter > 0 && chain.enter <= 1);
      t.true(Math.abs(meanLoss(chain) / loss - 1) < 1e-9);
    }),
    { numRuns: 50 },
  );
});

test('what is wrong with bursts is a sentence', (t) => {
  const either = 't.yaml:2:9: bursts: expected either enter and leave or loss and length, got';
  t.is(says('{}'), `${either} neither`);
  t.is(says('{ enter: 1% }'), `${either} enter`);
  t.is(says('{ enter: 1%, leave: 20%, loss: 3% }'), `${either} enter and leave and loss`);
  t.is(says('{ loss: 1%, length: 4, leave: 20% }'), `${either} leave and loss and length`);
  t.is(says('{ loss: 1%, length: 0.5 }'), 't.yaml:2:29: bursts.length: expected a number of at least 1, got 0.5');
  t.is(says('{ loss: 90%, length: 3 }'), 't.yaml:2:9: bursts: expected a loss above 0% and at most 75% for bursts of 3 packets, got "90%"');
  t.is(
    says('{ loss: 1%, length: 3, lossGood: 2% }'),
    't.yaml:2:9: bursts: expected a loss above 2% and at most 75.5% for bursts of 3 packets, got "1%"',
  );
  t.is(says('{ enter: 1%, leave: 1%, lossGood: 10%, lossBad: 5% }'), 't.yaml:2:9: bursts: expected a lossBad above lossGood (10%), got 5%');
  t.is(says('heavy'), 't.yaml:2:9: bursts: expected none or a map, got "heavy"');
});
