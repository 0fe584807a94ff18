import test from 'ava';
import fc from 'fast-check';
import { type MatrixOptions, parseLatencyMatrix } from '../../src/scenario/latency-matrix.js';
import { sentence } from './temporary.js';

/** Cells as they are: one-way ms. */
const PLAIN: MatrixOptions = { unit: 'ms', values: 'one-way' };
const read = (text: string, options: MatrixOptions = PLAIN, name = 'm.tsv') => parseLatencyMatrix(text, name, options);
const cells = (text: string, options?: MatrixOptions) => [...read(text, options).latencyMs];
const _ = Number.NaN;

test('a full matrix, by tabs, commas, semicolons or blanks', (t) => {
  const expected = [_, 10, 20, 11, _, 30, 21, 31, _];
  t.deepEqual(cells('0\t10\t20\n11\t0\t30\n21\t31\t0\n'), expected);
  t.deepEqual(cells('0,10,20\r\n11,0,30\r\n21,31,0\r\n'), expected);
  t.deepEqual(cells('0; 10; 20\n11; 0; 30\n21; 31; 0'), expected);
  t.deepEqual(cells('# measured in May\n\n 0 10   20\n11 0 30\n21 31 0'), expected);
  t.deepEqual(cells('0\t10\t20\t\n11\t0\t30\t\n21\t31\t0\t\n'), expected, 'a delimiter at the end of each line');
});

test('a diagonal that holds something is kept', (t) => {
  t.deepEqual(cells('1 10\n10 0'), [1, 10, 10, _]);
});

test('triangles, with and without diagonal', (t) => {
  const expected = [_, 10, 20, 10, _, 30, 20, 30, _];
  for (const [text, kind] of [
    ['0 10 20\n0 30\n0', 'upper triangle with diagonal'],
    ['10 20\n30', 'upper triangle without diagonal'],
    ['0\n10 0\n20 30 0', 'lower triangle with diagonal'],
    ['10\n20 30', 'lower triangle without diagonal'],
  ]) {
    t.deepEqual(cells(text), expected, kind);
    t.is(read(text).notes[0], `3 hosts, ${kind}`);
  }
  t.deepEqual(cells('0\t10\t20\n\t0\t30\n\t\t0'), expected, 'padded to a square');
});

test('a triangle of any size and kind gives the matrix it was cut from', (t) => {
  const sizes = fc.integer({ min: 3, max: 12 });
  fc.assert(
    fc.property(sizes, fc.boolean(), fc.boolean(), fc.infiniteStream(fc.integer({ min: 1, max: 999 })), (n, upper, diagonal, numbers) => {
      const full = Array.from({ length: n }, () => new Array<number>(n).fill(0));
      for (let i = 0; i < n; i++) for (let j = i + 1; j < n; j++) full[i][j] = full[j][i] = numbers.next().value!;
      const edge = diagonal ? 0 : 1;
      const rows = full.map((row, i) => (upper ? row.slice(i + edge) : row.slice(0, i + 1 - edge))).filter((row) => row.length > 0);
      const expected = full.flatMap((row, i) => row.map((value, j) => (i === j ? _ : value)));
      return JSON.stringify(cells(rows.map((row) => row.join('\t')).join('\n'))) === JSON.stringify(expected);
    }),
  );
  t.pass();
});

test('names above, before, or both', (t) => {
  for (const text of ['a\tb\n0\t30\n40\t0', '\ta\tb\na\t0\t30\nb\t40\t0', 'host,a,b\na,0,30\nb,40,0', 'a,0,30\nb,40,0']) {
    t.deepEqual(read(text).hosts, ['a', 'b'], text);
    t.deepEqual(cells(text), [_, 30, 40, _], text);
  }
  t.deepEqual(read('\ta\tb\tc\na\nb\t10\nc\t20\t30').hosts, ['a', 'b', 'c']);
  t.deepEqual(cells('\ta\tb\tc\na\nb\t10\nc\t20\t30'), [_, 10, 20, 10, _, 30, 20, 30, _]);
  t.deepEqual(read('0 30\n40 0').hosts, ['host-1', 'host-2']);
  t.deepEqual(cells('\t1\t2\n1\t0\t30\n2\t40\t0'), [_, 30, 40, _], 'hosts that are counted are not latencies');
  t.deepEqual(cells('1 2\n0 30\n40 0'), [_, 30, 40, _]);
});

test('the unit: as stated, by name, or guessed by the median', (t) => {
  const matrix = '0 0.2\n0.2 0';
  const unitOf = (name: string, text = matrix) => {
    const { latencyMs, notes } = read(text, {}, name);
    return [latencyMs[1], notes[1]];
  };
  t.deepEqual(unitOf('seattle-99-rtt-s.tsv'), [100, "round-trip times, halved, in s (by the file's name)"]);
  t.deepEqual(unitOf('lab-s.tsv'), [100, "round-trip times, halved, in s (by the file's name)"]);
  t.deepEqual(unitOf('planetlab-490-rtt-ms.tsv'), [0.1, "round-trip times, halved, in ms (by the file's name)"]);
  t.deepEqual(unitOf('lab.tsv'), [100, 'round-trip times, halved, in s (a guess, because the median is 0.2)']);
  t.deepEqual(unitOf('lab.tsv', '0 60\n60 0'), [30, 'round-trip times, halved, in ms (a guess, because the median is 60)']);
  t.is(read(matrix, { unit: 's', values: 'one-way' }, 'x-ms.tsv').notes[1], 'one-way latencies in s (as stated)');
});

test('gaps: the opposite direction, else the shortest path through other hosts, else the median', (t) => {
  // 0-1-2 in a row; 0-2 was not measured, 1 to 0 only in the opposite direction; 3 stands alone.
  const { latencyMs, notes } = read('0 10 - 0\nnan 0 30 0\n0 30 0 0\n0 0 x 0');
  const median = 30;
  t.deepEqual([...latencyMs], [_, 10, 40, median, 10, _, 30, median, 40, 30, _, median, median, median, median, _]);
  t.is(
    notes[2],
    '9 of 12 latencies missing: 1 taken from the opposite direction, 2 from the shortest path through other hosts, 6 set to the median',
  );
  t.is(read('0 1\n1 0').notes.length, 2);
});

test('the shortest path is the shortest', (t) => {
  const random = fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 50 })), { minLength: 36, maxLength: 36 });
  fc.assert(
    fc.property(random, (numbers) => {
      const n = 6;
      const known = (i: number, j: number) => (i === j ? 0 : numbers[i * n + j] || numbers[j * n + i] || Number.POSITIVE_INFINITY);
      if (!numbers.some((value, index) => value > 0 && index % (n + 1) !== 0)) return true;
      const rows = Array.from({ length: n }, (_, i) =>
        numbers
          .slice(i * n, i * n + n)
          .map((value, j) => (i === j ? 0 : value))
          .join(' '),
      );
      const result = cells(rows.join('\n'));
      // Floyd and Warshall, by another road than Dijkstra.
      const far = Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => known(i, j)));
      for (let k = 0; k < n; k++)
        for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) far[i][j] = Math.min(far[i][j], far[i][k] + far[k][j]);
      return result.every((value, index) => {
        const [i, j] = [Math.floor(index / n), index % n];
        if (i === j || far[i][j] === Number.POSITIVE_INFINITY) return true;
        return value === (known(i, j) < Number.POSITIVE_INFINITY ? numbers[index] || numbers[j * n + i] : far[i][j]);
      });
    }),
  );
  t.pass();
});

test('what is not a matrix is refused with file and line', (t) => {
  const says = (text: string) => sentence(() => read(text));
  t.is(says('0 10 20\n10 0 abc\n20 30 0'), 'm.tsv:2: cell 3: expected a number, got "abc"');
  t.is(says('a 0 10\nb 10 1O'), 'm.tsv:2: cell 3: expected a number, got "1O"');
  t.is(says('0 -1\n1 0'), 'm.tsv:1: cell 2: expected a latency of at least 0, got -1');
  t.is(says(''), 'm.tsv: expected a matrix of latencies, got an empty file');
  t.is(says('# nothing\n'), 'm.tsv: expected a matrix of latencies, got an empty file');
  t.is(says('0 0\n0 0'), 'm.tsv: expected latencies, got a matrix without a single one');
  t.is(says('0'), 'm.tsv: expected latencies between at least 2 hosts, got 1');
  t.is(
    says('0 1 2\n1 0\n2 3 0'),
    'm.tsv:2: expected a square matrix or a triangle, got 3 rows and here 2 cells (a header or label column is recognised when it holds names, not numbers)',
  );
  t.is(says('0 1\n1'), 'm.tsv:2: expected a triangle with zeros on its diagonal or without a diagonal, got 1');
  t.is(says('a b c\n0 1\n1 0'), 'm.tsv: expected a header of 2 names, got 3');
  t.is(says('a b\na 0 1\nc 1 0'), 'm.tsv: expected the same hosts above and before the matrix, got "b" and "c"');
  t.is(says('a a\n0 1\n1 0'), 'm.tsv: expected different names, got "a" twice');
});
