/**
 * What is peculiar about a protocol in the conformance suite: a file `test/conformance/expected/<name>.ts` whose default export says so.
 * Without one a protocol is asked what is asked of anyone.
 */

import { existsSync } from 'node:fs';
import type { SettingValue } from '../../src/protocol.js';

export interface Expected {
  /** Settings for quick upkeep, so that a minute is enough. */
  readonly quick?: Readonly<Record<string, SettingValue>>;
  /** Share of queries that succeed without churn (default 0.95), and under the suite's churn (default 0.5). */
  readonly success?: number;
  readonly successUnderChurn?: number;
  /** The same with most peers behind NAT or firewall (default 0.9). */
  readonly successBehindNat?: number;
  /** Mean share of the live holders that a query finds, without churn; default: that of `success` less 0.1. */
  readonly recall?: number;
}

export async function expectedOf(protocol: string): Promise<Expected> {
  const file = new URL(`../conformance/expected/${protocol}.js`, import.meta.url);
  return existsSync(file) ? ((await import(file.href)) as { default: Expected }).default : {};
}
