import type { ExecutionContext } from 'ava';
import { Problem } from '../../src/problem.js';

/** Asserts that this is refused with a sentence of that kind. */
export function isProblem(t: ExecutionContext, run: () => unknown, message: RegExp): void {
  const error = t.throws(run);
  t.true(error instanceof Problem);
  t.regex(error?.message ?? '', message);
}
