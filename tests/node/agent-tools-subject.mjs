// Makes functions and formats for agents with one package, runs the parts of its stream helpers, and prints what they give.
//
// node agent-tools-subject.mjs <folder of the package> <extension>
// `TAILRACE_OFFICIAL_NODE_MODULES` names the folder that has zod.

import { createRequire } from 'node:module';
import { join } from 'node:path';
import { action, asks, attempt, call, idle, load, message, note, print, rejected, session, sessions, settled, told, turn, turned, watch } from './agent-setting.mjs';

const require = createRequire(join(process.env.TAILRACE_OFFICIAL_NODE_MODULES, 'tools.js'));
const { z } = require('zod');
const { z: z3 } = require('zod/v3');
const mini = require('zod/mini');
const { zodResponsesFunction } = await load('helpers/zod');
const { standardResponsesFunction } = await load('helpers/standard-schema');
const { zodAgentTextFormat } = await load('helpers/beta/agents/zod');
const { standardAgentTextFormat } = await load('helpers/beta/agents/standard-schema');
const { functionTool } = await load('lib/beta/agents/function-tool');
const { agentOutputFormat } = await load('lib/beta/agents/output-format');
const parse = await load('lib/beta/agents/parse-result');
const { isInputContent } = await load('lib/beta/agents/tool-output');
const { toolStages } = await load('lib/beta/agents/tool-stages');
const { TurnState } = await load('lib/agents/turn-state');
const { AgentTurnResultCollector } = await load('lib/beta/agents/agent-turn-result-collector');
const { AgentToolDispatcher } = await load('lib/beta/agents/tool-dispatcher');
const { captureCreationTools } = await load('lib/beta/agents/agent-session-create-stream');
const { agentItems } = await load('lib/beta/agents/pages');
const { webhookSignatureRequiresSigning } = await load('lib/webhook-signature');

const made = (callback, rest = {}) => zodResponsesFunction({ name: 'search', parameters: z.object({ query: z.string() }), function: callback, ...rest });
const gave = (output) => watch({}, async () => {
  const stages = [];
  const value = await settled(functionTool(made(async () => output)).handler({ query: 'q' }, (stage) => stages.push(stage)));
  return [value, stages];
});
const sync = (act) => async () => attempt(act);
const standard = (validate) => ({ '~standard': { version: 1, vendor: 'v', validate } });
const SCHEMA = { type: 'object', properties: { a: { type: 'string' } }, required: ['a'], additionalProperties: false };
const format = agentOutputFormat(SCHEMA, JSON.parse);
/** A format, and what it makes of texts; a validator words its errors as its own version does. */
const formatted = (make, ...texts) => sync(() => {
  const of = make();
  const reads = texts.map((text) => { try { return of.$parseRaw(text); } catch (error) { return error.name; } });
  return [Object.keys(of), JSON.stringify(of), reads];
});
/** Runs tools over the helper. */
const run = (tool, events, rest) => watch({ events: turned(...events) }, async () => {
  const onToolError = ({ stage, error }) => note('observed', stage, error.constructor.name);
  return settled(sessions.stream('session_test', { input: 'x', toolHandlers: { [tool.name]: tool.handler }, onToolError, ...rest }).finalResult());
});
const seen = (args) => { note('called', args); return { ...args, found: true }; };

/** What a collector says after each event. */
const collected = (id, ...steps) => sync(() => {
  const collector = new AgentTurnResultCollector(id);
  const outcomes = steps.map((step) => attempt(() => (typeof step === 'function' ? step(collector) ?? 'fine' : collector.accept({ event_id: 'e', ...step }) ?? collector.ready)));
  return [outcomes, told(collector.error('observation', 'why')), attempt(() => collector.finish()), attempt(() => collector.finish())];
});
const can = (...names) => (collector) => collector.checkAction((name) => names.includes(name));
const FAILED = { type: 'agent.session.failed', session: session('failed') };
const state = (act) => sync(() => act(new TurnState()));
const pages = (...given) => async () => {
  const asked = [];
  const items = [];
  try {
    for await (const item of agentItems(async (after) => { asked.push(after ?? 'first'); const [data, has_more] = given.shift(); return { data, has_more }; })) items.push(item.id ?? null);
  } catch (error) {
    items.push(told(error));
  }
  return [asked, items];
};
const items = (...ids) => ids.map((id) => ({ id }));

const OUTPUTS = {
  'a text': 'x', 'an empty text': '', 'a number': 3, 'true': true, 'null': null, 'undefined': undefined, 'not a number': NaN, 'a bigint': 3n, 'a symbol': Symbol('q'), 'a function': () => 1, 'an object': { a: 1 },
  'a list': [1, 2], 'an empty list': [], 'content': [{ type: 'input_text', text: 'a' }], 'content with more': [{ type: 'input_text', text: 'a', more: 1 }], 'content and a number': [{ type: 'input_text', text: 'a' }, 3],
  'an image': [{ type: 'input_image', image_url: 'u' }], 'a part': { type: 'input_text', text: 'a' }, 'a date': new Date(0), 'a hole': [undefined], 'a list with a bigint': [3n], 'content that is none': [{ type: 'input_text', text: 3 }],
};
const CONTENTS = [
  { type: 'input_text', text: 'a' }, { type: 'input_text', text: '' }, { type: 'input_text', text: 3 }, { type: 'input_text' }, { type: 'input_image', image_url: 'u' }, { type: 'input_image', image_url: null },
  { type: 'input_image', file_id: 'f' }, { type: 'input_image', image_url: 'u', detail: 'low' }, null, undefined, 3, 'x', [], {}, Object.create({ type: 'input_text', text: 'a' }), Object.assign([], { type: 'input_text', text: 'a' }),
];
const FORMATS = {
  'none': undefined, 'null': null, 'text': { type: 'text' }, 'a plain schema': { type: 'json_schema', schema: {} }, 'one': format, 'a copy': { ...format }, 'one with more': { ...format, name: 'x' }, 'text with a parser': { type: 'text', schema: {}, $parseRaw: JSON.parse },
  'no schema': { type: 'json_schema', $parseRaw: JSON.parse }, 'a null schema': { type: 'json_schema', schema: null, $parseRaw: JSON.parse }, 'a schema that is true': { type: 'json_schema', schema: true, $parseRaw: JSON.parse },
  'a getter': Object.defineProperty({ ...format }, 'schema', { get: () => ({}), enumerable: true }), 'a hidden schema': Object.defineProperty({ type: 'json_schema', $parseRaw: JSON.parse }, 'schema', { value: {} }),
  'an inherited schema': Object.setPrototypeOf({ $parseRaw: JSON.parse }, format), 'an inherited parser': Object.setPrototypeOf({ type: 'json_schema', schema: {} }, { $parseRaw: JSON.parse }),
  'a hidden parser': Object.defineProperty({ type: 'json_schema', schema: {} }, '$parseRaw', { value: JSON.parse }), 'a parser that is none': { type: 'json_schema', schema: {}, $parseRaw: 3 },
};
const capture = (body, options) => sync(() => { const { body: sent, options: rest, ...own } = parse.captureAgentOutput(body, options); return [sent, sent === body, Object.keys(rest ?? {}), rest === options, Object.keys(own.format ?? {})]; });
const tools = (body, options) => sync(() => { const { body: sent, options: rest, handlers } = captureCreationTools(body, options); return [sent, sent === body, Object.keys(rest ?? {}).sort(), rest === options, handlers === undefined ? 'none' : handlers && Object.keys(handlers), handlers === body.toolHandlers]; });
const search = () => {};

const SCENARIOS = {
  'a function': sync(() => { const tool = functionTool(made(seen, { description: 'D' })); return [Object.keys(tool), tool.definition, tool.handler.length, tool.handler[toolStages], Object.keys(tool.handler), Symbol.keyFor(toolStages)]; }),
  'a function that is deferred': sync(() => functionTool(made(seen, { defer_loading: true })).definition),
  'a function that is not deferred': sync(() => functionTool(made(seen, { defer_loading: false })).definition),
  'a function without a callback': sync(() => functionTool(made(undefined))),
  'a function that is a copy': sync(() => functionTool({ ...made(seen) })),
  'a function by hand': sync(() => functionTool({ type: 'function', name: 'x', parameters: {} })),
  'a function without parameters': sync(() => functionTool(Object.assign(made(seen), { parameters: null }))),
  'no function': sync(() => functionTool(undefined)),
  'a function of zod 3': sync(() => functionTool(zodResponsesFunction({ name: 's', parameters: z3.object({ a: z3.string() }), function: seen })).definition),
  'a function of a standard schema': sync(() => functionTool(standardResponsesFunction({ name: 's', schema: SCHEMA, parameters: standard((value) => ({ value })), function: seen })).definition),
  ...Object.fromEntries(Object.entries(OUTPUTS).map(([name, output]) => [`a function that gives ${name}`, () => gave(output)])),
  'a function with arguments that are wrong': async () => { const stages = []; const error = await functionTool(made(seen)).handler({}, (stage) => stages.push(stage)).catch((failure) => failure); return [error.constructor.name, stages]; },
  'a function that throws': async () => { const stages = []; const error = await functionTool(made(() => { throw new RangeError('q'); })).handler({ query: 'a' }, (stage) => stages.push(stage)).catch((failure) => failure); return [told(error), stages]; },
  'a function without stages': async () => functionTool(made((args) => args)).handler({ query: 'q', extra: 1 }),
  'a run of a function': () => run(functionTool(made(seen)), [call(), message()]),
  'a run of a function of zod 3': () => run(functionTool(zodResponsesFunction({ name: 'search', parameters: z3.object({ query: z3.string() }), function: seen })), [call(), message()]),
  'a run of a function with wrong arguments': () => run(functionTool(made(seen)), [call('{}'), message()]),
  'a run of a function with no JSON': () => run(functionTool(made(seen)), [call('{x'), message()]),
  'a run of a function that throws': () => run(functionTool(made(() => { throw new RangeError('secret'); })), [call(), message()]),
  'a run of a function with an output that is none': () => run(functionTool(made(() => [3n])), [call(), message()]),
  'a run of a function with a format': () => run(functionTool(made(seen)), [call(), message('{"a":"b"}')], { outputFormat: zodAgentTextFormat(z.object({ a: z.string() })) }),
  'a run with a format that is not met': () => run(functionTool(made(seen)), [message('{"a":3}')], { outputFormat: zodAgentTextFormat(z.object({ a: z.string() })) }),

  'a format of zod': formatted(() => zodAgentTextFormat(z.object({ a: z.string(), b: z.number().nullable() })), '{"a":"x","b":null}', '{"a":3}', '{x'),
  'a format of zod with a transform': formatted(() => zodAgentTextFormat(z.object({ a: z.string() }).strict()), '{"a":"x"}', '{"a":"x","c":1}'),
  'a format of zod 3': formatted(() => zodAgentTextFormat(z3.object({ a: z3.string(), b: z3.array(z3.number()) })), '{"a":"x","b":[1]}', '{"a":3}'),
  'a recursive format of zod 3': formatted(() => { const node = z3.object({ a: z3.string(), children: z3.lazy(() => z3.array(node)) }); return zodAgentTextFormat(node); }, '{"a":"x","children":[]}'),
  'a format of zod 3 that stands twice': formatted(() => { const point = z3.object({ x: z3.number() }); return zodAgentTextFormat(z3.object({ from: point, to: point })); }, '{"from":{"x":1},"to":{"x":2}}'),
  'a recursive format of zod': formatted(() => { const node = z.object({ a: z.string(), get children() { return z.array(node); } }); return zodAgentTextFormat(node); }, '{"a":"x","children":[]}'),
  'a format of zod mini': formatted(() => zodAgentTextFormat(mini.object({ a: mini.string() })), '{"a":"x"}', '{}'),
  'a format that is no object': formatted(() => zodAgentTextFormat(z.string())),
  'a format with what cannot be strict': formatted(() => zodAgentTextFormat(z.object({ a: z.string().optional() }))),
  'a format of nothing': sync(() => { try { return zodAgentTextFormat(undefined); } catch (error) { return error.constructor.name; } }),
  'a format of a standard schema': formatted(() => standardAgentTextFormat(standard((value) => (value.a ? { value } : { issues: [{ message: 'no' }] })), SCHEMA), '{"a":1}', '{}', '{x'),
  'a format of a standard schema that validates later': formatted(() => standardAgentTextFormat(standard(async (value) => ({ value })), SCHEMA), '{"a":1}'),
  'a format of a standard schema without a JSON schema': formatted(() => standardAgentTextFormat(standard((value) => ({ value })))),
  'a format of a standard schema with its own': formatted(() => standardAgentTextFormat({ '~standard': { version: 1, vendor: 'v', validate: (value) => ({ value }), jsonSchema: { input: () => SCHEMA } } }), '{"a":1}'),
  'a format by hand': formatted(() => format, '{}', '{x'),
  ...Object.fromEntries(Object.entries(FORMATS).flatMap(([name, of]) => [
    [`the parser of a format: ${name}`, sync(() => { const parser = parse.agentFormatParser(of); return [parser && Object.keys(parser), parser?.schema, parser === of]; })],
    [`a request with a format: ${name}`, sync(() => { const { body, format: taken } = parse.captureAgentOutput({ agent: { model: 'm', text: { format: of, verbosity: 'low' } } }); return [body, taken && Object.keys(taken)]; })],
    [`a stream with a format: ${name}`, sync(() => typeof sessions.stream('s', { input: 'x', outputFormat: of }).finalResult)],
  ])),
  'a parser with its format': sync(() => { const mine = { type: 'json_schema', schema: {}, $parseRaw() { return this === mine; } }; return parse.agentFormatParser(mine).$parseRaw('x'); }),
  'a parser that changes': sync(() => { const mine = { type: 'json_schema', schema: {}, $parseRaw: () => 1 }; const parser = parse.agentFormatParser(mine); mine.$parseRaw = () => 2; return parser.$parseRaw('x'); }),
  'a request with a schema that changes': sync(() => { const mine = agentOutputFormat({ a: { b: 1 } }, JSON.parse); const { body } = parse.captureAgentOutput({ agent: { text: { format: mine } } }); mine.schema.a.b = 2; return body; }),
  'a request without an agent': capture({ environment: {} }),
  'a request with options': capture({ agent: { text: { format } } }, { maxRetries: 1 }),
  'a request with a body in the options': capture({ agent: { text: { format } } }, { body: {} }),
  'a request with no body in the options': capture({ agent: { text: { format } } }, { body: undefined }),
  'handlers of a request': tools({ stream: true, toolHandlers: { search }, a: 1 }, { maxRetries: 1 }),
  'no handlers of a request': tools({ stream: true, a: 1 }, { maxRetries: 1 }),
  'handlers without a stream': tools({ toolHandlers: { search } }),
  'handlers with a body in the options': tools({ stream: true, toolHandlers: { search } }, { body: {} }),
  'handlers that are null': tools({ stream: true, toolHandlers: null }),
  'handlers that are undefined': tools({ toolHandlers: undefined }),
  ...Object.fromEntries(CONTENTS.map((content, index) => [`content ${index} ${JSON.stringify(content)}`, sync(() => isInputContent(content))])),

  'events of a state': state((of) => [undefined, undefined, null, null, '', '', 'a', 'a'].map((event_id) => of.accept({ event_id, type: 'x' }))),
  'the end of a state': state((of) => [idle(), turn('created'), idle(), turn('completed'), idle(), turn('created', 'x'), idle()].map((event, index) => [of.accept({ ...event, event_id: `e${index}` }), of.terminal(event)])),
  'the end of a session': state((of) => of.terminal(FAILED)),
  'calls of a state': state((of) => [call(), call(), call('{}', { turn_id: 'b' }), call('{}', { turn_id: 'turn_root:call_test', call_id: '' }), turn('created')].map((event) => of.call(event)?.turn_id ?? null)),
  'a collector of nothing': collected(undefined),
  'a collector with a session': collected('given'),
  'a collector whose session is named': collected('given', { type: 'agent.session.created', session: session('idle', { id: 'other' }) }, turn('created')),
  'a collector of a result': collected(undefined, turn('created'), message(), turn('completed'), idle()),
  'a collector of a failure': collected(undefined, turn('created'), message(), turn('failed'), can()),
  'a collector of a cancellation': collected(undefined, turn('created'), turn('cancelled'), can(), idle()),
  'a collector of a failed session': collected(undefined, FAILED, can(), turn('created'), turn('completed'), idle()),
  'a collector of actions': collected(undefined, turn('created'), asks(action()), can(), can('search'), asks(action(), action({ name: 'other' })), can('search'), asks(), can()),
  'a collector of an action without a call': collected(undefined, asks(action({ type: 'mcp_approval_request' })), can('search')),
  'a collector of an action that is over': collected(undefined, turn('created'), asks(action()), { type: 'agent.session.in_progress', session: session('in_progress') }, can()),
  'a collector behind the end': collected(undefined, turn('created'), turn('completed'), idle(), message(), FAILED, asks(action()), can()),
  'a collector of messages again': collected(undefined, turn('created'), message('first'), message('second'), turn('completed'), idle()),
  'a collector of messages in disorder': collected(undefined, turn('created'), message('b', { id: 'b' }, { output_index: 2 }), message('a', { id: 'a' }, { output_index: 1 }), turn('completed'), idle()),
  'a collector of messages of others': collected(undefined, message('early', { id: 'e' }), turn('created'), message('x', { turn_id: 'other' }), message('x', { status: 'incomplete' }), message('x', { phase: 'commentary' }), message('x', { phase: null, id: 'n' }), turn('completed'), idle()),
  'a collector that lets go': collected(undefined, turn('created'), message(), turn('completed'), idle(), (collector) => { collector.release(); }),
  'a call without a session': sync(() => typeof new AgentToolDispatcher(sessions, { search }, new AbortController()).prepare(call().item, undefined)),
  'a call of nobody without a session': sync(() => typeof new AgentToolDispatcher(sessions, {}, new AbortController()).prepare(call().item, undefined)),
  'no handlers at all': sync(() => { new AgentToolDispatcher(sessions, undefined, new AbortController()); }),
  'pauses of an output': () => watch({ inputs: [...Array(4)].map(() => rejected('Unknown pending tool call: call_test')) }, async () => {
    const started = performance.now();
    const error = await new AgentToolDispatcher(sessions, { search: () => 'x' }, new AbortController()).prepare(call().item, 's')().catch((failure) => failure);
    return [told(error), performance.now() - started >= 990];
  }),

  'pages': pages([items('a', 'b'), true], [items('c'), false]),
  'a page whose last item has no id': pages([items('a', null), true]),
  'a page that is empty': pages([[], true]),
  'a page that comes again': pages([items('a'), true], [items('a'), true]),
  'pages in a circle': pages([items('a'), true], [items('b'), true], [items('a'), true], [items('c'), false]),
  'a page that says nothing of more': pages([items('a'), undefined]),
  'signatures of webhooks': async () => [0, 1, 30, 31, 32, 1000].map((count) => webhookSignatureRequiresSigning('v1,a '.repeat(count) + 'v1,b')),
};
await print(SCENARIOS);
