// The package as part of a process: when it ends, what is left behind, worker threads.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { ENTRY, eventually, mockServer, runNode, stalling } from './support.mjs';

const server = mockServer();
const PREAMBLE = `
const [entry, baseURL] = process.argv.slice(1);
const { default: OpenAI } = await import(entry);
const client = new OpenAI({ apiKey: 'k', baseURL, maxRetries: 0 });
const open = () => client.post('/x', { body: {}, stream: true });
`;

/** Runs a program that has a client over a script, and gives what it printed and how long it took. */
async function run(source, exchanges, options = {}) {
  const baseURL = server.script({ own_port: true, exchanges });
  const started = performance.now();
  const { stdout, stderr } = await runNode(PREAMBLE + source, { args: [ENTRY, baseURL], ...options });
  return { stdout, stderr, baseURL, elapsed: performance.now() - started };
}

test('a process without a call ends by itself', async () => {
  assert.equal((await run(`console.log('end')`, [{ json: {} }])).stdout, 'end\n');
});

test('a process ends by itself after calls and streams, with connections still open', async () => {
  const { stdout, elapsed } = await run(
    `await client.post('/x', { body: {} });
     for await (const item of await open()) console.log(item);`,
    [{ json: {} }, { sse: [{ data: '1' }, { data: '[DONE]' }] }],
  );
  assert.equal(stdout, '1\n');
  // A connection that lies idle is closed after 90 s.
  assert.ok(elapsed < 60_000, `${elapsed} ms`);
});

test('a process stays while a call or a stream is awaited', async () => {
  const { stdout } = await run(
    `await client.post('/x', { body: {} });
     console.log('answer');
     for await (const item of await open()) console.log(item);`,
    [
      { json: {}, delay_ms: 700 },
      { sse: [{ data: '1' }, { data: '2' }], interval_ms: 700 },
    ],
  );
  assert.equal(stdout, 'answer\n1\n2\n');
});

test('a process ends when its stream was left, aborted, or never read', async () => {
  for (const act of [
    `for await (const item of stream) break;`,
    `stream.controller.abort();`,
    ``,
    `const iterator = stream[Symbol.asyncIterator](); await iterator.next(); iterator.next(); await iterator.return();`,
  ]) {
    const { stdout } = await run(`const stream = await open(); ${act} console.log('end');`, [stalling({ data: '1' })]);
    assert.equal(stdout, 'end\n', act);
  }
});

test('process.exit inside a stream ends the process at once', async () => {
  const { stdout } = await run(
    `process.on('exit', () => process.stdout.write('exit'));
     for await (const item of await open()) { if (item === 1) process.exit(); }`,
    [stalling({ data: '1' })],
  );
  assert.equal(stdout, 'exit');
});

test('an error that nobody handles ends the process with its message', async () => {
  await assert.rejects(
    run(`client.post('/x', { body: {} });`, [{ status: 400, json: { error: { message: 'bad' } } }]),
    /400 bad/,
  );
});

test('streams and answers that are forgotten close their connections', async () => {
  // The process asks the server and lives on until then, so it is not its end that closes the connection.
  const { stdout } = await run(
    `await (async () => { await open(); })();
     const [, origin, token] = /^(.*)\\/s\\/(\\w+)/.exec(baseURL);
     for (let isClosed = false; !isClosed; ) {
       gc();
       await new Promise((resolve) => setTimeout(resolve, 20));
       const connections = await (await fetch(origin + '/s/' + token + '/__connections')).json();
       isClosed = connections.some(({ closed_by: by }) => by === 'client');
     }
     console.log('closed');`,
    [stalling({ data: '1' })],
    { flags: ['--expose-gc'] },
  );
  assert.equal(stdout, 'closed\n');
});

test('a signal that outlives many streams keeps none of them', async () => {
  const { stdout } = await run(
    `const { getEventListeners } = await import('node:events');
     const { signal } = new AbortController();
     for (let i = 0; i < 50; i++) for await (const item of await client.post('/x', { body: {}, stream: true, signal }));
     for (let i = 0; i < 50; i++) await client.post('/x', { body: {}, signal, stream: false });
     for (let i = 0; i < 50; i++) await (await client.post('/x', { body: {}, signal }).asResponse()).text();
     console.log(getEventListeners(signal, 'abort').length);
     await (async () => {
       for (let i = 0; i < 50; i++) await client.post('/x', { body: {}, signal }).asResponse();
     })();
     const started = Date.now();
     while (getEventListeners(signal, 'abort').length > 1 && Date.now() - started < 60_000) {
       gc();
       await new Promise((resolve) => setTimeout(resolve, 10));
     }
     // A variable of the engine may still hold the last one.
     console.log(getEventListeners(signal, 'abort').length <= 1);`,
    [{ sse: [{ data: '1' }], repeat: true }],
    { flags: ['--expose-gc'] },
  );
  assert.equal(stdout, '0\ntrue\n');
});

const WORKER = `
import { parentPort, workerData } from 'node:worker_threads';
const { default: OpenAI } = await import(workerData.entry);
const client = new OpenAI({ apiKey: 'k', baseURL: workerData.baseURL, maxRetries: 0 });
await client.post('/warm', { body: {} });
parentPort.postMessage('ready');
let count = 0;
for await (const item of await client.post('/x', { body: {}, stream: true })) { count++; if (workerData.isStalled) parentPort.postMessage(item); }
parentPort.postMessage(count);
`;

test('worker threads stream at the same time as the main thread', async () => {
  const sse = Array.from({ length: 50 }, (_, index) => ({ data: String(index) }));
  const { stdout } = await run(
    `const { Worker } = await import('node:worker_threads');
     const url = new URL('data:text/javascript,' + encodeURIComponent(${JSON.stringify(WORKER)}));
     const one = () => new Promise((resolve, reject) => {
       const worker = new Worker(url, { workerData: { entry, baseURL } });
       worker.on('message', (message) => message === 'ready' || resolve(message));
       worker.on('error', reject);
     });
     const main = async () => {
       await client.post('/warm', { body: {} });
       let count = 0;
       for await (const item of await open()) count++;
       return count;
     };
     console.log(JSON.stringify(await Promise.all([one(), one(), one(), main()])));`,
    [...Array.from({ length: 4 }, () => ({ sse, interval_ms: 2 })), { sse, interval_ms: 2, repeat: true }],
  );
  assert.deepEqual(JSON.parse(stdout), [50, 50, 50, 50]);
});

test('a worker that is terminated inside a stream closes its connection and leaves the rest alone', async () => {
  const { stdout, baseURL } = await run(
    `const { Worker } = await import('node:worker_threads');
     const url = new URL('data:text/javascript,' + encodeURIComponent(${JSON.stringify(WORKER)}));
     for (let round = 0; round < 5; round++) {
       const worker = new Worker(url, { workerData: { entry, baseURL, isStalled: true } });
       await new Promise((resolve) => worker.on('message', (message) => message === 1 && resolve()));
       await worker.terminate();
     }
     console.log(JSON.stringify(await client.post('/x', { body: {} })));`,
    [...Array.from({ length: 5 }, () => [{ json: {} }, stalling({ data: '1' })]).flat(), { json: { a: 1 } }],
  );
  assert.equal(stdout, '{"a":1}\n');
  await eventually(() => server.connections(baseURL).filter(({ closed_by: by }) => by === 'client').length >= 5);
});

test('an asynchronous context follows its own call and stream', async () => {
  const { stdout } = await run(
    `const { AsyncLocalStorage } = await import('node:async_hooks');
     const storage = new AsyncLocalStorage();
     const seen = await Promise.all([1, 2, 3].map((id) => storage.run(id, async () => {
       const found = [];
       for await (const item of await open()) found.push(storage.getStore());
       return found;
     })));
     console.log(JSON.stringify(seen));`,
    [{ sse: [{ data: '1' }, { data: '2' }], interval_ms: 30, repeat: true }],
  );
  assert.equal(stdout, '[[1,1],[2,2],[3,3]]\n');
});

test('a mock server of which only the address is kept goes on, and does not hold up the process', async () => {
  const { stdout } = await run(
    `const { MockServer } = await import(new URL('./testing.js', entry));
     const url = (() => new MockServer().url)();
     for (let i = 0; i < 10; i++) { gc(); await new Promise((resolve) => setTimeout(resolve, 10)); }
     console.log((await client.withOptions({ baseURL: url }).responses.create({ model: 'm', input: 'hi' })).object);`,
    [{ json: {} }],
    { flags: ['--expose-gc'] },
  );
  assert.equal(stdout, 'response\n');
});

test('timers that a test tool has replaced do not stop a stream', async () => {
  const { stdout } = await run(
    `globalThis.setImmediate = globalThis.setInterval = globalThis.setTimeout = () => {};
     let count = 0;
     for await (const item of await open()) count++;
     console.log(count);`,
    [{ sse: Array.from({ length: 2000 }, () => ({ data: JSON.stringify('x'.repeat(1000)) })) }],
  );
  assert.equal(stdout, '2000\n');
});

test('proxies of the environment are used only where Node is told to', async (t) => {
  // A proxy gets the whole URL; this one answers in place of the server.
  const proxy = createServer((request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ via: 'proxy', url: request.url }));
  });
  await new Promise((listening) => proxy.listen(0, '127.0.0.1', listening));
  t.after(() => proxy.close());
  const address = `http://127.0.0.1:${proxy.address().port}`;
  const env = { HTTP_PROXY: address, http_proxy: address, NO_PROXY: '', no_proxy: '' };
  const source = `console.log(JSON.stringify(await client.post('/x', { body: {} })));`;
  const exchanges = [{ json: { via: 'server' } }];
  const direct = await run(source, exchanges, { env: { ...env, NODE_USE_ENV_PROXY: '' } });
  assert.equal(direct.stdout, '{"via":"server"}\n');
  const proxied = await run(source, exchanges, { env: { ...env, NODE_USE_ENV_PROXY: '1' } });
  assert.deepEqual(JSON.parse(proxied.stdout), { via: 'proxy', url: `${proxied.baseURL}/x` });
});
