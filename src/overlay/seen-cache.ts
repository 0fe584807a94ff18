/**
 * What a peer remembers of the messages it has seen: GUID -> a number (the neighbour it came from), for a while, in bounded memory.
 *
 * Two generations: entries go into the young one; every `expiryMs` the young becomes the old and the old is forgotten whole. So an
 * entry is remembered for at least `expiryMs` (unless `limit` others came since) and less than twice that, a lookup touches two
 * tables at most, and nothing is ever scanned for expiry. A generation is an open-addressing table in one plain array of doubles,
 * key and value side by side (one cache line a probe); a peer that has seen nothing holds none, so that a million idle peers cost
 * nothing.
 */

/** Marks a free place: no GUID is negative. A fraction, because it makes V8 hold the array as unboxed doubles from the start. */
const FREE = -0.5;
/** Places in the first table of a generation; a power of two, as all sizes are. */
const FIRST_PLACES = 8;
/** Returned by `get` for what is not remembered. */
export const NOT_SEEN = -1;

const NOTHING: number[] = [];

/** What has been seen lately: a set that forgets. */
export class SeenCache {
  private readonly expiryMs: number;
  private readonly limit: number;
  /** The period of `expiryMs` since time 0 that the young generation belongs to. */
  private period = 0;
  private young: number[] = NOTHING;
  private youngSize = 0;
  private old: number[] = NOTHING;
  private oldSize = 0;

  /**
   * @param expiryMs how long an entry is remembered at least
   * @param limit most entries of one generation: one more, and the old generation is forgotten before its time
   */
  constructor(expiryMs: number, limit: number) {
    this.expiryMs = expiryMs;
    this.limit = limit;
  }

  /** Remembers `value` for `key` (integers, not negative) and returns true; returns false, and changes nothing, when the key is known. */
  add(key: number, value: number, nowMs: number): boolean {
    this.turn(nowMs);
    if (this.young === NOTHING) this.young = emptyTable(FIRST_PLACES);
    const place = placeOf(this.young, key, false);
    if (this.young[place] === key) return false; // most copies of a flood end here, at the first table looked into
    if (this.old !== NOTHING && placeOf(this.old, key, true) >= 0) return false;
    this.enter(place, key, value);
    return true;
  }

  /** Remembers `value` for `key`, in place of another. */
  set(key: number, value: number, nowMs: number): void {
    this.turn(nowMs);
    if (this.young === NOTHING) this.young = emptyTable(FIRST_PLACES);
    const place = placeOf(this.young, key, false);
    if (this.young[place] === key) this.young[place + 1] = value;
    else this.enter(place, key, value);
  }

  /** Into the young table, which is not to grow beyond `limit`. */
  private enter(place: number, key: number, value: number): void {
    if (this.youngSize >= this.limit) {
      this.old = this.young;
      this.oldSize = this.youngSize;
      this.young = emptyTable(FIRST_PLACES);
      this.youngSize = 0;
      place = placeOf(this.young, key, false);
    } else if (8 * (this.youngSize + 1) > 3 * this.young.length) {
      this.young = doubled(this.young); // three quarters of the places are taken: an array has two numbers to a place
      place = placeOf(this.young, key, false);
    }
    this.young[place] = key;
    this.young[place + 1] = value;
    this.youngSize++;
  }

  /** The value remembered for `key`, or NOT_SEEN. */
  get(key: number, nowMs: number): number {
    this.turn(nowMs);
    if (this.young !== NOTHING) {
      const place = placeOf(this.young, key, true);
      if (place >= 0) return this.young[place + 1];
    }
    if (this.old !== NOTHING) {
      const place = placeOf(this.old, key, true);
      if (place >= 0) return this.old[place + 1];
    }
    return NOT_SEEN;
  }

  /** Entries remembered now, those counted that are forgotten when next looked for. */
  get size(): number {
    return this.youngSize + this.oldSize;
  }

  /** Forgets what is due. */
  private turn(nowMs: number): void {
    const period = Math.floor(nowMs / this.expiryMs);
    if (period === this.period) return;
    this.old = period === this.period + 1 ? this.young : NOTHING;
    this.oldSize = this.old === NOTHING ? 0 : this.youngSize;
    this.young = NOTHING;
    this.youngSize = 0;
    this.period = period;
  }
}

/** Where the key stands in the table; when it does not, where it would go, or -1 for `onlyIfThere`. */
function placeOf(table: number[], key: number, onlyIfThere: boolean): number {
  const mask = table.length - 2;
  // GUIDs are random already; the multiplication (Fibonacci hashing) spreads keys that are not.
  let place = (Math.imul(key | 0, 0x9e3779b1) >>> 8) & mask;
  while (true) {
    const held = table[place];
    if (held === key) return place;
    if (held === FREE) return onlyIfThere ? -1 : place;
    place = (place + 2) & mask;
  }
}

function emptyTable(places: number): number[] {
  return new Array<number>(2 * places).fill(FREE);
}

function doubled(table: number[]): number[] {
  const larger = emptyTable(table.length);
  for (let i = 0; i < table.length; i += 2) {
    if (table[i] === FREE) continue;
    const place = placeOf(larger, table[i], false);
    larger[place] = table[i];
    larger[place + 1] = table[i + 1];
  }
  return larger;
}
