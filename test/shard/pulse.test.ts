import test from 'ava';
import { PULSE_WORDS, pulseOf, readPulse } from '../../src/shard/pulse.js';

test('a shard that has not begun does nothing; then its sign of life names the peer, and what it is handling', (t) => {
  const pulse = pulseOf(3);
  for (const shard of [0, 1, 2]) t.is(readPulse(pulse, shard, ['hello']).doing, null);
  new Uint32Array(pulse).set([7, 0, 41], 1 * PULSE_WORDS);
  t.deepEqual(readPulse(pulse, 1, ['hello']), { events: 41, doing: 'p7 in onMessage("hello")' });
  t.is(readPulse(pulse, 2, ['hello']).doing, null);
});
