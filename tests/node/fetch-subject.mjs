// Makes calls by one package over a `fetch` of the caller's, and prints what the `fetch` was given and what came of it.
//
// node fetch-subject.mjs <folder of the package> <extension>

import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

const [folder, extension] = process.argv.slice(2);
const { OpenAI, toFile, toStreamingFile } = await import(pathToFileURL(join(folder, `index${extension}`)).href);

const JSON_TYPE = { 'content-type': 'application/json' };
const ok = (body = { id: 'x', data: [] }) => new Response(JSON.stringify(body), { headers: { ...JSON_TYPE, 'x-request-id': 'r' } });
const status = (code, body = '', headers = {}) => new Response(body, { status: code, headers });
const text = (type, content) => new Response(content, { headers: { 'content-type': type } });
const EVENTS = 'data: {"a":1}\n\ndata: {"b":"2\u2014"}\n\ndata: [DONE]\n\n';
const pieces = (all) => new ReadableStream({ pull: (sink) => (all.length > 0 ? sink.enqueue(all.shift()) : sink.close()) });

/** What is said about a value that `JSON` has no form for. */
async function shown(body) {
  if (body === undefined || typeof body === 'string') return body;
  if (body instanceof FormData) {
    const fields = [...body].map(async ([name, value]) => [name, value instanceof File ? [value.name, value.type, await value.text()] : value]);
    return ['FormData', await Promise.all(fields)];
  }
  const { name } = body.constructor;
  if (name !== 'ReadableStream') return [name, Buffer.from(body).toString()];
  // Who reads a form piece by piece writes a boundary of its own.
  return [name, Buffer.from(await new Response(body).arrayBuffer()).toString().replaceAll(/openai-[\w-]+/g, 'boundary')];
}

async function recorded(input, { headers, body, signal, ...rest }, log) {
  const kept = [...headers].filter(([name]) => !/^(user-agent|x-stainless-(?!retry))/.test(name));
  const fields = Object.fromEntries(kept.map(([name, value]) => [name, value.replace(/boundary=.*/, 'boundary')]));
  log.push({ input, headers: fields, signal: signal.constructor.name, isAborted: signal.aborted, body: await shown(body), ...rest });
}

const told = (error) => {
  if (!(error instanceof Error)) return error;
  const { message, status: code, cause } = error;
  return { class: error.constructor.name, message, code, cause: cause === undefined ? null : [cause.constructor.name, cause.message] };
};

/** Calls `act` with a client whose `fetch` answers by the functions, one after the other, the last one for ever. */
function over(answers, act, options = {}) {
  return async () => {
    const log = [];
    const made = [answers].flat();
    const fetch = async (input, init) => {
      await recorded(input, init, log);
      return (made.length > 1 ? made.shift() : made[0])(init, log);
    };
    const client = new OpenAI({ apiKey: 'k', baseURL: 'http://api.test/v1', maxRetries: 1, logLevel: 'off', fetch, ...options });
    const value = await Promise.resolve(act(client, log)).catch(told);
    return { value, log };
  };
}

const get = (options) => (client) => client.get('/x', options);
const post = (options) => (client) => client.post('/x', options);
const events = async (client) => {
  const all = [];
  for await (const event of await client.post('/x', { body: {}, stream: true })) all.push(event);
  return all;
};
const throws = (error) => () => {
  throw error;
};
const untilAbort = (init) => new Promise((_, reject) => init.signal.addEventListener('abort', () => reject(init.signal.reason)));
const named = (name) => Object.assign(new Error('x'), { name });

const SCENARIOS = {
  'a body of JSON': over(() => ok(), post({ body: { a: 'é' }, query: { q: 'a b', n: null } })),
  'a body of text': over(() => ok(), post({ body: 'plain', headers: { 'content-type': 'text/plain' } })),
  'a body of bytes': over(() => ok(), post({ body: new Uint8Array([104, 105]), headers: { 'content-type': 'application/octet-stream' } })),
  'a body that is iterated': over(() => ok(), post({ body: (async function* () { yield Buffer.from('ab'); yield Buffer.from('cd'); })() })),
  'a body that is iterated and refused': over(() => status(500, 'no'), post({ body: (async function* () { yield Buffer.from('ab'); })() })),
  'no body': over(() => ok(), post({})),
  'a form': over(() => ok(), async (client) => client.files.create({ file: await toFile(Buffer.from('hi'), 'a.txt', { type: 'text/plain' }), purpose: 'assistants' })),
  'a form, tried again': over([() => status(500), () => ok()], async (client) => client.files.create({ file: await toFile(Buffer.from('hi'), 'a.txt'), purpose: 'assistants' })),
  'headers and a query': over(() => ok(), get({ headers: { 'x-a': '1', accept: null }, query: { a: [1, 2] } }), { defaultQuery: { d: '1' } }),
  'options of fetch': over(() => ok(), get({ fetchOptions: { own: 1, shared: 'call' } }), { fetchOptions: { shared: 'client', cache: 'no-store' } }),
  'a retry': over([() => status(503), () => ok()], get()),
  'a retry that is told not to be': over(() => status(503, '{}', { 'x-should-retry': 'false' }), get()),
  'a retry with a new key': over([() => status(503), () => ok()], get(), { apiKey: async () => 'fresh' }),
  'an error': over(() => status(401, '{"error":{"message":"no","code":"c"}}', JSON_TYPE), get()),
  'an error of text': over(() => status(404, 'nowhere'), get()),
  'a redirect that is not followed': over(() => status(302, '', { location: '/y' }), get(), { fetchOptions: { redirect: 'manual' } }),
  'a fetch that rejects': over(throws(new Error('boom')), get()),
  'a fetch that rejects once': over([throws(new Error('boom')), () => ok()], get()),
  'a fetch that rejects with text': over(throws('boom'), get()),
  'a fetch that took too long': over(throws(new Error('request timed out')), get()),
  'a fetch that took too long below': over(throws(new TypeError('fetch failed', { cause: new Error('Connect Timeout') })), get()),
  'a fetch that aborts by itself': over(throws(named('AbortError')), get()),
  'a limit': over(untilAbort, async (client) => (await get()(client).catch(told)).class, { timeout: 30 }),
  'an abort': () => {
    const stop = new AbortController();
    const answer = (init, log) => {
      setTimeout(() => stop.abort(new Error('mine')), 5);
      return untilAbort(init).catch((error) => { log.push(error.message); throw error; });
    };
    return over(answer, get({ signal: stop.signal }))();
  },
  'an abort before': over(() => ok(), get({ signal: AbortSignal.abort() })),
  'no content': over(() => status(204, null), get()),
  'an answer of text': over(() => text('text/plain', 'hello \u2014'), get()),
  'an empty answer': over(() => text('application/json', ''), get()),
  'an answer that is no JSON': over(() => text('application/json', '{'), async (client) => (await get()(client).catch((error) => error)) instanceof SyntaxError),
  'events': over(() => text('text/event-stream', EVENTS), events),
  'events in small pieces': over(() => new Response(pieces([...Buffer.from(EVENTS)].map((byte) => Buffer.from([byte])))), events),
  'events of an error': over(() => text('text/event-stream', 'data: {"error":{"message":"m"}}\n\n'), events),
  'events after a retry': over([() => status(500), () => text('text/event-stream', EVENTS)], events),
  'events of a stream of Node': over(() => ({ ok: true, status: 200, headers: new Headers(), body: Readable.from([Buffer.from(EVENTS)]) }), events),
  'events that are left': over(
    (init, log) => {
      init.signal.addEventListener('abort', () => log.push('aborted'));
      return new Response(new ReadableStream({ pull: (sink) => sink.enqueue(Buffer.from('data: {"a":1}\n\n')) }));
    },
    async (client, log) => {
      for await (const event of await client.post('/x', { body: {}, stream: true })) if (event) break;
      while (!log.includes('aborted')) await sleep(5);
    },
  ),
  'a stand-in for a Response': over(() => ({ ok: true, status: 200, headers: new Headers(JSON_TYPE), json: async () => ({ a: 1 }), text: async () => '{"a":1}' }), get()),
  'the response itself': () => {
    const response = ok();
    return over(() => response, async (client) => {
      const got = await client.get('/x').asResponse();
      return [got === response, got.bodyUsed, await got.json()];
    })();
  },
  'the response beside the value': () => {
    const response = ok();
    return over(() => response, async (client) => {
      const answer = await client.get('/x').withResponse();
      return [answer.response === response, answer.response.bodyUsed, answer.data, answer.request_id];
    })();
  },
  'bytes': over(() => new Response(new Uint8Array([0, 255])), async (client) => [...new Uint8Array(await (await client.files.content('f')).arrayBuffer())]),
  'a page and the next': over(
    [() => ok({ object: 'list', data: [{ id: '1' }], has_more: true }), () => ok({ object: 'list', data: [{ id: '2' }], has_more: false })],
    async (client) => {
      const ids = [];
      for await (const file of client.files.list()) ids.push(file.id);
      return ids;
    },
  ),
  'another client with the same fetch': over(() => ok(), (client) => client.withOptions({ maxRetries: 0 }).get('/x')),
  'fetchWithTimeout': over(() => ok(), async (client) => (await client.fetchWithTimeout('http://api.test/y', { method: 'POST', headers: new Headers() }, 60_000, new AbortController())).json()),
  'a streamed file': over(() => ok(), (client) => client.files.create({ file: toStreamingFile((async function* () { yield Buffer.from('hi'); })(), 'a.txt'), purpose: 'assistants' })),
};

const outcomes = {};
for (const [name, scenario] of Object.entries(SCENARIOS)) outcomes[name] = await scenario().catch(told);
console.log(JSON.stringify(outcomes));
