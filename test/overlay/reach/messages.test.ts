import test from 'ava';
import { CHECK, DIRECT, KEEP, LISTED, REACH_MESSAGES, type ReachMessage, sizeOfReach, USE } from '../../../src/overlay/reach/messages.js';

const size = (message: ReachMessage) => sizeOfReach(message, () => 1000);

test('messages weigh what those of STUN, ICE and TURN do, counted attribute by attribute', (t) => {
  // RFC 8489: a header of 20; an attribute is 4 and its value: an address 8, MESSAGE-INTEGRITY 20, FINGERPRINT 4.
  t.is(size({ type: 'reach-bound', seen: 1 }), 20 + (4 + 8) + (4 + 4) + (4 + 20));
  t.is(size({ type: 'reach-end', path: 1 }), 20 + (4 + 8) + (4 + 20));
  // RFC 8445, 7.1: USERNAME, PRIORITY, ICE-CONTROLLING; and the number of the path. USE-CANDIDATE has no value.
  const check = size({ type: 'reach-probe', path: 1, what: CHECK, id: 2 });
  t.is(check, 20 + (4 + 12) + (4 + 4) + (4 + 8) + (4 + 8) + (4 + 20) + (4 + 4));
  t.is(size({ type: 'reach-probe', path: 1, what: USE, id: 2 }), check + 4);
  t.is(size({ type: 'reach-probe', path: 1, what: KEEP, id: 2 }), 20 + (4 + 8) + (4 + 4));
  // RFC 8656, 12.4: ChannelData, 2 bytes of channel and 2 of length.
  t.is(size({ type: 'reach-data', path: 1, message: { type: 'word' } }), 4 + 1000);
  t.is(size({ type: 'reach-data', path: 1, message: { type: 'reach-probe', path: 1, what: CHECK, id: 2 } as ReachMessage }), 4 + check);
});

test('what lists addresses weighs more the more there are', (t) => {
  const bind = (at: number[], mapped = 0) => size({ type: 'reach-bind', id: 1, own: 2, mapped, at, stay: LISTED });
  t.is(bind([3, 4]) - bind([]), 24);
  t.is(bind([], 5) - bind([]), 12);
  const told = (addresses: number[]) => size({ type: 'reach-told', path: 1, step: DIRECT, known: true, addresses });
  t.is(told([1, 2, 3]) - told([]), 36);
  t.is(size({ type: 'reach-here', ids: [1, 2], at: [[3], [4, 5]] }) - size({ type: 'reach-here', ids: [], at: [] }), 5 * 12);
});

test('the longest message still fits a packet, and each has a size', (t) => {
  const all: ReachMessage[] = [
    { type: 'reach-bind', id: 1, own: 2, mapped: 3, at: Array(16).fill(1), stay: LISTED },
    { type: 'reach-bound', seen: 1 },
    { type: 'reach-who', count: 3 },
    { type: 'reach-here', ids: Array(20).fill(1), at: Array(20).fill([1, 2]) },
    { type: 'reach-ask', path: 1, step: 0, id: 1, own: 1, mapped: 1, target: 1 },
    { type: 'reach-told', path: 1, step: 0, known: true, addresses: [1, 2, 3] },
    { type: 'reach-call', path: 1, step: 0, id: 1, addresses: [1, 2, 3] },
    { type: 'reach-probe', path: 1, what: CHECK, id: 1 },
    { type: 'reach-data', path: 1, message: { type: 'word' } },
    { type: 'reach-end', path: 1 },
  ];
  t.deepEqual(all.map(({ type }) => type).sort(), Object.keys(REACH_MESSAGES).sort());
  for (const message of all) {
    t.true(Number.isInteger(size(message)) && size(message) <= 1472, `${message.type} ${size(message)}`);
    t.deepEqual(Object.keys(message).slice(1).sort(), [...REACH_MESSAGES[message.type]].sort());
  }
});
