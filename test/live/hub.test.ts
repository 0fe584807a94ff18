import { EventEmitter } from 'node:events';
import test from 'ava';
import { eventText, Hub } from '../../src/live/hub.js';

/** A viewer that takes only so many events before it has to be waited for. */
class Viewer extends EventEmitter {
  readonly got: string[] = [];
  takes: number;
  hasEnded = false;

  constructor(takes = Number.POSITIVE_INFINITY) {
    super();
    this.takes = takes;
  }

  write(text: string | Uint8Array): boolean {
    this.got.push(text.toString());
    return --this.takes > 0;
  }

  end(): void {
    this.hasEnded = true;
  }
}

test('a newcomer is told all there is, then what is new; two viewers get the very same bytes', (t) => {
  let state = 1;
  const hub = new Hub({ whole: () => eventText('whole', { state }) });
  const [first, second] = [new Viewer(), new Viewer()];
  hub.add(first);
  hub.tell('frame', { number: 1 });
  state = 2;
  hub.add(second);
  hub.tell('frame', { number: 2 });
  t.deepEqual(first.got, [
    'event: whole\ndata: {"state":1}\n\n',
    'event: frame\ndata: {"number":1}\n\n',
    'event: frame\ndata: {"number":2}\n\n',
  ]);
  t.deepEqual(second.got, ['event: whole\ndata: {"state":2}\n\n', 'event: frame\ndata: {"number":2}\n\n']);
});

test('an event is encoded once for all viewers, and not at all for none', (t) => {
  const hub = new Hub({ whole: () => '' });
  let encoded = 0;
  const data = {
    toJSON() {
      encoded++;
      return {};
    },
  };
  hub.tell('frame', data);
  t.is(encoded, 0);
  for (let i = 0; i < 5; i++) hub.add(new Viewer());
  hub.tell('frame', data);
  t.is(encoded, 1);
});

test('a slow viewer gets no queue: it misses frames, and is told everything anew when it has caught up', (t) => {
  let frame = 0;
  const hub = new Hub({ whole: () => `whole ${frame}` });
  const [slow, quick] = [new Viewer(3), new Viewer()];
  hub.add(slow);
  hub.add(quick);
  for (frame = 1; frame <= 100; frame++) hub.tell('frame', frame);
  frame = 100;
  t.is(slow.got.length, 3);
  t.is(quick.got.length, 101);
  t.is(hub.missed, 98);
  slow.takes = 2;
  slow.emit('drain');
  t.is(slow.got.at(-1), 'whole 100');
  hub.tell('frame', 101);
  t.is(slow.got.length, 5, 'and then frames again');
  slow.emit('drain');
  t.is(slow.got.length, 5, 'who has missed nothing is told nothing anew');
});

test('who goes is gone, and it is told how many are left', (t) => {
  const counts: number[] = [];
  const hub = new Hub({ whole: () => '', onViewers: (viewers) => counts.push(viewers) });
  const viewer = new Viewer();
  hub.add(viewer);
  hub.add(new Viewer());
  viewer.emit('close');
  viewer.emit('close');
  hub.tell('frame', 1);
  t.is(viewer.got.length, 1);
  t.deepEqual(counts, [1, 2, 1]);
});
