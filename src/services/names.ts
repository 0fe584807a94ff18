/**
 * What items are called: a few words each, drawn from a vocabulary by Zipf's law, and what somebody who looks for one knows of its name.
 * A word is a number like a key. Without a vocabulary a name is one word that no other item has: its key.
 *
 * A pure function of (seed, file), made when first asked for and shared by all peers of a shard.
 */

import { Stream } from '../kernel/random.js';
import type { Item, Key, Random } from '../protocol.js';
import type { LocateWorkload } from '../scenario/scenario.js';
import { WeightedDraw, zipfWeights } from './zipf.js';

/** Draws of a word for one name before it is left with fewer: some vocabularies have hardly more words than a name. */
const PATIENCE = 100;

export class ItemNames {
  private readonly seed: number;
  private readonly workload: LocateWorkload;
  private readonly keyOf: (file: number) => Key;
  private readonly usage: WeightedDraw | null;
  private readonly items: (Item | undefined)[] = [];

  constructor(seed: number, workload: LocateWorkload, keyOf: (file: number) => Key) {
    const { vocabulary, zipf } = workload.names;
    this.seed = seed;
    this.workload = workload;
    this.keyOf = keyOf;
    this.usage = vocabulary > 0 ? new WeightedDraw(zipfWeights(vocabulary, zipf)) : null;
  }

  /** The file as peers share it: one object for all of them. */
  item(file: number): Item {
    let item = this.items[file];
    if (item === undefined) {
      const key = this.keyOf(file);
      item = Object.freeze({ key, words: Object.freeze(this.wordsOf(file, key)), sizeBytes: this.workload.downloadBytes });
      this.items[file] = item;
    }
    return item;
  }

  /** What somebody who looks for it knows of its name, in the order of the name. */
  known({ words }: Item, random: Random): readonly Key[] {
    const { perQuery } = this.workload.names;
    if (perQuery >= words.length) return words;
    const places = Array.from(words, (_, place) => place);
    return random
      .shuffle(places)
      .slice(0, perQuery)
      .sort((a, b) => a - b)
      .map((place) => words[place]);
  }

  private wordsOf(file: number, key: Key): Key[] {
    if (this.usage === null) return [key];
    const random = new Stream(this.seed, file, 'name');
    const chosen = new Set<number>();
    for (let tries = 0; chosen.size < this.workload.names.perItem && tries < PATIENCE; tries++) chosen.add(this.usage.draw(random));
    return Array.from(chosen, (word) => new Stream(this.seed, word, 'word').identifier());
  }
}
