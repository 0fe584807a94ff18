import test from 'ava';
import fc from 'fast-check';
import { Stream } from '../../src/kernel/random.js';
import { Codel } from '../../src/network/codel.js';

const CODEL = { kind: 'codel', targetMs: 5, intervalMs: 100 } as const;

interface Packet {
  readonly atMs: number;
  readonly size: number;
}

interface Queued extends Packet {
  readonly index: number;
}

/** Departure of each packet in ms, or null for a dropped one. */
type Fates = (number | null)[];

/**
 * RFC 8289, section 5, as it is written: a queue of packets from which the line takes the next one whenever it is free. `spare` says what
 * its `bytes() <= maxpacket` looks at: what is behind the packet that leaves (the RFC), or what the line sent while the packet waited.
 */
function reference(packets: readonly Packet[], bytesPerMs: number, spare: 'behind' | 'ahead'): Fates {
  const { targetMs, intervalMs } = CODEL;
  const fates: Fates = packets.map(() => null);
  const queue: Queued[] = [];
  let firstAbove = 0;
  let dropNext = 0;
  let count = 0;
  let lastCount = 0;
  let dropping = false;
  let free = 0;
  let next = 0;

  const join = () => queue.push({ ...packets[next], index: next++ });
  const dodequeue = (now: number): { packet: Queued | undefined; okToDrop: boolean } => {
    const packet = queue.shift();
    if (!packet) {
      firstAbove = 0;
      return { packet, okToDrop: false };
    }
    const waitMs = now - packet.atMs;
    const spared = spare === 'behind' ? queue.reduce((sum, each) => sum + each.size, 0) : waitMs * bytesPerMs;
    if (waitMs < targetMs || spared <= Math.max(1500, packet.size)) firstAbove = 0;
    else if (firstAbove === 0) firstAbove = now + intervalMs;
    else if (now >= firstAbove) return { packet, okToDrop: true };
    return { packet, okToDrop: false };
  };
  const controlLaw = (from: number) => from + intervalMs / Math.sqrt(count);
  const dequeue = (now: number): Queued | undefined => {
    let taken = dodequeue(now);
    if (dropping) {
      if (!taken.okToDrop) dropping = false;
      while (now >= dropNext && dropping) {
        count++;
        taken = dodequeue(now);
        if (!taken.okToDrop) dropping = false;
        else dropNext = controlLaw(dropNext);
      }
    } else if (taken.okToDrop) {
      taken = dodequeue(now);
      dropping = true;
      const delta = count - lastCount;
      count = delta > 1 && now - dropNext < 16 * intervalMs ? delta : 1;
      dropNext = controlLaw(now);
      lastCount = count;
    }
    return taken.packet;
  };

  while (next < packets.length || queue.length > 0) {
    if (queue.length === 0) join();
    const now = Math.max(free, queue[0].atMs);
    // Whoever joins while the line is busy, or at this very moment, is in the queue.
    while (next < packets.length && packets[next].atMs <= now) join();
    const taken = dequeue(now);
    if (!taken) continue;
    free = now + taken.size / bytesPerMs;
    fates[taken.index] = free;
  }
  return fates;
}

/** The same by a clock, as network.ts uses it: each packet's fate when it joins. */
function byClock(packets: readonly Packet[], bytesPerMs: number, codel = new Codel(CODEL, 1), link = 0): Fates {
  let free = 0;
  return packets.map(({ atMs, size }) => {
    const start = Math.max(free, atMs);
    if (codel.drops(link, start, start - atMs, (start - atMs) * bytesPerMs, size)) return null;
    free = start + size / bytesPerMs;
    return free;
  });
}

/** Sizes are multiples of 4 and the rates powers of two, times multiples of a quarter of a ms: every number is exact but the control law's. */
const traffic = fc
  .array(
    fc.record({
      packets: fc.integer({ min: 1, max: 60 }),
      gapQuarters: fc.nat(40),
      size: fc.integer({ min: 10, max: 4000 }).map((n) => n * 4),
    }),
    { minLength: 1, maxLength: 25 },
  )
  .map((bursts) => {
    let now = 1;
    return bursts.flatMap(({ packets, gapQuarters, size }) =>
      Array.from({ length: packets }, () => {
        now += gapQuarters / 4;
        return { atMs: now, size };
      }),
    );
  });
const rate = fc.constantFrom(64, 512, 1024, 4096);

test('a clock that decides when packets join is the queue that decides when they leave', (t) => {
  let dropped = 0;
  fc.assert(
    fc.property(traffic, rate, (packets, bytesPerMs) => {
      const fates = byClock(packets, bytesPerMs);
      dropped += fates.filter((fate) => fate === null).length;
      t.deepEqual(fates, reference(packets, bytesPerMs, 'ahead'));
    }),
    { numRuns: 300 },
  );
  t.true(dropped > 1000, `only ${dropped} drops: the traffic does not test anything`);
});

/** Packets of one size at an even pace, `load` times what the line can take. */
function steady(load: number, bytesPerMs: number, forMs: number, size = 1000): Packet[] {
  const gap = size / (bytesPerMs * load);
  return Array.from({ length: Math.floor(forMs / gap) }, (_, i) => ({ atMs: 1 + i * gap, size }));
}

test('under a standing queue it drops the packets that the RFC drops, one for one', (t) => {
  // 10 Mbit/s, a tenth too much; then half of what it can take. The RFC spares only the last packet of such a queue.
  const overload = steady(1.1, 1250, 20_000);
  const packets = [...overload, ...steady(0.5, 1250, 2000).map(({ atMs, size }) => ({ atMs: atMs + 20_100, size }))];
  const ours = byClock(packets, 1250);
  const theirs = reference(packets, 1250, 'behind');
  t.true(ours.filter((fate) => fate === null).length > 500);
  t.deepEqual(ours, theirs);
});

test('on bursts with pauses it drops as much as the RFC, though not always the same packets', (t) => {
  const drops = (fates: Fates) => fates.filter((fate) => fate === null).length;
  const meanDelay = (packets: readonly Packet[], fates: Fates) => {
    const delays = fates.flatMap((fate, index) => (fate === null ? [] : [fate - packets[index].atMs]));
    return delays.reduce((sum, each) => sum + each, 0) / delays.length;
  };
  for (const bytesPerMs of [125, 1250]) {
    const random = new Stream(5, 1, 'network');
    const packets: Packet[] = [];
    // Up to 60 packets at once, at 95 % of what the line can take.
    for (let now = 1; packets.length < 20_000; now += random.exponential((30.5 * 1500) / bytesPerMs / 0.95)) {
      for (let n = random.integer(60); n >= 0; n--) packets.push({ atMs: now, size: 1500 });
    }
    const [ours, theirs] = [byClock(packets, bytesPerMs), reference(packets, bytesPerMs, 'behind')];
    t.true(drops(theirs) > 1000 && Math.abs(drops(ours) / drops(theirs) - 1) < 0.05, `${drops(ours)} drops for ${drops(theirs)}`);
    t.true(Math.abs(meanDelay(packets, ours) / meanDelay(packets, theirs) - 1) < 0.02);
  }
});

test('packets that wait less than the target are never dropped, however long', (t) => {
  const packets = Array.from({ length: 100_000 }, (_, i) => ({ atMs: 10 * Math.floor(i / 5) + 1, size: 1000 }));
  t.false(byClock(packets, 1250).includes(null)); // bursts of 5 ms at most, 4 of them in the queue
});

test('a queue that has been long for less than an interval is let be', (t) => {
  const burst = Array.from({ length: 130 }, () => ({ atMs: 50, size: 1000 })); // 104 ms of the line
  t.false(byClock(burst, 1250).includes(null));
  t.true(byClock([...burst, ...burst], 1250).includes(null));
});

test('the times between drops shrink with the root of their number', (t) => {
  const packets = steady(2, 125_000, 3000, 1000);
  const codel = new Codel(CODEL, 1);
  const dropTimes: number[] = [];
  let free = 0;
  for (const { atMs, size } of packets) {
    const start = Math.max(free, atMs);
    if (codel.drops(0, start, start - atMs, (start - atMs) * 125_000, size)) dropTimes.push(start);
    else free = start + size / 125_000;
  }
  for (let n = 1; n < 50; n++) {
    const gap = dropTimes[n] - dropTimes[n - 1];
    // A drop comes with the next packet that leaves, 8 us apart.
    t.true(Math.abs(gap - 100 / Math.sqrt(n)) < 0.02, `drop ${n + 1} came ${gap} ms after the one before`);
  }
});

test('a slow line is not starved: a lone packet before it spares a packet', (t) => {
  // 56 kbit/s: one packet of 1,500 bytes takes 214 ms, far more than the target.
  for (const size of [1500, 16_384]) {
    // Each comes when the one before the one before it has been sent: one on the wire, one waiting, for ever.
    const packets = Array.from({ length: 200 }, (_, i) => ({ atMs: 1 + Math.ceil(Math.max(0, i - 1) * (size / 7)), size }));
    t.false(byClock(packets, 7).includes(null));
    t.true(byClock([{ atMs: 1, size: 3000 }, ...packets], 7).includes(null));
  }
});

test('links have states of their own', (t) => {
  const codel = new Codel(CODEL, 3);
  const packets = steady(1.3, 1250, 3000);
  const alone = byClock(packets, 1250);
  t.true(alone.includes(null));
  t.deepEqual(byClock(packets, 1250, codel, 1), alone);
  t.deepEqual(byClock(packets, 1250, codel, 2), alone);
  t.deepEqual(byClock(packets, 1250, codel, 0), alone);
});
