/**
 * The course on Freenet: a "content distribution system that makes it infeasible to discover the true origin or destination of a file
 * passing through its network". Shown as information flow: whatever a peer receives from a neighbour that asks or publishes, it could
 * have received, to the last field and the same millisecond, from a neighbour that only passes it on for another.
 *
 * Fields left out of the comparison: the records of an insert, which are sealed to all but readers (datastore.ts). What remains is what
 * chance tells, which the last test but one measures.
 */

import test from 'ava';
import { Stream, WHOLE_RUN } from '../../src/kernel/random.js';
import type { Freenet } from '../../src/protocols/freenet/freenet.js';
import freenet from '../../src/protocols/freenet/index.js';
import type { FreenetMessage, Insert, Request } from '../../src/protocols/freenet/messages.js';
import type { FreenetSettings } from '../../src/protocols/freenet/settings.js';
import { loadTopology } from '../../src/scenario/topology-file.js';
import { type FakeHost, FakeNetwork, FakeOperation } from '../helpers/fake-network.js';
import { testnet } from '../helpers/testnet.js';

const KEY = 1000;
const FULL = 20;
const SETTINGS: Partial<FreenetSettings> = { tendMs: 0, republishMs: 0 };

/** What a peer does when it is handed a message: its answers, in turn. */
type Script = (message: Request | Insert) => FreenetMessage[];

/** The course of a request that meets a loop, then a side track that spends three hops-to-live, then the data; and of an insert alike. */
const SCRIPTS: readonly Script[] = [
  ({ id }) => [{ type: 'looped', id }],
  ({ id, htl }) => [
    { type: 'accepted', id },
    { type: 'continue', id, htl: htl - 3, hops: 2 },
  ],
  (message) => [
    { type: 'accepted', id: message.id },
    message.type === 'request'
      ? { type: 'data', id: message.id, hops: 4, source: 99 * 65536, records: [7 * 65536, 0] }
      : { type: 'spent', id: message.id, hops: 4 },
  ],
];

/** The courses of one whose first two neighbours say nothing, and of one whose first takes it up and says no more. */
const SILENCES: readonly (readonly Script[])[] = [
  [() => [], () => [], SCRIPTS[2]],
  [({ id }) => [{ type: 'accepted', id }], SCRIPTS[2]],
];

/** A peer with three neighbours who answer by script, and one more who hands it what it passes on. */
class Scene {
  readonly net: FakeNetwork;
  readonly suspect: FakeHost<Freenet>;
  readonly upstream: FakeHost<Freenet>;

  constructor(seed: number, settings: Partial<FreenetSettings> = {}, scripts = SCRIPTS) {
    this.net = new FakeNetwork({ seed });
    const add = () => this.net.addPeer(freenet, { ...SETTINGS, ...settings }) as unknown as FakeHost<Freenet>;
    this.suspect = add();
    this.upstream = add();
    const neighbours = scripts.map((script) => {
      const host = add();
      host.protocol.onMessage = (from, message) => {
        if (message.type === 'request' || message.type === 'insert') for (const answer of script(message)) host.send(from, answer);
      };
      return host;
    });
    this.suspect.protocol.begin(
      neighbours.flatMap(({ address }, i) => [KEY + 1 + i, address]),
      [],
      this.suspect.address,
    );
  }

  /** All that the neighbours receive from the suspect, and when, from `sinceMs` on. */
  received(sinceMs: number): string {
    this.net.run(sinceMs + 30_000);
    return JSON.stringify(
      this.net.sent
        .filter(({ from, to }) => from === this.suspect.address && to !== this.upstream.address)
        .map(({ atMs, to, message }) => [
          atMs - sinceMs,
          to,
          'records' in message ? { ...message, records: (message as Insert).records.length } : message,
        ]),
    );
  }
}

/** Some run, among many, in which the suspect passes a message on and its neighbours receive just this. */
function isPassedOn(received: string, pass: (htl: number) => Request | Insert, settings = {}, scripts = SCRIPTS): boolean {
  for (let seed = 1; seed <= 200; seed++) {
    for (const htl of [FULL, FULL - 1]) {
      const scene = new Scene(seed, settings, scripts);
      scene.upstream.send(scene.suspect.address, pass(htl));
      scene.net.run(10);
      if (scene.received(10) === received) return true;
    }
  }
  return false;
}

test('a requester cannot be told from a forwarder by what its neighbours receive', (t) => {
  const starts = new Set<number>();
  for (let seed = 1; seed <= 12; seed++) {
    const scene = new Scene(seed);
    const operation = new FakeOperation(KEY);
    scene.suspect.protocol.locate(KEY, operation);
    const received = scene.received(0);
    t.deepEqual(operation.answers, [{ provider: 7 * 65536, hops: 3 + 5 }]);
    const requests = scene.net.sentOf<Request>('request');
    t.deepEqual(Object.keys(requests[0].message), ['type', 'id', 'key', 'htl']);
    t.is(requests.length, 3);
    const { id, htl } = requests[0].message;
    starts.add(htl);
    t.true(
      isPassedOn(received, (handed) => ({ type: 'request', id, key: KEY, htl: handed })),
      received,
    );
  }
  t.deepEqual([...starts].sort(), [FULL - 2, FULL - 1, FULL]); // every start there is was among them
});

test('nor by neighbours who keep silent to see what it does', (t) => {
  const once = { retryMs: 0 }; // a second attempt has an id of its own, and would be passed on likewise
  for (const [i, silence] of SILENCES.entries()) {
    for (let seed = 1; seed <= 3; seed++) {
      const scene = new Scene(seed, once, silence);
      const operation = new FakeOperation(KEY);
      scene.suspect.protocol.locate(KEY, operation);
      const received = scene.received(0);
      const requests = scene.net.sentOf<Request>('request').map(({ message }) => message);
      t.is(requests.length, [5, 1][i]); // who says nothing is asked twice
      t.is(operation.answers.length, [1, 0][i]);
      const { id } = requests[0];
      t.true(
        isPassedOn(received, (htl) => ({ type: 'request', id, key: KEY, htl }), once, silence),
        received,
      );
    }
  }
});

test('with exact hops-to-live it can be told: who sends the full number asks for itself', (t) => {
  const exact = { htlSpread: 0, htlKeep: 0 };
  const scene = new Scene(1, exact);
  scene.suspect.protocol.locate(KEY, new FakeOperation(KEY));
  t.is(scene.net.sentOf<Request>('request')[0].message.htl, FULL);
  for (let seed = 1; seed <= 100; seed++) {
    const forwarder = new Scene(seed, exact);
    forwarder.upstream.send(forwarder.suspect.address, { type: 'request', id: seed, key: KEY, htl: FULL } as FreenetMessage);
    forwarder.net.run(15);
    t.is(forwarder.net.sentOf<Request>('request')[1].message.htl, FULL - 1);
  }
});

test('a publisher cannot be told from a forwarder of its insert', (t) => {
  for (let seed = 1; seed <= 6; seed++) {
    const scene = new Scene(seed);
    scene.suspect.protocol.publish(KEY);
    const received = scene.received(0);
    const { id, records } = scene.net.sentOf<Insert>('insert')[0].message;
    t.is(records.length, 2);
    const source = scene.upstream.address; // the suspect names itself instead, as it may
    t.true(
      isPassedOn(received, (htl) => ({ type: 'insert', id, key: KEY, htl, source, records: [source, 0] })),
      received,
    );
  }
});

test('who publishes answers as any other who has the data; a third party on the way learns neither end', (t) => {
  const answerOf = (prepare: (scene: Scene) => void) => {
    const scene = new Scene(1);
    prepare(scene);
    scene.net.run(60_000);
    scene.net.sent.length = 0;
    scene.upstream.send(scene.suspect.address, { type: 'request', id: 5, key: KEY, htl: 9 } as FreenetMessage);
    scene.net.run(70_000);
    return scene.net.sentOf('data').map(({ atMs, message }) => [atMs, { ...message, records: 0 }]);
  };
  const published = answerOf(({ suspect }) => suspect.protocol.publish(KEY));
  const cached = answerOf(({ suspect, upstream }) =>
    suspect.protocol.onMessage(
      upstream.address,
      { type: 'insert', id: 4, key: KEY, htl: 9, source: upstream.address, records: [upstream.address, 0] },
      null,
    ),
  );
  t.is(published.length, 1);
  t.deepEqual(published, cached);
});

test('what chance tells: of the requests that come with hops-to-live as of a start, part are passed on for others', (t) => {
  const net = new FakeNetwork({ seed: 3 });
  const hosts = net.converge(300, freenet, SETTINGS) as unknown as FakeHost<Freenet>[];
  const random = new Stream(3, WHOLE_RUN, 'workload');
  const keys = Array.from({ length: 400 }, () => random.identifier());
  const sources = { own: 0, all: 0 };
  for (const key of keys) {
    const host = random.pick(hosts);
    net.sent.length = 0;
    host.protocol.publish(key);
    net.run(net.now + 2000);
    for (const { from, message } of net.sentOf<Insert>('insert')) {
      if (message.source !== from) continue;
      sources.all++;
      if (from === host.address) sources.own++;
    }
  }
  net.run(net.now + 20_000);
  const seen = Array.from({ length: FULL + 1 }, () => ({ own: 0, all: 0 }));
  for (let i = 0; i < 600; i++) {
    net.sent.length = 0;
    const host = random.pick(hosts);
    host.protocol.locate(random.pick(keys), new FakeOperation(KEY));
    net.run(net.now + 20_000);
    for (const { from, message } of net.sentOf<Request>('request')) {
      seen[message.htl].all++;
      if (from === host.address) seen[message.htl].own++;
    }
  }
  const shares = [FULL, FULL - 1, FULL - 2].map((htl) => seen[htl].own / seen[htl].all);
  t.log(`sent by who asks, of those with 20, 19 and 18 hops-to-live: ${shares.map((share) => `${(100 * share).toFixed(0)} %`)}`);
  t.log(
    `sent by who publishes, of the inserts whose sender names itself as the source: ${((100 * sources.own) / sources.all).toFixed(0)} %`,
  );
  t.true(sources.own / sources.all < 0.75);
  for (const share of shares) t.true(share < 0.95);
  t.true(shares[2] < 0.6); // and the farther down the less it says
});

test('a peer behind NAT is named to nobody: no header has its address', async (t) => {
  const net = await testnet<Freenet>('freenet', {
    peers: 40,
    seed: 3,
    topology: { nat: loadTopology('home-users-nat').nat },
    locate: { files: 30, replicas: 2, publishSpreadMs: 5000, ratePerPeerPerSecond: 0.1 },
    measureMs: 60_000,
  });
  net.watch();
  net.run(60_000);
  const host = (address: number) => Math.floor(address / 65536);
  const hidden = new Set<number>();
  for (let peer = 0; peer < 40; peer++) if (!net.shard.addresses.reachable(peer)) hidden.add(host(net.address(peer)));
  t.true(hidden.size > 10);
  let named = 0;
  for (const { message } of net.deliveries) {
    const { source, address, peers } = message as { source?: number; address?: number; peers?: readonly number[] };
    for (const name of [source, address, ...(peers ?? [])]) {
      if (name === undefined) continue;
      named++;
      t.false(hidden.has(host(name)), message.type);
    }
  }
  t.true(named > 100);
});
