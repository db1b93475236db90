// Runs the helpers of the Responses API of one package against a server of its own and prints what happened, as data.
//
// node response-stream-subject.mjs <folder of the package>

import http from 'node:http';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [folder, extension] = process.argv.slice(2);
const load = (path) => import(pathToFileURL(join(folder, path + extension)).href);
const { default: OpenAI } = await load('index');
const { makeParseableTextFormat } = await load('lib/parser');
const { makeParseableResponseTool } = await load('lib/ResponsesParser');
const { ResponseStream } = await load('lib/responses/ResponseStream');

const RESPONSE = { id: 'resp_1', object: 'response', status: 'in_progress', output: [] };
const MESSAGE = { type: 'message', id: 'm', role: 'assistant', status: 'in_progress', content: [] };
const TEXT = { type: 'output_text', text: '', annotations: [] };

/** Numbers events and gives them their type. */
function numbered() {
  let number = 0;
  return (name, rest) => ({ type: `response.${name}`, sequence_number: number++, ...rest });
}

/** The events of a response that says `text`, four characters at a time. */
function story(text, { status = 'completed', phase } = {}) {
  const event = numbered();
  const place = { output_index: 0, content_index: 0, item_id: 'm' };
  const own = phase ? { phase } : {};
  const item = { ...MESSAGE, status: 'completed', content: [{ ...TEXT, text }], ...own };
  const more = {
    incomplete: { incomplete_details: { reason: 'max_output_tokens' } },
    failed: { error: { code: 'server_error', message: 'bad' } },
  };
  return [
    event('created', { response: RESPONSE }),
    event('in_progress', { response: RESPONSE }),
    event('output_item.added', { output_index: 0, item: { ...MESSAGE, ...own } }),
    event('content_part.added', { ...place, part: TEXT }),
    ...(text.match(/.{1,4}/g) ?? []).map((delta) => event('output_text.delta', { ...place, delta, logprobs: [] })),
    event('output_text.done', { ...place, text, logprobs: [] }),
    event('content_part.done', { ...place, part: { ...TEXT, text } }),
    event('output_item.done', { output_index: 0, item }),
    event(status, { response: { ...RESPONSE, status, output: [item], ...more[status] } }),
  ];
}

/** The events of a response that calls a function. */
function call(args, name = 'get') {
  const event = numbered();
  const item = { type: 'function_call', id: 'f', call_id: 'c', name, arguments: '' };
  const whole = { ...item, arguments: args, status: 'completed' };
  return [
    event('created', { response: RESPONSE }),
    event('output_item.added', { output_index: 0, item }),
    ...args.match(/.{1,3}/g).map((delta) => event('function_call_arguments.delta', { output_index: 0, item_id: 'f', delta })),
    event('function_call_arguments.done', { output_index: 0, item_id: 'f', arguments: args, name }),
    event('output_item.done', { output_index: 0, item: whole }),
    event('completed', { response: { ...RESPONSE, status: 'completed', output: [whole] } }),
  ];
}

/** The events of a response that refuses. */
function refusal() {
  const event = numbered();
  const place = { output_index: 0, content_index: 0, item_id: 'm' };
  const part = { type: 'refusal', refusal: 'I cannot' };
  const item = { ...MESSAGE, status: 'completed', content: [part] };
  return [
    event('created', { response: RESPONSE }),
    event('output_item.added', { output_index: 0, item: MESSAGE }),
    event('content_part.added', { ...place, part: { type: 'refusal', refusal: '' } }),
    event('refusal.delta', { ...place, delta: 'I cannot' }),
    event('refusal.done', { ...place, refusal: 'I cannot' }),
    event('content_part.done', { ...place, part }),
    event('output_item.done', { output_index: 0, item }),
    event('completed', { response: { ...RESPONSE, status: 'completed', output: [item] } }),
  ];
}

const SCHEMA = { type: 'object', properties: { a: { type: 'number' } }, required: ['a'], additionalProperties: false };
const format = (parser = (text) => ({ parsed: JSON.parse(text) })) =>
  makeParseableTextFormat({ type: 'json_schema', name: 'F', strict: true, schema: SCHEMA }, parser);
const tool = () =>
  makeParseableResponseTool(
    { type: 'function', name: 'get', strict: true, parameters: { type: 'object', properties: {} } },
    { parser: (text) => ({ parsed: JSON.parse(text) }), callback: undefined },
  );

let script = [];
let requests = [];
const server = http.createServer((request, response) => {
  let body = '';
  request.on('data', (piece) => (body += piece));
  request.on('end', () => {
    const { method, url, headers } = request;
    const own = { helper: headers['x-stainless-helper-method'], mine: headers['x-mine'] };
    requests.push({ method, url, body: body && JSON.parse(body), ...own });
    const step = script.shift() ?? { status: 500, json: { error: { message: 'nothing is scripted' } } };
    if (step.json) {
      response.writeHead(step.status ?? 200, { 'content-type': 'application/json', 'x-request-id': 'req_9' });
      response.end(JSON.stringify(step.json));
      return;
    }
    response.writeHead(200, { 'content-type': 'text/event-stream', 'x-request-id': 'req_9' });
    for (const event of step.events) {
      response.write(typeof event === 'string' ? event : `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
    }
    if (step.cut) setTimeout(() => response.destroy(), 30);
    else if (!step.stalls) response.end(step.marked ? 'data: [DONE]\n\n' : '');
  });
});
await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
const baseURL = `http://127.0.0.1:${server.address().port}/v1`;
const client = new OpenAI({ apiKey: 'key', baseURL, maxRetries: 0, logLevel: 'off' });

const LIFE = ['connect', 'event', 'abort', 'error', 'end', 'keepalive'];
const TYPES = [...story(''), ...story('', { status: 'failed' }), ...story('', { status: 'incomplete' }), ...call('{}'), ...refusal()];
const NAMES = new Set([...LIFE, 'response.output_text.delta', ...TYPES.map(({ type }) => type)]);

function told(value) {
  if (!(value instanceof Error)) return value ?? null;
  const { name, message, status, code, param, type, requestID, error } = value;
  const cause = value.cause && String(value.cause.message ?? value.cause);
  return { class: value.constructor.name, name, message, status, code, param, type, requestID, error, cause };
}

const asData = (value) => JSON.parse(JSON.stringify(value ?? null));

/** How the properties of an object are made: what a getter makes is told from what is stored. */
function properties(value) {
  return Object.entries(Object.getOwnPropertyDescriptors(value ?? {})).map(
    ([name, { get, enumerable }]) => `${name}${get ? ' (getter)' : ''}${enumerable ? '' : ' (hidden)'}`,
  );
}

/** Everything that a stream tells. */
async function run(make, exchanges = [], act = undefined) {
  script = exchanges;
  requests = [];
  const log = [];
  const outcome = { log };
  let stream;
  try {
    stream = make();
  } catch (error) {
    return { thrown: told(error) };
  }
  for (const name of NAMES) stream.on(name, (...values) => log.push([name, ...values.map((value) => asData(told(value)))]));
  try {
    await act?.(stream, outcome);
  } catch (error) {
    outcome.acted = told(error);
  }
  try {
    const final = await stream.finalResponse();
    outcome.final = asData(final);
    outcome.properties = [properties(final), properties(final.output[0]?.content?.[0])];
    outcome.isSame = final === (await stream.finalResponse());
  } catch (error) {
    outcome.failed = told(error);
  }
  outcome.done = await stream.done().then(() => true, told);
  outcome.flags = [stream.ended, stream.errored, stream.aborted];
  outcome.requests = requests;
  return outcome;
}

/** The outcome of a call that gives one answer. */
async function once(make, exchanges) {
  script = exchanges;
  requests = [];
  try {
    const answer = await make();
    return { answer: asData(answer), properties: properties(answer), id: answer._request_id, requests };
  } catch (error) {
    return { failed: told(error), requests };
  }
}

const asked = (body = {}, options = undefined) => () => client.responses.stream({ model: 'm', input: 'hi', ...body }, options);
const parsed = (body = {}, options = undefined) => () => client.responses.parse({ model: 'm', input: 'hi', ...body }, options);
const again = (body, options = undefined) => () => client.responses.stream({ response_id: 'resp_1', ...body }, options);
const started = story('hello world').slice(0, 7);
const refused = { type: 'error', message: 'boom', code: 'c', param: 'p', sequence_number: 1 };
const whole = (text, rest = {}) => ({ json: { ...story(text).at(-1).response, ...rest } });
const lines = (events) => () =>
  new ReadableStream({
    start(sink) {
      for (const event of events) sink.enqueue(new TextEncoder().encode(`${typeof event === 'string' ? event : JSON.stringify(event)}\n`));
      sink.close();
    },
  });
const items = (stream, outcome) => collect(stream, (outcome.items = []));
async function collect(stream, list) {
  for await (const item of stream) list.push(asData(item));
}

const SCENARIOS = {
  'plain text': () => run(asked(), [{ events: story('hello world') }]),
  'plain text that ends with the mark': () => run(asked(), [{ events: story('hello world'), marked: true }]),
  'a parsed text': () => run(asked({ text: { format: format() } }), [{ events: story('{"a":1}') }], items),
  'a parsed text of a bare schema': () => run(asked({ text: { format: { type: 'json_schema', name: 'F', schema: {} } } }), [{ events: story('{"a":1}') }]),
  'a text of a bare schema that is no JSON': () => run(asked({ text: { format: { type: 'json_schema', name: 'F', schema: {} } } }), [{ events: story('{"a":') }]),
  'a text that does not parse': () => run(asked({ text: { format: format() } }), [{ events: story('{"a":') }]),
  'a parser that throws': () =>
    run(asked({ text: { format: format(() => { throw new RangeError('parser'); }) } }), [{ events: story('{"a":1}') }]),
  'an incomplete response': () => run(asked({ text: { format: format() } }), [{ events: story('{"a":', { status: 'incomplete' }) }]),
  'a failed response': () => run(asked({ text: { format: format() } }), [{ events: story('{"a":1}', { status: 'failed' }) }]),
  'a comment on the way': () => run(asked({ text: { format: format() } }), [{ events: story('{"a":1}', { phase: 'commentary' }) }]),
  'the final answer': () => run(asked({ text: { format: format() } }), [{ events: story('{"a":1}', { phase: 'final_answer' }) }]),
  'a format of the caller alone': () => run(asked({}, { parseAs: format(), headers: { 'x-mine': '1' } }), [{ events: story('{"a":1}') }]),
  'no parsing for the caller': () => run(asked({ text: { format: format() } }, { parseAs: null }), [{ events: story('{"a":1}') }]),
  'a format that the history sets': () =>
    run(asked({ input: [{ type: 'configuration_update', text: { format: format() } }] }), [{ events: story('{"a":1}') }]),
  'a format that the history takes back': () =>
    run(asked({ text: { format: format() }, input: [{ type: 'configuration_update', text: { format: { type: 'text' } } }] }), [{ events: story('{"a":1}') }]),
  'a body of the options': () => run(asked({}, { body: { model: 'x', stream: true, text: { format: format() } } }), [{ events: story('{"a":1}') }]),
  'a stream that ends early in order': () => run(asked({ text: { format: format() } }), [{ events: story('{"a":1}').slice(0, 6) }]),
  'no events': () => run(asked(), [{ events: [] }]),
  'a keepalive first': () => run(asked(), [{ events: [{ type: 'keepalive', sequence_number: 0 }] }]),
  'a keepalive': () => run(asked(), [{ events: [story('x')[0], { type: 'keepalive', sequence_number: 1 }, ...story('x').slice(1)] }]),
  'an unknown event': () => run(asked(), [{ events: [story('x')[0], { type: 'response.future.delta', delta: 'secret' }, ...story('x').slice(1)] }]),
  'a missing item': () => run(asked(), [{ events: [story('x')[0], ...story('x').slice(3)] }]),
  'another first event': () => run(asked(), [{ events: story('x').slice(1) }]),
  'an error event': () => run(asked(), [{ events: [story('x')[0], refused] }], items),
  'an error event first': () => run(asked(), [{ events: [refused] }]),
  'an error in an event': () => run(asked(), [{ events: [story('x')[0], { type: 'error', error: { message: 'boom', code: 'c' } }] }]),
  'a status of 500': () => run(asked(), [{ status: 500, json: { error: { message: 'nope', code: 'x' } } }]),
  'a status of 401': () => run(asked(), [{ status: 401, json: { error: { message: 'nope', code: 'x' } } }], (stream) => stream.emitted('response.completed')),
  'data that is no JSON': () => run(asked(), [{ events: ['data: {"type":\n\n'] }]),
  'stream: true': () => run(asked({ stream: true }), [{ events: story('x') }]),
  'a response by its id': () => run(again({}), [{ events: story('hello') }], items),
  'a response by its id, parsed': () =>
    run(again({ starting_after: 0, text: { format: format() } }, { headers: { 'x-mine': '2' } }), [{ events: story('{"a":1}') }]),
  'a response from an event on': () => run(again({ starting_after: 4 }), [{ events: story('hello world') }], items),
  'a response from behind its end': () => run(again({ starting_after: 400 }), [{ events: story('hello world') }]),
  'a response by an odd id': () => run(again({ response_id: 'resp/1', include: ['a'], model: 'm' }), [{ events: story('x') }]),
  'abort in a loop': () =>
    run(asked(), [{ events: started, stalls: true }], async (stream) => {
      for await (const { type } of stream) if (type === 'response.output_text.delta') stream.abort();
    }),
  'abort by the controller': () =>
    run(asked(), [{ events: started, stalls: true }], (stream) => void stream.on('response.output_text.delta', () => stream.controller.abort())),
  'abort by the signal': () => {
    const own = new AbortController();
    return run(asked({}, { signal: own.signal }), [{ events: started, stalls: true }], (stream) =>
      void stream.on('response.output_text.delta', () => own.abort(new Error('why'))),
    );
  },
  'abort before the start': () => run(asked(), [{ events: story('x') }], (stream) => stream.abort()),
  'a signal that is aborted': () => run(asked({}, { signal: AbortSignal.abort(new Error('early')) }), [{ events: story('x') }]),
  'a loop that is left': () =>
    run(asked(), [{ events: started, stalls: true }], async (stream) => {
      for await (const item of stream) return item;
      return undefined;
    }),
  'a loop that is left, with nobody else': async () => {
    script = [{ events: started, stalls: true }];
    for await (const { type } of asked()()) {
      await new Promise((settled) => setTimeout(settled, 50));
      return { type, unhandled };
    }
    return undefined;
  },
  'a loop that throws, with nobody else': async () => {
    script = [{ events: [refused] }];
    const items = await collect(asked()(), []).catch(told);
    await new Promise((settled) => setTimeout(settled, 50));
    return { items, unhandled };
  },
  'a connection that breaks': () => run(asked(), [{ events: started, cut: true }]),
  'two loops and a late one': () =>
    run(asked(), [{ events: story('ab') }], async (stream, outcome) => {
      outcome.items = [];
      await Promise.all([collect(stream, outcome.items), collect(stream, outcome.items)]);
      await collect(stream, outcome.items);
    }),
  'a listener that throws': () =>
    run(asked(), [{ events: story('ab') }], (stream) =>
      void stream.on('response.output_text.delta', () => { throw new Error('mine'); }),
    ),
  'a listener that changes events': () =>
    run(asked({ text: { format: format() } }), [{ events: story('{"a":1}') }], (stream) =>
      void stream.on('event', (event) => {
        if (event.delta) event.delta = 'ZZ';
        if (event.item) event.item.type = 'changed';
        if (event.response) event.response.output = null;
      }),
    ),
  'waiting for an event': () =>
    run(asked(), [{ events: story('ab') }], async (stream, outcome) => {
      outcome.emitted = asData(await stream.emitted('response.completed'));
    }),
  'a function': () => run(asked({ tools: [tool()] }), [{ events: call('{"x":1}') }], items),
  'a strict function without a parser': () => run(asked({ tools: [{ type: 'function', name: 'get', strict: true, parameters: {} }] }), [{ events: call('{"x":1}') }]),
  'a function that is not strict': () => run(asked({ tools: [{ type: 'function', name: 'get', strict: false, parameters: {} }] }), [{ events: call('{"x":1}') }]),
  'a function that nobody offered': () => run(asked({ tools: [tool()] }), [{ events: call('{"x":1}', 'other') }]),
  'arguments that do not parse': () => run(asked({ tools: [tool()] }), [{ events: call('{"x":') }]),
  'a refusal': () => run(asked({ text: { format: format() } }), [{ events: refusal() }], items),
  'lines of JSON': () => run(() => ResponseStream.fromReadableStream(lines(story('hello'))()), [], items),
  'lines that are no JSON': () => run(() => ResponseStream.fromReadableStream(lines(['nope'])())),

  'parse: a text': () => once(parsed({ text: { format: format() } }), [whole('{"a":1}')]),
  'parse: a bare schema': () => once(parsed({ text: { format: { type: 'json_schema', name: 'F', schema: {} } } }), [whole('{"a":1}')]),
  'parse: no format': () => once(parsed(), [whole('hello')]),
  'parse: no JSON': () => once(parsed({ text: { format: format() } }), [whole('{"a":')]),
  'parse: incomplete': () => once(parsed({ text: { format: format() } }), [whole('{"a":', { status: 'incomplete' })]),
  'parse: a format of the caller': () => once(parsed({}, { parseAs: format(), headers: { 'x-mine': '1' } }), [whole('{"a":1}')]),
  'parse: not for the caller': () => once(parsed({ text: { format: format() } }, { parseAs: null }), [whole('{"a":1}')]),
  'parse: a function': () => once(parsed({ tools: [tool()] }), [{ json: call('{"x":1}').at(-1).response }]),
  'parse: a refusal': () => once(parsed({ text: { format: format() } }), [{ json: refusal().at(-1).response }]),
  'parse: a status of 400': () => once(parsed(), [{ status: 400, json: { error: { message: 'nope' } } }]),
  'parse: the raw response': () => once(async () => ({ status: (await parsed()().asResponse()).status }), [whole('x')]),
  'parse: with its response': () => once(async () => { const { data, request_id } = await parsed({ text: { format: format() } })().withResponse(); return { ...data, request_id }; }, [whole('{"a":1}')]),
};

const unhandled = [];
process.on('unhandledRejection', (error) => unhandled.push(told(error)));
const outcomes = {};
for (const [name, scenario] of Object.entries(SCENARIOS)) {
  const late = new Promise((resolve) => setTimeout(resolve, 60_000, { late: true }).unref());
  outcomes[name] = await Promise.race([scenario(), late]);
}
process.stdout.write(JSON.stringify(outcomes), () => process.exit());
