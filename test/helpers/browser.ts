/** A real browser, where one is installed: headless Chromium, driven by playwright-core, which brings none of its own. */

import { existsSync } from 'node:fs';
import type { ExecutionContext } from 'ava';
import { type Browser, chromium } from 'playwright-core';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const FLAGS =
  '--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync';

/** Closed when the test is over. Null where there is no browser: the test says so and passes. */
export async function browser(t: ExecutionContext): Promise<Browser | null> {
  const executablePath = PLACES.find((path) => existsSync(path));
  if (executablePath === undefined) {
    t.log(`not tested: no browser is installed (${PLACES.join(', ')})`);
    t.pass();
    return null;
  }
  const opened = await chromium.launch({ executablePath, args: FLAGS.split(' ') });
  t.teardown(() => opened.close());
  return opened;
}
