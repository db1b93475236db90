// A canary for a key: it is in nothing that is printed, logged, formatted or cloned, on any way to fail.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { ROOT } from './support.mjs';

const CANARY = 'sk-canary-7d1f0c5be2a94f6f';
const SUBJECT = join(ROOT, 'tests', 'node', 'secrets-subject.mjs');
const TIME = { timeout: 300_000 };

/** All that the subject printed, with the canary wherever the environment has a place for a secret. */
async function output(mode, { env = {}, code = 0 } = {}) {
  const child = spawn(process.execPath, [SUBJECT, mode], {
    env: {
      ...process.env,
      OPENAI_LOG: 'debug',
      RUST_BACKTRACE: 'full',
      CANARY,
      OPENAI_API_KEY: CANARY,
      OPENAI_ADMIN_KEY: CANARY,
      AZURE_OPENAI_API_KEY: CANARY,
      OPENAI_WEBHOOK_SECRET: CANARY,
      OPENAI_CUSTOM_HEADERS: `X-Auth: ${CANARY}`,
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const chunks = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => chunks.push(chunk));
  const ended = await new Promise((resolve) => child.on('close', resolve));
  const told = Buffer.concat(chunks).toString();
  assert.equal(ended, code, told.replaceAll(CANARY, '<canary>').slice(-3000));
  return told;
}

/** The lines in which a part of the canary stands that is long enough to know it by, without it. */
function shownIn(told) {
  const parts = [];
  for (let start = 0; start + 12 <= CANARY.length; start += 4) parts.push(CANARY.slice(start, start + 12));
  const lines = told.split('\n');
  return lines.flatMap((line, number) => {
    if (!parts.some((part) => line.includes(part))) return [];
    const where = lines.slice(0, number).findLast((above) => above.startsWith('--- '));
    return [`${where} ${line.replaceAll(CANARY, '<canary>').slice(0, 300)}`];
  });
}

test('the key is nowhere on any way to fail', TIME, async () => {
  const told = await output('all');
  assert.deepEqual(shownIn(told), []);
  // It did run: each way was taken and printed.
  assert.ok(Number(/shown: (\d+)/.exec(told)[1]) > 500);
  for (const text of ['AuthenticationError', 'tried again in', 'is sent', 'DataCloneError', 'APIUserAbortError', 'webhook']) {
    assert.ok(told.includes(text), text);
  }
  assert.equal(shownIn(`x${CANARY}\nu'${CANARY.slice(0, 16)}\nnothing`).length, 2);
});

test('a proxy with a password is not told', TIME, async () => {
  const proxy = `http://user:${CANARY}@127.0.0.1:1`;
  const told = await output('proxy', { env: { HTTP_PROXY: proxy, HTTPS_PROXY: proxy, NODE_USE_ENV_PROXY: '1' } });
  assert.deepEqual(shownIn(told), []);
  assert.ok(told.includes('APIConnectionError'));
});

test('nor is the key when a failure ends the program', TIME, async () => {
  const told = await output('uncaught', { code: 1 });
  assert.deepEqual(shownIn(told), []);
  assert.ok(told.includes('APIConnectionError'));
});
