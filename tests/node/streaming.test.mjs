// Streams: what they give, how they end, and what becomes of the connection.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Stream } from '../../node/dist/esm/streaming.js';
import { CHAT, clientOf, closedByClient, collect, mockServer, OpenAI, stalling } from './support.mjs';

const server = mockServer();
const datas = (...values) => values.map((data) => ({ data }));

/** A stream over what a script sends. */
async function streamOf(exchange, options) {
  const baseURL = server.script({ own_port: true, exchanges: [exchange] });
  const stream = await clientOf(baseURL, { logLevel: 'off' }).chat.completions.create(
    { ...CHAT, stream: true },
    options,
  );
  return { stream, baseURL };
}

const CONSUMED = {
  constructor: OpenAI.OpenAIError,
  message: 'Cannot iterate over a consumed stream, use `.tee()` to split the stream.',
};
const MALFORMED = {
  constructor: SyntaxError,
  message: 'Error reading response: malformed server-sent event JSON.',
};

test('a stream from the plausible model ends with a reason and gives the request id', async () => {
  const client = clientOf(server.url);
  const stream = await client.chat.completions.create({ ...CHAT, stream: true });
  assert.ok(stream instanceof Stream);
  assert.match(stream._request_id, /./);
  assert.deepEqual(Object.keys(stream), ['iterator', 'controller']);
  const chunks = await collect(stream);
  assert.equal(chunks.at(-1).choices[0].finish_reason, 'stop');
  assert.equal(stream.controller.signal.aborted, false);
  const events = await collect(await client.responses.create({ model: 'm', input: 'hi', stream: true }));
  assert.equal(events[0].type, 'response.created');
  assert.equal(events.at(-1).type, 'response.completed');
});

test('the connection of a stream that was read to its end serves the next call', async () => {
  const baseURL = server.script({
    own_port: true,
    exchanges: [{ sse: [...datas(1), { data: '[DONE]' }], interval_ms: 5, repeat: true }],
  });
  const client = clientOf(baseURL);
  const until = Date.now() + 60_000;
  // What follows the end mark is still on its way, and the next call may overtake it when the machine is slow.
  for (let calls = 1; calls < server.connections(baseURL).length + 2; calls++) {
    assert.ok(Date.now() < until, `${calls} calls took as many connections`);
    await collect(await client.post('/x', { body: {}, stream: true }));
    await sleep(100);
  }
});

test('a few wide characters among many narrow ones arrive as they were sent, and so do many', async () => {
  const wide = ['é', '–', '日本語', '🌊', '\u{10FFFF}', 'a"\\\n\u0000é', '𝒳'.repeat(40)];
  for (const padding of [0, 30, 3000]) {
    const values = wide.flatMap((text) => [{ [`k${text}`]: text }, { pad: 'x'.repeat(padding) }]);
    const { stream } = await streamOf({ sse: datas(...values) });
    assert.deepEqual(await collect(stream), values, `padding ${padding}`);
  }
});

test('any JSON value is an item, in any split of the bytes, and not only ASCII', async () => {
  const values = [5, 'text', null, [1, [2]], true, { a: 'é' }, { b: '日本 🎉' }, { c: '\u2028' }, { d: 'line\r\nend' }];
  for (const split of [1, 7, 64, 100_000]) {
    const { stream } = await streamOf({ sse: datas(...values.map((value) => JSON.stringify(value))), split });
    assert.deepEqual(await collect(stream), values, `split ${split}`);
  }
});

test('data over several lines is one value', async () => {
  const { stream } = await streamOf({ sse: ['data: {"a":\ndata: 1}\n\n', 'data: 2\r\n\r\n', 'data: 3'] });
  assert.deepEqual(await collect(stream), [{ a: 1 }, 2, 3]);
});

test('the events before a broken one arrive, and the stream is closed', async () => {
  const { stream } = await streamOf({ sse: datas('1', '{"b":', '3') });
  const items = [];
  await assert.rejects(async () => {
    for await (const item of stream) items.push(item);
  }, MALFORMED);
  assert.deepEqual(items, [1]);
  assert.equal(stream.controller.signal.aborted, true);
});

test('events that are JSON only together are broken all the same', async () => {
  const tricks = [
    ['1,2'],
    ['[1', '2]'],
    ['"a', 'b"'],
    ['"a', 'b"', '1,2'],
    ['{"a":[1', '2]}'],
    ['1]', '[2'],
    ['1],[2'],
    ['', '1,2'],
  ];
  for (const trick of tricks) {
    const { stream } = await streamOf({ sse: datas('0', ...trick) });
    const items = [];
    await assert.rejects(
      async () => {
        for await (const item of stream) items.push(item);
      },
      MALFORMED,
      JSON.stringify(trick),
    );
    assert.deepEqual(items, [0]);
  }
});

test('an error in the data or by name is an APIError with its fields', async () => {
  const inner = { message: 'boom', code: 'c', param: 'p', type: 't' };
  const expected = { constructor: OpenAI.APIError, message: 'boom', code: 'c', param: 'p', type: 't', error: inner };
  const cases = [
    [{ data: { error: inner } }, expected],
    [{ event: 'error', data: { error: inner } }, expected],
    [{ event: 'error', data: inner }, expected],
    [{ event: 'response.failed', data: { error: inner } }, expected],
    [{ data: { error: 'boom' } }, { constructor: OpenAI.APIError, message: '"boom"', error: 'boom' }],
    [{ event: 'error', data: 'boom' }, { constructor: OpenAI.APIError, message: '"boom"', error: 'boom' }],
    [{ event: 'error', data: '' }, { constructor: OpenAI.APIError, error: '' }],
  ];
  for (const [event, shape] of cases) {
    const { stream } = await streamOf({ sse: [{ data: '1' }, event], headers: { 'x-request-id': 'req_7' } });
    const items = [];
    const reason = await (async () => {
      for await (const item of stream) items.push(item);
    })().catch((error) => error);
    assert.deepEqual(items, [1]);
    assert.equal(reason.constructor, shape.constructor);
    for (const [name, value] of Object.entries(shape)) assert.deepEqual(reason[name], value, name);
    if (shape.constructor === OpenAI.APIError) {
      assert.equal(reason.status, undefined);
      assert.equal(reason.requestID, 'req_7');
    }
  }
});

test('an empty error is none, and the names of assistant events are kept', async () => {
  const { stream } = await streamOf({
    sse: [{ data: { error: null } }, { event: 'thread.created', data: { id: 't' } }, { event: 'other', data: '1' }],
  });
  assert.deepEqual(await collect(stream), [{ error: null }, { event: 'thread.created', data: { id: 't' } }, 1]);
});

test('a connection that breaks off is an APIConnectionError with its cause, after the events', async () => {
  const { stream } = await streamOf({ sse: datas('1', '2'), fault: { kind: 'reset', at: 'end' } });
  const items = [];
  await assert.rejects(
    async () => {
      for await (const item of stream) items.push(item);
    },
    (error) => error.constructor === OpenAI.APIConnectionError && error.cause instanceof Error,
  );
  assert.deepEqual(items, [1, 2]);
});

test('a second iteration is refused, also beside the first and after leaving it', async () => {
  const whole = (await streamOf({ sse: datas('1') })).stream;
  await collect(whole);
  await assert.rejects(collect(whole), CONSUMED);
  const open = (await streamOf(stalling({ data: '1' }))).stream;
  const first = open[Symbol.asyncIterator]();
  assert.deepEqual(await first.next(), { value: 1, done: false });
  await assert.rejects(collect(open), CONSUMED);
  await first.return();
  await assert.rejects(collect(open), CONSUMED);
});

test('leaving the loop closes the connection at once', async () => {
  const { stream, baseURL } = await streamOf(stalling({ data: '1' }, { data: '2' }));
  for await (const item of stream) {
    assert.equal(item, 1);
    break;
  }
  assert.equal(stream.controller.signal.aborted, true);
  await closedByClient(server, baseURL);
});

test('aborting ends the loop without an exception, and drops what was buffered', async () => {
  for (const when of ['inside', 'later', 'before']) {
    const { stream, baseURL } = await streamOf(stalling({ data: '1' }, { data: '2' }, { data: '3' }));
    if (when === 'before') stream.controller.abort();
    const items = [];
    for await (const item of stream) {
      items.push(item);
      if (when === 'inside') stream.controller.abort();
      if (when === 'later' && item === 3) setTimeout(() => stream.controller.abort(), 30);
    }
    assert.deepEqual(items, { inside: [1], later: [1, 2, 3], before: [] }[when], when);
    await closedByClient(server, baseURL);
  }
});

test('the signal of the call aborts its stream, also between two events', async () => {
  const signal = new AbortController();
  const { stream, baseURL } = await streamOf(stalling({ data: '1' }), { signal: signal.signal });
  const items = [];
  for await (const item of stream) {
    items.push(item);
    setTimeout(() => signal.abort(), 30);
  }
  assert.deepEqual(items, [1]);
  assert.equal(stream.controller.signal.aborted, true);
  await closedByClient(server, baseURL);
});

test('calls of next that overlap are served in order, and return frees those who wait', async () => {
  const { stream } = await streamOf({ sse: datas('1', '2'), interval_ms: 20 });
  const iterator = stream[Symbol.asyncIterator]();
  assert.equal(iterator[Symbol.asyncIterator](), iterator);
  const results = await Promise.all([iterator.next(), iterator.next(), iterator.next(), iterator.next()]);
  assert.deepEqual(
    results.map(({ value, done }) => [value, done]),
    [
      [1, false],
      [2, false],
      [undefined, true],
      [undefined, true],
    ],
  );
  const stalled = (await streamOf(stalling())).stream[Symbol.asyncIterator]();
  const waiting = stalled.next();
  await sleep(20);
  assert.deepEqual(await stalled.return('x'), { value: 'x', done: true });
  assert.deepEqual(await waiting, { value: undefined, done: true });
});

test('throw closes the connection and rejects with its reason', async () => {
  const { stream, baseURL } = await streamOf(stalling({ data: '1' }));
  const iterator = stream[Symbol.asyncIterator]();
  await iterator.next();
  await assert.rejects(iterator.throw(new RangeError('mine')), RangeError);
  assert.deepEqual(await iterator.next(), { value: undefined, done: true });
  await closedByClient(server, baseURL);
});

test('both halves of a tee give everything, errors included', async () => {
  const { stream } = await streamOf({ sse: datas('1', '2', '{') });
  const [left, right] = stream.tee();
  assert.ok(left instanceof Stream && right.controller === stream.controller);
  const iterator = left[Symbol.asyncIterator]();
  assert.equal((await iterator.next()).value, 1);
  const items = [];
  await assert.rejects(async () => {
    for await (const item of right) items.push(item);
  }, MALFORMED);
  assert.deepEqual(items, [1, 2]);
  assert.equal((await iterator.next()).value, 2);
  await assert.rejects(iterator.next(), MALFORMED);
});

test('toReadableStream writes a line of JSON for each item, and fromReadableStream reads it', async () => {
  const { stream } = await streamOf({ sse: datas('{"a":"é"}', '2') });
  const again = Stream.fromReadableStream(stream.toReadableStream(), new AbortController());
  assert.deepEqual(await collect(again), [{ a: 'é' }, 2]);
  const texts = (await streamOf({ sse: datas('{"a":1}', '"x"') })).stream.toReadableStream();
  assert.equal(await new Response(texts).text(), '{"a":1}\n"x"\n');
});

test('cancelling the ReadableStream closes the connection', async () => {
  const { stream, baseURL } = await streamOf(stalling({ data: '1' }));
  const reader = stream.toReadableStream().getReader();
  await reader.read();
  await reader.cancel();
  await closedByClient(server, baseURL);
});

test('fromReadableStream takes text and bytes in any split, and refuses what is no JSON', async () => {
  const of = (...parts) => ReadableStream.from(parts);
  const bytes = new TextEncoder().encode('{"a":"é"}\n\n{"b"');
  const parts = [bytes.subarray(0, 7), bytes.subarray(7), ':2}\n3'];
  assert.deepEqual(await collect(Stream.fromReadableStream(of(...parts), new AbortController())), [
    { a: 'é' },
    { b: 2 },
    3,
  ]);
  const controller = new AbortController();
  await assert.rejects(
    collect(Stream.fromReadableStream(of('bad\n'), controller, clientOf(server.url, { logLevel: 'off' }))),
    {
      constructor: SyntaxError,
      message: 'Error reading response: malformed newline-delimited JSON.',
    },
  );
  assert.equal(controller.signal.aborted, true);
});

test('fromSSEResponse reads any Response', async () => {
  const text = '\ufeffdata: {"a":1}\r\n\r\nid: 1\n\n: note\n\nevent: q\ndata: 2\n\ndata: [DONE]\n\ndata: 3\n\n';
  const stream = Stream.fromSSEResponse(new Response(text), new AbortController());
  assert.deepEqual(await collect(stream), [{ a: 1 }, 2]);
  await assert.rejects(collect(stream), CONSUMED);
  const named = Stream.fromSSEResponse(new Response(text), new AbortController(), undefined, true);
  assert.deepEqual(await collect(named), [
    { event: null, data: { a: 1 } },
    { event: 'q', data: 2 },
  ]);
  const controller = new AbortController();
  await assert.rejects(collect(Stream.fromSSEResponse(new Response(null), controller)), {
    constructor: OpenAI.OpenAIError,
    message: 'Attempted to iterate over a response with no body',
  });
  assert.equal(controller.signal.aborted, true);
});

test('a fast stream leaves timers their turn', async () => {
  const fast = mockServer({ chunks: 20_000, chunkBytes: 330 });
  let ticks = 0;
  const timer = setInterval(() => ticks++, 1);
  const items = await collect(await clientOf(fast.url).chat.completions.create({ ...CHAT, stream: true }));
  clearInterval(timer);
  assert.ok(items.length >= 20_000);
  assert.ok(ticks >= 3, `${ticks} ticks`);
});

test('a reader that stops leaves the rest in the socket', async () => {
  const big = mockServer({ chunks: 200_000, chunkBytes: 330 });
  const stream = await clientOf(big.url).chat.completions.create({ ...CHAT, stream: true });
  const iterator = stream[Symbol.asyncIterator]();
  await iterator.next();
  await sleep(100);
  const before = process.memoryUsage.rss();
  await sleep(300);
  const grown = process.memoryUsage.rss() - before;
  assert.ok(grown < 20e6, `${grown} bytes more while nobody reads`);
  await iterator.return();
});
