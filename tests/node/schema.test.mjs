// `validate`, its errors, and how JSON is read by it.

import assert from 'node:assert/strict';
import test from 'node:test';

import { OpenAIError, SchemaError, SchemaViolationError, validate } from '../../node/dist/esm/index.js';

const PLAN = {
  type: 'object',
  properties: {
    title: { type: 'string', maxLength: 20 },
    state: { enum: ['open', 'closed'] },
    steps: { type: 'array', items: { $ref: '#/$defs/step' } },
  },
  required: ['title', 'state', 'steps'],
  additionalProperties: false,
  $defs: {
    step: {
      type: 'object',
      properties: { minutes: { type: 'integer', minimum: 0 } },
      required: ['minutes'],
      additionalProperties: false,
    },
  },
};
const GOOD = '{"title": "Tea", "state": "open", "steps": [{"minutes": 3}, {"minutes": 4}]}';

function violation(schema, text) {
  let found;
  assert.throws(
    () => validate(schema, text),
    (error) => (found = error) instanceof SchemaViolationError,
  );
  assert.ok(found instanceof OpenAIError);
  assert.ok(found.message.includes(found.reason) && found.message.includes(String(found.offset)));
  assert.deepEqual([found.text, found.usage, found.attempts], [text, null, 1]);
  return [found.pointer, found.offset, found.schemaPath];
}

test('a valid text passes', () => {
  assert.equal(validate(PLAN, GOOD), undefined);
  assert.equal(validate(JSON.stringify(PLAN), GOOD), undefined);
  assert.equal(validate(true, 'null'), undefined);
});

test('a violation says where and why', () => {
  let text = GOOD.replace('open', 'lost');
  assert.deepEqual(violation(PLAN, text), ['/state', text.indexOf('lost'), '/properties/state/enum']);
  text = GOOD.replace('"minutes": 4', '"minutes": "4"');
  assert.deepEqual(violation(PLAN, text), ['/steps/1/minutes', text.indexOf('"4"'), '/$defs/step/properties/minutes/type']);
  text = GOOD.replace(', "state": "open"', '');
  assert.deepEqual(violation(PLAN, text), ['', text.length - 1, '/required']);
  assert.deepEqual(violation(PLAN, GOOD.slice(0, -1)), ['/steps', GOOD.length - 1, '']);
  assert.deepEqual(violation({ maxLength: 2 }, '"é€!"'), ['', 6, '/maxLength']);
});

test('what is no schema is refused', () => {
  const circle = {};
  circle.not = circle;
  for (const schema of [{ type: 'text' }, { $ref: '#/$defs/none' }, { pattern: '(' }, '{', '[]', circle, () => 1]) {
    assert.throws(() => validate(schema, '1'), SchemaError);
  }
});

test('JSON is read as JSON.parse reads it', () => {
  for (const text of ['"\\ud800"', '1e400', '{"a": 1, "a": 2}', '['.repeat(900) + ']'.repeat(900), '123456789012345678901234567890']) {
    JSON.parse(text);
    validate({}, text);
    validate({ not: { type: 'boolean' } }, text);
  }
  for (const text of ['NaN', '01', '{"a": 1,}']) assert.throws(() => validate({}, text), SchemaViolationError);
  const schema = { properties: { a: { type: 'integer' } } };
  validate(schema, '{"a": "x", "a": 2}');
  assert.deepEqual(violation(schema, '{"a": 2, "a": "x"}')[0], '/a');
});
