/**
 * Bulk senders settle at the max-min fair rates of their access links: no rate can be raised without lowering one that is not larger
 * (Bertsekas and Gallager, "Data Networks", 6.5.2). The emulator has no solver, only fair queues and windows; the one here is for the test.
 */

import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import { type HostsOptions, type Transfer, Transfers } from '../helpers/hosts.js';
import { plainSite } from '../helpers/plain-topology.js';

/** Rates up and down, in Mbit/s. */
type Lines = readonly (readonly [up: number, down: number])[];

/** Progressive filling: all rates rise together; those that meet a full link stay. */
function maxMin(lines: Lines, transfers: readonly Transfer[]): number[] {
  const rates = transfers.map(() => 0);
  const links = lines.flatMap(([up, down], host) => [
    { capacity: up, users: [...transfers.keys()].filter((i) => transfers[i].from === host) },
    { capacity: down, users: [...transfers.keys()].filter((i) => transfers[i].to === host) },
  ]);
  const rising = new Set(rates.keys());
  while (rising.size > 0) {
    const steps = links.map(({ capacity, users }) => {
      const left = capacity - users.reduce((sum, i) => sum + rates[i], 0);
      return left / users.filter((i) => rising.has(i)).length;
    });
    const step = Math.min(...steps.filter((each) => Number.isFinite(each)));
    for (const i of rising) rates[i] += step;
    links.forEach(({ users }, link) => {
      if (steps[link] <= step * (1 + 1e-9)) for (const i of users) rising.delete(i);
    });
  }
  return rates;
}

interface Options {
  readonly latencyMs?: HostsOptions['latencyMs'];
  readonly warmUpMs?: number;
  readonly spanMs?: number;
  readonly headerBytes?: number;
  readonly queueBytes?: number;
}

/** How far the measured rates are from the max-min ones: the largest relative difference. */
function distance(lines: Lines, transfers: readonly Transfer[], options: Options = {}): { worst: number; says: string } {
  const { latencyMs = 20, warmUpMs = 15_000, spanMs = 15_000, headerBytes = 40, queueBytes = Infinity } = options;
  const net = new Transfers(transfers, {
    lines: lines.map(([up, down]) => ({ uplinkBitsPerSecond: up * 1e6, downlinkBitsPerSecond: down * 1e6, queueBytes })),
    latencyMs,
    topology: { segmentHeaderBytes: headerBytes },
  });
  const measured = net.rates(warmUpMs, warmUpMs + spanMs).map((bytesPerMs) => (bytesPerMs * 8) / 1000);
  const expected = maxMin(lines, transfers).map((rate) => (rate * 1460) / (1460 + headerBytes));
  const worst = Math.max(...measured.map((rate, i) => Math.abs(rate / expected[i] - 1)));
  const show = (rates: number[]) => rates.map((rate) => rate.toFixed(3)).join(' ');
  return { worst, says: `${show(measured)}, not ${show(expected)} Mbit/s: ${(100 * worst).toFixed(1)} % off` };
}

function settles(t: ExecutionContext, lines: Lines, transfers: readonly Transfer[], options?: Options): void {
  const { worst, says } = distance(lines, transfers, options);
  t.log(says);
  t.true(worst < 0.05, says);
}

const times = <T>(count: number, make: (i: number) => T) => Array.from({ length: count }, (_, i) => make(i));
/** Different distances for every pair: 10 ms and more. */
const apart = (stepMs: number) => (from: number, to: number) => 5 + stepMs * Math.max(from, to);

test('the solver knows the textbook\u2019s example', (t) => {
  // Three links in a row, of 1, 1 and 2: two short flows share the first, a long one the first and second, one more the third.
  const lines: Lines = [
    [2, 9],
    [3, 1],
    [9, 3],
  ];
  const rates = maxMin(lines, [
    { from: 0, to: 1 },
    { from: 0, to: 2 },
    { from: 1, to: 2 },
  ]);
  t.deepEqual(rates, [1, 1, 2]);
});

test('many senders share one receiver\u2019s downlink, near and far ones alike', (t) => {
  for (const count of [2, 5, 20]) {
    const lines: Lines = [[100, 10], ...times(count, () => [20, 100] as const)];
    const transfers = times(count, (i) => ({ from: i + 1, to: 0 }));
    settles(t, lines, transfers);
    settles(t, lines, transfers, { latencyMs: apart(10) });
  }
});

test('one sender\u2019s uplink is shared by its receivers, near and far', (t) => {
  const lines: Lines = [[8, 100], ...times(6, () => [20, 100] as const)];
  const transfers = times(6, (i) => ({ from: 0, to: i + 1 }));
  settles(t, lines, transfers);
  settles(t, lines, transfers, { latencyMs: apart(30) });
});

test('a slow receiver does not waste its sender\u2019s uplink', (t) => {
  const lines: Lines = [[10, 100], [10, 0.25], [10, 2], ...times(3, () => [20, 100] as const)];
  settles(
    t,
    lines,
    times(5, (i) => ({ from: 0, to: i + 1 })),
    { spanMs: 30_000 },
  );
});

test('a parking lot of two bottlenecks, and one of three', (t) => {
  settles(
    t,
    [
      [10, 100],
      [20, 5],
      [20, 30],
    ],
    [
      { from: 0, to: 1 },
      { from: 0, to: 2 },
      { from: 2, to: 1 },
    ],
  );
  settles(
    t,
    [
      [10, 100],
      [12, 6],
      [9, 8],
      [7, 100],
    ],
    [
      { from: 0, to: 1 },
      { from: 0, to: 2 },
      { from: 1, to: 2 },
      { from: 3, to: 1 },
      { from: 3, to: 2 },
    ],
    { latencyMs: (from, to) => 10 + 7 * (from + to) },
  );
});

test('senders that come one after the other end up equal', (t) => {
  const lines: Lines = [[100, 10], ...times(6, () => [20, 100] as const)];
  settles(
    t,
    lines,
    times(6, (i) => ({ from: i + 1, to: 0, startMs: i * 1500 })),
    { latencyMs: apart(10) },
  );
});

test('several connections of one peer get a share each, and both directions at once go by half the line less the acknowledgements', (t) => {
  settles(
    t,
    [
      [10, 10],
      [10, 10],
      [10, 4],
    ],
    [...times(3, () => ({ from: 0, to: 1 })), { from: 0, to: 2 }, { from: 2, to: 1 }],
  );
  settles(
    t,
    times(8, () => [1, 8] as const),
    times(24, (i) => ({ from: i % 8, to: ((i % 8) + 1 + Math.floor(i / 8)) % 8 })),
  );
});

test('queues of a real size do: what overflows is taken from who has most in them', (t) => {
  const lines: Lines = [[100, 10], ...times(8, () => [20, 100] as const)];
  settles(
    t,
    lines,
    times(8, (i) => ({ from: i + 1, to: 0 })),
    { queueBytes: 128 * 1024, latencyMs: apart(5) },
  );
});

test('a bottleneck in the middle, where nobody takes turns, is full, and nobody gets much less than an even share', (t) => {
  const count = 4;
  for (const queueBytes of [64 * 1024, Infinity]) {
    for (const latencyMs of [20, apart(20)]) {
      const sites = times(count + 1, (i) =>
        plainSite({
          name: `${i}`,
          share: 1 / (count + 1),
          accessClass: i,
          uplinkBitsPerSecond: i === 0 ? 1e7 : Infinity,
          queueBytes,
        }),
      );
      const net = new Transfers(
        times(count, (i) => ({ from: 0, to: i + 1 })),
        { lines: sites.map(() => ({})), latencyMs, topology: { sites } },
      );
      const rates = net.rates(20_000, 50_000).map((bytesPerMs) => (bytesPerMs * 8) / 1000);
      const sum = rates.reduce((a, b) => a + b);
      t.true(Math.abs(sum / 10 - 1) < 0.01, `${sum} Mbit/s`);
      for (const rate of rates) t.true(rate > 0.6 * (sum / count) && rate < 1.6 * (sum / count), rates.join(' '));
    }
  }
});

test('small networks drawn at random', (t) => {
  const rate = fc.integer({ min: 4, max: 40 }).map((quarter) => quarter / 4);
  const line = fc.tuple(rate, rate);
  const worlds = fc.array(line, { minLength: 3, maxLength: 6 }).chain((lines) => {
    const host = fc.integer({ min: 0, max: lines.length - 1 });
    const transfer = fc.tuple(host, fc.integer({ min: 1, max: lines.length - 1 })).map(([from, step]) => ({
      from,
      to: (from + step) % lines.length,
    }));
    return fc.tuple(fc.constant(lines), fc.array(transfer, { minLength: 2, maxLength: 10 }), fc.integer({ min: 2, max: 20 }));
  });
  t.notThrows(() =>
    fc.assert(
      fc.property(worlds, ([lines, transfers, stepMs]) => {
        // Without headers, so that acknowledgements take nothing from the lines and the solver is exact.
        const { worst, says } = distance(lines, transfers, { headerBytes: 0, latencyMs: apart(stepMs), spanMs: 25_000 });
        if (worst >= 0.05) throw new Error(says);
      }),
      { numRuns: 20 },
    ),
  );
});
