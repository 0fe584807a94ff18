/**
 * A run in at most so many samples, about evenly spread over its time. Samples are totals since the run began, so those in between can be
 * left out: what happened between two that are kept is still their difference. The page and the server keep theirs by the same rule.
 */

const MOST_SAMPLES = 1_000;

type Timed = readonly [virtualMs: number, ...rest: unknown[]];

export class Thinned<T extends Timed> {
  private list: T[] = [];
  private readonly most: number;
  /** Samples nearer to each other than this are not all kept. */
  private apartMs = 0;

  constructor(samples: readonly T[] = [], most = MOST_SAMPLES) {
    this.most = most;
    for (const sample of samples) this.add(sample);
  }

  get samples(): readonly T[] {
    return this.list;
  }

  /** Adds the newest. The first and the newest are always there. */
  add(sample: T): void {
    const { list } = this;
    const isBetween = list.length > 1 && list.at(-1)![0] - list.at(-2)![0] < this.apartMs;
    if (list.length > 0 && (isBetween || list.at(-1)![0] >= sample[0])) list.pop();
    list.push(sample);
    if (list.length > this.most) this.thin(sample);
  }

  private thin(newest: T): void {
    const [first] = this.list;
    this.apartMs = Math.max(2 * this.apartMs, (2 * (newest[0] - first[0])) / this.most);
    let keptMs = Number.NEGATIVE_INFINITY;
    this.list = this.list.filter((sample) => {
      if (sample !== newest && sample[0] - keptMs < this.apartMs) return false;
      keptMs = sample[0];
      return true;
    });
  }
}
