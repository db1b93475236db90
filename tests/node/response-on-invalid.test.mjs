// Responses that are held to their schema while they come: `onInvalid` and `attempts` of `parse` and `stream`.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SchemaViolationError } from '../../node/dist/esm/index.js';
import { clientOf, closedByClient, collect, mockServer, OpenAI, stalling } from './support.mjs';

const server = mockServer();
const PLAN = {
  type: 'object',
  properties: { title: { type: 'string' }, steps: { type: 'array', items: { type: 'integer' } } },
  required: ['title', 'steps'],
  additionalProperties: false,
};
const FORMAT = { type: 'json_schema', name: 'plan', schema: PLAN };
const BODY = { model: 'm', input: 'hi', text: { format: FORMAT } };
const GOOD = '{"title":"é","steps":[1,2]}';
const BAD = '{"title":"é","steps":[1,"two"]}';
const USAGE = { input_tokens: 1, output_tokens: 2, total_tokens: 3 };

function answer(text, { status = 'completed', phase } = {}) {
  const item = { type: 'message', id: 'm', role: 'assistant', status: 'completed', ...(phase && { phase }) };
  const content = [{ type: 'output_text', text, annotations: [] }];
  return { id: 'r', object: 'response', status, output: [{ ...item, content }], usage: USAGE };
}

/** The events of an answer, two characters at a time. */
function events(text, options = {}) {
  const whole = answer(text, options);
  const { content, ...item } = whole.output[0];
  const place = { output_index: 0, content_index: 0, item_id: 'm' };
  const list = [
    { type: 'response.created', response: { ...whole, status: 'in_progress', output: [], usage: null } },
    { type: 'response.output_item.added', output_index: 0, item: { ...item, content: [] } },
    { type: 'response.content_part.added', ...place, part: { ...content[0], text: '' } },
    ...text.match(/.{1,2}/g).map((delta) => ({ type: 'response.output_text.delta', ...place, delta })),
    { type: 'response.output_text.done', ...place, text },
    { type: `response.${whole.status}`, response: whole },
  ];
  return list.map((event, sequence_number) => ({ data: { ...event, sequence_number } }));
}
const streamed = (text, options) => ({ sse: events(text, options) });

const thrown = (promise) => promise.then(() => assert.fail('nothing was thrown'), (error) => error);
const bodies = (baseURL) => server.requests(baseURL).map(({ body }) => JSON.parse(body));

test('a stream that fits its schema is given as ever', async () => {
  const baseURL = server.script({ own_port: true, exchanges: [streamed(GOOD)] });
  const { output_parsed } = await clientOf(baseURL).responses.stream(BODY, { onInvalid: 'abort' }).finalResponse();
  assert.deepEqual(output_parsed, JSON.parse(GOOD));
  assert.deepEqual(Object.keys(bodies(baseURL)[0]), ['model', 'input', 'text', 'stream']);
});

test('the request is cancelled at the first impossible byte, and the error says where and why', async () => {
  const started = events(BAD).slice(0, -2);
  const baseURL = server.script({ own_port: true, exchanges: [stalling(...started)] });
  const stream = clientOf(baseURL).responses.stream(BODY, { onInvalid: 'abort' });
  let text = '';
  stream.on('response.output_text.delta', ({ delta }) => (text += delta));
  const error = await thrown(stream.finalResponse());
  assert.ok(error instanceof SchemaViolationError && error instanceof OpenAI.OpenAIError);
  const { pointer, offset, schemaPath, usage, attempts } = error;
  assert.deepEqual(
    { pointer, offset, schemaPath, usage, attempts },
    { pointer: '/steps/1', offset: 25, schemaPath: '/properties/steps/items/type', usage: null, attempts: 1 },
  );
  assert.ok(BAD.startsWith(error.text) && error.text.startsWith(text) && error.text.length < BAD.length);
  await closedByClient(server, baseURL);
});

test('a loop over the events ends with the same error', async () => {
  const baseURL = server.script({ own_port: true, exchanges: [streamed(BAD)] });
  const read = async () => {
    for await (const { type } of clientOf(baseURL).responses.stream(BODY, { onInvalid: 'abort' })) assert.ok(type);
  };
  assert.ok((await thrown(read())) instanceof SchemaViolationError);
});

test('the model is asked again with its answer so far and the reason', async () => {
  const baseURL = server.script({ own_port: true, exchanges: [streamed(BAD), streamed(GOOD)] });
  const stream = clientOf(baseURL).responses.stream(BODY, { onInvalid: 'retry' });
  let snapshot;
  stream.on('response.output_text.delta', (event) => ({ snapshot } = event));
  assert.deepEqual((await stream.finalResponse()).output_parsed, JSON.parse(GOOD));
  assert.equal(snapshot, GOOD);
  const [first, second] = bodies(baseURL);
  assert.equal(first.input, 'hi');
  const [said, given, reason] = second.input;
  assert.deepEqual(said, { role: 'user', content: 'hi' });
  assert.equal(given.role, 'assistant');
  assert.ok(BAD.startsWith(given.content));
  assert.match(reason.content, /^This answer does not fit the JSON schema: \/steps\/1, byte 25: .+ Answer again from the beginning, with the whole corrected JSON and nothing else\.$/);
});

test('elements of a refused answer that nobody took are dropped, and those of the next one come from the first one on', async () => {
  const baseURL = server.script({ own_port: true, exchanges: [streamed(BAD), streamed('{"title":"b","steps":[7,8]}')] });
  const stream = clientOf(baseURL).responses.stream(BODY, { onInvalid: 'retry' });
  const slow = stream.items('steps');
  assert.equal(stream.attempt, 1);
  await stream.done();
  assert.equal(stream.attempt, 2);
  assert.deepEqual(await collect(slow), [7, 8]);
  assert.deepEqual(stream.partial, { title: 'b', steps: [7, 8] });
});

test('the usage of the error is that of the last event that had one', async () => {
  const [created, ...others] = events(BAD);
  created.data.response.usage = USAGE;
  const baseURL = server.script({ own_port: true, exchanges: [{ sse: [created, ...others] }] });
  const error = await thrown(clientOf(baseURL).responses.stream(BODY, { onInvalid: 'abort' }).done());
  assert.deepEqual([error.constructor, error.usage], [SchemaViolationError, USAGE]);
});

test('after the last attempt the error counts them', async () => {
  const baseURL = server.script({ own_port: true, exchanges: [streamed(BAD), streamed(BAD), streamed(BAD), streamed(GOOD)] });
  const error = await thrown(clientOf(baseURL).responses.stream(BODY, { onInvalid: 'retry', attempts: 3 }).done());
  assert.ok(error instanceof SchemaViolationError);
  assert.equal(error.attempts, 3);
  assert.equal(bodies(baseURL).length, 3);
});

test('a whole text that lacks something is told at its end, with the usage', async () => {
  const baseURL = server.script({ own_port: true, exchanges: [streamed('{"title":"é"')] });
  const error = await thrown(clientOf(baseURL).responses.stream(BODY, { onInvalid: 'abort' }).done());
  assert.ok(error instanceof SchemaViolationError);
  assert.deepEqual(error.usage, USAGE);
});

test('a text that was cut, and one that is no answer, are not held to the schema', async () => {
  const cut = streamed('{"title":"é"', { status: 'incomplete' });
  const comment = streamed('just a moment', { phase: 'commentary' });
  const baseURL = server.script({ own_port: true, exchanges: [cut, comment] });
  const { responses } = clientOf(baseURL);
  assert.equal((await responses.stream(BODY, { onInvalid: 'abort' }).finalResponse()).status, 'incomplete');
  assert.equal((await responses.stream(BODY, { onInvalid: 'abort' }).finalResponse()).output_text, 'just a moment');
});

test('parse asks again, and throws after the last attempt', async () => {
  const exchange = (text) => ({ json: answer(text) });
  const baseURL = server.script({ own_port: true, exchanges: [exchange(BAD), exchange(GOOD), exchange(BAD)] });
  const { responses } = clientOf(baseURL);
  assert.deepEqual((await responses.parse(BODY, { onInvalid: 'retry', attempts: 2 })).output_parsed, JSON.parse(GOOD));
  assert.equal(bodies(baseURL)[1].input.length, 3);
  const error = await thrown(responses.parse(BODY, { onInvalid: 'abort' }));
  assert.ok(error instanceof SchemaViolationError);
  assert.deepEqual([error.text, error.usage, error.attempts], [BAD, USAGE, 1]);
});

test('options that do not fit together are refused before anything is sent', () => {
  const { responses } = clientOf('http://127.0.0.1:9');
  const refused = [
    [BODY, { onInvalid: 'later' }],
    [BODY, { attempts: 2 }],
    [BODY, { onInvalid: 'retry', attempts: 0 }],
    [BODY, { onInvalid: 'abort', attempts: 2 }],
    [{ model: 'm', input: 'hi' }, { onInvalid: 'abort' }],
  ];
  for (const [body, options] of refused) {
    for (const call of [() => responses.stream(body, options), () => responses.parse(body, options)]) {
      assert.throws(call, OpenAI.OpenAIError, JSON.stringify(options));
    }
  }
  const again = { response_id: 'r', text: { format: FORMAT } };
  assert.throws(() => responses.stream(again, { onInvalid: 'retry' }), OpenAI.OpenAIError);
});
