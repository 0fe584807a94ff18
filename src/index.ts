/**
 * Peerage as a library. What matters first comes first: run something, say what runs, read what it left, write a protocol. docs/library.md
 * goes through it by example, and `examples/` has scripts that run.
 */

// Run it. `Problem` is what every function here throws when its input is wrong: a sentence that says where.

export type { RunControl } from './coordinator/control.js';
export type { Inject } from './coordinator/injector.js';
export type { RunProgress } from './coordinator/progress.js';
export type { DrawnPeer, Heat, WatchCounts, WatchedMessage, WatchFrame, WatchOptions } from './coordinator/watch.js';
export type { RunOptions } from './library/options.js';
export { RunFailed, type RunResult, run } from './library/run.js';
export { type SweepOptions, sweep } from './library/sweep.js';
export { Problem, type ProblemKind } from './problem.js';
export type { SweepProgress, SweepResult, VaryValues } from './sweep/sweep.js';

// Say what runs: scenarios and topologies as objects, as files, and as they are once every default is filled in.

export type { Topology } from './network/topology.js';
export { listProtocols, loadProtocol } from './protocol-catalog.js';
export { type LoadedScenario, loadScenario, type Overrides } from './scenario/load.js';
export type { LocateWorkload, QueryTrace, Scenario } from './scenario/scenario.js';
export type {
  DurationText,
  LocateObject,
  PopulationObject,
  QueryObject,
  ScenarioObject,
  ShareText,
  TopologyObject,
} from './scenario/scenario-object.js';
export { loadTopology } from './scenario/topology-file.js';
export { scenarioToYaml } from './scenario/write-scenario.js';

// Read what it left.

export { sitesOf } from './library/places.js';
export { KEY_FIGURES } from './metrics/key-figures.js';
export type { LedgerRow, Measures, SeriesRow } from './metrics/measures.js';
export { OPERATION_COLUMNS, type OperationColumn, OperationTable, type Outcome } from './metrics/operations.js';
export type { Estimate } from './metrics/statistics.js';
export type { Summary } from './metrics/summary.js';
export { reportOf } from './report/of-folder.js';
export { addReport, type Report } from './results/add-report.js';
export { listResults, type Overview, type Results, readOverview, readResults, readSummary } from './results/read.js';
export { type Axis, estimateOf, readSweep, type Sweep, type SweepPoint, type SweepRun } from './results/sweep.js';

// Write a protocol: what is lent to it, what it gives back.

export * from './protocol.js';
export type { Locate, LocateOperation } from './services/locate.js';

// Parts that overlays are built from: requests, caches of what was seen, an index of words ...

export { KeywordIndex, type Listed } from './overlay/keyword-index.js';
export { Call, Calls } from './overlay/rpc.js';
export { NOT_SEEN, SeenCache } from './overlay/seen-cache.js';

// ... reaching peers behind NAT: directly, through a punched hole, by a relay ...

export { REACH_MESSAGES, type ReachMessage, sizeOfReach } from './overlay/reach/messages.js';
export type { Path, PathKind } from './overlay/reach/path.js';
export { type Identity, Reach, type ReachUser } from './overlay/reach/reach.js';
export { REACH_SETTINGS, type ReachSettings } from './overlay/reach/settings.js';

// ... downloads ...

export type { Download } from './overlay/transfer/download.js';
export { sizeOfTransfer, TRANSFER_MESSAGES, type TransferMessage } from './overlay/transfer/messages.js';
export { TRANSFER_SETTINGS, type TransferSettings } from './overlay/transfer/settings.js';
export { Transfers } from './overlay/transfer/transfers.js';
export type { Source, TransferUser } from './overlay/transfer/user.js';

// ... and clients of a server, or of a supernode.

export { CLIENT_SETTINGS, Client, type ClientSettings } from './overlay/clients/client.js';
export { convergeClients } from './overlay/clients/converge.js';
export { type Member, serveClient } from './overlay/clients/desk.js';
export { CLIENT_MESSAGES, type ClientMessage, sizeOfClient } from './overlay/clients/messages.js';
