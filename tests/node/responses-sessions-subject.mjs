// Uses the sessions of Responses sockets of one package in the ways of responses-sessions-scripts.mjs, and prints what
// happened, as data.
//
// node responses-sessions-subject.mjs <folder of the package> <extension> <JSON text: base URLs by scenario>

import { getEventListeners } from 'node:events';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { FORMS, OVERFLOWS, SPELLINGS } from './responses-sessions-scripts.mjs';

const [folder, extension, text] = process.argv.slice(2);
const places = JSON.parse(text);
const load = (path) => import(pathToFileURL(join(folder, path + extension)).href);
const { default: OpenAI } = await load('index');
const { ResponsesWS } = await load('resources/responses/ws');
const { WebSocketError } = await load('resources/responses/internal-base');
const { EventEmitter } = await load('lib/EventEmitter');
const module = await load('lib/responses/responses-websocket-session');
const laneModule = await load('lib/responses/responses-websocket-lane');
const { ResponsesWebSocketSession: Session } = module;

const rejections = [];
process.on('unhandledRejection', (error) => rejections.push(told(error)));

const MODEL = { model: 'm' };
const LIMITS = { maxLanes: 4, maxBufferedEvents: 8, maxBufferedBytes: 2000 };
const WIDE = { maxLanes: 200, maxBufferedEvents: 1000, maxBufferedBytes: 1e6 };

/** An error without what each transport says of its own. */
function told(error) {
  if (!(error instanceof Error)) return { thrown: error };
  const { name, message, cause } = error;
  const isSocket = error instanceof WebSocketError && cause !== undefined;
  const event = Object.getOwnPropertyDescriptor(error, 'error');
  return { class: error.constructor.name, name, message: isSocket ? cause.message === message && 'a socket failed' : message, event: event && [event.value ?? null, event.enumerable] };
}
const attempt = (work) => {
  try {
    return work() ?? 'done';
  } catch (error) {
    return told(error);
  }
};
const outcome = (promise) => promise.then((value) => ({ value }), told);
/** What a lane has, until it has ended or `count` came. */
async function drained(lane, count = Infinity) {
  const got = [];
  while (got.length < count) {
    const next = await outcome(lane.receive());
    got.push(next.value ?? next);
    if (!('value' in next)) break;
  }
  return got;
}
const finals = (...lanes) => Promise.all(lanes.map((lane) => outcome(lane.finalResponse())));
const states = (...lanes) => lanes.map(({ ended }) => ended);

/** A connection that is open, and what waits for the server's marks. */
async function opened(name, options) {
  const rt = new ResponsesWS(new OpenAI({ apiKey: 'key', baseURL: places[name] }), options);
  let [came, waiting] = [0, () => {}];
  rt.on('mark', () => (came++, waiting()));
  const mark = (count = 1) =>
    new Promise((resolve) => {
      waiting = () => came >= count && resolve();
      waiting();
    });
  const closed = new Promise((resolve) => rt.on('close', (code) => resolve(code)));
  return { rt, mark, closed, go: () => rt.send({ type: 'go' }) };
}
const open = (rt) => new Promise((resolve) => (rt.socket.readyState === 1 ? resolve() : rt.socket.on('open', resolve)));
async function use(name, act, { limits = LIMITS, connection, early = false } = {}) {
  const opening = await opened(name, connection);
  const session = new Session(opening.rt, limits);
  if (!early) await open(opening.rt);
  const result = await act(session, opening);
  opening.rt.close();
  await opening.closed;
  return { result, rejections: rejections.splice(0) };
}

/** A connection of the caller's own, over a socket that is none. */
class Made extends EventEmitter {
  socket = { readyState: 1, sent: [], send: (data) => this.socket.sent.push(data), on: () => {}, off: () => {} };
}
const made = (limits = LIMITS) => {
  const connection = new Made();
  return { connection, session: new Session(connection, limits), tell: (event) => connection._emit('event', event) };
};
class Custom {
  type = 'custom';
  toJSON() {
    return { type: 'other' };
  }
}
const circular = { type: 'circular' };
circular.self = circular;
const ODD = [null, 5, 'x', [1], { number: 1 }, { type: 5 }, { type: '' }, { type: 'x', call() {} }, { type: 'x', number: 1n }, circular, Object.create({ type: 'inherited' }), { type: 'x', toJSON: () => ({}) }, new Custom(), { type: 'x', date: new Date(0), map: new Map([[1, 2]]), none: undefined, list: [undefined, NaN] }, { type: 'x', stream_id: undefined }];

const SCENARIOS = {
  'overlapping responses': (name) => use(name, async (session, { rt, mark, go }) => {
    const seen = [];
    rt.on('plain', ({ stream_id, number }) => seen.push([stream_id ?? null, number ?? null]));
    const [a, b, d] = [session.lane('a'), session.lane('b'), session.lane()];
    for (const lane of [a, b, d]) lane.create({ ...MODEL, input: lane.streamID });
    await mark();
    const first = await finals(b, a, d);
    const [next, later] = [a.finalResponse(), b.receive()];
    go();
    return { first, next: await next, later: await later, seen, states: states(a, b, d), names: [a.streamID, d.streamID ?? null] };
  }, { limits: WIDE }),
  'several in a row': (name) => use(name, async (session, { mark }) => {
    const a = session.lane('a');
    a.create({ input: '1' });
    a.create({ input: '2', previous_response_id: 'one' });
    await mark();
    return [await outcome(a.finalResponse()), await outcome(a.finalResponse()), await drained(a, 1)];
  }),
  'what is sent': (name) => use(name, async (session, { mark, go }) => {
    go();
    await mark();
    const [a, d] = [session.lane('a'), session.lane()];
    const requests = [{ ...MODEL, type: 'x', stream_id: 'b', stream: true, background: true, none: undefined }, MODEL, null, undefined, [1], 'ab', { toJSON: () => ({ other: 1 }), kept: { toJSON: () => 5 } }, { [Symbol('s')]: 1 }];
    const done = requests.map((request, at) => attempt(() => (at % 2 ? d : a).create(request)));
    const refused = [{ number: 1n }, circular].map((request) => attempt(() => a.create(request)).class);
    a.create({ last: 1 });
    await mark(2);
    return [done, refused];
  }),
  'sending when it is not open': (name) => use(name, async (session, { rt, mark, go, closed }) => {
    const a = session.lane('a');
    const early = attempt(() => a.create(MODEL));
    await open(rt);
    go();
    await mark();
    rt.close();
    const late = [attempt(() => a.create(MODEL)), attempt(() => session.lane('b').streamID), states(a)];
    await closed;
    return [early, late, attempt(() => a.create(MODEL)), attempt(() => session.lane('c')), await drained(a)];
  }, { early: true }),
  'one reader': (name) => use(name, async (session, { mark, go }) => {
    const a = session.lane('a');
    const first = a.receive();
    const refused = await Promise.all([outcome(a.receive()), outcome(a.finalResponse()), outcome(a.receive({ signal: AbortSignal.abort() })), outcome(a.finalResponse({ maxResponseBytes: 0 }))]);
    go();
    await mark();
    const got = await first;
    const final = a.finalResponse();
    const again = await outcome(a.receive());
    return [got, refused, again, await final];
  }),
  'aborted waiting': (name) => use(name, async (session, { mark, go }) => {
    const [a, b, c] = [session.lane('a'), session.lane('b'), session.lane('c')];
    const reasons = [undefined, new Error('mine'), 'text'];
    const waited = [];
    for (const reason of reasons) {
      const abort = new AbortController();
      const waiting = outcome(c.receive({ signal: abort.signal }));
      abort.abort(reason);
      waited.push(await waiting, getEventListeners(abort.signal, 'abort').length);
    }
    const signal = AbortSignal.abort(new Error('before'));
    const before = [await outcome(c.receive({ signal })), await outcome(c.finalResponse({ signal }))];
    const [early, late] = [new AbortController(), new AbortController()];
    const reading = b.finalResponse({ signal: late.signal });
    const waiting = outcome(c.finalResponse({ signal: early.signal }));
    go();
    await mark();
    // What waits is there for the next reader.
    const kept = [await outcome(a.receive({ signal })), await drained(a, 1)];
    early.abort(new Error('early'));
    late.abort(new Error('late'));
    const aborted = [await waiting, await outcome(reading), states(a, b, c)];
    go();
    await mark(2);
    return { waited, before, kept, aborted, after: [await finals(a, b, c), attempt(() => b.create(MODEL)), await drained(b), attempt(() => session.lane('b'))] };
  }),
  'a lane that is closed': (name) => use(name, async (session, { mark, go }) => {
    const [a, b] = [session.lane('a'), session.lane('b')];
    const waiting = outcome(a.receive());
    a.close();
    const closed = [await waiting, await drained(a), await finals(a), attempt(() => a.create(MODEL)), states(a, b)];
    go();
    await mark();
    b.close();
    b.close();
    go();
    await mark(2);
    return [closed, await drained(b), attempt(() => session.lane('a')), attempt(() => session.lane('c').streamID), attempt(() => session.lane('d').streamID), attempt(() => session.lane('e'))];
  }),
  'errors of the server': (name) => use(name, async (session, { mark, go }) => {
    const [a, d] = [session.lane('a'), session.lane()];
    go();
    await mark();
    return [await finals(a, d), await drained(a, 1), states(a, d), rejections.length];
  }),
  'responses of all forms': (name) => use(name, async (session, { mark, go }) => {
    const lanes = FORMS.map((_, at) => session.lane(`lane-${at}`));
    go();
    await mark();
    const got = await finals(...lanes);
    const errors = await Promise.all(lanes.map(async (lane) => (lane.ended ? outcome(lane.finalResponse()) : 'goes on')));
    session.close();
    return [got, errors];
  }, { limits: WIDE }),
  'limits of a response': (name) => use(name, async (session, { mark, go }) => {
    const lanes = ['a', 'b', 'c', 'd', 'e'].map((id) => session.lane(id));
    go();
    await mark();
    const wrong = await Promise.all([0, -1, 1.5, NaN, '5', null, Infinity].map((maxResponseBytes) => outcome(lanes[0].finalResponse({ maxResponseBytes }))));
    const limits = [undefined, 1000, 160, 160, 100];
    const got = await Promise.all(lanes.map((lane, at) => outcome(lane.finalResponse({ maxResponseBytes: limits[at] }))));
    return [wrong, got, states(...lanes), await drained(lanes[4]), attempt(() => lanes[4].create(MODEL))];
  }, { limits: { ...WIDE, maxLanes: 5 } }),
  'bytes as they came': async (name) => {
    const sizes = SPELLINGS.flatMap(({ length }) => [length - 1, length]);
    const got = [];
    for (const size of sizes) {
      got.push(await use(name, async (session, { mark, go }) => {
        const lanes = ['a', 'b'].map((id) => session.lane(id, { maxBufferedBytes: size }));
        go();
        await mark();
        return Promise.all(lanes.map((lane) => drained(lane, 1)));
      }));
    }
    return got;
  },
  'names and limits': (name) => use(name, async (session, { rt, go }) => {
    const ids = ['', 'ä', 'a b', 'a/b', 'x'.repeat(257), 'x'.repeat(256), '..', null, 5, 'x\n', '..', undefined, undefined];
    const lanes = ids.map((id) => attempt(() => (id === undefined ? session.lane().streamID ?? null : session.lane(id).streamID)));
    const limits = [{}, { maxBufferedEvents: 0 }, { maxBufferedEvents: 1.5 }, { maxBufferedBytes: '5' }, { maxBufferedBytes: null, maxBufferedEvents: undefined }, { maxBufferedBytes: 1e9 }];
    const limited = limits.map((each, at) => attempt(() => session.lane(`l${at}`, each).streamID));
    const full = [attempt(() => session.lane('ä')), attempt(() => session.lane('..', { maxBufferedEvents: 0 })), attempt(() => session.lane('more', { maxBufferedEvents: 0 }))];
    const wrong = [{}, { ...LIMITS, maxLanes: 0 }, { ...LIMITS, maxBufferedEvents: 1.5 }, { ...LIMITS, maxBufferedBytes: Infinity }, { ...LIMITS, maxLanes: '3' }].map((options) => attempt(() => new Session(rt, options).close()));
    const missing = [undefined, null].map((options) => attempt(() => new Session(rt, options)).class);
    const integers = [1, 0, -1, 1.5, NaN, '1', null, 2 ** 53, 2 ** 53 - 1].map((value) => attempt(() => laneModule.positiveInteger(value)));
    const names = [Object.keys(module).sort(), Object.keys(laneModule).sort(), Object.keys(session.lane('last')), Object.getOwnPropertyNames(Session.prototype).sort(), Object.getOwnPropertyNames(laneModule.ResponsesWebSocketLane.prototype).sort()];
    go();
    return { lanes, limited, full, wrong, missing, integers, names, json: JSON.stringify(session) };
  }, { limits: { ...LIMITS, maxLanes: 7 } }),
  'an event that its listeners change': (name) => use(name, async (session, { rt, mark, go }) => {
    rt.on('event', (event) => delete event.deep);
    let before;
    rt.on('plain', (event) => (before = event));
    const a = session.lane('a');
    go();
    await mark();
    const event = await a.receive();
    return [event, before, event === before];
  }),
  'two sessions': (name) => use(name, async (session, { rt, mark, go }) => {
    const other = new Session(rt, { ...LIMITS, maxLanes: 3 });
    const [a, b] = [session.lane('a'), other.lane('b')];
    const taken = [attempt(() => other.lane('a')), attempt(() => session.lane('b'))];
    go();
    await mark();
    const got = [await drained(a, 1), await drained(b, 1)];
    session.close();
    const next = new Session(rt, LIMITS);
    const c = next.lane('c');
    const after = [attempt(() => next.lane('a')), attempt(() => other.lane('d')), attempt(() => next.lane('e').streamID)];
    go();
    await mark(2);
    return { taken, got, after, last: [await drained(a), await drained(c, 1), states(b)] };
  }),
  'a session that is closed': (name) => use(name, async (session, { rt, mark, go }) => {
    const [a, b] = [session.lane('a'), session.lane('b')];
    go();
    await mark();
    const waiting = outcome(a.receive());
    session.close();
    session.close();
    const closed = [await waiting, await drained(a), await drained(b), await finals(b), attempt(() => b.create(MODEL)), attempt(() => session.lane('c')), states(a, b)];
    rt.on('error', () => {});
    go();
    await mark(2);
    return [closed, rt.socket.readyState];
  }),
  'an iteration that is left': (name) => use(name, async (session, { rt, mark, go }) => {
    const a = session.lane('a');
    go();
    const seen = [];
    for await (const { type, message } of rt) if (type === 'message' && seen.push(message.type) === 2) break;
    await mark();
    go();
    return [seen, await drained(a, 1), await outcome(a.finalResponse())];
  }),
  'attached too late': (name) => use(name, async (_session, { rt, mark, go, closed }) => {
    go();
    await mark();
    rt.close();
    const closing = attempt(() => new Session(rt, LIMITS));
    await closed;
    return [closing, attempt(() => new Session(rt, LIMITS))];
  }),
  ...Object.fromEntries(['the end of the connection', 'another end of the connection', 'a break'].map((scenario) => [scenario, (name) => use(name, async (session, { go, closed }) => {
    const [a, b, c] = [session.lane('a'), session.lane('b'), session.lane('c')];
    const waiting = Promise.all([outcome(c.receive()), outcome(b.finalResponse())]);
    go();
    await closed;
    const ends = [await waiting, states(a, b, c), await drained(a), await finals(a), attempt(() => a.create(MODEL)), attempt(() => session.lane('d'))];
    a.close();
    session.close();
    return [...ends, await drained(a)];
  })])),
  'a broken frame': (name) => use(name, async (session, { rt, mark, go, closed }) => {
    const [a, b, c] = [session.lane('a'), session.lane('b'), session.lane('c')];
    const waiting = Promise.all([outcome(c.receive()), outcome(b.finalResponse())]);
    go();
    await mark();
    go();
    const ends = [await waiting, states(a, b, c), await drained(a), attempt(() => a.create(MODEL))];
    await closed;
    return [...ends, await drained(a), attempt(() => session.lane('d')), rt.socket.readyState];
  }),
  'a refusal': (name) => use(name, async (session, { closed }) => {
    const [a, b] = [session.lane('a'), session.lane('b')];
    const waiting = Promise.all([outcome(a.receive()), outcome(b.finalResponse())]);
    const code = await closed;
    return [await waiting, states(a, b), code, attempt(() => session.lane('c'))];
  }, { early: true }),
  'closing the connection': (name) => use(name, async (session, { rt, mark, go, closed }) => {
    const [a, b] = [session.lane('a'), session.lane('b')];
    go();
    await mark();
    rt.close();
    const ends = [attempt(() => b.create(MODEL)), states(a, b), await outcome(b.receive())];
    await closed;
    return [...ends, await drained(a)];
  }),
  'a connection that is made again': (name) => use(name, async (session, { rt, mark, go }) => {
    const [a, b] = [session.lane('a'), session.lane('b')];
    const ends = [];
    let made;
    rt.on('reconnecting', () => {
      ends.push(states(a, b), attempt(() => a.create(MODEL)));
      made = session.lane('while');
      ends.push(attempt(() => made.create(MODEL)));
    });
    rt.on('reconnected', () => ends.push(made.ended));
    go();
    await mark();
    const waiting = Promise.all([outcome(b.finalResponse()), drained(a)]);
    go();
    await mark(2);
    const [again, next] = [session.lane('a'), session.lane('b')];
    again.create(MODEL);
    next.create(MODEL);
    await mark(3);
    return { waited: await waiting, ends, after: [await finals(again), await drained(next, 1), await drained(a), attempt(() => session.lane('c').streamID), attempt(() => session.lane('d').streamID), attempt(() => session.lane('e'))] };
  }, { connection: { reconnect: { initialDelay: 1, maxDelay: 4, onReconnecting: () => {} } } }),
  'a connection that is not made again': (name) => use(name, async (session, { rt, mark, go, closed }) => {
    const a = session.lane('a');
    let during;
    rt.on('reconnecting', () => (during = outcome(session.lane('b').receive())));
    go();
    await mark();
    go();
    await closed;
    return [await drained(a), await during, attempt(() => session.lane('c'))];
  }, { connection: { reconnect: { maxRetries: 1, initialDelay: 1, onReconnecting: () => {} } } }),
  ...Object.fromEntries(Object.keys(OVERFLOWS).map((scenario) => [scenario, (name) => use(name, async (session, { rt, mark, go, closed }) => {
    const own = { 'an event that is too large for its lane': { c: { maxBufferedBytes: 50 } }, 'more events than one lane may have': { a: { maxBufferedEvents: 2 } }, 'more bytes than one lane may have': { a: { maxBufferedBytes: 170 } } }[scenario] ?? {};
    const lanes = ['a', 'b', 'c'].map((id) => session.lane(id, own[id]));
    go();
    await mark();
    const ends = [states(...lanes), attempt(() => session.lane('a'))];
    session.lane('d');
    rt.close();
    await closed;
    return [...ends, await Promise.all(lanes.map((lane) => drained(lane)))];
  }, { limits: { ...LIMITS, ...(/event/.test(scenario) && !/too large|larger|two lanes end/.test(scenario) && { maxBufferedEvents: 4 }), ...(/bytes|larger|too large|two lanes end/.test(scenario) && { maxBufferedBytes: 380 }) } })])),
};

/** What needs no connection. */
async function still() {
  const custom = [];
  for (const event of ODD) {
    const { session, tell } = made();
    const [d, a] = [session.lane(), session.lane('a')];
    tell(event);
    custom.push([states(d, a), d.ended ? await drained(d) : await drained(d, 1), attempt(() => session.lane('n').streamID)]);
  }
  const released = [];
  const lane = new laneModule.ResponsesWebSocketLane('any!', (event) => released.push(event), (bytes) => released.push(bytes), 3, 100);
  lane.create({ model: 'm' });
  for (const bytes of [10, 20, 30]) lane.push({ type: 'x', bytes }, bytes);
  const first = await lane.receive();
  lane.end(new Error('ended'));
  lane.push({ type: 'late' }, 5);
  lane.fail(new Error('failed'));
  lane.fail(new Error('failed again'));
  const full = new laneModule.ResponsesWebSocketLane(undefined, () => {}, (bytes) => released.push(bytes), 3, 100);
  full.push({ type: 'x' }, 60);
  full.push({ type: 'x' }, 41);
  return { custom, first, released, ended: [await drained(lane), attempt(() => lane.create({})), await drained(full)] };
}

const outcomes = { still: await still() };
for (const [name, scenario] of Object.entries(SCENARIOS)) {
  if (!(name in places)) continue;
  const late = new Promise((resolve) => setTimeout(resolve, 60_000, { late: true }));
  outcomes[name] = JSON.parse(JSON.stringify(await Promise.race([scenario(name), late])));
}
process.stdout.write(JSON.stringify(outcomes), () => process.exit());
