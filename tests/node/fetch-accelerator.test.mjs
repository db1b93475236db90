// `tailrace/fetch`: a `fetch` over the native transport, beside that of Node, and below the official package.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { createFetch, fetch as fast } from '../../node/dist/esm/fetch.js';
import { OpenAI, runNode } from './support.mjs';

const modules = process.env.TAILRACE_OFFICIAL_NODE_MODULES;
const FETCHES = { ours: fast, theirs: globalThis.fetch };

const server = createServer(async (request, response) => {
  const { pathname } = new URL(request.url, 'http://x');
  const body = [];
  for await (const piece of request) body.push(piece);
  const { host, connection, ...headers } = request.headers;
  if (pathname === '/echo') {
    // Whether a length is said, and what of a language and of sites, is not what is compared.
    for (const name of ['accept-language', 'sec-fetch-mode', 'accept-encoding']) delete headers[name];
    response.setHeader('x-many', ['a', 'b']);
    response.end(JSON.stringify({ method: request.method, url: request.url, headers: Object.fromEntries(Object.entries(headers).sort()), body: Buffer.concat(body).toString() }).replaceAll(/-+form-?data-(tailrace|undici)-\d+/gi, 'boundary').replaceAll(/"content-length":"3\d{5}"/g, '"content-length":"some"'));
  } else if (pathname === '/gzip') response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('packed'));
  else if (pathname === '/empty') response.writeHead(204).end();
  else if (pathname === '/refused') response.writeHead(429, 'Slow down', { 'retry-after': '1' }).end('slow');
  else if (pathname === '/from') response.writeHead(307, { location: '/echo?to' }).end();
  else if (pathname === '/loop') response.writeHead(302, { location: '/loop' }).end();
  else if (pathname === '/cut') response.writeHead(200, { 'content-length': '99' }).write('half', () => request.socket.destroy());
  else if (pathname === '/pieces') {
    response.write('first');
    request.on('close', () => {}).socket.on('close', () => closed.push(pathname));
  } else if (pathname === '/silent') request.socket.on('close', () => closed.push(pathname));
  else response.writeHead(404).end();
});
const closed = [];
server.listen(0, '127.0.0.1');
await once(server, 'listening');
after(() => (server.closeAllConnections(), server.close()));
const unused = createServer().listen(0, '127.0.0.1');
await once(unused, 'listening');
const NOWHERE = `http://127.0.0.1:${unused.address().port}`;
unused.close();
const BASE = `http://127.0.0.1:${server.address().port}`;

async function shown(fetch, path, init) {
  try {
    const response = await fetch(typeof path === 'string' ? `${BASE}${path}` : path(), typeof init === 'function' ? init() : init);
    const { status, ok, redirected, url, type, headers } = response;
    const known = Object.fromEntries([...headers].filter(([name]) => !['date', 'connection', 'keep-alive', 'transfer-encoding', 'content-encoding', 'content-length'].includes(name)));
    const text = await response.text().catch((error) => [error.name, error.message]);
    return { isResponse: response instanceof Response, status, ok, redirected, url, type: type === 'default' ? 'basic' : type, known, text };
  } catch (error) {
    return [error.name, error.message];
  }
}

async function* pieces() {
  yield Buffer.from('one,');
  yield Buffer.from('two');
}

const CASES = {
  'a URL': ['/echo?a=b%20c'],
  'a URL object': [() => new URL(`${BASE}/echo`)],
  'a Request': [() => new Request(`${BASE}/echo`, { method: 'PUT', body: 'x', headers: { 'x-a': '1' } })],
  'a Request and more': [() => new Request(`${BASE}/echo`, { method: 'PUT', body: 'x' }), { headers: { 'x-b': '2' } }],
  'text': ['/echo', { method: 'post', body: 'h\u00e9' }],
  'text with headers': ['/echo', { method: 'POST', body: '{}', headers: new Headers({ 'content-type': 'application/json', 'x-a': '1' }) }],
  'bytes': ['/echo', { method: 'POST', body: new Uint8Array([104, 105]) }],
  'parameters': ['/echo', { method: 'POST', body: new URLSearchParams({ a: 'b c' }) }],
  'a blob': ['/echo', { method: 'POST', body: new Blob(['x'], { type: 'text/x' }) }],
  'a form': ['/echo', () => { const form = new FormData(); form.append('a', 'b'); form.append('f', new Blob([new Uint8Array(300_000)]), 'f.bin'); return { method: 'POST', body: form }; }],
  'a Request of a stream': [() => new Request(`${BASE}/echo`, { method: 'POST', body: ReadableStream.from(pieces()), duplex: 'half' })],
  'a stream': ['/echo', () => ({ method: 'POST', body: ReadableStream.from(pieces()), duplex: 'half' })],
  'a method of its own': ['/echo', { method: 'patch' }],
  'no content': ['/empty'],
  'HEAD': ['/echo', { method: 'HEAD' }],
  'gzip': ['/gzip'],
  'a refusal': ['/refused'],
  'a redirect': ['/from', { method: 'POST', body: 'kept' }],
  'a redirect that is an answer': ['/from', { redirect: 'manual' }],
  'a redirect that is an error': ['/from', { redirect: 'error' }],
  'redirects for ever': ['/loop'],
  'a body that is cut': ['/cut'],
  'nobody there': [() => NOWHERE],
  'a body of GET': ['/echo', { body: 'x' }],
  'a wrong header': ['/echo', { headers: { 'x y': '1' } }],
  'aborted before': ['/echo', { signal: AbortSignal.abort() }],
  'aborted with a reason': ['/echo', () => ({ signal: AbortSignal.abort(new RangeError('mine')) })],
};

for (const [name, [path, init]] of Object.entries(CASES)) {
  test(`${name}: as Node's own`, async () => {
    const [ours, theirs] = [await shown(fast, path, init), await shown(FETCHES.theirs, path, init)];
    // The words of a mistake are each one's own.
    if (Array.isArray(theirs) && theirs[0] === 'TypeError' && theirs[1] !== 'fetch failed') theirs[1] = ours[1];
    assert.deepEqual(ours, theirs);
  });
}

test('an abort ends a request, and a body that is being read', async () => {
  for (const fetch of Object.values(FETCHES)) {
    const stop = new AbortController();
    const waiting = fetch(`${BASE}/silent`, { signal: stop.signal });
    stop.abort(new RangeError('mine'));
    await assert.rejects(waiting, { message: 'mine' });
    const later = new AbortController();
    const reader = (await fetch(`${BASE}/pieces`, { signal: later.signal })).body.getReader();
    assert.equal(Buffer.from((await reader.read()).value).toString(), 'first');
    const next = reader.read();
    later.abort(new RangeError('mine'));
    await assert.rejects(next, { message: 'mine' });
  }
});

test('a body that is left closes its connection', async () => {
  closed.length = 0;
  const response = await fast(`${BASE}/pieces`);
  await response.body.cancel();
  while (!closed.includes('/pieces')) await new Promise((resolve) => setTimeout(resolve, 10));
});

test('nothing is tried again, and nothing said about tries', async () => {
  const echo = await (await fast(`${BASE}/echo`)).json();
  assert.deepEqual(Object.keys(echo.headers).sort(), ['accept', 'user-agent']);
});

test('the official package works over it', { skip: !modules && 'TAILRACE_OFFICIAL_NODE_MODULES is not set' }, async () => {
  const { stdout } = await runNode(`
    import { MockServer } from './node/dist/esm/testing.js';
    import { fetch } from './node/dist/esm/fetch.js';
    import { OpenAI, toFile } from ${JSON.stringify(join(modules ?? '', 'openai/index.mjs'))};
    const server = new MockServer();
    const sse = [{ data: '{"a":1}' }, { data: '[DONE]' }];
    const client = new OpenAI({ apiKey: 'k', fetch, maxRetries: 1, baseURL: server.script(JSON.stringify({ exchanges: [{ status: 500, json: {} }, { json: { id: 'x' } }, { sse }, { json: { id: 'f' } }, { status: 401, json: {} }] })) });
    const said = [(await client.get('/x')).id];
    for await (const event of await client.post('/x', { body: {}, stream: true })) said.push(event);
    said.push((await client.files.create({ file: await toFile(Buffer.alloc(1000), 'a'), purpose: 'assistants' })).id);
    said.push(await client.get('/x').catch((error) => error.constructor.name));
    said.push(server.requests(client.baseURL).length);
    server.stop();
    console.log(JSON.stringify(said));
  `, { node: process.env.TAILRACE_OFFICIAL_NODE ?? process.execPath });
  assert.deepEqual(JSON.parse(stdout), ['x', { a: 1 }, 'f', 'AuthenticationError', 5]);
});

test('a fetch can connect in its own way', async () => {
  assert.throws(() => createFetch({ proxy: 5 }), OpenAI.OpenAIError);
  const direct = createFetch({ maxConnections: 1 });
  assert.equal((await (await direct(`${BASE}/echo`)).json()).method, 'GET');
});

test('both ways to import it give the same', () => {
  const { fetch: required } = createRequire(import.meta.url)('../../node/dist/cjs/fetch.js');
  assert.equal(required, fast);
  assert.ok(new OpenAI({ apiKey: 'k', fetch: fast }));
});
