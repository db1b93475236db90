// Runs the stream helpers of assistants of one package against a server of its own and prints what happened, as data.
//
// node assistant-stream-subject.mjs <folder of the package> <extension>

import http from 'node:http';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [folder, extension] = process.argv.slice(2);
const load = (path) => import(pathToFileURL(join(folder, path + extension)).href);
const { default: OpenAI } = await load('index');
const { AssistantStream } = await load('lib/AssistantStream');

let script = [];
let requests = [];
const server = http.createServer((request, response) => {
  let text = '';
  request.on('data', (piece) => (text += piece));
  request.on('end', () => {
    const { method, url, headers } = request;
    const mine = { beta: headers['openai-beta'], helper: headers['x-stainless-helper-method'], mine: headers['x-mine'], accept: headers.accept };
    requests.push({ method, url, body: text && JSON.parse(text), ...mine });
    const step = script.shift();
    if (step.json) {
      response.writeHead(step.status ?? 200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(step.json));
      return;
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const [event, data] of step.events) response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
    if (step.stalls) return;
    response.end('event: done\ndata: [DONE]\n\n');
  });
});
await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
const baseURL = `http://127.0.0.1:${server.address().port}/v1`;
const client = new OpenAI({ apiKey: 'key', baseURL, maxRetries: 0, logLevel: 'off' });

const RUN = { id: 'run_1', object: 'thread.run', thread_id: 'thread_1', status: 'queued', usage: null };
const run = (status, rest = {}) => [`thread.run.${status}`, { ...RUN, status, ...rest }];
const MESSAGE = { id: 'msg_1', object: 'thread.message', thread_id: 'thread_1', role: 'assistant', status: 'in_progress', content: [] };
const message = (status, content = [], rest = {}) => [`thread.message.${status}`, { ...MESSAGE, status, content, ...rest }];
const delta = (content, rest = {}) => ['thread.message.delta', { id: 'msg_1', object: 'thread.message.delta', delta: { content }, ...rest }];
const piece = (value, index = 0, rest = {}) => ({ index, type: 'text', text: { value, ...rest } });
const text = (value, annotations = []) => ({ type: 'text', text: { value, annotations } });
const image = (file_id) => ({ type: 'image_file', image_file: { file_id } });
const cited = (index, text) => ({ index, type: 'file_citation', text, start_index: 0, end_index: 1, file_citation: { file_id: 'f' } });

const STEP = { id: 'step_1', object: 'thread.run.step', run_id: 'run_1', type: 'tool_calls', status: 'in_progress', step_details: { type: 'tool_calls', tool_calls: [] }, usage: null };
const step = (status, rest = {}) => [`thread.run.step.${status}`, { ...STEP, status, ...rest }];
const calls = (tool_calls) => ({ step_details: { type: 'tool_calls', tool_calls } });
const stepDelta = (tool_calls, rest = {}) => ['thread.run.step.delta', { id: 'step_1', object: 'thread.run.step.delta', delta: calls(tool_calls), ...rest }];
const called = (index, fields, rest = {}) => ({ index, id: `call_${index}`, type: 'function', function: fields, ...rest });
const more = (index, fields) => ({ index, type: 'function', function: fields });
const coded = (index, input, outputs) => ({ index, id: `call_${index}`, type: 'code_interpreter', code_interpreter: { input, ...(outputs && { outputs }) } });

const said = (...contents) => [message('created'), message('in_progress'), ...contents, message('completed', [text('Hello there')])];
const whole = (...middle) => [run('created'), run('queued'), run('in_progress'), ...middle, run('completed', { usage: { total_tokens: 3 } })];
const EVENTS = [
  'connect', 'abort', 'error', 'end', 'run', 'messageCreated', 'messageDelta', 'messageDone', 'runStepCreated', 'runStepDelta', 'runStepDone',
  'toolCallCreated', 'toolCallDelta', 'toolCallDone', 'textCreated', 'textDelta', 'textDone', 'imageFileDone', 'event',
];

function told(error) {
  if (!(error instanceof Error)) return { thrown: error };
  const { name, message, status, code, cause } = error;
  return { class: error.constructor.name, name, message, status, code, cause: cause?.message };
}
const copy = (value) => (value instanceof Error ? told(value) : value === undefined ? 'undefined' : JSON.parse(JSON.stringify(value)));
const current = (stream) => [stream.currentEvent()?.event, stream.currentRun()?.status, copy(stream.currentMessageSnapshot()), copy(stream.currentRunStepSnapshot())];

/** Everything that a stream tells; `use` works with it beside. */
async function watch(make, exchanges, use) {
  script = exchanges;
  requests = [];
  const log = [];
  const outcome = { log };
  let stream;
  try {
    stream = await make();
    for (const name of EVENTS) {
      stream.on(name, (...values) => log.push([name, ...(name === 'event' ? [values[0].event, current(stream)] : values.map(copy))]));
    }
    outcome.before = current(stream);
    outcome.used = await use?.(stream, outcome);
  } catch (error) {
    outcome.thrown = told(error);
  }
  const settled = (promise) => promise.then(copy, told);
  if (stream instanceof AssistantStream) {
    outcome.run = await settled(stream.finalRun());
    outcome.messages = await settled(stream.finalMessages());
    outcome.steps = await settled(stream.finalRunSteps());
    outcome.done = await settled(stream.done());
    outcome.flags = [stream.ended, stream.errored, stream.aborted];
    outcome.after = current(stream);
  }
  outcome.requests = requests;
  return outcome;
}

const starting = (options, body = { assistant_id: 'a' }) => () => client.beta.threads.runs.stream('thread_1', body, options);
const seen = (...events) => watch(starting(), [{ events }]);
const accumulated = (acc, change) => {
  try {
    return { result: AssistantStream.accumulateDelta(acc, change), acc };
  } catch (error) {
    return told(error);
  }
};

const SCENARIOS = {
  'a text': () => seen(...whole(...said(delta([piece('Hel')]), delta([piece('lo ')]), delta([piece('there')])))),
  'two texts and an image': () => seen(...whole(
    message('created'), delta([piece('a')]), delta([{ index: 1, ...image('f1') }]), delta([piece('b', 2), piece('c', 2)]),
    message('completed', [text('a'), image('f1'), text('bc')]),
  )),
  'an image only': () => seen(...whole(message('created'), delta([{ index: 0, ...image('f1') }]), message('completed', [image('f1')]))),
  'two images': () => seen(...whole(message('created'), delta([{ index: 0, ...image('f1') }]), delta([{ index: 1, ...image('f2') }]), message('completed', [image('f1'), image('f2')]))),
  'an image by address': () => seen(...whole(message('created'), delta([{ index: 0, type: 'image_url', image_url: { url: 'u' } }]), message('completed', [{ type: 'image_url', image_url: { url: 'u' } }]))),
  'a refusal': () => seen(...whole(message('created'), delta([{ index: 0, type: 'refusal', refusal: 'I c' }]), delta([{ index: 0, type: 'refusal', refusal: 'annot' }]), message('completed', [{ type: 'refusal', refusal: 'I cannot' }]))),
  'annotations': () => seen(...whole(message('created'), delta([piece('x', 0, { annotations: [cited(0, '1')] })]), delta([piece('y', 0, { annotations: [cited(1, '2')] })]), delta([piece('', 0, { annotations: [{ index: 0, end_index: 4 }] })]), message('completed', [text('xy')]))),
  'text that comes with a message': () => seen(...whole(message('created', [text('a')]), delta([piece('b')]), message('completed', [text('ab')]))),
  'a delta without content': () => seen(...whole(message('created'), ['thread.message.delta', { id: 'msg_1', delta: {} }], ['thread.message.delta', { id: 'msg_1', delta: { role: 'assistant' } }], message('completed', []))),
  'a delta before its message': () => seen(...whole(delta([piece('x')]))),
  'a delta of another message': () => seen(...whole(message('created'), delta([piece('x')], { id: 'msg_9' }), message('completed', [text('x')]))),
  'a delta without a type': () => seen(...whole(message('created'), delta([{ index: 0, text: { value: 'q' } }]), delta([{ index: 0, text: { value: 'r' } }]), message('completed', [text('qr')]))),
  'a message that is incomplete': () => seen(...whole(message('created'), delta([piece('x')]), message('incomplete', [text('x')]))),
  'a message that is done at once': () => seen(...whole(message('completed', [text('x')]))),
  ...Object.fromEntries(['in_progress', 'completed', 'incomplete'].flatMap((status) => [
    [`a message ${status} before its creation`, () => seen(...whole(message(status)))],
    [`another message ${status}`, () => seen(...whole(message('created'), message(status, [], { id: 'msg_9' })))],
  ])),
  'the same message again': () => seen(...whole(...said(delta([piece('Hello there')])), ...said(delta([piece('Hello there')])))),
  'a new kind of event of a message': () => seen(...whole(message('created'), message('brand_new', [text('q')]), message('completed', [text('x')]))),
  ...Object.fromEntries([-1, 1.5, '0', null, undefined, 100, 1e7, 2 ** 32].map((index) => [`a delta at ${index}`, () => seen(...whole(message('created'), delta([{ ...piece('x'), index }]), message('completed', [text('x')])))])),
  'a delta that is a text and then an image': () => seen(...whole(message('created'), delta([piece('x')]), delta([{ index: 0, ...image('f') }]), message('completed', [text('x')]))),
  'a delta that is an image and then a text': () => seen(...whole(message('created'), delta([{ index: 0, ...image('f') }]), delta([piece('x')]), message('completed', [text('x')]))),
  'a delta without a text': () => seen(...whole(message('created'), delta([{ index: 0, type: 'text' }]), delta([piece('x')]), message('completed', [text('x')]))),
  'an end without the content': () => seen(...whole(message('created'), delta([piece('x')]), message('completed', []))),
  'an end with other content': () => seen(...whole(message('created'), delta([piece('x')]), message('completed', [image('f')]))),
  'deltas that go back': () => seen(...whole(message('created'), delta([piece('x')]), delta([piece('y', 1)]), delta([piece('z')]), message('completed', [text('xz'), text('y')]))),
  'two messages': () => seen(...whole(
    message('created'), delta([piece('a')]), message('completed', [text('a')]),
    message('created', [], { id: 'msg_2' }), delta([piece('b')], { id: 'msg_2' }), message('completed', [text('b')], { id: 'msg_2' }),
  )),
  'two messages, the first of which does not end': () => seen(...whole(message('created'), delta([piece('a')]), message('created', [], { id: 'msg_2' }), delta([piece('b')], { id: 'msg_2' }), message('completed', [text('b')], { id: 'msg_2' }))),
  'a message that does not end': () => seen(...whole(message('created'), delta([piece('a')]))),
  'a message that ends otherwise than it grew': () => seen(...whole(message('created'), delta([piece('a')]), message('completed', [text('zzz')]))),
  'a function': () => seen(run('created'), step('created'), step('in_progress'), stepDelta([called(0, { name: 'f', arguments: '', output: null })]), stepDelta([more(0, { arguments: '{"a"' })]), stepDelta([more(0, { arguments: ':1}' })]), run('requires_action', { required_action: { type: 'submit_tool_outputs' } })),
  'two functions': () => seen(...whole(
    step('created'), stepDelta([called(0, { name: 'f', arguments: '' })]), stepDelta([more(0, { arguments: '1' })]), stepDelta([called(1, { name: 'g', arguments: '' })]), stepDelta([more(1, { arguments: '2' })]),
    step('completed', calls([called(0, { name: 'f', arguments: '1', output: 'o' }), called(1, { name: 'g', arguments: '2' })])),
  )),
  'two functions in one delta': () => seen(...whole(step('created'), stepDelta([called(0, { name: 'f', arguments: 'x' }), called(1, { name: 'g', arguments: 'y' })]), step('completed', calls([])))),
  'code': () => seen(...whole(
    step('created'), stepDelta([coded(0, '')]), stepDelta([coded(0, 'pri')]), stepDelta([{ index: 0, type: 'code_interpreter', code_interpreter: { input: 'nt()' } }]),
    stepDelta([{ index: 0, type: 'code_interpreter', code_interpreter: { outputs: [{ index: 0, type: 'logs', logs: 'a' }] } }]), stepDelta([{ index: 0, type: 'code_interpreter', code_interpreter: { outputs: [{ index: 0, type: 'logs', logs: 'b' }, { index: 1, type: 'image', image: { file_id: 'f' } }] } }]),
    step('completed', calls([coded(0, 'print()', [{ type: 'logs', logs: 'ab' }])])),
  )),
  'a search of files': () => seen(...whole(step('created'), stepDelta([{ index: 0, id: 'call_0', type: 'file_search', file_search: {} }]), step('completed', calls([{ id: 'call_0', type: 'file_search', file_search: { results: [] } }])))),
  'a step that makes a message': () => seen(...whole(
    step('created', { type: 'message_creation', step_details: { type: 'message_creation', message_creation: { message_id: 'msg_1' } } }), ...said(delta([piece('Hello there')])),
    step('completed', { type: 'message_creation', step_details: { type: 'message_creation', message_creation: { message_id: 'msg_1' } } }),
  )),
  'a delta of a step that makes a message': () => seen(...whole(step('created', { step_details: { type: 'message_creation', message_creation: {} } }), ['thread.run.step.delta', { id: 'step_1', delta: { step_details: { type: 'message_creation', message_creation: { message_id: 'm' } } } }], ['thread.run.step.delta', { id: 'step_1', delta: {} }], step('completed'))),
  ...Object.fromEntries(['failed', 'cancelled', 'expired'].map((status) => [`a step that is ${status}`, () => seen(...whole(step('created'), stepDelta([called(0, { name: 'f', arguments: 'x' })]), step(status, { last_error: { code: 'c' } })))])),
  'a step that is done at once': () => seen(...whole(step('completed', calls([called(0, { name: 'f' })])))),
  'a step that does not end': () => seen(...whole(step('created'), stepDelta([called(0, { name: 'f', arguments: 'x' })]))),
  'a delta before its step': () => seen(...whole(stepDelta([called(0, { name: 'f' })]))),
  ...Object.fromEntries(['in_progress', 'completed', 'failed', 'cancelled', 'expired', 'brand_new'].flatMap((status) => [
    [`a step ${status} before its creation`, () => seen(...whole(step(status)))],
    [`another step ${status}`, () => seen(...whole(step('created'), step(status, { id: 'step_9' })))],
  ])),
  'a delta of another step': () => seen(...whole(step('created'), stepDelta([], { id: 'step_9' }))),
  'the same step again': () => seen(...whole(step('created'), step('completed'), step('created'), step('completed'))),
  ...Object.fromEntries([-1, 1.5, '0', null, undefined, 100].map((index) => [`a call at ${index}`, () => seen(...whole(step('created'), stepDelta([{ ...called(0, { name: 'f' }), index }]), step('completed')))])),
  'calls that go back': () => seen(...whole(step('created'), stepDelta([called(0, { arguments: 'x' })]), stepDelta([called(1, { arguments: 'y' })]), stepDelta([more(0, { arguments: 'z' })]), step('completed'))),
  ...Object.fromEntries(['requires_action', 'cancelling', 'cancelled', 'failed', 'completed', 'incomplete', 'expired'].map((status) => [`a call and a run that is ${status}`, () => seen(run('created'), step('created'), stepDelta([called(0, { name: 'f' })]), run(status), run('completed'))])),
  'another run': () => seen(run('created'), run('in_progress', { id: 'run_9' }), run('completed')),
  'two steps': () => seen(...whole(step('created'), stepDelta([called(0, { name: 'f', arguments: 'x' })]), step('completed', calls([called(0, { name: 'f', arguments: 'x' })])), step('created', { id: 'step_2' }), stepDelta([called(0, { name: 'g', arguments: 'y' })], { id: 'step_2' }), step('completed', { id: 'step_2', ...calls([called(0, { name: 'g' })]) }))),
  'two steps, the first of which does not end': () => seen(...whole(step('created'), stepDelta([called(0, { name: 'f', arguments: 'x' })]), step('created', { id: 'step_2' }), stepDelta([called(0, { name: 'g', arguments: 'y' })], { id: 'step_2' }), step('completed', { id: 'step_2' }))),
  ...Object.fromEntries(['requires_action', 'cancelling', 'cancelled', 'failed', 'completed', 'incomplete', 'expired', 'brand_new'].map((status) => [`a run that is ${status}`, () => seen(run('created'), run(status))])),
  'a text and a run that fails': () => seen(run('created'), message('created'), delta([piece('a')]), run('failed', { last_error: { code: 'server_error', message: 'bad' } })),
  'two runs': () => seen(run('created'), run('completed'), run('created', { id: 'run_2' }), run('completed', { id: 'run_2' })),
  'no run': () => seen(message('created'), message('completed', [text('x')])),
  'nothing': () => seen(),
  'a run that does not end': () => seen(run('created'), run('in_progress')),
  'a new kind of event': () => seen(run('created'), ['thread.brand.new', { id: 'x' }], run('completed')),
  'an event that is not of threads': () => seen(run('created'), ['brand_new', { id: 'x' }], run('completed')),
  'an error': () => seen(run('created'), ['error', { error: { message: 'boom', code: 'c', type: 't' } }]),
  'an error that has no object': () => seen(run('created'), ['error', { message: 'boom', code: 'c' }]),
  'a status of 400': () => watch(starting(), [{ status: 400, json: { error: { message: 'bad', code: 'c' } } }]),
  'a request': () => watch(starting({ headers: { 'x-mine': '1', 'x-stainless-helper-method': 'own' }, query: { q: 'v' } }, { assistant_id: 'a', stream: true, include: ['step_details.tool_calls[*].file_search.results[*].content'], metadata: { a: 'b' } }), [{ events: whole() }]),
  'another stream option': () => watch(starting({}, { assistant_id: 'a', stream: false }), [{ events: whole() }]),
  'createAndStream': () => watch(() => client.beta.threads.runs.createAndStream('thread_1', { assistant_id: 'a' }, { headers: { 'x-mine': '2' } }), [{ events: whole(...said(delta([piece('Hello there')]))) }]),
  'createAndRunStream': () => watch(() => client.beta.threads.createAndRunStream({ assistant_id: 'a', thread: { messages: [] } }, { headers: { 'x-mine': '3' } }), [{ events: [['thread.created', { id: 'thread_1', object: 'thread' }], ...whole(...said(delta([piece('Hello there')])))] }]),
  'submitToolOutputsStream': () => watch(() => client.beta.threads.runs.submitToolOutputsStream('run_1', { thread_id: 'thread_1', tool_outputs: [{ tool_call_id: 'call_0', output: 'o' }] }, { headers: { 'x-mine': '4' } }), [{ events: whole(step('completed', calls([called(0, { name: 'f', output: 'o' })])), ...said(delta([piece('Hello there')]))) }]),
  'by its own maker': () => watch(() => AssistantStream.createAssistantStream('thread_1', client.beta.threads.runs, { assistant_id: 'a' }), [{ events: whole() }]),
  'by its own maker of threads': () => watch(() => AssistantStream.createThreadAssistantStream({ assistant_id: 'a' }, client.beta.threads, { headers: { 'x-mine': '5' } }), [{ events: whole() }]),
  'by its own maker of outputs': () => watch(() => AssistantStream.createToolAssistantStream('run_1', client.beta.threads.runs, { thread_id: 'thread_1', tool_outputs: [] }, undefined), [{ events: whole() }]),
  'iteration': () => watch(starting(), [{ events: whole(...said(delta([piece('Hello there')]))) }], async (stream) => {
    const events = [];
    for await (const event of stream) events.push(copy(event));
    return events;
  }),
  'iteration that changes what it gets': () => watch(starting(), [{ events: whole(...said(delta([piece('Hello')]), delta([piece(' there')]))) }], async (stream) => {
    for await (const { data } of stream) { data.id = 'changed'; if (data.delta) data.delta.content.length = 0; if (data.content) data.content = 5; }
  }),
  'a listener that changes what it gets': () => watch(starting(), [{ events: whole(message('created'), delta([piece('a')]), delta([piece('b')]), message('completed', [text('ab')])) }], (stream) => {
    stream.on('messageDelta', (change, snapshot) => { snapshot.extra = 1; change.content.length = 0; });
    stream.on('textDelta', (change, snapshot) => { snapshot.value += '!'; });
  }),
  'snapshots that are kept': () => watch(starting(), [{ events: whole(message('created'), delta([piece('a')]), delta([piece('b')]), message('completed', [text('ab')])) }], async (stream) => {
    const kept = [];
    stream.on('messageDelta', (_change, snapshot) => kept.push(snapshot));
    stream.on('messageCreated', (snapshot) => kept.push(snapshot));
    stream.on('messageDone', (snapshot) => kept.push(snapshot));
    stream.on('textDelta', (_change, snapshot) => kept.push(snapshot));
    stream.on('textDone', (snapshot, all) => kept.push(snapshot, all));
    await stream.done();
    return [copy(kept), kept.map((one) => kept.indexOf(one))];
  }),
  'snapshots of steps that are kept': () => watch(starting(), [{ events: whole(step('created'), stepDelta([called(0, { name: 'f', arguments: 'x' })]), stepDelta([more(0, { arguments: 'y' })]), step('completed', calls([called(0, { name: 'f', arguments: 'xy', output: 'o' })]))) }], async (stream) => {
    const kept = [];
    stream.on('runStepCreated', (one) => kept.push(one));
    stream.on('runStepDelta', (_change, one) => kept.push(one));
    stream.on('toolCallCreated', (one) => kept.push(one));
    stream.on('toolCallDelta', (_change, one) => kept.push(one));
    stream.on('toolCallDone', (one) => kept.push(one));
    stream.on('runStepDone', (one, all) => kept.push(one, all));
    await stream.done();
    return [copy(kept), kept.map((one) => kept.indexOf(one))];
  }),
  'iteration that is left': () => watch(starting(), [{ events: [run('created'), run('queued'), run('in_progress')], stalls: true }], async (stream) => {
    for await (const { event } of stream) if (event === 'thread.run.queued') break;
    return stream.controller.signal.aborted;
  }),
  'an abort': () => watch(starting(), [{ events: [run('created'), run('queued')], stalls: true }], (stream) => void stream.on('event', ({ event }) => void (event === 'thread.run.queued' && stream.abort()))),
  'an abort by a signal': () => { const stop = new AbortController(); return watch(starting({ signal: stop.signal }), [{ events: [run('created'), run('queued')], stalls: true }], (stream) => void stream.on('event', ({ event }) => void (event === 'thread.run.queued' && stop.abort(new Error('why'))))); },
  'an abort before': () => watch(starting({ signal: AbortSignal.abort(new Error('why')) }), [{ events: whole() }]),
  'a listener that throws': () => watch(starting(), [{ events: whole(...said(delta([piece('x')]))) }], (stream) => void stream.on('messageDelta', () => { throw new Error('mine'); })),
  'once and off': () => watch(starting(), [{ events: whole(...said(delta([piece('x')]), delta([piece('y')]))) }], async (stream) => {
    const got = [];
    const gone = () => got.push('gone');
    stream.once('textDelta', (change) => got.push(change)).on('textDelta', gone).off('textDelta', gone);
    got.push(await stream.emitted('messageCreated'), await stream.emitted('textDone'));
    return copy(got);
  }),
  'written': () => watch(starting(), [{ events: whole(...said(delta([piece('Hello there')]))) }], async (stream) => {
    let lines = '';
    const decoder = new TextDecoder();
    for await (const bytes of stream.toReadableStream()) lines += decoder.decode(bytes, { stream: true });
    return lines;
  }),
  'written and read': () => watch(() => AssistantStream.fromReadableStream(client.beta.threads.runs.stream('thread_1', { assistant_id: 'a' }).toReadableStream()), [{ events: whole(step('created'), stepDelta([called(0, { name: 'f', arguments: 'x' })]), step('completed', calls([called(0, { name: 'f' })])), ...said(delta([piece('Hello there')]))) }]),
  'read of nothing': () => watch(() => AssistantStream.fromReadableStream(new Response('').body), []),
  'read of no JSON': () => watch(() => AssistantStream.fromReadableStream(new Response('{"event":').body), []),
  'read of strange lines': () => watch(() => AssistantStream.fromReadableStream(new Response('{"event":"thread.run.created","data":{"id":"r"}}\n\n{"event":"other"}\n').body), []),
  'the end before it began': () => watch(starting(), [{ events: whole() }], (stream) => stream.finalRun().then(copy)),
  ...Object.fromEntries(
    [
      [{}, { a: 1 }], [{ a: 'x' }, { a: 'y' }], [{ a: 1 }, { a: 2 }], [{ a: null }, { a: 'x' }], [{ a: 'x' }, { a: null }], [{ a: undefined }, { a: { b: 1 } }], [{ a: { b: 'x' } }, { a: { b: 'y', c: 1 } }], [{ index: 1 }, { index: 2 }], [{ type: 'a' }, { type: 'b' }],
      [{ id: 'a' }, { id: 'b' }], [{ a: ['x'] }, { a: ['y'] }], [{ a: [1] }, { a: [2] }], [{ a: [] }, { a: [{ index: 0, b: 'x' }] }], [{ a: [{ index: 0, b: 'x' }] }, { a: [{ index: 0, b: 'y' }, { index: 1, b: 'z' }] }], [{ a: [{ b: 1 }] }, { a: [{ b: 1 }] }], [{ a: [{ b: 1 }] }, { a: [{ index: '0', b: 1 }] }],
      [{ a: [{ b: 1 }] }, { a: ['x'] }], [{ a: ['x'] }, { a: [{ index: 0, b: 1 }] }], [{ a: true }, { a: false }], [{ a: 'x' }, { a: 1 }], [{ a: { b: 1 } }, { a: 'x' }], [{ a: 'x' }, { a: { b: 1 } }], [{ a: [] }, { a: [{ index: 3, b: 1 }] }], [{ a: [{ index: 0, b: 1 }] }, { a: [null] }], [{ a: [{}] }, { a: [] }], [{ a: {} }, { a: [] }],
      [{ a: [{ index: 0, b: 1 }] }, { a: [{ index: -1, b: 1 }] }], [{ a: [{ index: 0, b: 1 }] }, { a: [{ index: 1.5, b: 1 }] }], [{}, { b: undefined }], [{ a: [] }, { a: [1] }], [{ a: [] }, { a: ['x'] }], [{ a: [1] }, { a: [] }], [{ a: [1, 'x'] }, { a: ['y', 2] }], [{ a: [true] }, { a: [true] }], [{ a: [null] }, { a: [null] }], [{ a: [] }, { a: [{ index: 2 ** 32, b: 1 }] }], [{ a: [] }, { a: [{ index: 1e6, b: 1 }] }], [{ a: [] }, { a: [[1]] }], [{ a: 1 }, { a: null }], [{ index: null }, { index: 1 }], [{ type: 'a' }, { type: undefined }], [JSON.parse('{"__proto__":{"x":1}}'), JSON.parse('{"__proto__":{"x":1}}')], [{}, { toString: 'x' }], [{ a: [{ index: 0, b: 1 }] }, { a: [{ b: 1, index: null }] }], [{ a: 5 }, { a: undefined }],
    ].map(([acc, change]) => [`the sum of ${JSON.stringify(acc)} and ${JSON.stringify(change)}`, () => accumulated(acc, change)]),
  ),
};

const chosen = process.argv[4];
const outcomes = {};
for (const [name, scenario] of Object.entries(SCENARIOS)) {
  if (chosen && !name.startsWith(chosen)) continue;
  const late = new Promise((resolve) => setTimeout(resolve, 60_000, { late: true }).unref());
  outcomes[name] = JSON.parse(JSON.stringify((await Promise.race([scenario(), late])) ?? null));
}
process.stdout.write(JSON.stringify(outcomes), () => process.exit());
