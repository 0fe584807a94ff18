/**
 * One item on its way here, from one source or several. What is missing is asked for part by part: of whoever is free; and when a source
 * dies, refuses, lets wait or sends what is wrong, of the next.
 */

import type { Address, CloseReason, Connection, Key, Peer } from '../../protocol.js';
import type { LocateOperation } from '../../services/locate.js';
import { Line } from './line.js';
import { contentMark, type TransferBlock, type TransferBusy, type TransferGet, type TransferMessage } from './messages.js';
import { type Part, Parts } from './parts.js';
import type { TransferSettings } from './settings.js';
import type { Source, TransferUser } from './user.js';

/** After so many parts that only it has sent, and that were wrong, a source is not asked again. */
const MOST_SPOILT = 3;

/** A source, and what has become of it. */
export interface Candidate {
  readonly source: Source;
  /** To be asked; being asked; to be asked again after a rest; not to be asked. */
  state: 'spare' | 'used' | 'resting' | 'lost';
  refusals: number;
  spoilt: number;
}

/** What a download needs of the peer's `Transfers`. */
export interface DownloadHost {
  readonly peer: Peer;
  readonly settings: TransferSettings;
  readonly user: TransferUser;
  /** Numbers not used yet. */
  nextToken(): number;
  /** Whom a source that was asked to call will ask for. */
  readonly called: Map<number, Line>;
}

const watch = (line: Line) => line.download.watch(line);
const wake = ({ download, candidate }: { download: Download; candidate: Candidate }) => download.wake(candidate);
const giveUp = (download: Download) => download.giveUp();

/** One item on its way to this peer. */
export class Download {
  readonly key: Key;
  readonly sizeBytes: number;
  /** For the protocol's own use: what was given to `fetch`. */
  readonly tag: unknown;
  /** It is here, or was given up. */
  ended = false;
  /** Everything is here, and as far as this peer could see it is right. */
  done = false;
  private readonly host: DownloadHost;
  private readonly operation: LocateOperation;
  private readonly parts: Parts;
  private readonly candidates = new Map<Address, Candidate>();
  /** Candidates to be asked, the best one first. */
  private readonly spare: Candidate[] = [];
  private readonly lines: Line[] = [];
  private resting = 0;
  /** Since when nobody is left; -1: somebody is. */
  private strandedMs = -1;
  /** Whether any source could have been reached, in theory. */
  private wasPossible = false;
  private isGenuine = true;

  constructor(host: DownloadHost, operation: LocateOperation, sources: readonly Source[], tag: unknown) {
    this.host = host;
    this.operation = operation;
    this.tag = tag;
    this.key = operation.key;
    this.sizeBytes = operation.downloadBytes;
    this.parts = new Parts(this.sizeBytes, host.settings.partBytes);
    for (const source of sources) this.enter(source);
    this.advance();
  }

  /**
   * Another source; or one that was lost, and is worth another try.
   * @returns false when it is of no use: known already, banned, this peer itself, or neither of the two can be called
   */
  addSource(source: Source): boolean {
    if (this.ended || !this.enter(source)) return false;
    this.operation.downloading(); // a source found by a late answer is asked for the download's sake, not the query's
    this.advance();
    return true;
  }

  /** Whoever was ever named as a source of it. */
  get sources(): Iterable<Address> {
    return this.candidates.keys();
  }

  // What the lines hear.

  onOpen(line: Line): void {
    this.ask(line);
    this.advance();
  }

  /** The source has called, as it was asked to. */
  onHere(line: Line, connection: Connection): void {
    line.connection = connection;
    this.onOpen(line);
  }

  onMessage(line: Line, message: TransferMessage): void {
    line.heardMs = this.host.peer.now;
    switch (message.type) {
      case 'transfer-block':
        this.onBlock(line, message);
        return;
      case 'transfer-busy':
        this.onBusy(line, message);
        return;
      case 'transfer-ready':
        if (line.state === 'queued') this.onReady(line);
        return;
      case 'transfer-none':
        this.end(line, 'lost');
        this.advance();
        return;
    }
  }

  onClose(line: Line, reason: CloseReason): void {
    this.lose(line, reason === 'timed-out');
  }

  /** Looks whether a source that has to say something has done so. */
  watch(line: Line): void {
    if (line.state === 'gone') return;
    const { peer, settings } = this.host;
    const isAwaited = line.state === 'asked' || line.state === 'called';
    const silentMs = isAwaited ? peer.now - line.heardMs : 0;
    // At least 1 ms: a difference of times may round to nothing.
    if (silentMs < settings.transferTimeoutMs) peer.after(Math.max(1, settings.transferTimeoutMs - silentMs), watch, line);
    else this.lose(line, true);
  }

  /** One that has refused is worth another try. */
  wake(candidate: Candidate): void {
    if (this.ended) return;
    this.resting--;
    candidate.state = 'spare';
    this.spare.push(candidate);
    this.advance();
  }

  /** Nobody was left, and nobody has come since. */
  giveUp(): void {
    const { peer, settings } = this.host;
    // At least all but 1 ms: a difference of times may round.
    if (this.ended || this.strandedMs < 0 || peer.now - this.strandedMs < settings.downloadPatienceMs - 1) return;
    peer.count(this.wasPossible || this.candidates.size === 0 ? 'downloads-failed' : 'downloads-impossible');
    this.finish();
  }

  // What is done about it.

  private enter(source: Source): boolean {
    const { peer } = this.host;
    if (source.address === peer.address) return false;
    let candidate = this.candidates.get(source.address);
    if (candidate === undefined) {
      candidate = { source, state: 'lost', refusals: 0, spoilt: 0 };
      this.candidates.set(source.address, candidate);
    }
    const isPossible = source.reachable || peer.reachable;
    if (candidate.state !== 'lost' || candidate.spoilt >= MOST_SPOILT || !isPossible) return false;
    this.wasPossible = true;
    candidate.state = 'spare';
    this.spare.push(candidate);
    return true;
  }

  /** Parts that wait go to lines without one, and to new lines as far as more sources may be used; without any, it is stranded. */
  private advance(): void {
    if (this.ended) return;
    const { lines, spare, parts, host } = this;
    for (const line of lines) if (line.state === 'idle') this.ask(line);
    let opening = 0;
    let working = 0;
    for (const { state } of lines) {
      if (state === 'opening' || state === 'called') opening++;
      if (state !== 'queued' && state !== 'idle') working++;
    }
    for (; spare.length > 0 && working < host.settings.sourcesPerDownload && opening < parts.waiting; opening++, working++) {
      this.open(spare.shift() as Candidate);
    }
    if (lines.length > 0 || spare.length > 0 || this.resting > 0) this.strandedMs = -1;
    else if (this.strandedMs < 0) {
      this.strandedMs = host.peer.now;
      host.peer.after(host.settings.downloadPatienceMs, giveUp, this);
      host.user.onNobodyLeft?.(this);
    }
  }

  private open(candidate: Candidate): void {
    const { peer, settings, user, called } = this.host;
    const line = new Line(this, candidate, this.host.nextToken(), peer.now);
    const { source } = candidate;
    candidate.state = 'used';
    this.lines.push(line);
    const timeoutMs = settings.transferTimeoutMs;
    peer.after(timeoutMs, watch, line);
    if (source.reachable) {
      line.connection = peer.connect(source.address, { timeoutMs, writeTimeoutMs: timeoutMs, keepAliveMs: timeoutMs, tag: line });
    } else {
      called.set(line.token, line);
      peer.count('callbacks-asked');
      user.askCallback(source, line.token, this.key);
    }
  }

  /** Asks for a part, if there is one for this source. */
  private ask(line: Line): void {
    const { candidate } = line;
    const part = this.parts.take(candidate.source.address, (wanted) => !this.hasOtherFor(wanted, candidate));
    if (part === undefined) {
      line.state = 'idle';
      return;
    }
    line.state = 'asked';
    line.part = part;
    line.heardMs = this.host.peer.now;
    const [at, bytes] = [part.at + part.got, part.bytes - part.got];
    const rank = this.host.user.rank?.() ?? 0;
    line.connection?.send({ type: 'transfer-get', token: line.token, key: this.key, at, bytes, rank } satisfies TransferGet);
  }

  /** Whether somebody else may still send this part right. */
  private hasOtherFor(part: Part, than: Candidate): boolean {
    for (const other of this.candidates.values()) {
      if (other !== than && other.state !== 'lost' && !part.avoid.includes(other.source.address)) return true;
    }
    return false;
  }

  private onBlock(line: Line, { at, bytes, mark }: TransferBlock): void {
    const { part } = line;
    // What was on its way when something else was asked for is of no use.
    if (part === null || at !== part.at + part.got || bytes > part.bytes - part.got) return;
    const { address } = line.candidate.source;
    part.got += bytes;
    if (mark !== contentMark(this.key, at)) part.isGenuine = false;
    if (this.host.user.verifyPart !== undefined) part.marks.push(mark);
    if (!part.givers.includes(address)) part.givers.push(address);
    if (part.complete) this.onPart(line, part);
  }

  private onPart(line: Line, part: Part): void {
    const { peer, user } = this.host;
    line.part = null;
    if (user.verifyPart?.(this.key, part.at, part.marks) === false) {
      peer.count('parts-corrupt');
      if (part.givers.length === 1) line.candidate.spoilt++;
      part.spoil();
      this.parts.giveBack(part);
      if (line.candidate.spoilt >= MOST_SPOILT) {
        peer.count('download-sources-banned');
        this.end(line, 'lost');
      } else this.ask(line);
    } else {
      if (!part.isGenuine) this.isGenuine = false;
      this.parts.finish(part);
      if (this.parts.complete) this.complete();
      else this.ask(line);
    }
    this.advance();
  }

  /** The source lets wait, or refuses: meanwhile others are asked. */
  private onBusy(line: Line, { queued }: TransferBusy): void {
    const { candidate } = line;
    const { peer, settings } = this.host;
    if (queued > 0) {
      this.dropPart(line);
      line.state = 'queued';
    } else if (candidate.refusals++ < settings.transferRetries) {
      this.end(line, 'resting');
      this.resting++;
      // Not all who were refused together come back together.
      peer.after(settings.transferRetryMs * (0.5 + peer.random.next()), wake, { download: this, candidate });
    } else this.end(line, 'lost');
    this.advance();
  }

  /** This peer's turn. When nothing is left to ask for, the next one in the queue shall have it. */
  private onReady(line: Line): void {
    this.ask(line);
    if (line.state === 'idle') {
      this.end(line, 'spare');
      this.spare.push(line.candidate);
    }
    this.advance();
  }

  private lose(line: Line, isSilent: boolean): void {
    if (line.state === 'gone') return;
    const { peer } = this.host;
    peer.count('download-sources-lost');
    if (isSilent) peer.timedOut();
    this.end(line, 'lost');
    this.advance();
  }

  /** Ends a line; what it was to bring is open again. */
  private end(line: Line, state: Candidate['state']): void {
    this.dropPart(line);
    this.hangUp(line);
    line.candidate.state = state;
    this.lines.splice(this.lines.indexOf(line), 1);
  }

  private dropPart(line: Line): void {
    if (line.part !== null) this.parts.giveBack(line.part);
    line.part = null;
  }

  private hangUp(line: Line): void {
    if (line.state === 'asked') line.connection?.reset();
    else line.connection?.close();
    line.state = 'gone';
    this.host.called.delete(line.token);
  }

  private complete(): void {
    this.done = true;
    if (this.isGenuine) {
      this.host.peer.count('downloads-done');
      this.operation.obtained();
    } else this.host.peer.count('downloads-spoilt');
    this.finish();
  }

  private finish(): void {
    this.ended = true;
    for (const line of this.lines) this.hangUp(line);
    this.lines.length = 0;
    this.spare.length = 0;
    this.host.user.onEnd?.(this);
  }
}
