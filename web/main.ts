/** The live page of a run, put together from its parts. */

import type { Whole } from '../src/live/feed.js';
import { Charts } from './charts.js';
import { Controls } from './controls.js';
import { Drops } from './drops.js';
import { Faults } from './faults.js';
import { Figures } from './figures.js';
import { Heat } from './heat.js';
import { listen } from './line.js';
import { Outcome } from './outcome.js';
import { Overlay } from './overlay.js';
import { element, type Part, write } from './part.js';

const parts: readonly Part[] = [
  new Controls(),
  new Overlay(),
  new Figures(),
  new Charts(),
  new Faults(),
  new Drops(),
  new Heat(),
  new Outcome(),
];

function showName({ run }: Whole): void {
  const { scenario, protocol, peers, servers, topology, seed, about } = run;
  document.title = `${scenario}, ${protocol}: Peerage`;
  write(element('title'), `${scenario}, ${protocol}`);
  const machines = servers > 0 ? ` and ${servers} ${servers === 1 ? 'server' : 'servers'}` : '';
  write(
    element('about'),
    `${about}${about && !/[.!?]$/.test(about) ? '.' : ''} ${peers.toLocaleString('en')} peers${machines} on ${topology}, seed ${seed}.`.trim(),
  );
}

function say(text: string): void {
  const state = element('state');
  state.className = 'chip lost';
  write(state, text);
}

listen({
  whole(whole) {
    showName(whole);
    for (const part of parts) part.whole?.(whole);
  },
  frame(frame) {
    for (const part of parts) part.frame?.(frame);
  },
  status(status) {
    for (const part of parts) part.status?.(status);
  },
  lost: () => say('connection lost, trying again'),
  bye: () => say('the process has ended; this is how it stood'),
});
