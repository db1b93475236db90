// Runs conformance cases on a Node package: `tailrace`, or `openai` as the oracle.
//
// A subject is a process. It reads one JSON object per line, `{"id", "base_url", "client", "calls"}`, up to an empty
// line. It runs those with `"warm_up": true` first and alone, the others `CONCURRENCY` at a time, and writes one line
// for each as it ends: `{"id", "calls": [outcome, ...]}`.
// It checks nothing and lives, with every client reachable, until its input is closed: a connection that closed before
// was closed by a call.
//
// Run as `node subject.mjs FILE_OR_PACKAGE`.

import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { make } from './credentials.mjs';
import { isHelper, readEvents, withFormat } from './structured.mjs';

const root = await import(process.argv[2]);
// As many as wait at the same time: no case depends on how soon it gets its turn.
const CONCURRENCY = 40;

function makeClient(input) {
  const { timeout_ms, max_retries, default_headers, default_query, credentials = {}, environment = {}, ...others } = input.client ?? {};
  return make(root, process.argv[2], credentials, environment, {
    apiKey: 'sk-conformance',
    baseURL: input.base_url,
    ...defined({ timeout: limit(timeout_ms), maxRetries: max_retries }),
    ...defined({ defaultHeaders: default_headers, defaultQuery: default_query }),
    ...others,
  });
}

async function runCase({ input, client }) {
  const outcomes = input.at_once ? await Promise.all(input.calls.map((call) => runCall(client, call))) : [];
  if (!input.at_once) for (const call of input.calls) outcomes.push(await runCall(client, call));
  process.stdout.write(line({ id: input.id, calls: outcomes }));
}

/** One line of JSON. `readline` also ends a line at U+2028 and U+2029, so only ASCII is written. */
function line(value) {
  const escape = (letter) => '\\u' + letter.charCodeAt(0).toString(16).padStart(4, '0');
  return JSON.stringify(value).replace(/[\u007f-\uffff]/g, escape) + '\n';
}

function defined(fields) {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** The official package has one limit for a request, so of the phases it takes the one that covers a reply. */
function limit(timeout) {
  if (typeof timeout !== 'object') return timeout;
  const { default: all, first_byte, idle, total, ...phases } = timeout;
  if ((first_byte ?? idle ?? total) === undefined) return phases.read ?? all;
  return defined({ connect: all, read: all, write: all, pool: all, ...phases, firstByte: first_byte, idle, total });
}

async function runCall(client, call) {
  const outcome = { events: [] };
  const act = call.act ?? {};
  const start = performance.now();
  try {
    const { timeout_ms, deadline_ms, max_retries, strict_end, on_invalid, ...others } = call.options ?? {};
    const limits = { timeout: limit(timeout_ms), deadline: deadline_ms, maxRetries: max_retries };
    const options = { ...others, ...defined({ ...limits, strictEnd: strict_end, onInvalid: on_invalid }) };
    if ('body' in options) {
      // `body` of the options replaces the whole body in Node; what Python adds is an argument here.
      call.arguments = { ...call.arguments, ...options.body };
      delete options.body;
    }
    if ('abort_after_ms' in act) {
      const controller = new AbortController();
      options.signal = controller.signal;
      setTimeout(() => controller.abort(), act.abort_after_ms);
    }
    const method = find(client, call.operation);
    if (isHelper(call)) {
      const asked = method(withFormat(call), options);
      outcome.result = 'on' in asked ? await readEvents(asked, call, outcome) : await asked;
    } else if (call.arguments.stream) {
      const stream = await method(call.arguments, options);
      try {
        await readStream(stream, act, outcome);
      } finally {
        outcome.ended_cleanly = 'endedCleanly' in stream ? stream.endedCleanly : 'unknown';
      }
    } else {
      const reply = await method(call.arguments, options);
      outcome.result = reply;
      outcome.request_id = reply?._request_id ?? null;
    }
  } catch (error) {
    outcome.error = describe(error);
  }
  outcome.took_ms = performance.now() - start;
  if (act.rest_ms) await sleep(act.rest_ms);
  return outcome;
}

function find(client, operation) {
  const names = operation.split('.');
  const last = names.pop();
  const resource = names.reduce((value, name) => value[name], client);
  return resource[last].bind(resource);
}

async function readStream(stream, act, outcome) {
  for await (const item of stream) {
    outcome.events.push(item);
    const count = outcome.events.length;
    if (count === act.pause_after_events) await sleep(act.pause_ms);
    if (count === (act.break_after_events ?? act.close_after_events)) break;
    // The abort arrives while the loop waits for the next event, as it does in a program.
    if (count === act.cancel_after_events) setTimeout(() => stream.controller.abort(), 50);
  }
  if (act.iterate_again) {
    outcome.again = [];
    for await (const item of stream) outcome.again.push(item);
  }
}

function describe(error) {
  const classes = [];
  for (let kind = error?.constructor; kind?.name; kind = Object.getPrototypeOf(kind)) classes.push(kind.name);
  return {
    class: error?.constructor?.name ?? typeof error,
    classes,
    status: error?.status ?? null,
    code: error?.code ?? null,
    param: error?.param ?? null,
    type: error?.type ?? null,
    request_id: error?.requestID ?? null,
    body: error?.error ?? null,
    message: String(error?.message ?? error),
    cause: error?.cause?.constructor?.name ?? null,
    limit: error?.limit ?? null,
    limit_ms: error?.limitMs ?? 0,
    events: error?.events ?? null,
    ...Object.fromEntries(['pointer', 'offset', 'text', 'usage', 'attempts'].map((name) => [name, error?.[name] ?? null])),
  };
}

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const cases = [];
for (let { value, done } = await lines.next(); !done && value; { value, done } = await lines.next()) {
  const input = JSON.parse(value);
  cases.push({ input, client: await makeClient(input) });
}
for (const one of cases.filter(({ input }) => input.warm_up)) await runCase(one);
const waiting = cases.filter(({ input }) => !input.warm_up);
async function work() {
  for (let next = waiting.shift(); next; next = waiting.shift()) await runCase(next);
}
await Promise.all(Array.from({ length: CONCURRENCY }, work));
while (!(await lines.next()).done);
// A socket that hangs is the business of the case that has it, not a reason to stay. `cases` kept the clients alive.
process.exit(cases.length > 0 ? 0 : 1);
