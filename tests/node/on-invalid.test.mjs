// Answers that are held to their schema while they come: `onInvalid` and `attempts` of `parse` and `stream`.

import assert from 'node:assert/strict';
import test from 'node:test';
import { LengthFinishReasonError } from '../../node/dist/esm/error.js';
import { SchemaViolationError } from '../../node/dist/esm/index.js';
import { ASK, chunk, events, inTurn, part, record, tool, whole } from './chat-script.mjs';
import { recorder } from './recorder.mjs';
import { clientOf, collect, eventually, OpenAI } from './support.mjs';

const PLAN = {
  type: 'object',
  properties: { title: { type: 'string' }, steps: { type: 'array', items: { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'], additionalProperties: false } } },
  required: ['title', 'steps'],
  additionalProperties: false,
};
const asked = { ...ASK, response_format: { type: 'json_schema', json_schema: { name: 'plan', schema: PLAN } } };
const GOOD = '{"title":"a 🦀","steps":[{"n":1},{"n":2}]}';
const STOP = chunk({}, { finish_reason: 'stop' });

/** Chunks of a text, two UTF-16 units each, so that some end inside a character. */
const pieces = (text, more = {}) => [
  chunk({ role: 'assistant', content: '' }),
  ...(text.match(/[^]{1,2}/g) ?? []).map((content) => chunk({ content }, {}, more)),
];
const answer = (text) => events(...pieces(text), STOP);

async function serving(...answers) {
  const { baseURL, requests } = await recorder(inTurn(...answers)());
  return { client: clientOf(baseURL), requests, bodies: () => requests.map(({ body }) => JSON.parse(Buffer.from(body, 'latin1').toString())) };
}

test('an answer that fits its schema is given as ever', async () => {
  const { client, requests } = await serving(answer(GOOD));
  const stream = client.chat.completions.stream(asked, { onInvalid: 'abort' });
  const [log, plain] = [record(stream), client.chat.completions.stream(asked)];
  const other = record(plain);
  await Promise.all([stream.done(), plain.done()]);
  assert.deepEqual(log, other);
  assert.deepEqual((await stream.finalMessage()).parsed, JSON.parse(GOOD));
  assert.equal(requests.length, 2);
});

test('the request is cancelled at the first impossible byte, and the error says where and why', async () => {
  let isClosed = false;
  const { client, requests } = await serving(({ response }) => {
    response.on('close', () => (isClosed = true));
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const usage = { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 };
    for (const item of pieces('{"title":"é","steps":[{"n":"', { usage })) response.write(`data: ${JSON.stringify(item)}\n\n`);
  });
  const stream = client.chat.completions.stream(asked, { onInvalid: 'abort' });
  const log = record(stream, ['error', 'abort', 'end', 'content.done']);
  const error = await stream.done().then(() => assert.fail('nothing was thrown'), (thrown) => thrown);
  assert.ok(error instanceof SchemaViolationError);
  assert.ok(error instanceof OpenAI.OpenAIError);
  const { pointer, offset, schemaPath, text, usage, attempts } = error;
  assert.deepEqual(
    { pointer, offset, schemaPath, attempts, usage },
    { pointer: '/steps/0/n', offset: 28, schemaPath: '/properties/steps/items/properties/n/type', attempts: 1, usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 } },
  );
  assert.equal(text, '{"title":"é","steps":[{"n":"');
  assert.equal(Buffer.byteLength(text.slice(0, -1)), offset);
  assert.deepEqual(log.map(([name]) => name), ['error', 'end']);
  assert.deepEqual([stream.errored, stream.aborted, requests.length], [true, false, 1]);
  await eventually(() => isClosed);
});

test('an answer that is not valid in the end is refused, too', async () => {
  const { client } = await serving(answer('{"title":"a"}'), answer('{"title":'));
  for (const offset of [12, 9]) {
    const stream = client.chat.completions.stream(asked, { onInvalid: 'abort' });
    await assert.rejects(stream.finalMessage(), (error) => {
      assert.ok(error instanceof SchemaViolationError, String(error));
      assert.equal(error.offset, offset);
      return true;
    });
  }
});

test('the model is asked again with its answer and the reason', async () => {
  const { client, bodies } = await serving(answer('{"title":1'), answer(GOOD));
  const stream = client.chat.completions.stream(asked, { onInvalid: 'retry' });
  const log = record(stream, ['connect', 'content', 'content.done', 'message', 'error', 'end']);
  const { parsed } = await stream.finalMessage();
  assert.deepEqual(parsed, JSON.parse(GOOD));
  const [first, second] = bodies();
  assert.deepEqual(first.messages, ASK.messages);
  assert.deepEqual(second.messages.slice(0, 2), [...ASK.messages, { role: 'assistant', content: '{"title":1' }]);
  assert.match(
    second.messages[2].content,
    /^This answer does not fit the JSON schema: \/title, byte 9: .+ \(\/properties\/title\/type of the schema\)\. Answer again from the beginning, with the whole corrected JSON and nothing else\.$/,
  );
  assert.deepEqual([second.messages.length, second.messages[2].role], [3, 'user']);
  assert.equal('onInvalid' in second || 'attempts' in second, false);
  assert.equal(log.filter(([name]) => name === 'connect').length, 2);
  assert.deepEqual(stream.messages.map(({ role }) => role), ['user', 'assistant']);
  // The text of the second answer begins anew.
  assert.equal(log.filter(([name]) => name === 'content').at(-1)[2], GOOD);
});

test('elements of a refused answer that nobody took are dropped, and those of the next one come from the first one on', async () => {
  const { client } = await serving(answer('{"title":"a","steps":[{"n":1},{"n":2},{"n":"'), answer('{"title":"b","steps":[{"n":7},{"n":8}]}'));
  const stream = client.chat.completions.stream(asked, { onInvalid: 'retry' });
  const [slow, quick] = [stream.items('steps'), []];
  const partials = [];
  const read = async () => {
    for await (const { n } of stream.items('steps')) quick.push([stream.attempt, n]);
  };
  const look = async () => {
    for await (const { title } of stream.partials()) partials.push([stream.attempt, title]);
  };
  assert.equal(stream.attempt, 1);
  await Promise.all([read(), look(), stream.done()]);
  assert.equal(stream.attempt, 2);
  // Who takes each at once may have had some of the refused answer, and is told so.
  const of = (attempt) => quick.filter(([told]) => told === attempt).map(([, n]) => n);
  assert.deepEqual(of(1), [1, 2].slice(0, of(1).length));
  assert.deepEqual(of(2), [7, 8]);
  assert.equal(quick.length, of(1).length + 2);
  assert.deepEqual((await collect(slow)).map(({ n }) => n), [7, 8]);
  assert.deepEqual(stream.partial, { title: 'b', steps: [{ n: 7 }, { n: 8 }] });
  for (const [attempt, title] of partials) assert.ok([undefined, '', attempt === 1 ? 'a' : 'b'].includes(title), `${attempt}: ${title}`);
});

test('the usage of the error is what was reported for its request by then, and null before', async () => {
  const usage = { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 };
  const first = chunk({ role: 'assistant', content: '{"title":1' }, {}, { usage });
  const bare = chunk({ role: 'assistant', content: '{"title":1' });
  const { client } = await serving(events(first, STOP), events(first, STOP), events(bare, STOP));
  const usageOf = (options) => client.chat.completions.stream(asked, options).done().then(() => assert.fail('nothing was thrown'), (error) => error.usage);
  assert.deepEqual(await usageOf({ onInvalid: 'abort' }), usage);
  // The first request of this one reported it, the second has reported nothing.
  assert.equal(await usageOf({ onInvalid: 'retry' }), null);
});

test('after the last attempt the error says how many there were', async () => {
  const { client, bodies } = await serving(answer('{"title":1'), answer('{"title":"a","steps":3'), answer('[]'));
  const stream = client.chat.completions.stream(asked, { onInvalid: 'retry', attempts: 3 });
  const error = await stream.done().then(() => assert.fail('nothing was thrown'), (thrown) => thrown);
  assert.deepEqual([error.attempts, error.text[0], bodies().length], [3, '[', 3]);
  assert.deepEqual(bodies()[2].messages.map(({ role }) => role), ['user', 'assistant', 'user', 'assistant', 'user']);
});

test('parse asks again, too', async () => {
  const { client, bodies } = await serving(whole({ content: '{"title":1}' }), whole({ content: GOOD }));
  const { choices } = await client.chat.completions.parse(asked, { onInvalid: 'retry', headers: { 'x-a': 'b' } });
  assert.deepEqual(choices[0].message.parsed, JSON.parse(GOOD));
  assert.deepEqual(bodies().map(({ messages }) => messages.length), [1, 3]);
});

test('parse refuses what does not fit', async () => {
  const { client } = await serving(whole({ content: '{"title":1}' }));
  await assert.rejects(client.chat.completions.parse(asked, { onInvalid: 'abort' }), (error) => {
    assert.deepEqual([error.constructor, error.attempts, error.text, error.usage.total_tokens], [SchemaViolationError, 1, '{"title":1}', 3]);
    return true;
  });
  await assert.rejects(client.chat.completions.parse(asked, { onInvalid: 'retry', attempts: 2 }), { attempts: 2 });
});

test('a refusal, a cut answer and a call of a tool are what they are', async () => {
  const { client } = await serving(
    events(chunk({ role: 'assistant', refusal: 'no' }), STOP),
    events(...pieces('{"title":"a'), chunk({}, { finish_reason: 'length' })),
    events(chunk({ role: 'assistant', tool_calls: [part(0, 't', 'f', '{}')] }), STOP),
    whole({ content: '{', refusal: 'no' }),
    whole({ content: '{' }, 'length'),
  );
  const run = () => client.chat.completions.stream(asked, { onInvalid: 'retry' });
  assert.equal((await run().finalMessage()).refusal, 'no');
  await assert.rejects(run().done(), (error) => error instanceof LengthFinishReasonError);
  assert.equal((await run().finalFunctionToolCall()).name, 'f');
  const parse = () => client.chat.completions.parse(asked, { onInvalid: 'retry' });
  assert.equal((await parse()).choices[0].message.parsed, null);
  await assert.rejects(parse(), /length limit/);
});

test('an abort ends the attempts', async () => {
  const { client, requests } = await serving(answer('{"title":1'));
  const stream = client.chat.completions.stream(asked, { onInvalid: 'retry', attempts: 50 });
  stream.on('connect', () => requests.length > 2 && stream.abort());
  await assert.rejects(stream.done(), { name: 'Error', message: 'Request was aborted.' });
  assert.ok(requests.length < 6);
});

test('options that do not fit together are refused before anything is sent', async () => {
  const { client, requests } = await serving(answer(GOOD));
  const { completions } = client.chat;
  for (const [body, options, message] of [
    [ASK, { onInvalid: 'abort' }, /needs a schema to judge by; pass a format with a JSON schema/],
    [asked, { onInvalid: 'never' }, /`onInvalid` is 'abort' or 'retry', not "never"/],
    [asked, { onInvalid: 'retry', attempts: 0 }, /whole number of at least 1, not 0/],
    [asked, { onInvalid: 'retry', attempts: 1.5 }, /whole number/],
    [asked, { onInvalid: 'abort', attempts: 2 }, /makes one request/],
    [asked, { attempts: 2 }, /set that, too/],
  ]) {
    assert.throws(() => completions.stream(body, options), (error) => error instanceof OpenAI.OpenAIError && message.test(error.message));
    assert.throws(() => completions.parse(body, options), message);
  }
  assert.throws(() => completions.runTools({ ...ASK, tools: [tool('w', () => 'W')] }, { onInvalid: 'abort' }), /an option of `parse` and `stream`/);
  assert.equal(requests.length, 0);
});

test('a schema that is not one is an error of the stream', async () => {
  const { client } = await serving(answer(GOOD));
  const format = { type: 'json_schema', json_schema: { name: 'x', schema: { type: 5 } } };
  const stream = client.chat.completions.stream({ ...ASK, response_format: format }, { onInvalid: 'abort' });
  await assert.rejects(stream.done(), (error) => error instanceof OpenAI.OpenAIError && error.constructor.name === 'SchemaError');
});
