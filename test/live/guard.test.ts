import test from 'ava';
import { makeSecret, refusal, withinSecret } from '../../src/live/guard.js';

const ours = {
  host: '127.0.0.1:4000',
  origin: 'http://127.0.0.1:4000',
  'content-type': 'application/json',
  'sec-fetch-site': 'same-origin',
};

test('the page itself may ask, by either name of this machine', (t) => {
  t.is(refusal({ method: 'GET', headers: { host: '127.0.0.1:4000' } }, 4000), null);
  t.is(refusal({ method: 'POST', headers: ours }, 4000), null);
  t.is(refusal({ method: 'POST', headers: { ...ours, host: 'localhost:4000', origin: 'http://localhost:4000' } }, 4000), null);
  t.is(
    refusal({ method: 'POST', headers: { ...ours, origin: undefined, 'sec-fetch-site': undefined } }, 4000),
    null,
    'a program is no page',
  );
});

test('a name that was made to point here is refused (DNS rebinding)', (t) => {
  for (const host of ['evil.example:4000', '127.0.0.1:4001', '127.0.0.1', 'localhost', '127.0.0.1:4000.evil.example', undefined]) {
    t.regex(refusal({ method: 'GET', headers: { host } }, 4000) ?? '', /not what the page is served under/, String(host));
  }
});

test('what changes something comes from the page, or not at all', (t) => {
  const cases: Record<string, string>[] = [
    { origin: 'http://evil.example' },
    { origin: 'null' },
    { origin: 'http://localhost:4000' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { 'content-type': 'text/plain' },
    { 'content-type': 'application/x-www-form-urlencoded' },
  ];
  for (const change of cases) t.truthy(refusal({ method: 'POST', headers: { ...ours, ...change } }, 4000), JSON.stringify(change));
  t.truthy(refusal({ method: 'PUT', headers: ours }, 4000));
  t.truthy(refusal({ method: 'OPTIONS', headers: ours }, 4000), 'no leave is given in advance');
});

test('the secret is in the path, is another one each time, and nothing but the whole of it will do', (t) => {
  const secret = makeSecret();
  t.regex(secret, /^[\w-]{22}$/);
  t.not(secret, makeSecret());
  t.is(withinSecret(`/${secret}/`, secret), '');
  t.is(withinSecret(`/${secret}/web/main.js`, secret), 'web/main.js');
  for (const path of ['/', `/${secret.slice(1)}/`, `/${secret}x/`, `/x/${secret}/`, `/${makeSecret()}/`])
    t.is(withinSecret(path, secret), null, path);
});
