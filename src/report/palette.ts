/**
 * Colours, dashes and markers. Each protocol that comes with Peerage has its own, the same in every report; no two share all three, so colour
 * is never the only thing that tells them apart. The hues are Okabe and Ito's, which people with any colour vision can tell apart, darkened
 * until each stands out from white paper (3:1), and lightened for a dark page.
 */

export interface Tone {
  readonly light: string;
  readonly dark: string;
}

/** Every colour of a picture. A light colour stands for its tone while a picture is drawn, so no two may be equal. */
export const TONES = {
  blue: { light: '#0072b2', dark: '#4fa8e8' },
  vermilion: { light: '#d55e00', dark: '#ff8a4c' },
  green: { light: '#00896a', dark: '#2fcfa4' },
  orange: { light: '#b87a00', dark: '#f0ad1c' },
  purple: { light: '#b5568a', dark: '#e58fbf' },
  sky: { light: '#2b93c9', dark: '#8fd3fb' },
  olive: { light: '#7d7a00', dark: '#e5dc4a' },
  ink: { light: '#1f2328', dark: '#e8eaed' },
  quiet: { light: '#59616b', dark: '#a3abb5' },
  rule: { light: '#e3e6ea', dark: '#33383f' },
  paper: { light: '#ffffff', dark: '#16181c' },
  fault: { light: '#c9302c', dark: '#ff7b72' },
} as const satisfies Readonly<Record<string, Tone>>;
export type ToneName = keyof typeof TONES;

export type Dash = 'solid' | 'dashed' | 'dotted';

/** How a series looks. */
export interface Look {
  readonly tone: ToneName;
  readonly dash: Dash;
  /** As ECharts names its symbols. */
  readonly marker: string;
}

const look = (tone: ToneName, dash: Dash, marker: string): Look => ({ tone, dash, marker });

/** Those that are often compared differ in colour; those that share one are of a kind. */
const SHIPPED: Readonly<Record<string, Look>> = {
  chord: look('blue', 'solid', 'circle'),
  viceroy: look('blue', 'dotted', 'diamond'),
  phold: look('blue', 'dashed', 'rect'),
  gnutella: look('vermilion', 'solid', 'rect'),
  'random-walk': look('vermilion', 'dashed', 'emptyRect'),
  ping: look('vermilion', 'dotted', 'circle'),
  kademlia: look('green', 'solid', 'triangle'),
  tapestry: look('green', 'dashed', 'emptyTriangle'),
  rendezvous: look('green', 'dotted', 'circle'),
  'gnutella-ultrapeer': look('orange', 'solid', 'diamond'),
  kazaa: look('orange', 'dashed', 'emptyDiamond'),
  edonkey: look('orange', 'dotted', 'rect'),
  pastry: look('purple', 'solid', 'emptyCircle'),
  can: look('purple', 'dashed', 'emptyRect'),
  freenet: look('purple', 'dotted', 'rect'),
  napster: look('sky', 'solid', 'triangle'),
  'dht-index': look('sky', 'dashed', 'emptyTriangle'),
  ring: look('sky', 'dotted', 'emptyCircle'),
};

/** For protocols of one's own: two colours that none of those that come with Peerage has. */
const OWN: readonly Look[] = (['solid', 'dashed', 'dotted'] as const).flatMap((dash, at) => [
  look('ink', dash, ['circle', 'emptyRect', 'triangle'][at]),
  look('olive', dash, ['diamond', 'emptyCircle', 'rect'][at]),
]);

/** For series that are no protocols, in the order in which they are told apart best. */
const PLAIN: readonly Look[] = ['chord', 'gnutella', 'kademlia', 'gnutella-ultrapeer', 'pastry', 'napster']
  .map((name) => SHIPPED[name])
  .concat(
    OWN,
    ['viceroy', 'random-walk', 'tapestry', 'kazaa', 'can', 'dht-index'].map((name) => SHIPPED[name]),
  );

/**
 * The look of each of these protocols. One of your own gets the same in every report, by its name; where two of them in one report would
 * look alike, the second in alphabetical order gets the next one that is free.
 */
export function protocolLooks(names: Iterable<string>): Map<string, Look> {
  const looks = new Map<string, Look>();
  const taken = new Set<Look>();
  for (const name of [...new Set(names)].sort()) {
    let found = SHIPPED[name];
    if (found === undefined) {
      const first = [...name].reduce((sum, sign) => sum + sign.codePointAt(0)!, 0) % OWN.length;
      const order = OWN.map((_, step) => OWN[(first + step) % OWN.length]);
      found = order.find((each) => !taken.has(each)) ?? order[0];
      taken.add(found);
    }
    looks.set(name, found);
  }
  return looks;
}

/** The look of each of these series, which are no protocols, in the order given. */
export function seriesLooks(names: readonly string[]): Map<string, Look> {
  return new Map(names.map((name, at) => [name, PLAIN[at % PLAIN.length]]));
}

/** The light colour of a tone, which drawing turns into the page's. */
export const colour = (tone: ToneName): string => TONES[tone].light;
