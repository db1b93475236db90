// A program with a canary for a key that runs every way to fail, and prints all that a person or a handler could print.
// The key is in the environment, so that no source text holds it.

import { EventEmitter } from 'node:events';
import { format, inspect } from 'node:util';
import { isMainThread, MessageChannel, Worker } from 'node:worker_threads';
import * as tailrace from '../../node/dist/esm/index.js';
import { WorkloadIdentityAuth } from '../../node/dist/esm/auth/workload-identity-auth.js';
import { APIPromise } from '../../node/dist/esm/core/api-promise.js';
import { MockServer } from '../../node/dist/esm/testing.js';

const { AzureOpenAI, OpenAI } = tailrace;
const CLOSED = 'http://127.0.0.1:1/v1';
const CHAT = { model: 'm', messages: [] };
const PARTS = ['message', 'stack', 'cause', 'headers', 'error', 'body', 'url', 'request', 'response', 'reason', 'input'];
const WAYS = [
  {},
  { depth: Infinity, showHidden: true, showProxy: true, breakLength: 200 },
  // As `node:assert` prints what it compares.
  { depth: 1000, customInspect: false, getters: true, maxArrayLength: Infinity },
];
const key = () => process.env.CANARY;

const server = new MockServer();
let shown = 0;

/** The base URL of a server that answers so, and then again. */
function scripted(...exchanges) {
  const last = { ...exchanges.pop(), repeat: true };
  return server.script({ exchanges: [...exchanges, last], own_port: true });
}

/** Prints a value in the ways in which values get into logs, reports, files and other threads. */
function show(name, value) {
  shown += 1;
  console.log(`--- ${name}: ${value?.constructor?.name}`);
  console.log(value, format('%o %O %s', value, value, value));
  for (const way of WAYS) console.log(inspect(value, way));
  for (const part of PARTS) console.log(part, inspect(value?.[part], WAYS[1]), told(() => String(value?.[part])));
  console.log(inspect({ ...value }, WAYS[1]), Object.entries(value ?? {}).flat().map((each) => told(() => String(each))).join());
  console.log(told(() => JSON.stringify(value)), told(() => format('%j', value)), told(() => String(value)));
  console.log(told(() => `${structuredClone(value)}`), told(() => inspect(structuredClone(value), WAYS[1])));
  const { port1, port2 } = new MessageChannel();
  console.log(told(() => port1.postMessage({ value })), told(() => new EventEmitter().emit('error', value)));
  port1.close();
  port2.close();
  console.dir(value, { depth: 20, showHidden: true });
}

/** What an action gives, or how its failure looks. */
function told(action) {
  try {
    return action();
  } catch (error) {
    return inspect(error, WAYS[1]) + error.stack;
  }
}

async function attempt(name, action) {
  let value;
  try {
    value = action();
    show(`${name}, begun`, value);
    value = await value;
  } catch (error) {
    value = error;
  }
  show(name, value);
  if (value instanceof APIPromise || !(value instanceof Error)) return;
  console.error(name, value);
  for (let cause = value.cause; cause instanceof Error; cause = cause.cause) show(`${name}, because`, cause);
}

/** Options of clients that hold the canary in each place that has one. */
const HOLDERS = {
  key: () => ({}),
  option: () => ({ apiKey: key() }),
  function: () => ({ apiKey: async () => key() }),
  admin: () => ({ adminAPIKey: key() }),
  webhook: () => ({ webhookSecret: key() }),
  header: () => ({ defaultHeaders: { 'X-Api-Key': key(), Cookie: key(), Authorization: `Bearer ${key()}` } }),
  headers: () => ({ defaultHeaders: new Headers({ 'X-Api-Key': key() }) }),
  fetch: () => ({ fetch: (url, init) => fetch(url, init) }),
  'fetch options': () => ({ fetchOptions: { headers: { 'X-Api-Key': key() } } }),
  proxy: () => ({ transport: { proxy: `http://user:${key()}@127.0.0.1:1` } }),
  socks: () => ({ transport: { proxy: `socks5://user:${key()}@127.0.0.1:1` } }),
  identity: () => ({
    apiKey: undefined,
    workloadIdentity: {
      identityProviderId: 'i',
      serviceAccountId: 's',
      provider: { tokenType: 'jwt', getToken: async () => Promise.reject(new Error('no subject')), secret: key() },
    },
  }),
};

const status = (number) => () => ({ baseURL: scripted({ status: number, json: { error: { code: 'x' } } }) });
const FAILING = {
  ...Object.fromEntries([400, 401, 403, 404, 409, 422, 429, 500].map((number) => [number, status(number)])),
  connect: () => ({ baseURL: CLOSED }),
  tls: () => ({ baseURL: server.url.replace('http:', 'https:'), timeout: 5000 }),
  timeout: () => ({ baseURL: scripted({ fault: { kind: 'stall', at: 'request' } }), timeout: 50 }),
  deadline: () => ({ baseURL: scripted({ fault: { kind: 'stall', at: 'request' } }), deadline: 50 }),
  reset: () => ({ baseURL: scripted({ fault: { kind: 'reset', at: 'mid_head' } }) }),
  'no json': () => ({ baseURL: scripted({ text: '{', headers: { 'content-type': 'application/json' } }) }),
  redirects: () => ({ baseURL: scripted({ status: 307, headers: { location: '/v1/models' } }) }),
  away: () => ({ baseURL: scripted({ status: 307, headers: { location: 'http://127.0.0.1:1/x' } }) }),
  scheme: () => ({ baseURL: 'ftp://example.com' }),
  url: () => ({ baseURL: `http://user:${key()}@exa mple.com:x/` }),
  password: () => ({ baseURL: `http://user:${key()}@127.0.0.1:1/v1` }),
  answered: () => ({ baseURL: scripted({ json: { id: 'x' } }) }),
  header: () => ({ baseURL: CLOSED, defaultHeaders: { 'X-Token': `${key()}\nx` } }),
  name: () => ({ baseURL: CLOSED, defaultHeaders: { 'a b': key() } }),
  letter: () => ({ baseURL: CLOSED, apiKey: `${key()}\u65e5` }),
  line: () => ({ baseURL: CLOSED, apiKey: `${key()}\nx` }),
};

const CALLS = {
  create: (client) => client.chat.completions.create(CHAT),
  raw: (client) => client.models.retrieve('m', { headers: { 'X-Other': key() } }).asResponse(),
  pages: (client) => client.models.list({ headers: { 'X-Other': key() } }),
};

async function run() {
  for (const [failing, options] of Object.entries(FAILING)) {
    for (const [holder, given] of Object.entries(HOLDERS)) {
      // Each way to fail with the key, one with a `fetch`, and one of them with every place for a secret.
      if (failing !== '401' && failing !== 'connect' && holder !== 'key' && holder !== 'fetch') continue;
      const name = `${failing} ${holder}`;
      const retry = { initialDelay: 1, onRetry: (about) => show('attempt', about) };
      let client;
      try {
        client = new OpenAI({ ...given(), ...options(), maxRetries: 1, retry, logLevel: 'debug' });
      } catch (error) {
        show(name, error);
        continue;
      }
      show(name, client);
      show(name, client.withOptions({ timeout: 3 }));
      show(name, client.chat.completions);
      for (const [call, make] of Object.entries(CALLS)) await attempt(`${name} ${call}`, () => make(client));
      await attempt(`${name} built`, () => client.buildRequest({ method: 'post', path: '/x', body: {} }).then(({ timeout }) => timeout));
      const controller = new AbortController();
      const aborted = client.models.retrieve('m', { signal: controller.signal });
      controller.abort();
      await attempt(`${name} aborted`, () => aborted);
    }
  }
}

/** What fails before there is a client. */
const REFUSED = [
  { timeout: 'soon' }, { deadline: -1 }, { baseURL: 3 }, { defaultHeaders: 3 }, { fetch: 3 }, { retry: 3 }, { organization: 3 },
  { dataResidency: 'moon' }, { transport: { ca: 'x' } }, { transport: { proxy: 'nonsense' } }, { workloadIdentity: {} },
]; // prettier-ignore

async function others() {
  for (const wrong of REFUSED) {
    await attempt('refused', () => new OpenAI({ apiKey: key(), ...wrong }));
    await attempt('refused copy', () => new OpenAI().withOptions({ apiKey: key(), ...wrong }));
  }
  for (const proxy of [`http://user:${key()}@exa mple:x`, `nonsense://user:${key()}@x`, `${key()}`]) {
    await attempt('refused proxy', () => new OpenAI({ transport: { proxy } }).models.list());
  }
  const pem = `-----BEGIN PRIVATE KEY-----\n${key()}\n-----END PRIVATE KEY-----`;
  await attempt('refused pair', () => new OpenAI({ transport: { cert: pem, key: pem } }));
  const answered = scripted({ json: { id: 'x' } });
  const sse = { headers: { 'content-type': 'text/event-stream' } };
  const events = [{ data: { id: 'x', choices: [] } }, { data: { id: 'x', choices: [] } }];
  const streams = [
    { sse: [{ data: '{' }], ...sse },
    { sse: events, ...sse, fault: { kind: 'reset', at: 'end' } },
    { sse: events, ...sse },
  ].map((exchange) => new OpenAI({ baseURL: scripted(exchange), maxRetries: 0, strictEnd: true }));
  for (const client of streams) {
    const stream = await client.chat.completions.create({ ...CHAT, stream: true }, { headers: { 'X-Other': key() } });
    show('stream', stream);
    show('branches', stream.tee());
    const helper = client.chat.completions.stream(CHAT);
    show('helper', helper);
    await attempt('helper', () => helper.finalChatCompletion());
    const open = await client.chat.completions.create({ ...CHAT, stream: true });
    await attempt('read', () => collected(open));
  }
  const azure = { endpoint: 'http://127.0.0.1:1', apiVersion: '1', maxRetries: 0 };
  const identity = { identityProviderId: key(), serviceAccountId: 's', provider: { tokenType: 'jwt', getToken: async () => 3 } };
  const signed = { 'webhook-id': 'x', 'webhook-timestamp': '1', 'webhook-signature': 'v1,x' };
  const attempts = {
    'azure key': () => new AzureOpenAI({ ...azure, apiKey: key() }).models.list(),
    'azure token': () => new AzureOpenAI({ ...azure, apiKey: undefined, azureADTokenProvider: async () => key() }).models.list(),
    'azure client': () => new AzureOpenAI({ ...azure, apiKey: key() }),
    'azure refused': () => new AzureOpenAI({ apiKey: key(), apiVersion: '1' }),
    'key in an array': () => new OpenAI({ baseURL: answered, apiKey: async () => [key()] }).models.list(),
    'key in an object': () => new OpenAI({ baseURL: answered, apiKey: async () => ({ key: key() }) }).models.list(),
    'key of a wrong kind': () => new OpenAI({ baseURL: answered, apiKey: [key()] }).models.list(),
    identity: () => new WorkloadIdentityAuth(identity).getToken(),
    'webhook 1': () => new OpenAI({ webhookSecret: key() }).webhooks.unwrap('{}', { 'webhook-id': 'x' }),
    'webhook 2': () => new OpenAI({ webhookSecret: key() }).webhooks.unwrap('{}', signed),
    'webhook 3': () => new OpenAI().webhooks.verifySignature('{}', signed, key()),
    body: () => new OpenAI({ baseURL: answered }).post('/x', { body: unreadable() }),
    path: () => new OpenAI({ baseURL: answered }).get(3, { headers: { 'X-Other': key() } }),
    'whole URL': () => new OpenAI({ baseURL: answered }).get(`http://user:${key()}@127.0.0.1:1/x`),
    signal: () => new OpenAI({ baseURL: answered }).get('/x', { signal: 3, headers: { 'X-Other': key() } }),
    timeout: () => new OpenAI({ baseURL: answered }).get('/x', { timeout: 'soon', headers: { 'X-Other': key() } }),
    deep: () => new OpenAI({ baseURL: answered }).chat.completions.runTools({ ...CHAT, tools: [] }).done(),
    answer: () => new OpenAI({ baseURL: answered }).models.retrieve('m', { headers: { 'X-Other': key() } }).withResponse(),
    worker: () => new Promise((_resolve, reject) => new Worker('', { eval: true, workerData: new OpenAI() }).once('error', reject)),
  };
  for (const [name, action] of Object.entries(attempts)) await attempt(name, action);
}

async function* unreadable() {
  yield Buffer.from('x');
  throw new Error('unreadable');
}

async function collected(stream) {
  const items = [];
  for await (const item of stream) items.push(item);
  return items;
}

/** A proxy with a password from the environment, which refuses. */
async function proxied() {
  for (const baseURL of ['http://tailrace.invalid/v1', 'https://tailrace.invalid/v1']) {
    const client = new OpenAI({ baseURL, maxRetries: 1, retry: { initialDelay: 1 }, logLevel: 'debug' });
    for (const [call, make] of Object.entries(CALLS)) await attempt(`proxy ${call}`, () => make(client));
  }
}

const mode = process.argv[2];
if (isMainThread) {
  if (mode === 'proxy') await proxied();
  else if (mode === 'uncaught') void new OpenAI({ baseURL: CLOSED, maxRetries: 0 }).models.list();
  else {
    await run();
    await others();
  }
  if (mode !== 'uncaught') server.stop();
  console.log(`shown: ${shown}`);
}
