/**
 * UUHash, by which KaZaA tells files: quick to compute, because it looks at little of a file: the first 300 KiB, 300 KiB at every power
 * of two of MiB, and the last 300 KiB. Whoever alters the rest leaves the hash as it was, which is how the network was flooded with
 * defective files (Liang, Kumar, Xi, Ross, "Pollution in P2P file sharing systems", INFOCOM 2005).
 */

import { BLOCK_BYTES } from '../../overlay/transfer/messages.js';

const MIB = 2 ** 20;
const LOOKED_AT_BYTES = 300 * 1024;

/** Whether the hash of a file of this size looks at anything of the block that begins at byte `at`. */
export function isHashed(at: number, sizeBytes: number): boolean {
  const end = Math.min(at + BLOCK_BYTES, sizeBytes);
  if (at < LOOKED_AT_BYTES || end > sizeBytes - LOOKED_AT_BYTES) return true;
  for (let from = MIB; from < end; from *= 2) if (at < from + LOOKED_AT_BYTES) return true;
  return false;
}
