// `client.embeddings.createArray`: vectors as one array of 32-bit floats.

import assert from 'node:assert/strict';
import http from 'node:http';
import { after, test } from 'node:test';
import { clientOf, mockServer, OpenAI } from './support.mjs';

const mock = mockServer();
const base64 = (numbers) => Buffer.from(new Float32Array(numbers).buffer).toString('base64');
const row = (embedding, index) => ({ object: 'embedding', index, embedding });

/** The client of a server that gives one answer. */
async function answering(body) {
  const server = http.createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'x-request-id': 'req_1' });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  after(() => server.close());
  return clientOf(`http://127.0.0.1:${server.address().port}`);
}

const of = (data) => ({ object: 'list', data, model: 'm', usage: { prompt_tokens: 3, total_tokens: 3 } });
const ASKED = { model: 'm', input: ['a', 'b'] };

test('the numbers of create, in one array', async () => {
  const client = clientOf(`${mock.url}`);
  const input = Array.from({ length: 20 }, (_, number) => `text ${number}`);
  const official = await client.embeddings.create({ model: 'm', input });
  const vectors = await client.embeddings.createArray({ model: 'm', input });
  assert.equal(vectors.length, 20);
  assert.equal(vectors.dimensions, official.data[0].embedding.length);
  assert.ok(vectors.array instanceof Float32Array);
  assert.deepEqual([...vectors.array], official.data.flatMap(({ embedding }) => embedding));
  assert.equal(vectors.model, official.model);
  assert.deepEqual(vectors.toOfficial(), { ...official });
});

test('rows are in the order of their index, and views', async () => {
  const client = await answering(of([row(base64([5, 6]), 1), row([1.5, -2], 0)]));
  const vectors = await client.embeddings.createArray(ASKED);
  assert.deepEqual([...vectors.array], [1.5, -2, 5, 6]);
  assert.deepEqual([...vectors].map((one) => [...one]), [[1.5, -2], [5, 6]]);
  vectors.row(-1)[0] = 9;
  assert.equal(vectors.array[2], 9);
  assert.deepEqual(vectors.usage, { prompt_tokens: 3, total_tokens: 3 });
  assert.equal(vectors._request_id, 'req_1');
  for (const index of [2, -3, 0.5]) assert.throws(() => vectors.row(index), RangeError);
});

test('an answer without vectors of one length fails in one sentence that names the row', async () => {
  const cases = [
    [of([row(base64([1, 2]), 0), row(base64([1]), 1)]), /row 1 has 1 numbers where that of row 0 has 2/],
    [of([row(base64([1, 2]), 0), row('no base64', 1)]), /row 1/],
    [of([row(base64([1]), 0), row(base64([1]), 0)]), /index 0/],
    [of([row([1, 'x'], 0)]), /row 0/],
    ['{"data": [', /no JSON/],
    [{ object: 'list' }, /list `data`/],
  ];
  for (const [body, message] of cases) {
    const client = await answering(body);
    await assert.rejects(client.embeddings.createArray(ASKED), (error) => {
      assert.ok(error instanceof OpenAI.OpenAIError);
      assert.match(error.message, message);
      return true;
    });
  }
});

test('the array and the Response of one call', async () => {
  const client = await answering(of([row(base64([1, 2]), 0)]));
  const call = client.embeddings.createArray(ASKED);
  const response = await call.asResponse();
  assert.equal(response.status, 200);
  assert.deepEqual([...(await call).array], [1, 2]);
  assert.equal((await response.json()).model, 'm');
});
