// Certificates, over real handshakes with servers of Node: who is trusted, what the client shows, HTTP/2 on request.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import http2 from 'node:http2';
import https from 'node:https';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { Authority, cleanUp, folder, lacking } from './parts.mjs';
import { DIST, OpenAI } from './support.mjs';

const BODY = '{"object":"list","data":[]}';

/** A server with this pair; gives its port. */
async function serving(make, pair, more = {}) {
  const server = make({ ...pair, ...more }, (request, response) => {
    const proof = request.socket.authorized === false ? 401 : 200;
    const status = more.requestCert === true ? proof : 200;
    response.writeHead(status, { 'content-type': 'application/json', 'x-version': request.httpVersion });
    response.end(BODY);
  });
  // A session of HTTP/2 would keep its server open.
  server.on('session', (session) => cleanUp(() => session.destroy()));
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanUp(() => {
    server.closeAllConnections?.();
    server.close();
  });
  return server.address().port;
}

async function version(port, transport, host = 'localhost') {
  const client = new OpenAI({ apiKey: 'k', baseURL: `https://${host}:${port}/v1`, maxRetries: 0, transport });
  const { data, response } = await client.models.list().withResponse();
  assert.deepEqual(data.data, []);
  return response.headers.get('x-version');
}

describe('TLS', { skip: lacking('openssl') }, () => {
  let ca, pair, good;
  before(async () => {
    ca = new Authority();
    pair = ca.issue('DNS:localhost,IP:127.0.0.1');
    good = await serving(https.createServer, pair);
  });

  it('trusts the authorities that are given', async () => {
    for (const given of [ca.pem, Buffer.from(ca.pem), [new Authority().pem, ca.pem]]) {
      assert.equal(await version(good, { ca: given }), '1.1');
    }
    assert.equal(await version(good, { ca: ca.pem }, '127.0.0.1'), '1.1');
  });

  it('does not trust others, unless it is told to trust anybody', async () => {
    const cases = [
      [ca.issue('DNS:elsewhere.example'), 'localhost'],
      [ca.issue('DNS:localhost'), '127.0.0.1'],
      [ca.issue('DNS:localhost', -1), 'localhost'],
      [new Authority().issue('DNS:localhost'), 'localhost'],
    ];
    for (const [bad, host] of cases) {
      const port = await serving(https.createServer, bad);
      await assert.rejects(version(port, { ca: ca.pem }, host), OpenAI.APIConnectionError);
      assert.equal(await version(port, { rejectUnauthorized: false }, host), '1.1');
    }
    await assert.rejects(version(good, undefined), OpenAI.APIConnectionError);
    await assert.rejects(version(good, {}), OpenAI.APIConnectionError);
  });

  it('shows its certificate to a server that asks', async () => {
    const port = await serving(https.createServer, pair, { requestCert: true, rejectUnauthorized: false, ca: ca.pem });
    const { cert, key } = ca.issue('DNS:client');
    assert.equal(await version(port, { ca: ca.pem, cert, key }), '1.1');
    assert.equal(await version(port, { ca: ca.pem, cert: cert + key }), '1.1');
    await assert.rejects(version(port, { ca: ca.pem }), OpenAI.AuthenticationError);
  });

  it('speaks HTTP/2 on request, with servers that do', async () => {
    const both = await serving(http2.createSecureServer, pair, { allowHTTP1: true });
    assert.equal(await version(both, { ca: ca.pem, http2: true }), '2.0');
    assert.equal(await version(both, { ca: ca.pem }), '1.1');
    assert.equal(await version(good, { ca: ca.pem, http2: true }), '1.1');
  });

  it('trusts what NODE_EXTRA_CA_CERTS names, as Node does', () => {
    const path = join(folder(), 'extra.pem');
    writeFileSync(path, ca.pem);
    const code = `
      const https = require('node:https');
      const { OpenAI } = require(${JSON.stringify(join(DIST, 'cjs', 'index.js'))});
      const server = https.createServer(${JSON.stringify(pair)}, (_, response) =>
        response.writeHead(200, { 'content-type': 'application/json' }).end(${JSON.stringify(BODY)}));
      server.listen(0, '127.0.0.1', async () => {
        const baseURL = 'https://localhost:' + server.address().port + '/v1';
        const client = new OpenAI({ apiKey: 'k', baseURL, maxRetries: 0 });
        console.log(await client.models.list().then((page) => page.data.length, String));
        process.exit();
      });`;
    const run = (env) => execFileSync(process.execPath, ['-e', code], { env: { ...process.env, ...env } }).toString();
    assert.equal(run({ NODE_EXTRA_CA_CERTS: path }).trim(), '0');
    assert.match(run({ NODE_EXTRA_CA_CERTS: '' }), /Connection error/);
  });

  it('says what cannot be used where it is given', () => {
    const { cert, key } = ca.issue('DNS:client');
    const cases = [
      [{ ca: 'no certificate' }, /certificates to trust/],
      [{ ca: 7 }, /`transport\.ca`/],
      [{ cert }, /private key/],
      [{ cert, key: pair.key }, /belong together/],
      [{ key }, /give both/],
      [{ noProxy: 'a' }, /give both/],
      [{ proxy: 'ftp://user:open-sesame@a' }, /proxy cannot be used/],
      [{ http2: 'yes' }, /`transport\.http2`/],
      [{ maxConnections: 0 }, /`transport\.maxConnections`/],
      [{ nonsense: 1 }, /`transport\.nonsense` option does not exist/],
    ];
    for (const other of [{ fetch }, { fetchOptions: { dispatcher: {} } }]) {
      assert.throws(() => new OpenAI({ apiKey: 'k', transport: {}, ...other }), /without `fetch`/);
    }
    for (const [transport, message] of cases) {
      assert.throws(() => new OpenAI({ apiKey: 'k', transport }), (error) => {
        assert.match(error.message, message);
        assert.ok(!error.message.includes('sesame'));
        return true;
      });
    }
  });
});
