/**
 * How fast a run goes and when it will be over, from what it did lately: a run that joins peers one by one, or through a fault, goes at
 * another speed than its average.
 */

/** The rates are of about the last so many ms of wall time. */
const WINDOW_MS = 5_000;

interface Point {
  readonly wallMs: number;
  readonly virtualMs: number;
  readonly messages: number;
}

export class Pace {
  private points: Point[] = [];

  /** What a run has reached; wall time only rises. */
  add(point: Point): void {
    this.points.push(point);
    // The oldest one stays until the next one is old enough to take its place.
    while (this.points.length > 2 && point.wallMs - this.points[1].wallMs >= WINDOW_MS) this.points.shift();
  }

  /** Messages per second of wall time; null before two points are known. */
  get messagesPerSecond(): number | null {
    return this.rate(({ messages }) => messages * 1000);
  }

  /** Wall time left until this moment of virtual time, in ms; null while nothing tells. */
  leftMs(totalMs: number): number | null {
    const last = this.points.at(-1);
    const speed = this.rate(({ virtualMs }) => virtualMs);
    return last === undefined || speed === null || speed <= 0 ? null : Math.max(0, totalMs - last.virtualMs) / speed;
  }

  private rate(value: (point: Point) => number): number | null {
    const first = this.points[0];
    const last = this.points.at(-1);
    if (first === undefined || last === undefined || last.wallMs <= first.wallMs) return null;
    return (value(last) - value(first)) / (last.wallMs - first.wallMs);
  }
}
