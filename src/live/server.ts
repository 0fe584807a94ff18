/**
 * The server of a live page: its files, a stream of events for each viewer, and one door for what a viewer asks. It listens on the
 * loopback interface only; `guard.ts` says who may come in.
 */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Problem } from '../problem.js';
import { makeSecret, refusal, withinSecret } from './guard.js';
import type { Sink } from './hub.js';
import { type Page, readPage } from './page-files.js';

/** What a request may carry; a sentence of the fault language is far below it. */
const MOST_BYTES = 10_000;

/** What stands behind the server. */
export interface Behind {
  /** A viewer has come; it goes when its sink closes. */
  watch(sink: Sink): void;
  /** Does what a viewer asks. Rejects with a Problem, whose sentence the viewer is shown. */
  ask(what: unknown): Promise<unknown>;
  /** The run's report as a page of its own; null: there is none (yet). */
  report(): string | Uint8Array | null;
}

export interface LiveServer {
  /** With the secret in it: whoever has it may watch and ask. */
  readonly url: string;
  close(): Promise<void>;
}

/** @param port 0: any that is free. @throws Problem when the port is taken */
export async function serve(behind: Behind, port = 0): Promise<LiveServer> {
  const page = readPage();
  const secret = makeSecret();
  const server = createServer((request, response) => {
    const listening = (server.address() as AddressInfo).port;
    answer(request, response, { page, secret, behind, port: listening }).catch((error: unknown) => {
      if (!response.headersSent) say(response, 500, (error as Error).message);
      else response.destroy();
    });
  });
  await listen(server, port);
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/${secret}/`;
  return {
    url,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const reasons: Readonly<Record<string, string>> = { EADDRINUSE: 'it is taken', EACCES: 'no permission' };
      reject(new Problem(`cannot listen on port ${port}: ${reasons[error.code ?? ''] ?? error.message}`, 'usage'));
    });
    server.listen(port, '127.0.0.1', resolve);
  });
}

interface House {
  readonly page: Page;
  readonly secret: string;
  readonly behind: Behind;
  readonly port: number;
}

async function answer(request: IncomingMessage, response: ServerResponse, { page, secret, behind, port }: House): Promise<void> {
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('Referrer-Policy', 'no-referrer');
  response.setHeader('Cross-Origin-Resource-Policy', 'same-origin');
  response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
  response.setHeader('Cache-Control', 'no-store');
  response.setHeader('Content-Security-Policy', page.policy);
  const refused = refusal(request, port);
  if (refused !== null) return say(response, 403, refused);
  const { pathname } = new URL(request.url ?? '/', 'http://127.0.0.1');
  const address = withinSecret(pathname, secret);
  if (address === null)
    return say(response, 404, 'open the address exactly as the terminal shows it: the word in it is the key to this page');

  if (request.method === 'POST') {
    if (address !== 'ask') return say(response, 404, 'there is nothing to ask here');
    return ask(request, response, behind);
  }
  if (address === 'events') {
    response.writeHead(200, { 'Content-Type': 'text/event-stream', Connection: 'keep-alive' });
    response.flushHeaders();
    return behind.watch(response);
  }
  if (address === 'report') return report(response, behind);
  const file = page.files.get(address);
  if (file === undefined) return say(response, 404, 'there is no such file');
  response.writeHead(200, { 'Content-Type': file.type }).end(file.text);
}

async function ask(request: IncomingMessage, response: ServerResponse, behind: Behind): Promise<void> {
  let text = '';
  for await (const part of request.setEncoding('utf8')) {
    text += part;
    if (text.length > MOST_BYTES) return say(response, 413, 'that is too long');
  }
  let what: unknown;
  try {
    what = JSON.parse(text);
  } catch {
    return say(response, 400, 'expected JSON');
  }
  try {
    json(response, (await behind.ask(what)) ?? {});
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    // The request was understood and answered; that the answer is no is none of HTTP's business, and browsers would log it as an error.
    json(response, { problem: error.message });
  }
}

/** A report is a page with scripts and styles of its own, and nothing else: it runs in a sandbox that cannot reach this page. */
function report(response: ServerResponse, behind: Behind): void {
  const html = behind.report();
  if (html === null) {
    say(response, 404, 'there is no report');
    return;
  }
  response.setHeader(
    'Content-Security-Policy',
    "sandbox allow-scripts allow-downloads; default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; font-src data:",
  );
  response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' }).end(html);
}

function json(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(value));
}

function say(response: ServerResponse, status: number, sentence: string): void {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' }).end(`${sentence}\n`);
}
