/**
 * Writes a resolved topology in a format that other programs, or Peerage, read. YAML holds all of it and is read back to the very same
 * topology; what another format has no words for is listed, never silently dropped.
 */

import { Document, isCollection, isPair } from 'yaml';
import type { Topology } from '../../network/topology.js';
import { writeTopology } from '../write-scenario.js';
import type { Converted } from './converted.js';
import { toGml } from './to-gml.js';
import { toMatrix } from './to-matrix.js';

export const FORMATS = ['yaml', 'gml', 'matrix'] as const;
export type Format = (typeof FORMATS)[number];

export function convertTopology(topology: Topology, format: Format): Converted {
  if (format === 'gml') return toGml(topology);
  if (format === 'matrix') return toMatrix(topology);
  return { text: toYaml(topology), notes: [] };
}

/** A line for each class, site, link and row. */
function toYaml(topology: Topology): string {
  const document = new Document(writeTopology(topology));
  for (const key of ['access', 'sites', 'links', 'nat']) {
    const list = document.get(key);
    if (!isCollection(list)) continue;
    for (const item of list.items) {
      const part = isPair(item) ? item.value : item;
      if (isCollection(part)) part.flow = true;
    }
  }
  return document.toString({ lineWidth: 0 });
}
