// Workload identities over real sockets, beside the official package: exchanges, who shares them, what follows a 401.

import assert from 'node:assert/strict';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { inspect } from 'node:util';
import * as tailrace from '../../node/dist/esm/index.js';
import * as auth from '../../node/dist/esm/auth/index.js';
import { WorkloadIdentityAuth } from '../../node/dist/esm/auth/workload-identity-auth.js';
import { Authority, cleanUp, lacking } from './parts.mjs';
import { official, recorder } from './recorder.mjs';

const modulesFolder = process.env.TAILRACE_OFFICIAL_NODE_MODULES;
const require = modulesFolder ? createRequire(join(modulesFolder, 'tools.js')) : undefined;

const OK = { object: 'list', data: [] };
const REFUSED = { status: 401, body: { error: { message: 'no' } } };
const FAILED = { status: 500, headers: { 'retry-after-ms': '1' }, body: {} };
const grant = (token, expires_in = 3600) => ({ access_token: token, token_type: 'Bearer', expires_in });

/** A client with an identity, whose token endpoint and API answer in turn; the last answer of each is repeated. */
async function place(root, { tokens = [grant('a')], calls = [OK], identity = {}, delay = 0, ...options } = {}) {
  const taken = (answers, number) => answers[Math.min(number, answers.length) - 1];
  let exchanges = 0;
  const endpoint = await recorder(({ response }) => {
    const answer = taken(tokens, ++exchanges);
    if (delay === 0) return answer;
    setTimeout(() => response.end(JSON.stringify(answer)), delay);
    return undefined;
  });
  const api = await recorder(({ number }) => taken(calls, number));
  let asked = 0;
  const provider = { tokenType: 'jwt', getToken: async () => `subject-${++asked}`, ...identity.provider };
  const client = new root.OpenAI({
    baseURL: api.baseURL,
    maxRetries: 0,
    workloadIdentity: { identityProviderId: 'idp', serviceAccountId: 'sa', ...identity, provider },
    ...options,
  });
  client._workloadIdentityAuth.tokenExchangeUrl = endpoint.baseURL;
  return {
    client,
    exchanged: () => endpoint.requests.map(({ body }) => JSON.parse(body)),
    sent: () => api.requests.map(({ headers }) => [headers.authorization, headers['x-stainless-retry-count']]),
  };
}

const outcome = (promise) =>
  promise.then(
    ({ object }) => object ?? 'returned',
    ({ constructor, message, status, error, error_code }) => [constructor.name, message, status, error, error_code],
  );

const CASES = {
  'one exchange for two calls': {},
  'an id token and a client': { identity: { clientId: 'c', provider: { tokenType: 'id' } } },
  'refused once': { tokens: [grant('a'), grant('b')], calls: [REFUSED, OK] },
  'refused twice': { tokens: [grant('a'), grant('b')], calls: [REFUSED, REFUSED, OK] },
  'refused in two attempts': {
    tokens: [grant('a'), grant('b'), grant('c')],
    calls: [REFUSED, FAILED, REFUSED, OK],
    maxRetries: 2,
  },
  'a retry keeps the token': { calls: [FAILED, OK], maxRetries: 1 },
  'the identity is refused': { tokens: [{ status: 401, body: { error: 'invalid_grant' } }, grant('a')] },
  'with a reason': { tokens: [{ status: 400, body: { error: 'x', error_description: 'why' } }, grant('a')] },
  'by a proxy': { tokens: [{ status: 403, body: '<html>' }, grant('a')] },
  'the endpoint fails': { tokens: [FAILED, grant('a')], maxRetries: 2 },
  'the endpoint is busy': { tokens: [{ status: 429, body: { error: 'slow' } }, grant('a')] },
  'it redirects': { tokens: [{ status: 302, headers: { location: '/x' }, body: {} }, grant('a')] },
  'no end': { tokens: [{ access_token: 'a' }] },
  'a provider that fails': { identity: { provider: { getToken: async () => assert.fail('mine') } } },
  'credentials of the caller': { defaultHeaders: { Authorization: 'Bearer mine' } },
};

for (const [name, setting] of Object.entries(CASES)) {
  test(`as in the official package: ${name}`, { timeout: 100_000 }, async () => {
    const found = [];
    for (const own of [undefined, (...request) => fetch(...request)]) {
      for (const root of [tailrace, official].filter(Boolean)) {
        const { client, exchanged, sent } = await place(root, { ...setting, fetch: own });
        const outcomes = [await outcome(client.models.list()), await outcome(client.models.list())];
        found.push([outcomes, exchanged(), sent()]);
      }
    }
    assert.equal(found[0][0].length, 2);
    for (const other of found.slice(1)) assert.deepEqual(other, found[0]);
  });
}

test('what is no token is refused', { timeout: 100_000 }, async () => {
  const bad = ['nonsense', [], {}, { access_token: 3 }, { access_token: 'a\nb' }, grant('t', 0), grant('t', '3600')];
  for (const answer of bad) {
    const { client, sent } = await place(tailrace, { tokens: [{ body: answer }] });
    await assert.rejects(client.models.list(), (error) => {
      assert.ok(error instanceof tailrace.OpenAIError);
      assert.match(error.message, /^Token exchange/);
      return true;
    });
    assert.deepEqual(sent(), []);
  }
});

test('calls at once share an exchange, and its failure', { timeout: 100_000 }, async () => {
  for (const tokens of [[grant('a')], [{ status: 401, body: { error: 'invalid_grant' } }]]) {
    for (const root of [tailrace, official].filter(Boolean)) {
      const { client, exchanged } = await place(root, { tokens, delay: 100 });
      const outcomes = await Promise.all(Array.from({ length: 8 }, () => outcome(client.models.list())));
      assert.equal(new Set(outcomes.map(String)).size, 1);
      assert.equal(exchanged().length, 1);
    }
  }
});

test('a token that is soon to end is used while the next is fetched', { timeout: 100_000 }, async () => {
  // Due after half its life. A machine that stood still until its end uses the next one at once.
  const { client, exchanged, sent } = await place(tailrace, { tokens: [grant('a', 2), grant('b')] });
  await client.models.list();
  await new Promise((resolve) => setTimeout(resolve, 1050));
  await client.models.list();
  while (exchanged().length < 2) await new Promise((resolve) => setTimeout(resolve, 10));
  const identity = client._workloadIdentityAuth.identity();
  while ((await identity.token()) !== 'b') await new Promise((resolve) => setTimeout(resolve, 10));
  const [[first], [second]] = sent();
  assert.equal(first, 'Bearer a');
  assert.match(second, /^Bearer [ab]$/);
  assert.equal(exchanged().length, 2);
});

test('the token by itself', { timeout: 100_000 }, async () => {
  const endpoint = await recorder(({ number }) => grant(`token-${number}`));
  const provider = { tokenType: 'jwt', getToken: async () => 'subject' };
  const identity = new WorkloadIdentityAuth({ identityProviderId: 'i', serviceAccountId: 's', provider });
  identity.tokenExchangeUrl = endpoint.baseURL;
  assert.deepEqual([await identity.getToken(), await identity.getToken()], ['token-1', 'token-1']);
  identity.invalidateToken();
  assert.equal(await identity.getToken(), 'token-2');
  assert.throws(() => new WorkloadIdentityAuth({ provider }, 'fetch'), /`fetch`/);
  assert.throws(() => new WorkloadIdentityAuth({ provider: { ...provider, tokenType: 'saml' } }), /saml/);
  assert.throws(() => new WorkloadIdentityAuth({}), /`provider`/);
});

test('a `fetch` of the caller makes the exchange', { timeout: 100_000 }, async () => {
  const classes = [WorkloadIdentityAuth];
  if (modulesFolder) classes.push(require('openai/auth/workload-identity-auth').WorkloadIdentityAuth);
  const found = [];
  for (const Auth of classes) {
    const seen = [];
    const answers = [() => Response.json(grant('a')), () => assert.fail('no way'), () => new Response('{}', { status: 500 })];
    const own = async (url, { method, headers, body }) => {
      seen.push([String(url), method, new Headers(headers).get('content-type'), JSON.parse(body)]);
      return answers[seen.length - 1]();
    };
    const provider = { tokenType: 'jwt', getToken: async () => 'subject' };
    const identity = new Auth({ identityProviderId: 'i', serviceAccountId: 's', provider }, own);
    assert.equal(await identity.getToken(), 'a');
    for (const told of ['no way', '500']) {
      identity.invalidateToken();
      await assert.rejects(identity.getToken(), (error) => inspect(error).includes(told));
    }
    found.push(seen);
  }
  assert.equal(found[0].length, 3);
  for (const other of found.slice(1)) assert.deepEqual(other, found[0]);
});

test('a realtime socket has the token, or is not opened', { timeout: 100_000, skip: lacking('openssl') }, async () => {
  const authority = new Authority();
  const asked = [];
  const server = createServer(authority.issue('IP:127.0.0.1'), ({ headers }, response) => {
    asked.push([headers.authorization, headers['sec-websocket-protocol']]);
    response.writeHead(426).end();
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanUp(() => server.closeAllConnections());
  cleanUp(() => server.close());
  const { client, exchanged } = await place(tailrace, { transport: { ca: authority.pem } });
  client.baseURL = `https://127.0.0.1:${server.address().port}/v1`;
  const modules = [await import('../../node/dist/esm/realtime/ws.js'), await import('../../node/dist/esm/realtime/websocket.js')];
  for (const { OpenAIRealtimeWS, OpenAIRealtimeWebSocket } of modules) {
    const Socket = OpenAIRealtimeWS ?? OpenAIRealtimeWebSocket;
    assert.throws(() => new Socket({ model: 'm' }, client), /create\(\)/);
    const socket = await Socket.create(client, { model: 'm' });
    await new Promise((resolve) => socket.on('error', resolve));
  }
  const [[authorization], [, protocols]] = asked;
  assert.equal(authorization, 'Bearer a');
  assert.match(protocols, /openai-insecure-api-key\.a/);
  assert.equal(exchanged().length, 1);
});

test('an expired token is not used', { timeout: 100_000 }, async () => {
  const { client, sent } = await place(tailrace, { tokens: [grant('a', 0.05), grant('b')] });
  await client.models.list();
  await new Promise((resolve) => setTimeout(resolve, 60));
  await client.models.list();
  assert.deepEqual(
    sent().map(([token]) => token),
    ['Bearer a', 'Bearer b'],
  );
});

test('a stream, a raw response and a copy', { timeout: 100_000 }, async () => {
  const { client, sent, exchanged } = await place(tailrace, {
    tokens: [grant('a'), grant('b'), grant('c')],
    calls: [REFUSED, { headers: { 'content-type': 'text/event-stream' }, body: 'data: {"id":"x","choices":[]}\n\ndata: [DONE]\n\n' }],
  });
  const seen = [];
  for await (const { id } of await client.chat.completions.create({ model: 'm', messages: [], stream: true })) seen.push(id);
  assert.deepEqual(seen, ['x']);
  const copied = client.withOptions({ timeout: 1000 });
  assert.notEqual(copied._workloadIdentityAuth, client._workloadIdentityAuth);
  assert.throws(() => client.withOptions({ apiKey: 'k' }), /mutually exclusive/);
  assert.deepEqual(
    sent().map(([token]) => token),
    ['Bearer a', 'Bearer b'],
  );
  assert.equal(exchanged().length, 2);
});

test('nothing shows a token', { timeout: 100_000 }, async () => {
  const lines = [];
  const log = (...values) => lines.push(values.map((value) => inspect(value, { depth: 9, showHidden: true })).join(' '));
  const { client } = await place(tailrace, {
    tokens: [{ status: 401, body: { error: 'x' } }, { status: 500, body: {} }, grant('canary-token')],
    calls: [REFUSED, REFUSED, OK],
    identity: { provider: { getToken: async () => 'canary-subject' } },
    logLevel: 'debug',
    logger: { debug: log, info: log, warn: log, error: log },
  });
  for (let call = 0; call < 4; call++) {
    await client.models.list().catch((error) => log(error, String(error), error.stack, error.cause));
  }
  log(client, client._workloadIdentityAuth, client._workloadIdentityAuth.identity());
  assert.ok(lines.length >= 7, String(lines.length));
  assert.deepEqual(
    lines.filter((line) => line.includes('canary')),
    [],
  );
});

test('where subject tokens come from', { timeout: 100_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tailrace-'));
  const [file, empty] = [join(folder, 'token'), join(folder, 'empty')];
  await writeFile(file, ' cluster\n');
  await writeFile(empty, ' \n');
  const answers = [[200, '{"access_token": "cloud"}'], [500, 'x'], [200, 'nonsense'], [200, '{}'], [200, '']];
  const found = [];
  for (const module of [auth, require?.('openai/auth')].filter(Boolean)) {
    const seen = [];
    const token = (provider) =>
      provider.getToken().then(
        (value) => [provider.tokenType, value],
        (error) => [error.constructor.name, error.message, error.provider, error.cause?.message],
      );
    for (const path of [file, empty, join(folder, 'none')]) {
      seen.push(await token(module.k8sServiceAccountTokenProvider(path)));
    }
    for (const [status, body] of answers) {
      const fetch = async (url, init) => {
        seen.push([String(url), Object.fromEntries(new Headers(init.headers))]);
        return new Response(body, { status });
      };
      const chosen = { objectId: 'o', clientId: 'c', msiResId: 'm', apiVersion: 'v', fetch };
      seen.push(await token(module.azureManagedIdentityTokenProvider('r', chosen)));
      seen.push(await token(module.gcpIDTokenProvider('a b', { fetch })));
    }
    const waiting = (_url, { signal }) =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    seen.push(await token(module.gcpIDTokenProvider('a', { fetch: waiting, timeout: 20 })));
    found.push(seen);
  }
  assert.deepEqual(found[0][0], ['jwt', 'cluster']);
  if (found.length > 1) assert.deepEqual(found[0], found[1]);
});
