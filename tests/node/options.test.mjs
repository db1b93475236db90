// Options of the client: defaults, environment, copies, logging.

import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { inspect } from 'node:util';
import { clientOf, mockServer, OpenAI } from './support.mjs';

const server = mockServer();
let saved;
beforeEach(() => {
  saved = { ...process.env };
  for (const name of Object.keys(process.env)) if (name.startsWith('OPENAI_')) delete process.env[name];
});
afterEach(() => {
  process.env = saved;
});

const MISSING = {
  constructor: OpenAI.OpenAIError,
  message:
    'Missing credentials. Please pass an `apiKey`, `workloadIdentity`, `adminAPIKey`, or set the `OPENAI_API_KEY` or `OPENAI_ADMIN_KEY` environment variable.',
};

test('without a key there is no client', () => {
  assert.throws(() => new OpenAI(), MISSING);
  assert.throws(() => new OpenAI({ apiKey: '' }), MISSING);
  process.env.OPENAI_API_KEY = '   ';
  assert.throws(() => new OpenAI({}), MISSING);
  process.env.OPENAI_API_KEY = 'k';
  assert.throws(() => new OpenAI({ apiKey: null }), MISSING);
});

test('defaults', () => {
  const client = new OpenAI({ apiKey: 'k' });
  const { apiKey, adminAPIKey, organization, project, webhookSecret, baseURL, maxRetries, timeout, logLevel } = client;
  assert.deepEqual(
    { apiKey, adminAPIKey, organization, project, webhookSecret, baseURL, maxRetries, timeout, logLevel },
    {
      apiKey: 'k',
      adminAPIKey: null,
      organization: null,
      project: null,
      webhookSecret: null,
      baseURL: 'https://api.openai.com/v1',
      maxRetries: 2,
      timeout: 600_000,
      logLevel: 'warn',
    },
  );
  assert.equal(OpenAI.DEFAULT_TIMEOUT, 600_000);
  assert.equal(OpenAI.OpenAI, OpenAI);
  for (const maxRetries of [-1, Infinity, '1']) assert.equal(new OpenAI({ apiKey: 'k', maxRetries }).maxRetries, 2);
  assert.equal(new OpenAI({ apiKey: 'k', dataResidency: 'eu' }).baseURL, 'https://eu.api.openai.com/v1');
  assert.throws(
    () => new OpenAI({ apiKey: 'k', dataResidency: 'xx' }),
    /expected one of: global, us, eu, ae, au, in, jp/,
  );
});

test('the environment fills in what is not given, trimmed; null and empty texts are given', () => {
  Object.assign(process.env, {
    OPENAI_API_KEY: ' k ',
    OPENAI_ORG_ID: ' ',
    OPENAI_PROJECT_ID: 'p',
    OPENAI_BASE_URL: ' http://h/v1 ',
    OPENAI_WEBHOOK_SECRET: 'w',
    OPENAI_ADMIN_KEY: 'a',
    OPENAI_LOG: 'off',
  });
  const client = new OpenAI();
  assert.deepEqual(
    [client.apiKey, client.organization, client.project, client.baseURL, client.webhookSecret, client.adminAPIKey],
    ['k', null, 'p', 'http://h/v1', 'w', 'a'],
  );
  assert.equal(client.logLevel, 'off');
  for (const baseURL of [null, '']) assert.equal(new OpenAI({ baseURL }).baseURL, 'https://api.openai.com/v1');
  assert.equal(new OpenAI({ project: null }).project, null);
});

test('OPENAI_CUSTOM_HEADERS are sent, below the default headers', async () => {
  process.env.OPENAI_CUSTOM_HEADERS = 'X-One: 1\nX-Two:2:3\n\nbad';
  const baseURL = server.script({ exchanges: [{ json: {} }] });
  await clientOf(baseURL, { defaultHeaders: { 'x-one': '9' } }).post('/x');
  const headers = Object.fromEntries(
    server.requests(baseURL)[0].headers.map(([name, value]) => [name.toLowerCase(), value]),
  );
  assert.deepEqual([headers['x-one'], headers['x-two']], ['9', '2:3']);
});

test('withOptions copies, with the class and what was changed since', () => {
  class Mine extends OpenAI {}
  const client = new Mine({ apiKey: 'k', baseURL: 'http://a/v1', timeout: 50, defaultHeaders: { a: '1' } });
  client.baseURL = 'http://b/v1';
  const copy = client.withOptions({ maxRetries: 7 });
  assert.ok(copy instanceof Mine && copy !== client);
  assert.deepEqual([copy.maxRetries, copy.timeout, copy.apiKey, copy.baseURL], [7, 50, 'k', 'http://b/v1']);
  assert.equal(client.maxRetries, 2);
  assert.equal(client.withOptions({ apiKey: 'z' }).apiKey, 'z');
});

test('a client that is shown does not show its key', () => {
  const client = clientOf('http://h/v1', { apiKey: 'sk-very-secret', defaultHeaders: { 'X-Key': 'sk-other-secret' } });
  for (const value of [client, client.chat, { client }]) {
    const text = inspect(value, { depth: 9 });
    assert.match(text, /OpenAI \{.*http:\/\/h\/v1/s);
    assert.doesNotMatch(text, /secret/);
  }
});

test('the logger gets what its level asks for, and no secret', async () => {
  const lines = [];
  const note =
    (level) =>
    (...rest) =>
      lines.push(`${level} ${rest.map((part) => (typeof part === 'string' ? part : JSON.stringify(part))).join(' ')}`);
  const logger = { error: note('error'), warn: note('warn'), info: note('info'), debug: note('debug') };
  const baseURL = server.script({ exchanges: [{ json: {}, repeat: true }] });
  const options = { logger, apiKey: 'sk-very-secret' };
  await clientOf(baseURL, options).post('/x');
  assert.deepEqual(lines, []);
  await clientOf(baseURL, { ...options, logLevel: 'debug' }).post('/x', { headers: { Cookie: 'secret-cookie' } });
  assert.ok(
    lines.some((line) => line.startsWith('info POST ')) && lines.some((line) => line.startsWith('debug POST ')),
  );
  assert.doesNotMatch(lines.join('\n'), /very-secret|secret-cookie/);
  lines.length = 0;
  assert.equal(clientOf(baseURL, { ...options, logLevel: 'nope' }).logLevel, 'warn');
  assert.deepEqual(lines, [
    'warn ClientOptions.logLevel was set to "nope", expected one of ["off","error","warn","info","debug"]',
  ]);
});
