import test from 'ava';
import { sharenet } from '../helpers/sharers.js';

const MB = 1_000_000;

test('so many uploads at a time; the others wait in a queue, and are served in order', async (t) => {
  const { net, at, share, fetch } = await sharenet(6, { uploadSlots: 2, uploadQueue: 10 });
  share(MB, 0);
  const operations = [1, 2, 3, 4, 5].map((peer) => {
    const { operation } = fetch(peer, MB, 0);
    net.runFor(5);
    return operation;
  });
  net.run(1000);
  const source = net.address(0);
  for (const peer of [1, 2]) t.true(at(peer).bytesFrom(source) > 0);
  for (const [peer, queued] of [
    [3, 1],
    [4, 2],
    [5, 3],
  ]) {
    t.is(at(peer).bytesFrom(source), 0);
    t.like(at(peer).arrived[0].message, { type: 'transfer-busy', queued });
  }
  net.run(60_000);
  t.true(operations.every(({ isObtained }) => isObtained));
  const readyMs = [3, 4, 5].map((peer) => at(peer).arrived.find(({ message }) => message.type === 'transfer-ready')!.atMs);
  t.deepEqual(
    readyMs,
    readyMs.toSorted((a, b) => a - b),
  );
});

test('the queue is full: who is refused tries again later, so many times', async (t) => {
  const { net, at, share, fetch, counter } = await sharenet(4, {
    uploadSlots: 1,
    uploadQueue: 1,
    transferRetries: 3,
    transferRetryMs: 10_000,
  });
  share(MB, 0);
  const [a, b, c] = [1, 2, 3].map((peer) => fetch(peer, MB, 0).operation);
  net.run(1000);
  t.is(counter('uploads-refused'), 1);
  net.run(60_000);
  t.true(a.isObtained && b.isObtained && c.isObtained);
  t.true(at(3).sawFrom(net.address(0), 'transfer-busy') >= 1);
});

test('who is refused for ever gives up', async (t) => {
  const { net, share, fetch, counter } = await sharenet(3, {
    uploadSlots: 1,
    uploadQueue: 0,
    transferRetries: 2,
    transferRetryMs: 1000,
    downloadPatienceMs: 1000,
  });
  share(100 * MB, 0);
  fetch(1, 100 * MB, 0);
  net.run(100);
  const { download } = fetch(2, 100 * MB, 0);
  net.run(10_000);
  t.true(download.ended);
  t.is(counter('uploads-refused'), 3);
  t.is(counter('downloads-failed'), 1);
});

test('while a source lets wait, another is asked; and one that is no longer needed lets the next have its turn', async (t) => {
  const { net, at, share, fetch } = await sharenet(5, { uploadSlots: 1 });
  share(MB, 0, 1);
  const hold = fetch(2, 300_000, 0).operation;
  net.run(100);
  const { operation } = fetch(3, MB, 0, 1);
  net.run(200);
  const last = fetch(4, MB, 0).operation;
  net.run(5000);
  t.true(hold.isObtained);
  t.is(at(3).sawFrom(net.address(0), 'transfer-ready'), 1);
  t.true(at(4).bytesFrom(net.address(0)) > 0, 'its turn came while the one before it was busy elsewhere');
  net.run(13_000);
  t.true(operation.isObtained && last.isObtained);
  t.is(at(3).bytesFrom(net.address(1)), MB);
  t.is(at(3).bytesFrom(net.address(0)), 0);
});

test('a slot is free again when its downloader leaves, crashes, or stops taking', async (t) => {
  for (const end of ['leave', 'crash'] as const) {
    const { net, share, fetch, counter } = await sharenet(3, { uploadSlots: 1, transferTimeoutMs: 5000 });
    share(10 * MB, 0);
    fetch(1, 10 * MB, 0);
    net.run(500);
    const { operation } = fetch(2, 10 * MB, 0);
    net.run(2000);
    net[end](1);
    net.run(105_000);
    t.true(operation.isObtained, end);
    t.is(counter('uploads-stalled'), end === 'crash' ? 1 : 0);
  }
});

test('those with a higher figure are served first', async (t) => {
  const { net, at, share, fetch } = await sharenet(4, { uploadSlots: 1 });
  share(MB, 0);
  at(0).priorityOf = (_from, rank) => rank;
  at(3).rankOfMine = 5;
  fetch(1, MB, 0);
  net.run(100);
  fetch(2, MB, 0);
  net.run(200);
  fetch(3, MB, 0);
  net.run(12_000);
  t.true(at(3).bytesFrom(net.address(0)) > 0);
  t.is(at(2).bytesFrom(net.address(0)), 0);
});

test('a range that is not there is refused, and takes no slot', async (t) => {
  const { net, at, share, fetch } = await sharenet(3, { uploadSlots: 1, downloadPatienceMs: 100 });
  share(MB, 0);
  const { download } = fetch(1, 2 * MB, 0); // more than there is
  net.run(1000);
  t.true(download.ended);
  t.is(at(1).sawFrom(net.address(0), 'transfer-none'), 1);
  const { operation } = fetch(2, MB, 0);
  net.run(12_000);
  t.true(operation.isObtained);
});
