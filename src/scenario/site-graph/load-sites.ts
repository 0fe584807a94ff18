/** From what `latency` names (a map, a list of places, a model) to the sites and latencies of a topology. */

import { greatCircleLatencies } from '../great-circle.js';
import { displayPath, readText } from '../yaml-source.js';
import { parsePlaces } from './coordinates.js';
import { generate } from './generate.js';
import { parseNetworkMap } from './network-map.js';
import type { CoordinatesSettings, GenerateSettings, GmlSettings, GraphmlSettings } from './schema.js';
import { parseShadowGml } from './shadow-gml.js';
import { planSites, type SitePlan } from './site-plan.js';

/** One of these is given, or none. */
export interface SiteSource {
  readonly gml?: GmlSettings | undefined;
  readonly graphml?: GraphmlSettings | undefined;
  readonly coordinates?: CoordinatesSettings | undefined;
  readonly generate?: GenerateSettings | undefined;
}

/** Null when none of them is given. Anything wrong in a file is a Problem with file and line. */
export function loadSites({ gml, graphml, coordinates, generate: drawn }: SiteSource): SitePlan | null {
  if (gml) {
    const where = displayPath(gml.file);
    const graph = parseShadowGml(readText(gml.file), where, gml);
    return planSites(graph, { useShortestPath: gml.useShortestPath, withinMs: gml.within, leastMs: 0 }, where);
  }
  if (graphml) {
    const where = displayPath(graphml.file);
    const graph = parseNetworkMap(readText(graphml.file), where, { ...graphml, unplacedMs: graphml.unplaced });
    return planSites(graph, { useShortestPath: true, withinMs: graphml.within, leastMs: graphml.within }, where);
  }
  if (coordinates) {
    const places = parsePlaces(readText(coordinates.file), displayPath(coordinates.file));
    return {
      sites: places.map(({ name, region, weight }) => ({ name, region, weight, accessClass: null })),
      latencyMs: greatCircleLatencies(places, { ...coordinates, withinMs: coordinates.within }),
      classes: [],
      loss: 0,
      jitter: 0,
      links: [],
      notes: [`${places.length} places, as far apart as the great circle times ${coordinates.stretch}`],
    };
  }
  if (drawn) {
    const graph = generate(drawn.model, drawn.seed);
    return planSites(graph, { useShortestPath: true, withinMs: drawn.withinMs, leastMs: 0 }, `model ${drawn.model.model}`);
  }
  return null;
}
