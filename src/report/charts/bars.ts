/** Bars from the left, each made of parts: what messages and bytes went on. */

import type { FigureUnit } from '../../metrics/key-figures.js';
import { cut } from '../layout.js';
import { colour, type Look } from '../palette.js';
import { type Picture, textWidth } from './draw.js';
import { legend, legendHeight, SIZE, xAxis } from './frame.js';
import { label, linear } from './scale.js';

export interface Part {
  readonly name: string;
  readonly look: Look;
}

export interface Bar {
  readonly name: string;
  /** A value for each part. */
  readonly values: readonly number[];
}

/** Bars on one scale. Panels stand side by side where there is room. */
export interface BarPanel {
  /** '' for none. */
  readonly title: string;
  readonly bars: readonly Bar[];
}

const BAR = 22;
const LONGEST_NAME = 24;
const HEAD = 34;
const FOOT = 48;
const BETWEEN = 28;

export function barPicture(
  picture: Pick<Picture, 'name' | 'title' | 'about' | 'span'>,
  parts: readonly Part[],
  panels: readonly BarPanel[],
  unit: FigureUnit,
  axisName: string,
): Picture {
  const names = parts.length > 1 ? parts.map(({ name }) => name) : [];
  const head = panels.some(({ title }) => title !== '') ? HEAD : 8;
  const placed = (width: number) => placePanels(panels, width, legendHeight(names, width) + head, head);
  return {
    ...picture,
    height: (width) => Math.max(...placed(width).map(({ top, height }) => top + height)) + FOOT,
    option: (width) => {
      const places = placed(width);
      const columns = new Set(places.map(({ left }) => left)).size;
      const drawn = panels.map(({ bars }) => {
        const totals = bars.map(totalOf);
        const left = Math.ceil(Math.max(...bars.map(({ name }) => textWidth(cut(name, LONGEST_NAME))))) + 10;
        const right = Math.ceil(Math.max(...totals.map((total) => textWidth(label(total, unit), SIZE - 1)))) + 10;
        return { bars, left, right, x: linear(totals, unit, axisName, { most: width / columns < 400 ? 3 : 5 }) };
      });
      return {
        legend: { ...legend(names, width), itemWidth: 14, icon: 'rect' },
        grid: places.map(({ left, top, width: room, height }, at) => ({
          left: left + drawn[at].left,
          width: room - drawn[at].left - drawn[at].right,
          top,
          height,
        })),
        title: panels.map(({ title }, at) => ({
          text: title,
          left: places[at].left,
          top: places[at].top - 24,
          padding: 0,
          textStyle: { fontSize: SIZE + 1, fontWeight: 'bold', color: colour('ink') },
        })),
        xAxis: drawn.map(({ x }, at) => xAxis(x, { grid: at, lines: true })),
        yAxis: drawn.map(({ bars }, at) => ({
          type: 'category',
          gridIndex: at,
          inverse: true,
          data: bars.map(({ name }) => cut(name, LONGEST_NAME)),
          axisLine: { show: false },
          axisTick: { show: false },
          axisLabel: { color: colour('quiet'), fontSize: SIZE, interval: 0 },
        })),
        series: drawn.flatMap(({ bars }, at) => [...parts.map((part, index) => partOf(part, index, bars, at)), totalsOf(bars, at, unit)]),
      };
    },
  };
}

const totalOf = ({ values }: Bar) => values.reduce((sum, value) => sum + value, 0);

function partOf({ name, look }: Part, part: number, bars: readonly Bar[], panel: number) {
  return {
    type: 'bar' as const,
    name,
    stack: `panel ${panel}`,
    xAxisIndex: panel,
    yAxisIndex: panel,
    barWidth: BAR - 8,
    silent: true,
    itemStyle: { color: colour(look.tone), borderColor: colour('paper'), borderWidth: 0.5 },
    data: bars.map(({ values }) => values[part]),
  };
}

/** At the end of each bar, how much it is. */
function totalsOf(bars: readonly Bar[], panel: number, unit: FigureUnit) {
  return {
    type: 'bar' as const,
    stack: `panel ${panel}`,
    xAxisIndex: panel,
    yAxisIndex: panel,
    silent: true,
    data: bars.map(() => 0),
    label: {
      show: true,
      position: 'right' as const,
      color: colour('ink'),
      fontSize: SIZE - 1,
      formatter: ({ dataIndex }: { dataIndex: number }) => label(totalOf(bars[dataIndex]), unit),
    },
  };
}

/** In rows of as many as there is room for; a row is as high as its longest panel. */
function placePanels(panels: readonly BarPanel[], width: number, top: number, head: number) {
  const columns = Math.max(1, Math.min(panels.length, Math.floor((width + BETWEEN) / (240 + BETWEEN))));
  const room = (width - (columns - 1) * BETWEEN) / columns;
  let y = top;
  return panels.map(({ bars }, at) => {
    const row = Math.floor(at / columns);
    if (at > 0 && at % columns === 0) {
      const above = panels.slice((row - 1) * columns, row * columns);
      y += Math.max(...above.map((panel) => panel.bars.length)) * BAR + FOOT + head;
    }
    return { left: (at % columns) * (room + BETWEEN), top: y, width: room, height: bars.length * BAR };
  });
}
