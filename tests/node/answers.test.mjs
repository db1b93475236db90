// Answers of every kind: binary, text, empty, and the Response behind a value, asked for at any time.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { recorder, sideBySide, thrown } from './recorder.mjs';
import { CHAT, OpenAI } from './support.mjs';

const binary = Buffer.from(Array.from({ length: 1000 }, (_, index) => index % 256));
const asBinary = () => () => ({ headers: { 'content-type': 'application/octet-stream' }, body: binary });

sideBySide('binary answers are a Response with its bytes', {
  answer: asBinary,
  async scenario({ client }) {
    const values = [
      await client.files.content('f'),
      await client.audio.speech.create({ model: 'm', input: 'i', voice: 'v' }),
      await client.videos.downloadContent('v'),
      await client.containers.files.content.retrieve('f', { container_id: 'c' }),
      await client.skills.content.retrieve('s'),
    ];
    const bytes = await Promise.all(
      values.map(async (value) => Buffer.from(await value.arrayBuffer()).toString('hex')),
    );
    const promise = client.files.content('f');
    const both = await promise.withResponse();
    return [
      values.map((value) => [
        value instanceof Response,
        value.status,
        value.headers.get('content-type'),
        value._request_id,
      ]),
      bytes,
      both.data === both.response,
      both.request_id,
    ];
  },
  check: ([values, bytes, isSame]) => {
    assert.ok(values.every(([isResponse]) => isResponse) && isSame);
    assert.ok(bytes.every((hex) => hex === binary.toString('hex')));
  },
});

sideBySide('text, JSON, and answers without content, as the content type says', {
  answer: () => {
    const answers = [
      { headers: { 'content-type': 'text/plain; charset=utf-8' }, body: 'héllo' },
      { headers: { 'content-type': 'application/vnd.x+json' }, body: '{"a":1}' },
      { headers: { 'content-type': 'text/vtt' }, body: 'WEBVTT' },
      { body: '' },
      { body: '[1]' },
      { body: 'null' },
      { body: '"s"' },
    ];
    return ({ number, response }) => {
      if (number <= answers.length) return answers[number - 1];
      response.writeHead(204).end();
      return undefined;
    };
  },
  async scenario({ client }) {
    const values = [];
    for (let i = 0; i < 8; i++) {
      const value = await client.get('/x');
      values.push([value, value?._request_id]);
    }
    return values;
  },
  check: (values) => {
    assert.deepEqual(values[0][0], 'héllo');
    assert.deepEqual(values[1], [{ a: 1 }, 'req_1']);
    assert.deepEqual(values[7], [null, undefined]);
  },
});

sideBySide('a Response is there while its body is still on the way', {
  answer: () => {
    return ({ url, response }) => {
      response.writeHead(200, { 'content-type': url.includes('json') ? 'application/json' : 'text/event-stream' });
      response.write('data: {"a":1}\n\n');
      // The rest comes only after the client has asked for it with another request.
      answersWaiting.push(() => response.end('data: [DONE]\n\n'));
      return undefined;
    };
  },
  async scenario({ client }) {
    const seen = [];
    for (const [path, options] of [
      ['/json', {}],
      ['/stream', { stream: true }],
      ['/binary', { __binaryResponse: true }],
    ]) {
      const response = await client.post(path, { body: {}, ...options }).asResponse();
      const reader = response.body.getReader();
      const first = Buffer.from((await reader.read()).value).toString();
      answersWaiting.shift()();
      let rest = '';
      for (let piece = await reader.read(); !piece.done; piece = await reader.read()) rest += Buffer.from(piece.value);
      seen.push([first, rest]);
    }
    return seen;
  },
  check: (seen) => assert.deepEqual(seen, Array(3).fill(['data: {"a":1}\n\n', 'data: [DONE]\n\n'])),
});
const answersWaiting = [];

const SSE = ': note\n\nid: 7\nevent: e\ndata: {"a":"é"}\n\ndata: 2\r\n\r\ndata: [DONE]\n\n';
const asStream = () => () => ({ headers: { 'content-type': 'text/event-stream' }, body: SSE });

sideBySide('the Response of a stream is exact when it is asked for later, too', {
  answer: asStream,
  async scenario({ client }) {
    const promise = client.post('/x', { body: {}, stream: true });
    await sleep(100);
    return (await promise.asResponse()).text();
  },
  check: (text) => assert.equal(text, SSE),
});

sideBySide('a value and its Response in either order', {
  answer: () => () => ({ a: 1 }),
  async scenario({ client }) {
    const first = client.get('/x');
    const value = await first;
    const later = await first.asResponse();
    const second = client.get('/x');
    const response = await second.asResponse();
    const both = await client.get('/x').withResponse();
    return [value, later.status, await second, response.status, both.data, both.response.url.replace(/:\d+/, '')];
  },
  check: (seen) => assert.deepEqual(seen.slice(0, 5), [{ a: 1 }, 200, { a: 1 }, 200, { a: 1 }]),
});

test('cancelling a binary body closes the connection', async () => {
  let closed;
  const { baseURL } = await recorder(({ response }) => {
    closed = once(response, 'close');
    response.writeHead(200, { 'content-type': 'audio/mpeg' });
    const timer = setInterval(() => response.write(Buffer.alloc(65_536)), 1);
    response.on('close', () => clearInterval(timer));
    return undefined;
  });
  const client = new OpenAI({ apiKey: 'k', baseURL });
  const response = await client.files.content('f');
  const reader = response.body.getReader();
  await reader.read();
  await reader.cancel();
  await closed;
});

sideBySide('items of streams that carry their names', {
  answer:
    () =>
    ({ url }) => ({
      headers: { 'content-type': 'text/event-stream' },
      body: url.includes('bad')
        ? 'event: error\ndata: {"error":{"message":"m"}}\n\n'
        : 'event: thread.created\ndata: {"id":"t"}\n\nevent: odd\ndata: {"a":1}\n\nevent: done\ndata: [DONE]\n\n',
    }),
  async scenario({ client }) {
    const items = [];
    for await (const item of await client.beta.threads.runs.create('t', { assistant_id: 'a', stream: true }))
      items.push(item);
    const bad = await client.beta.threads.runs.create('bad', { assistant_id: 'a', stream: true });
    const error = await thrown(
      (async () => {
        for await (const item of bad) items.push(item);
      })(),
    );
    return { items, error };
  },
  check: ({ items, error }) => {
    assert.deepEqual(items, [
      { event: 'thread.created', data: { id: 't' } },
      { event: 'odd', data: { a: 1 } },
    ]);
    assert.deepEqual(error, ['APIError', 'm']);
  },
});

test('what nobody asks for is not read, and what is asked for twice is sent once', async () => {
  const { baseURL, requests } = await recorder(asStream());
  const client = new OpenAI({ apiKey: 'k', baseURL });
  const promise = client.chat.completions.create({ ...CHAT, stream: true });
  const [one, two] = await Promise.all([promise.asResponse(), promise.asResponse()]);
  assert.equal(one, two);
  assert.equal(one.bodyUsed, false);
  assert.equal(requests.length, 1);
});
