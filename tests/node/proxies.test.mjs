// Proxies by option, over those that nobody here wrote.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { Authority, cleanUp, folder, freePort, lacking, running } from './parts.mjs';
import { OpenAI } from './support.mjs';

/** Answers, and remembers the headers of each request. */
async function serving(make, options = {}) {
  const seen = [];
  const server = make(options, (request, response) => {
    seen.push(request.headers);
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"object":"list","data":[]}');
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanUp(() => {
    server.closeAllConnections();
    server.close();
  });
  return { seen, port: server.address().port };
}

async function twice(baseURL, transport) {
  const client = new OpenAI({ apiKey: 'k', baseURL, maxRetries: 0, transport });
  for (let count = 0; count < 2; count++) assert.deepEqual((await client.models.list()).data, []);
}

describe('an HTTP proxy', { skip: lacking('tinyproxy') }, () => {
  let address;
  before(async () => {
    const [port, path] = [await freePort(), join(folder(), 'config')];
    writeFileSync(path, `Port ${port}\nListen 127.0.0.1\nTimeout 600\nAllow 127.0.0.1\nBasicAuth user pass\n`);
    await running('tinyproxy', ['-d', '-c', path], port);
    address = `127.0.0.1:${port}`;
  });

  it('is asked for URLs and keeps its password', async () => {
    const { seen, port } = await serving(http.createServer);
    await twice(`http://127.0.0.1:${port}/v1`, { proxy: `http://user:pass@${address}` });
    assert.equal(seen.length, 2);
    assert.ok(seen.every((headers) => 'via' in headers && !('proxy-authorization' in headers)));
  });

  it('makes a tunnel for https', { skip: lacking('openssl') }, async () => {
    const ca = new Authority();
    const { seen, port } = await serving(https.createServer, ca.issue('DNS:localhost'));
    const baseURL = `https://localhost:${port}/v1`;
    await twice(baseURL, { ca: ca.pem, proxy: `http://user:pass@${address}` });
    assert.equal(seen.length, 2);
    const refused = twice(baseURL, { ca: ca.pem, proxy: `http://user:open-sesame@${address}` });
    await assert.rejects(refused, (error) => {
      assert.ok(error instanceof OpenAI.APIConnectionError);
      assert.ok(!`${error} ${error.cause}`.includes('sesame'));
      return true;
    });
    assert.equal(seen.length, 2);
  });

  it('is not gone past when it refuses or is not there', async () => {
    const { seen, port } = await serving(http.createServer);
    const baseURL = `http://127.0.0.1:${port}/v1`;
    await assert.rejects(twice(baseURL, { proxy: `http://${address}` }), OpenAI.APIError);
    const nowhere = `http://127.0.0.1:${await freePort()}`;
    await assert.rejects(twice(baseURL, { proxy: nowhere }), OpenAI.APIConnectionError);
    assert.equal(seen.length, 0);
    await twice(baseURL, { proxy: nowhere, noProxy: '10.0.0.0/8, 127.0.0.0/8' });
    assert.equal(seen.length, 2);
  });
});

describe('a SOCKS proxy', { skip: lacking('microsocks') }, () => {
  it('is told who asks, where it wants to know', async () => {
    const [shut, open] = [await freePort(), await freePort()];
    await running('microsocks', ['-i', '127.0.0.1', '-p', String(shut), '-u', 'user', '-P', 'pass'], shut);
    await running('microsocks', ['-i', '127.0.0.1', '-p', String(open)], open);
    const { seen, port } = await serving(http.createServer);
    const baseURL = `http://127.0.0.1:${port}/v1`;
    for (const scheme of ['socks5', 'socks5h']) {
      await twice(baseURL, { proxy: `${scheme}://user:pass@127.0.0.1:${shut}` });
      await twice(baseURL, { proxy: `${scheme}://127.0.0.1:${open}` });
    }
    assert.equal(seen.length, 8);
    for (const user of ['', 'user:open-sesame@']) {
      const refused = twice(baseURL, { proxy: `socks5://${user}127.0.0.1:${shut}` });
      await assert.rejects(refused, OpenAI.APIConnectionError);
    }
    assert.equal(seen.length, 8);
  });
});
