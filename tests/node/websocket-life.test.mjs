// How sockets of Node are left: by iteration, garbage, the end of a worker and of the process.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { Worker } from 'node:worker_threads';
import { DIST, eventually, mockServer, OpenAI, runNode } from './support.mjs';

const { ResponsesWS } = await import(join(DIST, 'esm/resources/responses/ws.js'));
const HI = { json: { type: 'hi' } };

describe('the life of a WebSocket', () => {
  const server = mockServer();
  const script = (...exchanges) => server.script({ exchanges });
  const connect = (base, options) => new ResponsesWS(new OpenAI({ apiKey: 'key', baseURL: base }), options);
  const next = (emitter, event) => new Promise((resolve) => emitter.once(event, (...values) => resolve(values)));
  const said = (base) => server.requests(base).flatMap(({ messages }) => messages);
  const goes = (base) => eventually(() => server.connections(base).every((connection) => connection.closed_by === 'client'));
  /** A program with a connection `rt`. */
  const program = (base) => `
    import { OpenAI } from ${JSON.stringify(join(DIST, 'esm/index.js'))};
    import { ResponsesWS } from ${JSON.stringify(join(DIST, 'esm/resources/responses/ws.js'))};
    const rt = new ResponsesWS(new OpenAI({ apiKey: 'k', baseURL: ${JSON.stringify(base)} }));`;

  /** A thread with a connection `rt` that runs `body`. */
  const threaded = (base, body) =>
    new Worker(
      `const { OpenAI } = require(${JSON.stringify(join(DIST, 'cjs/index.js'))});
       const { ResponsesWS } = require(${JSON.stringify(join(DIST, 'cjs/resources/responses/ws.js'))});
       const rt = new ResponsesWS(new OpenAI({ apiKey: 'k', baseURL: ${JSON.stringify(base)} }));
       ${body}`,
      { eval: true },
    );

  it('sends pings and tells their answers', async () => {
    const base = script({ websocket: [HI] });
    const rt = connect(base);
    const { platformSocket: socket } = rt.socket;
    assert.throws(() => socket.ping(), /not open/);
    await next(rt, 'hi');
    assert.throws(() => socket.ping('x'.repeat(126)), /at most 125 bytes/);
    const pong = next(socket, 'pong');
    const error = await new Promise((resolve) => socket.ping('é', undefined, resolve));
    assert.equal(error, undefined);
    assert.deepEqual(await pong, [Buffer.from('é')]);
    socket.ping();
    assert.deepEqual(await next(socket, 'pong'), [Buffer.alloc(0)]);
    rt.close();
    await next(rt, 'close');
    assert.ok((await new Promise((resolve) => socket.ping('late', resolve))) instanceof Error);
  });

  it('closes without a code when none is given', async () => {
    const base = script({ websocket: [HI] });
    const rt = connect(base);
    await next(rt, 'hi');
    rt.socket.close();
    assert.deepEqual((await next(rt, 'close')).slice(0, 2), [1005, '']);
    await eventually(() => said(base).some((message) => 'close' in message));
    assert.deepEqual(said(base).filter((message) => 'close' in message).map(({ close }) => close ?? null), [null]);
  });

  it('sends all that was taken before the process exits', async () => {
    const base = script({ websocket: [HI] });
    await runNode(`${program(base)}
      rt.on('hi', () => {
        for (let number = 0; number < 200; number++) rt.send({ type: 'item', number, text: 'x'.repeat(1000) });
        process.exit();
      });`);
    await eventually(() => said(base).filter(({ text }) => text !== undefined).length === 200);
  });

  it('ends with the worker that opened it', async () => {
    const base = script({ websocket: [HI] });
    const worker = threaded(base, `rt.on('hi', () => require('node:worker_threads').parentPort.postMessage('hi'));`);
    await next(worker, 'message');
    await worker.terminate();
    await goes(base);
  });

  it('lets a worker end that closes it', async () => {
    const base = script({ websocket: [HI] });
    const worker = threaded(base, `rt.on('hi', () => rt.close());`);
    assert.deepEqual(await next(worker, 'exit'), [0]);
    await goes(base);
  });

  it('is no leak when many are opened and closed', async () => {
    const base = server.script({ exchanges: [{ websocket: [HI], repeat: true }] });
    for (let round = 0; round < 5; round++) {
      const all = Array.from({ length: 10 }, () => connect(base));
      await Promise.all(all.map((rt) => next(rt, 'hi')));
      await Promise.all(all.map((rt) => (rt.close(), next(rt, 'close'))));
    }
    assert.equal(server.connections(base).length, 50);
    await goes(base);
  });

  it('is dropped at once by terminate, which ends iterations', async () => {
    const base = script({ websocket: [HI, 'mute'] });
    const rt = connect(base);
    const records = [];
    for await (const record of rt) {
      records.push(record.type);
      if (record.type === 'message') rt.socket.terminate();
    }
    assert.deepEqual([records.at(-1), rt.socket.readyState], ['close', 3]);
    await goes(base);
  });
});
