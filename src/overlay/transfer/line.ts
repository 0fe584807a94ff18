/** A download's line to one source: the connection, when there is one, and what was asked for over it. */

import type { Connection } from '../../protocol.js';
import type { Candidate, Download } from './download.js';
import type { Part } from './parts.js';

export class Line {
  readonly download: Download;
  readonly candidate: Candidate;
  /** The downloader's number for it, in every message. */
  readonly token: number;
  /**
   * A connection is being opened; the source was asked to call; a part was asked for; the source has put this peer into its queue; there
   * is nothing to ask for; it is over.
   */
  state: 'opening' | 'called' | 'asked' | 'queued' | 'idle' | 'gone';
  connection: Connection | null = null;
  part: Part | null = null;
  /** When the source last gave a sign of life, or was asked for one. */
  heardMs: number;

  constructor(download: Download, candidate: Candidate, token: number, now: number) {
    this.download = download;
    this.candidate = candidate;
    this.token = token;
    this.state = candidate.source.reachable ? 'opening' : 'called';
    this.heardMs = now;
  }
}
