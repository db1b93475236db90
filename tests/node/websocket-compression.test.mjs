// permessage-deflate (RFC 7692) of WebSockets, with servers of `ws`, beside the official package.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { sameAsOfficial, skip } from './beside-official.mjs';
import { Authority, cleanUp, lacking, secured } from './parts.mjs';
import { DIST, OpenAI } from './support.mjs';

const { OpenAIRealtimeWS } = await import(join(DIST, 'esm/realtime/ws.js'));
const { ResponsesWS } = await import(join(DIST, 'esm/resources/responses/ws.js'));

it('compressed sockets equal those of the official package', { skip }, (t) => sameAsOfficial(t, 'websocket-compression-subject.mjs'));

describe('a realtime socket', { skip: skip || lacking('openssl') }, () => {
  it('says what the server has agreed to', async () => {
    const { WebSocketServer } = createRequire(join(process.env.TAILRACE_OFFICIAL_NODE_MODULES, 'tools.js'))('ws');
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: true });
    cleanUp(() => server.close());
    await new Promise((resolve) => server.once('listening', resolve));
    server.on('connection', (socket) => socket.on('message', (data) => socket.send(String(data))));
    const ca = new Authority();
    const port = await secured(ca, `http://127.0.0.1:${server.address().port}`);
    const client = new OpenAI({ apiKey: 'key', baseURL: `https://127.0.0.1:${port}/v1`, transport: { ca: ca.pem } });
    for (const [perMessageDeflate, agreed] of [[true, 'permessage-deflate'], [false, '']]) {
      const rt = new OpenAIRealtimeWS({ model: 'm', options: { perMessageDeflate } }, client);
      rt.socket.on('open', () => rt.send({ type: 'echo', text: 'ä'.repeat(100_000) }));
      const { text } = await new Promise((resolve, reject) => rt.on('event', resolve).on('error', reject));
      assert.equal(text, 'ä'.repeat(100_000));
      assert.equal(rt.socket.extensions, agreed);
      rt.close();
    } // prettier-ignore
  });
});

describe('what does not fit', () => {
  it('is refused before the handshake where the caller asks for it', () => {
    const client = new OpenAI({ apiKey: 'key', baseURL: 'http://127.0.0.1:9/v1' });
    for (const [name, bits] of [['serverMaxWindowBits', 7], ['clientMaxWindowBits', 16], ['serverMaxWindowBits', '9'], ['clientMaxWindowBits', 9.5]]) {
      const options = { perMessageDeflate: { [name]: bits } };
      assert.throws(() => new ResponsesWS(client, options), { message: `The \`options.perMessageDeflate.${name}\` option is ${bits}; give 8 to 15, or leave it out.` });
    } // prettier-ignore
  });

  it('is a failed handshake where a server answers it', async () => {
    let answer;
    const server = createServer().on('upgrade', (request, socket) => {
      const accept = createHash('sha1').update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
      const head = `upgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-accept: ${accept}\r\nsec-websocket-extensions: ${answer}`;
      socket.write(`HTTP/1.1 101 Switching Protocols\r\n${head}\r\n\r\n`);
      socket.on('error', () => {});
    });
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    cleanUp(() => (server.close(), server.closeAllConnections()));
    const client = new OpenAI({ apiKey: 'key', baseURL: `http://127.0.0.1:${server.address().port}/v1` });
    const asked = { perMessageDeflate: { clientMaxWindowBits: 10 } };
    for (const [options, given, reason] of [
      [{}, 'permessage-deflate', /with an extension that was not asked for/],
      [asked, 'x-webkit-deflate-frame', /`x-webkit-deflate-frame` is not permessage-deflate alone/],
      [asked, 'permessage-deflate; client_max_window_bits=12', /has a client_max_window_bits that was not offered/],
      [asked, 'permessage-deflate; mux', /has the parameter `mux`, which may not be there/],
    ]) {
      answer = given;
      const rt = new ResponsesWS(client, options);
      const error = await new Promise((resolve) => rt.on('error', resolve));
      const causes = [];
      for (let cause = error; cause; cause = cause.cause) causes.push(cause.message);
      assert.match(causes.join('\n'), reason, given);
    }
  });
});
