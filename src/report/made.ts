/** What comes out of drawing a report. Apart from what draws it, so that a program's types know nothing of charts and browsers. */

/** A report in memory. */
export interface Report {
  /** The page, whole. */
  readonly html: string;
  /** By file name: `latency.svg`. */
  readonly charts: ReadonlyMap<string, string>;
}
