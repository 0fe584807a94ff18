import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { runScenario } from '../../src/coordinator/run.js';
import { loadProtocol } from '../../src/protocol-catalog.js';
import { RunPool } from '../../src/sweep/run-pool.js';
import type { RunTask } from '../../src/sweep/task.js';
import { testScenario } from '../helpers/testnet.js';

/** Never returns either, and does not take the processor meanwhile. */
const SLEEPS = `export default {
  about: 'sleeps', messages: { hello: [] },
  create: () => ({ join() { Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0); }, onMessage() {} }),
};`;
const DIES = fileURLToPath(new URL('../placebo/protocols/dies.js', import.meta.url));
const store = mkdtempSync(join(tmpdir(), 'peerage-pool-'));
const never = new AbortController().signal;

async function task(key: string, settings: Record<string, string>, file = DIES): Promise<RunTask> {
  const base = testScenario('dies', await loadProtocol(file), { peers: 3, settings, measureMs: 2000 });
  const scenario = { ...base, protocol: { ...base.protocol, file }, limits: { ...base.limits, stallSeconds: file === DIES ? 30 : 2 } };
  return { scenario, key, store, keepOperations: false };
}

function sleeps(): string {
  const file = join(store, '.sleeps.mjs');
  writeFileSync(file, SLEEPS);
  return file;
}

test('a run in a thread of the pool is the run, whatever that thread ran before', async (t) => {
  const pool = new RunPool(1, 256e6);
  t.teardown(() => pool.close());
  for (const key of ['first', 'second']) {
    const given = await task(key, { how: 'live' });
    const outcome = await pool.run(given, [], never);
    if (outcome?.status !== 'completed') return t.fail(JSON.stringify(outcome));
    const { measures } = await runScenario(given.scenario, { shards: 1 });
    t.is(outcome.digest, measures.digest);
  }
  t.deepEqual(
    readdirSync(store)
      .filter((name) => !name.startsWith('.'))
      .sort(),
    ['first', 'second'],
  );
  t.false(readdirSync(join(store, 'first')).includes('operations.csv'));
});

test('a thread that dies, or never returns, or outgrows its memory is one failed run, and the next one runs', async (t) => {
  const pool = new RunPool(1, 40e6);
  t.teardown(() => pool.close());
  const failed = async (key: string, settings: Record<string, string>, file?: string) => {
    const outcome = await pool.run(await task(key, settings, file), ['hello', 'again', 'twice'], never);
    return outcome?.status === 'failed' ? outcome : t.fail(JSON.stringify(outcome));
  };
  const dead = await failed('dead', { how: 'exit' });
  t.like(dead, { failure: 'worker-died' });
  t.regex(dead!.reason, /exited with code: 3/);
  const stalled = await failed('stalled', {}, sleeps());
  t.like(stalled, { failure: 'protocol-failed' });
  t.regex(stalled!.reason, /^dies: no event has finished for 2 s \(limits.stallSeconds\): p\d in join$/);
  const large = await failed('large', { how: 'memory' });
  t.like(large, { failure: 'does-not-fit' });
  t.regex(large!.reason, /outgrew its memory/);
  t.is((await pool.run(await task('good', { how: 'live' }), [], never))?.status, 'completed');
});

test('the signal ends what is under way at once, and nothing is kept', async (t) => {
  const pool = new RunPool(1, 256e6);
  t.teardown(() => pool.close());
  const end = new AbortController();
  const running = pool.run(await task('ended', {}, sleeps()), [], end.signal);
  setTimeout(() => end.abort(), 300);
  t.is(await running, null);
  t.is(await pool.run(await task('late', { how: 'live' }), [], end.signal), null);
  t.false(readdirSync(store).some((name) => /ended|late/.test(name)));
});
