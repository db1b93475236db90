// Talks with aimock over the WebSocket classes of one package, and prints what was told, in its order, as JSON.
//
// node aimock-sockets-subject.mjs <folder of the package> <extension> <secure base URL>

import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [folder, extension, baseURL] = process.argv.slice(2);
const load = (path) => import(pathToFileURL(join(folder, path + extension)).href);
const { default: OpenAI } = await load('index');
const REALTIME = { model: 'm' };
const CLASSES = {};
for (const [name, place] of [['realtime', 'realtime/'], ['beta realtime', 'beta/realtime/']]) {
  const { OpenAIRealtimeWS } = await load(`${place}ws`);
  const { OpenAIRealtimeWebSocket } = await load(`${place}websocket`);
  const isBeta = name !== 'realtime';
  CLASSES[name] = [true, isBeta, (client, props = REALTIME) => new OpenAIRealtimeWS(props, client)];
  CLASSES[`${name}, as in browsers`] = [true, false, (client, props = REALTIME) => new OpenAIRealtimeWebSocket(props, client)];
  CLASSES[`${name}, by create()`] = [true, isBeta, (client, props = REALTIME) => OpenAIRealtimeWS.create(client, props)];
  CLASSES[`${name}, as in browsers, by create()`] = [true, false, (client, props = REALTIME) => OpenAIRealtimeWebSocket.create(client, props)];
}
for (const [name, place] of [['responses', 'resources/responses/ws'], ['beta responses', 'resources/beta/responses/ws']]) {
  const { ResponsesWS } = await load(place);
  CLASSES[name] = [false, false, (client) => new ResponsesWS(client)];
  CLASSES[`${name}, by a function's key`] = [false, false, async () => {
    const client = new OpenAI({ apiKey: async () => 'k', baseURL });
    await client._callApiKey();
    return new ResponsesWS(client);
  }];
}

/** Made anew for each answer; which of them are the same is told. */
const RANDOM = new Set(['id', 'event_id', 'item_id', 'response_id', 'call_id', 'previous_item_id', 'obfuscation']);
const TIMES = new Set(['created', 'created_at', 'completed_at', 'expires_at']);
function fixed(value) {
  const known = new Map();
  const name = (part) => known.get(part) ?? known.set(part, `#${known.size}`).get(part);
  return JSON.parse(JSON.stringify(value, (key, part) => {
    if (TIMES.has(key)) return 'a time';
    return RANDOM.has(key) && part != null ? name(part) : part;
  }));
}

function told(error) {
  const { name, message, error: details, event_id: id, cause } = error;
  // Sockets have words of their own for how they fail.
  const isOfSocket = cause != null && (cause.message === '' || cause.message === message);
  return { class: error.constructor.name, name, message: isOfSocket ? 'a socket failed' : message, details, id, cause: isOfSocket || cause?.message };
}

const user = (text) => ({ type: 'conversation.item.create', item: { type: 'message', role: 'user', content: [{ type: 'input_text', text }] } });
const ask = (text) => [[user(text), { type: 'response.create' }], /^(response\.done|error)$/];
const input = (text, more) => [[{ type: 'response.create', model: 'm', input: text, ...more }], /^(response\.completed|response\.failed|response\.incomplete|error)$/];

/** What is sent, one list after the other, and with which event each answer ends. */
const TALKS = {
  realtime: {
    text: [ask('whole')],
    'a call of a tool': [ask('tool')],
    'three questions': [ask('whole'), ask('tool'), ask('whole')],
    'an error': [ask('an error')],
    'what nobody knows': [ask('nobody knows this')],
    'a cut answer': [ask('cut after three chunks')],
    settings: [
      [[{ type: 'session.update', session: { type: 'realtime', instructions: 'é🌊', audio: { output: { voice: 'marin' } } } }], /^session\.updated$/],
      [[{ type: 'session.update', session: { type: 'none' } }], /^error$/],
    ],
    sound: [
      [[{ type: 'input_audio_buffer.append', audio: 'AAAA'.repeat(5000) }, { type: 'input_audio_buffer.commit' }], /committed$/],
      [[{ type: 'input_audio_buffer.clear' }], /cleared$/],
      [[{ type: 'response.cancel' }], /cancelled$/],
    ],
    'what is no event': [[['{no'], /^error$/], [[{ type: 'conversation.item.create' }], /^error$/]],
  },
  responses: {
    text: [input('whole')],
    'a call of a tool': [input('tool')],
    'three questions': [input('whole'), input('tool', { previous_response_id: 'resp_1' }), input('whole')],
    'an error': [input('an error')],
    'what nobody knows': [input('nobody knows this')],
    'a cut answer': [input('cut after three chunks')],
    'what is no event': [[['{no'], /^error$/], [[{ type: 'response.create' }], /^error$/]],
  },
};

async function talk(make, isRealtime, isRefused, rounds, props) {
  const rt = await make(new OpenAI({ apiKey: 'k', baseURL }), props);
  const { socket } = rt;
  const [log, raw, iterated] = [[], [], []];
  const sent = rounds.values();
  let last = /^session\.created$/;
  const next = () => {
    const { value, done } = sent.next();
    if (done) return rt.close();
    last = value[1];
    for (const event of value[0]) typeof event === 'string' ? (rt.sendRaw ? rt.sendRaw(event) : socket.send(event)) : rt.send(event);
  };
  const took = (type) => {
    if (last.test(type)) next();
  };
  rt.on('event', (event) => {
    log.push(event);
    if (event.type !== 'error') took(event.type);
  });
  rt.on('response.output_text.delta', ({ delta }) => log.push(delta));
  rt.on('error', (error) => {
    log.push(told(error));
    if (!isRefused && (error.error != null || error.cause == null)) took('error');
  });
  const on = isRealtime ? (name, listener) => socket.addEventListener(name, listener) : (name, listener) => socket.on(name, listener);
  on('message', (message) => raw.push(JSON.parse(String(message.data ?? message))));
  const ended = new Promise((resolve) => on('close', (code, reason) => resolve(isRealtime ? [code.code, code.reason] : [code, String(reason)])));
  if (!isRealtime) on('open', next);
  const reading = (async () => {
    if (Symbol.asyncIterator in rt) for await (const record of rt) iterated.push(record.error instanceof Error ? { ...record, error: told(record.error) } : record);
  })();
  const end = await ended;
  await reading;
  return fixed({ log, raw, iterated, end });
}

const outcomes = {};
for (const [kind, [isRealtime, isRefused, make]] of Object.entries(CLASSES)) {
  const talks = isRefused ? { 'a refusal': [] } : TALKS[isRealtime ? 'realtime' : 'responses'];
  for (const [name, rounds] of Object.entries(talks)) {
    const late = new Promise((resolve) => setTimeout(resolve, 60_000, { late: true }).unref());
    outcomes[`${kind}: ${name}`] = await Promise.race([talk(make, isRealtime, isRefused, rounds), late]);
  }
  if (!isRealtime || isRefused) continue;
  const transcription = [
    [[{ type: 'transcription_session.update', session: { input_audio_transcription: { model: 'whisper-1' } } }], /updated$/],
    [[{ type: 'input_audio_buffer.append', audio: 'AAAA' }, { type: 'input_audio_buffer.commit' }], /failed$/],
  ];
  if (!kind.startsWith('beta')) outcomes[`${kind}: a transcription`] = await talk(make, true, false, transcription, { intent: 'transcription' });
}
process.stdout.write(JSON.stringify(outcomes), () => process.exit());
