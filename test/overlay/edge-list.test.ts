import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { parseEdgeList, readEdgeList } from '../../src/overlay/edge-list.js';
import { type Graph, neighboursIn } from '../../src/overlay/graph.js';
import { Problem } from '../../src/problem.js';

const rows = (graph: Graph) => Array.from({ length: graph.count }, (_, peer) => [...neighboursIn(graph, peer)]);
const problem = (text: string, count = 10) => {
  try {
    parseEdgeList(text, 'edges.txt', count);
  } catch (error) {
    if (error instanceof Problem) return error.message;
    throw error;
  }
  return '';
};

test('integers below the number of peers are the peers; comments, empty lines, separators and repetitions do not matter', (t) => {
  const text = '\uFEFF# a square\r\n\r\n0 1\r\n1\t2 # side\n2,3\n3 ; 0\n0 3\n';
  t.deepEqual(rows(parseEdgeList(text, 'edges.txt', 5)), [[1, 3], [0, 2], [1, 3], [0, 2], []]);
});

test('other labels are numbered as they come', (t) => {
  t.deepEqual(rows(parseEdgeList('berlin paris\nparis rome\n', 'edges.txt', 3)), [[1], [0, 2], [1]]);
  t.deepEqual(rows(parseEdgeList('100 200\n200 300\n', 'edges.txt', 3)), [[1], [0, 2], [1]], 'also numbers that are no peers');
});

test('a header is skipped: the usual words, or any words over integers', (t) => {
  for (const header of ['from to', 'source,target', 'Source\tTarget', 'hither yon']) {
    t.deepEqual(rows(parseEdgeList(`# x\n${header}\n0 1\n1 2\n`, 'edges.txt', 3)), [[1], [0, 2], [1]], header);
  }
  t.deepEqual(rows(parseEdgeList('a b\nb c\n', 'edges.txt', 3)), [[1], [0, 2], [1]], 'words over words are a link');
  t.deepEqual(rows(parseEdgeList('0 1\nfrom to\n', 'edges.txt', 4)), [[1], [0], [3], [2]], 'only a first line is a header');
});

test('bad input is said with file and line', (t) => {
  t.is(problem('0 1\n\n0 1 2\n'), 'edges.txt:3: expected two peers, "from to", got "0 1 2"');
  t.is(problem('# x\n7\n'), 'edges.txt:2: expected two peers, "from to", got "7"');
  t.is(problem('1,\n'), 'edges.txt:1: expected two peers, "from to", got "1,"');
  t.is(problem('1 2\n3 3\n'), 'edges.txt:2: peer "3" is linked to itself');
  t.is(problem('# nothing\nfrom to\n'), 'edges.txt: expected at least one line "from to", got none');
  t.is(problem('a b\nc d\n', 3), 'edges.txt: names 4 peers, but only 3 take part from the start: raise peers to 4');
  t.is(problem('0 1\n1 10\n', 2), 'edges.txt: names 3 peers, but only 2 take part from the start: raise peers to 3');
});

test('reads a file, and says when there is none', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'edge-list-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'ring.txt');
  writeFileSync(path, '0 1\n1 2\n2 0\n');
  t.deepEqual(rows(readEdgeList(path, 3)), [
    [1, 2],
    [0, 2],
    [0, 1],
  ]);
  t.throws(() => readEdgeList(join(folder, 'none.txt'), 3), {
    instanceOf: Problem,
    message: /none\.txt: cannot read the edge list: ENOENT/,
  });
});
