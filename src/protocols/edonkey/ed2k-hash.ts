/**
 * What names a file in eDonkey: the MD4 of the MD4s of its parts of 9,728,000 bytes; of a file of one part, that part's own. So a part
 * that has come in can be verified by itself, and one that is wrong fetched again. Clients disagree about files that are a multiple of
 * a part long: the original and eMule count an empty tail part as well.
 */

import { Md4, md4 } from '../../overlay/md4.js';
import { BLOCK_BYTES, contentMark } from '../../overlay/transfer/messages.js';
import type { Key } from '../../protocol.js';

export const PART_BYTES = 9_728_000;
export const HASH_BYTES = 16;

/** The MD4 of each part, in order: the hash set. `tailPart`: an empty one after a last part that is full. */
export function partHashes(content: Uint8Array, tailPart: boolean): Uint8Array[] {
  const hashes: Uint8Array[] = [];
  for (let at = 0; at < content.length; at += PART_BYTES) hashes.push(md4(content.subarray(at, at + PART_BYTES)));
  if (content.length === 0 || (tailPart && content.length % PART_BYTES === 0)) hashes.push(md4(new Uint8Array(0)));
  return hashes;
}

/** The hash of a file by those of its parts. */
export function hashOfParts(hashes: readonly Uint8Array[]): Uint8Array {
  if (hashes.length === 1) return hashes[0];
  const all = new Md4();
  for (const hash of hashes) all.update(hash);
  return all.digest();
}

export function ed2kHash(content: Uint8Array, tailPart: boolean): Uint8Array {
  return hashOfParts(partHashes(content, tailPart));
}

/** The MD4 of a part, where content is not carried: over the marks that stand for its blocks. */
export function hashOfMarks(marks: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(4 * marks.length);
  const view = new DataView(bytes.buffer);
  marks.forEach((mark, i) => {
    view.setUint32(4 * i, mark, true);
  });
  return md4(bytes);
}

/** That of the genuine part that begins at byte `at` and has so many blocks: what the hash set says. */
export function genuineHash(key: Key, at: number, blocks: number): Uint8Array {
  return hashOfMarks(Array.from({ length: blocks }, (_, block) => contentMark(key, at + block * BLOCK_BYTES)));
}

export function isSameHash(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
