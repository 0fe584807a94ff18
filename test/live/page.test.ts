/** The live page as its users meet it: the command line on one side, a real browser on the other. */

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import type { Page } from 'playwright-core';
import { browser } from '../helpers/browser.js';
import { type Ended, peerage } from '../helpers/cli.js';

const root = mkdtempSync(join(tmpdir(), 'peerage-live-'));
test.after.always(() => rmSync(root, { recursive: true, force: true }));

writeFileSync(
  join(root, 'calm.yaml'),
  `peers: 40
topology: planet
protocols: [gnutella]
phases: { start: converge, warmUp: 1s, measure: 2m, drain: 5s }
workload:
  locate: { files: 20, replicas: 3, publishSpread: 1s, rate: 0.1/s, timeout: 5s }
`,
);

const MAIN = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));

/** Starts it for as long as a person would look at it, on a machine that is busy with other tests. */
function begin(...words: string[]): { child: ChildProcess; ended: Promise<Ended> } {
  const child = spawn(process.execPath, ['--enable-source-maps', MAIN, ...words], { cwd: root, timeout: 170_000 });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (part) => {
    stdout += part;
  });
  child.stderr.setEncoding('utf8').on('data', (part) => {
    stderr += part;
  });
  return { child, ended: new Promise((resolve) => child.on('close', (code) => resolve({ code, stdout, stderr }))) };
}

/** The address that a command prints as soon as its page is served. */
function addressOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.stderr!.on('data', (part) => {
      text += part;
      const url = /^live +(http:\S+)$/m.exec(text)?.[1];
      if (url) resolve(url);
    });
    child.on('close', () => reject(new Error(`no address: ${text}`)));
  });
}

/** What the page may not do in any test: write an error to the console, or throw. */
function mind(page: Page): string[] {
  const wrong: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') wrong.push(message.text());
  });
  page.on('pageerror', (error) => wrong.push(error.message));
  return wrong;
}

/** As it is seen: what is hidden is no text. */
const text = async (page: Page, id: string) => (await page.locator(`#${id}`).allInnerTexts()).join();
const picture = (page: Page) => page.locator('#overlay').evaluate((canvas) => (canvas as unknown as { toDataURL(): string }).toDataURL());
/** The page's own time, in ms. */
const timeOn = async (page: Page) => {
  const [, value, unit] = /^([\d.]+) (m?s)$/.exec(await text(page, 'time'))!;
  return Number(value) * (unit === 's' ? 1000 : 1);
};

async function until(t: ExecutionContext, what: string, holds: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 600; attempt++) {
    if (await holds()) {
      t.pass();
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  t.fail(`waited in vain until ${what}`);
}

test.serial('a run is watched, stopped, stepped, hurt and seen to its end in a browser; its results say what was injected', async (t) => {
  const chromium = await browser(t);
  if (chromium === null) return;
  const { child, ended } = begin('run', 'calm.yaml', '--live', '--pace', '0.2', '--shards', '1', '--out', 'out');
  const page = await chromium.newPage();
  const wrong = mind(page);
  await page.goto(await addressOf(child));

  // It draws: peers, and what is on its way moves.
  await until(t, 'peers are drawn', async () => (await text(page, 'drawn')) === '40 peers');
  await until(t, 'a question is under way', async () => /under way: [1-9]\d* messages of questions/.test(await text(page, 'told')));
  const before = await picture(page);
  await until(t, 'the picture moves', async () => (await picture(page)) !== before);
  t.regex(await text(page, 'legend'), /query/);
  await page.emulateMedia({ reducedMotion: 'reduce' });

  // A sentence that cannot be is answered with a sentence; one that can be happens.
  await page.fill('#says', 'crash 30% of it');
  await page.keyboard.press('Enter');
  await until(t, 'the mistake is answered', async () => (await text(page, 'answer')).startsWith('Not done: expected a site or region'));
  await page.fill('#says', 'crash 30%');
  await page.keyboard.press('Enter');
  await until(t, 'the crash is on the list', async () => /crash 30%\tyou\t12/.test(await text(page, 'faults')));
  t.regex(await text(page, 'answer'), /^Done: at [\d.]+m?s crash 30%$/);
  await until(t, 'they are down', async () => /28/.test(await text(page, 'figures')));

  // The space bar pauses, also from the overlay; a step is as long as it says.
  await page.locator('#overlay').focus();
  await page.keyboard.press('Space');
  await until(t, 'it is paused', async () => (await text(page, 'state')) === 'paused');
  const stoodAt = await timeOn(page);
  await page.keyboard.press('.');
  await until(t, 'it has made a step', async () => (await timeOn(page)) > stoodAt);
  t.true(Math.abs((await timeOn(page)) - stoodAt - 10) <= 1, `${stoodAt} to ${await timeOn(page)} ms`);
  await page.keyboard.press('ArrowRight');
  t.regex(await text(page, 'peer'), /^p0 is (up|down), anybody can call it/);

  // Whoever comes later, or again, sees the same.
  const second = await chromium.newPage({ viewport: { width: 360, height: 740 }, reducedMotion: 'reduce' });
  const wrongThere = mind(second);
  await second.goto(page.url());
  await page.reload();
  for (const each of [page, second]) {
    await until(t, 'the fault is on the list again', async () => /crash 30%/.test(await text(each, 'faults')));
    t.is(await text(each, 'state'), 'paused');
    t.is(await timeOn(each), await timeOn(page));
  }
  t.is(await second.evaluate('document.documentElement.scrollWidth'), 360, 'a phone has nothing to scroll sideways');

  // Every control can be come to by the keyboard.
  const reached = new Set<string>();
  for (let i = 0; i < 40; i++) {
    await page.keyboard.press('Tab');
    reached.add(await page.evaluate('document.activeElement.id || document.activeElement.textContent'));
  }
  for (const id of ['pause', 'step', 'step-by', 'pace', 'follow', 'upkeep', 'links', 'overlay', 'says', 'Inject'])
    t.true(reached.has(id), id);

  // As fast as possible, to the end.
  await page.locator('#pace').focus();
  await page.keyboard.press('End');
  await page.locator('#overlay').focus();
  await page.keyboard.press('Space');
  await until(t, 'the run has ended', async () => (await text(page, 'state')) === 'ended');
  await until(t, 'its results are there', async () => /messages per query/.test(await text(page, 'outcome')));
  t.is(await text(second, 'outcome-title'), 'The run has ended');
  t.deepEqual([...wrong, ...wrongThere], []);

  // Nobody watches any more, and nobody is at a terminal: the process ends.
  await second.close();
  await page.close();
  const { code, stdout, stderr } = await ended;
  t.is(code, 0, stderr);
  t.regex(stdout, /crash 30%/);
  const [folder] = readdirSync(join(root, 'out'));
  t.regex(readFileSync(join(root, 'out', folder, 'faults.csv'), 'utf8'), /^[\d.]+,[\d.]+,crash 30%,injected,12$/m);
});

test.serial('a finished run is shown from its folder, and the replay is the same run', async (t) => {
  const chromium = await browser(t);
  if (chromium === null) return;
  const run = await peerage(
    root,
    'run',
    'calm.yaml',
    '--duration',
    '20s',
    '--set',
    'faults=["at 5s for 5s crash 20%"]',
    '--shards',
    '1',
    '--out',
    'done',
    '--quiet',
  );
  t.is(run.code, 0, run.stderr);
  const [folder] = readdirSync(join(root, 'done'));
  const { child, ended } = begin('view', join('done', folder), '--shards', '2', '--pace', '500');
  const page = await chromium.newPage({ colorScheme: 'dark', reducedMotion: 'reduce' });
  const wrong = mind(page);
  await page.goto(await addressOf(child));
  await until(t, 'it is shown', async () => (await text(page, 'state')) === 'finished run');
  t.regex(await text(page, 'faults'), /5 s to 10 s\tcrash 20%\tscenario\t8/);
  t.regex(await text(page, 'outcome-figures'), /success/);
  t.regex(await text(page, 'drops'), /the connection had ended/);
  t.regex((await page.locator('#charts figure').first().getAttribute('aria-label')) ?? '', /^messages per second: sent [\d,.]+/);
  t.false(await page.locator('#inject').isVisible(), 'nothing can be injected into what is over');
  await page.click('#replay');
  await until(t, 'the replay has ended', async () => (await text(page, 'outcome-title')) === 'The replay has ended');
  t.regex(await text(page, 'outcome-says'), /It is the one recorded/);
  t.deepEqual(wrong, []);
  await page.close();
  t.is((await ended).code, 0);
  t.is(readdirSync(join(root, 'done')).length, 1, 'a replay leaves nothing behind');
});

test.serial('without a viewer and a terminal, --live ends with its run', async (t) => {
  const { code, stderr, stdout } = await peerage(
    root,
    'run',
    'calm.yaml',
    '--live',
    '--duration',
    '2s',
    '--shards',
    '1',
    '--out',
    'alone',
    '--json',
  );
  t.is(code, 0, stderr);
  t.regex(stderr, /^live +http:\/\/127\.0\.0\.1:\d+\/[\w-]{22}\/$/m);
  t.is(JSON.parse(stdout).status, 'completed');
});

test.serial('options of the page without the page, and a folder that is none, are mistakes', async (t) => {
  const pace = await peerage(root, 'run', 'calm.yaml', '--pace', '0.1');
  t.is(pace.code, 2);
  t.regex(pace.stderr, /--pace is about the page: it needs --live/);
  const nothing = await peerage(root, 'view', 'nowhere');
  t.is(nothing.code, 3);
  t.regex(nothing.stderr, /nowhere: expected a result folder, got no such folder/);
});
