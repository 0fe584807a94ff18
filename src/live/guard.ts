/**
 * Who may come in. The server listens on the loopback interface only, but any web page in a browser on this machine can send requests
 * there: so a request must know the secret that is in the printed address, must be for this host by name (a foreign name that was made to
 * point here is DNS rebinding), and what changes something must come from the page itself.
 */

import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** 128 bits, in letters that need no escape in an address. */
export function makeSecret(): string {
  return randomBytes(16).toString('base64url');
}

/** Why this request is refused, as a sentence; null when it may come in. */
export function refusal({ headers, method }: Pick<IncomingMessage, 'headers' | 'method'>, port: number): string | null {
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
  if (headers.host === undefined || !hosts.includes(headers.host)) return 'this address is not what the page is served under';
  if (method === 'GET') return null;
  if (method !== 'POST') return 'only GET and POST are understood';
  const { origin, 'sec-fetch-site': site, 'content-type': type } = headers;
  if (origin !== undefined && origin !== `http://${headers.host}`) return 'this request comes from another page';
  if (site !== undefined && site !== 'same-origin') return 'this request comes from another page';
  // A form of another page can send text/plain unasked; for JSON a browser would have to ask first, and gets no leave.
  if (type?.split(';')[0].trim() !== 'application/json') return 'expected application/json';
  return null;
}

/** Whether the path's first part is the secret, and what comes after it. */
export function withinSecret(path: string, secret: string): string | null {
  const [, given = '', ...rest] = path.split('/');
  const [a, b] = [Buffer.from(given), Buffer.from(secret)];
  if (a.length !== b.length || !timingSafeEqual(a, b)) return null;
  return rest.join('/');
}
