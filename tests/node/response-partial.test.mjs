// The answer of a streamed response before all of it is there: `partial`, `partials()` and `items()`.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clientOf, collect, mockServer } from './support.mjs';

const server = mockServer();
const BODY = { model: 'm', input: 'hi', text: { format: { type: 'json_schema', name: 'plan', schema: { type: 'object' } } } };
const TEXT = '{"title":"a plan","steps":[{"n":1},{"n":2},{"n":3}]}';

/** A stream whose answer, after a comment, comes two characters at a time. */
function streaming(text = TEXT) {
  const item = (id, rest) => ({ type: 'message', id, role: 'assistant', status: 'completed', ...rest });
  const content = (said) => [{ type: 'output_text', text: said, annotations: [] }];
  const messages = [[item('c', { phase: 'commentary' }), 'one moment'], [item('m', { phase: 'final_answer' }), text]];
  const response = { id: 'r', object: 'response', status: 'completed', output: messages.map(([each, said]) => ({ ...each, content: content(said) })) };
  const events = [
    { type: 'response.created', response: { ...response, status: 'in_progress', output: [] } },
    ...messages.flatMap(([each, said], output_index) => {
      const place = { output_index, content_index: 0, item_id: each.id };
      return [
        { type: 'response.output_item.added', output_index, item: { ...each, content: [] } },
        { type: 'response.content_part.added', ...place, part: content('')[0] },
        ...said.match(/.{1,2}/g).map((delta) => ({ type: 'response.output_text.delta', ...place, delta })),
      ];
    }),
    { type: 'response.completed', response },
  ];
  const sse = events.map((data, sequence_number) => ({ data: { ...data, sequence_number } }));
  return clientOf(server.script({ own_port: true, exchanges: [{ sse }] })).responses.stream(BODY);
}

test('the answer grows while it comes', async () => {
  const stream = streaming();
  assert.equal(stream.partial, undefined);
  const seen = [];
  stream.on('response.output_text.delta', () => seen.push(JSON.stringify(stream.partial)));
  await stream.done();
  assert.equal(seen[0], undefined, 'a comment is no answer');
  assert.ok(seen.includes('{"title":"a pl"}'), seen.join());
  assert.ok(seen.includes('{"title":"a plan","steps":[{"n":1},{"n":2}]}') || seen.includes('{"title":"a plan","steps":[{"n":1},{"n":2},{}]}'));
  assert.deepEqual(stream.partial, JSON.parse(TEXT));
});

test('partials gives one object that grows', async () => {
  const values = await collect(streaming().partials());
  assert.ok(values.length > 1);
  assert.ok(values.every((value) => value === values[0]));
  assert.deepEqual(values.at(-1), JSON.parse(TEXT));
});

test('items gives each element once it is whole', async () => {
  assert.deepEqual(await collect(streaming().items('steps')), JSON.parse(TEXT).steps);
  assert.deepEqual(await collect(streaming('{"a":{"b":["x","y"]}}').items('a.b')), ['x', 'y']);
});
