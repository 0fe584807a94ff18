/**
 * A `Problem` is something the user can mend: a sentence that says where, what was expected, what came and what was perhaps meant. The
 * command line prints it without a stack and ends with its exit code.
 */

/** What kind of trouble; `cli/exit-codes.ts` gives each its exit code. */
export type ProblemKind = 'usage' | 'invalid-input' | 'does-not-fit' | 'protocol-failed' | 'worker-died' | 'digests-differ';

/** Trouble that the user can mend; `message` is the sentence. */
export class Problem extends Error {
  readonly kind: ProblemKind;

  constructor(message: string, kind: ProblemKind = 'invalid-input') {
    super(message);
    this.name = 'Problem';
    this.kind = kind;
  }
}

/** The candidate nearest to what was written (Levenshtein, at most a third of its letters wrong), as ` (did you mean "x"?)` or ''. */
export function didYouMean(written: string, candidates: Iterable<string>): string {
  let best = '';
  let bestDistance = Math.floor(Math.max(written.length, 3) / 3) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(written.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best ? ` (did you mean "${best}"?)` : '';
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      current[j] = Math.min(previous[j] + 1, current[j - 1] + 1, previous[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
    }
    previous = current;
  }
  return previous[b.length];
}
