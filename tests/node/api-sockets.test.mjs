// The WebSocket classes of Responses and Live beside the official package, and what only ours has to keep.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import { SCRIPTS } from './api-sockets-scripts.mjs';
import { skip } from './beside-official.mjs';
import { DIST, eventually, mockServer, OpenAI, ROOT, runNode } from './support.mjs';

const { TAILRACE_OFFICIAL_NODE: officialNode, TAILRACE_OFFICIAL_NODE_MODULES: officialModules } = process.env;
const { ResponsesWS } = await import(join(DIST, 'esm/resources/responses/ws.js'));
const run = promisify(execFile);

/** What differs between the kinds; the rest is one code. */
const EACH = ['every kind of event', 'sending early', 'a refusal with a queue', 'other parameters', 'a key by a function', 'a fresh key', 'azure', 'two iterators'];
const HI = { json: { type: 'hi' } };

describe('WebSockets of the API', () => {
  const server = mockServer();
  const connect = (exchanges, options, settings = {}) => {
    const base = server.script({ exchanges });
    return { base, rt: new ResponsesWS(new OpenAI({ apiKey: 'key', baseURL: base, ...settings }), options) };
  };
  const next = (rt, event) => new Promise((resolve) => rt.once(event, (...values) => resolve(values)));

  async function outcomes(node, place, extension, kind) {
    const names = kind === 'responses' ? Object.keys(SCRIPTS) : EACH;
    const places = Object.fromEntries(names.map((name) => [name, server.script({ exchanges: SCRIPTS[name] })]));
    const given = [join(ROOT, 'tests/node/api-sockets-subject.mjs'), place, extension, kind, JSON.stringify(places)];
    const { stdout } = await run(node, given, { timeout: 280_000, maxBuffer: 1 << 28 });
    const said = Object.entries(places).map(([name, base]) => [name, server.requests(base).map(asked)]);
    return { told: JSON.parse(stdout), said: Object.fromEntries(said) };
  }
  /** A handshake without what each transport says of its own, and what followed; what answers the server may be on its way. */
  const asked = ({ path, query, headers, messages }) => {
    const own = /^(accept|accept-encoding|connection|host|upgrade|sec-websocket-key|sec-websocket-version)$/;
    const named = {};
    for (const [name, value] of headers) {
      const key = name.toLowerCase();
      if (!own.test(key)) named[key] = key in named ? `${named[key]}, ${value}` : value;
    }
    return { path, query, named, data: messages.filter(({ text, base64 }) => text !== undefined || base64 !== undefined) };
  };

  for (const kind of ['responses', 'beta responses', 'live', 'sideband', 'forks']) {
    it(`${kind}: tells, sends, recovers and ends as the official package does`, { skip }, async (t) => {
      const official = await outcomes(officialNode, join(officialModules, 'openai'), '.mjs', kind);
      const ours = await outcomes(process.execPath, join(DIST, 'esm'), '.js', kind);
      assert.deepEqual(Object.keys(ours.told), Object.keys(official.told));
      for (const name of Object.keys(official.told)) {
        await t.test(name, () => {
          assert.equal(official.told[name].late, undefined, 'the official package did not come to an end');
          assert.deepEqual(withoutRemedy(ours.told[name]), withoutRemedy(official.told[name]));
          // It may be gone before the server hears of it.
          if (name !== 'closing early') assert.deepEqual(ours.said[name], official.said[name]);
        });
      }
    });
  }
  /** Ours says in one sentence what is wrong with a path. */
  const withoutRemedy = (told) => JSON.parse(JSON.stringify(told).replace(/(invalid segments:)([^"\\]|\\.)*/g, '$1'));

  it('tells the status and the body of a refusal as the cause', async () => {
    const { rt } = connect([{ status: 401, json: { error: { message: 'no such key' } } }]);
    const [error] = await next(rt, 'error');
    assert.equal(error.message, 'Unexpected server response: 401');
    const { cause } = error.cause;
    assert.deepEqual([cause.constructor.name, cause.status, cause.message], ['AuthenticationError', 401, '401 no such key']);
  });

  it('gives what a listener throws to the process and goes on', async () => {
    const base = server.script({ exchanges: [{ websocket: [HI, HI, { close: { code: 4001 } }] }] });
    const { stdout } = await runNode(`${program(base)}
      process.on('uncaughtException', (error) => console.log(error.message));
      rt.on('hi', () => { throw new Error('mine'); });
      rt.on('close', (code) => { console.log(code); throw new Error('last'); });`);
    assert.deepEqual(stdout.split('\n').sort(), ['', '4001', 'last', 'mine', 'mine']);
  });

  /** A program with a connection `rt`. */
  const program = (base) => `
    import { OpenAI } from ${JSON.stringify(join(DIST, 'esm/index.js'))};
    import { ResponsesWS } from ${JSON.stringify(join(DIST, 'esm/resources/responses/ws.js'))};
    const rt = new ResponsesWS(new OpenAI({ apiKey: 'k', baseURL: ${JSON.stringify(base)} }));`;

  it('keeps the process alive while it is open, and no longer', async () => {
    const base = server.script({ exchanges: [{ websocket: [HI, { delay_ms: 200 }, { json: { type: 'later' } }] }] });
    const { stdout } = await runNode(`${program(base)} rt.on('later', () => { console.log('later'); rt.close(); });`);
    assert.equal(stdout, 'later\n');
  });

  it('leaves the connection open when an iteration ends, and ends that when it closes', async () => {
    const { rt } = connect([{ websocket: [HI, { expect: 1 }, HI] }]);
    for await (const event of rt) if (event.type === 'message') break;
    rt.send({ type: 'more' });
    let last;
    for await (const event of rt.stream()) {
      if (event.type === 'message') rt.close();
      last = event;
    }
    assert.deepEqual(last, { type: 'close', code: 1000, reason: 'OK', unsent: [] });
  });

  it('counts', async () => {
    const { rt } = connect([{ websocket: ['echo'] }], { pingInterval: 50 });
    assert.equal(rt.counters(), undefined);
    rt.send({ type: 'hi' });
    await next(rt, 'hi');
    const { sentMessages, sentBytes, receivedMessages, receivedBytes, waitingBytes } = rt.counters();
    assert.deepEqual([sentMessages, sentBytes, receivedMessages, receivedBytes, waitingBytes], [1, 13, 1, 13, 0]);
    await eventually(() => rt.counters().latency !== null);
    assert.ok(rt.counters().latency >= 0);
    rt.close();
    await next(rt, 'close');
  });

  it('gives up a connection on which nothing comes, and one that answers no ping', async () => {
    for (const options of [{ idleTimeout: 100 }, { pingInterval: 50, pingTimeout: 50 }]) {
      const { rt } = connect([{ websocket: ['mute'] }], options);
      const errors = [];
      rt.on('error', ({ message }) => errors.push(message));
      const [code] = await next(rt, 'close');
      assert.equal(code, 1006);
      assert.equal(errors.length, 1);
    }
  });

  it('refuses limits that are none', () => {
    const wrong = [{ pingInterval: 0 }, { idleTimeout: -1 }, { pingTimeout: NaN }, { closeTimeout: '5' }, { idleTimeout: Infinity }];
    for (const options of wrong) assert.throws(() => connect([{ websocket: [] }], options), /option is .*; give a number of milliseconds above 0/);
  });

  it('opens nothing for a client whose token it cannot ask for', () => {
    const workloadIdentity = { identityProviderId: 'i', serviceAccountId: 's', provider: { tokenType: 'jwt', getToken: async () => 't' } };
    const settings = { apiKey: undefined, workloadIdentity };
    assert.throws(() => connect([{ websocket: [] }], undefined, settings), /takes no workload identity .*; use a client with an API key/);
  });

  it('takes the socket of a subclass', async () => {
    const base = server.script({ exchanges: [{ websocket: ['echo'] }] });
    const Mine = class extends ResponsesWS {
      _createSocket(url, headers) {
        const real = super._createSocket(url, headers);
        const on = (event, listener) => real.on(event, listener);
        return { on, send: (data) => real.send(data), close: (...values) => real.close(...values), get readyState() { return real.readyState; } };
      }
    };
    const rt = new Mine(new OpenAI({ apiKey: 'k', baseURL: base }));
    const got = [];
    rt.on('event', (event) => got.push(event));
    rt.on('raw', (data) => got.push(data));
    rt.send({ type: 'hi' });
    rt.sendRaw('{bad');
    rt.sendRaw(Uint8Array.of(1));
    await eventually(() => got.length === 3);
    assert.deepEqual(got, [{ type: 'hi' }, '{bad', Buffer.of(1)]);
    rt.close();
    assert.deepEqual(await next(rt, 'close'), [1000, 'OK', []]);
  });
});
