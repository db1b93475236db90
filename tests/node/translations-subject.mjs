// Uses the translation sessions of one package in the ways of translations.test.mjs, and prints what happened, as data.
//
// node translations-subject.mjs <folder of the package> <extension> <JSON text: base URLs by scenario>

import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [folder, extension, text] = process.argv.slice(2);
const places = JSON.parse(text);
const load = (path) => import(pathToFileURL(join(folder, path + extension)).href);
const { default: OpenAI, AzureOpenAI } = await load('index');
const { OpenAIRealtimeTranslationWS: Translation } = await load('realtime/translations/ws');
const { prepareRequest } = await load('resources/realtime/translations/websocket-binding');

const rejections = [];
process.on('unhandledRejection', (error) => rejections.push(told(error)));
const LONG = { timeoutMs: 60_000 };

function told(error) {
  const { name, message, cause, error: details, event_id: id } = error;
  const isSocket = /transport failed/.test(message);
  return { class: error.constructor.name, name, message, details, id, cause: isSocket ? cause !== undefined : cause && `${cause.constructor.name}: ${cause.message}` };
}
const attempt = (work) => {
  try {
    return work() ?? 'done';
  } catch (error) {
    return told(error);
  }
};
const outcome = (promise) => promise.then(() => 'done', told);

/** Opens a session, writes down what it tells and gives that once its connection has closed. */
async function use(name, act, { hears = true, props = { model: 'm' }, settings = {}, make } = {}) {
  const client = make?.(places[name]) ?? new OpenAI({ apiKey: 'key', baseURL: places[name], ...settings });
  let rt;
  try {
    rt = await Translation.create(client, props);
  } catch (error) {
    return { refused: told(error) };
  }
  const { pathname, search } = rt.url;
  const log = { events: [], errors: [], notes: [rt.socket.readyState, pathname.replace(/^\/s\/\w+/, ''), search] };
  rt.on('event', (event) => log.events.push(['event', event]));
  for (const type of ['session.created', 'session.output_audio.delta', 'session.output_transcript.delta', 'session.closed', 'other']) {
    rt.on(type, (event) => log.events.push([type, event]));
  }
  if (hears) rt.on('error', (error) => log.errors.push(told(error)));
  const opened = new Promise((resolve) => rt.once('session.created', resolve));
  const closed = new Promise((resolve) => rt.socket.on('close', (code, reason) => resolve([code, String(reason)])));
  rt.socket.on('error', () => {});
  await act(rt, (...values) => log.notes.push(...values), opened, closed);
  log.closed = await closed;
  await new Promise((resolve) => setTimeout(resolve, 20));
  return { ...log, state: rt.socket.readyState, rejections: rejections.splice(0) };
}

const wrong = ['nojson', '{"a":1}', '5', { a: 1 }, { type: 'x', n: 1n }, null, []];
const SCENARIOS = {
  'every kind of event': (name) => use(name, async (rt, _note, opened) => {
    await opened;
    rt.send('{"type":"go"}');
  }),
  'errors nobody listens to': (name) => use(name, () => {}, { hears: false }),
  'wrong sending': (name) => use(name, async (rt, note, opened) => {
    await opened;
    note(wrong.map((event) => attempt(() => rt.send(event))), rt.socket.readyState);
    rt.send({ type: 'right' });
    rt.close();
    note(attempt(() => rt.send({ type: 'late' })), await outcome(rt.finish(LONG)));
  }),
  'sending early': (name) => use(name, (rt, note) => note(attempt(() => rt.send({ type: 'early' })))),
  'ending early': (name) => use(name, (rt, note) => note(attempt(() => rt.session.close()))),
  'closing early': (name) => use(name, (rt) => rt.close()),
  finishing: (name) => use(name, async (rt, note, opened) => {
    await opened;
    rt.send({ type: 'session.input_audio_buffer.append', audio: 'a' });
    const finished = rt.finish(LONG);
    note(finished === rt.finish({ timeoutMs: 5 }), attempt(() => rt.send({ type: 'late' })), await outcome(finished));
    note(rt.socket.readyState, await outcome(rt.finish(LONG)), attempt(() => rt.send({ type: 'late' })));
  }),
  'a deadline that passes': (name) => use(name, async (rt, note, opened) => {
    await opened;
    note(await outcome(rt.finish({ timeoutMs: 50 })));
  }),
  'a server that does not close': (name) => use(name, async (rt, note, opened) => {
    await opened;
    note(await outcome(rt.finish({ timeoutMs: 300 })));
  }),
  'wrong deadlines': (name) => use(name, async (rt, note, opened) => {
    await opened;
    for (const timeoutMs of [0, -1, NaN, Infinity, '5', undefined, 2 ** 31]) note(await outcome(rt.finish({ timeoutMs })));
    rt.close();
  }),
  'an abort': (name) => use(name, async (rt, note, opened) => {
    await opened;
    const controller = new AbortController();
    const finished = outcome(rt.finish({ ...LONG, signal: controller.signal }));
    controller.abort(new Error('why'));
    note(await finished);
  }),
  'a signal that was aborted': (name) => use(name, async (rt, note, opened) => {
    await opened;
    note(await outcome(rt.finish({ ...LONG, signal: AbortSignal.abort(new Error('before')) })));
  }),
  'a server that breaks': (name) => use(name, async (rt, note, opened) => {
    await opened;
    note(await outcome(rt.finish(LONG)));
  }),
  'an error on the way': (name) => use(name, async (rt, note, opened) => {
    await opened;
    note(await outcome(rt.finish(LONG)));
  }),
  'a known error on the way': (name) => use(name, async (rt, note, opened) => {
    await opened;
    note(await outcome(rt.finish(LONG)));
  }),
  'a known error nobody listens to': (name) => use(name, async (rt, note, opened) => {
    await opened;
    note(await outcome(rt.finish(LONG)));
  }, { hears: false }),
  'a session that ends by itself': (name) => use(name, async (rt, note, _opened, closed) => {
    await closed;
    note(attempt(() => rt.send({ type: 'a' })), await outcome(rt.finish(LONG)));
  }),
  'ending the session': (name) => use(name, async (rt, note, opened) => {
    await opened;
    rt.session.close();
    rt.session.close();
    note(attempt(() => rt.send({ type: 'a' })), await outcome(rt.finish(LONG)));
  }),
  'ending by an event': (name) => use(name, async (rt, note, opened) => {
    await opened;
    rt.send({ type: 'session.close' });
    note(attempt(() => rt.send({ type: 'a' })), await outcome(rt.finish(LONG)));
  }),
  'a refusal': (name) => use(name, () => {}),
  'a redirect': (name) => use(name, () => {}, { props: { model: 'm', options: { followRedirects: true } } }),
  headers: (name) => use(name, () => {}, {
    props: { model: 'a b&', options: { headers: { AUTHORIZATION: 'x', 'X-Q': 'q', 'OpenAI-Organization': null, 'user-agent': undefined }, origin: 'https://o' } },
    settings: { organization: 'o', project: 'p', defaultHeaders: { 'X-D': 'd' }, defaultQuery: { dq: 1 } },
  }),
  'a key by a function': (name) => use(name, () => {}, { settings: { apiKey: async () => 'fk' } }),
  'a key that fails': (name) => use(name, () => {}, { settings: { apiKey: async () => { throw new Error('no key'); } } }),
  'no key': (name) => use(name, () => {}, { settings: { apiKey: null, adminAPIKey: 'a' } }),
  'no model': async (name) => Promise.all([{}, { model: '' }, { model: 5 }, { model: null }].map((props) => use(name, () => {}, { props }))),
  azure: (name) => use(name, () => {}, { make: (baseURL) => new AzureOpenAI({ apiKey: 'k', apiVersion: 'v', baseURL, deployment: 'd' }) }),
  'sending after the end': (name) => use(name, async (rt, note, _opened, closed) => {
    await closed;
    note(attempt(() => rt.send({ type: 'a' })), attempt(() => rt.session.close()), attempt(() => rt.close()), await outcome(rt.finish(LONG)));
  }),
  'no TLS': (name) => use(name, () => {}, { make: () => new OpenAI({ apiKey: 'k', baseURL: 'http://127.0.0.1:9/v1' }) }),
};

const outcomes = { prepared: [prepareRequest({ model: 'm', a: 1 }), prepareRequest({})] };
for (const [name, scenario] of Object.entries(SCENARIOS)) {
  const late = new Promise((resolve) => setTimeout(resolve, 60_000, { late: true }));
  outcomes[name] = JSON.parse(JSON.stringify(await Promise.race([scenario(name), late])));
}
process.stdout.write(JSON.stringify(outcomes), () => process.exit());
