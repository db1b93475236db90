// Every method sends what the official package sends, and gives what it gives.
//
// The official package and the compiler are tools of this test and no dependencies.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import path from 'node:path';
import test from 'node:test';
import * as tailrace from '../../node/dist/esm/index.js';
import { comparable, official, recorder } from './recorder.mjs';
import { SampleFile, sampleCalls } from './sample-calls.mjs';

// The folder of npm modules that holds both tools, which the test command makes.
const modulesFolder = process.env.TAILRACE_OFFICIAL_NODE_MODULES;
const require = createRequire(modulesFolder ? path.join(modulesFolder, 'tools.js') : import.meta.url);
const skip = official === undefined ? 'needs the folder that TAILRACE_OFFICIAL_NODE_MODULES names' : false;

/** Methods whose samples say nothing, with the reason. */
const NOT_CALLED = {
  'webhooks.unwrap': 'sends nothing; its tests are those of the helpers',
  'webhooks.verifySignature': 'sends nothing; its tests are those of the helpers',
  'chat.completions.stream': 'gives a stream with events; its tests are those of chat-stream',
  'chat.completions.runTools': 'gives a runner; its tests are those of run-tools',
  'beta.agents.sessions.artifacts.forResult': 'takes the result of a turn',
  'beta.threads.createAndRunPoll': 'needs an answer with the id of its thread',
};
const EVENTS = 'event: x\ndata: {"type":"x"}\n\ndata: {"a":2,"choices":[{"index":0}]}\n\ndata: [DONE]\n\n';

test('each method sends and gives what the official one does', { skip, timeout: 300_000 }, async () => {
  const calls = sampleCalls(require('typescript'), path.dirname(require.resolve('openai/version')));
  const names = new Set(calls.map(nameOf));
  assert.ok(names.size > 400, `only ${names.size} methods have samples`);
  const chosen = calls.filter((call) => !(nameOf(call) in NOT_CALLED));
  const [ours, theirs] = [await outcomes(tailrace.OpenAI, chosen), await outcomes(official.OpenAI, chosen)];
  const differing = new Map();
  chosen.forEach((call, index) => {
    try {
      assert.deepEqual(ours[index], theirs[index]);
    } catch (error) {
      if (!differing.has(nameOf(call))) differing.set(nameOf(call), error.message);
    }
  });
  const reasons = [...differing].map(([name, why]) => `${name}: ${why}`).join('\n');
  assert.deepEqual([...differing.keys()], [], reasons);
});

/** `vector_stores.files.createAndPoll`, as the facts write it. */
function nameOf({ method }) {
  const snake = (name) =>
    name
      .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
      .replace(/([A-Z]+)([A-Z][a-z])/g, '$1_$2')
      .toLowerCase();
  return [...method.slice(0, -1).map(snake), method.at(-1)].join('.');
}

/** What each call sends and gives. */
async function outcomes(OpenAI, calls) {
  let number = 0;
  const { baseURL, requests, stop } = await recorder((request) => answer(request, (number += 1)));
  const client = new OpenAI({ apiKey: 'key', adminAPIKey: 'admin', baseURL, maxRetries: 0, logLevel: 'off' });
  const found = [];
  for (const { method, given } of calls) {
    number = 0;
    requests.length = 0;
    const resource = method.slice(0, -1).reduce((owner, name) => owner[name], client);
    let result;
    try {
      result = await plain(await resource[method.at(-1)](...given.map(withFiles)));
    } catch (error) {
      result = error.constructor.name;
    }
    found.push({ result, requests: requests.map(comparable) });
  }
  stop();
  return found;
}

/** Events, bytes, or an object that is a response, a page (the last one when it is the second) and a finished job. */
function answer({ method, url, headers, body }, number) {
  const isStream = /[?&]stream=true/.test(url) || /"stream":true|name="stream"\r\n\r\ntrue/.test(body);
  if (isStream || headers.accept === 'text/event-stream') {
    return { headers: { 'content-type': 'text/event-stream' }, body: EVENTS };
  }
  if (/octet|binary|audio|application\/text/.test(headers.accept)) {
    return { headers: { 'content-type': 'application/octet-stream' }, body: Buffer.from([0, 1, 255]) };
  }
  const isFirst = number === 1 && (method === 'GET' || url.includes('/search'));
  const next = isFirst ? 'next' : null;
  return {
    id: 'id',
    object: 'response',
    status: url.startsWith('/v1/files/') ? 'processed' : 'completed',
    data: [{ id: `item ${number}`, embedding: 'AACAPwAAAEA=' }],
    has_more: isFirst,
    first_id: 'first',
    last_id: 'last',
    next,
    next_page: next,
    file_counts: { in_progress: 0, completed: 1, failed: 0, cancelled: 0, total: 1 },
    output: [{ type: 'message', content: [{ type: 'output_text', text: 'hi' }] }],
    choices: [{}],
  };
}

function withFiles(value) {
  if (value instanceof SampleFile) return new File([`bytes of ${value.name}`], value.name, { type: 'text/x-sample' });
  if (Array.isArray(value)) return value.map(withFiles);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, withFiles(member)]));
}

/** A result as data that can be compared. */
async function plain(value) {
  if (value instanceof Response) return { status: value.status, bytes: Buffer.from(await value.arrayBuffer()).toString('hex') };
  if (typeof value?.iterPages === 'function') {
    const pages = [];
    for await (const page of value.iterPages()) pages.push([page.constructor.name, Object.keys(page), page.data]);
    return pages;
  }
  if (typeof value?.[Symbol.asyncIterator] === 'function') {
    const items = [];
    for await (const item of value) items.push(item);
    return { kind: value.constructor.name, items };
  }
  return value === undefined ? 'undefined' : JSON.parse(JSON.stringify({ value }));
}
