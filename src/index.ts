/**
 * Peerage as a library: define a protocol, load a scenario, run it, read what it left. `npx peerage` is made of the same parts.
 */

export { type Experiment, type ExperimentOptions, runExperiment } from './coordinator/experiment.js';
export type { Inject } from './coordinator/injector.js';
export { type RunOptions, type RunProgress, type RunResult, runScenario } from './coordinator/run.js';
export type { Measures } from './metrics/measures.js';
export { OPERATION_COLUMNS, OperationTable } from './metrics/operations.js';
export type { Summary } from './metrics/summary.js';
export type { Topology } from './network/topology.js';
export { REACH_MESSAGES, type ReachMessage, sizeOfReach } from './overlay/reach/messages.js';
export type { Path, PathKind } from './overlay/reach/path.js';
export { type Identity, Reach, type ReachUser } from './overlay/reach/reach.js';
export { REACH_SETTINGS, type ReachSettings } from './overlay/reach/settings.js';
export { Problem, type ProblemKind } from './problem.js';
export * from './protocol.js';
export { listProtocols, loadProtocol } from './protocol-catalog.js';
export { listResults, type Results, readResults, readSummary } from './results/read.js';
export { type LoadedScenario, loadScenario, type Overrides, scenarioToYaml } from './scenario/load.js';
export type { Scenario } from './scenario/scenario.js';
export { loadTopology } from './scenario/topology-file.js';
export type { Locate, LocateOperation } from './services/locate.js';
