/**
 * What taking part costs against what one gets for it: a point per run, and the line of those that no other beats in both. Left of it and
 * above it (below it, for latency) there is nothing to be had.
 */

import type { FigureUnit } from '../../metrics/key-figures.js';
import { cut } from '../layout.js';
import { colour, type Look } from '../palette.js';
import { type Picture, textWidth } from './draw.js';
import { labelRoom, legend, legendHeight, SIZE, xAxis, yAxis } from './frame.js';
import { isWide, linear, logarithmic } from './scale.js';

export interface Offer {
  /** What is offered, and by which protocol. */
  readonly name: string;
  readonly protocol: string;
  readonly look: Look;
  /** Bytes per peer and second. */
  readonly cost: number;
  readonly gain: number;
}

export interface Gain {
  /** Its file's name. */
  readonly file: string;
  readonly name: string;
  readonly unit: FigureUnit;
  readonly better: 'more' | 'less';
}

/** Those that no other beats in one and equals in the other, by rising cost. */
export function frontierOf(offers: readonly Offer[], better: Gain['better']): Offer[] {
  const sign = better === 'more' ? -1 : 1;
  const byCost = offers.toSorted((a, b) => a.cost - b.cost || sign * (a.gain - b.gain));
  const frontier: Offer[] = [];
  for (const offer of byCost) {
    const best = frontier.at(-1);
    if (best === undefined || sign * (offer.gain - best.gain) < 0) frontier.push(offer);
  }
  return frontier;
}

/** So many points are named where they stand. */
const MOST_LABELS = 6;

/** Null with fewer than three runs, or when all get the same: then the cheapest is the best, and there is no bargain to look for. */
export function frontierPicture(offers: readonly Offer[], { file, name, unit, better }: Gain, note = ''): Picture | null {
  if (offers.length < 3 || new Set(offers.map(({ gain }) => gain)).size === 1) return null;
  const gains = offers.map(({ gain }) => gain);
  const costs = offers.map(({ cost }) => cost);
  const y =
    unit === 'share'
      ? linear(gains, unit, name, { upTo: 1 })
      : isWide(gains, 10)
        ? logarithmic(gains, unit, name)
        : linear(gains, unit, name);
  const frontier = frontierOf(offers, better);
  const place = new Set(frontier);
  const names = frontier.map((offer) => offer.name);
  const all = [...new Set(offers.map(({ protocol }) => protocol))];
  const protocols = all.length > 1 && offers.length > MOST_LABELS ? all : [];
  return {
    name: file,
    span: 'half',
    title: `${name.charAt(0).toUpperCase()}${name.slice(1)} against traffic: nothing is both cheaper and better than ${
      names.length > 4 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} others` : names.join(', ')
    }`,
    about:
      `Traffic is what a peer sends per second, for queries and to keep the overlay going. ${better === 'more' ? 'Up' : 'Down'} and to the left is better; the stepped line ` +
      `joins those that no other beats in both, and behind it nothing was found.${note === '' ? '' : ` ${note}`}`,
    height: (width) => 310 + legendHeight(protocols, width),
    option: (width) => {
      const most = width < 400 ? 4 : 6;
      const x = isWide(costs, 8)
        ? logarithmic(costs, 'bytes/s', 'traffic per peer', { most })
        : linear(costs, 'bytes/s', 'traffic per peer', { most });
      const wide = { ...x, min: x.min - (x.max - x.min) * 0.03, max: x.max + (x.max - x.min) * 0.06 };
      const left = labelRoom(y);
      const high = { ...y, max: unit === 'share' ? y.max * 1.06 : y.max };
      const spot = ({ cost, gain }: Offer): [number, number] => [x.place(cost), y.place(gain)];
      // Below all marks, so that no name hides one. Of many only those that matter are named; the legend has all.
      const labelled = (named: readonly Offer[]) => ({
        type: 'scatter' as const,
        silent: true,
        z: 3,
        symbolSize: 11,
        itemStyle: { opacity: 0 },
        labelLayout: { hideOverlap: true },
        data: named.map((offer) => {
          const [at] = spot(offer);
          const share = (at - wide.min) / (wide.max - wide.min);
          const half = textWidth(offer.name, SIZE - 1) / 2 / (width - left - 18);
          const position = share - half < 0 ? ('right' as const) : share + half > 1 ? ('left' as const) : ('top' as const);
          return {
            value: spot(offer),
            label: {
              show: true,
              opacity: 1,
              position,
              formatter: cut(offer.name, 28),
              fontSize: SIZE - 1,
              fontWeight: place.has(offer) ? ('bold' as const) : ('normal' as const),
              color: colour('ink'),
              textBorderColor: colour('paper'),
              textBorderWidth: 3,
            },
          };
        }),
      });
      return {
        legend: { ...legend(protocols, width), itemWidth: 11, itemHeight: 11 },
        grid: { left, right: 18, top: legendHeight(protocols, width) + 30, bottom: 48 },
        xAxis: xAxis(wide, { lines: true }),
        yAxis: yAxis(high),
        series: [
          {
            type: 'line',
            step: 'end',
            data: frontier.map(spot),
            symbol: 'none',
            silent: true,
            z: 2,
            lineStyle: { color: colour('quiet'), width: 1.5, type: [5, 4] },
          },
          labelled(offers.filter((offer) => place.has(offer) || offers.length <= MOST_LABELS)),
          ...all.map((protocol) => {
            const own = offers.filter((offer) => offer.protocol === protocol);
            const [{ look }] = own;
            return {
              type: 'scatter' as const,
              name: protocol,
              silent: true,
              z: 4,
              symbol: look.marker,
              symbolSize: 11,
              itemStyle: { color: colour(look.tone), borderColor: colour(look.tone), borderWidth: 1.5, opacity: 1 },
              data: own.map(spot),
            };
          }),
        ],
      };
    },
  };
}
