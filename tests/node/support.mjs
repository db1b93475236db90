// What the tests of the Node package share: the built package, a mock server, and other processes.

import { execFile } from 'node:child_process';
import { join, resolve } from 'node:path';
import { after } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';

export const ROOT = resolve(fileURLToPath(import.meta.url), '../../..');
export const DIST = join(ROOT, 'node', 'dist');
export const ENTRY = pathToFileURL(join(DIST, 'esm', 'index.js')).href;
export const { OpenAI } = await import(ENTRY);
export const { MockServer } = await import('../../node/dist/esm/testing.js');

export const CHAT = { model: 'm', messages: [{ role: 'user', content: 'hi' }] };

/** A mock server that lives as long as the tests of a file. */
export function mockServer(options) {
  const server = new MockServer(options);
  after(() => server.stop());
  return server;
}

/** A client without retries. */
export function clientOf(baseURL, options = {}) {
  return new OpenAI({ apiKey: 'key', baseURL, maxRetries: 0, ...options });
}

/** An exchange that sends events and then goes silent. */
export function stalling(...events) {
  return { sse: events, fault: { kind: 'stall', at: 'end' } };
}

export async function collect(iterable) {
  const items = [];
  for await (const item of iterable) items.push(item);
  return items;
}

/** Waits until `read()` gives something, at most `limit` milliseconds. */
export async function eventually(read, limit = 60_000) {
  const deadline = Date.now() + limit;
  for (;;) {
    const value = read();
    if (value) return value;
    if (Date.now() > deadline) throw new Error(`nothing came in ${limit} ms: ${read}`);
    await sleep(10);
  }
}

/** When the client closed the connection of the first request below `baseURL`. */
export function closedByClient(server, baseURL) {
  return eventually(() => server.connections(baseURL).find((connection) => connection.closed_by === 'client'));
}

/** Runs a program in a Node of its own and gives its output; fails when it does not end in time. */
export function runNode(source, { args = [], flags = [], env = {}, node = process.execPath, limit = 100_000 } = {}) {
  const all = [...flags, '--input-type=module', '--eval', source, ...args];
  return new Promise((resolve, reject) => {
    const options = { timeout: limit, env: { ...process.env, ...env }, cwd: ROOT, maxBuffer: 1 << 28 };
    execFile(node, all, options, (error, stdout, stderr) => {
      if (error) reject(new Error(`${error.killed ? `still running after ${limit} ms` : error.message}\n${stderr}`));
      else resolve({ stdout, stderr });
    });
  });
}
