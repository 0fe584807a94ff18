/**
 * Which bytes of a download are still missing, in parts as they are asked of sources. A part that a source did not finish is taken up
 * again where it was left, before parts that nobody has begun.
 */

import type { Address } from '../../protocol.js';

/** The bytes [at, at + bytes) of an item. */
export class Part {
  readonly at: number;
  readonly bytes: number;
  /** Bytes that are here, from its beginning. */
  got = 0;
  /** The marks of its blocks, if it will be verified. */
  marks: number[] = [];
  /** Whether what is here is what it should be: nobody in the system can know, but the measures do. */
  isGenuine = true;
  /** Who sent what is here. */
  givers: Address[] = [];
  /** Whose bytes were wrong before. */
  readonly avoid: Address[] = [];

  constructor(at: number, bytes: number) {
    this.at = at;
    this.bytes = bytes;
  }

  get complete(): boolean {
    return this.got === this.bytes;
  }

  /** Forgets what is here: it was wrong, and so was one of those who sent it. */
  spoil(): void {
    for (const giver of this.givers) if (!this.avoid.includes(giver)) this.avoid.push(giver);
    this.got = 0;
    this.isGenuine = true;
    this.marks = [];
    this.givers = [];
  }
}

export class Parts {
  /** Bytes of parts that are complete, and right as far as anybody looked. */
  finishedBytes = 0;
  private readonly totalBytes: number;
  private readonly partBytes: number;
  private readonly returned: Part[] = [];
  private freshAt = 0;

  /** @param partBytes 0: one part */
  constructor(totalBytes: number, partBytes: number) {
    this.totalBytes = totalBytes;
    this.partBytes = partBytes > 0 ? partBytes : totalBytes;
  }

  get complete(): boolean {
    return this.finishedBytes === this.totalBytes;
  }

  /** Parts that nobody is fetching. */
  get waiting(): number {
    return this.returned.length + Math.ceil((this.totalBytes - this.freshAt) / this.partBytes);
  }

  /**
   * A part for this source to fetch; undefined when there is none.
   * @param isNeeded whether a part it has spoilt before is better fetched from it again than from nobody
   */
  take(source: Address, isNeeded: (part: Part) => boolean): Part | undefined {
    const index = this.returned.findIndex((part) => !part.avoid.includes(source) || isNeeded(part));
    if (index >= 0) return this.returned.splice(index, 1)[0];
    if (this.freshAt >= this.totalBytes) return undefined;
    const part = new Part(this.freshAt, Math.min(this.partBytes, this.totalBytes - this.freshAt));
    this.freshAt += part.bytes;
    return part;
  }

  giveBack(part: Part): void {
    this.returned.push(part);
  }

  finish(part: Part): void {
    this.finishedBytes += part.bytes;
  }
}
