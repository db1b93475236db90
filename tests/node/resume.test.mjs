// Streams of responses in the background go on after a break, with every event once.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clientOf, mockServer, OpenAI } from './support.mjs';

const server = mockServer();
const CLOSE = { kind: 'close', at: 'end' };

function event(number) {
  const response = { id: 'resp_1', object: 'response', output: [] };
  if (number === 0) return { type: 'response.created', sequence_number: 0, response };
  if (number === 9) return { type: 'response.completed', sequence_number: 9, response };
  return { type: 'response.output_text.delta', sequence_number: number, delta: String(number) };
}

/** An exchange with these events, whose connection breaks unless the last one is final. */
function part(...numbers) {
  const exchange = { sse: numbers.map((number) => ({ data: event(number) })) };
  return numbers.includes(9) ? exchange : { ...exchange, fault: CLOSE };
}

/** Reads a stream to its end: the numbers of its events, what it threw, and the later requests. */
async function read(exchanges, { retrieves = false, options = {}, client = {}, body = {} } = {}) {
  const baseURL = server.script({ own_port: true, exchanges });
  const api = clientOf(baseURL, { maxRetries: 2, ...client });
  const asked = { resume: true, ...options };
  const created = { model: 'm', input: 'hi', background: true, stream: true, ...body };
  const stream = retrieves
    ? await api.responses.retrieve('resp_1', { stream: true, ...body }, asked)
    : await api.responses.create(created, asked);
  const result = { stream, numbers: [] };
  try {
    for await (const item of stream) {
      assert.equal(stream.endedCleanly, null);
      result.numbers.push(item.sequence_number);
    }
  } catch (error) {
    result.error = error;
  }
  return { ...result, later: server.requests(baseURL).slice(1) };
}

test('a created stream goes on where it was', async () => {
  const unavailable = { status: 503, headers: { 'retry-after-ms': '1' }, text: 'later' };
  const { stream, numbers, later } = await read([part(0, 1, 2), part(3), unavailable, part(4, 5, 9)], {
    body: { include: ['reasoning.encrypted_content'] },
  });
  assert.deepEqual(numbers, [0, 1, 2, 3, 4, 5, 9]);
  assert.equal(stream.endedCleanly, true);
  assert.deepEqual(
    later.map(({ method, path }) => `${method} ${path}`),
    Array(3).fill('GET /v1/responses/resp_1'),
  );
  for (const [at, after] of [2, 3, 3].entries()) {
    const query = new URLSearchParams(later[at].query);
    assert.equal(query.get('starting_after'), String(after));
    assert.equal(query.get('stream'), 'true');
    assert.match(later[at].query, /reasoning\.encrypted_content/);
  }
});

test('a retrieved stream goes on and gives no event twice', async () => {
  const { numbers, later, stream } = await read([part(4, 5), part(4, 5, 6), part(7, 9)], {
    retrieves: true,
    body: { starting_after: 3 },
  });
  assert.deepEqual(numbers, [4, 5, 6, 7, 9]);
  assert.equal(stream.endedCleanly, true);
  assert.deepEqual(
    later.map(({ query }) => new URLSearchParams(query).getAll('starting_after')),
    [['5'], ['6']],
  );
});

test('a body that ends in order without the final event is a break', async () => {
  const { numbers } = await read([{ sse: [{ data: event(0) }] }, part(1, 9)]);
  assert.deepEqual(numbers, [0, 1, 9]);
});

test('what cannot go on throws the break', async () => {
  for (const [exchanges, options] of [
    // The name of the response was not told.
    [[part(1), part(2, 9)], {}],
    // No retry is allowed.
    [[part(0), part(2, 9)], { client: { maxRetries: 0 } }],
    // The connections after the break bring nothing.
    [[part(0), part(), part()], {}],
  ]) {
    const { numbers, error, stream } = await read(exchanges, options);
    assert.equal(numbers.length, 1);
    assert.ok(error instanceof OpenAI.APIConnectionError, String(error));
    assert.equal(error.events, 1);
    assert.equal(stream.endedCleanly, false);
  }
});

test('the refusal of the next request is thrown', async () => {
  const { error } = await read([part(0), { status: 404, json: { error: { message: 'gone' } } }]);
  assert.ok(error instanceof OpenAI.NotFoundError);
});

test('leaving the loop, and aborting, end it', async () => {
  for (const leave of ['break', 'abort']) {
    const baseURL = server.script({ own_port: true, exchanges: [part(0, 1), part(2, 9)] });
    const stream = await clientOf(baseURL, { maxRetries: 2 }).responses.create(
      { model: 'm', input: 'hi', background: true, stream: true },
      { resume: true },
    );
    for await (const _ of stream) {
      if (leave === 'break') break;
      stream.controller.abort();
    }
    assert.equal(stream.endedCleanly, false);
    assert.equal(server.requests(baseURL).length, 1);
  }
});

test('it needs a stream in the background', async () => {
  const baseURL = server.script({ own_port: true, exchanges: [part(0)] });
  const { responses } = clientOf(baseURL);
  const body = { model: 'm', input: 'hi' };
  await assert.rejects(responses.create({ ...body, background: true }, { resume: true }), /`stream: true`/);
  await assert.rejects(responses.create({ ...body, stream: true }, { resume: true }), /`background: true`/);
  assert.equal(server.requests(baseURL).length, 0);
});
