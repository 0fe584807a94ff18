/**
 * One measured run, in a child process of its own: heaps, compiled code and garbage of one run cannot slow down or speed up the next.
 */

import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** What a child is asked to do. Two figures that need the same contestant share its runs. */
export interface Contestant {
  readonly label: string;
  readonly program: 'baseline' | 'peerage' | 'watched';
  readonly arguments: readonly string[];
}

/** What a child reports. Rates are over the event loop alone, without building the overlay or starting threads. */
export interface Sample {
  /** Messages delivered. */
  readonly messages: number;
  readonly messagesPerSecond: number;
  /** 0 for the baseline, which does not count them. */
  readonly eventsPerSecond: number;
  /** Of the whole run, for the baseline of its loop. */
  readonly wallMs: number;
  readonly rssBytes: number;
  readonly bytesPerPeer: number | null;
  /** Events of the run, its length in virtual time, and segments that carried payload on connections; 0 for the baseline. */
  readonly events: number;
  readonly virtualMs: number;
  readonly segments: number;
}

export function baseline(...args: (string | number)[]): Contestant {
  return { label: `by hand: ${args.join(' ')}`, program: 'baseline', arguments: args.map(String) };
}

/** `peerage run <scenario> --peers <peers> --shards <shards> ...`. */
export function peerage(scenario: string, peers: number, shards: number, ...more: string[]): Contestant {
  const args = ['run', scenario, '--peers', String(peers), '--shards', String(shards), ...more];
  return { label: `peerage ${args.join(' ')}`, program: 'peerage', arguments: args };
}

/** The same on the live page. */
export function watched(scenario: string, peers: number, shards: number, ...set: string[]): Contestant {
  const args = [scenario, String(peers), String(shards), ...set];
  return { label: `watched ${args.join(' ')}`, program: 'watched', arguments: args };
}

const PROGRAMS = { baseline: './baseline.js', peerage: '../src/cli/main.js', watched: './watched.js' };
const run = promisify(execFile);

/** Runs it and waits. Throws what the child said on stderr when it fails. */
export async function sample(contestant: Contestant): Promise<Sample> {
  const program = fileURLToPath(new URL(PROGRAMS[contestant.program], import.meta.url));
  const out = await mkdtemp(join(tmpdir(), 'peerage-bench-'));
  try {
    const more = contestant.program === 'peerage' ? ['--json', '--quiet', '--no-report', '--out', out] : [];
    const { stdout } = await run(execPath, [program, ...contestant.arguments, ...more], { maxBuffer: 2 ** 28 });
    return contestant.program === 'baseline' ? fromBaseline(JSON.parse(stdout)) : fromSummary(JSON.parse(stdout));
  } catch (error) {
    const { stderr, message } = error as Error & { stderr?: string };
    throw new Error(`${contestant.label} failed: ${stderr?.trim() || message}`);
  } finally {
    await rm(out, { recursive: true, force: true });
  }
}

function fromSummary(summary: {
  readonly messages: { readonly delivered: number };
  readonly messagesPerSecond: number;
  readonly eventsPerSecond: number;
  readonly wallMs: number;
  readonly memory: { readonly rssBytes: number; readonly bytesPerPeer: number | null };
  readonly events: number;
  readonly virtualMs: number;
  readonly connections: { readonly segments: { readonly sent: number } } | null;
}): Sample {
  const { messages, messagesPerSecond, eventsPerSecond, wallMs, memory, events, virtualMs, connections } = summary;
  const { rssBytes, bytesPerPeer } = memory;
  const segments = connections?.segments.sent ?? 0;
  return { messages: messages.delivered, messagesPerSecond, eventsPerSecond, wallMs, rssBytes, bytesPerPeer, events, virtualMs, segments };
}

function fromBaseline(result: { readonly messages: number; readonly wallMs: number; readonly rssBytes: number }): Sample {
  const { messages, wallMs, rssBytes } = result;
  const messagesPerSecond = (messages / wallMs) * 1000;
  return { messages, messagesPerSecond, eventsPerSecond: 0, wallMs, rssBytes, bytesPerPeer: null, events: 0, virtualMs: 0, segments: 0 };
}
