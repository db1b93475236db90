// Giving up closes the socket at once, and the client goes on: every way in which a program can give up. Also what
// else shares a process with a stream: workers, vm contexts, a second copy of the module, timers, memory.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import vm from 'node:vm';
import { CHAT, clientOf, collect, DIST, ENTRY, eventually, mockServer, OpenAI, ROOT, runNode } from './support.mjs';

const server = mockServer();

/** Milliseconds in which the server must see that the caller gave up. It would not have sent or ended anything itself. */
const AT_ONCE_MS = 30_000;
const EVENT = `data: ${JSON.stringify({ id: 'c1', choices: [{ index: 0, delta: { content: 'x' } }] })}\n\n`;
const STREAM = { headers: { 'content-type': 'text/event-stream' } };
const GIVEN_UP = {
  call: { json: {}, delay_ms: 60_000 },
  stalled: { ...STREAM, chunks: [EVENT, { text: EVENT, delay_ms: 60_000 }] },
  flowing: { ...STREAM, chunks: [EVENT, { text: EVENT.repeat(500), times: 5_000 }] },
};
const WHOLE = { sse: [{ data: { id: 'c1' } }, { data: { id: 'c1' } }, { data: '[DONE]' }] };

/** Plays these, and a whole answer to every later request, on a port that nobody else uses. */
function script(...exchanges) {
  return server.script({ own_port: true, exchanges: [...exchanges, { json: { id: 'next' }, repeat: true }] });
}

/** Waits until the server sees that the first request's connection was closed, and checks that it was at once. */
async function checkClosed(baseURL) {
  const began = performance.now();
  await eventually(() => server.requests(baseURL)[0]?.client_closed_ms != null);
  const took = performance.now() - began;
  assert.ok(took < AT_ONCE_MS, `closed after ${took} ms`);
}

const WAYS = {
  break: async (stream) => {
    for await (const _ of stream) break;
  },
  throw: async (stream) => {
    await assert.rejects(async () => {
      for await (const _ of stream) throw new Error('mine');
    }, /mine/);
  },
  return: async (stream) => {
    const iterator = stream[Symbol.asyncIterator]();
    await iterator.next();
    await iterator.return();
  },
  'return while next waits': async (stream) => {
    const iterator = stream[Symbol.asyncIterator]();
    await iterator.next();
    const waiting = iterator.next();
    await iterator.return();
    await waiting;
  },
  'controller.abort': async (stream) => {
    const iterator = stream[Symbol.asyncIterator]();
    await iterator.next();
    stream.controller.abort();
  },
  signal: async (stream, controller) => {
    const iterator = stream[Symbol.asyncIterator]();
    await iterator.next();
    controller.abort();
  },
  'cancel of a ReadableStream': async (stream) => {
    const reader = stream.toReadableStream().getReader();
    await reader.read();
    await reader.cancel();
  },
  'an abandoned generator': async (stream) => {
    async function* relayed() {
      for await (const chunk of stream) yield chunk;
    }
    const chunks = relayed();
    await chunks.next();
    await chunks.return();
  },
};

for (const what of ['stalled', 'flowing']) {
  for (const [how, giveUp] of Object.entries(WAYS)) {
    test(`a ${what} stream is given up by ${how}`, async () => {
      const baseURL = script(GIVEN_UP[what]);
      const client = clientOf(baseURL);
      const controller = new AbortController();
      const stream = await client.chat.completions.create({ ...CHAT, stream: true }, { signal: controller.signal });
      await giveUp(stream, controller);
      await checkClosed(baseURL);
      assert.equal((await client.chat.completions.create(CHAT)).id, 'next');
    });
  }
}

test('a call is aborted before it is answered', async () => {
  const baseURL = script(GIVEN_UP.call);
  const client = clientOf(baseURL);
  const controller = new AbortController();
  const call = client.chat.completions.create(CHAT, { signal: controller.signal });
  await Promise.all([
    assert.rejects(call, OpenAI.APIUserAbortError),
    eventually(() => server.requests(baseURL).length).then(() => controller.abort()),
  ]);
  await checkClosed(baseURL);
  assert.equal((await client.chat.completions.create(CHAT)).id, 'next');
});

test('a stream is aborted as its head arrives, and nobody keeps its connection', async () => {
  const baseURL = server.script({ own_port: true, exchanges: [{ ...GIVEN_UP.stalled, repeat: true }] });
  const client = clientOf(baseURL);
  for (let turn = 0; turn < 40; turn++) {
    const controller = new AbortController();
    const call = client.chat.completions.create({ ...CHAT, stream: true }, { signal: controller.signal });
    const settled = call.then(
      () => {},
      (error) => assert.ok(error instanceof OpenAI.APIUserAbortError, String(error)),
    );
    // Some of these come before the request, some on the way, and some after the head.
    const until = performance.now() + turn * 0.05;
    while (performance.now() < until) await new Promise(setImmediate);
    controller.abort();
    await settled;
  }
  await eventually(() => server.connections(baseURL).every((connection) => connection.closed_by === 'client'));
});

test('a signal that was aborted before the call sends nothing', async () => {
  const baseURL = script();
  await assert.rejects(
    clientOf(baseURL).chat.completions.create(CHAT, { signal: AbortSignal.abort() }),
    OpenAI.APIUserAbortError,
  );
  await sleep(50);
  assert.deepEqual(server.requests(baseURL), []);
});

test('AbortSignal.timeout ends a stream that falls silent', async () => {
  const baseURL = script(GIVEN_UP.stalled);
  const stream = await clientOf(baseURL).chat.completions.create(
    { ...CHAT, stream: true },
    // Long enough for the first event on a busy machine.
    { signal: AbortSignal.timeout(4000) },
  );
  assert.equal((await collect(stream)).length, 1);
  await checkClosed(baseURL);
});

const LEAVING = `
const [entry, baseURL, how] = process.argv.slice(1);
const { default: OpenAI } = await import(entry);
const client = new OpenAI({ apiKey: 'k', baseURL, maxRetries: 0 });
for await (const item of await client.post('/x', { body: {}, stream: true })) {
  if (how === 'exit') process.exit(7);
  else if (how === 'exit in a timer') setTimeout(() => process.exit(7), 5);
  else if (how === 'exception') setTimeout(() => { throw new Error('mine'); }, 5);
  else if (how === 'abort') process.abort();
  else process.kill(process.pid, how);
}`;

for (const what of ['stalled', 'flowing']) {
  for (const [how, end] of [
    ['exit', 7],
    ['exit in a timer', 7],
    ['exception', 1],
    ['SIGINT', 'SIGINT'],
    ['SIGTERM', 'SIGTERM'],
    ['SIGKILL', 'SIGKILL'],
  ]) {
    test(`a process that ends by ${how} inside a ${what} stream closes it`, async () => {
      const baseURL = script(GIVEN_UP[what]);
      const child = spawn(process.execPath, ['--input-type=module', '--eval', LEAVING, ENTRY, baseURL, how], {
        stdio: ['ignore', 'ignore', 'pipe'],
        cwd: ROOT,
      });
      let stderr = '';
      child.stderr.on('data', (text) => (stderr += text));
      const [code, signal] = await new Promise((ended) => child.on('close', (...status) => ended(status)));
      assert.equal(code ?? signal, end, stderr);
      if (how !== 'exception') assert.equal(stderr, '');
      await checkClosed(baseURL);
    });
  }
}

const WORKER = `
import { parentPort, workerData } from 'node:worker_threads';
const { default: OpenAI } = await import(workerData.entry);
const client = new OpenAI({ apiKey: 'k', baseURL: workerData.baseURL, maxRetries: 0 });
const streams = await Promise.all([1, 2, 3].map(() => client.post('/x', { body: {}, stream: true })));
await Promise.all(streams.map(async (stream) => {
  for await (const item of stream) parentPort.postMessage('item');
}));
`;

test('workers that are terminated together inside their streams close them, and the main thread goes on', async () => {
  for (const what of ['stalled', 'flowing']) {
    const { stdout } = await runNode(
      `const { Worker } = await import('node:worker_threads');
       const [entry, stuck, whole] = process.argv.slice(1);
       const { default: OpenAI } = await import(entry);
       const { MockServer } = await import(new URL('./testing.js', entry));
       const server = new MockServer();
       const baseURL = server.script({ own_port: true, exchanges: [JSON.parse(stuck)] });
       const client = new OpenAI({ apiKey: 'k', baseURL: server.script({ exchanges: [JSON.parse(whole)] }) });
       const count = async () => {
         let items = 0;
         for await (const item of await client.post('/x', { body: {}, stream: true })) items++;
         return items;
       };
       const url = new URL('data:text/javascript,' + encodeURIComponent(${JSON.stringify(WORKER)}));
       for (let round = 0; round < 3; round++) {
         const workers = Array.from({ length: 4 }, () => new Worker(url, { workerData: { entry, baseURL } }));
         await Promise.all(workers.map((worker) => new Promise((seen, failed) => {
           worker.once('message', seen);
           worker.once('error', failed);
         })));
         const [items] = await Promise.all([count(), ...workers.map((worker) => worker.terminate())]);
         console.log(items);
       }
       const began = Date.now();
       const open = () => server.requests(baseURL).filter((request) => request.client_closed_ms === null).length;
       while (open() > 0 && Date.now() - began < 60_000) await new Promise((resolve) => setTimeout(resolve, 5));
       console.log(await count(), open(), server.requests(baseURL).length);
       process.exit();`,
      { args: [ENTRY, JSON.stringify({ ...GIVEN_UP[what], repeat: true }), JSON.stringify({ ...WHOLE, repeat: true })] },
    );
    // Three rounds of four workers, each with three streams.
    assert.equal(stdout, '2\n2\n2\n2 0 36\n', what);
  }
});

test('code of a vm context makes calls and streams, and its own arrays and objects are taken as they are', async () => {
  const baseURL = server.script({ exchanges: [{ json: { id: 'x' } }, WHOLE, { status: 400, json: {} }] });
  const context = vm.createContext({ OpenAI, baseURL, AbortController });
  const outcome = await vm.runInContext(
    `(async () => {
      const client = new OpenAI({ apiKey: 'k', baseURL, maxRetries: 0, defaultHeaders: { 'x-a': 'b' } });
      const body = { model: 'm', messages: [{ role: 'user', content: 'hi' }] };
      const { id } = await client.chat.completions.create(body);
      let events = 0;
      const { signal } = new AbortController();
      for await (const chunk of await client.chat.completions.create({ ...body, stream: true }, { signal })) events++;
      const error = await client.chat.completions.create(body).catch((error) => error);
      return [id, events, error instanceof OpenAI.BadRequestError];
    })()`,
    context,
  );
  assert.deepEqual([...outcome], ['x', 2, true]);
  const [request] = server.requests(baseURL);
  assert.deepEqual(JSON.parse(request.body).messages, [{ role: 'user', content: 'hi' }]);
  assert.ok(request.headers.some(([name, value]) => name === 'x-a' && value === 'b'));
});

test('two copies of the module, and a third by require, stream side by side in one process', async () => {
  const baseURL = server.script({ exchanges: [{ ...WHOLE, interval_ms: 20, repeat: true }] });
  const copy = await import(`${ENTRY}?second`);
  const require = createRequire(import.meta.url);
  const path = join(DIST, 'cjs', 'index.js');
  const required = require(path);
  for (const key of Object.keys(require.cache)) if (key.startsWith(DIST)) delete require.cache[key];
  const again = require(path);
  assert.notEqual(required, again);
  const classes = [OpenAI, copy.default, required.default ?? required, again.default ?? again];
  const counts = classes.map(async (Client) => {
    const client = new Client({ apiKey: 'k', baseURL });
    return (await collect(await client.chat.completions.create({ ...CHAT, stream: true }))).length;
  });
  assert.deepEqual(await Promise.all(counts), [2, 2, 2, 2]);
});

test('a stream that never pauses leaves timers, immediates and other streams their turn', async () => {
  // A million events, of which it reads as many as the others need to have their turns.
  const long = { ...STREAM, chunks: [{ text: EVENT.repeat(500), times: 2_000 }] };
  const fast = server.script({ own_port: true, exchanges: [long] });
  const baseURL = server.script({ exchanges: [{ ...WHOLE, interval_ms: 5 }] });
  let immediates = 0;
  let ticks = 0;
  let isOver = false;
  const count = () => !isOver && (immediates++, setImmediate(count));
  setImmediate(count);
  const timer = setInterval(() => ticks++, 5);
  let chunks;
  let items = 0;
  for await (const _ of await clientOf(fast).chat.completions.create({ ...CHAT, stream: true })) {
    if (++items === 100) {
      const other = clientOf(baseURL).chat.completions.create({ ...CHAT, stream: true }).then(collect);
      other.then((all) => (chunks = all.length));
    }
    if (chunks !== undefined && items >= 60_000 && ticks > 5) break;
  }
  isOver = true;
  clearInterval(timer);
  assert.equal(chunks, 2);
  assert.ok(items < 1_000_000, `${ticks} ticks`);
  assert.ok(immediates > items / 20_000, `${immediates} immediates for ${items} items`);
});

test('slow readers of many fast streams bound memory', async () => {
  const streams = 20;
  const baseURL = server.script({
    own_port: true,
    exchanges: [{ ...STREAM, chunks: [{ text: `data: "${'x'.repeat(65_536)}"\n\n`, times: 3_000 }], repeat: true }],
  });
  const { stdout } = await runNode(
    `const [entry, baseURL, streams] = process.argv.slice(1);
     const { default: OpenAI } = await import(entry);
     const client = new OpenAI({ apiKey: 'k', baseURL });
     const opened = await Promise.all(Array.from({ length: streams }, async () =>
       (await client.post('/x', { body: {}, stream: true }))[Symbol.asyncIterator]()));
     for (const iterator of opened) await iterator.next();
     gc();
     const before = process.memoryUsage.rss();
     let most = before;
     for (let turn = 0; turn < 10; turn++) {
       await new Promise((resolve) => setTimeout(resolve, 50));
       for (const iterator of opened) await iterator.next();
       gc();
       most = Math.max(most, process.memoryUsage.rss());
     }
     console.log(Math.round((most - before) / 1024));
     process.exit();`,
    { args: [ENTRY, baseURL, String(streams)], flags: ['--expose-gc'] },
  );
  // 256 KiB and a burst for each stream that is behind, and the batch that JavaScript has taken of it, twice as text.
  assert.ok(Number(stdout) < streams * 2_000, `${stdout} kB`);
});
