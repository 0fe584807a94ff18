/** What the panels of all pictures share: where axes, legend and names stand, and how they look. */

import { colour, type Look } from '../palette.js';
import { textWidth } from './draw.js';
import type { Scale } from './scale.js';

export const SIZE = 12;
const LEGEND_LINE = 20;
const ITEM_WIDTH = 28;
/** Between lines; between the items of a line the padding of their texts is added. */
const ITEM_GAP = 4;
const ITEM_PADDING = 8;

/** Lines that a legend of these names takes. */
export function legendLines(names: readonly string[], width: number): number {
  let lines = names.length > 0 ? 1 : 0;
  let used = 0;
  for (const name of names) {
    const item = ITEM_WIDTH + 5 + textWidth(name, SIZE) + ITEM_PADDING + ITEM_GAP;
    if (used > 0 && used + item > width) {
      lines++;
      used = 0;
    }
    used += item;
  }
  return lines;
}

export const legendHeight = (names: readonly string[], width: number) => legendLines(names, width) * LEGEND_LINE;

/** Above the panels, from the left, in as many lines as it takes. */
export function legend(names: readonly string[], width: number) {
  return {
    show: names.length > 0,
    data: [...names],
    left: 0,
    top: 0,
    width,
    padding: 0,
    itemWidth: ITEM_WIDTH,
    itemHeight: 9,
    itemGap: ITEM_GAP,
    height: legendHeight(names, width),
    textStyle: { color: colour('ink'), fontSize: SIZE, lineHeight: LEGEND_LINE - ITEM_GAP, padding: [0, ITEM_PADDING, 0, 0] },
    selectedMode: false as const,
  };
}

/** Room for the labels of a vertical axis. */
export const labelRoom = (scale: Scale): number => Math.ceil(Math.max(16, ...scale.ticks.map(({ label }) => textWidth(label)))) + 10;

interface AxisPlace {
  /** Which grid, counted from 0. */
  readonly grid?: number;
  /** Whether labels and name are shown. */
  readonly labelled?: boolean;
  /** Lines across the panel. */
  readonly lines?: boolean;
}

function axis(scale: Scale, { grid = 0, labelled = true, lines = true }: AxisPlace) {
  const at = scale.ticks.map((tick) => tick.at);
  const labels = new Map(scale.ticks.map((tick) => [tick.at, tick.label]));
  return {
    type: 'value' as const,
    gridIndex: grid,
    min: scale.min,
    max: scale.max,
    name: labelled ? scale.name : '',
    nameTextStyle: { color: colour('quiet'), fontSize: SIZE },
    axisTick: { customValues: at, show: false },
    axisLabel: {
      show: labelled,
      customValues: at,
      formatter: (value: number) => labels.get(value) ?? '',
      color: colour('quiet'),
      fontSize: SIZE,
      hideOverlap: true,
    },
    splitLine: { show: lines, lineStyle: { color: colour('rule') } },
    minorTick: { show: false },
  };
}

/** Along the bottom, its name below it. */
export function xAxis(scale: Scale, place: AxisPlace = {}) {
  return {
    ...axis(scale, { lines: false, ...place }),
    nameLocation: 'middle' as const,
    nameGap: 28,
    axisLine: { show: true, onZero: false, lineStyle: { color: colour('quiet') } },
  };
}

/** Along the left, its name above it, written as one reads. */
export function yAxis(scale: Scale, place: AxisPlace = {}) {
  const common = axis(scale, place);
  return {
    ...common,
    nameLocation: 'end' as const,
    nameGap: 10,
    nameTextStyle: { ...common.nameTextStyle, align: 'left' as const, padding: [0, 0, 0, -labelRoom(scale)] },
    axisLine: { show: false, onZero: false },
  };
}

/** Markers of a line whose points are too many to mark each. */
const FEW_MARKERS = 6;

/** How high a picture of one panel is. */
export const panelHeight = (names: readonly string[], width: number) => 300 + legendHeight(names, width);

/** A picture of one panel but for what is drawn in it: the legend above, and both axes. */
export function panel(names: readonly string[], width: number, x: Scale, y: Scale) {
  return {
    legend: legend(names, width),
    grid: { left: labelRoom(y), right: 22, top: legendHeight(names, width) + 28, bottom: 48 },
    xAxis: xAxis(x, { lines: true }),
    yAxis: yAxis(y),
  };
}

/**
 * A line. `points` are places.
 * @param markers on every point, on a few of them, or on none
 * @param at which of how many lines this is, so that few markers do not stand over each other
 */
export function line(
  name: string,
  look: Look,
  points: readonly (readonly (number | null)[])[],
  { markers = 'all', at = 0, ...options }: { markers?: 'all' | 'few' | 'none'; at?: number; [option: string]: unknown } = {},
) {
  const step = Math.max(1, Math.floor(points.length / FEW_MARKERS));
  const offset = Math.floor(step * (0.3 + 0.37 * at)) % step;
  const isMarked = (index: number) => markers === 'all' || (markers === 'few' && index % step === offset);
  return {
    type: 'line' as const,
    name,
    data: points.map((value, index) => ({ value: [...value], symbol: isMarked(index) ? look.marker : 'none' })),
    symbol: markers === 'none' ? 'none' : look.marker,
    symbolSize: 7,
    showAllSymbol: true,
    lineStyle: { color: colour(look.tone), width: 2, type: dashOf(look) },
    itemStyle: { color: colour(look.tone), borderColor: colour(look.tone), borderWidth: 1.5 },
    silent: true,
    animation: false,
    ...options,
  };
}

export function dashOf({ dash }: Look): 'solid' | number[] {
  return dash === 'solid' ? 'solid' : dash === 'dashed' ? [7, 4] : [2, 3];
}
