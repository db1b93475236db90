// Limits of attempts and calls, against a server that is slow by script: what a caller passes, what the exception says.

import assert from 'node:assert/strict';
import { describe, it, test } from 'node:test';
import { CHAT, clientOf, mockServer, OpenAI } from './support.mjs';

const server = mockServer();
/** Milliseconds of a limit before which something has to happen: longer than a busy machine stands still. */
const AMPLE = 4000;

// Nothing comes at all, half of a reply, one event and silence, comments without end, events without end.
const NO_HEAD = { fault: { kind: 'stall', at: 'request' }, repeat: true };
const HALF = { json: { id: 'chatcmpl-1' }, fault: { kind: 'stall', at: 5 }, repeat: true };
const ONE_EVENT = { sse: [{ data: { id: 'a' } }], fault: { kind: 'stall', at: 'end' }, repeat: true };
const COMMENTS = {
  chunks: [{ sse: { data: { id: 'a' } } }, { text: ': alive\n\n', delay_ms: 50, times: 600 }],
  repeat: true,
};
const EVENTS = { chunks: [{ sse: { data: { id: 'a' } }, delay_ms: 50, times: 600 }], repeat: true };
const SLOW = { json: { id: 'chatcmpl-1' }, delay_ms: 1000, repeat: true };

function script(...exchanges) {
  return server.script({ exchanges, own_port: true });
}

/** What a call rejects with, and how many events it gave before. */
async function failing(baseURL, clientOptions, callOptions, stream) {
  let seen = 0;
  try {
    const client = clientOf(baseURL, clientOptions);
    const result = await client.chat.completions.create({ ...CHAT, ...(stream ? { stream } : {}) }, callOptions);
    if (stream) for await (const _ of result) seen++;
  } catch (error) {
    return { error, seen };
  }
  return assert.fail('the call succeeded');
}

// What is limited, how, what is said of it, and how many events came (undefined where that is a matter of time).
const LIMITED = [
  ['no head', NO_HEAD, { timeout: { firstByte: AMPLE } }, 'firstByte'],
  ['no head', NO_HEAD, { timeout: { read: AMPLE } }, 'read'],
  ['no head', NO_HEAD, { timeout: { total: AMPLE } }, 'total'],
  ['no head', NO_HEAD, { deadline: AMPLE }, 'deadline'],
  ['no head', NO_HEAD, { timeout: AMPLE }, 'timeout'],
  ['half a body', HALF, { timeout: { idle: AMPLE } }, 'idle'],
  ['half a body', HALF, { timeout: { read: AMPLE } }, 'read'],
  ['half a body', HALF, { timeout: { total: AMPLE } }, 'total'],
  ['half a body', HALF, { timeout: AMPLE }, 'timeout'],
  ['half a body', HALF, { deadline: AMPLE }, 'deadline'],
  ['a stream that stalls', ONE_EVENT, { timeout: { idle: AMPLE } }, 'idle', 1],
  ['a stream that stalls', ONE_EVENT, { timeout: { read: AMPLE } }, 'read', 1],
  ['a stream of comments', COMMENTS, { timeout: { read: 60_000, idle: AMPLE } }, 'idle', 1],
  ['a stream without end', EVENTS, { timeout: { idle: 60_000, total: AMPLE } }, 'total', undefined],
  ['a stream without end', EVENTS, { deadline: AMPLE }, 'deadline', undefined],
];

describe('the exception says which limit passed', { concurrency: 2 * LIMITED.length }, () => {
  for (const [what, exchange, options, limit, events] of LIMITED) {
    const stream = what.includes('stream');
    for (const perCall of [false, true]) {
      it(`${what}: ${limit} of a ${perCall ? 'call' : 'client'}`, async () => {
        const began = performance.now();
        const { error, seen } = await failing(script(exchange), perCall ? {} : options, perCall ? options : {}, stream);
        const took = performance.now() - began;
        assert.equal(error.constructor, OpenAI.APIConnectionTimeoutError, String(error));
        assert.equal(error.message, 'Request timed out.');
        assert.equal(error.limit, limit);
        assert.equal(error.limitMs, AMPLE);
        assert.ok(error.elapsedMs >= AMPLE - 10 && error.elapsedMs <= took + 5, `${error.elapsedMs} of ${took}`);
        assert.equal(error.events, seen);
        if (events !== undefined) assert.equal(seen, events);
        else assert.equal(seen > 0, stream);
        assert.match(error.cause.message, /\b4 s/);
      });
    }
  }
});

test('the deadline ends the retries, and the last failure is thrown', async () => {
  const busy = { status: 503, json: { error: { message: 'busy' } } };
  const [soon, late] = [{ 'retry-after-ms': '1' }, { 'retry-after': '50' }];
  const baseURL = script({ ...busy, headers: soon }, { ...busy, headers: late, repeat: true });
  const { error } = await failing(baseURL, { maxRetries: 1000, deadline: 20_000 });
  assert.equal(error.constructor, OpenAI.InternalServerError);
  assert.equal(error.message, '503 busy');
  assert.match(error.cause.message, /the deadline of 20 s/);
  assert.equal(server.requests(baseURL).length, 2);
});

test('a call replaces or lifts the limits of its client', async () => {
  const baseURL = script(SLOW);
  const client = clientOf(baseURL, { deadline: 100, timeout: { connect: 60_000, total: 60_000 } });
  assert.equal(client.deadline, 100);
  assert.equal(client.timeout, 60_000);
  await assert.rejects(client.chat.completions.create(CHAT), (error) => error.limit === 'deadline');
  for (const deadline of [60_000, null]) {
    assert.equal((await client.chat.completions.create(CHAT, { deadline })).id, 'chatcmpl-1');
    assert.equal((await client.withOptions({ deadline }).chat.completions.create(CHAT)).id, 'chatcmpl-1');
  }
  const lifted = client.withOptions({ deadline: null });
  await assert.rejects(
    lifted.chat.completions.create(CHAT, { timeout: { total: 100 } }),
    (error) => error.limit === 'total',
  );
  // A copy has the limits of its original, and a number that is assigned replaces them.
  const copy = lifted.withOptions({ timeout: { total: 100 } }).withOptions({ maxRetries: 0 });
  await assert.rejects(copy.chat.completions.create(CHAT), (error) => error.limit === 'total');
  copy.timeout = 60_000;
  assert.equal((await copy.chat.completions.create(CHAT)).id, 'chatcmpl-1');
  assert.equal(clientOf(baseURL, { timeout: { idle: 1 } }).timeout, Infinity);
});

test('a list takes a deadline in place of its query', async () => {
  const client = clientOf(script(NO_HEAD));
  await assert.rejects(client.files.list({ deadline: 100 }), (error) => error.limit === 'deadline');
});

test('the body of a response is limited to its end although it is read by hand', async () => {
  const client = clientOf(script(HALF));
  for (const options of [{ timeout: { idle: 100 } }, { timeout: { total: 100 } }, { deadline: 100 }]) {
    // A limit of the whole may pass before the head on a busy machine.
    const text = client.chat.completions.create(CHAT, options).asResponse().then((response) => response.text());
    await assert.rejects(text, (error) => {
      assert.equal(error.constructor, OpenAI.APIConnectionTimeoutError, String(error));
      assert.equal(error.limitMs, 100);
      return true;
    });
  }
});

test('the header says the time that an attempt may take, where there is one', async () => {
  const baseURL = script({ json: {}, repeat: true });
  const client = clientOf(baseURL);
  for (const [timeout, text] of [
    [7000, '7'],
    [{ total: 4000, idle: 1000 }, '4'],
    [{ idle: 1000 }, undefined],
  ]) {
    await client.post('/x', { timeout });
    const headers = server.requests(baseURL).at(-1).headers;
    assert.equal(headers.find(([name]) => name.toLowerCase() === 'x-stainless-timeout')?.[1], text);
  }
});

test('bad limits are refused in one sentence that names them', async () => {
  const whole = 'must be a whole number of milliseconds, 0 or more, or null for no limit; it is';
  const cases = [
    [{ timeout: { idle: -1 } }, `\`timeout.idle\` ${whole} -1.`],
    [{ timeout: { total: NaN } }, `\`timeout.total\` ${whole} NaN.`],
    [{ timeout: { firstByte: Infinity } }, `\`timeout.firstByte\` ${whole} Infinity.`],
    [{ timeout: { read: '5' } }, `\`timeout.read\` ${whole} a string.`],
    [{ timeout: { connect: 1.5 } }, `\`timeout.connect\` ${whole} 1.5.`],
    [
      { timeout: { idel: 5 } },
      '`timeout` has no limit `idel`; its limits are connect, read, write, pool, firstByte, idle, total.',
    ],
    [{ deadline: -1 }, `\`deadline\` ${whole} -1.`],
    [{ deadline: Infinity }, `\`deadline\` ${whole} Infinity.`],
    [{ deadline: '5' }, `\`deadline\` ${whole} a string.`],
    [{ timeout: [5] }, 'timeout must be an integer'],
    [{ timeout: -1 }, 'timeout must be a positive integer'],
  ];
  for (const [options, message] of cases) {
    const error = { constructor: OpenAI.OpenAIError, message };
    assert.throws(() => clientOf('http://127.0.0.1:9/v1', options), error);
    await assert.rejects(clientOf('http://127.0.0.1:9/v1').post('/x', options), error);
  }
});
