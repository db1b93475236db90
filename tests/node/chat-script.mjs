// Scripted chat completions, and what a runner tells, as data that can be compared.

import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { official } from './recorder.mjs';

export const ASK = { model: 'm', messages: [{ role: 'user', content: 'hi' }] };
export const JSON_FORMAT = { type: 'json_schema', json_schema: { name: 'x', schema: {} } };

/** Every event of the stream and the runners. */
export const EVENTS = [
  ...['connect', 'chunk', 'chatCompletion', 'message', 'content', 'content.delta', 'content.done'],
  ...['refusal.delta', 'refusal.done', 'tool_calls.function.arguments.delta', 'tool_calls.function.arguments.done'],
  ...['logprobs.content.delta', 'logprobs.content.done', 'logprobs.refusal.delta', 'logprobs.refusal.done'],
  ...['functionToolCall', 'functionToolCallResult', 'finalContent', 'finalMessage', 'finalChatCompletion'],
  ...['finalFunctionToolCall', 'finalFunctionToolCallResult', 'totalUsage', 'error', 'abort', 'end'],
];

/** A chunk with one choice. */
export const chunk = (delta, choice = {}, top = {}) => ({
  id: 'c1',
  object: 'chat.completion.chunk',
  created: 1,
  model: 'm',
  choices: [{ index: 0, delta, finish_reason: null, ...choice }],
  ...top,
});

/** Part of a tool call in a chunk. */
export const part = (index, id, name, text) => ({
  index,
  ...(id ? { id, type: 'function' } : {}),
  function: { ...(name ? { name } : {}), arguments: text },
});

/** A whole completion. */
export const whole = (message, finish_reason = 'stop', usage = { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 }) => ({
  id: 'c',
  object: 'chat.completion',
  created: 1,
  model: 'm',
  choices: [
    { index: 0, finish_reason, logprobs: null, message: { role: 'assistant', content: null, refusal: null, ...message } },
  ],
  usage,
});

export const call = (id, name, text) => ({ id, type: 'function', function: { name, arguments: text } });

export const tool = (name, run, more = {}) => ({
  type: 'function',
  function: { name, function: run, parameters: { type: 'object' }, description: 'd', ...more },
});

/** Server-sent events of chunks, and of lines as they are. */
export const events = (...items) => ({
  headers: { 'content-type': 'text/event-stream' },
  body: `${items.map((item) => (typeof item === 'string' ? item : `data: ${JSON.stringify(item)}\n\n`)).join('')}data: [DONE]\n\n`,
});

/** Chunks after which the server is silent. */
export const hanging =
  (...items) =>
  ({ response }) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const item of items) response.write(`data: ${JSON.stringify(item)}\n\n`);
  };

/** An answer for each request in turn; the last one goes on. */
export const inTurn =
  (...answers) =>
  () =>
  (request) => {
    const answer = answers[Math.min(request.number, answers.length) - 1];
    return typeof answer === 'function' ? answer(request) : answer;
  };

/** A value as it is now. Ids that were made up are alike; where the stack of an error is says nothing. */
export function plain(value) {
  if (value === undefined) return '<undefined>';
  if (value instanceof Error) {
    const { cause } = value;
    const told = cause instanceof Error ? `${cause.name}: ${cause.message}` : cause;
    return { error: value.constructor.name, message: value.message, ...(cause === undefined ? {} : { cause: told }) };
  }
  const text = JSON.stringify(value, (_, member) => (member === undefined ? '<undefined>' : member));
  return JSON.parse(text.replace(/call_[0-9a-f-]{36}/g, 'call_made_up'));
}

/** Keeps what is told, with a copy of each value as it was at that moment. */
export function record(runner, names = EVENTS, log = []) {
  for (const name of names) runner.on(name, (...values) => log.push([name, ...values.map(plain)]));
  return log;
}

/** How a promise ends. */
export async function outcome(promise) {
  try {
    return plain(await promise);
  } catch (error) {
    return plain(error);
  }
}

/** How a run ends, and everything that is known of it afterwards. */
export async function ending(runner) {
  const done = await outcome(runner.done().then(() => 'done'));
  const finals = {};
  for (const name of ['ChatCompletion', 'Content', 'Message', 'FunctionToolCall', 'FunctionToolCallResult']) {
    finals[name] = await outcome(runner[`final${name}`]());
  }
  return {
    done,
    finals,
    usage: await outcome(runner.totalUsage()),
    all: plain(runner.allChatCompletions()),
    messages: plain(runner.messages),
    flags: [runner.ended, runner.errored, runner.aborted],
  };
}

/** A module of a package by its path, such as `lib/parser`. */
export function moduleOf(root, path) {
  if (root !== official) return import(`../../node/dist/esm/${path}.js`);
  return createRequire(join(process.env.TAILRACE_OFFICIAL_NODE_MODULES, 'tools.js'))(`openai/${path}`);
}

/** What nobody looked at while `run` ran and shortly after. */
export async function unhandled(run) {
  const seen = [];
  const others = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection');
  process.on('unhandledRejection', (error) => seen.push(plain(error)));
  try {
    await run();
    await sleep(20);
  } finally {
    process.removeAllListeners('unhandledRejection');
    for (const listener of others) process.on('unhandledRejection', listener);
  }
  return seen;
}
