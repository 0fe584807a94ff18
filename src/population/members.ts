/** A set of peers from which one can be drawn, joined and left in O(1). The order is deterministic but means nothing. */
export class Members {
  count = 0;
  private readonly members: Uint32Array;
  /** For each peer its place plus one; 0: it is no member. */
  private readonly place: Uint32Array;

  constructor(peers: number) {
    this.members = new Uint32Array(peers);
    this.place = new Uint32Array(peers);
  }

  has(peer: number): boolean {
    return this.place[peer] !== 0;
  }

  at(index: number): number {
    return this.members[index];
  }

  add(peer: number): void {
    this.members[this.count++] = peer;
    this.place[peer] = this.count;
  }

  remove(peer: number): void {
    const place = this.place[peer] - 1;
    const last = this.members[--this.count];
    this.members[place] = last;
    this.place[last] = place + 1;
    this.place[peer] = 0;
  }
}
