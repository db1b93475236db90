// `rate_limit` beside a response: what the `x-ratelimit-*` headers say, typed.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recorder } from './recorder.mjs';
import { clientOf } from './support.mjs';

const said = async (headers) => {
  const { baseURL } = await recorder(() => ({ headers, body: { data: [] } }));
  return (await clientOf(baseURL).models.list().withResponse()).rate_limit;
};

test('limits of requests and tokens', async () => {
  const headers = {
    'x-ratelimit-limit-requests': '60',
    'x-ratelimit-remaining-requests': '59',
    'x-ratelimit-reset-requests': '1s',
    'x-ratelimit-limit-tokens': '150000',
    'x-ratelimit-remaining-tokens': '149984',
    'x-ratelimit-reset-tokens': '6m0s',
  };
  assert.deepEqual(await said(headers), {
    requests: { limit: 60, remaining: 59, reset: 1000 },
    tokens: { limit: 150_000, remaining: 149_984, reset: 360_000 },
  });
  assert.equal(await said({}), null);
});

test('when a limit is whole again', async () => {
  const texts = { '120ms': 120, '8.64s': 8640, '1h2m3.5s': 3_723_500, '1d': 86_400_000, '0s': 0, 7: 7000 };
  const none = ['soon', '1s!', '-1s', 's', '1y', '1 s', '1s'.repeat(40)];
  for (const [text, reset] of [...Object.entries(texts), ...none.map((text) => [text, null])]) {
    const { requests, tokens } = await said({ 'x-ratelimit-reset-tokens': text });
    assert.deepEqual([requests, tokens], [null, { limit: null, remaining: null, reset }], text);
  }
});

test('a number that is none is null', async () => {
  for (const text of ['-1', '1.5', 'many', '9'.repeat(30)]) {
    const { requests } = await said({ 'x-ratelimit-limit-requests': text });
    assert.deepEqual(requests, { limit: null, remaining: null, reset: null }, text);
  }
});

test('an answer with its response shows what the official one shows', async () => {
  const { baseURL } = await recorder(() => ({ body: { data: [] } }));
  assert.deepEqual(Object.keys(await clientOf(baseURL).models.list().withResponse()), ['data', 'response', 'request_id']);
});
