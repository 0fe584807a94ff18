/**
 * How far a figure over the queries of one run may be from the truth. Queries are no independent draws: those that one peer asked, those
 * for one item and those of one stretch of time have much in common, and a plain standard error would be several times too small. So the
 * errors are added up within each such cluster first, and the three ways to cluster are put together (Cameron, Gelbach and Miller 2011).
 * Two runs of one seed share their peers, items and times: what their errors have in common then falls out of the difference.
 */

import type { OperationTable } from './operations.js';

/** Stretches of time into which the queries are cut. */
const STRETCHES = 20;

/**
 * So much wider are errors between two seeds: what a seed decides for a whole run, its queries alone do not tell. Measured: without it 3
 * to 5 % of the pairs of real runs raise a false alarm, with it 1 % (docs/comparing-runs.md).
 */
const BETWEEN_SEEDS = 1.25;

/** For each query of a run, by how much it moves the run's figure away from its mean. */
export type Influence = Float64Array;

export interface Variances {
  readonly baseline: number;
  readonly candidate: number;
  readonly difference: number;
  /** Degrees of freedom of the difference's: as many clusters as it rests on, less one, not as many as there are. */
  readonly df: number;
}

/** A way to put queries together: by row of each run, the number of its cluster. */
interface Way {
  readonly baseline: Uint32Array;
  readonly candidate: Uint32Array;
  readonly clusters: number;
}

export class CrossedClusters {
  private readonly each: Way;
  private readonly together: readonly Way[];

  private readonly widening: number;

  /** @param shared whether both runs had the same seed, so that a peer, an item and a moment are the same in both */
  constructor(baseline: OperationTable, candidate: OperationTable, shared: boolean) {
    const starts = [baseline, candidate].flatMap((table) =>
      table.length ? [table.at(0, 'startMs'), table.at(table.length - 1, 'startMs')] : [],
    );
    const from = Math.min(...starts);
    const stretchMs = (Math.max(...starts) - from) / STRETCHES || 1;
    const stretch = (table: OperationTable, row: number) =>
      Math.min(STRETCHES - 1, Math.floor((table.at(row, 'startMs') - from) / stretchMs));
    const way = (nameOf: (table: OperationTable, row: number) => number | string) => number(baseline, candidate, shared, nameOf);
    this.widening = shared ? 1 : BETWEEN_SEEDS ** 2;
    // Of two seeds, no query is one of the other run's.
    this.each = way(
      shared ? (table, row) => `${table.at(row, 'origin')} ${table.at(row, 'key')} ${table.at(row, 'startMs')}` : (_, row) => row,
    );
    this.together = [way((table, row) => table.at(row, 'origin')), way((table, row) => table.at(row, 'key')), way(stretch)];
  }

  /** Of the two runs' figures and of the difference between them. */
  variances(baseline: Influence, candidate: Influence): Variances {
    const alone = variancesBy(this.each, baseline, candidate);
    const ways = this.together.map((way) => variancesBy(way, baseline, candidate));
    const combine = (of: (variances: Variances) => number) =>
      this.widening * Math.max(of(alone), ...ways.map(of), ways.reduce((sum, each) => sum + of(each), 0) - (ways.length - 1) * of(alone));
    return {
      baseline: combine((each) => each.baseline),
      candidate: combine((each) => each.candidate),
      difference: combine((each) => each.difference),
      df: Math.min(...ways.map(({ df }) => df)),
    };
  }
}

function number(
  baseline: OperationTable,
  candidate: OperationTable,
  shared: boolean,
  nameOf: (table: OperationTable, row: number) => number | string,
): Way {
  const numbers = new Map<number | string, number>();
  const rowsOf = (table: OperationTable) =>
    Uint32Array.from({ length: table.length }, (_, row) => {
      const name = nameOf(table, row);
      const known = numbers.get(name);
      if (known !== undefined) return known;
      numbers.set(name, total);
      return total++;
    });
  let total = 0;
  const first = rowsOf(baseline);
  if (!shared) numbers.clear();
  return { baseline: first, candidate: rowsOf(candidate), clusters: total };
}

function variancesBy({ baseline, candidate, clusters }: Way, a: Influence, b: Influence): Variances {
  const sums = [new Float64Array(clusters), new Float64Array(clusters)];
  baseline.forEach((cluster, row) => {
    sums[0][cluster] += a[row];
  });
  candidate.forEach((cluster, row) => {
    sums[1][cluster] += b[row];
  });
  let [first, second, both, fourth] = [0, 0, 0, 0];
  for (let cluster = 0; cluster < clusters; cluster++) {
    first += sums[0][cluster] ** 2;
    second += sums[1][cluster] ** 2;
    const square = (sums[1][cluster] - sums[0][cluster]) ** 2;
    both += square;
    fourth += square ** 2;
  }
  // Satterthwaite's, from the fourth powers of normal sums: 1 when one cluster has all of it.
  const df = Math.max(1, Math.min(clusters - 1, fourth === 0 ? clusters - 1 : (3 * both ** 2) / fourth - 2));
  // Of few clusters the sum of squares is too small.
  const few = clusters > 1 ? clusters / (clusters - 1) : 1;
  return { baseline: first * few, candidate: second * few, difference: both * few, df };
}
