// What the programs share that run tool runners of one package against a server of their own and print what happened.
//
// Such a program is called with the folder of the package and the extension of its modules.

import http from 'node:http';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [folder, extension] = process.argv.slice(2);
export const load = (path) => import(pathToFileURL(join(folder, path + extension)).href);
const { default: OpenAI } = await load('index');
export const { ResponsesToolRunner, ResponsesToolRunnerError, runnerFunction } = await load('helpers/responses-tool-runner');

let script = [];
let requests = [];
const server = http.createServer((request, response) => {
  let text = '';
  request.on('data', (piece) => (text += piece));
  request.on('end', async () => {
    const { method, url, headers } = request;
    const body = text && JSON.parse(text);
    requests.push({ method, url, body, mine: headers['x-mine'], retries: headers['x-stainless-retry-count'] });
    const next = script.shift() ?? { status: 500, json: { error: { message: 'nothing is scripted' } } };
    const step = typeof next === 'function' ? await next(body) : next;
    if (step.silent) return;
    if (step.json) {
      response.writeHead(step.status ?? 200, { 'content-type': 'application/json', 'x-request-id': 'req_9' });
      response.end(JSON.stringify(step.json));
      return;
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const event of step.events) response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
    if (!step.stalls) response.end();
  });
});
await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
const baseURL = `http://127.0.0.1:${server.address().port}/v1`;
export const client = new OpenAI({ apiKey: 'key', baseURL, maxRetries: 0, logLevel: 'off' });

const USAGE = { input_tokens: 1, output_tokens: 2, total_tokens: 3 };
let made = 0;
export const answer = (output, rest = {}) => ({
  id: `resp_${++made}`, object: 'response', created_at: 1, status: 'completed', model: 'm', output, usage: USAGE, ...rest,
});
export const whole = (output, rest) => ({ json: answer(output, rest) });
export const call = (call_id, name, args = {}, rest = {}) => ({
  type: 'function_call', id: `fc_${call_id}`, call_id, name,
  arguments: typeof args === 'string' ? args : JSON.stringify(args), status: 'completed', ...rest,
});
export const message = (text, rest = {}) => ({
  type: 'message', id: `msg_${text}`, role: 'assistant', status: 'completed',
  content: [{ type: 'output_text', text, annotations: [], logprobs: [] }], ...rest,
});
export const twice = () => [whole([call('c1', 'a'), call('c2', 'b', { x: 1 })]), whole([message('bye')])];

/** The events of an answer. */
export function streamed(response, rest = {}) {
  let number = 0;
  const event = (name, fields) => ({ type: `response.${name}`, sequence_number: number++, ...fields });
  const events = [event('created', { response: { ...response, status: 'in_progress', output: [], usage: null } })];
  for (const [output_index, item] of response.output.entries()) {
    const place = { output_index, item_id: item.id };
    const bare = item.type === 'function_call' ? { arguments: '' } : item.content ? { content: [] } : {};
    events.push(event('output_item.added', { output_index, item: { ...item, ...bare, status: 'in_progress' } }));
    if (item.type === 'function_call') {
      events.push(event('function_call_arguments.delta', { ...place, delta: item.arguments }));
      events.push(event('function_call_arguments.done', { ...place, arguments: item.arguments, name: item.name }));
    }
    for (const [content_index, part] of (item.content ?? []).entries()) {
      const here = { ...place, content_index };
      events.push(event('content_part.added', { ...here, part: { ...part, text: '' } }));
      events.push(event('output_text.delta', { ...here, delta: part.text, logprobs: [] }));
      events.push(event('output_text.done', { ...here, text: part.text, logprobs: [] }));
      events.push(event('content_part.done', { ...here, part }));
    }
    events.push(event('output_item.done', { output_index, item }));
  }
  events.push(event(response.status, { response }));
  return { events, ...rest };
}
export const streams = (...answers) => answers.map((each) => streamed(each));

export const declared = (name) => ({ type: 'function', name, strict: true, parameters: { type: 'object', properties: {}, additionalProperties: false } });
export const own = (outcome, name, work, rest = {}) => ({
  tool: declared(name),
  execute: async (args, options) => {
    outcome.calls.push([name, args, Boolean(options?.signal)]);
    return work ? work(args) : `done ${name}`;
  },
  ...rest,
});
export const both = (work, rest) => (outcome) => ({ functions: [own(outcome, 'a', work, rest), own(outcome, 'b')] });

export function told(error) {
  if (!(error instanceof Error)) return error;
  const { name, message, attemptedCallIds, completedCallIds } = error;
  return { class: error.constructor.name, name, message, attemptedCallIds, completedCallIds, keys: Object.keys(error) };
}

export const PARAMS = { model: 'm', input: 'go' };

/** Answers requests with the given exchanges from now on. @returns The requests, as they come. */
export function serve(exchanges) {
  script = exchanges;
  requests = [];
  made = 0;
  return requests;
}

/** Everything that one run tells; `act` uses the runner in another way than `run`. */
export async function run(registered, exchanges, { params = PARAMS, options = {}, act } = {}) {
  serve(exchanges);
  const outcome = { calls: [], reports: [] };
  const chosen = typeof options === 'function' ? options(outcome) : options;
  const all = {
    onDiagnostic: ({ duration_ms, usage, ...rest }) => outcome.reports.push({ ...rest, timed: duration_ms >= 0, total: usage?.total_tokens }),
    ...chosen,
  };
  let runner;
  try {
    runner = new ResponsesToolRunner(registered(outcome));
    outcome.result = await (act ? act(runner, all, outcome) : runner.run(client, params, all));
  } catch (error) {
    outcome.failed = told(error);
  }
  outcome.requests = requests;
  outcome.closed = runner?.close();
  outcome.afterwards = await runner?.run(client, params).then(() => 'ran', (error) => error.message);
  return JSON.parse(JSON.stringify(outcome));
}

/** Iterates, and lets `use` have each turn. */
export const iterating = (use, params = PARAMS) => async (runner, options, outcome) => {
  outcome.turns = [];
  for await (const turn of runner.iterate(client, params, options)) {
    const { response, supplyOutputs, appendUserText, ...facts } = turn;
    outcome.turns.push({ id: response.id, ...facts, calls: outcome.calls.length });
    await use?.(turn, outcome);
  }
};
export const tried = (work) => { try { work(); return 'fine'; } catch (error) { return `${error.constructor.name}: ${error.message}`; } };
export const output = (call_id, value, rest = {}) => ({ type: 'function_call_output', call_id, output: value, ...rest });

/** Runs every scenario, one after the other, and prints what they told. */
export async function print(scenarios) {
  const outcomes = {};
  for (const [name, scenario] of Object.entries(scenarios)) {
    const late = new Promise((resolve) => setTimeout(resolve, 60_000, { late: true }).unref());
    outcomes[name] = JSON.parse(JSON.stringify((await Promise.race([scenario(), late])) ?? null));
  }
  process.stdout.write(JSON.stringify(outcomes), () => process.exit());
}
