import test from 'ava';
import fc from 'fast-check';
import { commit, isKept, keyOf, NO_COMMITMENT } from '../../src/protocols/freenet/commitment.js';
import { Datastore } from '../../src/protocols/freenet/datastore.js';
import type { Freenet } from '../../src/protocols/freenet/freenet.js';
import freenet from '../../src/protocols/freenet/index.js';
import { type Data, type FreenetMessage, type Insert, NOBODY, type Request } from '../../src/protocols/freenet/messages.js';
import { distance, RoutingTable } from '../../src/protocols/freenet/routing-table.js';
import { checkSettings, type FreenetSettings } from '../../src/protocols/freenet/settings.js';
import { type FakeHost, FakeNetwork, FakeOperation, settingsOf } from '../helpers/fake-network.js';
import { PLAIN } from '../helpers/freenet-world.js';

const KEYS = 2 ** 48;

/**
 * Peers who know only whom they are told to: `knows[i]` are the indices of those peer i knows, the one it prefers for KEY first. Peer i
 * enters the k-th under KEY + k + 1.
 */
const KEY = 1000;
function acquaintances(knows: readonly (readonly number[])[], settings: Partial<FreenetSettings> = {}) {
  const net = new FakeNetwork();
  const hosts = knows.map(() => net.addPeer(freenet, { ...PLAIN, ...settings }) as unknown as FakeHost<Freenet>);
  for (const [i, known] of knows.entries()) {
    if (known.length === 0) continue; // it would join
    hosts[i].protocol.begin(
      known.flatMap((j, k) => [KEY + k + 1, hosts[j].address]),
      [],
      hosts[i].address,
    );
  }
  return { net, hosts };
}

function give(host: FakeHost<Freenet>, key = KEY, publisher = host.address): void {
  host.protocol.store.put(key, [publisher, 0], 0, 20, 50);
}

function ask(net: FakeNetwork, host: FakeHost<Freenet>, key = KEY, waitMs = 20_000): FakeOperation {
  const operation = new FakeOperation(key);
  host.protocol.locate(key, operation);
  net.run(net.now + waitMs);
  return operation;
}

/** Who sent what to whom, by index: 'request 0>1'. */
function story(net: FakeNetwork, ...types: FreenetMessage['type'][]): string[] {
  const index = (address: number) => net.hostAt(address)!.index;
  return net.sent
    .filter(({ message }) => types.includes(message.type as never))
    .map(({ from, to, message }) => `${message.type} ${index(from)}>${index(to)}`);
}

// Parts.

test('keys are close on a circle', (t) => {
  t.is(distance(1, KEYS - 1), 2);
  t.is(distance(0, KEYS / 2), KEYS / 2);
  t.is(distance(10, 4), 6);
});

test('routing table: the closest key, then the next, and never more pairs than the limit, as a plain model has it', (t) => {
  const key = fc.integer({ min: 0, max: 30 }).map((x) => (x * KEYS) / 32);
  const address = fc.integer({ min: 1, max: 6 });
  const put = fc.record({ kind: fc.constant('put' as const), key, address });
  const closest = fc.record({ kind: fc.constant('closest' as const), key, tried: fc.uniqueArray(address, { maxLength: 3 }) });
  const drop = fc.record({ kind: fc.constant('drop' as const), address });
  fc.assert(
    fc.property(fc.array(fc.oneof(put, put, closest, drop), { maxLength: 60 }), (steps) => {
      const table = new RoutingTable();
      let model: { key: number; address: number }[] = []; // the most recently used first
      for (const step of steps) {
        if (step.kind === 'put') {
          table.put(step.key, step.address, 5);
          model = [step, ...model.filter((pair) => pair.key !== step.key)].slice(0, 5);
        } else if (step.kind === 'drop') {
          table.drop(step.address);
          model = model.filter((pair) => pair.address !== step.address);
        } else {
          const candidates = model.filter((pair) => !step.tried.includes(pair.address));
          const least = Math.min(...candidates.map((pair) => distance(pair.key, step.key)));
          const best = candidates.filter((pair) => distance(pair.key, step.key) === least).at(-1); // of two, the longer unused
          if (table.closest(step.key, step.tried, NOBODY) !== (best?.address ?? NOBODY)) return false;
          if (best) model = [best, ...model.filter((pair) => pair !== best)];
        }
        const pairs = [...table.pairs];
        if (
          pairs.join() !==
          model
            .toReversed()
            .flatMap((pair) => [pair.key, pair.address])
            .join()
        )
          return false;
      }
      return true;
    }),
  );
  t.pass();
});

test('datastore: the key least recently used goes; of one publisher the newest record stays; old ones are void', (t) => {
  const store = new Datastore();
  const put = (key: number, ...records: number[]) => store.put(key, records, 0, 3, 2);
  put(1, 100, 5);
  put(2, 100, 5);
  t.deepEqual(store.get(1, 0), [100, 5]); // used
  put(3, 100, 5);
  t.is(store.get(2, 0), undefined);
  t.is(store.size, 2);
  t.deepEqual(put(1, 200, 9), [200, 9, 100, 5]);
  t.deepEqual(put(1, 100, 7), [200, 9, 100, 7]);
  t.deepEqual(put(1, 100, 6), [200, 9, 100, 7]); // came late
  t.deepEqual(put(1, 300, 8, 400, 6), [200, 9, 300, 8, 100, 7]); // at most three
  t.deepEqual(store.get(1, 8), [200, 9, 300, 8]);
  t.is(store.get(1, 10), undefined);
  t.is(store.size, 1);
  t.is(store.records, 1);
  t.deepEqual(store.put(9, [1, 1], 5, 3, 2), []); // void on arrival
  t.is(store.get(9, 0), undefined);
});

test('datastore: however records come, what is held is the newest of each publisher, newest first', (t) => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 0, max: 9 })), { minLength: 1 }), (records) => {
      const store = new Datastore();
      for (const [publisher, atMs] of records) store.put(KEY, [publisher, atMs], 0, 20, 50);
      const held = store.get(KEY, 0)!;
      const newest = new Map<number, number>();
      for (const [publisher, atMs] of records) newest.set(publisher, Math.max(atMs, newest.get(publisher) ?? 0));
      if (held.length !== 2 * newest.size) return false;
      for (let i = 0; i < held.length; i += 2)
        if (newest.get(held[i]) !== held[i + 1] || (i > 0 && held[i - 1] < held[i + 1])) return false;
      return true;
    }),
  );
  t.pass();
});

test('commitments: all seeds make the key, and nobody can change one that was committed to', (t) => {
  fc.assert(
    fc.property(fc.array(fc.bigInt({ min: 0n, max: 2n ** 48n - 1n }).map(Number), { minLength: 2, maxLength: 8 }), (seeds) => {
      const xor = seeds.reduce((a, b) => a ^ BigInt(b), 0n);
      if (BigInt(keyOf(seeds)) !== xor) return false;
      const commitments = [NO_COMMITMENT];
      for (const seed of seeds) commitments.push(commit(commitments.at(-1)!, seed));
      for (let i = 1; i < seeds.length; i++) {
        if (!isKept(seeds, commitments[i], seeds[i])) return false;
        const forged = seeds.with(0, (seeds[0] + 1) % KEYS);
        if (isKept(forged, commitments[i], seeds[i])) return false;
      }
      return true;
    }),
  );
  t.pass();
});

test('settings that contradict each other are refused', (t) => {
  t.throws(() => checkSettings(settingsOf(freenet, { latticeNeighbours: 3 })), { message: /even number/ });
  t.throws(() => checkSettings(settingsOf(freenet, { republishMs: 1000, expiryMs: 500 })), { message: /less than expiryMs/ });
  t.notThrows(() => checkSettings(settingsOf(freenet, { republishMs: 1000, expiryMs: 0 })));
});

// Requests.

test('a request goes to the closest key; data come back the same way, stay with everybody on it, and the source is learnt', (t) => {
  const { net, hosts } = acquaintances([[1], [2], [3], []]);
  give(hosts[3]);
  const { answers, finishedHops } = ask(net, hosts[0]);
  t.deepEqual(answers, [{ provider: hosts[3].address, hops: 3 }]);
  t.is(finishedHops, 3);
  t.deepEqual(story(net, 'request', 'data'), ['request 0>1', 'request 1>2', 'request 2>3', 'data 3>2', 'data 2>1', 'data 1>0']);
  for (const { protocol } of hosts) t.deepEqual(protocol.store.get(KEY, 0), [hosts[3].address, 0]);
  for (const { protocol } of hosts.slice(0, 3)) t.is(protocol.table.closest(KEY, [], NOBODY), hosts[3].address);
  t.deepEqual(
    hosts.map((host) => host.reached),
    [0, 1, 1, 1],
  );
  net.sent.length = 0;
  t.is(ask(net, hosts[0]).finishedHops, 0); // it has them itself now
  t.is(net.sent.length, 0);
});

test('without caching data stay where they were', (t) => {
  const { net, hosts } = acquaintances([[1], [2], []], { caching: false });
  give(hosts[2]);
  t.is(ask(net, hosts[0]).finishedHops, 2);
  t.is(hosts[0].protocol.store.size + hosts[1].protocol.store.size, 0);
});

test('depth first: a dead end and a loop send it back, and the next closest key is tried', (t) => {
  // 0 prefers 1, which knows nobody but 2, which knows only 0 and 1: both have seen it. 3 has it.
  const { net, hosts } = acquaintances([[1, 3], [2], [0, 1], []]);
  give(hosts[3]);
  const { answers } = ask(net, hosts[0]);
  t.deepEqual(answers, [{ provider: hosts[3].address, hops: 3 }]); // 1, 2 and 3 took it up
  t.deepEqual(story(net, 'request', 'looped', 'continue', 'data'), [
    'request 0>1',
    'request 1>2',
    'request 2>0', // not to 1, from whom it came
    'looped 0>2',
    'continue 2>1',
    'continue 1>0',
    'request 0>3',
    'data 3>0',
  ]);
  t.is(net.counters.get('freenet.loops'), 1);
});

test('hops-to-live of T reach T peers, side tracks counted, and then the request fails everywhere', (t) => {
  const chain = Array.from({ length: 8 }, (_, i) => (i < 7 ? [i + 1] : []));
  for (const htl of [1, 2, 5]) {
    const { net, hosts } = acquaintances(chain, { htl });
    give(hosts[6]);
    const { answers, finishedHops } = ask(net, hosts[0]);
    t.deepEqual(answers, []);
    t.is(finishedHops, htl);
    t.is(story(net, 'request').length, htl);
    t.is(story(net, 'spent').length, htl);
  }
  // 1 and 2 are a side track of two hops, so with 3 hops-to-live one is left for 3, and none for 4.
  const { net, hosts } = acquaintances([[1, 3], [2], [], [4], []], { htl: 3 });
  give(hosts[4]);
  t.deepEqual(ask(net, hosts[0]).answers, []);
  t.deepEqual(story(net, 'request'), ['request 0>1', 'request 1>2', 'request 0>3']);
});

test('more hops-to-live than anybody gives are cut', (t) => {
  const { net, hosts } = acquaintances([[1], []], { htl: 4 });
  hosts[0].protocol.onMessage(hosts[1].address, { type: 'request', id: 5, key: KEY, htl: 1e6 }, null);
  hosts[0].protocol.table.put(KEY, hosts[1].address, 10);
  net.run(1000);
  for (const { message } of net.sentOf<Request>('request')) t.true(message.htl <= 3);
  t.is(story(net, 'continue').length, 1); // it knows only who asked
});

test('a peer that does not answer is passed over, counted, and forgotten', (t) => {
  const { net, hosts } = acquaintances([[1, 2], [], []]);
  give(hosts[2]);
  net.crash(1);
  const { answers } = ask(net, hosts[0]);
  t.deepEqual(answers, [{ provider: hosts[2].address, hops: 1 }]);
  t.is(hosts[0].timeouts, 1);
  t.deepEqual(story(net, 'request'), ['request 0>1', 'request 0>1', 'request 0>2']); // once more before it is given up
  t.false([...hosts[0].protocol.neighbours()].includes(hosts[1].address));
});

test('a peer that took it up and is heard of no more: the request ends when patience does, and who asks again gets around it', (t) => {
  for (const retryMs of [0, 300]) {
    const { net, hosts } = acquaintances([[1, 2], [3], [], []], { htl: 4, retryMs });
    give(hosts[2]);
    const operation = new FakeOperation(KEY);
    hosts[0].protocol.locate(KEY, operation);
    net.run(25); // 1 has it, and has said so
    t.is(hosts[1].reached, 1);
    net.crash(1);
    net.run(30_000);
    t.is(net.counters.get('freenet.patience-ended'), 1);
    t.false(operation.open);
    t.deepEqual(operation.answers, retryMs > 0 ? [{ provider: hosts[2].address, hops: 1 }] : []);
  }
});

test('a copy of a request is not taken up twice: the same sender is told so, another is refused', (t) => {
  const { net, hosts } = acquaintances([[1], [2], [], []]);
  const request: Request = { type: 'request', id: 77, key: KEY, htl: 9 };
  hosts[0].send(hosts[1].address, request);
  hosts[0].send(hosts[1].address, request);
  hosts[3].send(hosts[1].address, request);
  net.run(15);
  t.deepEqual(story(net, 'accepted', 'looped'), ['accepted 1>0', 'accepted 1>0', 'looped 1>3']);
  net.run(1000);
  t.is(story(net, 'request').filter((line) => line === 'request 1>2').length, 1);
  net.sent.length = 0;
  hosts[0].send(hosts[1].address, request); // the answer was lost
  net.run(2000);
  t.deepEqual(story(net, 'continue'), ['continue 2>1', 'continue 1>0']);
});

test('answers to nothing, from the wrong peer, or late, do no harm; late data are welcome', (t) => {
  const { net, hosts } = acquaintances([[1, 2], [], [], []]);
  const { protocol } = hosts[0];
  const data: Data = { type: 'data', id: 1, hops: 0, source: 9, records: [9, 0] };
  for (const message of [
    data,
    { type: 'spent', id: 1, hops: 0 },
    { type: 'continue', id: 1, htl: 3, hops: 0 },
    { type: 'looped', id: 1 },
  ] as const) {
    t.notThrows(() => protocol.onMessage(hosts[3].address, message, null));
  }
  t.is(protocol.store.size, 0);
  net.crash(1);
  net.crash(2);
  const operation = new FakeOperation(KEY);
  protocol.locate(KEY, operation);
  net.run(2000); // 1 was given up, and 2 is asked
  const { id } = net.sentOf<Request>('request')[0].message;
  protocol.onMessage(hosts[3].address, { ...data, id }, null); // a stranger
  t.deepEqual(operation.answers, []);
  protocol.onMessage(hosts[1].address, { ...data, id }, null);
  t.deepEqual(operation.answers, [{ provider: 9, hops: 1 }]);
  t.false(operation.open);
});

test('who gets no answer asks again under another id; in the end it fails', (t) => {
  const { net, hosts } = acquaintances([[1], []], { retryMs: 4000, retries: 2, htl: 20 });
  const { protocol } = hosts[1];
  protocol.onMessage = (from, message) => {
    if (message.type === 'request') hosts[1].send(from, { type: 'accepted', id: message.id } as FreenetMessage); // and nothing more
  };
  const { answers, finishedHops } = ask(net, hosts[0], KEY, 60_000);
  t.deepEqual(answers, []);
  t.is(finishedHops, 20);
  t.is(new Set(net.sentOf<Request>('request').map(({ message }) => message.id)).size, 3);
});

test('nobody known: the request ends without an answer', (t) => {
  const { net, hosts } = acquaintances([[], []]);
  t.is(ask(net, hosts[0]).finishedHops, 20);
});

// Inserts.

test('an insert is stored by all who take it up, and its source is learnt; what is published can be asked for', (t) => {
  const { net, hosts } = acquaintances([[1], [2], [3], []]);
  hosts[0].protocol.publish(KEY);
  net.run(1000);
  for (const { protocol } of hosts) t.deepEqual(protocol.store.get(KEY, 0), [hosts[0].address, 0]);
  for (const { protocol } of hosts.slice(1)) t.is(protocol.table.closest(KEY, [], NOBODY), hosts[0].address);
  t.deepEqual(ask(net, hosts[3]).answers, [{ provider: hosts[0].address, hops: 0 }]);
  t.deepEqual(ask(net, hosts[0]).answers, [{ provider: hosts[0].address, hops: 0 }]);
});

test('the records of several publishers come together where their inserts meet', (t) => {
  const { net, hosts } = acquaintances([[2], [2], [3], []]);
  hosts[0].protocol.publish(KEY);
  net.run(1000);
  hosts[1].protocol.publish(KEY);
  net.run(2000);
  t.deepEqual(hosts[3].protocol.store.get(KEY, 0), [hosts[1].address, 1000, hosts[0].address, 0]);
});

test('publishing again renews a record; one that is not renewed is void', (t) => {
  const { net, hosts } = acquaintances([[1], []], { republishMs: 1000, expiryMs: 3000 });
  hosts[0].protocol.publish(KEY);
  net.run(10_000);
  t.is(ask(net, hosts[1], KEY, 0).answers.length, 1);
  net.crash(0);
  net.run(14_000);
  t.is(ask(net, hosts[1], KEY, 5000).answers.length, 0);
});

test('a source can be renamed by whoever passes it on', (t) => {
  const { net, hosts } = acquaintances([[1], [2], []], { sourceReplaced: 1 });
  hosts[0].protocol.publish(KEY);
  net.run(1000);
  const sources = net.sentOf<Insert>('insert').map(({ message }) => message.source);
  t.deepEqual(sources, [hosts[0].address, hosts[1].address]);
});

// Who comes and goes.

test('a newcomer: a chain of peers agrees on its key, and all enter it under it', (t) => {
  const ring = Array.from({ length: 12 }, (_, i) => [(i + 1) % 12]);
  const { net, hosts } = acquaintances(ring, { contacts: 1, announceHtl: 6 });
  const newcomer = net.addPeer(freenet, { ...PLAIN, contacts: 1, announceHtl: 6 }) as unknown as FakeHost<Freenet>;
  newcomer.protocol.join();
  net.run(60_000);
  const entered = hosts.flatMap(({ protocol }) => {
    const at = protocol.table.pairs.findIndex((value, i) => i % 2 === 1 && value === newcomer.address);
    return at < 0 ? [] : [protocol.table.pairs[at - 1]];
  });
  t.is(entered.length, 6);
  t.is(new Set(entered).size, 1);
  t.is(newcomer.protocol.table.peers().size, 6);
});

test('who breaks its commitment is not entered', (t) => {
  const { net, hosts } = acquaintances([[1], [], []]);
  const cheat = hosts[2];
  cheat.protocol.onMessage = (from, message) => {
    // It would like its key to be 0, and so shows a seed it did not commit to.
    if (message.type === 'agreed')
      cheat.send(from, { type: 'settled', id: message.id, seeds: [keyOf(message.seeds), ...message.seeds] } as FreenetMessage);
  };
  cheat.send(hosts[0].address, {
    type: 'announce',
    id: 3,
    htl: 2,
    address: cheat.address,
    commitment: commit(NO_COMMITMENT, 42),
  } as FreenetMessage);
  net.run(10_000);
  t.is(net.counters.get('freenet.commitments-broken'), 1);
  t.false([...hosts[0].protocol.neighbours(), ...hosts[1].protocol.neighbours()].includes(cheat.address));
});

test('peers who join all at once become one network in which what is published is found', (t) => {
  const net = new FakeNetwork({ seed: 4 });
  const hosts = Array.from({ length: 30 }, () => net.addPeer(freenet, { tendMs: 1000 }) as unknown as FakeHost<Freenet>);
  for (const host of hosts) host.protocol.join();
  hosts[7].protocol.publish(KEY); // before it knows anybody
  net.run(30_000);
  for (const host of hosts)
    t.deepEqual(
      ask(net, host, KEY, 10_000).answers.map(({ provider }) => provider),
      [hosts[7].address],
    );
});

test('a chain whose next peer is silent ends there, and the newcomer is entered all the same', (t) => {
  const { net, hosts } = acquaintances([[1], []], { contacts: 1 });
  net.crash(1);
  const newcomer = net.addPeer(freenet, { ...PLAIN, contacts: 2 }) as unknown as FakeHost<Freenet>;
  newcomer.protocol.join();
  net.run(30_000);
  t.true([...hosts[0].protocol.neighbours()].includes(newcomer.address));
});

test('who leaves hands back what others wait for, and is forgotten', (t) => {
  const { net, hosts } = acquaintances([[1, 3], [2, 0], [], []]);
  give(hosts[3]);
  net.crash(2); // 1 waits for it
  const operation = new FakeOperation(KEY);
  hosts[0].protocol.locate(KEY, operation);
  net.run(100);
  net.leave(1);
  net.run(200);
  t.deepEqual(operation.answers, [{ provider: hosts[3].address, hops: 2 }]);
  t.false([...hosts[0].protocol.neighbours()].includes(hosts[1].address));
});

test('who has lost everybody finds others by itself', (t) => {
  const { net, hosts } = acquaintances([[1], [0], [3], [2]], { tendMs: 1000, fewPeers: 1 });
  net.crash(1);
  ask(net, hosts[0], KEY, 10_000);
  const known = [...hosts[0].protocol.neighbours()];
  t.true(known.includes(hosts[2].address) || known.includes(hosts[3].address));
});

test('fixed links do not learn', (t) => {
  const net = new FakeNetwork();
  const hosts = net.converge(30, freenet, { ...PLAIN, links: 'small-world', longLinks: 2 }) as unknown as FakeHost<Freenet>[];
  const before = hosts.map(({ protocol }) => [...protocol.neighbours()].toSorted((a, b) => a - b));
  for (const known of before) t.true(known.length >= 2 && known.length <= 4);
  hosts[3].protocol.publish(KEY);
  net.run(5000);
  t.is(ask(net, hosts[20]).answers.length, 1);
  t.deepEqual(
    hosts.map(({ protocol }) => [...protocol.neighbours()].toSorted((a, b) => a - b)),
    before,
  );
});

test('state counts pairs, stored keys and remembered ids', (t) => {
  const { net, hosts } = acquaintances([[1], []]);
  t.deepEqual(hosts[0].protocol.state(), { entries: 1, bytes: 26 });
  hosts[0].protocol.publish(KEY);
  net.run(1000);
  t.deepEqual(hosts[1].protocol.state(), { entries: 3, bytes: 26 + 20 + 50 + 14 });
});
