/**
 * Session times and downtimes of systems that were measured, by name, each with its source. Where no fit was published, what is here is
 * marked as synthetic and says what it was made from. A downtime that nobody has published is not made up.
 */

import type { Duration } from './plan.js';

export interface Preset {
  /** What it is, and where it comes from. */
  readonly source: string;
  /** True: put together from published figures, not a published fit. */
  readonly synthetic: boolean;
  readonly session: Duration;
  readonly downtime: Duration | null;
}

const MINUTE = 60_000;

export const PRESETS: Readonly<Record<string, Preset>> = {
  kad: {
    source:
      'KAD (eMule), crawled every five minutes for six months: Steiner, En-Najjary and Biersack, "Long term study of peer behavior in the ' +
      'KAD DHT", IEEE/ACM Transactions on Networking 17 (5), 2009; the Weibull fits as PeerfactSim.KOM has them (session times from the second crawl on)',
    synthetic: false,
    session: { kind: 'weibull', shape: 0.61511, scaleMs: 10_172_310 }, // 169.5385 min
    downtime: { kind: 'weibull', shape: 0.47648, scaleMs: 24_820_590 }, // 413.6765 min
  },
  bittorrent: {
    source:
      'the Debian torrent, from its tracker\u2019s log: Stutzbach and Rejaie, "Understanding churn in peer-to-peer networks", IMC 2006; ' +
      'Weibull fit, scale in minutes',
    synthetic: false,
    session: { kind: 'weibull', shape: 0.38, scaleMs: 42.4 * MINUTE },
    downtime: null,
  },
  gnutella: {
    source:
      'Gnutella: the median of 60 minutes after Saroiu, Gummadi and Gribble, "A measurement study of peer-to-peer file sharing systems", MMCN ' +
      '2002; the tail after Wang, Yao and Loguinov, "Residual-based estimation of peer and link lifetimes in P2P networks", IEEE/ACM ' +
      'Transactions on Networking 17 (3), 2009 (ultrapeers, Pareto of shape 1.1)',
    synthetic: true,
    session: { kind: 'pareto', shape: 1.1, scaleMs: (60 * MINUTE) / (2 ** (1 / 1.1) - 1) },
    downtime: null,
  },
};

/** Names of the presets that state this. */
export function presetsWith(what: 'session' | 'downtime'): string[] {
  return Object.keys(PRESETS).filter((name) => PRESETS[name][what] !== null);
}
