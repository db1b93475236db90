// Makes WebRTC connections with one package over interfaces of a browser that do what they are told, and prints what
// happened, as data.
//
// node webrtc-subject.mjs <folder of the package> <extension> <JSON text: base URLs by scenario>

import { getEventListeners } from 'node:events';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [folder, extension, text] = process.argv.slice(2);
const places = JSON.parse(text);
const load = (path) => import(pathToFileURL(join(folder, path + extension)).href);
const { default: OpenAI } = await load('index');
const realtime = await load('realtime/webrtc');
const live = await load('live/webrtc');
const lib = { realtime: await load('lib/realtime/webrtc'), live: await load('lib/live/webrtc') };
const { WebRTCConnection } = await load('lib/webrtc/connection');
const { DataChannel } = await load('lib/webrtc/data-channel');
const { Subscriptions } = await load('lib/webrtc/subscriptions');
const { WebRTCError } = await load('lib/webrtc/errors');

const thrown = [];
process.on('uncaughtException', (error) => thrown.push(error.message));
process.on('unhandledRejection', (error) => thrown.push(['rejection', error.message]));

/** What happens in the scenario that runs, in its order. */
let log = [];
const note = (...values) => log.push(values.map(plain));
function plain(value) {
  if (value instanceof WebRTCError) {
    const { name, code, phase, message, cause } = value;
    return { class: value.constructor.name, name, code, phase, message, keys: Object.keys(value), cause: plain(cause) ?? null, isPackage: value instanceof OpenAI.OpenAIError };
  }
  if (value instanceof Error) return `${value.constructor.name}: ${value instanceof OpenAI.APIConnectionError ? '' : value.message}`;
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each)]));
}
const attempt = (what, work) => {
  try {
    note(what, typeof work() === 'function' ? 'a function' : 'done');
  } catch (error) {
    note(what, error);
  }
};
/** Long enough for all that needs no clock. */
const settled = async () => {
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
};

class Target {
  listeners = [];
  constructor(name) {
    this.name = name;
  }
  addEventListener(type, listener) {
    note(this.name, 'adds', type);
    this.listeners.push([type, listener]);
  }
  removeEventListener(type, listener) {
    const at = this.listeners.findIndex((each) => each[0] === type && each[1] === listener);
    note(this.name, 'removes', type, at >= 0);
    if (at >= 0) this.listeners.splice(at, 1);
  }
  tell(type, more = {}) {
    for (const [name, listener] of [...this.listeners]) if (name === type) listener({ type, ...more });
  }
}
class Channel extends Target {
  readyState = 'connecting';
  send(data) {
    note('channel sends', data);
    if (data.includes('refused')) throw new Error('not sent');
  }
  close() {
    note('channel closes');
  }
  become(state) {
    this.readyState = state;
    if (state === 'open') this.tell('open');
    if (state === 'closed') this.tell('close');
  }
}
/** What the next peer does in place of what peers do. */
let plan = {};
class Peer extends Target {
  connectionState = 'new';
  localDescription = null;
  plan = plan;
  constructor(...values) {
    super('peer');
    note('a peer', values);
    this.plan.made?.();
  }
  createDataChannel(...values) {
    note('peer makes a channel', values);
    this.plan.channel?.();
    return (this.channel = new Channel('channel'));
  }
  async createOffer(...values) {
    note('peer offers', values);
    return 'offer' in this.plan ? this.plan.offer() : { type: 'offer', sdp: 'v=0 offer' };
  }
  async setLocalDescription(...values) {
    note('peer takes its offer', values);
    if ('local' in this.plan) this.localDescription = this.plan.local();
    else this.localDescription = { sdp: `${values[0].sdp} with candidates` };
  }
  async setRemoteDescription(...values) {
    note('peer takes the answer', values);
    await this.plan.remote?.();
  }
  close() {
    note('peer closes');
    this.plan.close?.();
  }
  become(state) {
    this.connectionState = state;
    this.tell('connectionstatechange');
  }
}
globalThis.RTCPeerConnection = Peer;
const fail = (message) => () => {
  throw new Error(message);
};
const never = () => new Promise(() => {});

function made(given = {}, Class = realtime.OpenAIRealtimeWebRTC) {
  plan = given;
  try {
    const connection = new Class();
    connection.onConnectionEvent((event) => note('told', event));
    connection.onEvent((event) => note('event', event));
    return connection;
  } finally {
    plan = {};
  }
}
/** Begins to connect, acts, and notes how both came out. */
async function connected(act, { given, exchange = async () => 'v=0 answer', options, Class, before } = {}) {
  const connection = made(given, Class);
  before?.(connection);
  const exchangeSdp = (offer, { signal, ...rest }) => {
    note('exchange', offer, Object.keys(rest), signal.aborted);
    signal.addEventListener('abort', () => note('exchange is aborted', signal.reason));
    return exchange(offer, { signal });
  };
  const done = connection.connect({ exchangeSdp, ...options }).then(() => note('connected', connection.state), (error) => note('not connected', error, connection.state));
  note('state', connection.state);
  await settled();
  await act(connection, done);
  await settled();
  note('state', connection.state);
  if (connection.state === 'connecting') connection.close();
  await done;
  connection.close();
  note('left', connection.peerConnection.listeners.length, connection.dataChannel.listeners.length);
}
const stand = async (connection) => {
  connection.peerConnection.become('connected');
  connection.dataChannel.become('open');
  await settled();
};
const waits = () => {};

const MESSAGES = ['{"type":"foo","number":1}', '{"type":"bar"}', '{"type":""}', '{"type":"error","error":{"message":"m"}}', '{bad', '', '5', 'null', '[]', '{}', '{"type":5}', '{"__proto__":{"type":"foo"}}', new ArrayBuffer(2), undefined];
const EVENTS = [{ type: 'x', n: 1 }, 'text', null, undefined, () => {}, { n: 1n }, { toJSON: fail('mine') }, { type: 'refused' }];

const SETUPS = {
  'both ready, the peer first': { act: stand },
  'both ready, the channel first': {
    act: async (c) => {
      c.dataChannel.become('open');
      note(c.state);
      c.peerConnection.become('connected');
    },
  },
  'ready before it is asked': { before: stand, act: waits },
  'ready before the answer': { act: stand, exchange: () => settled().then(settled).then(() => 'v=0 late') },
  'an event without its state': {
    act: async (c) => {
      c.peerConnection.become('connected');
      c.dataChannel.tell('open');
      note(c.state);
    },
  },
  'no offer': { given: { offer: fail('no offer') } },
  'no offer, and a peer that does not close': { given: { offer: fail('no offer'), close: fail('not closed') } },
  'an offer that is not taken': { given: { local: fail('no local') } },
  'no description': { given: { local: () => null } },
  'an empty description': { given: { local: () => ({ sdp: '' }) } },
  'an answer that is not taken': { given: { remote: fail('no remote') } },
  'an exchange that throws': { exchange: fail('no exchange') },
  'an exchange that fails': { exchange: async () => fail('failed')() },
  'an exchange with an error of the package': { exchange: () => Promise.reject(new WebRTCError('timeout', 'send', 'own')) },
  'an answer at once': { exchange: () => 'v=0 at once', act: stand },
  ...Object.fromEntries(['', undefined, null, 5, { sdp: 'x' }].map((answer) => [`the answer ${JSON.stringify(answer)}`, { exchange: async () => answer }])),
  ...Object.fromEntries(['failed', 'closed', 'disconnected', 'connecting'].flatMap((state) => [
    [`a peer that is ${state} in the exchange`, { exchange: never, act: (c) => c.peerConnection.become(state) }],
    [`a peer that is ${state} afterwards`, { act: (c) => c.peerConnection.become(state) }],
    [`a peer that is ${state} before`, { before: (c) => c.peerConnection.become(state) }],
    [`a peer that is ${state} in the end`, { act: async (c) => (await stand(c), c.peerConnection.become(state)) }],
  ])),
  ...Object.fromEntries(['closed', 'closing'].flatMap((state) => [
    [`a channel that is ${state} in the exchange`, { exchange: never, act: (c) => c.dataChannel.become(state) }],
    [`a channel that is ${state} before`, { before: (c) => c.dataChannel.become(state) }],
    [`a channel that is ${state} in the end`, { act: async (c) => (await stand(c), c.dataChannel.become(state)) }],
  ])),
  'a channel that fails in the exchange': { exchange: never, act: (c) => c.dataChannel.tell('error', { error: new Error('broken') }) },
  'a channel that fails before': { before: (c) => c.dataChannel.tell('error') },
  'a channel that fails in the end': { act: async (c) => (await stand(c), c.dataChannel.tell('error', { error: new Error('broken') }), c.dataChannel.become('closed')) },
  'closed in the exchange': { exchange: never, act: (c) => c.close() },
  'closed in the offer': { given: { offer: never }, act: (c) => c.close() },
  'closed afterwards': { act: (c) => c.close() },
  'closed by who is told that it connects': { before: (c) => c.onConnectionEvent(({ state }) => state === 'connecting' && c.close()) },
  'closed by who is told that it stands': { before: (c) => c.onConnectionEvent(({ state }) => state === 'connected' && c.close()), act: stand },
  'closed by who is told of the error': { before: (c) => c.onConnectionEvent(({ type }) => type === 'error' && c.close()), act: async (c) => (await stand(c), c.dataChannel.tell('error')) },
  'listeners that throw': { before: (c) => c.onConnectionEvent(({ type }) => fail(`mine ${type}`)()), act: async (c) => (await stand(c), c.close()) },
  'an answer that comes too late': { exchange: () => settled().then(settled).then(() => 'late'), act: async (c) => (c.close(), await settled(), await settled()) },
  'an exchange that fails too late': { exchange: () => settled().then(settled).then(fail('late')), act: async (c) => (c.close(), await settled(), await settled()) },
  'a time that is over in the offer': { given: { offer: never }, options: { timeoutMs: 10 }, act: (_c, done) => done },
  'a time that is over in the exchange': { exchange: never, options: { timeoutMs: 10 }, act: (_c, done) => done },
  'a time that is over afterwards': { options: { timeoutMs: 10 }, act: (_c, done) => done },
  'a signal that was aborted': { options: { signal: AbortSignal.abort(new Error('before')) } },
  ...Object.fromEntries([undefined, new Error('mine'), 'text'].map((reason, at) => {
    const abort = new AbortController();
    return [`an abort ${at}`, { exchange: at === 1 ? async () => 'v=0' : never, options: { signal: abort.signal }, act: () => abort.abort(reason) }];
  })),
  'messages and events': {
    act: async (c) => {
      const leave = c.on('foo', (event) => note('foo', event));
      await stand(c);
      for (const data of MESSAGES) c.dataChannel.tell('message', { data });
      leave();
      leave();
      c.dataChannel.tell('message', { data: MESSAGES[0] });
      for (const event of EVENTS) attempt('send', () => c.send(event));
      c.dataChannel.readyState = 'closing';
      attempt('send', () => c.send({ type: 'x' }));
    },
  },
  'messages before it stands': {
    act: (c) => {
      for (const data of MESSAGES.slice(3, 6)) c.dataChannel.tell('message', { data });
      attempt('send', () => c.send({ type: 'x' }));
    },
  },
  'use after close': {
    act: async (c) => {
      await stand(c);
      c.close();
      c.close();
      for (const work of [() => c.send({ type: 'x' }), () => c.on('foo', () => {}), () => c.onEvent(() => {}), () => c.onConnectionEvent(() => {})]) attempt('late', work);
      note(await c.connect({ exchangeSdp: never, timeoutMs: 0 }).catch(plain));
    },
  },
  'connecting twice': {
    act: async (c) => {
      note(await c.connect({ exchangeSdp: never, timeoutMs: 0 }).catch(plain));
      await stand(c);
      note(await c.connect({ exchangeSdp: never }).catch(plain));
    },
  },
  'a live session': { act: stand, Class: live.OpenAILiveWebRTC },
};

const OTHERS = {
  async 'wrong options'() {
    for (const timeoutMs of [0, -1, NaN, Infinity, '5', null, 2 ** 31, 0.5, 2 ** 31 - 1]) {
      const connection = made();
      const done = connection.connect({ exchangeSdp: never, timeoutMs }).catch((error) => note(timeoutMs, error));
      note(connection.state);
      connection.close();
      await done;
    }
    for (const exchangeSdp of [undefined, 5]) await made().connect({ exchangeSdp }).catch((error) => note(error.code, error.phase, error.cause.constructor.name));
    for (const options of [undefined, null]) {
      const connection = made();
      try {
        await connection.connect(options);
      } catch (error) {
        note(error.constructor.name, connection.state);
      }
    }
  },
  async 'what the platform has not'() {
    for (const value of [undefined, null]) {
      globalThis.RTCPeerConnection = value;
      attempt('new', () => new realtime.OpenAIRealtimeWebRTC());
    }
    globalThis.RTCPeerConnection = Peer;
    for (const given of [{ made: fail('no peer') }, { channel: fail('no channel') }, { channel: fail('no channel'), close: fail('no close') }]) attempt('new', () => made(given));
    attempt('configured', () => new live.OpenAILiveWebRTC({ iceServers: [{ urls: 'stun:x' }] }));
  },
  async 'a peer that does not close'() {
    await connected(async (c) => {
      await stand(c);
      attempt('close', () => c.close());
    }, { given: { close: fail('not closed') } });
  },
  async signals() {
    const abort = new AbortController();
    const connection = made();
    let inner;
    const done = connection.connect({ signal: abort.signal, exchangeSdp: async (_offer, { signal }) => ((inner = signal), 'v=0') });
    note(getEventListeners(abort.signal, 'abort').length);
    await settled();
    await stand(connection);
    await done;
    abort.abort();
    note(getEventListeners(abort.signal, 'abort').length, connection.state, inner.aborted);
    connection.close();
    note(inner.aborted);
  },
  async 'a data channel'() {
    for (const Class of [realtime.RealtimeDataChannel, live.LiveDataChannel, DataChannel]) {
      for (const state of ['connecting', 'open', 'closed']) {
        const channel = new Channel('channel');
        channel.readyState = state;
        const adapter = new Class(channel);
        note(adapter.dataChannel === channel);
        adapter.onConnectionEvent((event) => note('told', event));
        adapter.onEvent((event) => note('event', event));
        adapter.on('foo', (event) => note('foo', event));
        attempt('send', () => adapter.send({ type: 'x' }));
        channel.become('open');
        channel.tell('open');
        for (const data of MESSAGES.slice(0, 6)) channel.tell('message', { data });
        channel.tell('error', { error: new Error('broken') });
        channel.become('closing');
        for (const event of EVENTS) attempt('send', () => adapter.send(event));
        if (state === 'open') adapter.dispose();
        channel.become('closed');
        channel.tell('message', { data: MESSAGES[0] });
        for (const work of [() => adapter.on('foo', () => {}), () => adapter.onEvent(() => {}), () => adapter.onConnectionEvent(() => {}), () => adapter.send({ type: 'x' })]) attempt('late', work);
        adapter.dispose();
      }
    }
    const channel = new Channel('channel');
    const adapter = new DataChannel(channel);
    const leave = adapter.on('foo', () => adapter.dispose());
    adapter.on('foo', () => note('a second one'));
    channel.tell('message', { data: MESSAGES[0] });
    leave();
  },
  async subscriptions() {
    const all = new Subscriptions();
    const hear = (name) => () => note(name);
    const twice = hear('twice');
    const [first, second] = [all.add(twice), all.add(twice, 't')];
    all.add(hear('typed'), 't');
    all.emit({ type: 't' });
    all.emit({ type: 'other' });
    first();
    first();
    all.emit({ type: 't' });
    second();
    let leave;
    all.add(() => {
      leave();
      all.add(hear('added'));
    });
    leave = all.add(hear('removed'));
    all.add(fail('thrown'));
    all.add(async () => fail('rejected')());
    all.add(hear('last'));
    all.emit({ type: 'x' });
    note('told');
    all.emit({ type: 'x' });
    all.clear();
    all.emit({ type: 't' });
    all.add(() => all.clear());
    all.add(hear('cleared'));
    all.emit({ type: 't' });
  },
  async names() {
    for (const [name, module] of Object.entries({ realtime, live, ...lib })) note(name, Object.keys(module).sort());
    note(realtime.OpenAIRealtimeWebRTC === lib.realtime.OpenAIRealtimeWebRTC, Object.getPrototypeOf(live.OpenAILiveWebRTC) === WebRTCConnection, Object.getPrototypeOf(live.LiveDataChannel) === DataChannel);
    const error = new WebRTCError('timeout', 'send', 'm', 5);
    note(JSON.stringify(error), String(error), error, Object.hasOwn(new WebRTCError('timeout', 'send', 'm'), 'cause'));
  },
  'an offer to the API': (base) => offered(base, { session: { type: 'realtime', model: 'm' } }),
  'a plain offer to the API': (base) => offered(base),
  'an offer that the API refuses': (base) => offered(base),
  'a live session of the API': (base) => {
    const session = { type: 'live', model: 'm' };
    const exchange = async (sdp, { signal }) => (await clientOf(base).live.create({ session, transport: { type: 'webrtc', sdp } }, { signal })).transport.sdp;
    return offered(base, {}, { exchange, Class: live.OpenAILiveWebRTC });
  },
  async 'an offer that the API does not answer'(base) {
    let began;
    const beginning = new Promise((resolve) => (began = resolve));
    let ended;
    const exchange = async (sdp, { signal }) => {
      const response = await clientOf(base).realtime.calls.create({ sdp }, { signal });
      ended = response.text();
      began();
      return ended;
    };
    await connected(async (c) => {
      await beginning;
      c.close();
      note(await ended.then(() => 'answered', () => 'given up'));
    }, { exchange, options: { timeoutMs: 60_000 } });
  },
};
const clientOf = (baseURL) => new OpenAI({ apiKey: 'key', baseURL, maxRetries: 0 });
/** Connects by an offer to the API, whose answer makes all ready. */
function offered(base, more, settings) {
  const exchange = async (sdp, { signal }) => (await clientOf(base).realtime.calls.create({ sdp, ...more }, { signal })).text();
  const remote = () => (peer.channel.become('open'), peer.become('connected'));
  return connected((_c, done) => done, { exchange, options: { timeoutMs: 60_000 }, given: { remote }, ...settings });
}
/** That of the connection that was made last. */
let peer;
const { createDataChannel } = Peer.prototype;
Peer.prototype.createDataChannel = function (...values) {
  peer = this;
  return createDataChannel.apply(this, values);
};

const outcomes = {};
const scenarios = { ...Object.fromEntries(Object.entries(SETUPS).map(([name, { act = waits, ...rest }]) => [name, () => connected(act, rest)])), ...OTHERS };
for (const [name, scenario] of Object.entries(scenarios)) {
  log = [];
  const late = new Promise((resolve) => setTimeout(resolve, 60_000, 'late').unref());
  const end = await Promise.race([scenario(places[name]), late]);
  // What listeners throw comes by a timer.
  await new Promise((resolve) => setTimeout(resolve, 5));
  await settled();
  outcomes[name] = JSON.parse(JSON.stringify({ log, thrown: thrown.splice(0), late: end === 'late' ? true : undefined }));
}
process.stdout.write(JSON.stringify(outcomes), () => process.exit());
