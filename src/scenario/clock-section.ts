/**
 * Reads and writes what a scenario says of time: `clock`, with `speed` and `lateness` beside it, and `cpu`, what a peer's processor
 * takes. The keys stand side by side at the top of the file, so which ones go together is looked at when all are read.
 */

import type { z } from 'zod';
import { Problem } from '../problem.js';
import { SCENARIO_DEFAULTS as DEFAULTS } from './defaults.js';
import { built, duration, field, number, oneOf, section, wordsOr } from './fields.js';
import type { Clock, CpuModel, Scenario } from './scenario.js';
import { formatDuration, show, unexpected } from './units.js';

const FACTOR = /^((?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)\s*x$/i;

/** '10x' */
const factor = () =>
  field((given) => {
    const [, written] = FACTOR.exec(typeof given === 'string' ? given.trim() : '') ?? [];
    if (!(Number(written) > 0)) throw unexpected('a factor such as 10x', given);
    return Number(written);
  });

const cpu = wordsOr(
  (words): CpuModel | null => {
    if (words !== 'none') throw unexpected('none, { perMessage: 50us } or { measured: 10x }', words);
    return null;
  },
  built(
    section({ perMessage: duration({ above: 0 }).optional(), measured: factor().optional() }),
    ({ perMessage, measured }): CpuModel | null => {
      if (perMessage !== undefined && measured === undefined) return { kind: 'per-message', costMs: perMessage };
      if (measured !== undefined && perMessage === undefined) return { kind: 'measured', factor: measured };
      throw new Problem(`expected either perMessage or measured, got ${measured === undefined ? 'neither' : 'both'}`);
    },
  ) as z.ZodType<CpuModel | null>,
);

/** The keys, as they are read one by one. */
export const clockKeys = {
  clock: oneOf(['virtual', 'wall']).default(DEFAULTS.clock),
  speed: number({ above: 0 }).optional(),
  lateness: duration({ above: 0 }).optional(),
  cpu: cpu.default(null),
};

interface ClockSettings {
  readonly clock: Clock['kind'];
  readonly speed?: number | undefined;
  readonly lateness?: number | undefined;
  readonly cpu: CpuModel | null;
}

/**
 * @param where names the place of a key: file:line:column, or the option
 * @throws Problem when keys do not go together
 */
export function resolveClock(settings: ClockSettings, where: (key: string) => string): Pick<Scenario, 'clock' | 'cpu'> {
  const { clock, speed, lateness, cpu } = settings;
  if (clock === 'virtual') {
    for (const [key, value] of Object.entries({ speed, lateness })) {
      if (value === undefined) continue;
      throw new Problem(`${where(key)}: ${key} is for clock: wall only; in virtual time a run goes as fast as it can, and is never late`);
    }
    return { clock: { kind: 'virtual' }, cpu };
  }
  if (cpu !== null) {
    throw new Problem(
      `${where('cpu')}: expected no cpu beside clock: wall, where handlers take the time they take, got ${show(writeCpu(cpu))}`,
    );
  }
  return { clock: { kind: 'wall', speed: speed ?? DEFAULTS.speed, latenessMs: lateness ?? DEFAULTS.latenessMs }, cpu };
}

export function writeClock({ clock, cpu }: Pick<Scenario, 'clock' | 'cpu'>): Record<string, unknown> {
  const paced = clock.kind === 'wall' ? { speed: clock.speed, lateness: formatDuration(clock.latenessMs) } : {};
  return { clock: clock.kind, ...paced, cpu: writeCpu(cpu) };
}

function writeCpu(cpu: CpuModel | null): unknown {
  if (cpu === null) return 'none';
  return cpu.kind === 'per-message' ? { perMessage: formatDuration(cpu.costMs) } : { measured: `${cpu.factor}x` };
}
