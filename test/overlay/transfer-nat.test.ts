import test from 'ava';
import { classOfKind } from '../helpers/reachers.js';
import { type Sharenet, sharenet } from '../helpers/sharers.js';

const MB = 1_000_000;
const NAT = [classOfKind('open', { share: 0.5 }), classOfKind('port-restricted-cone', { share: 0.5 })];

async function mixed(settings = {}): Promise<Sharenet & { open: number[]; hidden: number[] }> {
  const made = await sharenet(8, settings, { topology: { nat: NAT } });
  const all = Array.from({ length: 8 }, (_, peer) => peer);
  const isOpen = (peer: number) => made.net.shard.addresses.reachable(peer);
  return { ...made, open: all.filter(isOpen), hidden: all.filter((peer) => !isOpen(peer)) };
}

/** Brings a request for a callback to its source, as a server would that has a connection with it. */
function connectThrough({ at }: Sharenet, downloader: number, source: number): void {
  const asker = at(downloader);
  asker.callThrough = (_source, token, key) => at(source).transfers.callBack(asker.peer.address, token, key);
}

test('a source behind NAT calls back', async (t) => {
  const made = await mixed();
  const { net, at, share, fetch, counter, open, hidden } = made;
  share(MB, hidden[0]);
  connectThrough(made, open[0], hidden[0]);
  const { operation } = fetch(open[0], MB, hidden[0]);
  net.run(10_000);
  t.true(operation.isObtained);
  t.is(at(open[0]).asked.length, 1);
  t.is(at(open[0]).arrived[0].message.type, 'transfer-here');
  t.is(counter('callbacks-asked'), 1);
});

test('a peer behind NAT downloads from one that can be called', async (t) => {
  const { net, share, fetch, counter, open, hidden } = await mixed();
  share(MB, open[0]);
  const { operation } = fetch(hidden[0], MB, open[0]);
  net.run(10_000);
  t.true(operation.isObtained);
  t.is(counter('callbacks-asked'), 0);
});

test('both behind NAT: impossible, and counted so; nobody is asked', async (t) => {
  const { net, at, share, fetch, counter, hidden } = await mixed({ downloadPatienceMs: 1000 });
  const [a, b] = hidden;
  share(MB, a);
  const { download } = fetch(b, MB, a);
  net.run(5000);
  t.true(download.ended);
  t.false(download.done);
  t.is(at(b).asked.length, 0);
  t.is(counter('downloads-impossible'), 1);
  t.is(counter('downloads-failed'), 0);
});

test('a source that was asked to call and does not is given up, and the next is asked', async (t) => {
  const made = await mixed({ transferTimeoutMs: 3000 });
  const { net, at, share, fetch, counter, open, hidden } = made;
  share(MB, hidden[0], open[1]);
  const { operation } = fetch(open[0], MB, hidden[0], open[1]);
  net.run(6000);
  t.is(counter('download-sources-lost'), 1);
  // Too late: nobody waits for it any more.
  const { token, key } = at(open[0]).asked[0];
  at(hidden[0]).transfers.callBack(net.address(open[0]), token, key);
  net.run(7000);
  t.deepEqual(at(hidden[0]).closed, ['closed']);
  net.run(25_000);
  t.true(operation.isObtained);
  t.is(at(open[0]).bytesFrom(net.address(open[1])), MB);
  t.is(counter('downloads-done'), 1);
});
