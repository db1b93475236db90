// A retry policy: other pauses, a hook that may stop a retry or change its delay, and no retry without a quota.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { recorder } from './recorder.mjs';
import { ENTRY } from './support.mjs';

const { OpenAI } = await import(ENTRY);

const BUSY = { status: 503, headers: { 'retry-after-ms': '1', 'x-request-id': 'r' }, body: { error: { message: 'busy' } } };
const USED_UP = {
  status: 429,
  headers: { 'retry-after-ms': '1' },
  body: { error: { message: 'money', type: 'insufficient_quota', code: 'insufficient_quota' } },
};
const LIMITED = { ...USED_UP, body: { error: { message: 'slowly', code: 'rate_limit_exceeded' } } };
const OK = { id: 'x' };

/** What a call gives or throws, and how many requests it was. */
async function called(answers, options, request = {}) {
  const { baseURL, requests } = await recorder(({ number, response }) => {
    const answer = answers[Math.min(number, answers.length) - 1];
    return answer === 'reset' ? void response.socket.destroy() : answer;
  });
  const client = new OpenAI({ apiKey: 'k', baseURL, ...options });
  const result = await client.get('/x', request).catch((error) => error);
  return { result, made: requests.length };
}

test('the hook sees each retry and what led to it', async () => {
  const seen = [];
  const onRetry = (attempt) => void seen.push(attempt);
  const { result, made } = await called([BUSY, 'reset', OK], { retry: { maxRetries: 3, initialDelay: 1, onRetry } });
  assert.deepEqual([result.id, made, seen.length], ['x', 3, 2]);
  const [first, second] = seen;
  assert.deepEqual([first.attempt, first.maxRetries, first.delay], [1, 3, 1]);
  assert.ok(first.cause instanceof OpenAI.InternalServerError);
  assert.equal(first.response.headers.get('x-request-id'), 'r');
  assert.equal(first.response, first.response);
  assert.deepEqual(await first.response.json(), { error: { message: 'busy' } });
  assert.deepEqual([second.attempt, second.response], [2, undefined]);
  assert.ok(second.cause instanceof OpenAI.APIConnectionError);
  assert.ok(second.delay > 0 && second.delay <= 2, String(second.delay));
  assert.ok(first.elapsed > 0 && first.elapsed < second.elapsed);
});

test('the hook stops a retry, lets it be or changes its delay, at once or later', async () => {
  for (const [answers, expected] of [
    [[false], 1],
    [[undefined, false], 2],
    [[true, 0], 3],
    [[null, Promise.resolve(0)], 3],
    [[Promise.resolve(false)], 1],
  ]) {
    const left = [...answers];
    const { result, made } = await called([BUSY], { retry: { onRetry: () => left.shift() } });
    assert.ok(result instanceof OpenAI.InternalServerError);
    assert.equal(made, expected);
  }
  const began = performance.now();
  assert.equal((await called([BUSY, OK], { retry: { onRetry: () => 250 } })).made, 2);
  assert.ok(performance.now() - began >= 249);
  const minute = { ...BUSY, headers: { 'retry-after': '60' } };
  assert.equal((await called([minute, OK], { retry: { onRetry: () => 0 } })).result.id, 'x');
});

test('what the hook throws, and an answer that is none, end the call', async () => {
  const mine = new Error('mine');
  for (const onRetry of [() => { throw mine; }, () => Promise.reject(mine)]) {
    const { result, made } = await called([BUSY, OK], { retry: { onRetry } });
    assert.deepEqual([result, made], [mine, 1]);
  } // prettier-ignore
  for (const answer of ['soon', -1, NaN, Infinity]) {
    const { result, made } = await called([BUSY, OK], { retry: { onRetry: () => answer } });
    assert.match(result.message, /^What `onRetry` returned is .*; give milliseconds/);
    assert.equal(made, 1);
  }
});

test('an abort and a deadline end a call whose hook is still thinking', async () => {
  const controller = new AbortController();
  const onRetry = () => {
    controller.abort();
    return new Promise(() => {});
  };
  const { result } = await called([BUSY, OK], { retry: { onRetry } }, { signal: controller.signal });
  assert.ok(result instanceof OpenAI.APIUserAbortError);
  const late = await called([BUSY, OK], { retry: { onRetry: () => 100_000 } }, { deadline: 60_000 });
  assert.ok(late.result instanceof OpenAI.InternalServerError);
  assert.match(late.result.cause.message, /after the deadline of 60 s/);
});

test('a used up quota fails at once on request', async () => {
  const asked = [];
  const retry = { insufficientQuota: 'fail', onRetry: (attempt) => void asked.push(attempt) };
  const { result, made } = await called([USED_UP, OK], { retry });
  assert.ok(result instanceof OpenAI.RateLimitError);
  assert.deepEqual([result.code, made, asked.length], ['insufficient_quota', 1, 0]);
  assert.equal((await called([LIMITED, OK], { retry })).made, 2);
  assert.equal(asked.length, 1);
  for (const options of [{}, { retry: {} }]) assert.equal((await called([USED_UP, OK], options)).made, 2);
});

for (const [name, given] of Object.entries({
  'a stream': {},
  'a stream over a fetch of the caller': { fetch: (...sent) => fetch(...sent) },
})) {
  test(`${name} that breaks before its first event is repeated as the hook says, after it never`, async () => {
    const sent = (parts, breaks) => ({ number, response }) => {
      const isBroken = number <= breaks;
      response.writeHead(200, { 'content-type': 'text/event-stream', 'x-request-id': `r${number}` });
      for (const part of isBroken ? parts : ['data: {"n":1}\n\n', 'data: [DONE]\n\n']) response.write(part);
      if (isBroken) setTimeout(() => response.socket.resetAndDestroy(), 20);
      else response.end();
    };
    const streamed = async (parts, breaks, hook, read, options = {}) => {
      const { baseURL, requests } = await recorder(sent(parts, breaks));
      const seen = [];
      const onRetry = (attempt) => (seen.push(attempt), hook?.(attempt));
      const client = new OpenAI({ apiKey: 'k', baseURL, retry: { initialDelay: 0, onRetry }, ...given });
      const result = await read(client.post('/x', { body: {}, stream: true, ...options })).catch((error) => error);
      return { result, seen, made: requests.length };
    };
    const items = async (call) => Array.fromAsync?.(await call) ?? collect(await call);
    const collect = async (stream) => {
      const all = [];
      for await (const item of stream) all.push(item);
      return all;
    };
    const repeated = await streamed([': x\n\n'], 2, undefined, items);
    assert.deepEqual([repeated.result, repeated.made], [[{ n: 1 }], 3]);
    assert.deepEqual(repeated.seen.map(({ attempt }) => attempt), [1, 2]); // prettier-ignore
    assert.ok(repeated.seen.every(({ cause }) => cause instanceof OpenAI.APIConnectionError));
    const stopped = await streamed([': x\n\n'], 2, () => false, items);
    assert.ok(stopped.result instanceof OpenAI.APIConnectionError);
    assert.deepEqual([stopped.made, stopped.seen.length], [1, 1]);
    const late = await streamed(['data: {"n":0}\n\n'], 2, undefined, items);
    assert.ok(late.result instanceof OpenAI.APIConnectionError);
    assert.deepEqual([late.made, late.seen.length], [1, 0]);
    // The response is that of the stream, whenever it is asked for.
    const both = await streamed([': x\n\n'], 1, undefined, async (call) => {
      const { data, response, request_id } = await call.withResponse();
      return [await collect(data), response.status, request_id];
    });
    assert.deepEqual([both.result, both.made], [[[{ n: 1 }], 200, 'r2'], 2]);
    // The bytes are all there, with what came before the first event.
    const bytes = async (call) => {
      const response = await call.asResponse();
      return [response.status, new URL(response.url).pathname, await response.text()];
    };
    const raw = await streamed([': x\n\n'], 2, undefined, bytes);
    assert.deepEqual([raw.result, raw.made, raw.seen.length], [[200, '/v1/x', 'data: {"n":1}\n\ndata: [DONE]\n\n'], 3, 2]);
    const early = await streamed([': x\n\n', ': y\n\n'], 2, () => false, bytes);
    assert.ok(early.result instanceof OpenAI.APIConnectionError);
    assert.deepEqual([early.made, early.seen.length], [1, 1]);
    const broken = await streamed(['data: {"n":0}\n\n'], 2, undefined, bytes);
    assert.ok(broken.result instanceof Error);
    assert.deepEqual([broken.made, broken.seen.length], [1, 0]);
    const controller = new AbortController();
    const aborted = await streamed([': x\n\n'], 9, () => controller.abort(), (call) => items(call), { signal: controller.signal });
    assert.ok(aborted.result instanceof OpenAI.APIUserAbortError);
    assert.equal(aborted.made, 1);
    const asked = await streamed([], 0, undefined, async (call) => {
      await new Promise((resolve) => setTimeout(resolve, 100));
      return await (await call.asResponse()).text();
    });
    assert.match(asked.result, /data: \{"n":1\}\n\n/);
  });
}

test('client, copy and call each have their word', async () => {
  const counted = [];
  const { baseURL, requests } = await recorder(() => BUSY);
  const retry = { maxRetries: 4, initialDelay: 0, onRetry: ({ maxRetries }) => void counted.push(maxRetries) };
  const client = new OpenAI({ apiKey: 'k', baseURL, maxRetries: 1, retry });
  assert.deepEqual([client.maxRetries, client.withOptions({}).maxRetries], [4, 4]);
  const attempts = async (client, options) => {
    const before = requests.length;
    counted.length = 0;
    await assert.rejects(client.get('/x', options), OpenAI.InternalServerError);
    return requests.length - before;
  };
  assert.equal(await attempts(client), 5);
  assert.deepEqual(counted, [4, 4, 4, 4]);
  assert.equal(await attempts(client.withOptions({ maxRetries: 0 })), 1);
  assert.equal(await attempts(client.withOptions({ maxRetries: 2 })), 3);
  assert.deepEqual(counted, [2, 2]);
  assert.equal(await attempts(client, { maxRetries: 1 }), 2);
  assert.equal(await attempts(client, { retry: { maxRetries: 2, initialDelay: 0 } }), 3);
  assert.deepEqual(counted, []);
  assert.equal(await attempts(client, { retry: { maxRetries: 2 }, maxRetries: 1 }), 2);
  assert.equal(await attempts(client.withOptions({ retry: { maxRetries: 1 } })), 2);
  assert.equal(await attempts(client, { retry: null, maxRetries: 1 }), 2);
  assert.equal(client.withOptions({ retry: null }).retry, undefined);
});

test('a wrong policy is refused where it is given', async () => {
  for (const [retry, message] of [
    [3, /The `retry` option is a number; give an object, or a number as `maxRetries`/],
    [{ maxRetries: -1 }, /`retry.maxRetries` is -1/],
    [{ initialDelay: '1' }, /`retry.initialDelay` is 1; give milliseconds/],
    [{ maxDelay: Infinity }, /`retry.maxDelay` is Infinity/],
    [{ onRetry: 3 }, /`retry.onRetry` is a number/],
    [{ insufficientQuota: 'stop' }, /`retry.insufficientQuota` is "stop"; give 'retry' or 'fail'/],
  ]) {
    assert.throws(() => new OpenAI({ apiKey: 'k', retry }), { message });
    await assert.rejects(new OpenAI({ apiKey: 'k' }).get('/x', { retry }), { message });
  }
});

test('each attempt is a line of the log, and comes back only when somebody reads it', async () => {
  for (const [logLevel, expected] of [
    ['info', 3],
    ['warn', 0],
  ]) {
    const lines = [];
    const logger = { error() {}, warn() {}, debug() {}, info: (line) => lines.push(line.replace(/\d+ ms/g, 'T')) };
    const { made } = await called([BUSY, 'reset', OK], { logger, logLevel, retry: { initialDelay: 0 } });
    assert.deepEqual([made, lines.length], [3, expected]);
    if (expected === 0) continue;
    assert.deepEqual(lines, [
      'GET /x failed: 503 after 0 retries in T, request id r; tried again in T',
      'GET /x failed: APIConnectionError after 1 retries in T, request id null; tried again in T',
      'GET /x succeeded: 200 after 2 retries in T, request id req_1',
    ]);
  }
});

test('nobody is asked about a retry without a hook and without a log', async () => {
  const { addon } = createRequire(import.meta.url)('../../node/dist/cjs/internal/native.cjs');
  const { prototype } = addon().Pending;
  const { proposal } = prototype;
  let calls = 0;
  prototype.proposal = function () {
    calls += 1;
    return proposal.call(this);
  };
  try {
    const count = async (options) => {
      calls = 0;
      assert.equal((await called([BUSY, BUSY, OK], { logLevel: 'warn', ...options })).made, 3);
      return calls;
    };
    assert.equal(await count({}), 0);
    assert.equal(await count({ logLevel: 'info', logger: { error() {}, warn() {}, info() {}, debug() {} } }), 2);
  } finally {
    prototype.proposal = proposal;
  }
});
