// Follows a turn of an agent with one package against a server of its own and prints what happened, as data.
//
// node agent-sessions-subject.mjs <folder of the package> <extension>

import { action, asks, breakOff, call, client, copy, delta, idle, load, message, note, print, read, rejected, session, sessions, settled, told, turn, turned, watch } from './agent-setting.mjs';

const { AgentSessionStream } = await load('lib/agents/agent-session-stream');
const found = (args) => { note('handler', args); return 'found'; };
const tools = (search = found, rest = {}) => ({ toolHandlers: { search }, ...rest });
const start = (params = {}, options) => sessions.stream('session_test', { input: 'Hello', ...params }, options);
const follow = (events, params, each, given = {}, options) =>
  watch({ events, ...given }, async () => { const stream = start(params, options); await read(stream, each); return [stream.controller.signal.aborted]; });
/** A stream that is given up a little after the server has got the request that takes the first step of `at`. */
const givenUp = (given, at, params) => {
  let stream;
  const [step] = given[at];
  const late = () => { setTimeout(() => stream.abort(new RangeError('mine')), 30); return step; };
  return watch({ events: turned(call()), ...given, [at]: at === 'session' ? late : [late] }, async () => { stream = start(params); await read(stream); });
};
const gave = (output) => follow(turned(call()), tools(async () => output));
const failing = (error) => async () => { throw error; };
const observed = (failure) => {
  // What is wrong with JSON differs between versions of the platform.
  note('observed', { ...failure, error: failure.error instanceof SyntaxError ? 'SyntaxError' : told(failure.error) });
};
const PENDING = 'Unknown pending tool call: call_test';
const refused = (...steps) => follow(turned(call()), tools(), undefined, { inputs: [{ status: 204 }, ...steps] });

const SCENARIOS = {
  'a turn': () => follow(turned()),
  'a turn with a made instance': () => watch({ events: turned() }, () => read(new AgentSessionStream(sessions, 'session_test', { input: 'x' }))),
  'messages as input': () => follow(turned(), { input: [{ role: 'user', content: [{ type: 'input_text', text: 'Hi' }] }] }),
  'an iterable of messages': () => follow(turned(), { input: new Set([{ role: 'user', content: [] }]) }),
  'no messages': () => follow(turned(), { input: [] }),
  'an empty text': () => follow(turned(), { input: '' }),
  'no input': () => follow(turned(), { input: undefined }),
  'input that is none': () => follow(turned(), { input: 3 }),
  'a session id that is empty': () => watch({ events: turned() }, () => read(sessions.stream('', { input: 'x' }))),
  'a session id with a slash': () => watch({ events: turned() }, () => read(sessions.stream('a/b', { input: 'x' }))),
  'input that changes before it is sent': () => watch({ events: turned() }, async () => {
    const input = [{ role: 'user', content: [{ type: 'input_text', text: 'one' }] }];
    const stream = start({ input });
    input[0].content[0].text = 'two';
    input.push(input[0]);
    await read(stream);
  }),
  'options of the caller': () => follow(turned(call()), tools(found, { idempotencyKey: 'input-key' }), undefined, {}, { headers: { 'x-mine': '1' }, query: { q: 1 }, timeout: 50_000 }),
  'a key in the headers': () => follow(turned(call()), tools(found, { idempotencyKey: 'input-key' }), undefined, {}, { headers: { 'iDeMpOtEnCy-KeY': 'of-the-header' } }),
  'a key in the options': () => follow(turned(call()), tools(found, { idempotencyKey: 'input-key' }), undefined, {}, { idempotencyKey: 'of-the-options' }),
  'a key in the options alone': () => follow(turned(call()), tools(), undefined, {}, { idempotencyKey: 'of-the-options' }),
  'a key in headers that are a list': () => follow(turned(call()), tools(), undefined, {}, { headers: [['Idempotency-Key', 'listed'], ['X-Mine', '1']] }),
  'a key in headers that is null': () => follow(turned(call()), tools(found, { idempotencyKey: 'mine' }), undefined, {}, { headers: { 'Idempotency-Key': null } }),
  'a body in the options': () => follow(turned(call()), tools(), undefined, {}, { body: { other: 1 }, method: 'patch', path: '/x' }),
  'options that are null': () => follow(turned(), {}, undefined, {}, null),
  'no parameters': () => watch({ events: turned() }, () => sessions.stream('session_test')),
  ...Object.fromEntries(['in_progress', 'requires_action', 'failed', 'other', null].map((status) => [
    `a session that is ${status}`, () => follow(turned(), {}, undefined, { session: { json: session(status) } }),
  ])),
  'a server that closes the connection': () => watch({ session: { cut: true } }, () => read(start()).catch(({ constructor, message }) => [constructor.name, message])),
  'input that is refused': () => follow(turned(), {}, undefined, { inputs: [rejected('Rejected input')] }),
  'events that are refused': () => watch({ events: { status: 404, json: { error: { message: 'gone' } } } }, () => read(start())),

  ...Object.fromEntries(['completed', 'failed', 'cancelled'].map((ending) => [`other turns, and one that is ${ending}`, () => follow([
    idle(), turn('created', 'child', { subagent_id: 'sub' }), turn('completed', 'child', { subagent_id: 'sub' }), idle(), turn('created'), turn('completed', 'other'),
    idle(), turn(ending), idle(), turn('created', 'later'),
  ])])),
  'a session that fails': () => follow([{ type: 'agent.session.failed', session: session('failed') }, idle()]),
  'a session that fails in the turn': () => follow([turn('created'), { type: 'agent.session.failed', session: session('failed') }, idle()]),
  'a turn that is in progress first': () => follow([turn('in_progress'), turn('completed'), idle()]),
  'a turn that is only completed': () => follow([turn('completed'), idle()]),
  'a turn with an idle session before its end': () => follow([turn('created'), idle(), turn('completed'), turn('created', 'x'), idle()]),
  'a second root turn': () => follow([turn('created'), turn('created', 'second'), turn('completed', 'second'), idle(), turn('completed'), idle()]),
  'a turn without a subagent': () => follow([{ ...turn('created'), turn: { id: 'turn_root' } }, { ...turn('completed'), turn: { id: 'turn_root' } }, idle()]),
  'a turn whose ids differ': () => follow([{ ...turn('created'), turn_id: 'outer' }, { ...turn('completed'), turn_id: 'outer' }, idle()]),
  'a turn whose ids cross': () => follow([{ ...turn('created'), turn_id: 'outer' }, turn('completed', 'outer'), idle(), turn('completed'), idle()]),
  'nothing': () => follow([]),
  'a turn without an end': () => follow([turn('created')]),
  'a turn without an idle session': () => follow([turn('created'), turn('completed')]),
  'an error event': () => follow([turn('created'), { type: 'error', session_id: 'session_test', error: { message: 'bad', code: 'x' } }, turn('completed'), idle()]),
  'an event of a kind that is new': () => follow([turn('created'), { type: 'agent.session.brand_new' }, turn('completed'), idle()]),
  'an event that is no object': () => follow([turn('created'), { text: 'data: 5\n\n' }, turn('completed'), idle()]),
  'an event that is null': () => follow([turn('created'), { text: 'data: null\n\n' }, turn('completed'), idle()]),
  'an event that is no JSON': () => follow([turn('created'), { text: 'data: {x\n\n' }, turn('completed'), idle()]),
  'a stream that breaks': () => watch({ events: [turn('created'), 'break'] }, async () => { return read(start(), () => breakOff()).catch((error) => error instanceof Error); }),
  'events again': () => follow([turn('created'), { ...delta('a'), event_id: 'same' }, { ...delta('a'), event_id: 'same' }, delta('b'), turn('completed'), idle()]),
  'events without an id': () => follow([turn('created'), { ...delta('a'), event_id: undefined }, { ...delta('a'), event_id: null }, { ...delta('a'), event_id: '' }, { ...delta('a'), event_id: '' }, turn('completed'), idle()]),
  'many events': async () => {
    const many = Array.from({ length: 1500 }, (_, index) => ({ ...delta('x'), event_id: `d${index}` }));
    const seen = [];
    const outcome = await watch({ events: [turn('created'), ...many, many[0], many[475], many[476], many[477], many[1499], { ...many[3] }, turn('completed'), idle()] }, async () => {
      for await (const event of start()) if (event.type === delta('').type) seen.push(event.event_id);
    });
    return { seen: seen.slice(1490), count: seen.length, thrown: outcome.thrown };
  },

  'a call': () => follow(turned(call()), tools()),
  'a call with an object': () => follow(turned(call({ query: 'test' })), tools()),
  'a call that comes again': () => follow([turn('created'), { ...call(), event_id: 'r' }, { ...call(), event_id: 'r' }, call(), turn('completed'), idle()], tools()),
  'two calls': () => follow(turned(call(), call('{}', { call_id: 'c2' })), tools()),
  'two calls of one id in other turns': () => follow(turned(call(), call('{}', { turn_id: 'child' }, { turn_id: 'child' })), tools()),
  'a call of a subagent': () => follow([turn('created'), turn('created', 'child', { subagent_id: 's' }), call('{}', { turn_id: 'child' }, { turn_id: 'child' }), turn('completed'), idle()], tools()),
  'a call before the turn': () => follow([call(), ...turned()], tools()),
  'a call of another turn': () => follow([turn('created'), call('{}', { turn_id: 'other' }, { turn_id: 'other' }), turn('completed'), idle()], tools()),
  'a call without a turn': () => follow(turned(call('{}', { turn_id: undefined }, { turn_id: null })), tools()),
  'a call whose turns differ': () => follow(turned(call('{}', { turn_id: 'of_item' })), tools()),
  'a call without a session': () => follow(turned(call('{}', {}, { session_id: undefined })), tools()),
  'a call of another session': () => follow(turned(call('{}', {}, { session_id: 'other' })), tools()),
  'a call without an id': () => follow(turned(call('{}', { call_id: undefined })), tools()),
  'a call that is done': () => follow(turned({ ...call(), type: 'agent.session.turn.item.done' }), tools()),
  'a call that is completed': () => follow(turned(call('{}', { status: 'completed' })), tools()),
  'a call that is failed': () => follow(turned(call('{}', { status: 'failed' })), tools()),
  'an item of another kind': () => follow(turned({ ...message(), type: 'agent.session.turn.item.added' }), tools()),
  'an item that is missing': () => follow(turned({ type: 'agent.session.turn.item.added' }), tools()),
  'a call of an unknown tool': () => follow(turned(call('{}', { name: 'other' })), tools()),
  'a call without handlers': () => follow(turned(call())),
  'a call by the name of a method of objects': () => follow(turned(call('{}', { name: 'toString' }), call('{}', { name: '__proto__', call_id: 'b' })), tools()),
  'handlers that have changed': () => watch({ events: turned(call()) }, async () => { const params = { input: 'x', ...tools() }; const stream = sessions.stream('session_test', params); params.toolHandlers.search = () => 'other'; params.toolHandlers = {}; await read(stream); }),
  'handlers that are inherited': () => follow(turned(call()), { toolHandlers: Object.create({ search: found }) }),
  'handlers that are a Map': () => follow(turned(call()), { toolHandlers: new Map([['search', found]]) }),
  'a handler that is none': () => follow(turned(call()), tools('text')),
  'a handler that is undefined': () => follow(turned(call()), { toolHandlers: { search: undefined } }),
  'handlers that are null': () => follow(turned(call()), { toolHandlers: null }),
  'a handler of an object': () => follow(turned(call()), { toolHandlers: { value: 7, search() { note('this', typeof this, this?.value); return 'x'; } } }),
  ...Object.fromEntries([['[]'], ['3'], ['null'], ['"x"'], ['{x'], [''], [null], [[1]], [3], [undefined], [true]].map(([args]) => [
    `arguments ${JSON.stringify(args)}`, () => follow(turned({ ...call(), item: { ...call().item, arguments: args } }), tools(found, { onToolError: observed })),
  ])),
  'arguments that the caller changes': () => follow(turned(call({ nested: { value: 42 } })), tools(), (event) => { if (event.item) { event.item.arguments.nested.value = 0; event.item.name = 'other'; event.item.call_id = 'c'; event.item.turn_id = 't'; event.session_id = 's'; } }),
  'arguments that the handler changes': () => watch({ events: turned(call({ nested: { value: [1] } })) }, async () => {
    let item;
    await read(start(tools((args) => { args.nested.value.push(2); return 'x'; })), (event) => { item ??= event.item; });
    return item;
  }),
  ...Object.fromEntries(Object.entries({
    'a text': 'found', 'an empty text': '', 'an object': { rows: [1] }, 'null': null, 'undefined': undefined, 'a number': 3, 'not a number': NaN, 'true': true, 'false': false, 'a list': [1, 2], 'an empty list': [],
    'a bigint': 3n, 'a symbol': Symbol('x'), 'a function': () => 1, 'a date': new Date(0), 'an error': new Error('x'), 'a map': new Map([[1, 2]]), 'a Buffer': Buffer.from('x'),
    'content': [{ type: 'input_text', text: 'a' }, { type: 'input_image', image_url: 'u' }], 'content with more': [{ type: 'input_text', text: 'a', more: 1 }], 'content without its text': [{ type: 'input_text' }],
    'content of an unknown kind': [{ type: 'input_file', file_id: 'f' }], 'content and a record': [{ type: 'input_text', text: 'a' }, { x: 1 }], 'records': [{ type: 'receipt', content: 'paid' }], 'a part alone': { type: 'input_text', text: 'a' },
    'a circle': (() => { const circle = {}; circle.self = circle; return circle; })(), 'a bigint inside': { x: 1n }, 'what says itself': { toJSON: () => 'said' }, 'what says nothing': { toJSON: () => undefined }, 'what says an object': { toJSON: () => ({ a: 1 }) },
    'half a character': '\ud800', 'half a character inside': { x: '\ud800' }, 'a list with a hole': [undefined], 'a string object': new String('x'), 'null inside': [null], 'texts': ['a'],
  }).map(([name, output]) => [`output that is ${name}`, () => follow(turned(call()), tools(async () => output, { onToolError: observed }))])),
  'output of a promise that is none': () => follow(turned(call()), tools(() => ({ then: (done) => done('x') }))),
  'a handler that is not async': () => follow(turned(call()), tools(() => 'x')),
  'a handler that throws': () => follow(turned(call()), tools(() => { throw new RangeError('secret'); }, { onToolError: observed })),
  'a handler that rejects': () => follow(turned(call()), tools(failing(new RangeError('secret')), { onToolError: observed })),
  'a handler that throws a text': () => follow(turned(call()), tools(failing('secret'), { onToolError: observed })),
  'a handler that throws an abort': () => follow(turned(call()), tools(failing(new DOMException('no', 'AbortError')), { onToolError: observed })),
  'a handler that throws unseen': () => follow(turned(call()), tools(failing(new Error('secret')))),
  'an observer that throws': () => follow(turned(call()), tools(failing(new Error('secret')), { onToolError: () => { note('observed'); throw new Error('y'); } })),
  'an observer that rejects': () => follow(turned(call()), tools(failing(new Error('secret')), { onToolError: async () => { note('observed'); throw new Error('y'); } })),
  'an observer that takes its time': () => follow(turned(call()), tools(failing(new Error('secret')), { onToolError: async () => { await new Promise((done) => setTimeout(done, 30)); note('observed'); } })),
  'an observer that is none': () => follow(turned(call()), tools(failing(new Error('secret')), { onToolError: 3 })),
  'what is observed': () => follow(turned(call()), tools(failing('x'), { onToolError: (failure) => note(Object.keys(failure), Object.isFrozen(failure), Object.getPrototypeOf(failure) === Object.prototype) })),
  'an output that is refused': () => refused(rejected('No')),
  'an output that is waited for a little later': () => refused(rejected(PENDING), rejected(PENDING)),
  'an output that another error follows': () => refused(rejected(PENDING), rejected('No')),
  'an output of an unknown call': () => refused(rejected('Unknown pending tool call: other')),
  'an output that nobody waits for': () => refused(...Array.from({ length: 20 }, () => rejected(PENDING))),
  'an output that is waited for with another status': () => refused(rejected(PENDING, 404)),
  'an output that is waited for with another code': () => refused(rejected(PENDING, 400, 'other')),
  'an output that is waited for without a code': () => refused(rejected(PENDING, 400, null)),
  'an output whose refusal says more': () => refused(rejected(`Oh: ${PENDING}.`)),
  'an output whose refusal says less': () => refused(rejected('Unknown pending tool call')),
  'an output that is given up while it waits': () => givenUp({ results: [rejected(PENDING)] }, 'results', tools()),
  'answers that are lost': () => watch({ events: turned(call()), inputs: [{ status: 500 }, { status: 204 }, { status: 503 }, { status: 204 }] }, () => read(client.withOptions({ maxRetries: 1 }).beta.agents.sessions.stream('session_test', { input: 'x', ...tools() }, { headers: { 'x-mine': '1' } }))),

  'a stream that is left': () => follow([turn('created'), 'stall'], {}, () => true),
  'a stream that is left at a call': () => follow([turn('created'), call(), 'stall'], tools(), (event) => event.item),
  'a stream that is left and read again': () => watch({ events: turned() }, async () => { const stream = start(); await read(stream, () => true); await read(stream); }),
  'a stream that is read again': () => watch({ events: turned() }, async () => { const stream = start(); await read(stream); await read(stream); }),
  'a stream with two iterators': () => watch({ events: turned() }, async () => { const stream = start(); stream[Symbol.asyncIterator](); stream[Symbol.asyncIterator](); }),
  'an iterator that is not begun': () => watch({ events: turned() }, async () => { const it = start()[Symbol.asyncIterator](); return [await it.return(), await it.next()]; }),
  'an iterator and its kinds': () => watch({ events: turned() }, async () => { const it = start()[Symbol.asyncIterator](); const first = await it.next(); const second = await it.return?.('v'); return [first.value.type, second, await it.next(), typeof it[Symbol.asyncIterator], typeof it.throw]; }),
  'an iterator that is told to throw': () => watch({ events: turned() }, async () => { const it = start()[Symbol.asyncIterator](); await it.next(); await it.throw(new RangeError('mine')); }),
  'an iterator that is asked twice at once': () => watch({ events: turned() }, async () => { const it = start()[Symbol.asyncIterator](); const both = await Promise.all([it.next(), it.next()]); return both.map(({ value }) => value.type); }),
  'a stream that is given up first': () => watch({ events: turned() }, async () => { const stream = start(); stream.abort(); await read(stream); }),
  'a stream that is given up for a reason first': () => watch({ events: turned() }, async () => { const stream = start(); stream.abort(new RangeError('mine')); await read(stream); }),
  'a stream that is given up for a text first': () => watch({ events: turned() }, async () => { const stream = start(); stream.abort('mine'); await read(stream); }),
  'a stream that is given up': () => follow([turn('created'), 'stall'], {}, (event, stream) => { stream.abort(); }),
  'a stream that is given up for a reason': () => follow([turn('created'), 'stall'], {}, (event, stream) => { stream.abort(new RangeError('mine')); }),
  'a stream that is given up by its controller': () => follow([turn('created'), 'stall'], {}, (event, stream) => { stream.controller.abort(new RangeError('mine')); }),
  'a stream that is given up while it waits': () => follow([turn('created'), 'stall'], {}, (event, stream) => { setTimeout(() => stream.abort(new RangeError('mine')), 30); }),
  'a stream that is given up at a call': () => follow([turn('created'), call(), 'stall'], tools(), (event, stream) => { if (event.item) stream.abort(); }),
  'a stream that is given up in a handler': () => watch({ events: [turn('created'), call(), 'stall'] }, async () => { const stream = start(tools(() => { stream.abort(new RangeError('mine')); return 'x'; })); await read(stream); }),
  'a stream that is given up while a handler works': () => watch({ events: [turn('created'), call(), 'stall'] }, async () => { const stream = start(tools(() => { setTimeout(() => stream.abort(), 30); return new Promise(() => {}); })); await read(stream); }),
  'a stream that is given up while an observer works': () => watch({ events: [turn('created'), call(), 'stall'] }, async () => { const stream = start(tools(failing(new Error('x')), { onToolError: () => { setTimeout(() => stream.abort(), 30); return new Promise(() => {}); } })); await read(stream); }),
  'a stream that is given up while it begins': () => givenUp({ session: [{ silent: true }] }, 'session'),
  'a stream that is given up while its input is sent': () => givenUp({ inputs: [{ silent: true }] }, 'inputs'),
  'a stream that is given up after its end': () => watch({ events: turned() }, async () => { const stream = start(); await read(stream); stream.abort(); return stream.controller.signal.aborted; }),
  'a signal': () => watch({ events: [turn('created'), 'stall'] }, async () => { const controller = new AbortController(); const stream = start({}, { signal: controller.signal }); await read(stream, () => { controller.abort(new RangeError('mine')); }); }),
  'a signal that was given before': () => watch({ events: turned() }, () => read(start({}, { signal: AbortSignal.abort(new RangeError('mine')) }))),
  'a signal that comes in a handler': () => watch({ events: [turn('created'), call(), 'stall'] }, async () => { const controller = new AbortController(); await read(start(tools(() => { controller.abort(new RangeError('mine')); return new Promise(() => {}); }), { signal: controller.signal })); }),
  'a limit of time': () => watch({ events: turned(), session: { silent: true } }, () => read(start({}, { timeout: 4_000 })).catch(({ constructor, message }) => [constructor.name, message])),
  'the parts of a stream': async () => { const stream = start(); return [Object.keys(stream), Object.prototype.toString.call(stream), typeof stream.tee, stream.withResultCollection() === stream, copy(stream.controller instanceof AbortController)]; },
  'a result': () => watch({ events: turned(message()) }, async () => settled(start().finalResult())),
  'a promise that nobody starts': () => watch({ events: turned() }, async () => { start(); await new Promise((done) => setTimeout(done, 20)); }),
};
await print(SCENARIOS);
