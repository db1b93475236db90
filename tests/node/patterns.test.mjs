// Events that repeat cross in parts; what arrives is what `JSON.parse` makes of each event.

import assert from 'node:assert/strict';
import http from 'node:http';
import { after, test } from 'node:test';
import { clientOf, OpenAI } from './support.mjs';

/** The chunks of a stream whose events have these data; `writes` says how they are spread over writes to the socket. */
async function chunks(datas, writes = [datas.length]) {
  const server = http.createServer(async (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    let at = 0;
    for (const count of writes) {
      response.write(datas.slice(at, at + count).map((data) => `data: ${data}\n\n`).join(''));
      at += count;
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    response.end('data: [DONE]\n\n');
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  after(() => server.close());
  const client = clientOf(`http://127.0.0.1:${server.address().port}`, { logLevel: 'off' });
  const found = [];
  try {
    for await (const chunk of await client.chat.completions.create({ model: 'm', messages: [], stream: true })) {
      found.push(chunk);
    }
  } catch (error) {
    return { found, error };
  }
  return { found, error: undefined };
}

const each = (count, make) => Array.from({ length: count }, (_, index) => make(index));

/** Events of many kinds: each list is of one kind. */
const KINDS = {
  'chat chunks': each(40, (n) => ({ id: 'c', created: 7, choices: [{ index: 0, delta: { content: `w${n}` }, finish_reason: null, logprobs: null }], o: 'x'.repeat(n % 9) })),
  'numbers and words': each(20, (n) => ({ n, f: n / 3, b: n % 2 === 0, z: n % 3 === 0 ? null : 'a', m: -n, e: 1e300 * n })),
  'wide characters': each(30, (n) => ({ t: ['é', '漢字', '🙂', '\u2028', 'a'][n % 5] + n, quote: '"\\/\n\t\u0001' })),
  'keys that look like indexes': each(10, (n) => ({ b: n, 10: 'ten', 2: { x: [n, [n]] }, a: 1 })),
  'arrays at the top': each(10, (n) => [n, { a: [] }, {}]),
  'scalars': each(10, (n) => n),
  'deep': each(10, (n) => each(40, () => 0).reduce((inner) => [inner], n)),
  'empty keys': each(10, (n) => ({ '': n, constructor: n, length: 3, toString: 'x' })),
};

for (const [name, values] of Object.entries(KINDS)) {
  for (const writes of [[values.length], each(values.length, () => 1)]) {
    test(`${name}, in ${writes.length} writes`, async () => {
      const datas = values.map((value) => JSON.stringify(value));
      const { found, error } = await chunks(datas, writes);
      assert.equal(error, undefined);
      assert.deepStrictEqual(found, datas.map((data) => JSON.parse(data)));
      // The order of keys is part of what a caller sees.
      assert.deepStrictEqual(found.map((chunk) => JSON.stringify(chunk)), datas);
    });
  }
}

test('what cannot be put together again crosses whole', async () => {
  const datas = each(20, (n) => `{"a":1,"a":${n},"__proto__":{"x":${n}},"\\u0062":${n}}`);
  const { found } = await chunks(datas);
  assert.deepStrictEqual(found, datas.map((data) => JSON.parse(data)));
  assert.ok(found.every((chunk) => Object.getPrototypeOf(chunk) === Object.prototype && Object.hasOwn(chunk, '__proto__')));
});

test('kinds by turns, and more of them than are kept', async () => {
  const datas = each(300, (n) => JSON.stringify({ [`kind${n % 11}`]: n, list: [{ n }, { same: true }] }));
  const { found } = await chunks(datas, [3, 1, 96, 200]);
  assert.deepStrictEqual(found, datas.map((data) => JSON.parse(data)));
});

test('events share nothing that can be changed', async () => {
  const datas = each(6, (n) => JSON.stringify({ n, same: { list: [1, { deep: 1 }] } }));
  const { found } = await chunks(datas);
  for (const chunk of found) {
    chunk.same.list[1].deep += 1;
    chunk.same.list.push('mine');
  }
  assert.deepStrictEqual(found.map((chunk) => chunk.same), each(6, () => ({ list: [1, { deep: 2 }, 'mine'] })));
});

test('an event that is no JSON fails after those before it', async () => {
  const good = each(10, (n) => JSON.stringify({ n, text: `t${n}` }));
  for (const broken of ['{"n":10,"text":"\\x"}', '{"n":10,"text":"a"', '{"n":1},{"n":2}', '[', '{"n":10,"text":"a"}]']) {
    const { found, error } = await chunks([...good, broken, ...good]);
    assert.deepStrictEqual(found, good.map((data) => JSON.parse(data)), broken);
    assert.ok(error instanceof SyntaxError, broken);
  }
});

test('an error inside an event that fits is thrown', async () => {
  const datas = each(10, (n) => JSON.stringify({ n, error: n < 7 ? null : 'broken' }));
  const { found, error } = await chunks(datas);
  assert.equal(found.length, 7);
  assert.ok(error instanceof OpenAI.APIError);
});
