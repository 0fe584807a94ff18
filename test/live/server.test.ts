import { request } from 'node:http';
import test, { type ExecutionContext } from 'ava';
import { type Behind, type LiveServer, serve } from '../../src/live/server.js';
import { Problem } from '../../src/problem.js';

interface Answer {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly text: string;
}

function send(url: string, options: { method?: string; headers?: Record<string, string>; body?: string } = {}): Promise<Answer> {
  const { body, ...rest } = options;
  return new Promise((resolve, reject) => {
    const asked = request(url, rest, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part) => {
        text += part;
      });
      response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, text }));
    });
    asked.on('error', reject).end(body);
  });
}

const post = (url: string, value: unknown, headers: Record<string, string> = {}) =>
  send(`${url}ask`, { method: 'POST', headers: { 'Content-Type': 'application/json', ...headers }, body: JSON.stringify(value) });

async function server(t: ExecutionContext, behind: Partial<Behind> = {}): Promise<LiveServer> {
  const asked = { watch: () => {}, ask: async () => ({}), report: () => null, ...behind };
  const opened = await serve(asked);
  t.teardown(() => opened.close());
  return opened;
}

test('the page and all it loads is served, with a policy that lets it load nothing else', async (t) => {
  const { url } = await server(t);
  const page = await send(url);
  t.is(page.status, 200);
  t.regex(String(page.headers['content-security-policy']), /default-src 'none'; script-src 'self' 'sha256-/);
  t.is(page.headers['x-content-type-options'], 'nosniff');
  const wanted = [...page.text.matchAll(/(?:href|src)="([^"#:]+)"/g)].map(([, address]) => address);
  t.deepEqual(wanted.sort(), ['style.css', 'uplot.css', 'web/main.js']);
  const imports = JSON.parse(/<script type="importmap">(.*?)<\/script>/.exec(page.text)![1]).imports as Record<string, string>;
  // Whatever the code imports is there, and it imports nothing from elsewhere.
  const seen = new Set<string>();
  const visit = async (address: string): Promise<void> => {
    const path = new URL(address, 'http://x/').pathname;
    if (seen.has(path)) return;
    seen.add(path);
    const { status, text, headers } = await send(url + path.slice(1));
    t.is(status, 200, path);
    t.regex(String(headers['content-type']), /javascript|css/);
    if (!path.endsWith('.js')) return;
    for (const [, name] of text.matchAll(/^(?:import|export)\b[^'"=]*?\bfrom\s*['"]([^'"]+)['"];/gm)) {
      const target = name.startsWith('.') ? new URL(name, `http://x${path}`).pathname : imports[name];
      t.truthy(target, `${path} imports ${name}`);
      await visit(target);
    }
  };
  for (const address of wanted) await visit(address);
  t.true(seen.size > 15, [...seen].join(' '));
});

test('without the secret, or by another name, nothing is to be had', async (t) => {
  const { url } = await server(t);
  const { origin, host, pathname } = new URL(url);
  t.is((await send(`${origin}/`)).status, 404);
  t.is((await send(`${origin}/style.css`)).status, 404);
  t.is((await send(url, { headers: { Host: 'evil.example' } })).status, 403);
  t.is((await send(`${url}../../package.json`)).status, 404);
  t.is((await send(`${url}%2e%2e/package.json`)).status, 404);
  t.is((await send(`http://${host}${pathname}web/main.ts`)).status, 404);
});

test('what a viewer asks is done; what cannot be done is answered with a sentence', async (t) => {
  const asked: unknown[] = [];
  const { url } = await server(t, {
    ask: async (what) => {
      asked.push(what);
      if ((what as { bad?: boolean }).bad) throw new Problem('expected a fault, got nonsense');
      return { done: ['crash 30%'] };
    },
  });
  t.deepEqual(JSON.parse((await post(url, { do: 'inject' })).text), { done: ['crash 30%'] });
  const bad = await post(url, { bad: true });
  t.deepEqual(JSON.parse(bad.text), { problem: 'expected a fault, got nonsense' });
  t.is((await send(`${url}ask`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{' })).status, 400);
  t.is((await post(url, 'x'.repeat(20_000))).status, 413);
  t.is(asked.length, 2);
});

test('another page cannot ask anything', async (t) => {
  const asked: unknown[] = [];
  const { url } = await server(t, { ask: async (what) => asked.push(what) });
  t.is((await post(url, { do: 'pause' }, { Origin: 'http://evil.example' })).status, 403);
  t.is((await post(url, { do: 'pause' }, { 'Sec-Fetch-Site': 'cross-site' })).status, 403);
  t.is((await post(url, { do: 'pause' }, { 'Content-Type': 'text/plain' })).status, 403);
  t.is((await send(`${url}ask?do=pause`)).status, 404, 'a link changes nothing');
  t.deepEqual(asked, []);
});

test('a report is shown in a sandbox; without one there is a sentence', async (t) => {
  const { url } = await server(t, { report: () => '<h1>Report</h1>' });
  const { text, headers } = await send(`${url}report`);
  t.is(text, '<h1>Report</h1>');
  t.regex(String(headers['content-security-policy']), /^sandbox allow-scripts/);
  t.notRegex(String(headers['content-security-policy']), /allow-same-origin/);
  const { url: other } = await server(t);
  t.is((await send(`${other}report`)).status, 404);
});

test('a port that is taken is a sentence', async (t) => {
  const { url } = await server(t);
  const port = Number(new URL(url).port);
  const error = await t.throwsAsync(serve({ watch: () => {}, ask: async () => ({}), report: () => null }, port), { instanceOf: Problem });
  t.is(error.message, `cannot listen on port ${port}: it is taken`);
});
