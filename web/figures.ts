/** The figures of the moment: what happened between the last samples, per second of virtual time. */

import type { Frame, Sample, Whole } from '../src/live/feed.js';
import { bytes, count, duration, NONE, share, whole as wholeNumber } from '../src/report/format.js';
import { element, make, type Part, write } from './part.js';

/** Rates are over at least so many samples, and so much virtual time, so that they can be read. */
const OVER = 8;
const OVER_MS = 1_000;

type Show = (now: Sample, before: Sample, seconds: number) => string;

const FIGURES: readonly { readonly name: string; readonly show: Show; readonly ofQueries?: true }[] = [
  { name: 'messages sent', show: (now, before, s) => (s > 0 ? `${count((now[1] - before[1]) / s)}/s` : NONE) },
  { name: 'bytes sent', show: (now, before, s) => (s > 0 ? `${bytes((now[2] - before[2]) / s)}/s` : NONE) },
  { name: 'did not arrive', show: (now, before) => share(now[1] > before[1] ? (now[4] - before[4]) / (now[1] - before[1]) : null) },
  { name: 'peers up', show: ([, , , , , , , , alive]) => wholeNumber(alive) },
  { name: 'questions', show: (now, before, s) => (s > 0 ? `${count((now[5] - before[5]) / s)}/s` : NONE), ofQueries: true },
  {
    name: 'success, so far',
    show: ([, , , , , , succeeded, failed]) => share(succeeded + failed > 0 ? succeeded / (succeeded + failed) : null),
    ofQueries: true,
  },
  { name: 'answer after, median', show: (now) => duration(now[9]), ofQueries: true },
  { name: 'after, 9 of 10', show: (now) => duration(now[10]), ofQueries: true },
];

export class Figures implements Part {
  private recent: Sample[] = [];
  private latencies: readonly [number | null, number | null] = [null, null];
  private shown: { readonly show: Show; readonly target: HTMLElement }[] = [];

  whole({ run, samples }: Whole): void {
    this.recent = [];
    this.latencies = [null, null];
    const wanted = FIGURES.filter(({ ofQueries }) => !ofQueries || run.asksQueries);
    this.shown = wanted.map(({ show }) => ({ show, target: make('dd', NONE) }));
    element('figures').replaceChildren(
      ...wanted.map(({ name }, at) => {
        const cell = make('div');
        cell.append(make('dt', name), this.shown[at].target);
        return cell;
      }),
    );
    for (const sample of samples) this.remember(sample);
    this.show();
  }

  frame({ sample }: Frame): void {
    this.remember(sample);
    this.show();
  }

  /** A latency stays until there is another: in slow motion most samples have none. */
  private remember(sample: Sample): void {
    const { recent } = this;
    recent.push(sample);
    while (recent.length > OVER && recent[1][0] <= sample[0] - OVER_MS) recent.shift();
    if (sample[9] !== null) this.latencies = [sample[9], sample[10]];
  }

  private show(): void {
    const now = this.recent.at(-1);
    if (now === undefined) return;
    const before = this.recent[0];
    const merged = [...now.slice(0, 9), ...this.latencies] as unknown as Sample;
    for (const { show, target } of this.shown) write(target, show(merged, before, (now[0] - before[0]) / 1000));
  }
}
