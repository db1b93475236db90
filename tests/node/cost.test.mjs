// What a chunk and a call cost in counts: the numbers of `tests/bench/counts.json` under `node`.
//
// The server sends an event when the one before has been read, so that nothing depends on how fast the machine is.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { CHAT, clientOf, mockServer, DIST, ROOT } from './support.mjs';

const CHUNKS = 200;
const WARM_UP = 20;
const committed = JSON.parse(readFileSync(join(ROOT, 'tests/bench/counts.json'), 'utf8')).node;
const { addon } = createRequire(import.meta.url)(join(DIST, 'cjs/internal/native.cjs'));

/** Calls over the border so far, and the bytes of the texts that they gave. */
const counted = { crossings: 0, bytes: 0 };

for (const value of Object.values(addon())) {
  if (typeof value !== 'function' || value.prototype === undefined) continue;
  for (const name of Object.getOwnPropertyNames(value.prototype)) {
    const { value: method } = Object.getOwnPropertyDescriptor(value.prototype, name);
    if (name === 'constructor' || typeof method !== 'function') continue;
    value.prototype[name] = function (...given) {
      const result = method.apply(this, given);
      counted.crossings += 1;
      if (typeof result === 'string') counted.bytes += result.length;
      return result;
    };
  }
}

/** Fails when a count is further from the committed one than the run may be off, in either direction. */
function compare(row, unit, before, units) {
  assert.equal(committed[row].unit, unit);
  for (const name of ['crossings', 'bytes']) {
    const count = (counted[name] - before[name]) / units;
    const [number, tolerance] = committed[row][name];
    assert.ok(
      Math.abs(count - number) <= tolerance,
      `${row}: ${name} of a ${unit} are ${count.toFixed(3)} where tests/bench/counts.json has ${number}; ` +
        'find out what changed, and commit the new number if it is meant',
    );
  }
}

/** Streams side by side, each of which is sent an event when all have read the one before. */
async function inStep(streams, row) {
  const responses = [];
  const server = http.createServer((request, response) => {
    request.resume();
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.flushHeaders();
    responses.push(response);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  after(() => server.close());
  const client = clientOf(`http://127.0.0.1:${server.address().port}`);
  const opened = await Promise.all(
    Array.from({ length: streams }, () => client.chat.completions.create({ ...CHAT, stream: true })),
  );
  const iterators = opened.map((stream) => stream[Symbol.asyncIterator]());
  let before;
  for (let turn = 0; turn < WARM_UP + CHUNKS; turn += 1) {
    if (turn === WARM_UP) before = { ...counted };
    const waiting = iterators.map((iterator) => iterator.next());
    // The iterators have told that they wait before an event is sent.
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    const delta = { content: `word ${100 + turn}` };
    const chunk = {
      id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'm',
      choices: [{ index: 0, delta, logprobs: null, finish_reason: null }], obfuscation: 'x'.repeat(40),
    };
    for (const response of responses) response.write(`data: ${JSON.stringify(chunk)}\n\n`);
    for (const { value } of await Promise.all(waiting)) assert.equal(value.choices[0].delta.content, delta.content);
  }
  const measured = { ...counted };
  for (const response of responses) response.end('data: [DONE]\n\n');
  for (const iterator of iterators) assert.equal((await iterator.next()).done, true);
  Object.assign(counted, measured);
  compare(row, 'chunk', before, CHUNKS * streams);
}

test('a chunk of a stream alone', () => inStep(1, 'one stream, a chunk at a time'));

test('a call', async () => {
  const mock = mockServer();
  const client = clientOf(mock.url);
  await client.chat.completions.create(CHAT);
  const before = { ...counted };
  for (let call = 0; call < 20; call += 1) await client.chat.completions.create(CHAT);
  compare('call', 'call', before, 20);
});

test('a call over a fetch', async () => {
  const answer = JSON.stringify({ id: 'chatcmpl-1', choices: [{ index: 0, message: { role: 'assistant', content: 'x'.repeat(200) } }] });
  const fetch = async () => new Response(answer, { headers: { 'content-type': 'application/json' } });
  const client = clientOf('http://api.test/v1', { fetch });
  await client.chat.completions.create(CHAT);
  const before = { ...counted };
  for (let call = 0; call < 20; call += 1) await client.chat.completions.create(CHAT);
  compare('call over a fetch', 'call', before, 20);
});
