// Bodies that are small on the wire: a client with a cap reads them up to it, in each coding, whole and as a stream.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { recorder } from './recorder.mjs';
import { ENTRY } from './support.mjs';

const { OpenAI } = await import(ENTRY);

/** JSON with a mebibyte of spaces, and a stream with as large a comment behind its first event. */
const BOMBS = JSON.parse(readFileSync(new URL('../python/bombs.json', import.meta.url), 'utf8'));

/** What a call gives, a stream as a list that ends with what it threw. */
async function read(coding, form, maxDecodedBytes) {
  const headers = { 'content-encoding': coding };
  if (form === 'stream') headers['content-type'] = 'text/event-stream';
  const { baseURL, requests } = await recorder(() => ({ headers, body: Buffer.from(BOMBS[coding][form], 'base64') }));
  const client = new OpenAI({ apiKey: 'k', baseURL, transport: { maxDecodedBytes } });
  const items = [];
  try {
    const answer = await client.post('/x', { body: {}, stream: form === 'stream' });
    if (form === 'whole') items.push({ ...answer });
    else for await (const item of answer) items.push(item);
  } catch (error) {
    items.push(error);
  }
  // What grew too large is not asked for again.
  assert.equal(requests.length, 1);
  return items;
}

for (const coding of ['gzip', 'br', 'zstd']) {
  for (const form of ['whole', 'stream']) {
    test(`${coding}, ${form}: a body grows to the cap and no further`, async () => {
      const size = BOMBS[`${form}_bytes`];
      for (const most of [undefined, size]) assert.deepEqual(await read(coding, form, most), [{ n: 1 }]);
      for (const most of [size - 1, 100_000]) {
        const items = await read(coding, form, most);
        const error = items.pop();
        assert.deepEqual(items, form === 'whole' ? [] : [{ n: 1 }]);
        assert.ok(error instanceof OpenAI.APIError, String(error));
        assert.match(`${error} ${error.cause}`.replaceAll(',', ''), new RegExp(`${most}`));
      }
    });
  }
}

test('a number of bytes that is none is refused', () => {
  for (const maxDecodedBytes of [-1, 1.5, '1', true]) {
    assert.throws(() => new OpenAI({ apiKey: 'k', transport: { maxDecodedBytes } }).models.list(), /maxDecodedBytes/);
  }
});
