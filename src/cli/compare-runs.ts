/**
 * `peerage compare-runs`: a baseline against a candidate, both run before: what changed beyond what chance explains, and, for a pipeline
 * that must not get worse, an exit code.
 */

import { type Command, Option } from 'commander';
import { KEY_FIGURES } from '../metrics/key-figures.js';
import { compareRuns, type PointComparison, type PointPair } from '../metrics/run-comparison.js';
import { didYouMean, Problem } from '../problem.js';
import { type RunsCompared, renderRunsCompared } from '../report/compare-runs.js';
import { type ComparedPoint, type ComparedSide, readSide } from '../results/compared.js';
import { type SettingDifference, scenarioDifferences } from '../results/scenario-differences.js';
import { finish } from './finish.js';
import { terminal } from './run.js';

/** Raised when a field of the JSON is renamed, removed or redefined. */
export const COMPARE_RUNS_SCHEMA = 1;

interface CompareRunsOptions {
  readonly failOn: 'worse' | 'any' | 'never';
  readonly tolerance?: string;
  readonly figures?: string;
  readonly json?: boolean;
}

export function addCompareRuns(program: Command): void {
  program
    .command('compare-runs <baseline> <candidate>')
    .description('two result folders (of a run, a comparison or a sweep): what changed beyond chance')
    .addOption(new Option('--fail-on <what>', 'which changes end with exit code 8').choices(['worse', 'any', 'never']).default('worse'))
    .option('--tolerance <share>', 'judge figures that have no interval by this much of a change, e.g. 5%')
    .option('--figures <list>', 'judge only these, e.g. success,latencyP50Ms: the fewer, the smaller a change that is found')
    .option('--json', 'print all of it as JSON')
    .action((baseline: string, candidate: string, options: CompareRunsOptions) => {
      const tolerance = toleranceOf(options);
      const figures = figuresOf(options);
      const [before, after] = [readSide(baseline), readSide(candidate)];
      const { pairs, matched, onlyBaseline, onlyCandidate } = match(before, after);
      const points = compareRuns(pairs, { tolerance, figures });
      const compared: RunsCompared = {
        baseline,
        candidate,
        differences: howMade(before, after, matched),
        points,
        onlyBaseline,
        onlyCandidate,
        tolerance,
      };
      const fails = options.failOn !== 'never' && points.some((point) => hasFailed(point, options.failOn === 'any'));
      process.stdout.write(
        options.json ? `${JSON.stringify(asJson(compared, before, after), null, 2)}\n` : renderRunsCompared(compared, terminal()),
      );
      finish(fails ? 'runs-differ' : 'ok');
    });
}

function toleranceOf({ tolerance }: CompareRunsOptions): number | null {
  if (tolerance === undefined) return null;
  const match = /^(\d+(?:\.\d+)?)\s*(%?)$/.exec(tolerance.trim());
  if (match === null) throw new Problem(`--tolerance "${tolerance}": expected a share, as in 5% or 0.05`, 'usage');
  return Number(match[1]) / (match[2] === '%' ? 100 : 1);
}

function figuresOf({ figures }: CompareRunsOptions): string[] | null {
  if (figures === undefined) return null;
  const known = KEY_FIGURES.map(({ name }) => name);
  const names = figures.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new Problem(`--figures: expected some of ${known.join(', ')}, got "${unknown}"${didYouMean(unknown, known)}`, 'usage');
  }
  return names;
}

/** The points of both sides that have one name; where each side has a single one, they are it, whatever they are called. */
function match(baseline: ComparedSide, candidate: ComparedSide) {
  const [a, b] = [baseline.points, candidate.points];
  const isSingle = a.length === 1 && b.length === 1;
  const matched = a.flatMap((point) => {
    const other = isSingle ? b[0] : b.find(({ name }) => name === point.name);
    return other ? [[point, other] as const] : [];
  });
  const names = (points: readonly ComparedPoint[]) => points.map(({ name }) => (name === '' ? 'a run' : `"${name}"`));
  if (matched.length === 0) {
    const few = (points: readonly ComparedPoint[]) => `${names(points).slice(0, 3).join(', ')}${points.length > 3 ? ', ...' : ''}`;
    throw new Problem(`expected two folders with a point in common: ${baseline.folder} has ${few(a)}, ${candidate.folder} has ${few(b)}`);
  }
  const pairs = matched.map(([one, other]): PointPair => ({ name: isSingle ? '' : one.name, baseline: one.runs, candidate: other.runs }));
  const rest = (points: readonly ComparedPoint[], side: 0 | 1) =>
    points.filter((point) => !matched.some((pair) => pair[side] === point)).map(({ name }) => name);
  return { pairs, matched, onlyBaseline: rest(a, 0), onlyCandidate: rest(b, 1) };
}

/** Version, seeds and settings. What differs in every point alike is told once; what differs from point to point, by the first. */
function howMade(
  baseline: ComparedSide,
  candidate: ComparedSide,
  matched: readonly (readonly [ComparedPoint, ComparedPoint])[],
): SettingDifference[] {
  const found = new Map<string, SettingDifference>();
  if (baseline.version !== candidate.version) {
    found.set('version', { path: 'version', baseline: baseline.version, candidate: candidate.version });
  }
  for (const [a, b] of matched) {
    const [before, after] = [a.scenarioYaml(), b.scenarioYaml()];
    const settings = before === null || after === null || before === after ? [] : scenarioDifferences(before, after);
    const [from, to] = [a, b].map(({ runs }) => seedsText(runs.map(({ seed }) => seed)));
    const seeds = from === to ? [] : [{ path: 'seed', baseline: from, candidate: to }];
    for (const each of [...seeds, ...settings.filter(({ path }) => path !== 'seed')]) if (!found.has(each.path)) found.set(each.path, each);
  }
  return [...found.values()];
}

function seedsText(seeds: readonly number[]): string {
  return seeds.length > 4 ? `${seeds.slice(0, 3).join(', ')}, ... (${seeds.length})` : seeds.join(', ');
}

function hasFailed({ figures, failures }: PointComparison, onAny: boolean): boolean {
  return failures > 0 || figures.some(({ verdict }) => verdict === 'worse' || (onAny && (verdict === 'better' || verdict === 'changed')));
}

/** An infinite end is null. */
function asJson(compared: RunsCompared, baseline: ComparedSide, candidate: ComparedSide): unknown {
  const side = ({ folder, kind, version }: ComparedSide) => ({ folder, kind, version });
  return {
    schema: COMPARE_RUNS_SCHEMA,
    baseline: side(baseline),
    candidate: side(candidate),
    tolerance: compared.tolerance,
    differences: compared.differences,
    points: compared.points.map(({ figures, runs, ...point }) => ({
      ...point,
      baselineRuns: runs[0],
      candidateRuns: runs[1],
      figures: figures.map(({ figure: { name, label, unit, better }, change, ...each }) => ({
        name,
        label,
        unit,
        better,
        ...each,
        change: change && { difference: change.difference, low: finite(change.interval[0]), high: finite(change.interval[1]), p: change.p },
      })),
    })),
    onlyBaseline: compared.onlyBaseline,
    onlyCandidate: compared.onlyCandidate,
  };
}

const finite = (value: number) => (Number.isFinite(value) ? value : null);
