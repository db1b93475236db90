// Reads sessions of one package from the mock server, and prints what came of them as JSON.
//
// node replay-subject.mjs <folder of the package> <extension>, with the sessions as JSON at its input: name, form, base URL,
// options of the socket and types of its events.

import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';

const [folder, extension] = process.argv.slice(2);
const load = (path) => import(pathToFileURL(join(folder, path + extension)).href);
const { default: OpenAI } = await load('index');
const { OpenAIRealtimeWS } = await load('realtime/ws');
const { OpenAIRealtimeWebSocket } = await load('realtime/websocket');
const { OpenAIRealtimeTranslationWS } = await load('realtime/translations/ws');
const { OpenAIRealtimeWS: BetaRealtimeWS } = await load('beta/realtime/ws');
const { OpenAIRealtimeWebSocket: BetaRealtimeWebSocket } = await load('beta/realtime/websocket');
const { ResponsesWS } = await load('resources/responses/ws');
const { ResponsesWS: BetaResponsesWS } = await load('resources/beta/responses/ws');
const { LiveWS } = await load('resources/live/ws');
const { SidebandWS } = await load('resources/live/sideband/ws');
const { ForksWS } = await load('resources/live/forks/ws');

const FORMS = {
  realtime: (client, options) => new OpenAIRealtimeWS({ model: 'm', options }, client),
  'realtime, as in browsers': (client) => new OpenAIRealtimeWebSocket({ model: 'm' }, client),
  transcription: (client, options) => new OpenAIRealtimeWS({ intent: 'transcription', options }, client),
  translations: (client, options) => OpenAIRealtimeTranslationWS.create(client, { model: 'm', options }),
  responses: (client, options) => new ResponsesWS(client, options),
  live: (client, options) => new LiveWS(client, options),
  sideband: (client, options) => new SidebandWS(client, { session_id: 's' }, options),
  forks: (client, options) => new ForksWS(client, { session_id: 's' }, options),
  'beta.responses': (client, options) => new BetaResponsesWS(client, options),
  'beta.realtime': (client, options) => new BetaRealtimeWS({ model: 'm', options }, client),
  'beta.realtime, as in browsers': (client) => new BetaRealtimeWebSocket({ model: 'm' }, client),
};
const TOLD = ['event', 'raw', 'close', 'error', 'reconnecting', 'reconnected'];

/** What is long as its beginning, its length and its digest. */
function short(text) {
  if (text.length < 2000) return text;
  return `${text.slice(0, 100)}... ${text.length} ${createHash('sha256').update(text).digest('hex')}`;
}

/** A value with what JSON does not tell. */
function plain(value) {
  if (value instanceof Error) return failure(value);
  if (Buffer.isBuffer(value)) return { buffer: short(value.toString('base64')) };
  if (value instanceof Blob) return { blob: value.size };
  if (Object.is(value, -0)) return '-0';
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  if (typeof value === 'string') return short(value);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  // In their order, with own keys that assigning would lose.
  const kind = Object.getPrototypeOf(value) === Object.prototype ? {} : { kind: Object.getPrototypeOf(value)?.constructor.name };
  return { ...kind, entries: Object.entries(value).map(([key, part]) => [key, plain(part)]) };
}

function failure(error) {
  const { name, message, code, error: details, event_id: id, cause } = error;
  return { class: error.constructor.name, name, message, code, details: plain(details), id, cause: cause instanceof Error ? failure(cause) : cause };
}

const attempt = (act) => {
  try {
    return plain(act()) ?? null;
  } catch (error) {
    return failure(error);
  }
};

/** A long list as its ends, its length and its digest. */
function bounded(list) {
  if (list.length < 1000) return list;
  const digest = createHash('sha256').update(JSON.stringify(list)).digest('hex');
  return [...list.slice(0, 20), `${list.length} ${digest}`, ...list.slice(-20)];
}

async function session(form, baseURL, options, types) {
  const rt = await FORMS[form](new OpenAI({ apiKey: 'key', baseURL }), options);
  const log = [];
  const note = (...values) => log.push(values.map(plain));
  for (const type of new Set([...TOLD, ...types])) rt.on(type, (...values) => note(`told ${type}`, ...values));
  const { socket } = rt;
  const ended = new Promise((resolve) => {
    if (socket.on === undefined || socket instanceof EventTarget || form.endsWith('browsers')) {
      socket.addEventListener('message', ({ data }) => note('message', data));
      socket.addEventListener('error', () => note('error'));
      socket.addEventListener('close', ({ code, reason, wasClean }) => (note('close', code, reason, wasClean), resolve()));
    } else {
      socket.on('message', (data, isBinary) => note('message', data, isBinary));
      socket.on('error', (error) => note('error', error));
      socket.on('close', (code, reason) => (note('close', code, reason), resolve()));
    }
  });
  const iterated = [];
  const reading = (async () => {
    if (Symbol.asyncIterator in rt) for await (const record of rt) iterated.push(plain(record));
  })();
  await ended;
  await reading;
  await new Promise((resolve) => setImmediate(resolve));
  const late = [() => rt.send({ type: 'late' }), () => rt.close(), () => rt.close(), () => socket.readyState].map(attempt);
  return { log: bounded(log), iterated: bounded(iterated), late };
}

process.on('unhandledRejection', (error) => process.stderr.write(`${error}\n`));
const given = JSON.parse(await text(process.stdin));
const outcomes = {};
// Some at a time, since an end that nobody answers takes its time.
const next = given.entries();
async function work() {
  for (const [, [name, ...rest]] of next) outcomes[name] = await session(...rest);
}
await Promise.all(Array.from({ length: 16 }, work));
const inOrder = Object.fromEntries(given.map(([name]) => [name, outcomes[name]]));
process.stdout.write(JSON.stringify(inOrder), () => process.exit());
