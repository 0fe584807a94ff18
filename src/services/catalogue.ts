/**
 * The catalogue: which files there are, who shares them, and what is asked for. It is a pure function of (seed, number of peers,
 * workload), so every shard makes the same one for itself and nothing has to be exchanged; typed arrays throughout, O(peers + files +
 * replicas) in time and memory.
 *
 * Three laws shape it:
 * - **Free riders** share nothing. Adar and Huberman ("Free Riding on Gnutella", First Monday 5(10), 2000) found almost 70 %; Saroiu,
 *   Gummadi and Gribble (MMCN 2002) 25 %, and 75 % with at most 100 files.
 * - **Sharing**: the sharing peer of rank r offers a number of files proportional to r^-sharingZipf, at least one. With 70 % free riders
 *   an exponent of **0.8** comes near Adar and Huberman's Gnutella, where the top 1 % of the peers had 37 % of the files and gave
 *   nearly half of the answers: here they have 34 % of the replicas at 2,000 peers and 40 % at 10,000, and give 48 and 56 % of the
 *   answers. (0.7: 27 and 31 %, 43 and 49 %. 0.9: 42 and 49 %, 54 and 62 %. Files: P/2 and 2P with 5 replicas each, zipf 1,
 *   replicaZipf 0.) A replicaZipf above 0.3 takes the answers away from the top, because then everybody has the popular files: at 0.8
 *   the top 1 % gives about a tenth. A peer holds no file twice, so a small catalogue caps the largest peers as well.
 * - **Popularity**: the file of rank r is asked for in proportion to r^-zipf and has replicas in proportion to r^-replicaZipf, at least
 *   one. File number = popularity rank - 1.
 *
 * Every sharing peer has at least one file when there are that many replicas; otherwise some that would share are left without.
 */

import { Stream, WHOLE_RUN } from '../kernel/random.js';
import type { Key, Random } from '../protocol.js';
import type { LocateWorkload } from '../scenario/scenario.js';
import { WeightedDraw, zipfWeights } from './zipf.js';

/** The parts of the run's catalogue stream. */
const KEYS = 0;
const PLACEMENT = 1;

export class Catalogue {
  readonly fileCount: number;
  private readonly keys: Float64Array;
  /** Files of peer p: peerFiles[peerStart[p] .. peerStart[p + 1]), ascending. The other way round for the holders of a file. */
  private readonly peerStart: Uint32Array;
  private readonly peerFiles: Uint32Array;
  private readonly fileStart: Uint32Array;
  private readonly fileHolders: Uint32Array;
  private readonly popularity: WeightedDraw | null;

  /** @param peers at least 1 */
  constructor(seed: number, peers: number, workload: LocateWorkload) {
    this.fileCount = workload.files;
    this.keys = distinctKeys(seed, workload.files);
    this.popularity = workload.files > 0 ? new WeightedDraw(zipfWeights(workload.files, workload.zipf)) : null;
    const sharers = sharingPeers(seed, peers, workload.freeRiders);
    const start = replicaCounts(workload, sharers.length);
    const holders = place(start, sharers, workload.sharingZipf, new Stream(seed, WHOLE_RUN, 'catalogue', PLACEMENT));
    // Turning the table twice sorts both sides.
    [this.peerStart, this.peerFiles] = transpose(start, holders, peers);
    [this.fileStart, this.fileHolders] = transpose(this.peerStart, this.peerFiles, workload.files);
  }

  /** The key of a file: uniform over 48 bits, no two files alike. */
  key(file: number): Key {
    return this.keys[file];
  }

  /** The files this peer shares, ascending; empty for a free rider. A view: not to be written to. */
  filesOf(peer: number): Uint32Array {
    return this.peerFiles.subarray(this.peerStart[peer], this.peerStart[peer + 1]);
  }

  /** The peers that share this file, ascending, whether they are up or not. A view: not to be written to. */
  holdersOf(file: number): Uint32Array {
    return this.fileHolders.subarray(this.fileStart[file], this.fileStart[file + 1]);
  }

  /** The file somebody asks for, by popularity. Only for a catalogue that has files. */
  drawFile(random: Random): number {
    return this.popularity!.draw(random);
  }
}

function distinctKeys(seed: number, files: number): Float64Array {
  const random = new Stream(seed, WHOLE_RUN, 'catalogue', KEYS);
  const seen = new Set<Key>();
  while (seen.size < files) seen.add(random.identifier());
  return Float64Array.from(seen);
}

/**
 * The peers that share, the most generous first. Each peer has a random height of its own stream, and the lowest share of them rides
 * free, so a larger population moves the bar a little and leaves nearly everybody what it was. At least one peer shares.
 */
function sharingPeers(seed: number, peers: number, freeRiders: number): Uint32Array {
  const sharing = Math.max(1, peers - Math.round(freeRiders * peers));
  // Height and peer in one number: sorting plain doubles is many times faster than sorting with a comparator.
  const heights = new Float64Array(peers);
  const steps = Math.floor(Number.MAX_SAFE_INTEGER / peers);
  for (let peer = 0; peer < peers; peer++) {
    heights[peer] = Math.floor(new Stream(seed, peer, 'catalogue').next() * steps) * peers + peer;
  }
  heights.sort();
  return Uint32Array.from({ length: sharing }, (_, rank) => heights[peers - 1 - rank] % peers);
}

/** Where each file's replicas start, and their number at the end. Rounding the running sum keeps the total exact and spreads halves. */
function replicaCounts(workload: LocateWorkload, sharing: number): Uint32Array {
  const start = new Uint32Array(workload.files + 1);
  const shares = proportional(zipfWeights(workload.files, workload.replicaZipf), workload.files * workload.replicas, 1, sharing);
  let sum = 0;
  for (let file = 0; file < workload.files; file++) {
    sum += shares[file];
    // The bounds again, because a running sum next to a half may round either way.
    const count = Math.min(Math.max(Math.round(sum) - start[file], 1), sharing);
    start[file + 1] = start[file] + count;
  }
  return start;
}

/**
 * Numbers proportional to the weights, each within [least, most], that add up to `total` (to the nearest sum the bounds allow). The
 * factor of proportion is found by bisection.
 *
 * @param weights descending, above 0
 */
function proportional(weights: Float64Array, total: number, least: number, most: number): Float64Array {
  const bounded = (factor: number, weight: number) => Math.min(Math.max(factor * weight, least), most);
  let low = 0;
  let high = most / weights[weights.length - 1];
  for (let step = 0; step < 100 && high - low > 1e-12 * high; step++) {
    const factor = (low + high) / 2;
    let sum = 0;
    for (let i = 0; i < weights.length; i++) sum += bounded(factor, weights[i]);
    if (sum < total) low = factor;
    else high = factor;
  }
  return weights.map((weight) => bounded(high, weight));
}

/**
 * The holders of each file, in the order of `start`. A first round gives every sharing peer one replica (if there are enough), in a
 * random order and at random places; the others are drawn by weight, each file's holders without replacement.
 */
function place(start: Uint32Array, sharers: Uint32Array, sharingZipf: number, random: Random): Uint32Array {
  const files = start.length - 1;
  const total = start[files];
  const holders = new Uint32Array(total);
  if (files === 0) return holders;
  const sharing = sharers.length;
  const atLeast = total >= sharing ? 1 : 0;
  const weights = proportional(zipfWeights(sharing, sharingZipf), total, atLeast, files).map((share) => share - atLeast);
  const draw = new WeightedDraw(weights.some((weight) => weight > 0) ? weights : weights.fill(1));
  const firstRound = atLeast === 1 ? shuffled(sharing, random) : new Uint32Array(0);
  let handedOut = 0;
  // lastFile[rank] = 1 + the last file that the sharing peer of this rank was given: tells in one look whether it has the present one.
  const lastFile = new Uint32Array(sharing);
  for (let file = 0; file < files; file++) {
    let filled = start[file];
    const end = start[file + 1];
    const give = (rank: number) => {
      lastFile[rank] = file + 1;
      holders[filled++] = sharers[rank];
    };
    // Knuth's selection sampling: each place left gets a peer of the first round with the chance that uses up both together.
    for (let slot = start[file]; slot < end; slot++) {
      if (random.next() * (total - slot) < firstRound.length - handedOut) give(firstRound[handedOut++]);
    }
    for (let patience = 64 + 16 * (end - filled); filled < end && patience > 0; patience--) {
      const rank = draw.draw(random);
      if (lastFile[rank] !== file + 1) give(rank);
    }
    if (filled < end) for (const rank of drawRest(weights, lastFile, file + 1, end - filled, random)) give(rank);
  }
  return holders;
}

/**
 * When a file is wanted by so many that drawing mostly meets those who have it: the same law in one pass, by the exponential races of
 * Efraimidis and Spirakis (2006), where the smallest -ln(u) / weight win.
 */
function drawRest(weights: Float64Array, lastFile: Uint32Array, mark: number, count: number, random: Random): Uint32Array {
  const candidates: { rank: number; finish: number }[] = [];
  for (let rank = 0; rank < weights.length; rank++) {
    if (lastFile[rank] === mark) continue;
    // Peers without any weight come last, in a random order among themselves.
    candidates.push({ rank, finish: -Math.log(random.next() + 2 ** -33) / Math.max(weights[rank], 1e-300) });
  }
  candidates.sort((a, b) => a.finish - b.finish);
  return Uint32Array.from({ length: count }, (_, i) => candidates[i].rank);
}

function shuffled(count: number, random: Random): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = random.integer(i + 1);
    const held = order[i];
    order[i] = order[j];
    order[j] = held;
  }
  return order;
}

/** Rows of columns into columns of rows, by counting: row r holds items[start[r] .. start[r + 1]). The new rows come out ascending. */
function transpose(start: Uint32Array, items: Uint32Array, columns: number): [Uint32Array, Uint32Array] {
  const newStart = new Uint32Array(columns + 1);
  for (const item of items) newStart[item + 1]++;
  for (let i = 0; i < columns; i++) newStart[i + 1] += newStart[i];
  const next = newStart.slice();
  const newItems = new Uint32Array(items.length);
  for (let row = 0; row < start.length - 1; row++) {
    for (let at = start[row]; at < start[row + 1]; at++) newItems[next[items[at]]++] = row;
  }
  return [newStart, newItems];
}
