// Uses realtime connections of one package in the ways of websocket-scripts.mjs, and prints what happened, as data.
//
// node websockets-subject.mjs <folder of the package> <extension> <name of the class> <JSON text: base URLs by scenario>

import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [folder, extension, kind, text] = process.argv.slice(2);
const places = JSON.parse(text);
const load = (path) => import(pathToFileURL(join(folder, path + extension)).href);
const { default: OpenAI, AzureOpenAI } = await load('index');
const isStandard = kind === 'OpenAIRealtimeWebSocket';
const { [kind]: Connection } = await load(isStandard ? 'realtime/websocket' : 'realtime/ws');

const FAST = { reconnect: true, reconnectInitialDelay: 1, reconnectMaxDelay: 4, maxQueueBytes: 60 };
const GO = { type: 'go' };
const rejections = [];
process.on('unhandledRejection', (error) => rejections.push(error));

/** An error without what each transport says of its own. */
function told(error) {
  const { name, message, error: details, event_id: id, cause } = error;
  const isOurs = /^(could not|cannot|send queue|WebSocket reconnect|msg|x code|hello|unknown error\n)/.test(message);
  // What a socket says about itself differs between the two kinds.
  const text = isOurs || cause === undefined ? message : 'a socket failed';
  const isPackage = cause instanceof SyntaxError || cause instanceof OpenAI.OpenAIError || /^(Realtime|WebSocket event|the address)/.test(cause?.message);
  return { class: error.constructor.name, name, text, details, id, cause: isPackage ? `${cause.constructor.name}: ${cause.message}` : cause !== undefined };
}

const on = (socket, event, listener) => {
  if (isStandard) socket.addEventListener(event, (value) => listener(value.code ?? value.data, value.reason));
  else socket.on(event, (first, second) => listener(event === 'message' ? String(first) : first, String(second)));
};
const next = (rt, event) => new Promise((resolve) => rt.once(event, resolve));

/** Opens a connection, writes down what it tells and gives that once `end` has come. */
async function use(name, act, { props = { model: 'm' }, make, hears = true, end = 'socket', options = {}, lasts = true } = {}) {
  const client = new OpenAI({ apiKey: 'key', baseURL: places[name], organization: 'org', project: 'pr', ...options });
  // Events come when they like beside what is done here.
  const log = [];
  const events = [];
  const note = (...values) => log.push(values);
  const rt = await (make ? make(client) : new Connection(props, client));
  note('state', rt.socket.readyState, rt.url.search, Object.keys(rt).includes('_recovery'));
  if (hears) rt.on('error', (error) => note('error', told(error)));
  rt.on('event', (event) => events.push(['event', event]));
  rt.on('hi', (event) => events.push(['hi', event]));
  const greetings = (count) =>
    new Promise((resolve) => {
      const look = () => events.filter(([type]) => type === 'hi').length >= count && resolve();
      rt.on('hi', look);
      look();
    });
  rt.on('reconnecting', ({ delay, ...rest }) => note('reconnecting', rest, delay <= 4));
  rt.on('reconnected', () => note('reconnected'));
  const opened = new Promise((resolve) => on(rt.socket, 'open', resolve));
  const ended = new Promise((resolve) => {
    on(rt.socket, 'close', (code, reason) => {
      if (end === 'socket') note('closed', code, reason);
      if (end === 'socket') resolve();
    });
    rt.on('close', (...values) => {
      if (typeof values[0] !== 'number') return;
      note('close', ...values);
      resolve();
    });
  });
  await act(rt, note, opened, greetings);
  await ended;
  if (lasts) note('state', rt.socket.readyState);
  return { log, events };
}
const going = (then = () => {}) => async (rt, note, opened, greetings) => {
  await opened;
  rt.send(GO);
  await then(rt, note, greetings);
};
const recovering = (then, more = {}) => [going(then), { props: { model: 'm', ...FAST, ...more }, end: 'close' }];
const closing = (rt, _note, greetings) => greetings(2).then(() => rt.close());
const greeted = async (rt, _note, _opened, greetings) => {
  await greetings(1);
  rt.close();
};
const azure = (name, options) => new AzureOpenAI({ apiVersion: 'v', deployment: 'dep', baseURL: places[name], ...options });

const SCENARIOS = {
  'every kind of event': (name) => use(name, going()),
  'events nobody listens to': async (name) => {
    const outcome = await use(name, going(), { hears: false });
    await new Promise((resolve) => setImmediate(resolve));
    return { ...outcome, rejected: rejections.splice(0).map((error) => [error.message, Object.keys(error)]) };
  },
  'many events': (name) => use(name, going()),
  'sending and closing': (name) => use(name, async (rt, note, opened, greetings) => {
    rt.send({ type: 'early' });
    await opened;
    rt.send({ number: 1n });
    rt.send({ type: 'a', text: 'ü\u2028😀' });
    rt.sendResponseCreate({ type: 'response.create', response: { input: [{ type: 'item_reference', id: 'i' }] } });
    rt.flushPending();
    note('pending', rt.takePending());
    rt.send('text');
    await greetings(1);
    rt.close({ code: 4009, reason: 'r' });
    note('state', rt.socket.readyState);
    rt.send({ type: 'late' });
    rt.close();
  }),
  'wrong closing': (name) => use(name, async (rt, note, _opened, greetings) => {
    await greetings(1);
    rt.close({ code: 1005, reason: 'r' });
    rt.close({ code: 3000, reason: 'r'.repeat(200) });
    note('state', rt.socket.readyState);
    rt._onError({ type: 'error', error: { message: 'x' } }, 'hello');
    rt._onError(null, 'hello', 5);
    rt.close();
  }),
  // A socket of Node says then that it is closing.
  'closing early': (name) => use(name, (rt) => rt.close(), { lasts: false }),
  'a break': (name) => use(name, going()),
  'a code that none may send': (name) => use(name, going()),
  'another code that none may send': (name) => use(name, ...recovering()),
  'a close without a code': (name) => use(name, going()),
  'a close of one byte': (name) => use(name, going()),
  'a close in a message': (name) => use(name, going()),
  'an error in a message': (name) => use(name, ...recovering()),
  'a message behind a close': (name) => use(name, going()),
  'raw messages': (name) => use(name, async (rt, note, opened) => {
    on(rt.socket, 'message', (data) => note('raw', data));
    await opened;
    rt.send(GO);
  }),
  'a queue': (name) => use(name, ...recovering(async (rt, note) => {
    await next(rt, 'reconnecting');
    rt.send({ type: 'q1' });
    rt.sendResponseCreate({ type: 'response.create' });
    rt.send({ type: 'too long'.repeat(20) });
    rt.send({ number: 1n });
    rt.send(undefined);
    rt.flushPending();
    await next(rt, 'reconnected');
    rt.send({ type: 'now' });
    rt.flushPending();
    rt.flushPending();
    note('pending', rt.takePending());
    const all = next(rt, 'all');
    rt.send({ type: 'after' });
    await all;
    rt.close();
  })),
  'a queue that is taken': (name) => use(name, ...recovering(async (rt, note, greetings) => {
    await next(rt, 'reconnecting');
    rt.send({ type: 'q1' });
    rt.sendResponseCreate({ type: 'response.create' });
    note('pending', rt.takePending(), rt.takePending());
    await greetings(2);
    rt.close();
  })),
  'no queue': (name) => use(name, ...recovering(async (rt, _note, greetings) => {
    await next(rt, 'reconnecting');
    rt.send({ type: 'q1' });
    await greetings(2);
    rt.close();
  }, { maxQueueBytes: 0 })),
  'closing while it reconnects': (name) => use(name, ...recovering(async (rt) => {
    await next(rt, 'reconnecting');
    rt.send({ type: 'q1' });
    rt.close({ code: 4002, reason: 'zz' });
    rt.send({ type: 'q2' });
  }, { reconnectInitialDelay: 4 })),
  'closing in the event': (name) => use(name, ...recovering((rt) => void rt.on('reconnecting', () => rt.close()))),
  'sending after the end': (name) => use(name, async (rt, note, _opened, greetings) => {
    await greetings(1);
    const closed = next(rt, 'close');
    rt.close({ code: 4002, reason: 'zz' });
    await closed;
    rt.send({ type: 'z' });
    rt.flushPending();
    note('pending', rt.takePending());
    rt.close();
  }, { props: { model: 'm', ...FAST }, end: 'close' }),
  'attempts that are used up': (name) => use(name, ...recovering(async (rt) => {
    await next(rt, 'reconnected');
    rt.send(GO);
  }, { maxReconnectAttempts: 1 })),
  'no attempts': (name) => use(name, ...recovering(undefined, { maxReconnectAttempts: 0 })),
  'a fresh key': (name) => {
    let asked = 0;
    const options = { apiKey: async () => `key${++asked}` };
    return use(name, going(closing), { options, make: (client) => Connection.create(client, { model: 'm', ...FAST }), end: 'close' });
  },
  'a key that fails': (name) => {
    let asked = 0;
    const apiKey = async () => {
      if (asked++ > 0) throw new Error('no key now');
      return 'key';
    };
    return use(name, going(), { options: { apiKey }, make: (client) => Connection.create(client, { model: 'm', ...FAST }), end: 'close' });
  },
  'an address each time': (name) => {
    let asked = 0;
    const buildRealtimeURL = (client) => new URL(`${client.baseURL.replace('https', 'wss')}/mine?time=${++asked}`);
    return use(name, ...recovering(closing, { buildRealtimeURL }));
  },
  azure: (name) => use(name, greeted, { make: () => Connection.azure(azure(name, { apiKey: 'azure-key' })) }),
  'azure with a token': (name) =>
    use(name, greeted, { make: () => Connection.azure(azure(name, { azureADTokenProvider: async () => 'token' }), { callID: 'rtc' }) }),
  'a call': (name) => use(name, greeted, { props: { callID: 'rtc_1' } }),
  'a transcription': (name) => use(name, greeted, { props: { intent: 'transcription' } }),
  ...Object.fromEntries([1001, 1011, 1012, 1013].map((code) => [`recovery from ${code}`, (name) => use(name, ...recovering(closing))])),
  ...Object.fromEntries([1000, 1002, 1008, 1014, 3000, 4001].map((code) => [`no recovery from ${code}`, (name) => use(name, ...recovering())])),
};

/** What needs no connection: addresses, texts, refusals. */
function still() {
  const outcome = {};
  const attempt = (work) => {
    try {
      const value = work();
      return value instanceof URL ? value.href : (value ?? null);
    } catch (error) {
      return `${error.name}: ${error.message}`;
    }
  };
  const client = new OpenAI({ apiKey: 'k', baseURL: 'http://127.0.0.1:9/v1?x=1' });
  const keyed = new OpenAI({ apiKey: async () => 'k', baseURL: 'https://h/v1/' });
  const places = ['https://r.azure.com/openai', 'https://r.azure.com/openai/v1/', 'https://r.azure.com/', 'https://r/openai/deployments/x/?q=1'];
  const clients = { client, keyed, ...Object.fromEntries(places.map((baseURL) => [baseURL, new AzureOpenAI({ apiKey: 'k', apiVersion: 'v', baseURL, deployment: 'dep' })])) };
  const targets = ['m x&', { model: 'gpt' }, { intent: 'transcription' }, { callID: 'rtc' }, {}, { model: '' }, { callID: '' }, { intent: 'foo' },
    { model: 'a', callID: 'b' }, { model: 'a', intent: 'transcription' }, { model: 5 }, { model: 'g', buildRealtimeURL: () => new URL('ws://x/') },
    { model: 'g', buildRealtimeURL: () => new URL('wss://x/p?q') }]; // prettier-ignore
  const azureTargets = [{}, { deploymentName: 'd' }, { intent: 'transcription' }, { callID: 'x' }, { deploymentName: 'a', callID: 'b' },
    { deploymentName: 'a', intent: 'transcription' }, { intent: 'foo' }, { deploymentName: '' }, { deploymentName: 'q', reconnect: true, maxQueueBytes: 5 }]; // prettier-ignore
  for (const [label, { buildRealtimeURL, parseRealtimeEvent, isAzure, OpenAIRealtimeError }] of Object.entries({ stable, beta })) {
    for (const [name, each] of Object.entries(clients)) {
      outcome[`${label} ${name}`] = [isAzure(each), ...targets.map((target) => attempt(() => buildRealtimeURL(each, target)))];
    }
    outcome[`${label} texts`] = ['{"type":"a"}', '{bad', 'null', '5'].map((value) => attempt(() => parseRealtimeEvent(value)));
    const errors = [new OpenAIRealtimeError('m', { type: 'error', event_id: 'e', error: { message: 'mm' } }), new OpenAIRealtimeError('m', null)];
    outcome[`${label} errors`] = errors.map((error) => [Object.keys(error), String(error), error.error ?? null, error.event_id ?? null]);
  }
  const deployed = clients[places[0]];
  outcome.azure = azureTargets.map((target) => [attempt(() => stable.getAzureRealtimeConnection(deployed, target)), attempt(() => stable.getAzureRealtimeConnection({}, target))]);
  const limits = [{ maxReconnectAttempts: -1 }, { reconnectInitialDelay: 1.5 }, { reconnectMaxDelay: 'a' }, { maxQueueBytes: -1 }, { reconnect: true, maxQueueBytes: Infinity }, { reconnect: true, reconnectInitialDelay: 2 ** 40 }];
  outcome.limits = limits.map((limit) => attempt(() => new Connection({ model: 'm', ...limit }, client)));
  outcome.refused = [attempt(() => new Connection({ model: 'm' }, keyed)), attempt(() => new Connection({}, client))];
  return outcome;
}

const stable = await load('realtime/internal-base');
const beta = await load('beta/realtime/internal-base');
const outcomes = { still: still() };
for (const [name, scenario] of Object.entries(SCENARIOS)) {
  const late = new Promise((resolve) => setTimeout(resolve, 60_000, { late: true }).unref());
  outcomes[name] = JSON.parse(JSON.stringify(await Promise.race([scenario(name), late])));
}
process.stdout.write(JSON.stringify(outcomes), () => process.exit());
