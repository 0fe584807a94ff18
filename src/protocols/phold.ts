/**
 * PHOLD, the parallel hold model: the standard benchmark of simulation kernels (Fujimoto, "Performance of Time Warp under synthetic
 * workloads", SCS Multiconference on Distributed Simulation, 1990). Every peer starts with `population` jobs; a peer that gets a job
 * keeps it for an exponential time (or not at all, `meanDelayMs: 0`, so that the network's latency is the only delay) and sends it to
 * a peer drawn uniformly from all others. The number of jobs stays the same, so the pending events do, and nothing else is done.
 *
 * Started converged, a peer knows everybody, through one array per shard. Joining one by one it asks the bootstrap for each target,
 * which is slower; a job of a peer that is alone waits.
 */

import { type Address, defineProtocol, type Peer, type Protocol, type SettingSpecs, type SettingsOf } from '../protocol.js';

type Job = { readonly type: 'job' };

const JOB: Job = Object.freeze({ type: 'job' });
/** Jobs start at uniform random times within this, so that a population without local delay does not go in step. */
const START_SPREAD_MS = 1000;
/** Rest of a job that finds nobody to go to. */
const ALONE_MS = 1000;

const SETTINGS = {
  population: { default: 1, integer: true, min: 1, max: 1_000_000, about: 'jobs per peer' },
  meanDelayMs: { default: 1000, min: 0, about: 'mean of the exponential time a peer keeps a job; 0: sends it on at once' },
  payloadBytes: { default: 100, integer: true, min: 0, max: 65_507, about: 'bytes of a job without headers' },
} as const satisfies SettingSpecs;

class Holder implements Protocol<Job> {
  private readonly peer: Peer;
  private readonly settings: SettingsOf<typeof SETTINGS>;
  /** Addresses of all peers by index, and this peer's index among them; null when it joined. */
  private everyone: Float64Array | null = null;
  private index = -1;

  constructor(peer: Peer, settings: SettingsOf<typeof SETTINGS>) {
    this.peer = peer;
    this.settings = settings;
  }

  /** Tells the peer who there is. */
  know(everyone: Float64Array, index: number): void {
    this.everyone = everyone;
    this.index = index;
  }

  join(): void {
    for (let job = 0; job < this.settings.population; job++) this.peer.after(this.peer.random.next() * START_SPREAD_MS, this.passOn);
  }

  onMessage(): void {
    if (this.settings.meanDelayMs > 0) this.peer.after(this.peer.random.exponential(this.settings.meanDelayMs), this.passOn);
    else this.passOn();
  }

  private passOn(): void {
    const target = this.target();
    if (target === undefined) this.peer.after(ALONE_MS, this.passOn);
    else this.peer.send(target, JOB);
  }

  private target(): Address | undefined {
    if (this.everyone === null || this.everyone.length < 2) return this.peer.bootstrap(1).at(0);
    const drawn = this.peer.random.integer(this.everyone.length - 1);
    return this.everyone[drawn < this.index ? drawn : drawn + 1];
  }
}

export default defineProtocol({
  about: 'benchmark: PHOLD, jobs wander between random peers',
  source: 'Fujimoto, Performance of Time Warp under synthetic workloads, 1990',
  settings: SETTINGS,
  messages: { job: [] },
  sizeOf: (_message: Job, settings) => settings.payloadBytes,
  create: (peer, settings) => new Holder(peer, settings),
  converge(all) {
    const everyone = Float64Array.from({ length: all.count }, (_, index) => all.address(index));
    for (const { index, protocol } of all.local) {
      protocol.know(everyone, index);
      protocol.join();
    }
  },
});
