/**
 * The time of day, and who joins by it. A wait that would end after some time if every hour were alike ends instead when the integral of
 * the rate has reached that time. So Poisson arrivals become exactly the Poisson process of that rate (Cinlar, E. (1975), "Introduction to
 * Stochastic Processes", 4.7: the time change), any other wait is stretched by night and shortened by day, and each takes one draw, with nothing
 * remembered and nothing thrown away, as it would be by thinning.
 */

import type { Diurnal } from './plan.js';

/** Halvings of a period: what remains of a day is less than a double can tell apart. */
const HALVINGS = 52;

/** What the mean rate is multiplied by at this time. */
export function rateAt({ amplitude, periodMs, peakAtMs }: Diurnal, atMs: number): number {
  return 1 + amplitude * Math.cos((2 * Math.PI * (atMs - peakAtMs)) / periodMs);
}

/** The time from `fromMs` on at which the integral of the rate is `waitMs`. */
export function timeAfter({ amplitude, periodMs, peakAtMs }: Diurnal, fromMs: number, waitMs: number): number {
  if (!(waitMs < Infinity)) return Infinity;
  // Over a whole period the integral is the period itself.
  const periods = Math.floor(waitMs / periodMs);
  const rest = waitMs - periods * periodMs;
  const phase = (2 * Math.PI * (fromMs - peakAtMs)) / periodMs;
  const swingMs = (amplitude * periodMs) / (2 * Math.PI);
  const integral = (ms: number) => ms + swingMs * (Math.sin(phase + (2 * Math.PI * ms) / periodMs) - Math.sin(phase));
  let low = 0;
  let high = periodMs;
  for (let i = 0; i < HALVINGS; i++) {
    const middle = (low + high) / 2;
    if (integral(middle) < rest) low = middle;
    else high = middle;
  }
  return fromMs + periods * periodMs + high;
}
