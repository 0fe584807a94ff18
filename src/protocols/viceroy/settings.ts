/** Viceroy's settings: those of every circle, and those of its butterfly. */

import { CIRCLE_SETTINGS } from '../../overlay/circle/settings.js';
import type { SettingSpecs, SettingsOf } from '../../protocol.js';

export const SETTINGS = {
  ...CIRCLE_SETTINGS,
  successors: {
    ...CIRCLE_SETTINGS.successors,
    default: 4,
    about: 'how many successors each peer knows; those but the first are spares, and no links of the butterfly (the paper has none)',
  },
  lookupTimeoutMs: {
    ...CIRCLE_SETTINGS.lookupTimeoutMs,
    default: 15_000, // 20 hops, and a few dead peers on the way at two timeouts each
  },
  vicinity: {
    default: 'hopping',
    oneOf: ['hopping', 'ring'],
    about: 'last part of a lookup: along ring and level ring (section 7 of the paper), or peer by peer along the ring (its simple version)',
  },
  levelCount: {
    default: 0,
    min: 0,
    max: 48,
    integer: true,
    about: 'a level is drawn from 1 to this; 0: to the logarithm of N as estimated from the distance to the successor',
  },
  levels: { default: [] as readonly number[], about: 'levels of the first peers, in order, instead of drawn ones' },
  reselect: { default: true, about: 'a peer draws its level again when its estimate of log N has changed' },
  linksMs: { default: 15_000, min: 0, about: 'period in which a peer finds one of its five butterfly and level ring links anew; 0: never' },
  scanFactor: {
    default: 8,
    min: 1,
    integer: true,
    about: 'a peer of a given level is looked for among so many times log N peers along the ring; one in log N has it',
  },
} satisfies SettingSpecs;

export type ViceroySettings = SettingsOf<typeof SETTINGS>;
