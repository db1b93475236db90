// What a socket has accepted and never sent when its connection ends: it goes first over the next one, or it is handed back.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { Authority, lacking } from './parts.mjs';
import { DIST, OpenAI } from './support.mjs';

const { ResponsesWS } = await import(join(DIST, 'esm/resources/responses/ws.js'));
const { OpenAIRealtimeWS } = await import(join(DIST, 'esm/realtime/ws.js'));
const COUNT = 120;
const PADDING = 'x'.repeat(100_000);
const HELLO = Buffer.concat([Buffer.of(0x81, 14), Buffer.from('{"type":"hi" }')]);

/** Whether ten bytes are the close frame of a client with 1000 and `OK`. */
function isFarewell([first, second, ...rest]) {
  return first === 0x88 && second === 0x84 && (rest[0] ^ rest[4]) === 0x03 && (rest[1] ^ rest[5]) === 0xe8;
}

/** Whole messages of a client in the bytes that came: their size, and their beginning. */
function messages(bytes) {
  const found = [];
  for (let at = 0; at + 6 <= bytes.length; ) {
    const short = bytes[at + 1] & 0x7f;
    const head = short < 126 ? 2 : short === 126 ? 4 : 10;
    if (at + head + 4 > bytes.length) break;
    const size = short < 126 ? short : short === 126 ? bytes.readUInt16BE(at + 2) : Number(bytes.readBigUInt64BE(at + 2));
    const start = at + head + 4;
    if (start + size > bytes.length) break;
    const opcode = bytes[at] & 0x0f;
    const data = Buffer.from(bytes.subarray(start, start + Math.min(size, 40)));
    for (let place = 0; place < data.length; place++) data[place] ^= bytes[at + head + (place & 3)];
    if (opcode === 1 || opcode === 2) found.push({ isText: opcode === 1, size, data });
    at = start + size;
  }
  return found;
}

describe('Messages that were accepted and not sent', () => {
  const open = new Set();
  after(() => open.forEach((server) => server.close()));

  /** A server whose first connection reads nothing and is reset on demand; gives all that came over each of the others. */
  async function deaf({ hasSecond = true, certificate } = {}) {
    const state = { sockets: [], came: [] };
    const server = certificate === undefined ? createServer() : createSecureServer(certificate);
    open.add(server);
    server.on('upgrade', (request, socket) => {
      socket.on('error', () => {});
      const isFirst = state.sockets.push(socket) === 1;
      if (!isFirst && !hasSecond) {
        socket.end('HTTP/1.1 503 Busy\r\ncontent-length: 0\r\nconnection: close\r\n\r\n');
        return;
      }
      const accept = createHash('sha1').update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
      socket.write(`HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-accept: ${accept}\r\n\r\n`);
      socket.write(HELLO);
      if (isFirst) socket.pause();
      else socket.on('data', (data) => (state.came.push(data), isFarewell(data.subarray(-10)) && socket.end()));
    });
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    return { state, base: `${certificate === undefined ? 'http' : 'https'}://127.0.0.1:${server.address().port}/v1` };
  }
  const next = (rt, event) => new Promise((resolve) => rt.once(event, (...values) => resolve(values)));
  const numbered = (number) => ({ type: 'a', number, padding: PADDING });
  const RECONNECT = { initialDelay: 1, maxDelay: 2, maxRetries: 2, onReconnecting: () => {} };

  /** Sends more than the system takes, then loses the connection. */
  async function lose(options, setting) {
    const { state, base } = await deaf(setting);
    const rt = new ResponsesWS(new OpenAI({ apiKey: 'key', baseURL: base }), options);
    rt.on('error', () => {});
    await next(rt, 'hi');
    for (let number = 0; number < COUNT; number++) rt.send(numbered(number));
    rt.sendRaw(Uint8Array.of(7));
    rt.sendRaw('{no json');
    const ended = next(rt, options.reconnect || options.resume ? 'reconnecting' : 'close');
    state.sockets[0].resetAndDestroy();
    return { rt, state, ended: await ended };
  }

  for (const options of [{ reconnect: RECONNECT }, { resume: true, reconnect: RECONNECT }]) {
    it(`go first over the next connection, with the options ${Object.keys(options)}`, async () => {
      const { rt, state } = await lose(options);
      rt.send({ type: 'meanwhile' });
      await next(rt, 'reconnected');
      rt.send({ type: 'last' });
      rt.close();
      const [code, , unsent] = await next(rt, 'close');
      assert.deepEqual(unsent, []);
      assert.ok([1000, 1006].includes(code));
      const came = messages(Buffer.concat(state.came));
      const texts = came.filter(({ isText }) => isText);
      assert.deepEqual(texts.slice(-3).map(({ data }) => String(data)), ['{no json', '{"type":"meanwhile"}', '{"type":"last"}']);
      assert.deepEqual(came.filter(({ isText }) => !isText).map(({ data }) => [...data]), [[7]]);
      const numbers = texts.slice(0, -3).map(({ size, data }) => {
        const [, number] = /^\{"type":"a","number":(\d+),"padding":"x/.exec(data);
        assert.equal(size, JSON.stringify(numbered(Number(number))).length);
        return Number(number);
      });
      // The system may have taken the first ones, which may have been received.
      assert.ok(numbers.length > 20, `${numbers.length}`);
      assert.deepEqual(numbers, Array.from({ length: COUNT - numbers[0] }, (_, at) => numbers[0] + at));
    });
  }

  it('are pending once a realtime connection was made again', { skip: lacking('openssl') }, async () => {
    const ca = new Authority();
    const { state, base } = await deaf({ certificate: ca.issue('IP:127.0.0.1') });
    const client = new OpenAI({ apiKey: 'key', baseURL: base, transport: { ca: ca.pem } });
    const rt = new OpenAIRealtimeWS({ model: 'm', reconnect: true, reconnectInitialDelay: 1, maxQueueBytes: 1000 }, client);
    rt.on('error', () => {});
    await next(rt, 'hi');
    for (let number = 0; number < COUNT; number++) rt.send(numbered(number));
    const reconnecting = next(rt, 'reconnecting');
    state.sockets[0].destroy();
    await reconnecting;
    rt.send({ type: 'meanwhile' });
    await next(rt, 'reconnected');
    const pending = rt.takePending();
    assert.deepEqual(pending.pop(), { type: 'message', message: { type: 'meanwhile' } });
    const numbers = pending.map(({ message }) => message.number);
    assert.deepEqual(numbers, Array.from({ length: numbers.length }, (_, at) => COUNT - numbers.length + at));
    assert.ok(numbers.length > 20, `${numbers.length}`);
    rt.close();
    await next(rt, 'close');
  });

  for (const [how, options, setting] of [
    ['is not made again', {}],
    ['cannot be made again', { reconnect: RECONNECT }, { hasSecond: false }],
  ]) {
    it(`are handed back when the connection ${how}`, async () => {
      const { rt, ended } = await lose(options, setting);
      const [code, , unsent] = setting === undefined ? ended : await next(rt, 'close');
      assert.equal(code, 1006);
      const [bytes, text] = unsent.slice(-2);
      assert.deepEqual([bytes.type, [...bytes.data], text], ['raw', [7], { type: 'raw', data: '{no json' }]);
      const numbers = unsent.slice(0, -2).map(({ type, message }) => (assert.equal(type, 'message'), message.number));
      assert.deepEqual(numbers, Array.from({ length: numbers.length }, (_, at) => COUNT - numbers.length + at));
      assert.ok(numbers.length > 20, `${numbers.length}`);
    });
  }
});
