/** A report as a person meets it: opened from the disk in a browser. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import test from 'ava';
import { comparisonReport } from '../../src/report/comparison-report.js';
import { addReport } from '../../src/results/add-report.js';
import { browser } from '../helpers/browser.js';
import { overviewOf } from '../helpers/overviews.js';

const PROTOCOLS = ['napster', 'gnutella', 'chord', 'kademlia', 'can', 'pastry', 'freenet'];

test('it opens from disk without a word on the console, sorts by click and by key, copies, and follows light, dark and telephone', async (t) => {
  const chromium = await browser(t);
  if (chromium === null) return;
  const folder = mkdtempSync(join(tmpdir(), 'peerage-page-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const runs = PROTOCOLS.map((protocol, at) => overviewOf(protocol, { latencyMs: 100 + ((at * 5) % 7) * 300 }));
  const which = PROTOCOLS.map((protocol) => ({ protocol, value: null, folder: `../${protocol}` }));
  const path = addReport(
    folder,
    await comparisonReport({ schema: 1, scenario: 's', command: 'npx peerage compare s', varied: null, runs: which }, runs),
  );

  const context = await chromium.newContext({ colorScheme: 'light', viewport: { width: 1200, height: 900 } });
  const page = await context.newPage();
  const said: string[] = [];
  page.on('console', (message) => said.push(message.text()));
  page.on('pageerror', (error) => said.push(String(error)));
  page.on('request', (request) => {
    if (!request.url().startsWith('file:')) said.push(request.url());
  });
  await page.goto(pathToFileURL(path).href);

  const table = page.locator('table.sortable').first();
  const column = (name: string) => table.locator('thead button', { hasText: name });
  const cells = (at: number) => table.locator(`tbody tr > :nth-child(${at})`).allTextContents();
  const before = await cells(1);
  t.deepEqual(before, PROTOCOLS);
  await column('p50').click();
  const heads = await table.locator('thead th').allTextContents();
  const p50 = heads.indexOf('p50') + 1;
  t.deepEqual(await cells(p50), ['100 ms', '400 ms', '700 ms', '1 s', '1.30 s', '1.60 s', '1.90 s'], 'by size, not by letters');
  t.is(
    await table
      .locator('thead th')
      .nth(p50 - 1)
      .getAttribute('aria-sort'),
    'ascending',
  );
  await column('protocol').focus();
  await page.keyboard.press('Enter');
  t.deepEqual(await cells(1), PROTOCOLS.toSorted());
  await page.keyboard.press(' ');
  t.deepEqual(await cells(1), PROTOCOLS.toSorted().reverse());
  t.is(
    await table
      .locator('thead th')
      .nth(p50 - 1)
      .getAttribute('aria-sort'),
    'none',
  );

  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await table.locator('button.copy').click();
  await table.locator('button.copy', { hasText: 'Copied' }).waitFor();
  const tsv = await page.evaluate('navigator.clipboard.readText()');
  const [first, second] = String(tsv)
    .split('\n')
    .map((line) => line.split('\t'));
  t.deepEqual([first[0], second[0], first.length], ['protocol', 'pastry', second.length]);

  const colours = () =>
    page.evaluate(
      "[document.body, document.querySelector('.s-blue, .f-blue')].map((each) => getComputedStyle(each)).map((s) => s.backgroundColor + s.fill + s.stroke).join()",
    );
  const light = await colours();
  await page.emulateMedia({ colorScheme: 'dark' });
  const dark = await colours();
  t.not(dark, light);
  await page.emulateMedia({ colorScheme: 'dark', media: 'print' });
  t.is(await page.evaluate('getComputedStyle(document.body).backgroundColor'), 'rgb(255, 255, 255)', 'paper is white');
  t.false(await table.locator('button.copy').isVisible());

  await page.emulateMedia({ colorScheme: 'light', media: 'screen' });
  await page.setViewportSize({ width: 360, height: 800 });
  t.true(Number(await page.evaluate('document.documentElement.scrollWidth')) <= 360, 'nothing sticks out');
  t.true(await page.locator('figure .narrow').first().isVisible());
  t.false(await page.locator('figure .wide').first().isVisible());
  t.deepEqual(said, []);
});
