// `chat.completions.stream` and `parse` beside the official package: every event with its values, and every end.

import assert from 'node:assert/strict';
import test from 'node:test';
import {
  ASK,
  chunk,
  ending,
  events,
  EVENTS,
  hanging,
  inTurn,
  JSON_FORMAT,
  moduleOf,
  outcome,
  part,
  plain,
  record,
  whole,
} from './chat-script.mjs';
import { recorder, sideBySide, thrown } from './recorder.mjs';
import { clientOf } from './support.mjs';

const STRICT = { type: 'function', function: { name: 'f', strict: true, parameters: {} } };
const LOOSE = { type: 'function', function: { name: 'g', parameters: {} } };
const STOP = chunk({}, { finish_reason: 'stop' });
const role = (content) => chunk({ role: 'assistant', content });
const token = (text) => ({ token: text, logprob: -1, bytes: [65], top_logprobs: [] });
const schema = { response_format: JSON_FORMAT };
const MALFORMED = 'Error reading response: invalid structured output JSON.';

/** Streams by name: how they end, what is asked besides a message, and the chunks. */
const STREAMS = {
  'a text with usage': ['done', {}, role(''), chunk({ content: 'Hel' }), chunk({ content: 'lo' }), STOP, chunk({}, {}, { choices: [], usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 } })],
  'JSON': ['done', schema, role(''), chunk({ content: '{"a' }), chunk({ content: '":[1,{"b' }), chunk({ content: '":tr' }), chunk({ content: 'ue}]}' }), STOP],
  'JSON after white space': ['done', schema, role(' \n'), chunk({ content: ' {"a":1} ' }), STOP],
  'JSON and more': [MALFORMED, schema, role('{"a":1}'), chunk({ content: ' and' }), STOP],
  'JSON that breaks': [MALFORMED, schema, role('{"a"}x'), chunk({ content: '1' }), STOP],
  'no JSON': [MALFORMED, schema, role('hello'), STOP],
  'JSON that is cut': [/length limit/, schema, role('{"a'), chunk({ content: 'b' }, { finish_reason: 'length' })],
  'JSON that is filtered': [/content filter/, schema, role('{"a'), chunk({}, { finish_reason: 'content_filter' })],
  'a text that is cut': ['done', {}, role('{"a'), chunk({}, { finish_reason: 'length' })],
  'tools, one strict': ['done', { tools: [STRICT, LOOSE] }, chunk({ role: 'assistant', content: null, tool_calls: [part(0, 't1', 'f', '')] }), chunk({ tool_calls: [part(0, null, null, '{"x":')] }), chunk({ tool_calls: [part(0, null, null, '1}')] }), chunk({ tool_calls: [part(1, 't2', 'g', '{"y"')] }), chunk({ tool_calls: [part(1, null, null, ':2}')] }), chunk({}, { finish_reason: 'tool_calls' })],
  'tools in turn': ['done', {}, chunk({ role: 'assistant', tool_calls: [part(0, 't', 'f', '{'), part(1, 'u', 'g', '[')] }), chunk({ tool_calls: [part(0, null, null, '}'), part(1, null, null, ']')] }), chunk({ tool_calls: [part(0, null, null, ' ')] }), chunk({}, { finish_reason: 'tool_calls' })],
  'a text, then a tool that ends late': ['done', {}, role('a'), chunk({ content: 'b', tool_calls: [part(0, 't', 'f', '{}')] }), chunk({ tool_calls: [part(0, null, null, ' ')] }, { finish_reason: 'tool_calls' }), chunk({ content: 'late' })],
  'tools in one chunk': ['done', {}, chunk({ role: 'assistant', content: 'c', tool_calls: [part(0, 't', 'f', '{}'), part(1, 'u', 'g', '{}')] }, { finish_reason: 'tool_calls' })],
  'tools after the end': ['done', {}, chunk({ role: 'assistant', tool_calls: [part(0, 't', 'f', '{}')] }, { finish_reason: 'tool_calls' }), chunk({ tool_calls: [part(0, null, null, ' ')] }), chunk({ tool_calls: [part(1, 'u', 'g', ' ')] })],
  'a tool without an id': ['done', {}, chunk({ role: 'assistant', tool_calls: [{ index: 0, type: 'function', function: { name: 'f', arguments: '{}' } }] }), STOP],
  'a tool without a type': ['tool call snapshot missing `type`', { tools: [STRICT] }, chunk({ role: 'assistant', tool_calls: [{ index: 0, function: { name: 'f', arguments: '{}' } }] }), STOP],
  'a tool of another type': [/missing choices\[0\].tool_calls\[0\].function.name/, {}, chunk({ role: 'assistant', tool_calls: [{ index: 0, id: 'i', type: 'odd', odd: 1 }] }), STOP],
  'a tool that becomes another': [/changed tool call identity/, { tools: [STRICT] }, chunk({ role: 'assistant', tool_calls: [part(0, 't', 'f', '{')] }), chunk({ tool_calls: [part(0, null, 'g', '}')] }), STOP],
  'a loose tool that becomes another': ['done', { tools: [LOOSE] }, chunk({ role: 'assistant', tool_calls: [part(0, 't', 'f', '{')] }), chunk({ tool_calls: [part(0, null, 'g', '}')] }), STOP],
  'arguments that are no JSON': [MALFORMED, { tools: [STRICT] }, chunk({ role: 'assistant', tool_calls: [part(0, 't', 'f', '{"x"}')] }), STOP],
  'arguments after white space': [MALFORMED, { tools: [STRICT] }, chunk({ role: 'assistant', tool_calls: [part(0, 't', 'f', ' ')] }), chunk({ tool_calls: [part(0, null, null, ' {')] }), STOP],
  'a custom tool': ['done', { tools: [STRICT, { type: 'custom', custom: { name: 'k' } }] }, chunk({ role: 'assistant', content: null, tool_calls: [{ index: 0, id: 't', type: 'custom', custom: { name: 'k', input: 'ab' } }] }), chunk({ tool_calls: [{ index: 0, custom: { input: 'cd' } }] }), chunk({}, { finish_reason: 'tool_calls' })],
  'a function call': ['done', {}, chunk({ role: 'assistant', content: null, function_call: { name: 'f', arguments: '' } }), chunk({ function_call: { arguments: '{"a"' } }), chunk({ function_call: { arguments: ':1}' } }), chunk({}, { finish_reason: 'function_call' })],
  'a function call without arguments': [/missing function_call.arguments/, {}, chunk({ role: 'assistant', function_call: { name: 'f' } }), STOP],
  'a refusal': ['done', {}, chunk({ role: 'assistant', content: null, refusal: '' }), chunk({ refusal: 'I ' }), chunk({ refusal: 'wont' }), STOP],
  'a refusal of JSON': ['done', schema, chunk({ role: 'assistant', content: '' }), chunk({ refusal: 'no' }), STOP],
  'log probabilities': ['done', {}, chunk({ role: 'assistant', content: '', refusal: null }, { logprobs: { content: [], refusal: null } }), chunk({ content: 'A' }, { logprobs: { content: [token('A')], refusal: null } }), chunk({ content: 'B' }, { logprobs: { content: [token('B')], refusal: null } }), chunk({ refusal: 'no' }, { logprobs: { content: null, refusal: [token('no')] } }), chunk({}, { finish_reason: 'stop', logprobs: null })],
  'log probabilities that come late': ['done', {}, role('a'), chunk({ content: 'b' }, { logprobs: { content: [token('b')] } }), chunk({ content: 'c' }, { logprobs: { content: null, z: 1 } }), STOP],
  'two choices': ['done', { n: 2 }, role(''), chunk({ role: 'assistant', content: '' }, { index: 1 }), chunk({ content: 'A' }), chunk({ content: 'B' }, { index: 1 }), STOP, chunk({ content: 'C' }, { index: 1 }), chunk({}, { index: 1, finish_reason: 'stop' })],
  'two choices with tools': ['done', { n: 2 }, chunk({ role: 'assistant', tool_calls: [part(0, 't', 'f', '{}')] }), chunk({ role: 'assistant', tool_calls: [part(0, 't2', 'f', '[]')] }, { index: 1 }), STOP, chunk({}, { index: 1, finish_reason: 'stop' })],
  'sound': ['done', {}, chunk({ role: 'assistant', audio: { id: 'a1', transcript: 'he' } }), chunk({ audio: { data: 'AA', transcript: 'llo' } }), chunk({ audio: { data: 'BB' } }), chunk({ audio: { expires_at: 5 } }), STOP],
  'members that nobody knows': ['done', {}, chunk({ role: 'assistant', content: 'a', extra: { a: 1 }, reasoning_content: 'r1' }, { foo: 1 }, { system_fingerprint: 'fp', service_tier: 'x', bar: [1] }), chunk({ content: 'b', extra: { b: 1 }, reasoning_content: 'r2' }, { foo: 2, finish_reason: 'stop' }, { system_fingerprint: 'fp2' })],
  'a first chunk without choices': ['done', {}, { id: '', object: '', created: 0, model: '', choices: [], prompt_filter_results: [1] }, role('a'), STOP],
  'choices without a delta': ['done', {}, { ...chunk({}), choices: [{ index: 0, finish_reason: null }] }, role('y'), { ...chunk({}), choices: [{ index: 0, finish_reason: 'stop' }] }],
  'members that are null': ['done', {}, chunk({ role: 'assistant', content: 'a', tool_calls: null, function_call: null, audio: null }), chunk({ content: '' }), chunk({ content: null, refusal: '' }), STOP],
  'two ends': ['done', {}, chunk({ role: 'assistant', content: 'a' }, { finish_reason: 'stop' }), chunk({ content: 'b' }), chunk({}, { finish_reason: 'length' })],
  'no end': ['missing finish_reason for choice 0', {}, role('Hi')],
  'no role': ['missing role for choice 0', {}, chunk({ content: 'x' }), STOP],
  'a late role': ['done', {}, chunk({ content: 'x' }), chunk({ role: 'assistant', content: 'y' }), STOP],
  'no chunk': ['request ended without sending any chunks', {}],
  'an error among the events': ['srv', {}, role('do'), 'data: {"error":{"message":"srv"}}\n\n'],
};

for (const [name, [end, asked, ...chunks]] of Object.entries(STREAMS)) {
  sideBySide(`a stream of ${name} tells what the official one does`, {
    answer: inTurn(events(...chunks)),
    scenario: async ({ client }) => {
      const runner = client.chat.completions.stream({ ...ASK, ...asked });
      const log = record(runner);
      const all = await ending(runner);
      return { log, ...all, snapshot: plain(runner.currentChatCompletionSnapshot) };
    },
    check: ({ log, done }) => {
      if (end === 'done') assert.equal(done, 'done');
      else if (end instanceof RegExp) assert.match(done.message, end);
      else assert.equal(done.message, end);
      assert.deepEqual(log.at(-1), ['end']);
    },
  });
}

sideBySide('formats and tools with a parser are parsed by it', {
  answer: inTurn(
    events(role('{"a":1'), chunk({ content: '}' }), STOP),
    events(chunk({ role: 'assistant', tool_calls: [part(0, 't', 'f', '{"a":[1,')] }), chunk({ tool_calls: [part(0, null, null, '2]}')] }), STOP),
  ),
  scenario: async ({ client, root }) => {
    const { makeParseableResponseFormat, makeParseableTool } = await moduleOf(root, 'lib/parser');
    const format = makeParseableResponseFormat(JSON_FORMAT, (text) => ({ text }));
    const parseable = makeParseableTool({ type: 'function', function: { name: 'f', parameters: {} } }, { parser: (text) => ({ text }) });
    const first = client.chat.completions.stream({ ...ASK, response_format: format });
    const log = record(first);
    await first.done();
    const second = client.chat.completions.stream({ ...ASK, tools: [parseable] });
    record(second, EVENTS, log);
    await second.done();
    return log;
  },
  check: (log) => {
    assert.deepEqual(log.find(([name]) => name === 'content.done')[1].parsed, { text: '{"a":1}' });
    const done = log.find(([name]) => name === 'tool_calls.function.arguments.done')[1];
    assert.deepEqual(done.parsed_arguments, { text: '{"a":[1,2]}' });
  },
});

sideBySide('what an event says stays as it was, however it is looked at', {
  answer: inTurn(events(role('{"a":'), chunk({ content: '[1' }), chunk({ content: ',2]' }), chunk({ content: ',"b":"x' }), chunk({ content: '"}' }), STOP)),
  scenario: async ({ client }) => {
    const runner = client.chat.completions.stream({ ...ASK, ...schema });
    const kept = [];
    const same = [];
    let snapshot;
    runner.on('chunk', (_, value) => {
      same.push(snapshot === undefined || snapshot === value, runner.currentChatCompletionSnapshot === value);
      snapshot = value;
    });
    runner.on('content.delta', (event) => {
      // Half of them are not read before the end.
      if (kept.length % 2 === 0) same.push(event.parsed === snapshot.choices[0].message.parsed);
      kept.push(event);
    });
    await runner.done();
    const looks = kept.map((event) => ({
      keys: Object.keys(event),
      own: Object.hasOwn(event, 'parsed'),
      json: JSON.stringify(event),
      clone: structuredClone(event),
      spread: { ...event },
    }));
    const final = await runner.finalChatCompletion();
    same.push(final.choices[0].message === (await runner.finalMessage()), runner.messages.at(-1) === final.choices[0].message);
    return { looks, same };
  },
  check: ({ looks }) => {
    assert.deepEqual(looks.map(({ clone }) => clone.parsed), [{}, { a: [] }, { a: [1, 2] }, { a: [1, 2], b: 'x' }, { a: [1, 2], b: 'x' }]);
  },
});

sideBySide('a connection that breaks is an error of the stream', {
  answer: inTurn(({ response }) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(`data: ${JSON.stringify(role('Hi'))}\n\n`, () => setTimeout(() => response.destroy(), 20));
  }),
  scenario: async ({ client }) => {
    const runner = client.chat.completions.stream(ASK);
    const log = record(runner, ['connect', 'content', 'abort', 'end']);
    // The class of the error is ours, as that of every break; DIVERGENCES.md says so.
    const { message } = await outcome(runner.done());
    return { log, message, flags: [runner.ended, runner.errored, runner.aborted] };
  },
  check: ({ flags }) => assert.deepEqual(flags, [true, true, false]),
});

sideBySide('a refused request is an error of the stream', {
  answer: inTurn({ status: 500, body: { error: { message: 'boom' } } }),
  scenario: async ({ client }) => {
    const runner = client.chat.completions.stream(ASK);
    return [record(runner), await ending(runner)];
  },
  check: ([log]) => assert.deepEqual(log.map(([name]) => name), ['error', 'end']),
});

sideBySide('options of the call are its own, and the helper is named', {
  answer: inTurn(events(role('a'), STOP)),
  scenario: async ({ client }) => {
    await client.chat.completions.stream({ ...ASK, stream_options: { include_usage: true } }, { headers: { 'x-a': 'b' }, query: { q: 1 } }).done();
    return 'done';
  },
  check: (_, [{ url, headers }]) => {
    assert.match(url, /\?q=1$/);
    assert.deepEqual([headers['x-a'], headers['x-stainless-helper-method']], ['b', 'stream']);
  },
});

sideBySide('a stream is written, and read again', {
  answer: inTurn(events(role('do'), chunk({ content: 'ne' }), STOP)),
  scenario: async ({ client, root }) => {
    const { ChatCompletionStream } = await moduleOf(root, 'lib/ChatCompletionStream');
    const again = ChatCompletionStream.fromReadableStream(client.chat.completions.stream(ASK).toReadableStream());
    const log = record(again);
    const all = await ending(again);
    const raw = await client.chat.completions.create({ ...ASK, stream: true });
    const other = ChatCompletionStream.fromReadableStream(raw.toReadableStream());
    return [all, log, record(other), await ending(other)];
  },
  check: ([{ finals }]) => assert.equal(finals.Content, 'done'),
});

sideBySide('several completions in one written stream are told apart by their ids', {
  answer: inTurn({}),
  scenario: async ({ root }) => {
    const { ChatCompletionStream } = await moduleOf(root, 'lib/ChatCompletionStream');
    const of = (id, ...items) => items.map((item) => JSON.stringify({ ...item, id })).join('\n');
    const text = `${of('a', role('one'), STOP)}\n${of('b', role('two'), STOP)}\n`;
    const runner = ChatCompletionStream.fromReadableStream(new Blob([text]).stream());
    return [record(runner), await ending(runner)];
  },
  check: ([, { all }]) => assert.equal(all.length, 2),
});

sideBySide('an empty written stream is an error', {
  answer: inTurn({}),
  scenario: async ({ root }) => {
    const { ChatCompletionStream } = await moduleOf(root, 'lib/ChatCompletionStream');
    const runner = ChatCompletionStream.fromReadableStream(new Blob(['']).stream());
    return [record(runner), await ending(runner)];
  },
  check: ([, { done }]) => assert.equal(done.message, 'request ended without sending any chunks'),
});

sideBySide('parse gives messages and arguments that are parsed', {
  answer: inTurn(whole({ content: '{"a":1}', tool_calls: [{ id: 't', type: 'function', function: { name: 'f', arguments: '{"b":2}' } }] })),
  scenario: async ({ client }) => {
    const call = client.chat.completions.parse({ ...ASK, ...schema, tools: [STRICT] }, { headers: { 'x-a': 'b' } });
    const answer = await call;
    const { data, request_id } = await call.withResponse();
    return [plain(answer), answer._request_id, data === answer, request_id];
  },
  check: ([answer], [{ headers }]) => {
    assert.deepEqual(answer.choices[0].message.parsed, { a: 1 });
    assert.deepEqual(answer.choices[0].message.tool_calls[0].function.parsed_arguments, { b: 2 });
    assert.equal(headers['x-stainless-helper-method'], 'chat.completions.parse');
  },
});

for (const [reason, error] of [
  ['length', 'LengthFinishReasonError'],
  ['content_filter', 'ContentFilterFinishReasonError'],
]) {
  sideBySide(`parse refuses an answer that ended by ${reason}`, {
    answer: inTurn(whole({ content: '{"a":1}' }, reason)),
    scenario: async ({ client, root }) => {
      const failed = await thrown(client.chat.completions.parse(ASK));
      const raw = await client.chat.completions.parse(ASK).asResponse();
      const errors = await moduleOf(root, 'error');
      return [failed, raw.status, new errors[error]().message];
    },
    check: ([[name]]) => assert.equal(name, error),
  });
}

sideBySide('parse refuses a tool that is not strict before it asks', {
  answer: inTurn(whole({ content: 'x' })),
  scenario: async ({ client }) => {
    try {
      await client.chat.completions.parse({ ...ASK, tools: [LOOSE] });
    } catch (error) {
      return [error.constructor.name, error.message];
    }
    return 'nothing was thrown';
  },
  check: ([name], requests) => assert.deepEqual([name, requests.length], ['OpenAIError', 0]),
});

sideBySide('parse takes a refusal for no answer', {
  answer: inTurn(whole({ content: '{"q":1}', refusal: 'no' })),
  scenario: async ({ client }) => plain(await client.chat.completions.parse({ ...ASK, ...schema })),
  check: ({ choices }) => assert.equal(choices[0].message.parsed, null),
});

sideBySide('an aborted stream says so, in each of its phases', {
  answer: inTurn(hanging(role('do'))),
  scenario: async ({ client, requests }) => {
    const results = [];
    const sent = async (count) => {
      while (requests.length < count) await new Promise((resolve) => setTimeout(resolve, 1));
    };
    for (const abort of [
      (runner) => runner.abort(),
      (runner) => sent(requests.length + 1).then(() => runner.abort()),
      (runner) => runner.on('connect', () => runner.abort()),
      (runner) => runner.on('chunk', () => runner.abort()),
      (runner) => runner.on('content', () => runner.controller.abort('because')),
    ]) {
      const runner = client.chat.completions.stream(ASK);
      const log = record(runner, ['error', 'abort', 'end']);
      abort(runner);
      results.push([await ending(runner), log]);
    }
    return results;
  },
  check: (results) => {
    for (const [{ flags, done }] of results) {
      assert.deepEqual(flags, [true, true, true]);
      assert.equal(done.error, 'APIUserAbortError');
    }
    assert.equal(results[4][0].done.cause, 'because');
  },
});

sideBySide('the signal of a call aborts it, with its reason', {
  answer: inTurn(hanging(role('do'))),
  scenario: async ({ client }) => {
    const results = [];
    const before = AbortSignal.abort(new Error('before'));
    results.push(await ending(client.chat.completions.stream(ASK, { signal: before })));
    const controller = new AbortController();
    const runner = client.chat.completions.stream(ASK, { signal: controller.signal });
    runner.on('content', () => controller.abort(new Error('why')));
    results.push(await ending(runner));
    return results;
  },
  check: (results, requests) => {
    assert.deepEqual(results.map(({ done }) => done.cause), ['Error: before', 'Error: why']);
    assert.equal(requests.length, 1);
  },
});

// The official package leaves most of them out: see DIVERGENCES.md.
test('each delta of a long text has its value, whenever it is read', async () => {
  const list = Array.from({ length: 300 }, (_, n) => ({ n, text: `item ${n}` }));
  const text = JSON.stringify({ list });
  const deltas = text.match(/.{1,7}/g);
  const { baseURL } = await recorder(inTurn(events(role(''), ...deltas.map((content) => chunk({ content })), STOP))());
  const kept = [];
  const stream = clientOf(baseURL).chat.completions.stream({ ...ASK, ...schema });
  stream.on('content.delta', (event) => {
    // Every other one is read at once, the rest after the end.
    if (kept.push(event) % 2 === 0) assert.equal(event.parsed, event.parsed);
  });
  await stream.done();
  let most = 0;
  for (const { snapshot, parsed } of [...kept.slice(0, 50), ...kept.slice(-50)]) {
    const count = (snapshot.match(/"}/g) ?? []).length;
    assert.deepEqual(parsed.list?.slice(0, count) ?? [], list.slice(0, count));
    assert.ok((parsed.list?.length ?? 0) - count <= 1);
    most = Math.max(most, count);
  }
  assert.ok(most >= 290);
});

for (const [name, first, message] of [
  ['choice', chunk({ role: 'assistant', content: 'y' }, { index: 1, finish_reason: 'stop' }), 'missing choices[0]'],
  ['tool call', chunk({ role: 'assistant', tool_calls: [part(1, 't', 'f', '{}')] }, { finish_reason: 'stop' }), 'missing choices[0].tool_calls[0]'],
]) {
  test(`a ${name} that is left out is named`, async () => {
    const { baseURL } = await recorder(inTurn(events(first))());
    await assert.rejects(clientOf(baseURL).chat.completions.stream(ASK).done(), { message });
  });
}
