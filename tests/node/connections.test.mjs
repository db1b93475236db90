// When a connection is used again, what is no answer, and which of a host's addresses is reached: over bare sockets.

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import https from 'node:https';
import { writeFileSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { after, describe, it, test } from 'node:test';
import { Authority, cleanUp, folder, lacking } from './parts.mjs';
import { ENTRY } from './support.mjs';

const { OpenAI } = await import(ENTRY);

const JSON_TYPE = 'content-type: application/json\r\n';
const OK = `HTTP/1.1 200 OK\r\n${JSON_TYPE}content-length: 2\r\n\r\n{}`;

/** A server that says the same bytes to every request, and keeps what it heard. */
async function wire(answer, host = '127.0.0.1', ends = false) {
  const sockets = new Set();
  const wire = { heard: [], opened: 0, answer: () => answer };
  wire.closed = new Promise((resolve) => (wire.close = resolve));
  const server = net.createServer((socket) => {
    wire.opened += 1;
    sockets.add(socket);
    let held = '';
    socket.setEncoding('latin1');
    socket.on('error', () => {});
    socket.on('close', () => wire.close());
    socket.on('data', (piece) => {
      held += piece;
      for (let end; (end = held.indexOf('\r\n\r\n')) >= 0; held = held.slice(end + 4)) {
        wire.heard.push(held.slice(0, end));
        const said = wire.answer(wire.heard.length);
        if (ends) socket.end(said, 'latin1');
        else socket.write(said, 'latin1');
      }
    });
  });
  await new Promise((resolve, reject) => server.once('error', reject).listen(0, host, resolve));
  after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  wire.port = server.address().port;
  wire.url = `http://127.0.0.1:${wire.port}/v1`;
  return wire;
}

/** Sends requests one after the other on one client; gives what each gave, or its error. */
async function calls(baseURL, asks, options = {}) {
  const client = new OpenAI({ apiKey: 'k', baseURL, maxRetries: 0, ...options });
  const found = [];
  for (const [method, path] of asks) found.push(await client.request({ method, path }).catch((error) => error));
  return found;
}

const thrice = (method) => [[method, '/x'], [method, '/x'], [method, '/x']]; // prettier-ignore

test('answers without a body do not desync', async () => {
  const head = await wire('HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n');
  const found = await calls(head.url, thrice('head'));
  assert.ok(!found.some((one) => one instanceof Error), String(found));
  assert.deepEqual([head.opened, head.heard.length], [1, 3]);
  const unmodified = await wire('HTTP/1.1 304 Not Modified\r\ncontent-length: 99\r\n\r\n');
  assert.deepEqual((await calls(unmodified.url, thrice('get'))).map((error) => error.status), [304, 304, 304]); // prettier-ignore
  assert.equal(unmodified.opened, 1);
  const empty = await wire('HTTP/1.1 204 No Content\r\n\r\n');
  assert.deepEqual(await calls(empty.url, thrice('get')), [null, null, null]);
  assert.equal(empty.opened, 1);
});

test('an idle connection is closed when its time has come', async () => {
  const server = await wire(OK);
  const client = new OpenAI({ apiKey: 'k', baseURL: server.url, transport: { idleTimeout: 50 } });
  await client.get('/x');
  await server.closed;
  assert.equal(server.opened, 1);
});

const SMUGGLING = {
  'both lengths': 'content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n',
  'two lengths': 'content-length: 2\r\ncontent-length: 3\r\n\r\n{}',
  'a list of lengths': 'content-length: 2, 2\r\n\r\n{}',
  'a signed length': 'content-length: +2\r\n\r\n{}',
  'a space before the colon': 'content-length : 2\r\n\r\n{}',
  'a folded line': 'x: a\r\n b\r\ncontent-length: 2\r\n\r\n{}',
  'a bare line feed': 'x: a\ncontent-length: 2\r\n\r\n{}',
  'a bare carriage return': 'x: a\rb\r\ncontent-length: 2\r\n\r\n{}',
  'a zero byte': 'x: a\0b\r\ncontent-length: 2\r\n\r\n{}',
  'chunked and more': 'transfer-encoding: chunked, identity\r\n\r\n2\r\n{}\r\n0\r\n\r\n',
  'a chunk longer than it says': 'transfer-encoding: chunked\r\n\r\n1\r\n{}\r\n0\r\n\r\n',
  'a hexadecimal prefix': 'transfer-encoding: chunked\r\n\r\n0x2\r\n{}\r\n0\r\n\r\n',
  'a line feed in an extension': 'transfer-encoding: chunked\r\n\r\n2;a\nb\r\n{}\r\n0\r\n\r\n',
  'a head without end': `x: ${'x'.repeat(200_000)}\r\n\r\n{}`,
};

test('what two readers could understand differently is no answer', async () => {
  for (const [name, rest] of Object.entries(SMUGGLING)) {
    const server = await wire(`HTTP/1.1 200 OK\r\n${JSON_TYPE}${rest}`, '127.0.0.1', true);
    const [found] = await calls(server.url, [['get', '/x']]);
    assert.ok(found instanceof OpenAI.APIConnectionError, name);
    assert.equal(server.heard.length, 1, name);
  }
});

test('what comes unasked is no answer to the next request', async () => {
  const server = await wire(`${OK}HTTP/1.1 200 OK\r\n${JSON_TYPE}content-length: 12\r\n\r\n["poisoned"]`);
  assert.deepEqual((await calls(server.url, thrice('get'))).map((one) => Object.keys(one)), [[], [], []]); // prettier-ignore
  assert.equal(server.opened, 3);
});

test('another origin does not learn the key', async () => {
  const other = await wire(OK);
  const moved = (url) => `HTTP/1.1 307 Moved\r\nlocation: ${url}/there\r\ncontent-length: 0\r\n\r\n`;
  const server = await wire(moved(other.url));
  const secret = { apiKey: 'secret', defaultHeaders: { cookie: 'c=secret', 'proxy-authorization': 'secret' } };
  await calls(server.url, [['get', '/x']], secret);
  assert.equal(server.heard[0].split('secret').length, 4);
  assert.ok(!other.heard[0].includes('secret'), other.heard[0]);
  // Within the origin it stays.
  server.answer = (number) => (number === 2 ? moved(server.url) : OK);
  await calls(server.url, [['get', '/x']], { apiKey: 'secret' });
  assert.match(server.heard.at(-1), /bearer secret/i);
});

describe('a downgrade', { skip: lacking('openssl') }, () => {
  it('from https to http does not take the key along', async () => {
    const plain = await wire(OK);
    const ca = new Authority();
    const secure = https.createServer(ca.issue('DNS:localhost,IP:127.0.0.1'), (request, response) => {
      secure.key = request.headers.authorization;
      response.writeHead(307, { location: `${plain.url}/there` }).end();
    });
    await new Promise((resolve) => secure.listen(0, '127.0.0.1', resolve));
    cleanUp(() => (secure.closeAllConnections(), secure.close()));
    const url = `https://127.0.0.1:${secure.address().port}/v1`;
    await calls(url, [['get', '/x']], { apiKey: 'secret', transport: { ca: ca.pem } });
    assert.equal(secure.key, 'Bearer secret');
    assert.equal(plain.heard.length, 1);
    assert.ok(!plain.heard[0].includes('secret'), plain.heard[0]);
  });
});

test('no part of a request carries a line of its own', async () => {
  const server = await wire(OK);
  for (const evil of ['a\r\nx-evil: 1', 'a\nx-evil: 1', 'a\rx-evil: 1', 'a\0x-evil: 1']) {
    const parts = {
      key: { apiKey: evil }, organization: { organization: evil }, project: { project: evil },
      header: { defaultHeaders: { 'x-a': evil } }, 'header name': { defaultHeaders: { [evil]: '1' } },
      query: { defaultQuery: { a: evil } }, 'query name': { defaultQuery: { [evil]: 'a' } }, path: {},
    }; // prettier-ignore
    for (const [part, options] of Object.entries(parts)) {
      const before = server.heard.length;
      try {
        const [found] = await calls(server.url, [['get', part === 'path' ? `/${evil}` : '/x']], options);
        if (found instanceof Error) throw found;
      } catch (error) {
        assert.equal(server.heard.length, before, `${part}: ${error}`);
      }
    }
  }
  for (const head of server.heard) {
    assert.ok(!head.split(/[\r\n]/).some((line) => /^x-evil/i.test(line)), head);
    assert.ok(!head.includes('\0'), head);
  }
});

const hosts = join(folder(), 'hosts');
const INSIDE = ['-mr', 'sh', '-c', `mount --bind ${hosts} /etc/hosts && exec "$@"`, 'sh'];
const CHILD = `
const { OpenAI } = await import(${JSON.stringify(ENTRY)});
const client = new OpenAI({ apiKey: 'k', baseURL: process.env.TEST_URL, maxRetries: 0, timeout: 60000 });
console.log(JSON.stringify(await client.get('/x')));
`;

function lacksNamespace() {
  writeFileSync(hosts, '');
  const tried = spawnSync('unshare', [...INSIDE, 'true']);
  return tried.status === 0 ? false : 'needs a mount namespace of its own, so that a name can have two addresses';
}

/**
 * A server at `live`, on a port that refuses connections at `dead`. A connection of ours has the port there, so that no
 * server of another test is given it; a port that somebody has is left.
 */
async function deadAndLive(dead, live) {
  const elsewhere = await wire(OK, dead);
  for (let tries = 0; tries < 100; tries += 1) {
    const server = await wire(OK, live);
    const holder = net.connect({ host: dead, port: elsewhere.port, localAddress: dead, localPort: server.port });
    cleanUp(() => holder.destroy());
    const refused = await new Promise((resolve) => holder.once('connect', () => resolve(null)).once('error', resolve));
    if (refused === null) return server;
    if (refused.code !== 'EADDRINUSE') throw refused;
  }
  throw new Error('no port was free at both addresses');
}

describe('a host with a dead and a live address is reached', { skip: lacksNamespace() }, () => {
  for (const [dead, live] of [['::1', '127.0.0.1'], ['127.0.0.1', '::1'], ['127.0.0.1', '127.0.0.2']]) {
    it(`${dead} is dead and ${live} lives`, async (t) => {
      const server = await deadAndLive(dead, live).catch((error) => {
        if (!['EADDRNOTAVAIL', 'EAFNOSUPPORT'].includes(error.code)) throw error;
        return null;
      });
      if (server === null) return t.skip(`needs the addresses ${dead} and ${live}`);
      writeFileSync(hosts, `${dead} two-addresses.test\n${live} two-addresses.test\n`);
      const env = { ...process.env, TEST_URL: `http://two-addresses.test:${server.port}/v1` };
      const child = spawn('unshare', [...INSIDE, process.execPath, '--input-type=module', '-e', CHILD], { env });
      let said = '';
      for (const stream of [child.stdout, child.stderr]) stream.on('data', (piece) => (said += piece));
      await new Promise((resolve) => child.on('close', resolve));
      assert.equal(said.trim(), '{}');
      assert.equal(server.opened, 1);
    });
  } // prettier-ignore
});
