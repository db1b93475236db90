// How realtime connections are watched and what they count, in all four classes and for each way to open one.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { Authority, lacking, secured } from './parts.mjs';
import { DIST, eventually, mockServer, OpenAI } from './support.mjs';

const load = (path) => import(join(DIST, 'esm', path));
const { AzureOpenAI } = await load('index.js');
const CLASSES = {
  OpenAIRealtimeWS: (await load('realtime/ws.js')).OpenAIRealtimeWS,
  OpenAIRealtimeWebSocket: (await load('realtime/websocket.js')).OpenAIRealtimeWebSocket,
  'OpenAIRealtimeWS of the beta': (await load('beta/realtime/ws.js')).OpenAIRealtimeWS,
  'OpenAIRealtimeWebSocket of the beta': (await load('beta/realtime/websocket.js')).OpenAIRealtimeWebSocket,
};
const HI = { json: { type: 'hi' } };

describe('limits of realtime connections', { skip: lacking('openssl'), concurrency: 4 }, () => {
  const server = mockServer();
  let ca, port;
  before(async () => {
    ca = new Authority();
    // Realtime connections go to secure addresses only.
    port = await secured(ca, server.url);
  });

  const settings = (name, steps) => {
    // Browsers' sockets name a subprotocol, which the server has to choose.
    const headers = name.startsWith('OpenAIRealtimeWebSocket') ? { 'sec-websocket-protocol': 'realtime' } : {};
    const plain = server.script({ exchanges: [{ headers, websocket: steps }] });
    return { apiKey: 'key', baseURL: `https://127.0.0.1:${port}${new URL(plain).pathname}`, transport: { ca: ca.pem } };
  };
  const clientOf = (name, steps) => new OpenAI(settings(name, steps));
  const opened = (rt) => new Promise((resolve) => rt.once('hi', resolve));
  /** What the connection underneath closed with, and what was told of it meanwhile. */
  const ended = (rt) => {
    const errors = [];
    let hasOpened = false;
    rt.on('error', (error) => errors.push(error));
    rt.socket.addEventListener('open', () => (hasOpened = true));
    return new Promise((resolve) => rt.socket.addEventListener('close', ({ code }) => resolve({ code, errors, hasOpened })));
  };

  for (const [name, Class] of Object.entries(CLASSES)) {
    it(`${name}: counts`, async () => {
      const rt = new Class({ model: 'm', pingInterval: 50 }, clientOf(name, [HI, 'echo']));
      assert.equal(rt.counters(), undefined);
      await opened(rt);
      rt.send({ type: 'more' });
      await new Promise((resolve) => rt.once('more', resolve));
      const { sentMessages, sentBytes, receivedMessages, receivedBytes, queuedMessages, waitingBytes } = rt.counters();
      assert.deepEqual([sentMessages, sentBytes, receivedMessages, receivedBytes, queuedMessages, waitingBytes], [1, 15, 2, 28, 0, 0]);
      await eventually(() => rt.counters().latency !== null);
      assert.ok(rt.counters().latency >= 0);
      const end = ended(rt);
      rt.close();
      assert.deepEqual((await end).errors, []);
    });

    it(`${name}: gives up a connection on which nothing comes, and one that answers no ping`, async () => {
      for (const limits of [{ idleTimeout: 100 }, { pingInterval: 50, pingTimeout: 50 }]) {
        const rt = new Class({ model: 'm', ...limits }, clientOf(name, ['mute', { expect: 1 }]));
        const { code, errors, hasOpened } = await ended(rt);
        assert.deepEqual([code, hasOpened], [1006, true]);
        assert.ok(errors.length > 0);
      }
    });

    it(`${name}: waits no longer for the answer to its close frame than it may`, async () => {
      const rt = new Class({ model: 'm', closeTimeout: 200 }, clientOf(name, ['mute', HI, { expect: 1 }]));
      await opened(rt);
      const end = ended(rt);
      const began = performance.now();
      rt.close();
      await end;
      const passed = performance.now() - began;
      // It would be 10 s.
      assert.ok(passed >= 190 && passed < 9000, `${passed} ms`);
    });

    it(`${name}: takes limits in each way to open one`, async () => {
      const limits = { idleTimeout: 100 };
      const { baseURL, ...rest } = settings(name, ['mute', { expect: 1 }]);
      const azure = new AzureOpenAI({ ...rest, baseURL, apiVersion: 'v', deployment: 'd' });
      const made = [
        await Class.create(clientOf(name, ['mute', { expect: 1 }]), { model: 'm', ...limits }),
        await Class.azure(azure, limits),
      ];
      for (const { code, hasOpened } of await Promise.all(made.map(ended))) assert.deepEqual([code, hasOpened], [1006, true]);
    });

    it(`${name}: refuses limits that are none`, () => {
      const wrong = [{ pingInterval: 0 }, { idleTimeout: -1 }, { pingTimeout: NaN }, { closeTimeout: '5' }, { idleTimeout: Infinity }];
      for (const limits of wrong) {
        const [limit] = Object.keys(limits);
        const message = new RegExp(`^The \`${limit}\` option is .*; give a number of milliseconds above 0`);
        assert.throws(() => new Class({ model: 'm', ...limits }, clientOf(name, [HI])), { message });
      }
    });
  }
});
