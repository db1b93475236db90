// Realtime WebSockets over TLS to the mock server, beside the official package, and what only ours has to keep.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { skip } from './beside-official.mjs';
import { Authority, folder, lacking, secured } from './parts.mjs';
import { DIST, eventually, mockServer, OpenAI, ROOT, runNode } from './support.mjs';
import { scripts } from './websocket-scripts.mjs';

const { TAILRACE_OFFICIAL_NODE: officialNode, TAILRACE_OFFICIAL_NODE_MODULES: officialModules } = process.env;
const { OpenAIRealtimeWS } = await import(join(DIST, 'esm/realtime/ws.js'));
const { OpenAIRealtimeWebSocket } = await import(join(DIST, 'esm/realtime/websocket.js'));
const { nativeClient } = await import(join(DIST, 'esm/internal/transport.js'));
const { socketTransport } = await import(join(DIST, 'esm/internal/socket-transport.js'));
const HI = { json: { type: 'hi' } };
const run = promisify(execFile);

describe('realtime WebSockets', { skip: lacking('openssl') }, () => {
  const server = mockServer();
  let ca, file, port;
  before(async () => {
    ca = new Authority();
    file = join(folder(), 'ca.pem');
    writeFileSync(file, ca.pem);
    // The official package speaks to secure addresses only.
    port = await secured(ca, server.url);
  });

  /** A script, with its address behind the front and the plain one. */
  function scripted(exchanges) {
    const plain = server.script({ exchanges });
    return { plain, secure: `https://127.0.0.1:${port}${new URL(plain).pathname}` };
  }
  const connect = ({ secure }, props = {}) =>
    new OpenAIRealtimeWS({ model: 'm', ...props }, new OpenAI({ apiKey: 'key', baseURL: secure, transport: { ca: ca.pem } }));

  async function outcomes(node, place, extension, kind) {
    const all = Object.entries(scripts(kind === 'OpenAIRealtimeWebSocket')).map(([name, exchanges]) => [name, scripted(exchanges)]);
    const places = JSON.stringify(Object.fromEntries(all.map(([name, { secure }]) => [name, secure])));
    const given = [join(ROOT, 'tests/node/websockets-subject.mjs'), place, extension, kind, places];
    const options = { timeout: 280_000, maxBuffer: 1 << 28, env: { ...process.env, NODE_EXTRA_CA_CERTS: file } };
    const { stdout } = await run(node, given, options);
    const said = all.map(([name, { plain }]) => [name, server.requests(plain).map(asked)]);
    return { told: JSON.parse(stdout), said: Object.fromEntries(said) };
  }
  const asked = ({ path, query, headers, messages }) => {
    const named = Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), value]));
    // What answers the server may still be on its way.
    const texts = messages.map(({ text }) => text).filter((text) => text !== undefined);
    return { path, query, protocols: named['sec-websocket-protocol'], key: named['api-key'], authorization: named.authorization, texts };
  };

  it('tells, sends, recovers and ends as the official package does', { skip }, async (t) => {
    const kind = 'OpenAIRealtimeWebSocket';
    const official = await outcomes(officialNode, join(officialModules, 'openai'), '.mjs', kind);
    const ours = await outcomes(process.execPath, join(DIST, 'esm'), '.js', kind);
    assert.deepEqual(Object.keys(ours.told), Object.keys(official.told));
    for (const name of Object.keys(official.told)) {
      await t.test(name, () => {
        assert.equal(official.told[name].late, undefined, 'the official package did not come to an end');
        assert.deepEqual(ours.told[name], official.told[name]);
        // It may be gone before the server hears of it.
        if (name !== 'closing early') assert.deepEqual(ours.said[name], official.said[name]);
      });
    }
    const other = await outcomes(process.execPath, join(DIST, 'esm'), '.js', 'OpenAIRealtimeWS');
    for (const name of Object.keys(official.told)) {
      await t.test(`${name}, by headers`, () => assert.deepEqual(withoutKind(other.told[name]), withoutKind(ours.told[name])));
    }
  });

  /** Only sockets like those of browsers call a connection that breaks off an error, and show where a key would stand. */
  const withoutKind = ({ log, ...rest }) => {
    const text = JSON.stringify(log?.filter(([, error]) => error?.text !== 'a socket failed') ?? null);
    return { ...rest, log: JSON.parse(text.replace(/&[\w-]+=%3CREDACTED%3E/, '')) };
  };

  it('says who asks in headers', async () => {
    const place = scripted([{ websocket: [HI] }]);
    const rt = connect(place, { options: { headers: { 'x-mine': '1' }, origin: 'https://here.example' } });
    await rt.emitted('hi');
    rt.close();
    await new Promise((resolve) => rt.socket.once('close', resolve));
    const [{ headers }] = server.requests(place.plain);
    const named = Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), value]));
    const { authorization, 'x-mine': mine, origin, 'user-agent': agent } = named;
    assert.deepEqual([authorization, mine, origin], ['Bearer key', '1', 'https://here.example']);
    assert.match(agent, /^OpenAI\/JS /);
    assert.equal(named['sec-websocket-protocol'], undefined);
  });

  it('tells the status and the body of a refusal as the cause', async () => {
    const rt = connect(scripted([{ status: 401, json: { error: { message: 'no such key' } } }]));
    const error = await new Promise((resolve) => rt.on('error', resolve));
    assert.equal(error.message, 'Unexpected server response: 401');
    const { cause } = error.cause;
    assert.deepEqual([cause.constructor.name, cause.status, cause.message], ['AuthenticationError', 401, '401 no such key']);
    assert.equal(rt.socket.readyState, 3);
  });

  it('tries again after a passing refusal, and not after another', async () => {
    const fast = { reconnect: true, reconnectInitialDelay: 1 };
    const passing = connect(scripted([{ status: 429, json: {} }, { status: 503, json: {} }, { websocket: [HI] }]), fast);
    passing.on('error', () => {});
    await new Promise((resolve) => passing.once('hi', resolve));
    passing.close();
    const final = connect(scripted([{ status: 403, json: {} }, { websocket: [HI] }]), fast);
    const errors = [];
    final.on('error', ({ message }) => errors.push(message));
    await new Promise((resolve) => final.once('close', resolve));
    assert.deepEqual(errors, ['WebSocket was closed before the connection was established: Unexpected server response: 403']);
  });

  it('sends and gets bytes and large messages in order', async () => {
    const rt = connect(scripted([{ websocket: ['echo'] }]));
    const got = [];
    rt.on('error', () => {});
    rt.socket.on('message', (data, isBinary) => got.push(isBinary ? data : String(data)));
    await new Promise((resolve) => rt.socket.once('open', resolve));
    const sent = Array.from({ length: 40 }, (_, number) => JSON.stringify({ type: 'big', number, text: 'x'.repeat(100_000) }));
    for (const text of sent) rt.socket.send(text);
    assert.ok(rt.socket.bufferedAmount > 0);
    await new Promise((resolve) => rt.socket.send(Uint8Array.of(0, 255, 13), resolve));
    rt.socket.send('{"type":\r"odd"}');
    await eventually(() => got.length === sent.length + 2);
    rt.close();
    await new Promise((resolve) => rt.socket.once('close', resolve));
    assert.deepEqual(got, [...sent, Buffer.of(0, 255, 13), '{"type":\r"odd"}']);
  });

  it('tells a socket that others pause nothing meanwhile, and everything in order after that', async () => {
    const numbers = Array.from({ length: 400 }, (_, number) => number);
    const sends = [{ expect: 1 }, ...numbers.map((number) => ({ json: { type: 'hi', number } })), { close: { code: 1000 } }];
    const place = scripted([{ websocket: sends }, { websocket: sends }]);
    const [pausing, paused] = [connect(place), connect(place)];
    const got = { pausing: [], paused: [] };
    let isPaused = false;
    let early = 0;
    pausing.on('hi', ({ number }) => {
      got.pausing.push(number);
      if (number % 20 > 0 || isPaused) return;
      isPaused = true;
      paused.socket.pause();
      setTimeout(() => {
        isPaused = false;
        paused.socket.resume();
      }, 2);
    });
    paused.on('hi', ({ number }) => {
      early += Number(isPaused);
      got.paused.push(number);
    });
    const opened = [pausing, paused].map((each) => new Promise((resolve) => each.socket.once('open', resolve)));
    const closed = [pausing, paused].map((each) => new Promise((resolve) => each.socket.once('close', resolve)));
    await Promise.all(opened);
    for (const each of [pausing, paused]) each.send({ type: 'response.create' });
    await Promise.all(closed);
    assert.deepEqual(got, { pausing: numbers, paused: numbers });
    assert.equal(early, 0);
  });

  // The package `ws` waits 30 s and the platform's socket for ever; what is told is what they tell.
  it('ends in time where a server never answers the close', async () => {
    const closeTimeout = 4000;
    for (const Connection of [OpenAIRealtimeWS, OpenAIRealtimeWebSocket]) {
      const { plain, secure } = scripted([{ websocket: ['mute', HI, { expect: 1 }, { delay_ms: 300 }, HI] }]);
      const client = new OpenAI({ apiKey: 'key', baseURL: secure, transport: { ca: ca.pem } });
      const rt = new Connection({ model: 'm', closeTimeout }, client);
      const log = [];
      rt.on('error', ({ message }) => log.push(message));
      rt.on('hi', () => log.push('hi'));
      await new Promise((resolve) => rt.once('hi', resolve));
      rt.send({ type: 'sent' });
      const ended = new Promise((resolve) => rt.socket.addEventListener('close', resolve));
      const began = performance.now();
      rt.close({ code: 4000, reason: 'bye' });
      log.push(rt.socket.readyState);
      const { code, reason, wasClean } = await ended;
      assert.ok(performance.now() - began >= closeTimeout - 20);
      log.push(rt.socket.readyState);
      // What comes while it closes is told by the one and not by the other.
      assert.deepEqual(log, Connection === OpenAIRealtimeWS ? ['hi', 2, 'hi', 3] : ['hi', 2, 3]);
      assert.deepEqual([code, reason, wasClean], [1006, '', false]);
      await eventually(() => server.connections(plain).every((connection) => connection.closed_by === 'client'));
      const said = server.requests(plain)[0].messages;
      assert.deepEqual(said, [{ text: '{"type":"sent"}' }, { close: 4000, reason: 'bye' }]);
    }
  });

  it('gives what a listener throws to the process and goes on', async () => {
    const place = scripted([{ websocket: [HI, HI, HI, { close: { code: 1000 } }] }]);
    const { stdout } = await runNode(`${program(place)}
      process.on('uncaughtException', (error) => console.log(error.message));
      rt.on('hi', () => { throw new Error('mine'); });`);
    assert.equal(stdout, 'mine\nmine\nmine\n');
  });

  it('keeps the process alive while it is open, and no longer', async () => {
    const open = scripted([{ websocket: [HI, { delay_ms: 200 }, { json: { type: 'later' } }] }]);
    const { stdout } = await runNode(`${program(open)} rt.on('later', () => { console.log('later'); rt.close(); });`);
    assert.equal(stdout, 'later\n');
    const killed = scripted([{ websocket: [HI] }]);
    await runNode(`${program(killed)} rt.on('hi', () => rt.socket.terminate());`);
    await eventually(() => server.connections(killed.plain).some((connection) => connection.closed_by === 'client'));
  });

  /** A program with a connection `rt`. */
  const program = ({ secure }) => `
    import { OpenAI } from ${JSON.stringify(join(DIST, 'esm/index.js'))};
    import { OpenAIRealtimeWS } from ${JSON.stringify(join(DIST, 'esm/realtime/ws.js'))};
    const client = new OpenAI({ apiKey: 'k', baseURL: ${JSON.stringify(secure)}, transport: { rejectUnauthorized: false } });
    const rt = new OpenAIRealtimeWS({ model: 'm' }, client);`;

  it('shares what it knows of servers among sockets whose options are equal, and only those', () => {
    const of = (given, own) => nativeClient(socketTransport(own, given));
    const trusting = of({ rejectUnauthorized: false });
    assert.equal(of({ rejectUnauthorized: false }), trusting);
    assert.notEqual(of({ rejectUnauthorized: true }), trusting);
    assert.notEqual(of({ rejectUnauthorized: false }, { maxConnections: 3 }), trusting);
    assert.equal(of({ ca: ca.pem }), of({ ca: [ca.pem] }));
    assert.equal(of({ ca: Buffer.from(ca.pem) }), of({ ca: Buffer.from(ca.pem) }));
    assert.notEqual(of({ ca: ca.pem }), of({ ca: `${ca.pem}\n` }));
    assert.equal(socketTransport(null, undefined), null);
    const own = { ca: ca.pem };
    assert.equal(socketTransport(own, undefined), own);
    for (const wrong of ['false', 0, null, {}]) {
      assert.throws(() => of({ rejectUnauthorized: wrong }), /`transport.rejectUnauthorized` option has a value/);
    }
  });

  it('refuses options of sockets that it does not have', () => {
    assert.throws(() => connect({ secure: 'https://127.0.0.1:1/v1' }, { options: { agent: {} } }), /`options.agent` option .* leave it out/);
  });
});
