// Calls that are not streamed: what is sent, what comes back, and what can go wrong.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { APIPromise } from '../../node/dist/esm/index.js';
import { CHAT, clientOf, closedByClient, eventually, mockServer, OpenAI, stalling } from './support.mjs';

const server = mockServer();
const json = (value, extra = {}) => ({ json: value, repeat: true, ...extra });

/** A client over a script of one exchange. */
function scripted(exchange, options) {
  const baseURL = server.script({ exchanges: [exchange] });
  return { client: clientOf(baseURL, { logLevel: 'off', ...options }), baseURL };
}

/** The one request that a call made. */
async function sent(call, options) {
  const { client, baseURL } = scripted(json({}), options);
  await call(client);
  const requests = server.requests(baseURL);
  assert.equal(requests.length, 1);
  const headers = Object.fromEntries(requests[0].headers.map(([name, value]) => [name.toLowerCase(), value]));
  return { ...requests[0], headers };
}

test('the plausible model answers', async () => {
  const client = clientOf(server.url);
  const chat = await client.chat.completions.create(CHAT);
  assert.equal(chat.object, 'chat.completion');
  assert.match(chat._request_id, /./);
  assert.ok(!Object.keys(chat).includes('_request_id'));
  const response = await client.responses.create({ model: 'm', input: 'hi' });
  assert.match(response.output_text, /\w/);
});

test('the answer can be had as a Response, before or after it was parsed', async () => {
  const { client, baseURL } = scripted(json({ a: 1 }, { headers: { 'x-request-id': 'req_1' } }));
  const promise = client.post('/x', { body: {} });
  assert.ok(promise instanceof APIPromise && promise instanceof Promise);
  const response = await promise.asResponse();
  assert.ok(response instanceof Response);
  assert.deepEqual([response.status, response.statusText, response.url], [200, 'OK', `${baseURL}/x`]);
  assert.deepEqual(await promise, { a: 1 });
  assert.equal(await response.text(), '{"a":1}');
  const both = await client.post('/x', { body: {} }).withResponse();
  assert.deepEqual(Object.keys(both), ['data', 'response', 'request_id']);
  assert.equal(both.request_id, 'req_1');
  assert.equal(server.requests(baseURL).length, 2);
});

test('the Response of a stream has the bytes of the server', async () => {
  const sse = [': note\n\n', { id: '7', event: 'e', data: '{"a":"é"}' }, 'data: 2\r\n\r\n', { data: '[DONE]' }];
  const { client } = scripted({ sse, split: 5 });
  const response = await client.post('/x', { body: {}, stream: true }).asResponse();
  assert.match(response.headers.get('content-type'), /^text\/event-stream/);
  assert.equal(response.bodyUsed, false);
  assert.equal(await response.text(), ': note\n\nid: 7\nevent: e\ndata: {"a":"é"}\n\ndata: 2\r\n\r\ndata: [DONE]\n\n');
});

test('the Response of a stream and its items can both be had, and share the events', async () => {
  const sse = [{ event: 'e', data: '{"a":1}' }, { event: 'error', data: '{"b":2}' }, { data: '[DONE]' }];
  const { client } = scripted({ sse, repeat: true });
  const { data, response } = await client.post('/x', { body: {}, stream: true }).withResponse();
  assert.equal(response.status, 200);
  assert.deepEqual((await data[Symbol.asyncIterator]().next()).value, { a: 1 });
  const unread = await client.post('/x', { body: {}, stream: true }).withResponse();
  assert.equal(await unread.response.text(), 'data: {"a":1}\n\nevent: error\ndata: {"b":2}\n\ndata: [DONE]\n\n');
  const promise = client.post('/x', { body: {}, stream: true });
  const raw = await promise.asResponse();
  const items = [];
  await assert.rejects(async () => {
    for await (const item of await promise) items.push(item);
  }, OpenAI.APIError);
  assert.deepEqual(items, [{ a: 1 }]);
  assert.equal(raw.bodyUsed, true);
});

test('cancelling the body, or aborting, closes the connection of a raw Response', async () => {
  for (const act of ['cancel', 'abort']) {
    const baseURL = server.script({ own_port: true, exchanges: [stalling({ data: '1' })] });
    const controller = new AbortController();
    const response = await clientOf(baseURL)
      .post('/x', { body: {}, stream: true, signal: controller.signal })
      .asResponse();
    const reader = response.body.getReader();
    assert.equal(new TextDecoder().decode((await reader.read()).value), 'data: 1\n\n');
    if (act === 'cancel') await reader.cancel();
    else controller.abort();
    await closedByClient(server, baseURL);
  }
});

test('a body that breaks off fails its reader', async () => {
  const { client } = scripted({ sse: [{ data: '1' }], fault: { kind: 'reset', at: 'end' } });
  const response = await client.post('/x', { body: {}, stream: true }).asResponse();
  await assert.rejects(response.text(), OpenAI.APIConnectionError);
});

test('answers by their content type', async () => {
  const cases = [
    [{ text: '{"a":1}', headers: { 'content-type': 'application/json; charset=utf-8' } }, { a: 1 }],
    [{ text: '{"a":1}', headers: { 'content-type': 'application/problem+json' } }, { a: 1 }],
    [{ text: '[1]', headers: { 'content-type': 'application/json' } }, [1]],
    [{ text: '5', headers: { 'content-type': 'application/json' } }, 5],
    [{ text: '\ufeff{"é":"日"}', headers: { 'content-type': 'application/json' } }, { é: '日' }],
    [{ text: '{"a":1}', headers: { 'content-type': 'text/plain' } }, '{"a":1}'],
    [{ text: '', headers: { 'content-type': 'application/json' } }, undefined],
    [{ status: 204 }, null],
  ];
  for (const [exchange, expected] of cases) {
    assert.deepEqual(await scripted(exchange).client.post('/x', { body: {} }), expected, JSON.stringify(exchange));
  }
});

test('a broken JSON body is a SyntaxError that keeps the text', async () => {
  const { client } = scripted({ text: '{"a":', headers: { 'content-type': 'application/json' } });
  await assert.rejects(
    client.post('/x', { body: {} }),
    (error) => error instanceof SyntaxError && error.text === '{"a":' && error.cause instanceof SyntaxError,
  );
});

test('bodies of every kind are sent as what they are', async () => {
  const form = new FormData();
  form.append('a', '1');
  async function* parts() {
    yield new TextEncoder().encode('A');
    yield 'B';
  }
  const cases = [
    [{ a: 1, b: undefined, c: 'é' }, '{"a":1,"c":"é"}', 'application/json'],
    ['text', '"text"', 'application/json'],
    [[1], '[1]', 'application/json'],
    [new Uint8Array([65, 66]), 'AB', undefined],
    [new Uint8Array([65, 66]).buffer, 'AB', undefined],
    [new DataView(new Uint8Array([64, 65, 66]).buffer, 1), 'AB', undefined],
    [new Blob(['xy'], { type: 'text/foo' }), 'xy', 'text/foo'],
    [new URLSearchParams({ a: '1' }), 'a=1', 'application/x-www-form-urlencoded;charset=UTF-8'],
    [undefined, '', undefined],
    [null, '', undefined],
  ];
  for (const [body, text, contentType] of cases) {
    const request = await sent((client) => client.post('/x', { body }));
    assert.deepEqual([request.body, request.headers['content-type']], [text, contentType], String(body));
    assert.equal(request.headers['content-length'], String(Buffer.byteLength(text)));
  }
  for (const [body, text] of [
    [parts(), 'AB'],
    [new Response('z').body, 'z'],
  ]) {
    const request = await sent((client) => client.post('/x', { body }));
    assert.deepEqual([request.body, request.headers['content-type']], [text, undefined]);
    // Nobody knows how long it is.
    assert.equal(request.headers['transfer-encoding'], 'chunked');
  }
  const multipart = await sent((client) => client.post('/x', { body: form }));
  assert.match(multipart.headers['content-type'], /^multipart\/form-data; boundary=/);
  const plain = await sent((client) => client.post('/x', { body: 'text', headers: { 'Content-Type': 'text/plain' } }));
  assert.deepEqual([plain.body, plain.headers['content-type']], ['text', 'text/plain']);
  const fields = { a: [1, 2], b: { c: null } };
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  assert.equal(
    (await sent((client) => client.post('/x', { body: fields, headers }))).body,
    'a%5B%5D=1&a%5B%5D=2&b%5Bc%5D=',
  );
});

test('a body that is no JSON is refused in one sentence', async () => {
  const { client } = scripted(json({}));
  await assert.rejects(client.post('/x', { body: { a: 1n } }), TypeError);
  await assert.rejects(client.post('/x', { body: () => {} }), /The body of a request is a function, which is no JSON/);
  await assert.rejects(client.get('/x', { body: {} }), {
    constructor: OpenAI.APIConnectionError,
    cause: new TypeError('Request with GET/HEAD method cannot have body.'),
  });
});

test('headers in every form, removal and precedence', async () => {
  const options = { defaultHeaders: { 'X-A': '1', 'X-B': '2', 'User-Agent': 'me', 'X-Stainless-Lang': null } };
  const request = await sent(
    (client) => client.post('/x', { body: {}, headers: { 'x-a': null, 'x-b': ['5', '6'], Authorization: 'Bearer z' } }),
    options,
  );
  assert.equal(request.headers['x-a'], undefined);
  assert.equal(request.headers['x-stainless-lang'], undefined);
  assert.deepEqual(
    ['x-b', 'user-agent', 'authorization'].map((name) => request.headers[name]),
    ['5, 6', 'me', 'Bearer z'],
  );
  const pairs = await sent((client) =>
    client.post('/x', {
      headers: [
        ['x-a', 'q'],
        ['X-A', 'r'],
      ],
    }),
  );
  assert.equal(pairs.headers['x-a'], 'q, r');
  const object = await sent((client) => client.post('/x', { headers: new Headers({ 'x-a': 'q' }) }));
  assert.equal(object.headers['x-a'], 'q');
  class Mine extends OpenAI {}
  const { baseURL } = scripted(json({}));
  await new Mine({ apiKey: 'k', baseURL }).get('/x');
  assert.ok(server.requests(baseURL)[0].headers.some(([, value]) => value === 'Mine/JS 7.57.0'));
});

test('the idempotency header is sent where a subclass names it', async () => {
  const { client, baseURL } = scripted(json({}));
  client.idempotencyHeader = 'Idempotency-Key';
  await client.post('/x', { idempotencyKey: 'abc' });
  await client.post('/x');
  await client.get('/x');
  const keys = server
    .requests(baseURL)
    .map(({ headers }) => headers.find(([name]) => /^idempotency-key$/i.test(name))?.[1]);
  assert.equal(keys[0], 'abc');
  assert.match(keys[1], /^stainless-node-retry-[-0-9a-f]{36}$/);
  assert.equal(keys[2], undefined);
});

test('paths and queries', async () => {
  const query = { a: 1, b: null, u: undefined, c: [1, 'x y'], d: { e: { f: true } } };
  const request = await sent((client) => client.get('/things?q=1', { query }), {
    defaultQuery: { z: '9', y: undefined },
  });
  assert.equal(request.query, 'q=1&z=9&a=1&b=&c%5B%5D=1&c%5B%5D=x%20y&d%5Be%5D%5Bf%5D=true');
  const { client, baseURL } = scripted(json({}));
  await client.get(`${baseURL}/absolute`);
  assert.match(server.requests(baseURL)[0].path, /\/absolute$/);
  assert.equal(client.buildURL('/a', { x: [1] }), `${baseURL}/a?x%5B%5D=1`);
  for (const method of ['post', 'put', 'patch', 'delete']) {
    assert.equal((await sent((one) => one[method]('/x'))).method, method.toUpperCase());
  }
  assert.equal((await sent((one) => one.request({ method: 'post', path: '/x', body: 1 }))).body, '1');
  assert.equal((await sent((one) => one.post('/x', Promise.resolve({ body: 2 })))).body, '2');
});

test('aborting a call closes its connection and gives the reason', async () => {
  const stalled = { json: {}, fault: { kind: 'stall', at: 'request' } };
  const baseURL = server.script({ own_port: true, exchanges: [stalled] });
  const controller = new AbortController();
  const reason = new Error('mine');
  const call = clientOf(baseURL, { maxRetries: 2 }).post('/x', { body: {}, signal: controller.signal });
  eventually(() => server.requests(baseURL).length === 1).then(() => controller.abort(reason));
  await assert.rejects(call, { constructor: OpenAI.APIUserAbortError, message: 'Request was aborted.', cause: reason });
  await closedByClient(server, baseURL);
  const { client, baseURL: untouched } = scripted(json({}));
  await assert.rejects(client.post('/x', { signal: AbortSignal.abort() }), OpenAI.APIUserAbortError);
  assert.equal(server.requests(untouched).length, 0);
});

test('a call that nobody waits for is sent, once', async () => {
  const { client, baseURL } = scripted(json({ a: 1 }));
  const promise = client.post('/x', { body: {} });
  await eventually(() => server.requests(baseURL).length === 1);
  await Promise.all([promise, promise, promise.asResponse(), promise.withResponse()]);
  await sleep(20);
  assert.equal(server.requests(baseURL).length, 1);
});

test('a function gives the key before each call', async () => {
  let count = 0;
  const { client, baseURL } = scripted(json({}), { apiKey: async () => `key-${++count}` });
  assert.equal(client.apiKey, null);
  await client.post('/x');
  await client.withOptions({ timeout: 1000 }).post('/x');
  const keys = server
    .requests(baseURL)
    .map(({ headers }) => headers.find(([name]) => /^authorization$/i.test(name))[1]);
  assert.deepEqual(keys, ['Bearer key-1', 'Bearer key-2']);
  const cause = new Error('no token');
  const failing = scripted(json({}), { apiKey: () => Promise.reject(cause) }).client;
  await assert.rejects(failing.post('/x'), { message: "Failed to get token from 'apiKey' function: no token", cause });
  await assert.rejects(scripted(json({}), { apiKey: async () => 5 }).client.post('/x'), {
    constructor: OpenAI.OpenAIError,
    message: "Expected 'apiKey' function argument to return a string but it returned 5",
  });
});

test('many calls at once', async () => {
  const { client } = scripted(json({ a: 1 }));
  const answers = await Promise.all(Array.from({ length: 200 }, () => client.post('/x', { body: {} })));
  assert.equal(answers.filter((answer) => answer.a === 1).length, 200);
});
