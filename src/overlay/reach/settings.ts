/** Settings of `Reach`, for protocols to spread among their own. */

import type { SettingSpecs, SettingsOf } from '../../protocol.js';

/** To be spread into the `settings` of a definition that uses `Reach`. */
export const REACH_SETTINGS = {
  transport: { default: 'datagram', oneOf: ['datagram', 'connection'], about: 'what paths are made of' },
  rendezvous: { default: 2, integer: true, min: 1, max: 16, about: 'rendezvous a peer is registered with' },
  punching: { default: true, about: 'whether holes are punched' },
  relaying: { default: true, about: 'whether paths are relayed when there is no other way' },
  mapPort: { default: true, about: 'whether a peer asks its gateway for an address that anybody may use' },
  // RFC 8445, 14.3: an answer to a check is waited for at least 500 ms; here some checks may be lost, too.
  directMs: { default: 1500, min: 1, about: 'how long the direct way is tried' },
  punchMs: { default: 4000, min: 1, about: 'how long hole punching is tried, and then the relay' },
  probeMs: { default: 250, min: 1, about: 'time between two probes of one address, by datagrams' },
  // RFC 8445, 11: every 15 s.
  keepAliveMs: { default: 15_000, min: 0, about: 'a path of datagrams is never silent for longer; 0: nothing is sent to keep it' },
  refreshMs: { default: 20_000, min: 1, about: 'time between two signs of life to a rendezvous; one silent for three is forgotten' },
  // As libp2p's circuit relay v2 has it.
  relayLimitBytes: { default: 131_072, integer: true, min: 0, about: 'what a relay carries for one path, both ways; 0: without limit' },
  relayPaths: { default: 128, integer: true, min: 0, about: 'paths that one relay carries at a time' },
} as const satisfies SettingSpecs;

/** Periods of `keepAliveMs` in which the other side of a path may be silent before it counts as gone. */
export const SILENT_PERIODS = 3;

/** Their values. */
export type ReachSettings = SettingsOf<typeof REACH_SETTINGS>;
