/**
 * The closing sentences: what the table says, in words. They must be true of any numbers: ties, zeros, figures that are missing, runs
 * that broke off, one protocol or five. So each is built from its figures, and one that has nothing to say is left out.
 */

import type { Summary } from '../metrics/summary.js';
import { bytes, count, duration, share, times, whole } from './format.js';

/** How every protocol did, and, when at least two runs completed, how they differ. */
export function closingSentences(summaries: readonly Summary[]): string[] {
  const complete = summaries.filter(({ status }) => status === 'completed');
  const sentences: string[] = [];
  if (complete.length > 0) sentences.push(sentence(complete.map(didWhat).join('; ')));
  if (complete.length > 1) {
    const contrasts = CONTRASTS.map((contrast) => compare(complete, contrast)).filter((clause) => clause !== null);
    if (contrasts.length > 0) sentences.push(sentence(joinClauses(contrasts)));
  }
  const broken = summaries.filter(({ status }) => status !== 'completed');
  if (broken.length > 0 && summaries.length > 1) {
    const were = broken.map(({ protocol, status }) => (status === 'failed' ? `${protocol} failed` : `${protocol} was interrupted`));
    sentences.push(sentence(`${list(were)}, and ${broken.length > 1 ? 'are' : 'is'} not compared`));
  }
  return sentences;
}

function didWhat({ protocol, operations: { locate }, messages }: Summary): string {
  if (!locate) return `${protocol} delivered ${ofAll(messages.delivered, messages.sent, 'messages')}`;
  if (locate.started === 0) return `${protocol} was asked nothing`;
  const judged = locate.succeeded + locate.failed;
  if (judged === 0) return `${protocol} had no query that could be judged`;
  const cost = locate.messages.mean === null ? '' : ` with ${count(locate.messages.mean)} messages per query`;
  return `${protocol} answered ${ofAll(locate.succeeded, judged, judged === locate.started ? 'queries' : 'judged queries')}${cost}`;
}

/** 97.1 % of its 5,812 queries / none of its 5,812 queries / all of its 5,812 queries */
function ofAll(part: number, all: number, noun: string): string {
  const portion = part === 0 ? 'none' : part === all ? 'all' : share(part / all);
  return `${portion} of its ${whole(all)} ${noun}`;
}

/** A figure in which less is better, and the words for comparing two protocols by it. */
interface Contrast {
  /** What the figure is, to begin a clause about three or more. */
  readonly noun: string;
  value(summary: Summary): number | null;
  show(value: number): string;
  /** `high` has more: `how` is "1.9 times as" or "4 % more". */
  two(high: string, low: string, how: { readonly times: string } | { readonly percent: string }): string;
}

const asMany = (what: string, verb: string, after: string): Contrast['two'] => {
  return (high, low, how) =>
    'times' in how
      ? `${high} ${verb} ${how.times} times as many ${what}${after} as ${low}`
      : `${high} ${verb} ${how.percent} more ${what}${after} than ${low}`;
};

const CONTRASTS: readonly Contrast[] = [
  {
    noun: 'messages per query',
    value: ({ operations }) => operations.locate?.messages.mean ?? null,
    show: count,
    two: asMany('messages', 'sent', ' per query'),
  },
  {
    noun: 'median latency',
    value: ({ operations }) => operations.locate?.latencyMs.p50 ?? null,
    show: duration,
    two: (high, low, how) =>
      'times' in how
        ? `the median answer of ${high} took ${how.times} times as long as that of ${low}`
        : `the median answer of ${high} took ${how.percent} longer than that of ${low}`,
  },
  {
    noun: 'maintenance per peer',
    value: ({ maintenance }) => maintenance.bytesPerPeerSecond,
    show: (value) => `${bytes(value)}/s`,
    two: asMany('bytes', 'spent', ' on maintenance'),
  },
];

interface Clause {
  readonly text: string;
  /** Who does best by it; empty when all are alike. */
  readonly best: string;
}

function compare(summaries: readonly Summary[], { noun, value, show, two }: Contrast): Clause | null {
  const figures: { name: string; value: number; shown: string }[] = [];
  for (const summary of summaries) {
    const figure = value(summary);
    if (figure !== null) figures.push({ name: summary.protocol, value: figure, shown: show(figure) });
  }
  figures.sort((a, b) => a.value - b.value);
  const low = figures[0];
  const high = figures.at(-1);
  if (figures.length < 2 || high === undefined || high.value === 0) return null;
  const against = `${high.shown} against ${low.shown}`;
  if (high.shown === low.shown) {
    const alike = figures.length === 2 ? 'both' : `all ${figures.length}`;
    return { text: `${noun} came to ${high.shown} for ${alike}`, best: '' };
  }
  if (figures.length === 2) {
    if (low.value === 0) return { text: `${noun} came to ${high.shown} for ${high.name} and to nothing for ${low.name}`, best: low.name };
    return { text: `${two(high.name, low.name, excess(high.value / low.value))} (${against})`, best: low.name };
  }
  const lowest = figures.filter(({ shown }) => shown === low.shown).map(({ name }) => name);
  const highest = figures.filter(({ shown }) => shown === high.shown).map(({ name }) => name);
  return {
    text: `${noun} ranged from ${low.shown} (${list(lowest)}) to ${high.shown} (${list(highest)})`,
    best: list(lowest),
  };
}

function excess(ratio: number): { times: string } | { percent: string } {
  if (ratio >= 1.95) return { times: times(ratio) };
  const percent = Math.round((ratio - 1) * 100);
  return { percent: percent === 0 ? 'under 1 %' : `${percent} %` };
}

/** "but" where the advantage changes sides. */
function joinClauses(clauses: readonly Clause[]): string {
  return clauses
    .map(({ text, best }, at) => {
      if (at === 0) return text;
      const before = clauses[at - 1].best;
      return `${best && before && best !== before ? ', but ' : at === clauses.length - 1 ? ', and ' : ', '}${text}`;
    })
    .join('');
}

function list(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
