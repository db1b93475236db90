// A `fetch` of the caller's sends the requests: what it is given and what comes of it, beside the official package and over
// real sockets.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sameAsOfficial, skip } from './beside-official.mjs';
import { CHAT, clientOf, closedByClient, collect, mockServer, OpenAI, runNode, stalling } from './support.mjs';

const server = mockServer();
const script = (exchanges) => server.script(JSON.stringify({ exchanges: [exchanges].flat() }));
const JSON_TYPE = { 'content-type': 'application/json' };
/** Node's own, called through a function that counts. */
const counting = () => Object.assign((...given) => ((counted.calls += 1), fetch(...given)), { calls: 0 });
let counted = counting();
const over = (exchanges, options = {}) => {
  counted = counting();
  return clientOf(script(exchanges), { fetch: counted, ...options });
};
const broken = (first) => {
  let isFirst = true;
  const pull = (sink) => {
    if (!isFirst) return sink.error(new TypeError('terminated'));
    isFirst = false;
    return sink.enqueue(Buffer.from(first));
  };
  return new Response(new ReadableStream({ pull }), { headers: JSON_TYPE });
};

test('calls equal those of the official package', { skip }, (t) => sameAsOfficial(t, 'fetch-subject.mjs'));

test('without a reason the native transport sends, with one the fetch of the platform does', async () => {
  const { stdout } = await runNode(`
    import { channel } from 'node:diagnostics_channel';
    import { MockServer } from './node/dist/esm/testing.js';
    import OpenAI from './node/dist/esm/index.js';
    let count = 0;
    channel('undici:request:create').subscribe(() => (count += 1));
    const server = new MockServer();
    const client = new OpenAI({ apiKey: 'k', baseURL: server.script('{"exchanges":[{"json":{}},{"json":{}},{"json":{}},{"json":{}},{"json":{}},{"json":{}}]}') });
    const counts = [];
    const made = async (options, from = client) => { await from.get('/x', options); counts.push(count); };
    await made();
    await fetch('http://127.0.0.1:1').catch(() => {});
    count = 0;
    await made();
    await made({ fetchOptions: { keepalive: true, redirect: 'follow' } });
    await made({ fetchOptions: { redirect: 'error' } });
    await made({}, client.withOptions({ fetchOptions: { own: 1 } }));
    class Own extends OpenAI { fetchWithTimeout(...given) { return super.fetchWithTimeout(...given); } }
    await made({}, new Own({ apiKey: 'k', baseURL: client.baseURL }));
    server.stop();
    console.log(JSON.stringify(counts));
  `);
  assert.deepEqual(JSON.parse(stdout), [0, 0, 0, 1, 2, 3]);
});

test('whole answers, streams, forms and refusals go over real sockets', async () => {
  const sse = Array.from({ length: 2000 }, (_, index) => ({ data: JSON.stringify({ index, pad: 'x'.repeat(500) }) }));
  const client = over([{ json: { id: 'a' } }, { status: 500, json: {} }, { json: { id: 'b' } }, { sse }, { json: { id: 'f' } }, { status: 429, json: { error: { message: 'slow' } } }], { maxRetries: 1 });
  assert.equal((await client.get('/x')).id, 'a');
  assert.equal((await client.get('/x')).id, 'b');
  const items = await collect(await client.post('/x', { body: {}, stream: true }));
  assert.deepEqual(items.map(({ index }) => index), sse.map((_, index) => index));
  const file = new File([new Uint8Array(3_000_000)], 'big.bin');
  assert.equal((await client.files.create({ file, purpose: 'assistants' })).id, 'f');
  await assert.rejects(client.get('/x', { maxRetries: 0 }), OpenAI.RateLimitError);
  assert.equal(counted.calls, 6);
});

test('a body that comes with its head and one that comes long after it give the same', async () => {
  const base64 = Buffer.from(new Float32Array([1.5, -2]).buffer).toString('base64');
  const vectors = JSON.stringify({ object: 'list', model: 'm', data: [{ object: 'embedding', index: 0, embedding: base64 }] });
  const later = async (sink, pieces) => {
    for (const piece of pieces) {
      await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
      sink.enqueue(Buffer.from(piece));
    }
    sink.close();
  };
  const headers = { ...JSON_TYPE, 'x-request-id': 'r' };
  for (const isLate of [false, true]) {
    const answer = (text) => {
      const pieces = [text.slice(0, 9), text.slice(9)];
      const body = isLate ? new ReadableStream({ start: (sink) => void later(sink, pieces) }) : text;
      return new Response(body, { headers });
    };
    const client = (text) => clientOf('http://api.test', { fetch: async () => answer(text) });
    const { data, response, request_id } = await client('\uFEFF{"id":"\u00e9","n":[1]}').get('/x').withResponse();
    assert.deepEqual({ ...data }, { id: '\u00e9', n: [1] });
    assert.equal(data._request_id, 'r');
    assert.equal(request_id, 'r');
    assert.equal(response.headers.get('content-type'), 'application/json');
    assert.equal(await client('').get('/x'), undefined);
    assert.deepEqual([...(await client(vectors).embeddings.createArray({ model: 'm', input: 'a' })).array], [1.5, -2]);
  }
  const empty = clientOf('http://api.test', { fetch: async () => new Response(null, { headers }) });
  assert.equal(await empty.get('/x'), undefined);
});

test('a body that breaks off is a failed attempt, and the error has its cause', async () => {
  let calls = 0;
  const client = clientOf('http://api.test', { fetch: async () => ((calls += 1), broken('{')), maxRetries: 1 });
  const error = await client.get('/x').catch((reason) => reason);
  assert.equal(error.constructor, OpenAI.APIConnectionError);
  assert.equal(error.cause.message, 'terminated');
  assert.equal(calls, 2);
  const stream = await client.post('/x', { body: {}, stream: true, fetchOptions: {} });
  await assert.rejects(collect(stream), OpenAI.APIConnectionError);
});

test('a fetch that never answers ends with the limits of the call', async () => {
  const signals = [];
  const silent = (url, { signal }) => (signals.push(signal), new Promise(() => {}));
  const client = clientOf('http://api.test', { fetch: silent, maxRetries: 1 });
  await assert.rejects(client.get('/x', { timeout: 40 }), OpenAI.APIConnectionTimeoutError);
  await assert.rejects(client.get('/x', { deadline: 40, maxRetries: 0 }), { limit: 'deadline' });
  await assert.rejects(client.get('/x', { timeout: { firstByte: 40 }, maxRetries: 0 }), { limit: 'firstByte' });
  assert.ok(signals.length > 0);
});

test('limits between pieces hold over a fetch, too', async () => {
  const client = over(stalling({ data: '{"a":1}' }));
  const stream = await client.post('/x', { body: {}, stream: true, timeout: { idle: 150 } });
  const error = await collect(stream).catch((reason) => reason);
  assert.equal(error.limit, 'idle');
});

test('leaving or aborting a stream closes its connection', async () => {
  for (const leave of [(stream) => stream.controller.abort(), (stream, stop) => stop.abort()]) {
    const client = over(stalling({ data: '{"a":1}' }));
    const stop = new AbortController();
    const stream = await client.chat.completions.create({ ...CHAT, stream: true }, { signal: stop.signal });
    const items = stream[Symbol.asyncIterator]();
    assert.deepEqual((await items.next()).value, { a: 1 });
    leave(stream, stop);
    await closedByClient(server, client.baseURL);
  }
});

test('an abort reaches a response that was handed out', async () => {
  const client = over(stalling({ data: '{"a":1}' }));
  const stop = new AbortController();
  const response = await client.post('/x', { body: {}, stream: true, signal: stop.signal }).asResponse();
  const reader = response.body.getReader();
  await reader.read();
  stop.abort();
  await assert.rejects(reader.read());
  await closedByClient(server, client.baseURL);
});

test('a consumer that is behind holds the fetch back', async () => {
  let given = 0;
  const piece = Buffer.from(`data: ${JSON.stringify({ pad: 'x'.repeat(64 * 1024) })}\n\n`);
  const pull = (sink) => ((given += 1), given > 200 ? sink.close() : sink.enqueue(piece));
  const fetch = async () => new Response(new ReadableStream({ pull }, { highWaterMark: 0 }));
  const stream = await clientOf('http://api.test', { fetch }).post('/x', { body: {}, stream: true });
  const items = stream[Symbol.asyncIterator]();
  await items.next();
  await new Promise((resolve) => setTimeout(resolve, 200));
  assert.ok(given < 50, `${given} pieces of 64 KiB were read`);
  let count = 1;
  while (!(await items.next()).done) count += 1;
  assert.equal(count, 200);
});

test('a body that cannot be read to its end is not sent as if it were whole', async () => {
  const sent = [];
  const fetch = async (url, { body }) => {
    sent.push(await new Response(body).text().catch((error) => error));
    throw sent[0];
  };
  async function* failing() {
    yield Buffer.from('ab');
    throw new Error('the disk is gone');
  }
  const error = await clientOf('http://api.test', { fetch, maxRetries: 2 }).post('/x', { body: failing() }).catch((reason) => reason);
  assert.equal(error.constructor, OpenAI.APIConnectionError);
  assert.match(String(error.cause), /the disk is gone/);
  assert.ok(sent.length === 1 && sent[0] instanceof Error, String(sent));
});

test('a wrong fetch is said at once', () => {
  assert.throws(() => clientOf('http://api.test', { fetch: 'x' }), /The `fetch` option is a string; pass a function/);
});

test('a process ends although a stream over a fetch was left open', async () => {
  const { stdout } = await runNode(`
    import OpenAI from './node/dist/esm/index.js';
    const pull = (sink) => new Promise(() => {});
    const fetch = async () => new Response(new ReadableStream({ pull }));
    await new OpenAI({ apiKey: 'k', fetch }).post('/x', { body: {}, stream: true });
    console.log('done');
  `);
  assert.equal(stdout, 'done\n');
});
