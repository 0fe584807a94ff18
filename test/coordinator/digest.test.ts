import test from 'ava';
import { digestOf } from '../../src/coordinator/digest.js';
import { DIGEST_A, DIGEST_B, PeerTable, ROW_U32 } from '../../src/network/peer-table.js';

const table = (words: readonly (readonly [number, number])[]) => {
  const made = PeerTable.create(words.length);
  words.forEach(([a, b], peer) => {
    made.u32[peer * ROW_U32 + DIGEST_A] = a;
    made.u32[peer * ROW_U32 + DIGEST_B] = b;
  });
  return made;
};

test('a digest is 16 hexadecimal digits that change with each word of each peer, and with who has it', (t) => {
  const base: [number, number][] = [
    [1, 2],
    [0, 0],
    [4_000_000_000, 7],
  ];
  const digests = [digestOf(table(base))];
  for (let peer = 0; peer < 3; peer++) {
    for (const word of [0, 1]) {
      const changed = base.map((each) => [...each] as [number, number]);
      changed[peer][word]++;
      digests.push(digestOf(table(changed)));
    }
  }
  digests.push(digestOf(table(base.toReversed())), digestOf(table([...base, [0, 0]])));
  t.is(new Set(digests).size, digests.length);
  for (const digest of digests) t.regex(digest, /^[0-9a-f]{16}$/);
  t.is(digestOf(table(base)), digests[0]);
});

test('what else is in a peer\u2019s record does not matter', (t) => {
  const one = table([[1, 2]]);
  const before = digestOf(one);
  for (let word = 0; word < ROW_U32; word++) if (word !== DIGEST_A && word !== DIGEST_B) one.u32[word] = 99;
  t.is(digestOf(one), before);
});
