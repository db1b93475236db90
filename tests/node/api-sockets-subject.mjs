// Uses the WebSocket classes of one package in the ways of api-sockets-scripts.mjs, and prints what happened, as data.
//
// node api-sockets-subject.mjs <folder of the package> <extension> <kind of KINDS> <JSON text: base URLs by scenario>
//
// Scenarios without a base URL are left out.

import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const KINDS = {
  responses: ['resources/responses/', 'ResponsesWS'],
  'beta responses': ['resources/beta/responses/', 'ResponsesWS'],
  live: ['resources/live/', 'LiveWS'],
  sideband: ['resources/live/sideband/', 'SidebandWS', { session_id: 'ses/1', graceful_close: true }],
  forks: ['resources/live/forks/', 'ForksWS', { session_id: 'ses 1' }],
};
const [folder, extension, kind, text] = process.argv.slice(2);
const places = JSON.parse(text);
const load = (path) => import(pathToFileURL(join(folder, path + extension)).href);
const { default: OpenAI, AzureOpenAI } = await load('index');
const [path, className, parameters] = KINDS[kind];
const { [className]: Connection } = await load(`${path}ws`);
const internal = await load(`${path}internal-base`);
const base = await load(`${path}ws-base`);

const GO = { type: 'go' };
const rejections = [];
process.on('unhandledRejection', (error) => rejections.push(error));
const settled = () => new Promise((resolve) => setTimeout(resolve, 20));
const next = (rt, event) => new Promise((resolve) => rt.once(event, resolve));
const built = (client, options, Class = Connection) =>
  parameters === undefined ? new Class(client, options) : new Class(client, parameters, options);

/** An error without what each transport says of its own. */
function told(error) {
  const { message, cause } = error;
  // Why the last attempt failed stands with ours.
  const isLast = /^WebSocket reconnect failed after/.test(message);
  const isOurs = cause === undefined || /^(could not|cannot|send queue|WebSocket (reconnect|event)|received)/.test(message);
  const isPackage = !isLast && (cause instanceof OpenAI.OpenAIError || /^(mine|Do not)/.test(cause?.message));
  const rest = { kind: [error instanceof internal.WebSocketError, error instanceof OpenAI.OpenAIError], keys: Object.keys(error), event: error.error };
  const text = isOurs ? message : 'a socket failed';
  return { class: error.constructor.name, name: error.name, text, ...rest, cause: isPackage ? `${cause.constructor.name}: ${cause.message}` : !isLast && cause != null };
}
const plain = (value) => (value instanceof Error ? told(value) : value);
const inIterator = (event) => (event.type === 'error' ? { ...event, error: told(event.error) } : event);

/** Opens a connection, writes down what it tells and gives that once it has closed. */
async function use(name, act, { options, make, hears = true, client: given, settings = {} } = {}) {
  const client = given ?? new OpenAI({ apiKey: 'key', baseURL: places[name], organization: 'org', project: 'pr', ...settings });
  // What a socket tells comes when it likes beside what is done here.
  const [log, events, iterated] = [[], [], []];
  const note = (...values) => log.push(values.map(plain));
  let rt;
  try {
    rt = make ? make(client) : built(client, options);
  } catch (error) {
    return { threw: `${error.name}: ${error.message}`, class: error.constructor.name };
  }
  note('state', rt.socket.readyState, rt.url.search, rt.url.pathname.replace(/^\/s\/\w+/, ''), rt.socket.constructor.name);
  if (hears) rt.on('error', (error) => (told(error).text === 'a socket failed' || error.error !== undefined || /^received/.test(error.message) ? events : log).push(['error', told(error)]));
  for (const type of ['event', 'hi', 'raw', 'odd', 'pieces']) rt.on(type, (...values) => events.push([type, ...values]));
  rt.on('reconnecting', ({ delay, ...rest }) => note('reconnecting', rest, delay <= 4));
  rt.on('reconnected', () => note('reconnected'));
  const closed = new Promise((resolve) => rt.on('close', (...values) => (note('close', ...values), resolve())));
  const reading = (async () => {
    for await (const event of rt) iterated.push(inIterator(event));
    iterated.push('the end');
  })();
  reading.catch(() => {});
  const greetings = (count) =>
    new Promise((resolve) => {
      const look = () => events.filter(([type]) => type === 'hi').length >= count && resolve();
      rt.on('hi', look);
      look();
    });
  await act(rt, note, { greetings, client });
  await closed;
  await reading;
  await settled();
  note('state', rt.socket.readyState);
  return { log, events, iterated: sorted(iterated) };
}
/** What is sent here and what comes stand in no order to each other, nor the first message of a replacement to its opening. */
function sorted(events) {
  for (let at = 1; at < events.length; at++) {
    if (events[at].type === 'reconnected' && events[at - 1].type === 'message') events.splice(at - 1, 2, events[at], events[at - 1]);
    delete events[at].reconnect?.delay;
  }
  const isLocal = (event) => event.type === 'error' && /^(could not|cannot|send queue)/.test(event.error.text);
  return { came: events.filter((event) => !isLocal(event)), local: events.filter(isLocal) };
}

const go = (rt) => rt.send(GO);
/** Answers each greeting, so that the server goes on. */
const answering = (rt) => void rt.on('hi', () => rt.send(GO));
const seen = [];
const reconnect = (onReconnecting = () => {}, more = {}) => ({
  reconnect: { initialDelay: 1, maxDelay: 4, onReconnecting: (event) => (seen.push({ ...event, delay: event.delay <= 4 }), onReconnecting(event)), ...more },
});
const recovering = async (name, act, options = reconnect(), more = {}) => {
  seen.length = 0;
  const outcome = await use(name, act, { options, ...more });
  return { ...outcome, seen: [...seen] };
};
const azure = (name, options) => new AzureOpenAI({ apiVersion: 'v', deployment: 'dep', baseURL: places[name], ...options });
const collect = async (iterable, most = Infinity) => {
  const got = [];
  try {
    for await (const event of iterable) if (got.push(inIterator(event)) >= most) break;
  } catch (error) {
    got.push(told(error));
  }
  return got;
};

const SCENARIOS = {
  'every kind of event': (name) => use(name, go),
  'events nobody listens to': async (name) => {
    const outcome = await use(name, go, { hears: false });
    return { ...outcome, rejected: rejections.splice(0).map(told) };
  },
  'many events': (name) => use(name, go),
  'sending early': (name) => use(name, (rt) => {
    answering(rt);
    const bytes = Uint8Array.of(1, 2, 3, 4);
    const event = { type: 'early', text: 'ü' };
    rt.send(event);
    event.type = 'changed';
    rt.sendRaw('raw');
    rt.sendRaw(bytes);
    rt.sendRaw(bytes.buffer);
    rt.sendRaw(new Uint16Array(bytes.buffer, 2, 1));
    rt.sendRaw([bytes.subarray(0, 1), bytes.subarray(2)]);
    rt.send([1]);
    bytes.fill(9);
  }),
  'a full queue': (name) => use(name, (rt) => {
    answering(rt);
    rt.send({ type: 'a' });
    rt.send({ type: 'long'.repeat(10) });
    rt.sendRaw('long'.repeat(10));
    rt.sendRaw('b');
  }, { options: { maxQueueSize: 20 } }),
  'a large first message': (name) => use(name, (rt) => {
    answering(rt);
    rt.send({ type: 'long'.repeat(10) });
    rt.sendRaw('b');
  }, { options: { maxQueueSize: 20 } }),
  'what cannot be sent': (name) => use(name, async (rt, _note, { greetings }) => {
    rt.send({ number: 1n });
    rt.send(undefined);
    await greetings(1);
    rt.send({ number: 1n });
    rt.send({ type: 'last' });
  }),
  'closing as it is': (name) => use(name, async (rt, note, { greetings }) => {
    await greetings(1);
    rt.send({ type: 'before' });
    rt.close();
    note('state', rt.socket.readyState);
    rt.send({ type: 'late' });
    rt.sendRaw('late');
    rt.close({ code: 4000, reason: 'again' });
    await next(rt, 'close');
    rt.send({ type: 'later' });
    rt.sendRaw('later');
    rt.close();
  }),
  'closing with a code': (name) => use(name, async (rt, _note, { greetings }) => {
    await greetings(1);
    rt.send({ type: 'before' });
    rt.close({ code: 4009, reason: 'r' });
  }),
  'wrong closing': (name) => use(name, async (rt, note, { greetings }) => {
    await greetings(1);
    rt.close({ code: 1005, reason: 'r' });
    note('state', rt.socket.readyState);
    rt.close({ code: 3000, reason: 'r'.repeat(200) });
    rt.close();
  }),
  'closing early': (name) => use(name, (rt) => {
    rt.send({ type: 'queued' });
    rt.sendRaw('raw');
    rt.close();
    rt.send({ type: 'after' });
  }),
  'a break': (name) => use(name, go),
  'a refusal': (name) => use(name, () => {}),
  'a refusal with a queue': (name) => use(name, (rt) => {
    rt.send({ type: 'q', text: 'ü' });
    rt.sendRaw(Uint8Array.of(7, 8));
    rt.sendRaw('text');
  }),
  'a redirect': (name) => use(name, () => {}),
  recovery: (name) => recovering(name, (rt) => answering(rt)),
  'other parameters': (name) => {
    let count = 0;
    const changes = [{ parameters: { ...parameters, a: 'x y', list: [1, 2], none: null } }, { parameters: undefined }];
    const options = reconnect(() => (parameters === undefined ? changes[count++] : changes[0]));
    return recovering(name, (rt) => answering(rt), options);
  },
  'no reconnecting by choice': (name) => recovering(name, (rt) => answering(rt), reconnect(() => ({ abort: true }))),
  'a handler that throws': (name) => recovering(name, (rt) => answering(rt), reconnect(() => { throw new Error('mine'); })),
  'attempts that are used up': (name) => recovering(name, (rt) => answering(rt), reconnect(undefined, { maxRetries: 2 })),
  'no attempts': (name) => recovering(name, (rt) => answering(rt), reconnect(undefined, { maxRetries: 0 })),
  'a queue while it reconnects': (name) => recovering(name, async (rt) => {
    answering(rt);
    await next(rt, 'reconnecting');
    rt.send({ type: 'q1' });
    rt.send({ number: 1n });
    rt.sendRaw('q2');
    rt.send({ type: 'too long'.repeat(20) });
  }, { ...reconnect(), maxQueueSize: 60 }),
  'a refusal while it reconnects': (name) => recovering(name, (rt) => answering(rt)),
  'closing while it reconnects': (name) => recovering(name, async (rt) => {
    answering(rt);
    await next(rt, 'reconnecting');
    rt.send({ type: 'q1' });
    rt.close({ code: 4002, reason: 'zz' });
    rt.send({ type: 'q2' });
  }, reconnect(undefined, { initialDelay: 4 })),
  'closing in the event': (name) => recovering(name, (rt) => {
    answering(rt);
    rt.on('reconnecting', () => rt.close());
  }),
  'closing in the handler': (name) => {
    let connection;
    return recovering(name, (rt) => {
      connection = rt;
      answering(rt);
    }, reconnect(() => connection.close({ code: 4005, reason: 'here' })));
  },
  'a fresh key': (name) => {
    const client = new OpenAI({ apiKey: 'key', baseURL: places[name] });
    return recovering(name, (rt) => {
      client.apiKey = 'changed';
      answering(rt);
    }, reconnect(), { client });
  },
  'a key by a function': async (name) => {
    const client = new OpenAI({ apiKey: async () => 'key', baseURL: places[name] });
    const refused = await use(name, answering, { client });
    await client._callApiKey();
    return [refused, await use(name, answering, { client })];
  },
  'a key that fails': async (name) => {
    let asked = 0;
    const client = new OpenAI({ baseURL: places[name], apiKey: async () => {
      if (asked++ > 0) throw new Error('no key now');
      return 'key';
    } });
    await client._callApiKey();
    return recovering(name, answering, reconnect(undefined, { maxRetries: 1 }), { client });
  },
  'no key': (name) => use(name, answering, { settings: { apiKey: null, adminAPIKey: 'admin' } }),
  'headers of the caller': (name) => recovering(name, answering, { ...reconnect(), headers: { Authorization: 'Bearer mine', 'X-Mine': ['1', '2'], 'OpenAI-Beta': 'b', origin: 'https://o' }, origin: 'https://here', auth: 'u:p' }, { settings: { defaultHeaders: { 'X-Default': 'd', 'OpenAI-Project': null } } }),
  'removed headers': (name) => use(name, answering, { options: { headers: { Authorization: null, 'OpenAI-Organization': null, 'user-agent': 'mine' } } }),
  'headers of a subclass': (name) => {
    const Mine = class extends Connection {
      _authHeaders() {
        return { 'X-Signed': 'yes' };
      }
    };
    return recovering(name, answering, undefined, { make: (client) => built(client, reconnect(), Mine) });
  },
  azure: (name) => use(name, answering, { client: azure(name, { apiKey: 'azure-key' }) }),
  'azure with a token': (name) => use(name, answering, { client: azure(name, { azureADTokenProvider: async () => 'token' }) }),
  'iterating late': async (name) => {
    let got;
    const outcome = await use(name, async (rt, _note, { greetings }) => {
      await greetings(1);
      got = collect(rt.stream());
      go(rt);
    });
    return { ...outcome, got: await got };
  },
  'two iterators': async (name) => {
    let both;
    const outcome = await use(name, (rt) => {
      both = [collect(rt.stream()), collect(rt.stream({ maxBufferedEvents: 50 }))];
      go(rt);
    });
    return { ...outcome, both: await Promise.all(both) };
  },
  'a bounded iterator': async (name) => {
    let bounded, refusals;
    const outcome = await use(name, async (rt) => {
      bounded = rt.stream({ maxBufferedEvents: 2 });
      refusals = await Promise.all([0, -1, 1.5, NaN, Infinity, '3', null].map(async (maxBufferedEvents) => {
        try {
          const iterator = rt.stream({ maxBufferedEvents });
          await iterator.return();
          return 'taken';
        } catch (error) {
          return `${error.constructor.name}: ${error.message}`;
        }
      }));
      go(rt);
    });
    return { ...outcome, refusals, got: await collect(bounded), again: await collect(bounded) };
  },
  'leaving an iterator': async (name) => {
    const got = {};
    const outcome = await use(name, async (rt, note, { greetings }) => {
      const iterator = rt[Symbol.asyncIterator]();
      const first = collect(iterator, 3);
      go(rt);
      got.first = await first;
      got.after = await iterator.next();
      got.returned = await iterator.return?.('value');
      got.hasThrow = typeof iterator.throw;
      note('state', rt.socket.readyState);
      await greetings(2);
      go(rt);
    });
    return { ...outcome, got };
  },
  'iterating after the end': async (name) => {
    let connection;
    const outcome = await use(name, (rt) => {
      connection = rt;
      go(rt);
    });
    return { ...outcome, after: await collect(connection.stream()), raced: await connection.stream().next() };
  },
  ...Object.fromEntries([1001, 1011, 1012, 1013].map((code) => [`recovery from ${code}`, (name) => recovering(name, (rt) => (answering(rt), go(rt)))])),
  ...Object.fromEntries([1000, 1002, 1003, 1007, 1008, 1009, 1010, 3000, 4001].map((code) => [`no recovery from ${code}`, (name) => recovering(name, go)])),
};

/** What needs no connection: addresses, errors, refusals, names. */
function still() {
  const attempt = (work) => {
    try {
      const value = work();
      return value instanceof URL ? value.href : (value ?? null);
    } catch (error) {
      return `${error.constructor.name}: ${error.message}`;
    }
  };
  const clients = [
    ...['http://h/v1', 'https://h/v1/', 'https://h/v1?x=1&y=2', 'ws://h/v1', 'wss://h:99/', 'https://user:pw@h/v1#frag', 'https://api.openai.com/v1'].map((baseURL) => new OpenAI({ apiKey: 'k', baseURL })),
    new OpenAI({ apiKey: 'k', baseURL: 'https://h/v1', defaultQuery: { dq: 'a b', x: '1' } }),
    ...['https://r.azure.com/openai', 'https://r.azure.com/openai/v1/', 'https://r/openai/deployments/x'].map((baseURL) => new AzureOpenAI({ apiKey: 'k', apiVersion: 'v', baseURL, deployment: 'dep' })),
    new AzureOpenAI({ apiKey: 'k', apiVersion: 'v', endpoint: 'https://r' }),
  ];
  const queries = [{}, { a: 'x y&', b: [1, 2], c: { d: true }, e: null, f: undefined }, { session_id: 'a/b?c' }, { session_id: 5, graceful_close: false }, { session_id: '..' }, { session_id: '' }, { dq: 'over' }];
  const { WebSocketError, buildURL } = internal;
  const error = new WebSocketError('m', { type: 'error', error: { message: 'mm' } });
  const sizes = [{ type: 'ü' }, { type: 'a', n: [1] }];
  const errors = [error, new WebSocketError('m', null)].map((each) => [Object.keys(each), JSON.stringify(each), String(each), each.error ?? null, each.name, Object.getOwnPropertyDescriptor(each, 'error') ?? null]);
  return {
    addresses: clients.map((client) => queries.map((query) => attempt(() => buildURL(client, query)))),
    errors,
    names: [internal, base].map((module) => Object.keys(module).sort()),
    sizes: base.getWebSocketEventBytes && sizes.map((event) => [base.getWebSocketEventBytes(event), base.getWebSocketEventPayload(event) ?? null]),
    refused: [{ maxQueueSize: -1 }, { maxQueueSize: NaN }, { maxQueueSize: '5' }, { reconnect: {} }, { reconnect: null }, null].map((options) => attempt(() => {
      const rt = built(clients[0], options);
      rt.on('error', () => {});
      rt.close();
      return 'made';
    })),
    missing: parameters && [undefined, {}].map((given) => attempt(() => {
      const rt = new Connection(clients[0], given);
      rt.on('error', () => {});
      rt.close();
      return 'made';
    })),
  };
}

const outcomes = { still: still() };
for (const [name, scenario] of Object.entries(SCENARIOS)) {
  if (!(name in places)) continue;
  const late = new Promise((resolve) => setTimeout(resolve, 60_000, { late: true }));
  outcomes[name] = JSON.parse(JSON.stringify(await Promise.race([scenario(name), late])));
}
process.stdout.write(JSON.stringify(outcomes), () => process.exit());
