/** The run so far as curves over virtual time (uPlot), with a band wherever a fault was on. */

import uPlot from 'uplot';
import type { FaultLine, Frame, Sample, Whole } from '../src/live/feed.js';
import { Thinned } from '../src/live/thin.js';
import { bytes, count, duration, whole as wholeNumber } from '../src/report/format.js';
import { colour, element, isDark, make, type Part } from './part.js';

interface Curve {
  readonly name: string;
  readonly key: 1 | 2 | 3;
  readonly dash?: readonly number[];
  /** Its value between two samples; null: nothing to tell. */
  readonly value: (now: Sample, before: Sample, seconds: number) => number | null;
}

interface ChartSpec {
  readonly title: string;
  readonly show: (value: number) => string;
  readonly most?: number;
  readonly ofQueries?: true;
  readonly curves: readonly Curve[];
}

const KEYS = { 1: 'type-3', 2: 'bad', 3: 'type-1' } as const;
const HEIGHT = 118;
/** A chart is drawn anew at most this often, in wall ms. */
const EVERY_MS = 400;
/** A curve has at most so many points: more make no picture, only noise. */
const MOST_POINTS = 160;

/** Marks of the axis of time, in ms: as on a clock. */
const TIME_STEPS = [1, 2, 5]
  .flatMap((each) => [each, each * 10, each * 100, each * 1000])
  .sort((a, b) => a - b)
  .concat([10, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21_600, 86_400].map((seconds) => seconds * 1000));

const CHARTS: readonly ChartSpec[] = [
  {
    title: 'messages per second',
    show: count,
    curves: [
      { name: 'sent', key: 1, value: (now, before, s) => (now[1] - before[1]) / s },
      { name: 'did not arrive', key: 2, dash: [4, 3], value: (now, before, s) => (now[4] - before[4]) / s },
    ],
  },
  { title: 'bytes per second', show: bytes, curves: [{ name: 'sent', key: 1, value: (now, before, s) => (now[2] - before[2]) / s }] },
  {
    title: 'answered, of what ended',
    show: (value) => `${Math.round(value * 100)} %`,
    most: 1,
    ofQueries: true,
    curves: [
      {
        name: 'success',
        key: 1,
        value: (now, before) => {
          const [succeeded, failed] = [now[6] - before[6], now[7] - before[7]];
          return succeeded + failed > 0 ? succeeded / (succeeded + failed) : null;
        },
      },
    ],
  },
  {
    title: 'time to the answer',
    show: duration,
    ofQueries: true,
    curves: [
      { name: 'median', key: 1, value: (now) => now[9] },
      { name: '9 of 10 within', key: 3, dash: [4, 3], value: (now) => now[10] },
    ],
  },
  { title: 'peers up', show: wholeNumber, curves: [{ name: 'up', key: 1, value: (now) => now[8] }] },
];

export class Charts implements Part {
  private samples = new Thinned<Sample>();
  private faults: readonly FaultLine[] = [];
  private totalMs = 1;
  /** The end of the axis: a little further than the run has come, so that a slow one is seen, too. */
  private axisMs = 1;
  private charts: { readonly spec: ChartSpec; readonly plot: uPlot; readonly figure: HTMLElement }[] = [];
  private drawnAt = 0;
  private isDue = false;

  constructor() {
    isDark.addEventListener('change', () => this.rebuild());
    new ResizeObserver(() => {
      const width = this.width();
      for (const { plot } of this.charts) if (plot.width !== width) plot.setSize({ width, height: HEIGHT });
    }).observe(element('charts'));
  }

  whole({ run, samples, faults }: Whole): void {
    this.samples = new Thinned(samples);
    this.faults = faults;
    this.totalMs = run.totalMs;
    const wanted = CHARTS.filter(({ ofQueries }) => !ofQueries || run.asksQueries);
    if (wanted.length !== this.charts.length) this.build(wanted);
    this.draw();
  }

  frame({ sample, faults }: Frame): void {
    this.samples.add(sample);
    if (faults) this.faults = faults;
    if (this.isDue) return;
    this.isDue = true;
    setTimeout(() => this.draw(), Math.max(0, this.drawnAt + EVERY_MS - performance.now()));
  }

  private rebuild(): void {
    this.build(this.charts.map(({ spec }) => spec));
    this.draw();
  }

  private width(): number {
    return Math.max(200, element('charts').clientWidth);
  }

  private build(specs: readonly ChartSpec[]): void {
    for (const { plot } of this.charts) plot.destroy();
    const place = element('charts');
    place.replaceChildren();
    this.charts = specs.map((spec) => {
      const figure = make('figure');
      const caption = make('figcaption');
      caption.append(make('b', spec.title));
      for (const { name, key } of spec.curves) if (spec.curves.length > 1) caption.append(make('span', name, `key key-${key}`));
      figure.append(caption);
      place.append(figure);
      return { spec, figure, plot: new uPlot(this.options(spec), [[], ...spec.curves.map(() => [])] as uPlot.AlignedData, figure) };
    });
  }

  private options({ curves, show, most }: ChartSpec): uPlot.Options {
    const quiet = colour('quiet');
    const line = colour('faint');
    const font = '11px system-ui, sans-serif';
    const axis = { stroke: quiet, font, grid: { stroke: line, width: 1 }, ticks: { stroke: line, width: 1, size: 4 } };
    return {
      width: this.width(),
      height: HEIGHT,
      legend: { show: false },
      cursor: { sync: { key: 'run' }, drag: { x: false, y: false }, points: { size: 6 } },
      scales: {
        x: { time: false, range: () => [0, this.axisMs] },
        y: { range: (_plot, _low, high) => [0, most ?? Math.max(1e-9, high) * 1.08] },
      },
      axes: [
        { ...axis, size: 24, incrs: [...TIME_STEPS], values: (_plot, splits) => splits.map(shortTime) },
        {
          ...axis,
          size: 58,
          splits: (_plot, _at, low, high) => [low, high / 2, high].map((each) => (most ? each : each / 1.08)),
          // Nothing to show has no scale.
          values: (_plot, splits) => splits.map((each) => (each > 0 && each < 1e-6 ? '' : show(each))),
        },
      ],
      series: [
        {},
        ...curves.map(({ name, key, dash }) => ({
          label: name,
          stroke: colour(KEYS[key]),
          width: 1.75,
          // A curve of a few points is no line yet.
          points: { show: (plot: uPlot, at: number) => isSparse(plot.data[at]), size: 5 },
          spanGaps: true,
          ...(dash ? { dash: [...dash] } : {}),
        })),
      ],
      hooks: { drawClear: [(plot) => this.drawBands(plot)] },
    };
  }

  private drawBands({ ctx, bbox, valToPos }: uPlot): void {
    ctx.save();
    ctx.fillStyle = colour('bad');
    for (const { atMs, untilMs, peersHit } of this.faults) {
      if (atMs > this.axisMs) continue;
      const from = valToPos(atMs, 'x', true);
      const to = valToPos(Math.min(untilMs ?? this.axisMs, this.axisMs), 'x', true);
      // What is still to come is only hinted at.
      ctx.globalAlpha = peersHit === null ? 0.07 : 0.16;
      ctx.fillRect(from, bbox.top, Math.max(1, to - from), bbox.height);
      ctx.globalAlpha = peersHit === null ? 0.3 : 0.9;
      ctx.fillRect(from - 1, bbox.top, 2, bbox.height);
    }
    ctx.restore();
  }

  private draw(): void {
    this.isDue = false;
    this.drawnAt = performance.now();
    const { samples } = this.samples;
    this.axisMs = Math.min(this.totalMs, roundUp((samples.at(-1)?.[0] ?? 0) * 1.15));
    const points = pointsOf(samples, this.axisMs / MOST_POINTS);
    const times = points.map(({ now }) => now[0]);
    for (const { spec, plot, figure } of this.charts) {
      const values = spec.curves.map(({ value }) => points.map(({ now, before }) => value(now, before, (now[0] - before[0]) / 1000)));
      plot.setData([times, ...values] as uPlot.AlignedData);
      figure.ariaLabel = `${spec.title}: ${spec.curves.map(({ name }, at) => `${name} ${lastOf(values[at], spec.show)}`).join(', ')}`;
      figure.role = 'img';
    }
  }
}

function isSparse(values: ArrayLike<number | null | undefined>): boolean {
  return Array.from(values).filter((value) => value != null).length < 10;
}

function lastOf(values: readonly (number | null)[], show: (value: number) => string): string {
  const last = values.findLast((value) => value !== null);
  return last === undefined ? '-' : `${show(last!)} now`;
}

/** Samples at least so far apart, each with the one before. */
function pointsOf(samples: readonly Sample[], apartMs: number): { readonly now: Sample; readonly before: Sample }[] {
  const points: { now: Sample; before: Sample }[] = [];
  let before = samples[0];
  let latency: readonly [number | null, number | null] = [null, null];
  for (const sample of samples) {
    if (sample[9] !== null) latency = [sample[9], sample[10]];
    if (sample[0] - before[0] < apartMs || sample[0] <= before[0]) continue;
    points.push({ now: [...sample.slice(0, 9), ...latency] as unknown as Sample, before });
    before = sample;
    latency = [null, null];
  }
  return points;
}

/** To 1, 2 or 5 with zeros: an axis that moves all the time cannot be read. */
function roundUp(ms: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(ms, 1_000)));
  return [1, 2, 5, 10].find((each) => each * power >= ms)! * power;
}

/** 30 s, 2 m, 2:30: as short as it can be read. */
function shortTime(ms: number): string {
  if (ms < 1000) return ms === 0 ? '0' : `${ms} ms`;
  const seconds = ms / 1000;
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes >= 120) return `${Number((minutes / 60).toFixed(1))} h`;
  const rest = Math.round(seconds % 60);
  return rest === 0 ? `${minutes} min` : `${minutes}:${String(rest).padStart(2, '0')}`;
}
