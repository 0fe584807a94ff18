/** What a viewer is told of a scenario: what it is, its phases, and faults that it would feel. */

import { Problem } from '../problem.js';
import { readSentence } from '../scenario/fault-language.js';
import { mustBeFelt } from '../scenario/faults-section.js';
import { phaseTimes } from '../scenario/phases.js';
import type { Scenario } from '../scenario/scenario.js';
import type { RunCard } from './feed.js';

export function cardOf(scenario: Scenario, folder: string | null = null): RunCard {
  const { name, about, protocol, topology, peers, servers, seed, workload } = scenario;
  const { warmUpMs, measureMs, drainMs, endMs } = phaseTimes(scenario);
  const phases = [
    { name: 'join', fromMs: 0, toMs: warmUpMs },
    { name: 'warm-up', fromMs: warmUpMs, toMs: measureMs },
    { name: 'measure', fromMs: measureMs, toMs: drainMs },
    { name: 'drain', fromMs: drainMs, toMs: endMs },
  ] as const;
  return {
    scenario: name,
    about,
    protocol: protocol.name,
    topology: topology.name,
    peers,
    servers,
    seed,
    totalMs: endMs,
    phases: phases.filter(({ fromMs, toMs }) => toMs > fromMs),
    asksQueries: workload.locate !== null,
    hasNat: topology.nat.length > 0,
    examples: examplesFor(scenario),
    folder,
  };
}

/** Sentences that this scenario takes: its own places, and only what makes a difference. */
function examplesFor({ topology, peers, servers }: Scenario): string[] {
  const { sites } = topology;
  const regions = new Set(sites.flatMap(({ region }) => region ?? []));
  const place = regions.size > 1 ? [...regions][0] : sites.length > 1 ? sites[0].name : null;
  const named = place === null || /^[\w-]+$/.test(place) ? place : `"${place}"`;
  const sentences = [
    'crash 30%',
    'restart',
    named === null ? `for 20s partition peers 0-${Math.max(0, Math.floor(peers / 2) - 1)} | rest` : `for 20s partition ${named} | rest`,
    'for 20s loss 30%',
    'repair',
    'for 30s delay 200ms',
    'for 30s churn 20%',
    ...(servers > 0 ? ['crash servers'] : []),
    ...(named === null ? [] : ['for 10s outage of a random site']),
    'for 30s slow uplink of 50% by 10x',
    'for 20s corrupt 5%',
  ];
  return sentences.filter((text) => {
    try {
      const { what } = readSentence(text, { sites, peers });
      if (what.verb !== 'repair') mustBeFelt(what, topology);
      return true;
    } catch (error) {
      if (error instanceof Problem) return false;
      throw error;
    }
  });
}
