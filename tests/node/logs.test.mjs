// What a logger is told: how every call ended, by which level, and nothing that may be secret.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { recorder } from './recorder.mjs';
import { ENTRY, runNode } from './support.mjs';

const { OpenAI } = await import(ENTRY);

function logging(baseURL, options = {}) {
  const lines = [];
  const note =
    (level) =>
    (...values) =>
      lines.push(`${level} ${values.map((value) => (typeof value === 'string' ? value : inspect(value))).join(' ')}`);
  const logger = { error: note('error'), warn: note('warn'), info: note('info'), debug: note('debug') };
  return { lines, client: new OpenAI({ apiKey: 'secret-key', baseURL, logger, logLevel: 'debug', ...options }) };
}

const FAILED = { status: 500, headers: { 'retry-after-ms': '1' }, body: { error: { message: 'secret-reason' } } };

test('a call is told with its method, path, status, id, time and retries, and no secret', async () => {
  const { baseURL } = await recorder(({ number }) => (number === 1 ? FAILED : { result: 'secret-answer' }));
  const { client, lines } = logging(baseURL, {
    defaultHeaders: { 'X-Custom': 'secret-custom' },
    defaultQuery: { q: 'secret-query' },
  });
  const headers = { Cookie: 'secret-cookie', 'api-key': 'secret-other' };
  await client.post('/things?private=secret-path', { body: { input: 'secret-body' }, headers });
  const text = lines.join('\n');
  assert.doesNotMatch(text, /secret/);
  assert.match(text, /^debug POST \/things is sent/m);
  assert.match(text, /authorization: '\*\*\*'/);
  assert.match(text, /'user-agent': 'OpenAI\/JS/);
  assert.match(text, /^info POST \/things succeeded: 200 after 1 retries in \d+ ms, request id req_1$/m);
});

test('a failure is told by its status or its kind', async () => {
  const { baseURL } = await recorder(() => ({ ...FAILED, status: 400 }));
  const { client, lines } = logging(baseURL, { logLevel: 'info' });
  await assert.rejects(client.get('/x'), OpenAI.BadRequestError);
  const broken = logging('http://127.0.0.1:1', { logLevel: 'info', maxRetries: 0 });
  await assert.rejects(broken.client.get('/x'), OpenAI.APIConnectionError);
  assert.match(lines.join('\n'), /^info GET \/x failed: 400 after 0 retries in \d+ ms, request id req_1$/);
  assert.match(broken.lines.join('\n'), /^info GET \/x failed: APIConnectionError after 0 retries in \d+ ms, request id null$/);
});

test('a whole URL is told without credentials and query', async () => {
  const { baseURL } = await recorder();
  const { client, lines } = logging(baseURL);
  await client.get(`${baseURL.replace('://', '://user:secret@')}/x?y=secret`);
  assert.match(lines.join('\n'), /GET http:\/\/127\.0\.0\.1:\d+\/v1\/x succeeded/);
  assert.doesNotMatch(lines.join('\n'), /secret/);
});

test('variables set the level: TAILRACE_LOG, then OPENAI_LOG', async () => {
  const source = `const { OpenAI } = await import(${JSON.stringify(ENTRY)}); console.log(new OpenAI({ apiKey: 'k' }).logLevel);`;
  const levels = [
    [{ TAILRACE_LOG: 'debug', OPENAI_LOG: 'error' }, 'debug'],
    [{ TAILRACE_LOG: '', OPENAI_LOG: 'error' }, 'error'],
    [{ TAILRACE_LOG: '', OPENAI_LOG: '' }, 'warn'],
    [{ TAILRACE_LOG: 'info', OPENAI_LOG: '' }, 'info'],
  ];
  for (const [env, level] of levels) assert.equal((await runNode(source, { env })).stdout.trim(), level);
});

test('an event that is no JSON is told without what it is', async () => {
  const event = { headers: { 'content-type': 'text/event-stream' }, body: 'data: {"secret-answer\n\n' };
  const { baseURL } = await recorder(() => event);
  const { client, lines } = logging(baseURL);
  const stream = await client.chat.completions.create({ model: 'm', messages: [], stream: true });
  await assert.rejects(async () => {
    for await (const chunk of stream) void chunk;
  }, SyntaxError);
  const { Stream } = await import(new URL('core/streaming.js', ENTRY).href);
  const other = Stream.fromSSEResponse(new Response(event.body), new AbortController(), client);
  await assert.rejects(other[Symbol.asyncIterator]().next(), SyntaxError);
  const told = lines.filter((line) => line.startsWith('error'));
  assert.deepEqual(told, Array(2).fill('error Could not parse message into JSON: it has 15 characters, which are not logged'));
  assert.doesNotMatch(lines.join('\n'), /secret/);
});
