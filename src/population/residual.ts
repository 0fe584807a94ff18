/**
 * What is left of a session, or a downtime, that is met at a random moment: in the long run a moment falls into a stretch with a chance that
 * goes by its length, and uniformly within it (Cox, D. R. (1962), "Renewal Theory", chapter 5). Long stretches are met more often, so
 * for a Weibull of shape below 1 what is left is longer on average than a whole session.
 */

import { Problem } from '../problem.js';
import type { Random } from '../protocol.js';
import { drawDuration, insideUnit, standardNormal } from './durations.js';
import type { Duration } from './plan.js';

/** The rest of a duration, in ms, seen from a random moment of it. The mean of the duration must be finite. */
export function drawResidual(duration: Duration, random: Random): number {
  switch (duration.kind) {
    case 'fixed':
      return duration.valueMs * insideUnit(random);
    case 'exponential':
      return drawDuration(duration, random);
    case 'weibull':
      // (x / scale)^shape of a Weibull that is drawn by its length has a gamma distribution instead of the exponential.
      return duration.scaleMs * drawGamma(1 + 1 / duration.shape, random) ** (1 / duration.shape) * insideUnit(random);
    case 'pareto':
      if (!(duration.shape > 1)) throw new Problem(`what is left of a Pareto duration: expected a shape above 1, got ${duration.shape}`);
      return drawDuration({ ...duration, shape: duration.shape - 1 }, random);
    case 'lognormal':
      return drawDuration({ ...duration, medianMs: duration.medianMs * Math.exp(duration.sigma ** 2) }, random) * insideUnit(random);
  }
}

/** The gamma distribution of scale 1 and a shape of at least 1. Marsaglia, G. and Tsang, W. W. (2000), ACM TOMS 26 (3). */
function drawGamma(shape: number, random: Random): number {
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  while (true) {
    const normal = standardNormal(random);
    const v = (1 + c * normal) ** 3;
    if (v > 0 && Math.log(insideUnit(random)) < normal ** 2 / 2 + d - d * v + d * Math.log(v)) return d * v;
  }
}
