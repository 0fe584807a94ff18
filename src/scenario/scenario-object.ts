/**
 * A scenario as a script writes it: an object with the keys of a scenario file. docs/scenario.md defines each of them, with its default; the
 * checks, and their sentences, are those of a file. Quantities are text with their unit (`'30s'`, `'70%'`, `'10 Mbit/s'`); only 0 needs none.
 */

/** `'500ms'`, `'30s'`, `'10m'`, `'2h'`, `'1d'`. */
export type DurationText = string | 0;
/** `'70%'` or 0.7. */
export type ShareText = string | number;

/** A scenario as a script writes it, with the keys of a scenario file (docs/scenario.md). */
export interface ScenarioObject {
  /** What results call it. Default: `inline`. */
  readonly name?: string;
  /** One sentence. */
  readonly about?: string;
  /** Of everything random: a whole number from 0, below 2^53. Default: 1. */
  readonly seed?: number;
  /** Size of the population. Default: 1000, or as many as its trace has. */
  readonly peers?: number;
  /** A name, a file, or an object like a topology file. Default: `planet`. */
  readonly topology?: string | TopologyObject;
  /** Names, or paths of modules. `run` takes its option `protocol`, or the first of these. */
  readonly protocols?: string | readonly string[];
  /** Settings of each protocol by its name. */
  readonly settings?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly phases?: {
    /** Who is there at time 0 starts with finished tables, or joins one by one (default). */
    readonly start?: 'converge' | 'join';
    readonly warmUp?: DurationText;
    readonly measure?: DurationText;
    readonly drain?: DurationText;
  };
  readonly clock?: 'virtual' | 'wall';
  readonly speed?: number;
  readonly lateness?: DurationText;
  readonly cpu?: 'none' | { readonly perMessage: DurationText } | { readonly measured: string };
  /** Who comes and goes: a preset's name, laws, or a trace. */
  readonly population?: string | PopulationObject;
  /** What goes wrong when: sentences, such as `'at 60s crash 30%'`. */
  readonly faults?: readonly (string | Readonly<Record<string, unknown>>)[];
  readonly chaos?: readonly Readonly<Record<string, unknown>>[];
  /** What is asked of the overlay. Default: nothing. */
  readonly workload?: 'none' | { readonly locate?: LocateObject };
  readonly measures?: {
    /** Width of a row of the time series. */
    readonly interval?: DurationText;
    /** Whether the operations say whom each query reached. */
    readonly paths?: boolean;
    /** Bounds on the summary: `{ 'locate.success': '>= 95%' }`. */
    readonly thresholds?: Readonly<Record<string, unknown>>;
  };
  /** What `sweep` varies, and how often it repeats, when its options do not say. A single run takes no notice of it. */
  readonly sweep?: { readonly vary: Readonly<Record<string, unknown>>; readonly repeat?: number };
  readonly limits?: { readonly pendingEvents?: number; readonly eventsPerInstant?: number; readonly stallSeconds?: number };
}

/** The section `population`: who comes and goes. */
export interface PopulationObject {
  readonly arrivals?: string | Readonly<Record<string, unknown>>;
  readonly diurnal?: 'none' | Readonly<Record<string, unknown>>;
  readonly core?: ShareText;
  readonly session?: string | Readonly<Record<string, unknown>>;
  readonly downtime?: string | Readonly<Record<string, unknown>>;
  readonly crash?: ShareText;
  readonly churnFrom?: DurationText;
  readonly events?: readonly (string | { readonly at: DurationText; readonly crash: ShareText })[];
  /** A file, as seen from the current folder, or a table `time,peer,join|leave|crash` itself. */
  readonly trace?: string | { readonly file?: string; readonly table?: string; readonly from?: DurationText };
}

/** The section `workload.locate`: what there is to be found, and who asks when. */
export interface LocateObject {
  /** Distinct items. Default: 1000, or as many as the trace names, if these are more. */
  readonly files?: number;
  readonly zipf?: number;
  readonly replicas?: number;
  readonly replicaZipf?: number;
  readonly freeRiders?: ShareText;
  readonly sharingZipf?: number;
  readonly publishSpread?: DurationText;
  /** Queries per peer, Poisson: `'0.01/s'`. Only one of rate, perPeer and trace. */
  readonly rate?: string | 0;
  /** So many queries of each peer at random times. */
  readonly perPeer?: number;
  /** Who asks for what when: a file, as seen from the current folder; a table `time,peer,file`; or a list of queries. */
  readonly trace?: string | { readonly file?: string; readonly table?: string; readonly from?: DurationText } | readonly QueryObject[];
  readonly timeout?: DurationText;
  readonly names?: 'unique' | Readonly<Record<string, number>>;
  /** Size of an item that whoever finds it also fetches: `'4 MB'`. */
  readonly download?: string;
}

/** One query of a trace. */
export interface QueryObject {
  /** From the start of the run; to be asked, it must fall into the phase `measure`. */
  readonly at: DurationText;
  /** Number or name of the peer that asks. */
  readonly peer: number | string;
  /** Number (rank by popularity, from 0) or name of the file; without one it is drawn by popularity. */
  readonly file?: number | string;
}

/** A network, with the keys of a topology file: docs/topologies.md. */
export interface TopologyObject {
  /** The name or file of a topology that this one changes, key by key. */
  readonly extends?: string;
  readonly name?: string;
  readonly about?: string;
  readonly source?: string;
  readonly headers?: string | 0;
  readonly segmentHeaders?: string | 0;
  readonly jitter?: ShareText;
  readonly loss?: ShareText;
  readonly bursts?: 'none' | Readonly<Record<string, unknown>>;
  readonly reorder?: 'none' | Readonly<Record<string, unknown>>;
  readonly duplicate?: ShareText;
  /** Access classes by their names. */
  readonly access?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly sites?: readonly Readonly<Record<string, unknown>>[];
  readonly links?: unknown;
  readonly nat?: unknown;
  /** One latency for all pairs of sites, or a map that says how to find them. */
  readonly latency?: DurationText | Readonly<Record<string, unknown>>;
}
