/** The parts of a circle that are no protocol: who is where, and how long messages are. How circles behave is in protocols/ring.test.ts. */

import test from 'ava';
import fc from 'fast-check';
import { CIRCLE_MESSAGES, type CircleMessage, contactBytes, NOBODY, sizeOfCircle } from '../../src/overlay/circle/messages.js';
import { circleOrder } from '../../src/overlay/circle/placing.js';
import { CIRCLE_SETTINGS, type CircleSettings } from '../../src/overlay/circle/settings.js';
import { checkIdentifiers, rankAtOrBehind } from '../../src/overlay/distinct-identifiers.js';
import type { Everyone } from '../../src/protocol.js';
import { isProblem } from '../helpers/is-problem.js';

const DEFAULTS = Object.fromEntries(Object.entries(CIRCLE_SETTINGS).map(([name, setting]) => [name, setting.default])) as CircleSettings;

function everyone(count: number, settings: Partial<CircleSettings>): Everyone<never, CircleSettings> {
  return { count, settings: { ...DEFAULTS, ...settings }, address: (index: number) => (index + 1) * 65_536 } as never;
}

test('all peers in the order of the circle, each identifier once, however few there are', (t) => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 32 }), fc.integer({ min: 5, max: 48 }), (count, idBits) => {
      const { order, identifiers, addresses, attempts } = circleOrder(everyone(count, { idBits }));
      const ascending = identifiers.every((identifier, rank) => rank === 0 || identifier > identifiers[rank - 1]);
      const inRange = identifiers.every((identifier) => identifier >= 0 && identifier < 2 ** idBits);
      const matches = order.every((index, rank) => addresses[rank] === (index + 1) * 65_536);
      return ascending && inRange && matches && new Set(order).size === count && attempts.length === count;
    }),
  );
  t.is(circleOrder(everyone(32, { idBits: 5 })).identifiers.join(), Array.from({ length: 32 }, (_, i) => i).join());
  isProblem(t, () => circleOrder(everyone(33, { idBits: 5 })), /^protocol.idBits: /);
});

test('named identifiers come first, hashed ones fill up', (t) => {
  const { order, identifiers } = circleOrder(everyone(3, { idBits: 16, identifiers: [40_000, 7] }));
  t.is(identifiers[order.indexOf(0)], 40_000);
  t.is(identifiers[order.indexOf(1)], 7);
});

test('the first peer at or behind a point', (t) => {
  const identifiers = Float64Array.of(3, 7, 12);
  t.deepEqual(
    [0, 3, 4, 7, 8, 12, 13].map((point) => rankAtOrBehind(identifiers, point)),
    [0, 0, 1, 1, 2, 2, 0],
  );
});

test('identifiers that are none, or named twice, are refused', (t) => {
  t.notThrows(() => checkIdentifiers([0, 15], 4));
  for (const identifiers of [[16], [-1], [1.5], [3, 3]]) {
    isProblem(t, () => checkIdentifiers(identifiers, 4), /^protocol.identifiers: /);
  }
});

test('sizes on the wire', (t) => {
  const way = { key: 1, origin: 2, request: 3, hops: 4, leg: 0 };
  const sizes: [CircleMessage, number][] = [
    [{ type: 'lookup', ...way, ack: 0 }, 20],
    [{ type: 'last', ...way, ack: 9 }, 24],
    [{ type: 'seek', ...way, ack: 9 }, 24],
    [{ type: 'answer', request: 1, hops: 2, identifier: 3, providers: [4, 5] }, 8 + 4 + 1 + 12],
    [{ type: 'welcome', request: 1, identifier: 2, successors: [3, 4, 5, 6] }, 8 + 4 + 1 + 20],
    [{ type: 'ack', request: 1 }, 8],
    [{ type: 'ping', request: 1 }, 8],
    [
      { type: 'pong', request: 1, joined: true, identifier: 2, predecessor: NOBODY, predecessorIdentifier: 0, successors: [3, 4, 5, 6] },
      8 + 4 + 1 + 30,
    ],
    [{ type: 'precede', identifier: 1 }, 12],
    [{ type: 'follow', identifier: 1 }, 12],
    [{ type: 'leaving', predecessor: 1, predecessorIdentifier: 2, successors: [] }, 8 + 1 + 10],
    [{ type: 'store', request: 1, key: 2, provider: 3 }, 20],
    [{ type: 'stored', request: 1 }, 8],
    [{ type: 'withdraw', request: 0, key: 2, provider: 3 }, 20],
    [{ type: 'items', items: [1, 2, 3], copy: true }, 8 + 1 + 16],
    [{ type: 'client-withdraw', keys: [1] }, 9],
  ];
  for (const [message, bytes] of sizes) t.is(sizeOfCircle(message, 32), bytes, message.type);
  const own = Object.keys(CIRCLE_MESSAGES).filter((type) => !type.startsWith('client-'));
  t.deepEqual(
    own.filter((type) => !sizes.some(([message]) => message.type === type)),
    [],
  );
  t.is(contactBytes(33), 5 + 6);
});
