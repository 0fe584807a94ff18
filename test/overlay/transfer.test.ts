import test from 'ava';
import {
  BLOCK_BYTES,
  contentMark,
  type TransferBlock,
  type TransferGet,
  type TransferNone,
  type TransferReady,
} from '../../src/overlay/transfer/messages.js';
import { DOWN_BITS, KEY, sharenet, UP_BITS } from '../helpers/sharers.js';

const MB = 1_000_000;
/** How long so many bytes take over an uplink, in ms. */
const upMs = (bytes: number) => (bytes * 8000) / UP_BITS;

test('one source sends the whole item, every byte once, as fast as its uplink allows', async (t) => {
  const { net, at, share, fetch, counter } = await sharenet(2);
  share(MB, 1);
  const { operation, download } = fetch(0, MB, 1);
  t.true(operation.isDownloading);
  net.run(upMs(MB) - 100);
  t.false(operation.isObtained);
  net.run(upMs(MB) * 1.1 + 200);
  t.true(operation.isObtained && download.done && download.ended);
  t.is(at(0).bytesFrom(net.address(1)), MB);
  t.deepEqual(at(0).ended, [download]);
  t.is(counter('downloads-begun'), 1);
  t.is(counter('downloads-done'), 1);
  const blocks = at(0).arrived.flatMap(({ message }) => (message.type === 'transfer-block' ? [message] : []));
  t.is(blocks.length, Math.ceil(MB / BLOCK_BYTES));
  for (const { at: from, mark } of blocks) t.is(mark, contentMark(KEY, from));
  net.runFor(60_000);
  t.is(counter('downloads-done'), 1);
  t.is(counter('downloads-failed'), 0);
});

test('a source dies: the next one goes on where it was left', async (t) => {
  const { net, at, share, fetch, counter } = await sharenet(3, { transferTimeoutMs: 5000 });
  share(MB, 1, 2);
  const { operation } = fetch(0, MB, 1, 2);
  net.run(4000);
  net.crash(1);
  net.run(upMs(MB) + 5000 + 2500);
  t.true(operation.isObtained);
  const [first, second] = [1, 2].map((peer) => at(0).bytesFrom(net.address(peer)));
  t.true(first > 0.4 * MB && first < 0.6 * MB, `${first}`);
  t.is(first + second, MB, 'nothing is sent twice');
  t.is(counter('download-sources-lost'), 1);
});

test('a source that says goodbye is replaced at once', async (t) => {
  const { net, share, fetch, counter } = await sharenet(3);
  share(MB, 1, 2);
  const { operation } = fetch(0, MB, 1, 2);
  net.run(4000);
  net.leave(1);
  net.run(upMs(MB) + 1000);
  t.true(operation.isObtained);
  t.is(counter('download-sources-lost'), 1);
});

test('who has it not, who is down and who is nobody is passed over', async (t) => {
  const { net, share, fetch, at } = await sharenet(4, { transferTimeoutMs: 3000 });
  share(MB, 3);
  net.crash(2);
  const { operation } = fetch(0, MB, 1, 2, 3);
  net.run(upMs(MB) + 3000 + 1500);
  t.true(operation.isObtained);
  t.is(at(0).sawFrom(net.address(1), 'transfer-none'), 1);
});

test('nobody left: the protocol is asked for others, and after its patience the download has failed', async (t) => {
  const { net, share, fetch, counter, at } = await sharenet(3, { downloadPatienceMs: 10_000, transferTimeoutMs: 3000 });
  share(MB, 1);
  const { operation, download } = fetch(0, MB, 1);
  net.run(4000);
  net.crash(1);
  net.run(12_000);
  t.deepEqual(at(0).left, [download]);
  t.false(download.ended);
  t.is(counter('downloads-failed'), 0);
  net.run(20_000);
  t.true(download.ended);
  t.false(download.done || operation.isObtained);
  t.deepEqual(at(0).ended, [download]);
  t.is(counter('downloads-failed'), 1);
});

test('a source found while nobody is left takes over, and the patience begins anew', async (t) => {
  const { net, share, fetch, source, counter } = await sharenet(3, { downloadPatienceMs: 10_000, transferTimeoutMs: 3000 });
  share(MB, 1, 2);
  const { operation, download } = fetch(0, MB, 1);
  net.run(4000);
  net.crash(1);
  net.run(12_000);
  download.addSource(source(2));
  net.run(30_000);
  t.true(operation.isObtained);
  t.is(counter('downloads-failed'), 0);
});

test('without any source it fails', async (t) => {
  const { net, fetch, counter } = await sharenet(2, { downloadPatienceMs: 1000 });
  const { download } = fetch(0, MB);
  net.run(2000);
  t.true(download.ended);
  t.is(counter('downloads-failed'), 1);
});

test('parts from several sources come faster than the whole from one', async (t) => {
  const times: number[] = [];
  for (const sourcesPerDownload of [1, 4]) {
    const { net, at, share, fetch } = await sharenet(5, { sourcesPerDownload, partBytes: 100_000 });
    share(MB, 1, 2, 3, 4);
    const { operation } = fetch(0, MB, 1, 2, 3, 4);
    while (!operation.isObtained && net.now < 60_000) net.runFor(50);
    times.push(net.now);
    const shares = [1, 2, 3, 4].map((peer) => at(0).bytesFrom(net.address(peer)));
    t.is(
      shares.reduce((a, b) => a + b),
      MB,
    );
    t.is(shares.filter((bytes) => bytes > 0).length, sourcesPerDownload);
  }
  const [one, four] = times;
  t.true(four < one / 2.5, `${four} against ${one} ms`);
  t.true(four > (MB * 8000) / DOWN_BITS);
});

test('a part of a lost source goes back and is fetched from another', async (t) => {
  const { net, at, share, fetch } = await sharenet(4, { sourcesPerDownload: 3, partBytes: 200_000, transferTimeoutMs: 3000 });
  share(MB, 1, 2, 3);
  const { operation } = fetch(0, MB, 1, 2, 3);
  net.run(1000);
  net.crash(2);
  net.run(20_000);
  t.true(operation.isObtained);
  t.is(
    [1, 2, 3].reduce((sum, peer) => sum + at(0).bytesFrom(net.address(peer)), 0),
    MB,
  );
});

test('a corrupt part is noticed and fetched again, from another source', async (t) => {
  const { net, at, share, fetch, counter } = await sharenet(3, { sourcesPerDownload: 2, partBytes: 250_000 });
  share(MB, 1, 2);
  at(0).verifyPart = (key, from, marks) => marks.every((mark, block) => mark === contentMark(key, from + block * BLOCK_BYTES));
  at(1).markOf = (key, from) => (from < 250_000 ? 1 : contentMark(key, from));
  const { operation } = fetch(0, MB, 1, 2);
  net.run(20_000);
  t.true(operation.isObtained);
  t.is(counter('parts-corrupt'), 1);
  t.is(at(0).bytesFrom(net.address(1)) + at(0).bytesFrom(net.address(2)), MB + 250_000);
  const again = at(0).arrived.filter(({ message }) => message.type === 'transfer-block' && message.at === 0);
  t.deepEqual(
    again.map(({ from }) => from),
    [net.address(1), net.address(2)],
  );
});

test('a source that only sends rubbish is given up, and with it alone the download fails', async (t) => {
  const { net, at, share, fetch, counter } = await sharenet(2, { partBytes: 100_000, downloadPatienceMs: 1000 });
  share(MB, 1);
  at(0).verifyPart = () => false;
  const { operation } = fetch(0, MB, 1);
  net.run(60_000);
  t.false(operation.isObtained);
  t.is(counter('parts-corrupt'), 3);
  t.is(counter('downloads-failed'), 1);
});

test('who does not verify believes what it gets, but has not obtained what was asked for', async (t) => {
  const { net, at, share, fetch, counter } = await sharenet(2);
  share(MB, 1);
  at(1).markOf = () => 7;
  const { operation, download } = fetch(0, MB, 1);
  net.run(20_000);
  t.true(download.done);
  t.false(operation.isObtained);
  t.is(counter('downloads-spoilt'), 1);
  t.is(counter('downloads-done'), 0);
});

test('the same source twice, and this peer itself, are no sources', async (t) => {
  const { net, at, share, fetch, source } = await sharenet(2, { sourcesPerDownload: 4, partBytes: 100_000 });
  share(MB, 1);
  const { operation, download } = fetch(0, MB, 1, 1, 0);
  download.addSource(source(1));
  net.run(20_000);
  t.true(operation.isObtained);
  t.is(at(0).bytesFrom(net.address(1)), MB);
  t.deepEqual([...download.sources], [net.address(1)]);
});

test('no more sources are asked than there are parts to fetch', async (t) => {
  const { net, at, share, fetch } = await sharenet(6, { sourcesPerDownload: 4, partBytes: 500_000 });
  share(MB, 1, 2, 3, 4, 5);
  const { operation } = fetch(0, MB, 1, 2, 3, 4, 5);
  net.run(20_000);
  t.true(operation.isObtained);
  t.deepEqual(
    [1, 2, 3, 4, 5].map((peer) => at(peer).accepted.length),
    [1, 1, 0, 0, 0],
  );
});

test('what nobody asked for is not taken: blocks out of order or too long, a turn without a queue, messages by datagram', async (t) => {
  const { net, at, share, fetch, counter } = await sharenet(3);
  share(MB, 1);
  const { operation } = fetch(0, MB, 1);
  net.run(2000);
  const me = at(0);
  const [connection] = me.opened;
  const source = net.address(1);
  for (const [from, bytes] of [
    [MB - 100, 100],
    [0, BLOCK_BYTES],
    [0, 2 * MB],
  ]) {
    me.transfers.onMessage(source, { type: 'transfer-block', token: 1, at: from, bytes, mark: 1 } as TransferBlock, connection);
  }
  me.transfers.onMessage(source, { type: 'transfer-ready', token: 1 } as TransferReady, connection);
  me.transfers.onMessage(source, { type: 'transfer-none', token: 1 } as TransferNone, null);
  me.transfers.onMessage(source, { type: 'transfer-get', token: 1, key: KEY, at: 0, bytes: MB, rank: 0 } as TransferGet, null);
  net.run(20_000);
  t.true(operation.isObtained);
  t.is(me.bytesFrom(source), MB);
  t.is(me.opened.length, 1);
  t.is(me.sawFrom(source, 'transfer-block'), Math.ceil(MB / BLOCK_BYTES));
  t.is(counter('download-sources-lost'), 0);
});
