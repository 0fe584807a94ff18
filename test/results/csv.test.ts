import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import { type Cell, readCsv, writeCsv } from '../../src/results/csv.js';

const directory = mkdtempSync(join(tmpdir(), 'peerage-csv-'));
test.after.always(() => rmSync(directory, { recursive: true, force: true }));

test('whatever is written is read back, line breaks and quotes too', (t) => {
  const path = join(directory, 'any.csv');
  const text = fc.string({ unit: fc.constantFrom('a', 'b', ',', '"', '\n', '\r', ' ', 'ü') });
  const cell = fc.oneof(text, fc.double({ noNaN: true }), fc.constant(null));
  fc.assert(
    fc.property(fc.array(fc.tuple(cell, cell, cell), { minLength: 1 }), (rows: Cell[][]) => {
      const file = openSync(path, 'w');
      writeCsv(file, ['x', 'y', 'z'], rows);
      closeSync(file);
      const back = [...readCsv(path, ['x', 'y', 'z'])].map(({ cells }) => cells);
      t.deepEqual(
        back,
        rows.map((row) => row.map((value) => (value === null ? '' : String(value)))),
      );
    }),
  );
});
