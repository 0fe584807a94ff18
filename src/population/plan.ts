/**
 * The population as a scenario states it: who arrives when, how long sessions and downtimes last, how they end. Plain data, every
 * default filled in; `population.ts` turns it into joins and departures.
 */

/** A distribution of durations, in ms. `durations.ts` draws from it and knows its mean and median. */
export type Duration =
  | { readonly kind: 'fixed'; readonly valueMs: number }
  | { readonly kind: 'exponential'; readonly meanMs: number }
  | { readonly kind: 'weibull'; readonly shape: number; readonly scaleMs: number }
  /** Shifted Pareto (Lomax): P(X > x) = (1 + x / scale)^-shape. */
  | { readonly kind: 'pareto'; readonly shape: number; readonly scaleMs: number }
  /** Log-normal: median = exp(mu), given in ms; sigma is the standard deviation of the logarithm. */
  | { readonly kind: 'lognormal'; readonly sigma: number; readonly medianMs: number };

export type Arrivals =
  | { readonly kind: 'at-once' }
  /** Evenly over this time. */
  | { readonly kind: 'ramp'; readonly overMs: number }
  /** A Poisson process; after peer number `peers` nobody new arrives. */
  | { readonly kind: 'poisson'; readonly ratePerSecond: number }
  /** As if the churn had gone on for ever: some are up, in the midst of a session, the others in the midst of a downtime. */
  | { readonly kind: 'steady' }
  /** This share of the peers outside the core, those with the highest numbers, comes from this time on, at an exponentially falling rate. */
  | { readonly kind: 'flash-crowd'; readonly share: number; readonly atMs: number; readonly decayMs: number }
  /** Who comes and goes when was measured, or thought out, beforehand: nothing is drawn. */
  | { readonly kind: 'trace'; readonly trace: Trace };

/**
 * Every join and departure of every peer. The entries of peer i are those from `starts[i]` up to `starts[i + 1]`, in order of time; they are
 * a join, a departure, a join, and so on.
 */
export interface Trace {
  readonly starts: Uint32Array;
  readonly atMs: Float64Array;
  /** 1 where a departure is a crash. */
  readonly crashes: Uint8Array;
}

/** Joining goes with the time of day: its rate is multiplied by 1 + amplitude x cos(2 pi (t - peak) / period), which is 1 on average. */
export interface Diurnal {
  /** In (0, 1]. */
  readonly amplitude: number;
  readonly periodMs: number;
  readonly peakAtMs: number;
}

/** A share of the peers that are up then crashes at once. */
export interface MassFailure {
  readonly atMs: number;
  /** Share of the peers outside the core, in (0, 1]. */
  readonly share: number;
}

export interface PopulationPlan {
  readonly arrivals: Arrivals;
  /** By what the rate of Poisson arrivals and of returns from downtime swings; `null`: any hour is like any other. */
  readonly diurnal: Diurnal | null;
  /** Share of peers, in [0, 1], that arrive first and never leave nor fail. */
  readonly core: number;
  /** `null`: sessions never end. */
  readonly session: Duration | null;
  /** `null`: who has left stays away. */
  readonly downtime: Duration | null;
  /** Share of departures that are crashes, in [0, 1]; the others leave politely. */
  readonly crashShare: number;
  /** Churn begins at this time (sessions of those present are counted from here). */
  readonly churnFromMs: number;
  readonly massFailures: readonly MassFailure[];
}
