/** Refuses a threshold on a metric that no run of this scenario can have, before the run instead of after it. */

import { Problem } from '../problem.js';
import type { Scenario } from '../scenario/scenario.js';
import { nothingMeasured } from './nothing-measured.js';
import { summarise } from './summary.js';
import { findMetric, metricsOf, nearestMetric } from './thresholds.js';

/** Branches of the summary whose names only the run itself brings forth. */
const OPEN_BRANCHES = /^(counters\..+|messagesByType\..+\.(messages|bytes))$/;

/**
 * @param where put before the sentence, for example `flood.yaml:12`
 * @throws Problem at the first threshold whose metric does not exist, with the nearest that does
 */
export function refuseUnknownMetrics(scenario: Scenario, where = `scenario ${scenario.name}`): void {
  const metrics = metricsOf(summarise(scenario, nothingMeasured(), ''));
  for (const { metric } of scenario.measures.thresholds) {
    if (findMetric(metric, metrics) !== undefined || OPEN_BRANCHES.test(metric)) continue;
    throw new Problem(
      `${where}: measures.thresholds: expected a metric of the summary (docs/results.md lists them), got "${metric}"${nearestMetric(metric, metrics)}`,
    );
  }
}
