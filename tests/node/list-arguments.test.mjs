// Methods that take options in place of their query: `list(query, options)` and `list(options)`.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { sideBySide } from './recorder.mjs';
import { clientOf, ROOT } from './support.mjs';

const shapes = JSON.parse(
  fs.readFileSync(path.join(ROOT, 'crates/tailrace-codegen/api/typescript/shapes.json'), 'utf8'),
);
const PAGE = { data: [], has_more: false };
const client = clientOf('http://127.0.0.1:1');

test('options that have to stand apart are refused, each by its name', () => {
  const { forbidden } = shapes.OptionsOnly;
  assert.ok(forbidden.length >= 14);
  for (const name of forbidden) {
    assert.throws(() => client.files.list({ [name]: 'x' }), { name: 'TypeError', message: new RegExp(`\`${name}\``) });
  }
});

test('an option that may stand alone does not stand beside members of a query', () => {
  const { allowed } = shapes.OptionsOnly;
  assert.deepEqual([...allowed, ...shapes.OptionsOnly.forbidden].sort(), [...shapes.QueryOnly.forbidden].sort());
  for (const name of allowed) {
    const message = /separate arguments/;
    assert.throws(() => client.files.list({ [name]: {}, limit: 1 }), { name: 'TypeError', message });
    assert.throws(() => client.files.list({ [name]: {} }, {}), { name: 'TypeError', message });
  }
});

sideBySide('a query, options or both are told apart as officially', {
  answer: () => () => PAGE,
  scenario: async ({ client: { files } }) => {
    const given = [
      [],
      [{}],
      [null],
      [{ limit: 1 }],
      [{ timeout: 5000 }],
      [{ headers: { 'x-a': '1' } }],
      [{ query: { limit: 2 } }],
      [{ limit: 1 }, { headers: { 'x-a': '1' } }],
      [undefined, { query: { limit: 3 } }],
      [{ timeout: undefined, limit: 1 }],
      [{ headers: null }],
    ];
    for (const values of given) await files.list(...values);
    return given.length;
  },
  check: (count, requests) => assert.equal(requests.length, count),
});

sideBySide('`stream` is a member of the query where the method has it', {
  answer: () => () => ({ id: 'r' }),
  scenario: async ({ client: { responses } }) => {
    await responses.retrieve('r', { stream: false, include: ['message.output_text.logprobs'] });
    await responses.retrieve('r', { timeout: 3000 });
  },
  check: (_, requests) =>
    assert.deepEqual(
      requests.map(({ url }) => url),
      ['/v1/responses/r?stream=false&include%5B%5D=message.output_text.logprobs', '/v1/responses/r'],
    ),
});

sideBySide('two values behind the id are a query and options, one is options', {
  answer: () => () => ({ headers: { 'content-type': 'text/event-stream' }, body: 'data: [DONE]\n\n' }),
  scenario: async ({ client: { beta } }) => {
    const { events } = beta.agents.sessions;
    await events.stream('s', { headers: { 'x-a': '1' } });
    await events.stream('s', { include_obfuscation: true }, { headers: { 'x-a': '2' } });
    await events.stream('s', { include_obfuscation: true }, undefined);
    await events.stream('s');
  },
  check: (_, requests) =>
    assert.deepEqual(
      requests.map(({ url, headers }) => [url, headers['x-a']]),
      [
        ['/v1/agents/sessions/s/events', '1'],
        ['/v1/agents/sessions/s/events?include_obfuscation=true', '2'],
        ['/v1/agents/sessions/s/events?include_obfuscation=true', undefined],
        ['/v1/agents/sessions/s/events', undefined],
      ],
    ),
});
