// Collects the results of turns of agents with one package against a server of its own and prints what happened, as data.
//
// node agent-results-subject.mjs <folder of the package> <extension>

import { action, asks, attempt, breakOff, call, closed, client, copy, delta, idle, load, message, note, OpenAI, print, read, rejected, result, session, sessions, settled, told, turn, turned, watch } from './agent-setting.mjs';

const { agentOutputFormat } = await load('lib/beta/agents/output-format');
const { withAgentTurnResult } = await load('lib/beta/agents/agent-session-create-stream');
const { Stream } = await load('streaming');

const BODY = { environment: { type: 'none' }, agent: { model: 'm' }, input: 'Hello', stream: true };
const found = (args) => { note('handler', args); return 'found'; };
const format = agentOutputFormat({ type: 'object', properties: {} }, (text) => { note('parse', text); return JSON.parse(text); });
const typed = (rest = {}) => ({ ...BODY, agent: { model: 'm', text: { verbosity: 'low', format } }, ...rest });
const WAYS = {
  follow: (rest = {}, options) => sessions.stream('session_test', { input: 'Hello', ...rest }, options),
  create: ({ outputFormat, ...rest } = {}, options) => sessions.create(outputFormat ? typed(rest) : { ...BODY, ...rest }, options),
};
/** The same with a stream that follows, and with one that creates. */
const both = (name, act) => Object.entries(WAYS).map(([way, open]) => [`${name} (${way})`, () => act(open)]);
const final = (stream) => settled(stream.finalResult());
const collected = (name, events, rest) => both(name, (open) => watch({ events }, async () => final(await open(rest))));
const parsed = (name, ...contents) => collected(name, turned(...contents.map((texts, index) => message('', {
  id: `m${index}`, content: texts.map((text) => (typeof text === 'string' ? { type: 'output_text', text } : text)) }))), { outputFormat: format });

const SCENARIOS = Object.fromEntries([
  ...collected('a result', turned(message())),
  ...collected('no messages', turned()),
  ...collected('messages in order', turned(
    { ...message('unfinished', { status: 'in_progress' }), type: 'agent.session.turn.item.added' }, message('ignored', { id: 'c', phase: 'commentary' }),
    turn('created', 'child', { subagent_id: 's' }), message('ignored', { id: 'd', turn_id: 'child' }), turn('completed', 'child', { subagent_id: 's' }),
    message('second', { id: 'b' }, { output_index: 2 }), message('first', {}, { output_index: 1 }), message('first', {}, { output_index: 1 }), delta('x'))),
  ...['failed', 'cancelled'].flatMap((kind) => collected(`a turn that is ${kind}`, [turn('created'), message(), turn(kind), idle()])),
  ...collected('a session that fails', [turn('created'), message(), { type: 'agent.session.failed', session: session('failed') }]),
  ...collected('a session that fails first', [{ type: 'agent.session.failed', session: session('failed') }]),
  ...collected('nothing', []),
  ...collected('a turn without an end', [turn('created'), message()]),
  ...collected('a turn without an idle session', [turn('created'), turn('completed')]),
  ...collected('an event that is no JSON', [turn('created'), message(), { text: 'data: {x\n\n' }]),
  ...collected('an action', [turn('created'), call(), asks(action())]),
  ...collected('an action that is in the middle', [turn('created'), asks(action()), message(), turn('completed'), idle()]),
  ...collected('an action that is handled', turned(call(), asks(action()), message()), { toolHandlers: { search: found } }),
  ...collected('an action that is no call', turned(asks({ type: 'mcp_approval_request', request: { id: 'r' } })), { toolHandlers: { search: found } }),
  ...collected('two actions', turned(asks(action(), action({ name: 'other', call_id: 'd' }))), { toolHandlers: { search: found } }),
  ...collected('a later turn', [...turned(message()), turn('created', 'later'), message('x', { turn_id: 'later' })]),
  ...collected('a later turn of a stream that goes on', [...turned(message()), 'stall']),
  ...collected('a later session that fails', [...turned(message()), { type: 'agent.session.failed', session: session('failed') }]),
  ...collected('an error event', turned({ type: 'error', session_id: 'session_test', error: { message: 'bad' } }, message())),
  ...collected('handlers', turned(call(), call(), call('{}', { call_id: 'second' }), message()), { toolHandlers: { search: found } }),
  ...collected('a handler that fails', turned(call(), message()), { toolHandlers: { search() { throw new Error('secret'); } } }),
  ...collected('a handler of nobody', turned(call(), message()), { toolHandlers: { other: found } }),
  ...both('an output that is refused', (open) => watch({ events: turned(call()), inputs: [{ status: 204 }, rejected('No'), rejected('No')] }, async () => final(await open({ toolHandlers: { search: found } })))),
  ...both('an output that is refused while read', (open) => watch({ events: turned(call()), inputs: [rejected('No'), rejected('No')] }, async () => read(await open({ toolHandlers: { search: found } })))),
  ...both('a stream that breaks', (open) => watch({ events: [turn('created'), message(), 'break'] }, async () => {
    const stream = (await open()).withResultCollection();
    await read(stream, (event) => { if (event.item) breakOff(); }).catch(() => note('broken'));
    const error = await stream.finalResult().catch((failure) => failure);
    return [error.name, error.reason, error.cause instanceof Error, error.messages, error.turn];
  })),
  ...both('a result twice', (open) => watch({ events: turned(message()) }, async () => { const stream = await open(); const one = await stream.finalResult(); return [one === await stream.finalResult(), stream.finalResult() === stream.finalResult()]; })),
  ...both('a result twice at once', (open) => watch({ events: turned(message()) }, async () => { const stream = await open(); const [one, two] = await Promise.all([stream.finalResult(), stream.finalResult()]); return one === two; })),
  ...both('a failure twice', (open) => watch({ events: [turn('created')] }, async () => { const stream = await open(); const [one, two] = [await stream.finalResult().catch((e) => e), await stream.finalResult().catch((e) => e)]; return [one === two, told(two)]; })),
  ...both('progress and a result', (open) => watch({ events: turned(message()) }, async () => { const stream = await open(); const same = stream.withResultCollection() === stream; await read(stream); return [same, await final(stream)]; })),
  ...both('progress and handlers', (open) => watch({ events: turned(call(), asks(action()), message()) }, async () => { const stream = (await open({ toolHandlers: { search: found } })).withResultCollection(); await read(stream, (event) => { if (event.item) event.item.call_id = 'changed'; }); return final(stream); })),
  ...both('progress with a change', (open) => watch({ events: turned(message()) }, async () => { const stream = (await open()).withResultCollection(); await read(stream, (event) => { if (event.item) event.item.content[0].text = 'changed'; }); return final(stream); })),
  ...both('progress of an action', (open) => watch({ events: turned(asks(action()), message()) }, async () => { const stream = (await open()).withResultCollection(); await read(stream).catch((error) => note(told(error))); return final(stream); })),
  ...both('progress of a failed turn', (open) => watch({ events: [turn('created'), turn('failed'), idle()] }, async () => { const stream = (await open()).withResultCollection(); await read(stream).catch((error) => note(told(error))); return final(stream); })),
  ...both('progress without an end', (open) => watch({ events: [turn('created')] }, async () => { const stream = (await open()).withResultCollection(); await read(stream).catch((error) => note(told(error))); return final(stream); })),
  ...both('progress of a stream that goes on', (open) => watch({ events: [...turned(message()), turn('created', 'later'), turn('failed', 'later')] }, async () => { const stream = (await open()).withResultCollection(); await read(stream); return final(stream); })),
  ...both('progress that breaks behind the turn', (open) => watch({ events: [...turned(message()), turn('created', 'later'), { text: 'data: {x\n\n' }] }, async () => { const stream = (await open()).withResultCollection(); await read(stream).catch((error) => note(told(error))); return final(stream); })),
  ...both('progress that is left', (open) => watch({ events: turned(message()) }, async () => { const stream = (await open()).withResultCollection(); await read(stream, (event) => event.item); return final(stream); })),
  ...both('progress that is left at the end', (open) => watch({ events: turned(message()) }, async () => { const stream = (await open()).withResultCollection(); await read(stream, (event) => event.type.endsWith('idle')); return final(stream); })),
  ...both('progress that is left in an action', (open) => watch({ events: turned(asks(action()), { type: 'agent.session.in_progress', session: session('in_progress') }, message()) }, async () => { const stream = (await open()).withResultCollection(); await read(stream, (event) => event.type.endsWith('action')); return final(stream); })),
  ...both('progress beside its result', (open) => watch({ events: turned(message()) }, async () => { const stream = (await open()).withResultCollection(); const iterator = stream[Symbol.asyncIterator](); await iterator.next(); const failed = await final(stream); await iterator.return(); return failed; })),
  ...both('an iterator that is taken before the result', (open) => watch({ events: turned(message()) }, async () => { const stream = (await open()).withResultCollection(); stream[Symbol.asyncIterator](); return final(stream); })),
  ...both('a result without collection', (open) => watch({ events: turned(message()) }, async () => { const stream = await open(); await read(stream); return final(stream); })),
  ...both('collection that begins late', (open) => watch({ events: turned(message()) }, async () => { const stream = await open(); const iterator = stream[Symbol.asyncIterator](); await iterator.next(); const late = attempt(() => stream.withResultCollection()); return [late, await final(stream)]; })),
  ...both('collection that begins at the end', (open) => watch({ events: turned(message()) }, async () => { const stream = await open(); await read(stream); return attempt(() => stream.withResultCollection()); })),
  ...both('collection that begins twice', (open) => watch({ events: turned(message()) }, async () => { const stream = await open(); stream.withResultCollection().withResultCollection(); await read(stream); return attempt(() => stream.withResultCollection() === stream); })),
  ...both('collection that begins with a result', (open) => watch({ events: turned(message()) }, async () => { const stream = await open(); const last = final(stream); const again = attempt(() => stream.withResultCollection() === stream); return [again, await last]; })),
  ...both('reading behind a result', (open) => watch({ events: turned(message()) }, async () => { const stream = await open(); await stream.finalResult(); await read(stream); })),
  ...both('reading beside a result', (open) => watch({ events: turned(message()) }, async () => { const stream = await open(); const last = final(stream); const reading = await read(stream).catch(told); return [reading, await last]; })),
  ...both('a stream that is given up first', (open) => watch({ events: turned(message()) }, async () => { const stream = await open(); stream.controller.abort(); return final(stream); })),
  ...both('a stream that is given up for a reason', (open) => watch({ events: [turn('created'), message(), 'stall'] }, async () => { const stream = (await open()).withResultCollection(); await read(stream, (event) => { if (event.item) stream.controller.abort(new RangeError('mine')); }).catch((error) => note(told(error))); return final(stream); })),
  ...both('a result that is given up', (open) => {
    let stream;
    const results = [() => { setTimeout(() => stream.controller.abort(new RangeError('mine')), 60); return { status: 204 }; }];
    return watch({ events: [turn('created'), message(), call(), 'stall'], results }, async () => { stream = await open({ toolHandlers: { search: found } }); return final(stream); });
  }),
  ...both('progress that is given up while it waits', (open) => watch({ events: [turn('created'), message(), 'stall'] }, async () => { const stream = (await open()).withResultCollection(); await read(stream, (event) => { if (event.item) setTimeout(() => stream.controller.abort(new RangeError('mine')), 30); }).catch((error) => note(told(error))); return final(stream); })),
  ...both('a result whose handler gives up', (open) => watch({ events: [turn('created'), call(), 'stall'] }, async () => { const stream = await open({ toolHandlers: { search: () => { stream.controller.abort(new RangeError('mine')); return 'x'; } } }); return final(stream); })),
  ...both('a result with a signal', (open) => watch({ events: [turn('created'), call(), 'stall'] }, async () => { const controller = new AbortController(); const stream = await open({ toolHandlers: { search: () => { controller.abort(new RangeError('mine')); return new Promise(() => {}); } } }, { signal: controller.signal }); return final(stream); })),
  ...both('reading with a signal', (open) => watch({ events: [turn('created'), call(), 'stall'] }, async () => { const controller = new AbortController(); const stream = await open({ toolHandlers: { search: () => { controller.abort(new RangeError('mine')); return new Promise(() => {}); } } }, { signal: controller.signal }); await read(stream); })),
  ...both('reading with a controller', (open) => watch({ events: [turn('created'), call(), 'stall'] }, async () => { const stream = await open({ toolHandlers: { search: () => { setTimeout(() => stream.controller.abort(new RangeError('mine')), 30); return new Promise(() => {}); } } }); await read(stream); })),
  ...both('reading that is left at a call', (open) => watch({ events: [turn('created'), call(), 'stall'] }, async () => { const stream = await open({ toolHandlers: { search: found } }); await read(stream, (event) => event.item); await read(stream); return stream.controller.signal.aborted; })),
  ...parsed('a parsed result', ['{"a":1}']),
  ...parsed('a parsed result of two messages', ['{"a":1}'], ['{"b":2}']),
  ...parsed('a parsed result of two parts', ['{"a":1}', '{"b":2}']),
  ...parsed('a result that does not parse', ['secret']),
  ...parsed('a result whose second does not parse', ['{"a":1}'], ['secret']),
  ...parsed('a result in two pieces', ['{"a"', ':1}']),
  ...parsed('a refusal', [{ type: 'refusal', refusal: 'no' }]),
  ...parsed('an answer without text'),
  ...collected('a failed turn that would not parse', [turn('created'), message('x'), turn('failed'), idle()], { outputFormat: format }),
  ...both('a parsed result twice', (open) => watch({ events: turned(message('{}')) }, async () => { const stream = await open({ outputFormat: format }); return [await stream.finalResult() === await stream.finalResult(), stream.withResultCollection() === stream]; })),
  ...both('a failed parse twice', (open) => watch({ events: turned(message('x')) }, async () => { const stream = await open({ outputFormat: format }); const [one, two] = [await stream.finalResult().catch((e) => e), await stream.finalResult().catch((e) => e)]; return [one === two, JSON.stringify(one)]; })),
  ...both('progress and a parsed result', (open) => watch({ events: turned(message('{"a":1}')) }, async () => { const stream = (await open({ outputFormat: format })).withResultCollection(); await read(stream); return final(stream); })),
  ...both('a parsed result that nobody waits for', (open) => watch({ events: turned(message('x')) }, async () => { const stream = await open({ outputFormat: format }); const last = final(stream); await read(stream).catch((error) => note(told(error))); return last; })),

  ['a creation', () => watch({ events: turned() }, async () => { const stream = await sessions.create(BODY); await read(stream); return [stream instanceof Stream, stream.constructor.name, Object.keys(stream), typeof stream.tee, stream.controller.signal.aborted]; })],
  ['a creation that goes on', () => watch({ events: [...turned(), turn('created', 'x'), idle()] }, async () => read(await sessions.create(BODY)))],
  ['a creation without a stream', () => watch({ creation: { json: session() } }, async () => Object.keys(await sessions.create({ ...BODY, stream: false })))],
  ['a creation without a stream and with a format', () => watch({ creation: { json: session() } }, async () => Object.keys(await sessions.create(typed({ stream: undefined }))))],
  ['a creation without a stream and with handlers', () => watch({}, async () => sessions.create({ ...BODY, stream: false, toolHandlers: {} }))],
  ['a creation with handlers and no word of a stream', () => watch({}, async () => sessions.create({ environment: { type: 'none' }, toolHandlers: {} }))],
  ['a creation with handlers that are null', () => watch({ events: turned(call()) }, async () => read(await sessions.create({ ...BODY, toolHandlers: null })))],
  ['a creation with a plain format', () => watch({ events: turned(message()) }, async () => final(await sessions.create({ ...BODY, agent: { text: { format: { type: 'text' } } } })))],
  ['a creation with a plain schema', () => watch({ events: turned(message()) }, async () => final(await sessions.create({ ...BODY, agent: { text: { format: { type: 'json_schema', schema: {} } } } })))],
  ['a creation with a key', () => watch({ events: turned(call()) }, async () => read(await sessions.create({ ...BODY, toolHandlers: { search: found } }, { headers: { 'iDeMpOtEnCy-KeY': 'creation', 'x-mine': '1' }, query: { q: 1 } })))],
  ['a creation with a key in the options', () => watch({ events: turned(call()) }, async () => read(await sessions.create({ ...BODY, toolHandlers: { search: found } }, { idempotencyKey: 'creation' })))],
  ['a creation with headers that are a list', () => watch({ events: turned(call()) }, async () => read(await sessions.create({ ...BODY, toolHandlers: { search: found } }, { headers: [['x-mine', '1']] })))],
  ['a creation that is refused', () => watch({ creation: rejected('No') }, async () => sessions.create({ ...BODY, toolHandlers: { search: found } }))],
  ['a creation with a body that changes', () => watch({ events: turned(call(), message('{}')) }, async () => { const toolHandlers = { search: found }; const body = typed({ toolHandlers }); const promise = sessions.create(body, { headers: { 'x-mine': '1' } }); toolHandlers.search = () => 'changed'; body.agent.text.format = null; return final(await promise); })],
  ['a creation with its response', () => watch({ events: turned(message()) }, async () => { const { data, response } = await sessions.create(BODY).withResponse(); return [response.status, await final(data)]; })],
  ['a creation as a response', () => watch({ events: turned(message()) }, async () => { const response = await sessions.create({ ...BODY, toolHandlers: { search: found } }).asResponse(); return [response.status, (await response.text()).length > 100]; })],
  ['a creation that is awaited twice', () => watch({ events: turned(message()) }, async () => { const promise = sessions.create(BODY); return await promise === await promise; })],
  ['a creation that is split', () => watch({ events: turned(call(), message()) }, async () => { const [left, right] = (await sessions.create({ ...BODY, toolHandlers: { search: found } })).tee(); await read(left); await read(right); return [typeof left.finalResult]; })],
  ['a creation as a readable stream', () => watch({ events: turned(call(), message()) }, async () => (await new Response((await sessions.create({ ...BODY, toolHandlers: { search: found } })).toReadableStream()).text()).split('\n').length)],
  ['a creation that is read twice', () => watch({ events: turned() }, async () => { const stream = await sessions.create(BODY); await read(stream); await read(stream); })],
  ['a creation with handlers that is read twice', () => watch({ events: turned() }, async () => { const stream = await sessions.create({ ...BODY, toolHandlers: { search: found } }); await read(stream); await read(stream); })],
  ['a creation that repeats events', () => watch({ events: [turn('created'), { ...delta('a'), event_id: 'same' }, { ...delta('a'), event_id: 'same' }, turn('completed'), idle()] }, async () => read(await sessions.create(BODY)))],
  ['a creation with handlers that repeats events', () => watch({ events: [turn('created'), { ...call(), event_id: 'same' }, { ...call(), event_id: 'same' }, call(), turn('completed'), idle()] }, async () => read(await sessions.create({ ...BODY, toolHandlers: { search: found } })))],
  ['a creation with a call before it names its session', () => watch({ creation: [call('{}', {}, { session_id: undefined }), ...turned()] }, async () => read(await sessions.create({ ...BODY, toolHandlers: { search: found } })))],
  ['a creation with a call before it names its session, and a result', () => watch({ creation: turned(call(), message()) }, async () => final(await sessions.create({ ...BODY, toolHandlers: { search: found } })))],
  ['a creation with a session that is in progress first', () => watch({ creation: [{ type: 'agent.session.in_progress', session: session('in_progress') }, ...turned(call())] }, async () => read(await sessions.create({ ...BODY, toolHandlers: { search: found } })))],
  ['a creation of two sessions', () => watch({ creation: [{ type: 'agent.session.created', session: session() }, { type: 'agent.session.created', session: { id: 'other' } }, ...turned(call())] }, async () => read(await sessions.create({ ...BODY, toolHandlers: { search: found } })))],
  ['a creation whose session the caller changes', () => watch({ events: turned(call()) }, async () => read(await sessions.create({ ...BODY, toolHandlers: { search: found } }), (event) => { if (event.session) event.session.id = 'other'; }))],
  ['a creation with a call without a session', () => watch({ events: turned(call('{}', {}, { session_id: undefined })) }, async () => read(await sessions.create({ ...BODY, toolHandlers: { search: found } })))],
  ['a creation with a call of another session', () => watch({ events: turned(call('{}', {}, { session_id: 'other' })) }, async () => read(await sessions.create({ ...BODY, toolHandlers: { search: found } })))],
  ['a creation with a call of a changed session', () => watch({ events: turned(call()) }, async () => read(await sessions.create({ ...BODY, toolHandlers: { search: found } }), (event) => { event.session_id = 'other'; }))],
  ['a creation without its handler', () => watch({ events: turned(call('{}', { name: 'other' })) }, async () => read(await sessions.create({ ...BODY, toolHandlers: { search: found } })))],
  ['a creation with a failing handler', () => watch({ events: turned(call()) }, async () => read(await sessions.create({ ...BODY, toolHandlers: { search() { throw new Error('secret'); } } })))],
  ['a creation with a handler of another shape', () => watch({ events: turned(call()) }, async () => read(await sessions.create({ ...BODY, toolHandlers: { search: 3 } })))],
  ['a creation with onToolError', () => watch({ events: turned(call()) }, async () => read(await sessions.create({ ...BODY, toolHandlers: { search() { throw new Error('secret'); } }, onToolError: () => note('observed') })))],
  ['a creation with an agent id', () => watch({ events: turned(message()) }, async () => final(await sessions.create({ environment: { type: 'none' }, agent_id: 'a', stream: true })))],
  ['a creation with a body in the options', () => watch({ events: turned(call()) }, async () => read(await sessions.create({ ...BODY, toolHandlers: { search: found } }, { body: { stream: true, mine: 1 } })))],
  ['a creation with lost answers', () => watch({ events: turned(call()), inputs: [{ status: 503 }, { status: 204 }] }, async () => read(await client.withOptions({ maxRetries: 1 }).beta.agents.sessions.create({ ...BODY, toolHandlers: { search: found } })))],
  ...both('a turn that fails and goes on', (open) => watch({ events: [turn('created'), message(), turn('failed'), 'stall'] }, async () => { const stream = await open(); return [await final(stream), stream.controller.signal.aborted]; })),
  ...both('an action that goes on', (open) => watch({ events: [turn('created'), asks(action()), 'stall'] }, async () => { const stream = await open(); return [await final(stream), stream.controller.signal.aborted]; })),
  // These come to no end when the connection stays open.
  ...both('the connection of a stream that is left', (open) => watch({ events: [turn('created'), message(), 'stall'] }, async () => { await read(await open(), (event) => event.item); await closed; })),
  ...both('the connection of a stream that is given up', (open) => watch({ events: [turn('created'), message(), 'stall'] }, async () => { const stream = await open(); await read(stream, (event) => { if (event.item) stream.controller.abort(); }).catch((error) => note(told(error))); await closed; })),
  ...both('the connection of a result', (open) => watch({ events: [...turned(message()), 'stall'] }, async () => { await (await open()).finalResult(); await closed; })),
  ...both('the connection of a failure', (open) => watch({ events: [turn('created'), asks(action()), 'stall'] }, async () => { const error = await final(await open()); await closed; return error; })),
  ...both('the connection of a refused output', (open) => watch({ events: [turn('created'), call(), 'stall'], results: [rejected('No')] }, async () => { await read(await open({ toolHandlers: { search: found } })).catch((error) => note(told(error))); await closed; })),
  ...both('the connection of an event that is no JSON', (open) => watch({ events: [turn('created'), { text: 'data: {x\n\n' }, 'stall'] }, async () => { await read(await open()).catch((error) => note(told(error))); await closed; })),
  ...both('a result behind an action that was read', (open) => watch({ events: [turn('created'), asks(action()), { type: 'agent.session.in_progress', session: session('in_progress') }, message(), turn('completed'), idle()] }, async () => {
    const stream = (await open()).withResultCollection();
    const iterator = stream[Symbol.asyncIterator]();
    for (;;) { const { value } = await iterator.next(); if (value.type.endsWith('requires_action')) break; }
    return final(stream);
  })),
  ['a stream with a format that is null', () => watch({ events: turned(message()) }, async () => final(WAYS.follow({ outputFormat: null })))],
  ...both('a turn that goes on', (open) => watch({ events: [...turned(message()), 'stall'] }, async () => { const stream = await open(); return [await final(stream), stream.controller.signal.aborted]; })),
  ...both('progress that is left when it fails', (open) => watch({ events: [turn('created'), turn('failed'), 'stall'] }, async () => { const stream = (await open()).withResultCollection(); await read(stream, (event) => event.type.endsWith('turn.failed')); return final(stream); })),
  ...both('progress with two iterators', (open) => watch({ events: turned(message()) }, async () => { const stream = (await open()).withResultCollection(); const one = stream[Symbol.asyncIterator](); return [attempt(() => typeof stream[Symbol.asyncIterator]().next), typeof one.return, typeof one.throw, typeof one[Symbol.asyncIterator]]; })),
  ...both('two iterators', (open) => watch({ events: turned(message()) }, async () => { const stream = await open(); const one = stream[Symbol.asyncIterator](); return [attempt(() => typeof stream[Symbol.asyncIterator]().next), typeof one.return, typeof one.throw, typeof one[Symbol.asyncIterator]]; })),
  ...both('a result and an iterator that is not begun', (open) => watch({ events: turned(message()) }, async () => { const stream = await open(); stream[Symbol.asyncIterator](); return [attempt(() => stream.withResultCollection() === stream), await final(stream)]; })),
  ['a creation with a format and a body in the options', () => watch({ events: turned(message('{}')) }, async () => final(await sessions.create(typed(), { body: { stream: true, mine: 1 } })))],
  ['a creation with a body in the options alone', () => watch({ events: turned(message()) }, async () => final(await sessions.create(BODY, { body: { stream: true, mine: 1 } })))],
  ['a creation with other options', () => watch({ events: turned(call()) }, async () => read(await sessions.create({ ...BODY, toolHandlers: { search: found } }, { maxRetries: 0, timeout: 50_000, method: 'put', path: '/x' })))],
  ['a stream of the caller', () => watch({}, async () => {
    const events = async function* () { yield* [turn('created'), message(), turn('completed'), idle()].map((event, index) => ({ event_id: `e${index}`, ...event })); };
    const mine = new Stream(events, new AbortController());
    const stream = withAgentTurnResult(mine);
    return [stream === mine, await final(stream)];
  })],
  ['a stream of the caller with a format', () => watch({}, async () => {
    const events = async function* () { yield* [turn('created'), message('{"a":1}'), turn('completed'), idle()]; };
    return final(withAgentTurnResult(new Stream(events, new AbortController()), format));
  })],
  ['parsing by hand', () => watch({ events: turned(message('{"a":1}')) }, async () => { const { constructor } = await (await WAYS.follow()).finalResult(); return constructor.name; })],
]);
await print(SCENARIOS);
