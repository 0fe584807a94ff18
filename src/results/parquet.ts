/** A table as a Parquet file (through hyparquet-writer): what CSV says in text, with the types of its columns. */

import { parquetWriteBuffer } from 'hyparquet-writer';
import type { Cell } from './csv.js';

/** A column whose cells are all numbers (or empty) is of doubles; one with a word in it is of texts. */
export function parquetBytes(columns: readonly string[], rows: readonly (readonly Cell[])[]): Uint8Array {
  const columnData = columns.map((name, at) => {
    const cells = rows.map((row) => row[at]);
    const isText = cells.some((cell) => typeof cell === 'string');
    return { name, data: cells.map((cell) => readCell(cell, isText)), type: isText ? ('STRING' as const) : ('DOUBLE' as const) };
  });
  return new Uint8Array(parquetWriteBuffer({ columnData }));
}

function readCell(cell: Cell, isText: boolean): string | number | null {
  if (cell === null || Number.isNaN(cell)) return null;
  return isText ? String(cell) : cell;
}
