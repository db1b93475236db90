// What the programs share that run sessions of agents of one package against a server of their own and print what happened.
//
// Such a program is called with the folder of the package and the extension of its modules.

import http from 'node:http';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

export const [folder, extension] = process.argv.slice(2);
export const load = (path) => import(pathToFileURL(join(folder, path + extension)).href);
export const { default: OpenAI } = await load('index');

let script = {};
let log = [];
let keys = new Map();
/** Resolves when the connection of the events shall break. */
let broken;
export let breakOff;
/** Resolves when the connection of the events is closed. */
export let closed;

/** Keys that a package makes up are compared by which are the same. */
function keyed(key) {
  if (key === undefined || !/stainless|[0-9a-f]{8}-/.test(key)) return key;
  if (!keys.has(key)) keys.set(key, `key ${keys.size + 1}`);
  return keys.get(key);
}

const next = (steps) => (Array.isArray(steps) ? steps.shift() : steps);
const asEvents = (found) => (Array.isArray(found) ? { events: found } : found);

/** What the script has for a request. */
function stepOf(method, url, body) {
  if (method === 'GET') return /\/events(\?|$)/.test(url) ? asEvents(script.events) : (script.session ?? { json: session() });
  if (script.results && body.events?.[0].type.endsWith('tool_result')) return next(script.results);
  if (/\/events$/.test(url)) return next(script.inputs) ?? { status: 204 };
  return asEvents(script.creation ?? [{ type: 'agent.session.created', event_id: 'first', session: session('in_progress') }, ...script.events]);
}

const server = http.createServer((request, response) => {
  let text = '';
  request.on('data', (piece) => (text += piece));
  request.on('end', () => {
    const { method, url, headers } = request;
    const { 'openai-beta': beta, 'x-mine': mine, accept, 'x-stainless-helper-method': helper, 'x-stainless-retry-count': retries } = headers;
    const key = keyed(headers['idempotency-key']);
    const body = text && JSON.parse(text);
    log.push(['request', method, url, JSON.parse(JSON.stringify({ body, beta, mine, accept, helper, retries, key }))]);
    const found = stepOf(method, url, body);
    const step = typeof found === 'function' ? found() : found;
    if (step.silent) return;
    if (step.cut) { request.socket.destroy(); return; }
    if (!step.events) {
      response.writeHead(step.status ?? 200, { 'content-type': 'application/json', ...step.headers });
      response.end(step.json === undefined ? undefined : JSON.stringify(step.json));
      return;
    }
    closed = new Promise((resolve) => { response.on('close', resolve); });
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.flushHeaders();
    let number = 0;
    for (const event of step.events) {
      if (event === 'stall') return;
      if (event === 'break') { response.write('data: {"type":'); broken.then(() => request.socket.destroy()); return; }
      if (event.text) { response.write(event.text); continue; }
      response.write(`event: ${event.type}\ndata: ${JSON.stringify({ event_id: `e${number++}`, ...event })}\n\n`);
    }
    response.end();
  });
});
await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
export const client = new OpenAI({ apiKey: 'key', baseURL: `http://127.0.0.1:${server.address().port}/v1`, maxRetries: 0, logLevel: 'off' });
export const { sessions } = client.beta.agents;

export const session = (status = 'idle', rest = {}) => ({ id: 'session_test', object: 'agent.session', status, required_actions: [], ...rest });
export const turn = (kind, id = 'turn_root', rest = {}) => ({
  type: `agent.session.turn.${kind}`, session_id: 'session_test', turn_id: id,
  turn: { id, object: 'agent.session.turn', session_id: 'session_test', status: kind === 'created' ? 'in_progress' : kind, subagent_id: null, ...rest },
});
export const idle = (rest) => ({ type: 'agent.session.idle', session: session('idle', rest) });
export const call = (args = '{"query":"test"}', rest = {}, event = {}) => ({
  type: 'agent.session.turn.item.added', session_id: 'session_test', turn_id: 'turn_root', output_index: 0, ...event,
  item: { id: 'item_test', type: 'function_call', name: 'search', call_id: 'call_test', arguments: args, status: 'in_progress', turn_id: 'turn_root', ...rest },
});
export const message = (text = 'answer', rest = {}, event = {}) => ({
  type: 'agent.session.turn.item.done', session_id: 'session_test', turn_id: rest.turn_id ?? 'turn_root', output_index: 0, ...event,
  item: {
    id: 'message_a', turn_id: 'turn_root', type: 'message', role: 'assistant', phase: 'final_answer', status: 'completed',
    content: [{ type: 'output_text', text, annotations: [] }], ...rest,
  },
});
export const action = (rest = {}) => ({ type: 'function_call', turn_id: 'turn_root', call_id: 'call_test', name: 'search', arguments: { query: 'test' }, ...rest });
export const asks = (...actions) => ({ type: 'agent.session.requires_action', session: session('requires_action', { required_actions: actions }) });
export const delta = (text, rest = {}) => ({
  type: 'agent.session.turn.output_text.delta', session_id: 'session_test', turn_id: 'turn_root', item_id: 'message_a', output_index: 0, content_index: 0, delta: text, ...rest,
});
export const rejected = (said, status = 400, code = 'invalid_request_error') => ({ status, json: { error: { message: said, code } } });
export const turned = (...events) => [turn('created'), ...events, turn('completed'), idle()];

export function told(error) {
  if (!(error instanceof Error)) return { thrown: copy(error) };
  const { name, message: said, status, code, cause, reason, session_id, turn_id, turn: of, messages, required_actions } = error;
  const own = reason === undefined ? {} : { reason, session_id, turn_id, turn: of, messages, required_actions };
  const raw = 'raw_result' in error ? { raw: result(error.raw_result) } : {};
  return copy({ class: error.constructor.name, name, message: said, status, code, cause: cause instanceof Error ? told(cause) : cause, own: Object.keys(error), ...own, ...raw });
}
export const copy = (value) => (value === undefined ? 'undefined' : value instanceof Error ? told(value) : JSON.parse(JSON.stringify(value)));

/** A result with what its getters give. */
export function result(value) {
  if (typeof value !== 'object' || value === null) return copy(value);
  const { session_id, turn_id, output_text, output_parsed, raw_result } = value;
  return copy({ class: value.constructor.name, ...value, session_id, turn_id, output_text, output_parsed, raw: raw_result && result(raw_result) });
}
export const settled = (promise) => Promise.resolve(promise).then(result, told);
export const attempt = (act) => { try { return result(act()); } catch (error) { return told(error); } };

/** Notes something in the order in which it happens. */
export const note = (...things) => log.push(things.map(copy));

/** Everything that happens while `act` runs. */
export async function watch(given, act) {
  script = { ...given };
  if (Array.isArray(script.inputs)) script.inputs = [...script.inputs];
  log = [];
  keys = new Map();
  broken = new Promise((resolve) => { breakOff = resolve; });
  const outcome = { log };
  try {
    outcome.gave = copy(await act());
  } catch (error) {
    outcome.thrown = told(error);
  }
  return outcome;
}

/** Reads events, each of which is noted; `each` may do something with one, or end the loop by `true`. */
export async function read(stream, each) {
  for await (const event of stream) {
    note('event', event.type, event.event_id);
    if (await each?.(event, stream)) break;
  }
}

/** Runs every scenario and prints what happened; none may take longer than a minute. */
export async function print(scenarios) {
  const only = process.env.ONLY;
  const outcomes = {};
  for (const [name, scenario] of Object.entries(scenarios)) {
    if (only && !name.includes(only)) continue;
    let timer;
    const late = new Promise((resolve) => { timer = setTimeout(() => resolve({ late: true, log }), 60_000); });
    outcomes[name] = await Promise.race([scenario(), late]);
    clearTimeout(timer);
  }
  process.stdout.write(JSON.stringify(outcomes, null, 1), () => process.exit(0));
}
