/** A topology's latencies as a plain matrix of round-trip times in ms: twice the one-way latency from row to column. */

import type { Topology } from '../../network/topology.js';
import { Problem } from '../../problem.js';
import { isHostName } from '../latency-matrix.js';
import { beyondPaths, type Converted } from './converted.js';

export function toMatrix(topology: Topology): Converted {
  const { sites, classes, latencyMs, links } = topology;
  const n = sites.length;
  if (n < 2) throw new Problem('a matrix is between at least 2 sites, and there is only one');
  const lost = beyondPaths(topology);
  const lines = classes.length > 1 || [classes[0].uplinkBitsPerSecond, classes[0].downlinkBitsPerSecond].some((rate) => rate < Infinity);
  if (lines || classes[0].latencyMs > 0) lost.push('access lines');
  if (topology.loss > 0 || links.some(({ loss }) => loss !== null)) lost.push('loss');
  if (topology.jitter > 0 || links.some(({ jitter }) => jitter !== null)) lost.push('jitter');
  if (sites.some(({ region }) => region !== null)) lost.push('regions');
  const notes = ['round-trip times in ms: a file whose name ends in -ms.tsv is read so'];
  const named = sites.every(({ name }) => isHostName(name) && !/[\t\n\r"]/.test(name) && !name.startsWith('#'));
  if (!named) lost.push('names of sites that look like numbers, or have tabs or quotes');
  if (lost.length > 0) notes.push(`a matrix has no words for: ${lost.join('; ')}`);
  const off = latencyMs.some((ms, index) => ms === 0 && index % (n + 1) !== 0);
  if (off) notes.push('latencies of 0 between sites are read as missing');
  const rows = named ? [sites.map(({ name }) => name).join('\t')] : [];
  for (let from = 0; from < n; from++) rows.push(Array.from(latencyMs.subarray(from * n, (from + 1) * n), (ms) => 2 * ms).join('\t'));
  return { text: `${rows.join('\n')}\n`, notes };
}
