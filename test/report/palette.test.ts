import test from 'ava';
import { listProtocols } from '../../src/protocol-catalog.js';
import { protocolLooks, seriesLooks, TONES } from '../../src/report/palette.js';

/** Contrast of two colours, as WCAG 2 defines it. */
function contrast(a: string, b: string): number {
  const luminance = (colour: string) => {
    const [red, green, blue] = [1, 3, 5].map((at) => {
      const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}

test('no two protocols that come with Peerage look alike, whoever else is in the report', (t) => {
  const all = listProtocols();
  const looks = protocolLooks(all);
  t.is(new Set([...looks.values()].map((look) => JSON.stringify(look))).size, all.length);
  for (const name of all) t.deepEqual(protocolLooks([name, 'mine', 'chord']).get(name), looks.get(name), name);
  // Where colours are alike, dashes are not.
  const lines = [...looks.values()].map(({ tone, dash }) => `${tone} ${dash}`);
  t.is(new Set(lines).size, all.length);
});

test('the list is fixed: these colours are in every report that was ever made', (t) => {
  const tones = ['chord', 'gnutella', 'kademlia', 'gnutella-ultrapeer', 'pastry', 'napster'].map(
    (name) => protocolLooks([name]).get(name)!.tone,
  );
  t.deepEqual(tones, ['blue', 'vermilion', 'green', 'orange', 'purple', 'sky']);
});

test("a protocol of one's own has a look of its own, the same in every report", (t) => {
  const alone = protocolLooks(['my-protocol']).get('my-protocol')!;
  t.true(['ink', 'olive'].includes(alone.tone));
  t.deepEqual(protocolLooks(['gnutella', 'my-protocol', 'chord']).get('my-protocol'), alone);
  const five = protocolLooks(['a', 'b', 'c', 'd', 'e']);
  t.is(new Set([...five.values()].map((look) => JSON.stringify(look))).size, 5);
  t.notThrows(() => protocolLooks(Array.from({ length: 40 }, (_, at) => `mine-${at}`)));
});

test('series that are no protocols are told apart, up to fifteen of them', (t) => {
  const names = Array.from({ length: 15 }, (_, at) => `ttl ${at}`);
  const looks = seriesLooks(names);
  t.is(new Set([...looks.values()].map((look) => JSON.stringify(look))).size, 15);
});

test('every colour of a line stands out from the page, light and dark, and no two light ones are equal', (t) => {
  const { paper, rule, ...drawn } = TONES;
  for (const [name, tone] of Object.entries(drawn)) {
    t.true(contrast(tone.light, paper.light) >= 3, `${name} on a light page: ${contrast(tone.light, paper.light)}`);
    t.true(contrast(tone.dark, paper.dark) >= 3, `${name} on a dark page: ${contrast(tone.dark, paper.dark)}`);
  }
  t.is(new Set(Object.values(TONES).map(({ light }) => light)).size, Object.keys(TONES).length);
  t.not(rule.light, rule.dark);
});
