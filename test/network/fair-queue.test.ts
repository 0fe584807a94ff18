import test from 'ava';
import fc from 'fast-check';
import { FairQueue, type Turn } from '../../src/network/fair-queue.js';

/** A flow with packets of one size. */
class Flow implements Turn {
  readonly name: string;
  readonly packetBytes: number;
  packets: number;
  sentBytes = 0;
  deficitBytes = 0;
  queued = false;
  fresh = false;

  constructor(name: string, packetBytes: number, packets = Infinity) {
    this.name = name;
    this.packetBytes = packetBytes;
    this.packets = packets;
  }
}

/** The link takes the next packet; gives who sent it, or null when nobody has any. */
function serve(queue: FairQueue<Flow>): Flow | null {
  for (let flow = queue.peek(); flow !== undefined; flow = queue.peek()) {
    if (flow.packets === 0) queue.pass();
    else if (queue.grants(flow.packetBytes)) {
      flow.packets--;
      flow.sentBytes += flow.packetBytes;
      return flow;
    }
  }
  return null;
}

test('flows with much to send get equal bytes, whatever the sizes of their packets', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 40, max: 1514 }), { minLength: 2, maxLength: 20 }), fc.nat(2000), (sizes, extra) => {
        const queue = new FairQueue<Flow>();
        const flows = sizes.map((size, i) => new Flow(`${i}`, size));
        for (const flow of flows) queue.add(flow);
        for (let i = 0; i < sizes.length * 200 + extra; i++) serve(queue);
        const sent = flows.map((flow) => flow.sentBytes);
        // Shreedhar and Varghese, lemma 2: nobody is more than a quantum and two packets ahead of anybody.
        return Math.max(...sent) - Math.min(...sent) <= 3 * 1514;
      }),
      { numRuns: 50 },
    ),
  );
});

test('who comes anew is served first, and only once so', (t) => {
  const queue = new FairQueue<Flow>();
  const [a, b] = [new Flow('a', 1500), new Flow('b', 1500)];
  queue.add(a);
  queue.add(b);
  for (let i = 0; i < 9; i++) serve(queue);
  const thin = new Flow('thin', 1500, 1);
  queue.add(thin);
  t.is(serve(queue), thin);
  // It has another packet at once, but it was new before: now it waits for its turn.
  thin.packets = 1;
  queue.add(thin);
  const order = [serve(queue), serve(queue), serve(queue)].map((flow) => flow!.name);
  t.true(order.indexOf('thin') > 0, order.join());
});

test('who has nothing to send leaves after a round, and the queue ends empty', (t) => {
  const queue = new FairQueue<Flow>();
  const flows = Array.from({ length: 9 }, (_, i) => new Flow(`${i}`, 1000, i));
  for (const flow of flows) queue.add(flow);
  t.is(queue.length, 9);
  t.deepEqual([...queue].map(({ name }) => name).sort(), ['0', '1', '2', '3', '4', '5', '6', '7', '8']);
  let served = 0;
  while (serve(queue) !== null) served++;
  t.is(served, 36);
  t.is(queue.length, 0);
  t.true(flows.every(({ queued }) => !queued));
});
