/** Points named in the settings, so that an example from a book can be run as it stands there. */

import { Problem } from '../../problem.js';
import type { CanSettings } from './settings.js';
import type { Point } from './zones.js';

/** The point at which peer `index` shall join, as fractions of the side; null when the settings name none for it. */
export function pointNamed({ points, dimensions, side }: CanSettings, index: number): Point | null {
  const point = points.slice(index * dimensions, (index + 1) * dimensions);
  return point.length === dimensions ? point.map((coordinate) => coordinate / side) : null;
}

/** Throws when what the settings name are no points of the space. */
export function checkPoints({ points, dimensions, side }: CanSettings): void {
  if (points.length % dimensions !== 0) {
    throw new Problem(
      `protocol.points: expected ${dimensions} coordinates for each peer (dimensions is ${dimensions}), got ${points.length} in all`,
    );
  }
  for (const coordinate of points) {
    if (!(coordinate >= 0 && coordinate < side)) {
      throw new Problem(`protocol.points: expected coordinates from 0 up to, not including, ${side} (side is ${side}), got ${coordinate}`);
    }
  }
}
