// How streams end: what `endedCleanly` says, what `strictEnd` throws, and what a break carries.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { FINAL_EVENTS } from '../../node/dist/esm/internal/ending.js';
import { CHAT, clientOf, collect, mockServer, OpenAI, ROOT } from './support.mjs';

const server = mockServer();
const CHUNK = { id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [] };
const FINAL = { type: 'response.completed', sequence_number: 1, response: { id: 'r', output: [] } };
const CLOSE = { kind: 'close', at: 'end' };
const sse = (data, more = {}) => ({ sse: data.map((item) => ({ data: item })), ...more });

function open(exchanges, options = {}, call = {}) {
  const client = clientOf(server.script({ own_port: true, exchanges }), options);
  return client.chat.completions.create({ ...CHAT, stream: true }, call);
}

/** The items of a stream, and what it threw. */
async function drained(stream) {
  const items = [];
  try {
    for await (const item of stream) items.push(item);
    return { items };
  } catch (error) {
    return { items, error };
  }
}

for (const [name, exchange, isClean] of [
  ['[DONE]', sse([CHUNK, '[DONE]']), true],
  ['no end mark', sse([CHUNK]), false],
  ['nothing at all', sse([]), false],
  ['a final event', sse([FINAL]), true],
  ['an event after a final one', sse([FINAL, CHUNK]), false],
  ['[DONE] and a break', sse(['[DONE]'], { fault: CLOSE }), true],
]) {
  test(`a stream with ${name} ended ${isClean ? 'cleanly' : 'uncleanly'}`, async () => {
    const stream = await open([exchange]);
    assert.equal(stream.endedCleanly, null);
    for await (const _ of stream) assert.equal(stream.endedCleanly, null);
    assert.equal(stream.endedCleanly, isClean);
    const [left] = (await open([exchange])).tee();
    await collect(left);
    assert.equal(left.endedCleanly, isClean);
  });
}

test('a stream that is left or throws did not end cleanly', async () => {
  const left = await open([sse([CHUNK, CHUNK, '[DONE]'])]);
  for await (const _ of left) break;
  assert.equal(left.endedCleanly, false);
  const refused = await open([sse([{ error: { message: 'no' } }, '[DONE]'])]);
  assert.match((await drained(refused)).error.message, /no/);
  assert.equal(refused.endedCleanly, false);
});

test('strictEnd throws at an unclean end, and only there', async () => {
  for (const [options, call] of [
    [{ strictEnd: true }, {}],
    [{}, { strictEnd: true }],
  ]) {
    const stream = await open([sse([CHUNK, CHUNK])], options, call);
    const { items, error } = await drained(stream);
    assert.equal(items.length, 2);
    assert.equal(error.constructor, OpenAI.APIConnectionError);
    assert.match(error.message, /after 2 events with neither/);
    assert.equal(error.events, 2);
    assert.equal(error.partial.last.id, 'c');
    assert.equal(stream.endedCleanly, false);
  }
  assert.equal((await collect(await open([sse([CHUNK, '[DONE]'])], { strictEnd: true }))).length, 1);
  assert.equal((await collect(await open([sse([FINAL])], { strictEnd: true }))).length, 1);
  assert.equal((await collect(await open([sse([CHUNK])], { strictEnd: true }, { strictEnd: false }))).length, 1);
  assert.equal(clientOf('http://x', { strictEnd: true }).withOptions({ timeout: 1 }).strictEnd, true);
});

test('a break carries what had arrived, and is what fetch throws, too', async () => {
  const events = [
    { ...CHUNK, id: '1' },
    { ...CHUNK, id: '2' },
  ];
  const { items, error } = await drained(
    await open([sse(events, { headers: { 'x-request-id': 'req' }, fault: CLOSE }), sse(['[DONE]'])], { maxRetries: 2 }),
  );
  assert.equal(items.length, 2);
  assert.ok(error instanceof OpenAI.APIConnectionError);
  assert.ok(error instanceof OpenAI.APIError && error instanceof OpenAI.OpenAIError && error instanceof Error);
  assert.ok(!(error instanceof OpenAI.APIConnectionTimeoutError) && !(error instanceof OpenAI.APIUserAbortError));
  assert.ok(error instanceof TypeError);
  assert.equal(error.message, 'terminated');
  assert.equal(error.cause.code, 'UND_ERR_SOCKET');
  assert.match(error.cause.message, /the connection ended/);
  assert.equal(error.status, undefined);
  assert.equal(error.events, 2);
  const { first, last, ...rest } = error.partial;
  assert.deepEqual([first, last], events);
  assert.deepEqual(rest, { events: 2, bytes: 2 * JSON.stringify(events[0]).length, requestID: 'req' });
  assert.doesNotMatch(inspect(error), /chat.completion.chunk/);
});

test('events of agent sessions end as others do, and one that says an error is an event', async () => {
  const EVENTS = [{ type: 'agent.session.idle', event_id: '1' }, { type: 'error', error: { message: 'no' }, event_id: '2' }];
  const agents = (exchange, options) => {
    const { sessions } = clientOf(server.script({ own_port: true, exchanges: [exchange] }), options).beta.agents;
    return [
      () => sessions.events.stream('s'),
      () => sessions.create({ agent: { id: 'a' }, input: [], stream: true }),
    ];
  };
  for (const at of [0, 1]) {
    const whole = await agents({ sse: [{ data: EVENTS[0] }, { event: 'error', data: EVENTS[1] }, { data: EVENTS[1] }] })[at]();
    assert.deepEqual(await collect(whole), [EVENTS[0], EVENTS[1], EVENTS[1]]);
    assert.equal(whole.endedCleanly, false);
    const done = await agents(sse([EVENTS[0], '[DONE]']), { strictEnd: true })[at]();
    assert.equal((await collect(done)).length, 1);
    assert.equal(done.endedCleanly, true);
    const cut = await drained(await agents(sse(EVENTS), { strictEnd: true })[at]());
    assert.match(cut.error.message, /after 2 events with neither/);
    const broken = await drained(await agents(sse(EVENTS, { fault: CLOSE }), { maxRetries: 0 })[at]());
    assert.deepEqual([broken.items, broken.error.events, broken.error.partial.last], [EVENTS, 2, EVENTS[1]]);
  }
});

test('a break before the first event is tried again', async () => {
  const broken = sse([], { fault: CLOSE });
  const stream = await open([broken, broken, sse([CHUNK, '[DONE]'])], { maxRetries: 2 });
  assert.equal((await collect(stream)).length, 1);
  assert.equal(stream.endedCleanly, true);
  const refused = await open([broken, { status: 400, json: { error: { message: 'no' } } }], { maxRetries: 2 });
  const { error } = await drained(refused);
  assert.ok(error instanceof OpenAI.BadRequestError);
  assert.match(error.message, /400 no/);
});

test('the final events are those of the Python package', () => {
  const source = readFileSync(join(ROOT, 'python/tailrace/_ending.py'), 'utf8');
  const listed = source.match(/FINAL_EVENTS = frozenset\(\s*\(([^)]*)\)/)[1];
  assert.deepEqual([...listed.matchAll(/"([^"]+)"/g)].map((match) => match[1]), [...FINAL_EVENTS]);
});
