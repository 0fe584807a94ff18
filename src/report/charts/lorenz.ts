/** How the work is spread over peers: the Lorenz curve, whose bend the Gini coefficient measures. */

import type { LoadPoint } from '../../metrics/load.js';
import { share } from '../format.js';
import { colour, type Look } from '../palette.js';
import type { Picture } from './draw.js';
import { line, panel, panelHeight } from './frame.js';
import { linear } from './scale.js';

export interface LoadRun {
  readonly name: string;
  readonly look: Look;
  readonly load: readonly LoadPoint[];
  readonly gini: number | null;
}

const EQUAL: Look = { tone: 'quiet', dash: 'dotted', marker: 'none' };
const ALL_ALIKE = 'all peers alike';

/** Null when no run has a distribution. */
export function lorenzPicture(all: readonly LoadRun[]): Picture | null {
  const runs = all.filter(({ load }) => load.length > 0);
  if (runs.length === 0) return null;
  const named = ({ name, gini }: LoadRun) => (gini === null ? name : `${name} (Gini ${gini.toFixed(2)})`);
  const x = linear([1], 'share', 'of the peers, the least busy first');
  const y = linear([1], 'share', 'of all messages handled');
  const names = runs.length > 1 ? runs.map(named) : [];
  const said = runs.map(({ name, load }) => `${share(busiest(load, 10))}${runs.length > 1 ? ` with ${name}` : ''}`);
  return {
    name: 'load',
    span: 'half',
    title: `The busiest tenth of the peers handles ${said.join(', ')} of the messages`,
    about:
      'A curve says how large a share of all messages was handled by the least busy share of the peers, servers included. ' +
      'The further it sags below the straight line, the more work hangs on a few; the Gini coefficient is twice the area between.',
    height: (width) => panelHeight(names, width),
    option: (width) => ({
      ...panel(names, width, x, y),
      series: [
        ...runs.map((run, at) =>
          line(
            named(run),
            run.look,
            run.load.map(({ percent, handledShare }) => [percent / 100, handledShare]),
            { markers: runs.length > 1 ? 'few' : 'none', at },
          ),
        ),
        line(
          ALL_ALIKE,
          EQUAL,
          [
            [0, 0],
            [1, 1],
          ],
          { markers: 'none', lineStyle: { color: colour('quiet'), width: 1, type: [2, 3] } },
        ),
      ],
    }),
  };
}

/** What the busiest so many percent handled, as a share of all. */
export function busiest(load: readonly LoadPoint[], percent: number): number {
  return 1 - load.find((point) => point.percent >= 100 - percent)!.handledShare;
}
