/**
 * Fills the gaps of a measured latency matrix. What was not measured (NaN off the diagonal) is taken from the opposite direction; else
 * it is the shortest path through other hosts, because a packet could go that way; else the median of all that is known.
 */

/** Fills `values` (n x n) in place. Returns what was filled, '' when nothing was missing, null when nothing is known. */
export function fillGaps(values: Float64Array, n: number): string | null {
  const known = values.filter((value, index) => !Number.isNaN(value) && !isDiagonal(index, n)).sort();
  if (known.length === 0) return null;
  const median = known[known.length >> 1];
  const missing = n * (n - 1) - known.length;
  if (missing === 0) return '';
  const measured = values.slice();
  let opposite = 0;
  let path = 0;
  for (let from = 0; from < n; from++) {
    let shortest: Float64Array | undefined;
    for (let to = 0; to < n; to++) {
      const index = from * n + to;
      if (from === to || !Number.isNaN(measured[index])) continue;
      if (!Number.isNaN(measured[to * n + from])) {
        values[index] = measured[to * n + from];
        opposite++;
        continue;
      }
      shortest ??= shortestPaths(measured, n, from);
      values[index] = shortest[to] === Infinity ? median : shortest[to];
      if (shortest[to] !== Infinity) path++;
    }
  }
  const parts = [
    `${opposite} taken from the opposite direction`,
    `${path} from the shortest path through other hosts`,
    `${missing - opposite - path} set to the median`,
  ];
  return `${missing} of ${n * (n - 1)} latencies missing: ${parts.filter((part) => !part.startsWith('0 ')).join(', ')}`;
}

function isDiagonal(index: number, n: number): boolean {
  return index % (n + 1) === 0;
}

/** Dijkstra (1959) without a heap: the graph is nearly complete. A link measured in one direction only serves both. */
function shortestPaths(measured: Float64Array, n: number, from: number): Float64Array {
  const distance = new Float64Array(n).fill(Infinity);
  const done = new Uint8Array(n);
  distance[from] = 0;
  for (let round = 0; round < n; round++) {
    let nearest = -1;
    for (let host = 0; host < n; host++) {
      if (done[host] === 0 && distance[host] < (nearest < 0 ? Infinity : distance[nearest])) nearest = host;
    }
    if (nearest < 0) break;
    done[nearest] = 1;
    for (let to = 0; to < n; to++) {
      if (to === nearest) continue;
      const link = measured[nearest * n + to];
      const length = distance[nearest] + (Number.isNaN(link) ? measured[to * n + nearest] : link);
      if (length < distance[to]) distance[to] = length;
    }
  }
  return distance;
}
