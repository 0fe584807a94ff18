/**
 * Peerage as a library: define a protocol, load a scenario, run it, read what it left. `npx peerage` is made of the same parts.
 */

export type { RunControl } from './coordinator/control.js';
export { type Experiment, type ExperimentOptions, runExperiment } from './coordinator/experiment.js';
export type { Inject } from './coordinator/injector.js';
export { type RunOptions, type RunProgress, type RunResult, runScenario } from './coordinator/run.js';
export type { DrawnPeer, Heat, WatchCounts, WatchedMessage, WatchFrame, WatchOptions } from './coordinator/watch.js';
export type { Measures } from './metrics/measures.js';
export { OPERATION_COLUMNS, OperationTable } from './metrics/operations.js';
export type { Summary } from './metrics/summary.js';
export type { Topology } from './network/topology.js';
export { CLIENT_SETTINGS, Client, type ClientSettings } from './overlay/clients/client.js';
export { convergeClients } from './overlay/clients/converge.js';
export { type Member, serveClient } from './overlay/clients/desk.js';
export { CLIENT_MESSAGES, type ClientMessage, sizeOfClient } from './overlay/clients/messages.js';
export { KeywordIndex, type Listed } from './overlay/keyword-index.js';
export { REACH_MESSAGES, type ReachMessage, sizeOfReach } from './overlay/reach/messages.js';
export type { Path, PathKind } from './overlay/reach/path.js';
export { type Identity, Reach, type ReachUser } from './overlay/reach/reach.js';
export { REACH_SETTINGS, type ReachSettings } from './overlay/reach/settings.js';
export { Call, Calls } from './overlay/rpc.js';
export { NOT_SEEN, SeenCache } from './overlay/seen-cache.js';
export { sizeOfTransfer, TRANSFER_MESSAGES, type TransferMessage } from './overlay/transfer/messages.js';
export { TRANSFER_SETTINGS, type TransferSettings } from './overlay/transfer/settings.js';
export { type Download, type Source, Transfers, type TransferUser } from './overlay/transfer/transfers.js';
export { Problem, type ProblemKind } from './problem.js';
export * from './protocol.js';
export { listProtocols, loadProtocol } from './protocol-catalog.js';
export { reportOf } from './report/of-folder.js';
export type { Report } from './report/report.js';
export { addReport } from './results/add-report.js';
export { listResults, type Overview, type Results, readOverview, readResults, readSummary } from './results/read.js';
export { type Axis, estimateOf, readSweep, type Sweep, type SweepPoint, type SweepRun } from './results/sweep.js';
export { type LoadedScenario, loadScenario, type Overrides, scenarioToYaml } from './scenario/load.js';
export type { Scenario } from './scenario/scenario.js';
export { loadTopology } from './scenario/topology-file.js';
export type { Locate, LocateOperation } from './services/locate.js';
export { type SweepOptions, type SweepProgress, type SweepResult, sweep, type VaryValues } from './sweep/sweep.js';
