/** How two runs were made differently: the settings of their resolved scenarios that are not the same, as one would write them. */

import { parse } from 'yaml';

export interface SettingDifference {
  /** As in --set: `protocol.successors`, `topology.loss`. */
  readonly path: string;
  /** In one line; empty where the other side alone has the setting. */
  readonly baseline: string;
  readonly candidate: string;
}

/** What says nothing about a run. */
const WORDS = ['about', 'topology.about', 'topology.source'];
/** A list in which more entries than this differ is one difference. */
const MOST_IN_A_LIST = 3;

type Tree = Readonly<Record<string, unknown>>;

export function scenarioDifferences(baselineYaml: string, candidateYaml: string): SettingDifference[] {
  const [a, b] = [parse(baselineYaml), parse(candidateYaml)] as Tree[];
  const settings = differences(withProtocol(a), withProtocol(b), '').filter(({ path }) => !WORDS.includes(path));
  return ['protocol', 'topology'].reduce(asAWhole, settings);
}

/** Another protocol or topology: all that belongs to it differs with it. Of one that was changed the changes say more than its name. */
function asAWhole(settings: SettingDifference[], whole: string): SettingDifference[] {
  const name = settings.find(({ path }) => path === `${whole}.name`);
  if (name === undefined) return settings;
  const isChanged = plainName(name.baseline) === plainName(name.candidate);
  return settings.flatMap((each) => {
    if (each === name) return isChanged ? [] : [{ ...each, path: whole }];
    return isChanged || !each.path.startsWith(`${whole}.`) ? [each] : [];
  });
}

/** Without the mark of --set topology. */
const plainName = (name: string) => name.replace(/ \(changed\)$/, '');

/** The protocol's settings under the name by which --set knows them. */
function withProtocol({ protocols, settings, ...rest }: Tree): Tree {
  const [name] = (protocols ?? []) as string[];
  return { ...rest, protocol: { name, ...Object.values((settings ?? {}) as Record<string, Tree>)[0] } };
}

function differences(a: unknown, b: unknown, path: string): SettingDifference[] {
  if (isTree(a) && isTree(b)) {
    const names = [...new Set([...Object.keys(a), ...Object.keys(b)])];
    return names.flatMap((name) => differences(a[name], b[name], path === '' ? name : `${path}.${name}`));
  }
  if (Array.isArray(a) && Array.isArray(b) && a.length === b.length) {
    const within = a.flatMap((each, at) => differences(each, b[at], `${path}.${at}`));
    if (within.length <= MOST_IN_A_LIST) return within;
    const entries = a.filter((each, at) => JSON.stringify(each) !== JSON.stringify(b[at])).length;
    return [{ path, baseline: `${a.length} entries`, candidate: `${entries} of them differ` }];
  }
  return JSON.stringify(a) === JSON.stringify(b) ? [] : [{ path, baseline: text(a), candidate: text(b) }];
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function text(value: unknown): string {
  if (value === undefined) return '';
  if (Array.isArray(value) && value.length > MOST_IN_A_LIST) return `${value.length} entries`;
  return typeof value === 'string' ? value : JSON.stringify(value);
}
