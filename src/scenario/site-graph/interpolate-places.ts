/**
 * Places for the sites of a map that has none for them. Each lies in the middle of its neighbours: of the known ones, and of others
 * whose places are sought, too, so that a chain of unknown sites spreads evenly between two known ones (a harmonic function on the
 * graph, by Gauss and Seidel's iteration). Middles are taken in space and put back onto the sphere, so that no date line is in the way.
 */

export interface Position {
  /** Degrees, north and east positive. */
  readonly latitude: number;
  readonly longitude: number;
}

type Vector = [x: number, y: number, z: number];

/** The iteration ends when nothing moves by more than this part of the Earth's radius (6 m), or after so many rounds. */
const CLOSE_ENOUGH = 1e-6;
const MOST_ROUNDS = 10_000;

/** The known places as they are and the unknown ones interpolated; null when none is known. The graph is connected. */
export function interpolatePlaces(
  known: readonly (Position | null)[],
  links: readonly { readonly from: number; readonly to: number }[],
): Position[] | null {
  const places: (Vector | null)[] = known.map((place) => place && toVector(place));
  if (places.every((place) => place === null)) return null;
  const neighbours: number[][] = known.map(() => []);
  for (const { from, to } of links) {
    if (from === to) continue;
    neighbours[from].push(to);
    neighbours[to].push(from);
  }
  const sought = known.flatMap((place, site) => (place === null ? [site] : []));
  // First from the known ones outwards, so that the iteration begins near its end.
  for (let waiting = sought; waiting.length > 0; ) {
    const placed = waiting.flatMap((site) => {
      const middle = middleOf(neighbours[site], places);
      return middle ? [[site, middle] as const] : [];
    });
    for (const [site, middle] of placed) places[site] = middle;
    waiting = waiting.filter((site) => places[site] === null);
  }
  for (let round = 0; round < MOST_ROUNDS; round++) {
    let moved = 0;
    for (const site of sought) {
      const middle = middleOf(neighbours[site], places)!;
      moved = Math.max(moved, distance(middle, places[site]!));
      places[site] = middle;
    }
    if (moved < CLOSE_ENOUGH) break;
  }
  return known.map((place, site) => place ?? toPosition(places[site]!));
}

/** The middle of those that have a place, or the first of them when they lie around the whole Earth; null when none has. */
function middleOf(sites: readonly number[], places: readonly (Vector | null)[]): Vector | null {
  const sum: Vector = [0, 0, 0];
  let first: Vector | null = null;
  for (const site of sites) {
    const place = places[site];
    if (place === null) continue;
    first ??= place;
    for (let axis = 0; axis < 3; axis++) sum[axis] += place[axis];
  }
  const length = Math.hypot(...sum);
  return length < 1e-9 ? first : [sum[0] / length, sum[1] / length, sum[2] / length];
}

function distance(a: Vector, b: Vector): number {
  return Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}

function toVector({ latitude, longitude }: Position): Vector {
  const [north, east] = [(latitude * Math.PI) / 180, (longitude * Math.PI) / 180];
  return [Math.cos(north) * Math.cos(east), Math.cos(north) * Math.sin(east), Math.sin(north)];
}

function toPosition([x, y, z]: Vector): Position {
  return { latitude: (Math.atan2(z, Math.hypot(x, y)) * 180) / Math.PI, longitude: (Math.atan2(y, x) * 180) / Math.PI };
}
