/** Shares that are to be all of something. */

import { formatShare } from './units.js';
import type { Fail, Path } from './yaml-source.js';

/** Shares may miss 100% by this much, the rounding of decimals. */
const TOLERANCE = 1e-6;

/** Complains about shares, written at `path`, that do not add up to 100%. */
export function mustAddUp(shares: readonly number[], path: Path, fail: Fail): void {
  const sum = shares.reduce((total, each) => total + each, 0);
  if (Math.abs(sum - 1) > TOLERANCE) fail(path, `expected shares that add up to 100%, got ${formatShare(Number(sum.toPrecision(6)))}`);
}
