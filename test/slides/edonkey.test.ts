/** The hashes that name files in eDonkey: MD4 of the MD4s of parts, in both conventions about files that fill their last part. */

import test from 'ava';
import { hex, md4 } from '../../src/overlay/md4.js';
import { ed2kHash, hashOfParts, PART_BYTES, partHashes } from '../../src/protocols/edonkey/ed2k-hash.js';

const zeros = (bytes: number) => new Uint8Array(bytes);

test('a part has 9,728,000 bytes', (t) => t.is(PART_BYTES, 9_728_000));

test('9,728,000 zero bytes: d7def262a127cd79096a108e7a9fc138 without tail part, fc21d9af828f92a8df64beac3357425d with', (t) => {
  t.is(hex(ed2kHash(zeros(PART_BYTES), false)), 'd7def262a127cd79096a108e7a9fc138');
  t.is(hex(ed2kHash(zeros(PART_BYTES), true)), 'fc21d9af828f92a8df64beac3357425d');
});

test('19,456,000 zero bytes: 194ee9e4fa79b2ee9f8829284c466051 without tail part, 114b21c63a74b6ca922291a11177dd5c with', (t) => {
  t.is(hex(ed2kHash(zeros(2 * PART_BYTES), false)), '194ee9e4fa79b2ee9f8829284c466051');
  t.is(hex(ed2kHash(zeros(2 * PART_BYTES), true)), '114b21c63a74b6ca922291a11177dd5c');
});

test('a file of less than a part has the MD4 of its content; one byte more than a part makes two parts, in both conventions', (t) => {
  const small = zeros(1000);
  t.is(hex(ed2kHash(small, false)), hex(md4(small)));
  t.is(hex(ed2kHash(small, true)), hex(md4(small)));
  const more = zeros(PART_BYTES + 1);
  t.is(partHashes(more, false).length, 2);
  t.is(partHashes(more, true).length, 2);
  t.is(hex(ed2kHash(more, false)), hex(hashOfParts([md4(zeros(PART_BYTES)), md4(zeros(1))])));
});
