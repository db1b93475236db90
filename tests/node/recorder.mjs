// A server that keeps every request to the byte and answers as it is told, and tests that run with both packages.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, test } from 'node:test';
import * as tailrace from '../../node/dist/esm/index.js';

const modulesFolder = process.env.TAILRACE_OFFICIAL_NODE_MODULES;

/** The official package, where it is installed. */
export const official = modulesFolder ? createRequire(join(modulesFolder, 'tools.js'))('openai') : undefined;

/** Headers that say who sends, or that belong to the connection. */
const NOT_COMPARED =
  /^(host|connection|user-agent|x-stainless-(runtime|runtime-version|os|arch)|accept-language|accept-encoding|sec-fetch-mode)$/;

/**
 * Starts a server.
 *
 * @param answer - Gives `{ status, headers, body }` or JSON for a request and its number, or writes to the response.
 */
export async function recorder(answer = () => ({ id: 'x' })) {
  const requests = [];
  const server = createServer((request, response) => {
    const pieces = [];
    request.on('data', (piece) => pieces.push(piece));
    request.on('error', () => {});
    request.on('end', () => {
      const body = Buffer.concat(pieces).toString('latin1');
      const { method, url, headers } = request;
      requests.push({ method, url, headers, body });
      reply(response, answer({ ...requests.at(-1), number: requests.length, response }));
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const stop = () => {
    server.closeAllConnections();
    server.close();
  };
  after(stop);
  return { baseURL: `http://127.0.0.1:${server.address().port}/v1`, requests, stop };
}

function reply(response, answer) {
  if (answer === undefined) return;
  const { status = 200, headers = {}, body } = answer.body === undefined ? { body: answer } : answer;
  const text = typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/json', 'x-request-id': 'req_1', ...headers });
  response.end(text);
}

/**
 * Runs `scenario` with this package, and with the official one where it is installed: results and requests are the same.
 *
 * @param scenario - Gets `{ OpenAI, client, make, requests, root }`; what it gives or throws is compared.
 * @param check - Gets this package's result and requests, so that the test can fail without the official package.
 */
export function sideBySide(name, { answer, scenario, check = () => {}, limit = 100_000 }) {
  test(name, { timeout: limit }, async () => {
    const ours = await run(tailrace, answer, scenario);
    await check(ours.result, ours.requests);
    if (official === undefined) return;
    const theirs = await run(official, answer, scenario);
    assert.deepEqual(ours.result, theirs.result, 'the result of the official package is another');
    assert.deepEqual(ours.requests.map(comparable), theirs.requests.map(comparable));
  });
}

async function run(root, answer, scenario) {
  const { baseURL, requests, stop } = await recorder(answer?.());
  const OpenAI = root.OpenAI;
  const make = (options = {}) => new OpenAI({ apiKey: 'key', baseURL, maxRetries: 0, ...options });
  try {
    return { result: await scenario({ OpenAI, root, client: make(), make, requests, baseURL }), requests };
  } finally {
    stop();
  }
}

/** What `promise` throws, as a value that can be compared. */
export async function thrown(promise) {
  try {
    await promise;
  } catch (error) {
    return [error.constructor.name, error.message];
  }
  return 'nothing was thrown';
}

/** An id that a helper made up for a tool call. */
const MADE_UP_ID = /call_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

/** A request without what differs by nature: the boundary of a form, ids that were made up, and who sends. */
export function comparable({ method, url, headers, body }) {
  const boundary = /boundary=(\S+)/.exec(headers['content-type'])?.[1];
  const plain = (text) => (boundary === undefined ? text : text.replaceAll(boundary, 'BOUNDARY'));
  const kept = Object.entries(headers).filter(([name]) => !NOT_COMPARED.test(name));
  return {
    method,
    url,
    headers: Object.fromEntries(kept.map(([name, value]) => [name, plain(value)]).sort()),
    body: plain(body).replace(MADE_UP_ID, 'call_made_up'),
  };
}
