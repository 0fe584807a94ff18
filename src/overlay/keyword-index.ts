/**
 * An inverted index: which items have all of these words in their names, and who has them. A server's, a super-peer's, or a peer's own
 * of what it shares. A question costs the items under its rarest word, not all there are.
 */

import type { Address, Item, Key } from '../protocol.js';

/** An item with those who have it, in the order in which they said so. */
export interface Listed {
  readonly item: Item;
  readonly providers: readonly Address[];
}

interface Entry extends Listed {
  readonly providers: Address[];
}

const NONE: readonly Listed[] = [];

/** Which items a peer knows of, by their words. */
export class KeywordIndex {
  /** Pairs of an item and a provider. */
  size = 0;
  private readonly items = new Map<Key, Entry>();
  private readonly words = new Map<Key, Entry[]>();
  private readonly keysOf = new Map<Address, Set<Key>>();

  /** How many different items there are. */
  get itemCount(): number {
    return this.items.size;
  }

  /** Those who have something here. */
  get providers(): Iterable<Address> {
    return this.keysOf.keys();
  }

  get(key: Key): Listed | undefined {
    return this.items.get(key);
  }

  has(key: Key, provider: Address): boolean {
    return this.keysOf.get(provider)?.has(key) ?? false;
  }

  /** The keys of what this provider has. */
  of(provider: Address): Iterable<Key> {
    return this.keysOf.get(provider) ?? [];
  }

  /** Enters that `provider` has the item; false when it was known. */
  add(item: Item, provider: Address): boolean {
    let keys = this.keysOf.get(provider);
    if (keys === undefined) {
      keys = new Set();
      this.keysOf.set(provider, keys);
    }
    if (keys.has(item.key)) return false;
    keys.add(item.key);
    this.size++;
    const entry = this.items.get(item.key);
    if (entry !== undefined) {
      entry.providers.push(provider);
      return true;
    }
    const fresh: Entry = { item, providers: [provider] };
    this.items.set(item.key, fresh);
    for (const word of item.words) {
      const entries = this.words.get(word);
      if (entries === undefined) this.words.set(word, [fresh]);
      else entries.push(fresh);
    }
    return true;
  }

  remove(key: Key, provider: Address): void {
    const keys = this.keysOf.get(provider);
    if (!keys?.delete(key)) return;
    if (keys.size === 0) this.keysOf.delete(provider);
    this.size--;
    const entry = this.items.get(key) as Entry;
    entry.providers.splice(entry.providers.indexOf(provider), 1);
    if (entry.providers.length > 0) return;
    this.items.delete(key);
    for (const word of entry.item.words) {
      const entries = this.words.get(word) as Entry[];
      entries.splice(entries.indexOf(entry), 1);
      if (entries.length === 0) this.words.delete(word);
    }
  }

  /** Forgets a provider with all it has. */
  removeProvider(provider: Address): void {
    for (const key of [...this.of(provider)]) this.remove(key, provider);
  }

  /** The items whose names have all these words, at least one, in the order in which they were first entered. */
  match(words: readonly Key[]): readonly Listed[] {
    let fewest: readonly Entry[] | undefined;
    for (const word of words) {
      const entries = this.words.get(word);
      if (entries === undefined) return NONE;
      if (fewest === undefined || entries.length < fewest.length) fewest = entries;
    }
    if (fewest === undefined) return NONE;
    return words.length === 1 ? fewest : fewest.filter(({ item }) => words.every((word) => item.words.includes(word)));
  }
}
