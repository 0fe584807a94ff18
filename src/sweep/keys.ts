/**
 * The key of a run: a hash of what makes it, the resolved scenario with its seed, the version, and the text of a protocol of the user's own.
 * Runs of one key are the same run, whichever sweep asks for it, so what is there need not be run again.
 */

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { stringify } from 'yaml';
import type { Topology } from '../network/topology.js';
import type { Scenario } from '../scenario/scenario.js';
import { scenarioToYaml, writeTopology } from '../scenario/write-scenario.js';
import { version } from '../version.js';

/** Hexadecimal digits: 96 bits, so that no two runs of anybody's meet. */
const DIGITS = 24;

export class Keys {
  private readonly version = version();
  private readonly topologies = new WeakMap<Topology, string>();
  private readonly files = new Map<string, string>();

  /** The keys of one point's scenario with each of these seeds. */
  of(scenario: Scenario, seeds: readonly number[]): string[] {
    const { file } = scenario.protocol;
    const yaml = scenarioToYaml({ ...scenario, seed: 0 }, this.topology(scenario.topology));
    const hash = sha(JSON.stringify([this.version, yaml, file === null ? '' : this.file(file)]));
    return seeds.map((seed) => sha(`${hash} ${seed}`).slice(0, DIGITS));
  }

  /** Points share topologies, and a large one takes long to write out. */
  private topology(topology: Topology): string {
    const known = this.topologies.get(topology);
    if (known !== undefined) return known;
    const hash = sha(stringify(writeTopology(topology)));
    this.topologies.set(topology, hash);
    return hash;
  }

  private file(path: string): string {
    const known = this.files.get(path);
    if (known !== undefined) return known;
    const hash = sha(readFileSync(path));
    this.files.set(path, hash);
    return hash;
  }
}

export function sha(text: string | Buffer): string {
  return createHash('sha256').update(text).digest('hex');
}
