import test from 'ava';
import { meanMs, medianMs } from '../../src/population/durations.js';
import { PRESETS, presetsWith } from '../../src/population/presets.js';

const minutes = (ms: number) => (ms / 60_000).toFixed(1);

test('the presets have the published figures', (t) => {
  const { kad, bittorrent, gnutella } = PRESETS;
  t.like(kad.session, { kind: 'weibull', shape: 0.61511 });
  t.like(kad.downtime, { kind: 'weibull', shape: 0.47648 });
  t.is(minutes((kad.session as { scaleMs: number }).scaleMs), '169.5');
  t.is(minutes((kad.downtime as { scaleMs: number }).scaleMs), '413.7');
  t.is(minutes((bittorrent.session as { scaleMs: number }).scaleMs), '42.4');
  t.is(minutes(medianMs(gnutella.session)), '60.0');
  // As docs/scenario.md states them.
  t.deepEqual(
    Object.values(PRESETS).map(({ session }) => [minutes(medianMs(session)), minutes(meanMs(session))]),
    [
      ['93.4', '247.1'],
      ['16.2', '163.4'],
      ['60.0', '683.5'],
    ],
  );
});

test('each names its source, and what is no published fit is marked', (t) => {
  for (const { source } of Object.values(PRESETS)) t.regex(source, /(19|20)\d\d/);
  t.deepEqual(
    Object.keys(PRESETS).filter((name) => PRESETS[name].synthetic),
    ['gnutella'],
  );
  t.deepEqual(presetsWith('session'), ['kad', 'bittorrent', 'gnutella']);
  t.deepEqual(presetsWith('downtime'), ['kad']);
});
