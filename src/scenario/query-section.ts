/**
 * Reads the setting `workload.locate.trace`: the file of a table, the table itself, or a list of queries, as a script has it.
 * `query-file.ts` makes a trace of it later, when it is known how many peers and files there are.
 */

import { z } from 'zod';
import { Problem } from '../problem.js';
import { built, delegate, duration, field, section, text, wordsOr } from './fields.js';
import { unexpected } from './units.js';

/** One query of a list. */
export interface ListedQuery {
  readonly atMs: number;
  /** Number or name. */
  readonly peer: string;
  /** Number or name; null: drawn by popularity. */
  readonly file: string | null;
}

/** A trace as it is referred to; one of file, table and list is not null. */
export interface QueryReference {
  /** As written. */
  readonly file: string | null;
  readonly table: string | null;
  readonly list: readonly ListedQuery[] | null;
  /** The trace's time at which the run begins. */
  readonly fromMs: number;
}

const called = (what: string) =>
  field((given): string => {
    if ((typeof given === 'string' && given !== '') || (typeof given === 'number' && Number.isSafeInteger(given) && given >= 0))
      return String(given);
    throw unexpected(`the number or name of a ${what}`, given);
  });

const list = z
  .array(section({ at: duration(), peer: called('peer'), file: called('file').optional() }))
  .transform((queries): QueryReference => {
    const listed = queries.map(({ at, peer, file }): ListedQuery => ({ atMs: at, peer, file: file ?? null }));
    return { file: null, table: null, list: listed, fromMs: 0 };
  });

const map = built(
  section({ file: text().optional(), table: text().optional(), from: duration().default(0) }),
  ({ file = null, table = null, from }): QueryReference => {
    if ((file === null) === (table === null)) throw new Problem('expected either file or table');
    return { file, table, list: null, fromMs: from };
  },
);

const listOrMap = z.unknown().transform((given, context): QueryReference => {
  let result = z.NEVER as QueryReference;
  const use = (read: QueryReference) => {
    result = read;
  };
  if (Array.isArray(given)) delegate<z.ZodType<QueryReference>>(list, given, context, [], use);
  else delegate<z.ZodType<QueryReference>>(map, given, context, [], use);
  return result;
});

export const queryTrace = wordsOr((file): QueryReference => {
  if (typeof file !== 'string' || file === '')
    throw unexpected('the file of a trace, a map with file or table, or a list of queries', file);
  return { file, table: null, list: null, fromMs: 0 };
}, listOrMap);
