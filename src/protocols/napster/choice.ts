/** Which of those who have a file is the best to ask: the nearest by ping, and among equally near ones that with the fastest line. */

import { Call } from '../../overlay/rpc.js';
import type { Download } from '../../overlay/transfer/transfers.js';
import type { Result } from './messages.js';

/** What is known of one who has the file. */
export interface Candidate {
  readonly result: Result;
  /** In whole ms, as clients show it; Infinity when no answer came: it is gone, or behind a gateway that lets no ping in. */
  roundTripMs: number;
}

/** The sources of a download, the best one first once they were pinged: what the download carries as its tag. */
export class Choice {
  readonly candidates: Candidate[];
  /** Pings without an answer so far; -1: none was sent yet. */
  awaited = -1;
  private taken = 0;

  constructor(results: readonly Result[]) {
    this.candidates = results.map((result) => ({ result, roundTripMs: Number.POSITIVE_INFINITY }));
  }

  sort(): void {
    this.candidates.sort((a, b) => {
      if (a.roundTripMs !== b.roundTripMs) return a.roundTripMs < b.roundTripMs ? -1 : 1;
      return b.result.line - a.result.line;
    });
  }

  /** The best one of those that were not taken yet. */
  take(): Candidate | undefined {
    return this.candidates[this.taken++];
  }
}

/** A ping under way. */
export class PingCall extends Call {
  readonly download: Download;
  readonly candidate: Candidate;
  readonly sentMs: number;

  constructor(download: Download, candidate: Candidate, sentMs: number) {
    super();
    this.download = download;
    this.candidate = candidate;
    this.sentMs = sentMs;
  }
}

/** A candidate that the server was asked about. */
export class GetCall extends Call {
  readonly download: Download;
  readonly candidate: Candidate;

  constructor(download: Download, candidate: Candidate) {
    super();
    this.download = download;
    this.candidate = candidate;
  }
}
