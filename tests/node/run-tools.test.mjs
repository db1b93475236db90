// `chat.completions.runTools` beside the official package: what is told, what is called, and what is sent.

import assert from 'node:assert/strict';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  ASK,
  call,
  chunk,
  ending,
  events,
  inTurn,
  JSON_FORMAT,
  moduleOf,
  part,
  plain,
  record,
  tool,
  whole,
} from './chat-script.mjs';
import { recorder, sideBySide } from './recorder.mjs';
import { clientOf } from './support.mjs';

const calls = (...list) => whole({ tool_calls: list }, 'tool_calls');
const DONE = whole({ content: 'done' });
const CALLED = events(
  chunk({ role: 'assistant', content: null, tool_calls: [part(0, 't1', 'w', '')] }),
  chunk({ tool_calls: [part(0, null, null, '{"a":1}')] }),
  chunk({}, { finish_reason: 'tool_calls' }),
);
const SAID = events(chunk({ role: 'assistant', content: 'do' }), chunk({ content: 'ne' }), chunk({}, { finish_reason: 'stop' }));
const W = tool('w', () => 'W');
const forced = { type: 'function', function: { name: 'w' } };

/** Runs by name: answers, what is asked (given a log), options (given a log), and what must hold. */
const RUNS = {
  'calls a function and goes on': [
    [calls(call('t1', 'w', '{"a":1}')), DONE],
    (log) => ({ tools: [tool('w', (...given) => (log.push(plain(given.toSpliced(1, 1))), { ok: given[0] }), { parse: JSON.parse })] }),
    { requests: 2, content: 'done' },
  ],
  'gives a function without a parser the text': [
    [calls(call('t1', 'w', '{"a":1}'), call('t2', 'v', 'x'), call('t3', 'u', '')), DONE],
    (log) => ({ tools: [tool('w', (text) => (log.push(text), 'text')), tool('v', () => undefined), tool('u', () => null)] }),
    { requests: 2 },
  ],
  'runs calls beside each other': [
    [calls(call('t1', 'w', '1'), call('t2', 'v', '2')), DONE],
    (log) => ({ tools: [slow(log, 'w', 30), slow(log, 'v', 5)] }),
    { requests: 2, order: ['w begins', 'v begins', 'v ends', 'w ends'] },
  ],
  'runs calls in turn': [
    [calls(call('t1', 'w', '1'), call('t2', 'v', '2')), DONE],
    (log) => ({ parallel_tool_calls: false, tools: [slow(log, 'w', 20), slow(log, 'v', 5)] }),
    { requests: 2, order: ['w begins', 'w ends', 'v begins', 'v ends'] },
  ],
  'ends with what a function throws': [
    [calls(call('t1', 'w', '1'), call('t2', 'v', '1')), DONE],
    (log) => ({ tools: [tool('w', () => { throw new Error('boom'); }), slow(log, 'v', 10)] }),
    { requests: 1, error: 'boom' },
  ],
  'ends with the first of two errors': [
    [calls(call('1', 'a', '{}'), call('2', 'b', '{}')), DONE],
    () => ({ tools: [tool('a', async () => { await sleep(10); throw new Error('A'); }), tool('b', () => { throw new Error('B'); })] }),
    { requests: 1, error: 'A' },
  ],
  'calls nothing after an error in turn': [
    [calls(call('1', 'a', '{}'), call('2', 'b', '{}')), DONE],
    (log) => ({ parallel_tool_calls: false, tools: [tool('a', () => { throw new Error('A'); }), tool('b', () => log.push('b'))] }),
    { requests: 1, error: 'A' },
  ],
  'ends with what is thrown and is no error': [
    [calls(call('t1', 'w', '1')), DONE],
    () => ({ tools: [tool('w', () => { throw 'text'; })] }),
    { requests: 1, error: 'text' },
  ],
  'tells the model why arguments cannot be parsed': [
    [calls(call('t1', 'w', '{bad'), call('t2', 'w', '{"a":1}'), call('t3', 'v', '')), DONE],
    () => ({
      tools: [
        tool('w', (value) => value, { parse: (text) => { try { return JSON.parse(text); } catch { throw new Error('bad arguments'); } } }),
        tool('v', (value) => value, { parse: async () => { throw 'nope'; } }),
      ],
    }),
    { requests: 2, content: 'done' },
  ],
  'tells the model which functions there are': [
    [calls(call('t1', 'zz', '{}'), call('t2', 'toString', '{}')), DONE],
    () => ({ tools: [W, tool('y', () => 'Y')] }),
    { requests: 2, content: 'done' },
  ],
  'stops after the function that had to be called': [
    [calls(call('t1', 'w', '{}')), DONE],
    () => ({ tool_choice: forced, tools: [W] }),
    { requests: 1 },
  ],
  'insists on the function that has to be called': [
    [calls(call('t1', 'v', '{}')), calls(call('t2', 'v', '{}'), call('t3', 'w', '{}'), call('t4', 'zz', '{}')), DONE],
    () => ({ tool_choice: forced, tools: [W, tool('v', () => 'V')] }),
    { requests: 2 },
  ],
  'goes on when the arguments of the function that has to be called cannot be parsed': [
    [calls(call('t1', 'w', '{}')), DONE],
    () => ({ tool_choice: forced, tools: [tool('w', () => 'W', { parse: () => { throw new Error('P'); } })] }),
    { requests: 2 },
  ],
  'calls a forced function once, in turn': [
    [calls(call('1', 'w', '{}'), call('2', 'w', '{}')), DONE],
    () => ({ parallel_tool_calls: false, tool_choice: forced, tools: [W] }),
    { requests: 1 },
  ],
  'lets the model choose as it is told': [[DONE], () => ({ tool_choice: 'none', tools: [W] }), { requests: 1, content: 'done' }],
  'requires a call again and again': [
    [calls(call('t1', 'w', '{}')), DONE],
    () => ({ tool_choice: 'required', tools: [W] }),
    { requests: 2, content: 'done' },
  ],
  'leaves custom tools alone': [
    [whole({ tool_calls: [{ id: 'k', type: 'custom', custom: { name: 'x', input: 'i' } }, call('t1', 'w', '{}')] }), DONE],
    () => ({ tools: [W, { type: 'custom', custom: { name: 'x' } }] }),
    { requests: 2 },
  ],
  'makes up ids that are missing': [
    [whole({ tool_calls: [{ type: 'function', function: { name: 'w', arguments: '' } }, call('', 'w', ''), call(null, 'w', '')] }), DONE],
    () => ({ tools: [W] }),
    { requests: 2 },
  ],
  'names a function by its own name': [
    [DONE],
    () => ({ tools: [{ type: 'function', function: { function: function hello() {}, parameters: {}, description: '' } }] }),
    { requests: 1 },
  ],
  'sends what the API takes, whatever the history holds': [
    [whole({ content: 'c', refusal: 'no', audio: { id: 'a', data: 'x' }, annotations: [1], foo: 1, tool_calls: [{ ...call('t1', 'w', '{}'), extra: 1 }] }), DONE],
    () => ({
      tools: [W],
      messages: [
        { role: 'assistant', name: 'n', content: 'a', function_call: { name: 'f', arguments: '{}', z: 1 }, refusal: '', audio: null, x: 1 },
        { role: 'assistant', audio: { id: 'q', expires_at: 1 } },
        { role: 'assistant', content: [{ type: 'text', text: 't' }], parsed: 1, tool_calls: [{ ...call('h', 'f', '1'), e: 1 }, { id: 'b', type: 'custom', custom: { name: 'k', input: 'i', e: 1 } }] },
        { role: 'tool', tool_call_id: 'h', content: 'hist', zz: 1 },
        { role: 'system', content: 's', zz: 1 },
        { role: 'user', content: 'hi' },
      ],
    }),
    { requests: 2 },
  ],
  'finds the last call in what it was given': [
    [DONE],
    () => ({ tools: [W], messages: Object.freeze([{ role: 'user', content: 'q' }, { role: 'assistant', content: null, tool_calls: [call('h1', 'w', '{"h":1}')] }, { role: 'tool', tool_call_id: 'h1', content: 'hist' }]) }),
    { requests: 1 },
  ],
  'writes results of every kind': [
    [calls(...'abcde'.split('').map((name) => call(name, name, '{}'))), DONE],
    () => ({ tools: [tool('a', () => 1), tool('b', () => [1, { x: undefined }]), tool('c', () => ''), tool('d', () => Symbol('x')), tool('e', () => new Date(0))] }),
    { requests: 2 },
  ],
  'ends with a result that is no JSON': [
    [calls(call('1', 'a', '{}')), DONE],
    () => ({ tools: [tool('a', () => 10n)] }),
    { requests: 1, error: 'Do not know how to serialize a BigInt' },
  ],
  'refuses several choices': [[DONE], () => ({ n: 2, tools: [W] }), { requests: 0, error: /only support n=1/ }],
  'refuses an answer without choices': [[{ id: 'x', choices: [] }], () => ({ tools: [W] }), { requests: 1, error: /missing message/ }],
  'refuses an answer that is cut': [[whole({ content: 'x' }, 'length')], () => ({ tools: [W] }), { requests: 1, error: /length limit/ }],
  'ends with a list of no calls': [[whole({ tool_calls: [] }), DONE], () => ({ tools: [W] }), { requests: 1 }],
  'parses the answer': [[whole({ content: '{"a":1}' })], () => ({ tools: [W], response_format: JSON_FORMAT }), { requests: 1, content: '{"a":1}' }],
  'adds the tokens with their details': [
    [
      { ...calls(call('1', 'w', '{}')), usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3, prompt_tokens_details: { cached_tokens: 4, audio_tokens: 1 }, completion_tokens_details: { reasoning_tokens: 5, x: 's' }, other: 9 } },
      { ...calls(call('1', 'w', '{}')), usage: null },
      { ...DONE, usage: { prompt_tokens: 10, completion_tokens: 20, total_tokens: 30, prompt_tokens_details: { cached_tokens: 40 }, completion_tokens_details: { accepted_prediction_tokens: 7, reasoning_tokens: 50 } } },
    ],
    () => ({ tools: [W] }),
    { requests: 3 },
  ],
  'asks ten times at most': [[calls(call('t1', 'w', '{}'))], () => ({ tools: [W] }), { requests: 10 }],
  'asks as often as it may': [[calls(call('t1', 'w', '{}'))], () => ({ tools: [W] }), { requests: 2 }, { maxChatCompletions: 2 }],
  'does not ask when it may not': [[DONE], () => ({ tools: [W] }), { requests: 0, error: /without producing a ChatCompletionMessage/ }, { maxChatCompletions: 0 }],
  'gives functions the context': [
    [calls(call('t1', 'w', '{}')), DONE],
    (log) => ({ toolContext: { user: 1 }, tools: [tool('w', (_, runner, context) => (log.push(context), runner.messages.length))] }),
    { requests: 2 },
  ],
};

function slow(log, name, time) {
  return tool(name, async () => {
    log.push(`${name} begins`);
    await sleep(time);
    log.push(`${name} ends`);
    return name;
  });
}

for (const [name, [answers, asked, expected, options]] of Object.entries(RUNS)) {
  sideBySide(`a run ${name}`, {
    answer: inTurn(...answers),
    scenario: async ({ client }) => {
      const log = [];
      const runner = client.chat.completions.runTools({ ...ASK, ...asked(log) }, options);
      record(runner, undefined, log);
      return { log, ...(await ending(runner)) };
    },
    check: ({ done, finals, log }, requests) => {
      const { error, content, order } = expected;
      assert.equal(requests.length, expected.requests);
      if (error === undefined) assert.equal(done, 'done');
      else if (error instanceof RegExp) assert.match(done.message, error);
      else assert.equal(done.message, error);
      if (content !== undefined) assert.equal(finals.Content, content);
      if (order !== undefined) assert.deepEqual(log.filter((item) => typeof item === 'string'), order);
    },
  });
}

sideBySide('tools with a parser and a function run', {
  answer: inTurn(calls(call('t1', 'at', '{"q":1}')), DONE),
  scenario: async ({ client, root }) => {
    const { makeParseableTool } = await moduleOf(root, 'lib/parser');
    const definition = { type: 'function', function: { name: 'at', parameters: { type: 'object' }, strict: true } };
    const runnable = makeParseableTool(definition, { parser: JSON.parse, callback: (value) => ({ got: value }) });
    const idle = makeParseableTool(definition, { parser: JSON.parse, callback: undefined });
    const runner = client.chat.completions.runTools({ ...ASK, tools: [runnable] });
    const log = record(runner);
    const all = await ending(runner);
    return [log, all, await ending(client.chat.completions.runTools({ ...ASK, tools: [idle] }))];
  },
  check: ([, { finals }, { done }]) => {
    assert.equal(finals.FunctionToolCallResult, '{"got":{"q":1}}');
    assert.match(done.message, /does not have an associated function/);
  },
});

sideBySide('a hook runs after each completion and may add messages, or end the run', {
  answer: inTurn(calls(call('t1', 'w', '{}')), DONE),
  scenario: async ({ client }) => {
    const log = [];
    const after = async (completion, { messages }) => {
      log.push(['after', completion.choices[0].message.content, messages.length]);
      await sleep(5);
      if (messages.length < 4) messages.push({ role: 'user', content: 'more' });
      log.push('went on');
    };
    const runner = client.chat.completions.runTools({ ...ASK, tools: [W] }, { afterCompletion: after });
    record(runner, undefined, log);
    const all = await ending(runner);
    const fails = () => {
      throw new Error('after');
    };
    return [log, all, await ending(client.chat.completions.runTools({ ...ASK, tools: [W] }, { afterCompletion: fails }))];
  },
  check: ([, { messages }, { done }]) => {
    assert.equal(messages.length, 5);
    assert.equal(done.message, 'after');
  },
});

const STREAMED = {
  'calls a function and goes on': [[CALLED, SAID], {}, 'done'],
  'refuses a turn that is cut before its tools run': [[events(chunk({ role: 'assistant', content: null, tool_calls: [part(0, 't1', 'w', '{')] }), chunk({}, { finish_reason: 'length' }))], {}, /length limit/],
  'refuses a turn that is filtered': [[events(chunk({ role: 'assistant', content: 'x' }), chunk({}, { finish_reason: 'content_filter' }))], {}, /content filter/],
  'refuses a turn that has no end': [[events(chunk({ role: 'assistant', content: 'x' }))], {}, /missing finish_reason/],
  'ends with an error of the second request': [[CALLED, { status: 400, body: { error: { message: 'bad' } } }], {}, '400 bad'],
  'ends with an error among the events': [[events('event: error\ndata: {"error":{"message":"srv"}}\n\n')], {}, 'srv'],
  'takes several choices': [[SAID], { n: 2 }, 'done'],
};

for (const [name, [answers, asked, end]] of Object.entries(STREAMED)) {
  sideBySide(`a streamed run ${name}`, {
    answer: inTurn(...answers),
    scenario: async ({ client }) => {
      const log = [];
      const w = tool('w', (value) => (log.push(value), 'W'), { parse: JSON.parse });
      const runner = client.chat.completions.runTools({ ...ASK, ...asked, stream: true, tools: [w] });
      record(runner, undefined, log);
      return { log, ...(await ending(runner)) };
    },
    check: ({ done }) => {
      if (end === 'done') assert.equal(done, 'done');
      else if (end instanceof RegExp) assert.match(done.message, end);
      else assert.equal(done.message, end);
    },
  });
}

sideBySide('a streamed run is iterated over', {
  answer: inTurn(CALLED, SAID),
  scenario: async ({ client }) => {
    const seen = [];
    for await (const each of client.chat.completions.runTools({ ...ASK, stream: true, tools: [W] })) seen.push(each);
    return seen;
  },
  check: (seen) => assert.equal(seen.length, 6),
});

for (const name of ['ChatCompletionStream', 'ChatCompletionStreamingRunner']) {
  sideBySide(`what a streamed run wrote is read by ${name}`, {
    answer: inTurn(CALLED, SAID),
    scenario: async ({ client, root }) => {
      const reader = (await moduleOf(root, `lib/${name}`))[name];
      const [shown, read] = client.chat.completions.runTools({ ...ASK, stream: true, tools: [W] }).toReadableStream().tee();
      const again = reader.fromReadableStream(read);
      const log = record(again);
      const all = await ending(again);
      return [log, all, plain(await new Response(shown).text())];
    },
    check: ([, { messages }, text]) => {
      assert.deepEqual(messages.map(({ role }) => role), ['assistant', 'tool', 'assistant']);
      assert.match(text, /chat\.completion\.chunk\.message:/);
    },
  });
}

for (const [name, prepare, options] of [
  ['as a message comes', (runner) => runner.on('message', () => runner.abort())],
  ['as a result comes', (runner) => runner.on('functionToolCallResult', () => runner.abort())],
  ['by the hook', () => {}, { afterCompletion: (_, runner) => runner.abort() }],
]) {
  sideBySide(`a run that is aborted ${name} asks nothing more`, {
    answer: inTurn(CALLED, SAID),
    scenario: async ({ client }) => {
      const runner = client.chat.completions.runTools({ ...ASK, stream: true, tools: [W] }, options);
      const log = record(runner);
      prepare(runner);
      return [log, await ending(runner)];
    },
    check: ([, { done }], requests) => assert.deepEqual([done.error, requests.length], ['APIUserAbortError', 1]),
  });
}

sideBySide('a signal that aborts while a function runs ends the run after it', {
  answer: inTurn(calls(call('t1', 'w', '{}')), DONE),
  scenario: async ({ client }) => {
    const log = [];
    const controller = new AbortController();
    const w = tool('w', async () => {
      controller.abort(new Error('why'));
      await sleep(10);
      log.push('the function ends');
      return 'W';
    });
    const runner = client.chat.completions.runTools({ ...ASK, tools: [w] }, { signal: controller.signal });
    record(runner, undefined, log);
    return [log, await ending(runner)];
  },
  check: ([, { done }], requests) => assert.deepEqual([done.cause, requests.length], ['Error: why', 1]),
});

sideBySide('one listener of a signal serves all requests of a run', {
  answer: inTurn(calls(call('t1', 'w', '{}')), calls(call('t2', 'w', '{}')), DONE),
  scenario: async ({ client }) => {
    const { signal } = new AbortController();
    let open = 0;
    let most = 0;
    const count = (name, by) => {
      const original = signal[name].bind(signal);
      signal[name] = (...given) => {
        open += by;
        most = Math.max(most, open);
        return original(...given);
      };
    };
    count('addEventListener', 1);
    count('removeEventListener', -1);
    await client.chat.completions.runTools({ ...ASK, tools: [W] }, { signal }).done();
    return [most, open];
  },
  check: (counted) => assert.deepEqual(counted, [1, 0]),
});

// The official package ends with a TypeError: see DIVERGENCES.md.
test('a message whose calls are null is sent without them', async () => {
  const { baseURL, requests } = await recorder(inTurn(DONE)());
  const messages = [{ role: 'assistant', content: 'a', tool_calls: null }, ...ASK.messages];
  await clientOf(baseURL).chat.completions.runTools({ model: 'm', messages, tools: [W] }).done();
  assert.deepEqual(JSON.parse(requests[0].body).messages[0], { role: 'assistant', content: 'a' });
});
