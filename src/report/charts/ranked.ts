/** Many runs at a glance: a row each, with a few marks along one scale. Fifteen curves in one picture would be a ball of wool. */

import type { FigureUnit } from '../../metrics/key-figures.js';
import { cut } from '../layout.js';
import { colour } from '../palette.js';
import { type Picture, textWidth } from './draw.js';
import { legend, legendHeight, SIZE, xAxis } from './frame.js';
import { isWide, label, linear, logarithmic } from './scale.js';

export interface RankedRow {
  readonly name: string;
  /** One for each mark; null where nothing was measured. */
  readonly values: readonly (number | null)[];
}

export interface Marks {
  readonly names: readonly string[];
  readonly unit: FigureUnit;
  /** Along the bottom. */
  readonly axis: string;
  /** Whether the best row is that with the largest first value. */
  readonly moreIsBetter: boolean;
}

const ROW = 22;
const LOOKS = [
  { marker: 'circle', tone: 'blue' },
  { marker: 'diamond', tone: 'orange' },
  { marker: 'triangle', tone: 'vermilion' },
] as const;

/** Rows with nothing in them are left out; the best stands first. Null when fewer than two are left. */
export function rankedPicture(
  picture: Pick<Picture, 'name' | 'about'>,
  what: string,
  all: readonly RankedRow[],
  { names, unit, axis, moreIsBetter }: Marks,
): Picture | null {
  const sign = moreIsBetter ? -1 : 1;
  const rows = all
    .filter(({ values }) => values[0] !== null)
    .toSorted((a, b) => sign * (a.values[0]! - b.values[0]!) || (a.name < b.name ? -1 : 1));
  if (rows.length < 2) return null;
  const values = rows.flatMap((row) => row.values.filter((value) => value !== null));
  const isLog = unit !== 'share' && isWide(values, 10);
  const left = Math.ceil(Math.max(...rows.map(({ name }) => textWidth(cut(name, 26))))) + 10;
  const shown = names.length > 1 ? names : [];
  const shownAs = ({ values: [first] }: RankedRow) => label(first!, unit);
  const said = (row: RankedRow) => {
    const alike = rows.filter((each) => shownAs(each) === shownAs(row));
    return `${shownAs(row)} (${alike.length > 2 ? `${alike.length} of ${rows.length}` : alike.map(({ name }) => name).join(', ')})`;
  };
  return {
    ...picture,
    span: 'half',
    title: `${what}: ${shownAs(rows[0]) === shownAs(rows.at(-1)!) ? `${shownAs(rows[0])} for all` : `from ${said(rows[0])} to ${said(rows.at(-1)!)}`}`,
    height: (width) => rows.length * ROW + legendHeight(shown, width) + 8 + 48,
    option: (width) => {
      const most = width < 400 ? 4 : 7;
      const x = isLog ? logarithmic(values, unit, axis, { most }) : linear(values, unit, axis, { most, upTo: unit === 'share' ? 1 : 0 });
      return {
        legend: { ...legend(shown, width), itemWidth: 10 },
        grid: { left, right: 24, top: legendHeight(shown, width) + 8, bottom: 48 },
        xAxis: xAxis(x, { lines: true }),
        yAxis: {
          type: 'category',
          inverse: true,
          data: rows.map(({ name }) => cut(name, 26)),
          axisLine: { show: false },
          axisTick: { show: false },
          axisLabel: { color: colour('quiet'), fontSize: SIZE, interval: 0 },
          splitLine: { show: true, lineStyle: { color: colour('rule') } },
        },
        series: names.map((name, mark) => ({
          type: 'scatter' as const,
          name,
          silent: true,
          symbol: LOOKS[mark].marker,
          symbolSize: 10,
          itemStyle: { color: colour(LOOKS[mark].tone), opacity: 1 },
          z: 5 - mark,
          data: rows.flatMap(({ values }, row) =>
            values[mark] === null || values[mark] === undefined ? [] : [[x.place(values[mark]), row]],
          ),
        })),
      };
    },
  };
}
