/**
 * MD4 (Rivest, "The MD4 Message-Digest Algorithm", RFC 1320, 1992). Broken as a signature since 1995, it names files in eDonkey; Node's
 * OpenSSL 3 no longer has it.
 */

const BLOCK_BYTES = 64;
const LENGTH_BYTES = 8;

/** Hashes what it is given, piece by piece. */
export class Md4 {
  private readonly state = Uint32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476);
  private readonly words = new Uint32Array(16);
  /** What does not fill a block yet. */
  private readonly rest = new Uint8Array(BLOCK_BYTES);
  private restBytes = 0;
  private totalBytes = 0;

  update(bytes: Uint8Array): this {
    this.totalBytes += bytes.length;
    let at = 0;
    if (this.restBytes > 0) {
      at = Math.min(BLOCK_BYTES - this.restBytes, bytes.length);
      this.rest.set(bytes.subarray(0, at), this.restBytes);
      this.restBytes += at;
      if (this.restBytes < BLOCK_BYTES) return this;
      this.block(this.rest, 0);
      this.restBytes = 0;
    }
    for (; at + BLOCK_BYTES <= bytes.length; at += BLOCK_BYTES) this.block(bytes, at);
    this.rest.set(bytes.subarray(at));
    this.restBytes = bytes.length - at;
    return this;
  }

  /** The 16 bytes. Nothing can be added afterwards. */
  digest(): Uint8Array {
    const { totalBytes, restBytes } = this;
    const padding = new Uint8Array((restBytes < BLOCK_BYTES - LENGTH_BYTES ? BLOCK_BYTES : 2 * BLOCK_BYTES) - restBytes);
    padding[0] = 0x80;
    const view = new DataView(padding.buffer);
    view.setUint32(padding.length - 8, (totalBytes * 8) >>> 0, true);
    view.setUint32(padding.length - 4, Math.floor(totalBytes / 2 ** 29), true);
    this.update(padding);
    const digest = new Uint8Array(16);
    const out = new DataView(digest.buffer);
    this.state.forEach((word, i) => {
      out.setUint32(4 * i, word, true);
    });
    return digest;
  }

  /** RFC 1320, 3.4: three rounds of sixteen steps. */
  private block(bytes: Uint8Array, at: number): void {
    const { state, words: x } = this;
    for (let i = 0, from = at; i < 16; i++, from += 4) {
      x[i] = bytes[from] | (bytes[from + 1] << 8) | (bytes[from + 2] << 16) | (bytes[from + 3] << 24);
    }
    let a = state[0] | 0;
    let b = state[1] | 0;
    let c = state[2] | 0;
    let d = state[3] | 0;
    for (let step = 0; step < 48; step++) {
      const round = step >> 4;
      let sum: number;
      if (round === 0) sum = a + ((b & c) | (~b & d)) + x[step];
      else if (round === 1) sum = a + ((b & c) | (b & d) | (c & d)) + x[ORDER[step]] + 0x5a827999;
      else sum = a + (b ^ c ^ d) + x[ORDER[step]] + 0x6ed9eba1;
      const shift = SHIFTS[round * 4 + (step & 3)];
      a = d;
      d = c;
      c = b;
      b = (sum << shift) | (sum >>> (32 - shift));
    }
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
  }
}

/** Bits by which each step rotates, four to a round. */
const SHIFTS = Uint8Array.of(3, 7, 11, 19, 3, 5, 9, 13, 3, 9, 11, 15);
/** Which word each step takes. */
const ORDER = Uint8Array.from([
  ...[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
  ...[0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15],
  ...[0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15],
]);

/** The MD4 of all of this. */
export function md4(bytes: Uint8Array): Uint8Array {
  return new Md4().update(bytes).digest();
}

export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
