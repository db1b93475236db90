// Runs the tool runner of the Responses API of one package and prints what happened, as data.
//
// node responses-runner-subject.mjs <folder of the package> <extension>

import {
  answer, both, call, client, declared, iterating, load, message, output, own, PARAMS, print, ResponsesToolRunnerError, run, runnerFunction,
  streamed, streams, told, tried, twice, whole,
} from './runner-setting.mjs';

const { makeParseableResponseTool } = await load('lib/ResponsesParser');
const SERVER = { type: 'mcp', server_label: 's', server_url: 'https://x', require_approval: 'always' };
const ASKED = { type: 'mcp_approval_request', id: 'ar1', server_label: 's', name: 't', arguments: '{}' };
const SEARCH = { type: 'web_search' };
const searched = (status) => ({ type: 'web_search_call', id: 'x', status, action: { type: 'search', query: 'q' } });
const typed = (parser, callback) => makeParseableResponseTool(declared('a'), { parser, callback });

const SCENARIOS = {
  'no call': () => run(both(), [whole([message('hi')])]),
  ...Object.fromEntries([null, undefined, {}, { input_tokens: 1 }, { input_tokens: -1, output_tokens: 2, total_tokens: 3 }, { input_tokens: 1.5, output_tokens: 2, total_tokens: 3 }, { input_tokens: '1', output_tokens: 2, total_tokens: 3 }].map((usage) => [`usage ${JSON.stringify(usage)}`, () => run(both(), [whole([message('hi')], { usage })])])),
  'two calls': () => run(both(), twice()),
  'three turns': () =>
    run(both(), [whole([{ type: 'reasoning', id: 'rs', summary: [], encrypted_content: 'E' }, call('c1', 'a')]), whole([call('c2', 'b', {}, { parsed_arguments: 1 })]), whole([message('bye')])], {
      params: { ...PARAMS, instructions: 'I', store: false, input: [{ role: 'user', content: 'x' }], include: ['reasoning.encrypted_content'] },
    }),
  'a function that throws': () => run(both(() => { throw new Error('secret'); }), twice()),
  'a call of nothing': () => run(both(), [whole([call('c1', 'a'), call('c2', 'zzz')])]),
  'a status of 500': () => run(both(), [{ status: 500, json: { error: { message: 'boom' } } }]),
  'a status of 500 later': () => run(both(), [whole([call('c1', 'a')]), { status: 500, json: { error: { message: 'boom' } } }]),
  'a retry': () => run(both(), [{ status: 500, json: { error: { message: 'boom' } } }, ...twice()], { options: { requestOptions: { maxRetries: 1 } } }),
  'headers of requests': () => run(both(), twice(), { options: { requestOptions: { headers: { 'x-mine': '1' }, idempotencyKey: 'k' } } }),
  'a last step': () => run(both(), [whole([call('c1', 'a')]), whole([call('c2', 'a')])], { options: { maxSteps: 2 } }),
  'a last step, by turns': () => run(both(), [whole([call('c1', 'a')])], { options: { maxSteps: 1 }, act: iterating() }),
  ...Object.fromEntries([0, -1, 1.5, NaN, '3', Infinity, null].map((maxSteps) => [`maxSteps ${maxSteps}`, () => run(both(), twice(), { options: { maxSteps } })])),
  'eager without a stream': () => run(both(), twice(), { options: { eager: true } }),
  ...Object.fromEntries(
    ['{"x":', '', '[1]', '"x"', 'null', '5'].map((args) => [`arguments ${args}`, () => run(both(), [whole([call('c1', 'a', args)]), whole([message('x')])])]),
  ),
  'wrong arguments of a second call': () => run(both(), [whole([call('c1', 'a'), call('c2', 'b', '{')])]),
  ...Object.fromEntries(
    [undefined, 5, null, { a: 1 }, [], [{ type: 'x' }], [{ type: 'input_text', text: 5 }], [{ type: 'input_text', text: 'T' }, { type: 'input_image', image_url: 'data:,', detail: 'low' }], [{ type: 'input_file', file_id: 'f' }], [{ type: 'input_text', text: 'a', more: 1 }]].map(
      (value) => [`an output ${JSON.stringify(value)}`, () => run(both(() => value), twice())],
    ),
  ),
  ...Object.fromEntries(
    [{ tools: [SEARCH] }, { tools: [declared('a')] }, { tools: [{ type: 'custom', name: 'q' }] }, { stream: true }, { background: true }, { previous_response_id: 'x' }, { conversation: 'c' }, { input: undefined }, { input: [] }, { input: '' }, { input: [{ role: 'user', content: 'x' }, call('h1', 'a'), output('h1', 'z')] }, { input: [call('c1', 'a'), output('c1', 'z')] }, { parallel_tool_calls: false, metadata: { a: 'b' } }, { include: ['web_search_call.action.sources'] }].map(
      (params) => [`parameters ${JSON.stringify(params)}`, () => run(both(), twice(), { params: { ...PARAMS, ...params } })],
    ),
  ),
  ...Object.fromEntries(
    ['required', 'auto', 'none', { type: 'function', name: 'a' }, { type: 'web_search' }, { type: 'computer' }, { type: 'allowed_tools', mode: 'auto', tools: [{ type: 'function', name: 'a' }] }, { type: 'allowed_tools', mode: 'required', tools: [{ type: 'function', name: 'a' }] }, { type: 'allowed_tools', mode: 'required', tools: [{ type: 'function', name: 'a' }, SEARCH] }].flatMap((tool_choice) =>
      [undefined, [SEARCH]].map((tools) => [`the choice ${JSON.stringify(tool_choice)} of ${JSON.stringify(tools)}`, () => run(both(), [whole([message('x')])], { params: { ...PARAMS, tool_choice, tools } })]),
    ),
  ),
  'two functions of one name': () => run((outcome) => ({ functions: [own(outcome, 'a'), own(outcome, 'a')] }), []),
  'a function without a body': () => run(() => ({ functions: [{ tool: declared('a') }] }), []),
  'a function without a name': () => run(() => ({ functions: [{ tool: declared(''), execute() {} }] }), []),
  'a tool that is no function': () => run(() => ({ functions: [{ tool: { type: 'custom', name: 'a' }, execute() {} }] }), []),
  'no functions': () => run(() => ({}), [whole([message('x')])]),
  ...Object.fromEntries(
    [
      ['not whole', [call('c1', 'a')], { status: 'incomplete' }], ['failed', [], { status: 'failed' }], ['nothing', []], ['a comment only', [message('x', { phase: 'commentary' })]], ['a comment and a call', [message('x', { phase: 'commentary' }), call('c1', 'a')]], ['a call and a message', [call('c1', 'a'), message('x')]],
      ['thoughts only', [{ type: 'reasoning', id: 'r', summary: [] }]], ['a message of the user', [message('x', { role: 'user' })]], ['a message that is not whole', [message('x', { status: 'in_progress' })]], ['a call that is not whole', [call('c1', 'a', {}, { status: 'in_progress' })]], ['one call id twice', [call('c1', 'a'), call('c1', 'b', {}, { id: 'other' })]], ['one id twice', [call('c1', 'a'), call('c1', 'b')]], ['a shell call', [{ type: 'shell_call', id: 'x', call_id: 'y' }]], ['a new kind of item', [{ type: 'brand_new', id: 'x' }]], ['a search that nobody offered', [searched('completed')]], ['a compaction', [{ type: 'compaction', id: 'x', encrypted_content: 'e' }, message('y')]], ['a refusal', [message('x', { content: [{ type: 'refusal', refusal: 'no' }] })]],
    ].map(([name, items, rest]) => [`an answer: ${name}`, () => run(both(), [whole(items, rest), whole([message('end')])])]),
  ),
  'a call id again': () => run(both(), [whole([call('c1', 'a')]), whole([call('c1', 'b', {}, { id: 'other' })])]),
  ...Object.fromEntries(
    ['completed', 'in_progress', 'failed'].map((status) => [`a search that is ${status}`, () => run(both(), [whole([searched(status), call('c1', 'a')]), whole([message('x')])], { params: { ...PARAMS, tools: [SEARCH] } })]),
  ),
  ...Object.fromEntries(
    [() => true, () => false, () => 'yes', undefined, () => { throw new Error('secret'); }].map((approveMcp, at) => [`an approval, ${at}`, () => run(both(), [whole([ASKED, call('c1', 'a'), { ...ASKED, id: 'ar2' }]), whole([message('x')])], { params: { ...PARAMS, tools: [SERVER] }, options: { approveMcp } })]),
  ),
  'an approval that nobody needs': () => run(both(), [whole([ASKED])], { params: { ...PARAMS, tools: [{ ...SERVER, require_approval: 'never' }] } }),
  'an approval for another server': () => run(both(), [whole([{ ...ASKED, server_label: 'q' }])], { params: { ...PARAMS, tools: [SERVER] } }),
  'a call on a server that was not approved': () => run(both(), [whole([{ ...ASKED, type: 'mcp_call', id: 'x' }])], { params: { ...PARAMS, tools: [SERVER] } }),
  'turns': () => run(both(), twice(), { act: iterating() }),
  'a turn that is left': () => run(both(), twice(), { act: async (runner, options) => { for await (const { step } of runner.iterate(client, PARAMS, options)) return step; return undefined; } }),
  'a turn that throws': () => run(both(), twice(), { act: iterating(() => { throw new Error('mine'); }) }),
  'words of the user': () => run(both(), twice(), { act: iterating((turn, outcome) => { outcome.said = [...(outcome.said ?? []), ...['more', '', 5].map((text) => tried(() => turn.appendUserText(text)))]; }) }),
  'words when it is late': () => { let before; return run(both(), twice(), { act: iterating((turn, outcome) => { if (before) outcome.tooLate = [tried(() => before.appendUserText('x')), tried(() => before.supplyOutputs([]))]; before = turn; }) }); },
  'outputs of the caller': () => run(both(undefined, { allowOutputOverride: true }), twice(), { act: iterating((turn) => turn.final || turn.supplyOutputs([output('c1', 'mine')])) }),
  'outputs that are taken back': () => run(both(undefined, { allowOutputOverride: true }), twice(), { act: iterating((turn) => turn.final || [turn.supplyOutputs([output('c1', 'mine')]), turn.supplyOutputs([])]) }),
  'outputs that are wrong': () =>
    run(both(undefined, { allowOutputOverride: true }), twice(), {
      act: iterating((turn, outcome) => {
        const wrong = [null, 5, [null], [{}], [output('c1', 5)], [output('c1', 'x', { id: 'y' })], [{ ...output('c1', 'x'), type: 'x' }], [output('c2', 'x')], [output('zz', 'x')], [output('c1', 'x'), output('c1', 'x')]];
        if (!turn.final) outcome.tried = wrong.map((each) => tried(() => turn.supplyOutputs(each)));
        else turn.supplyOutputs([]);
      }),
    }),
  'an answer that the caller changes': () => run(both(), twice(), { act: iterating((turn) => void (turn.response.output.length = 0)) }),
  'parameters that change': () => { const params = { ...PARAMS, input: [{ role: 'user', content: 'q' }] }; return run(both(), [() => { params.model = 'changed'; params.input[0].content = 'changed'; return whole([call('c1', 'a')]); }, whole([message('x')])], { params }); },
  'two runs at once': () => run(both(), [() => new Promise((later) => setTimeout(() => later(whole([message('x')])), 80))], { act: async (runner, options, outcome) => { const first = runner.run(client, PARAMS, options); outcome.second = await runner.run(client, PARAMS, options).catch(told); outcome.draining = runner.close(); return first; } }),
  'abort before': () => run(both(), twice(), { options: { signal: AbortSignal.abort(new Error('why')) } }),
  'abort in a function': () => { const stop = new AbortController(); return run(both(() => { stop.abort(); return 'x'; }), twice(), { options: { signal: stop.signal } }); },
  'abort in a request': () => { const stop = new AbortController(); return run(both(), [() => { setTimeout(() => stop.abort(), 20); return { silent: true }; }], { options: { signal: stop.signal } }); },
  'an observer that throws': () => run(both(), twice(), { options: { onDiagnostic() { throw new Error('mine'); } } }),
  'a stream': () => run(both(), streams(answer([call('c1', 'a')]), answer([message('bye')])), { options: (outcome) => ({ stream: true, onEvent: (event) => { outcome.calls.push(event.type); event.type = 'changed'; } }) }),
  'an eager stream': () => run(both(), streams(answer([call('c1', 'a'), call('c2', 'b')]), answer([message('bye')])), { options: (outcome) => ({ stream: true, eager: true, onEvent: (event) => void outcome.calls.push(event.type) }) }),
  'an eager stream by turns': () => run(both(), streams(answer([call('c1', 'a')]), answer([message('bye')])), { options: { stream: true, eager: true }, act: iterating() }),
  'an eager stream with an approval': () => run(both(), streams(answer([ASKED, call('c1', 'a')]), answer([message('bye')])), { params: { ...PARAMS, tools: [SERVER] }, options: { stream: true, eager: true, approveMcp: () => true } }),
  'an eager stream with a function that throws': () => run(both(() => { throw new Error('no'); }), streams(answer([call('c1', 'a'), call('c2', 'b')])), { options: { stream: true, eager: true } }),
  'an eager stream with a call of nothing': () => run(both(), streams(answer([call('c1', 'a'), call('c2', 'q')])), { options: { stream: true, eager: true } }),
  'an eager stream at its last step': () => run(both(), streams(answer([call('c1', 'a')])), { options: { stream: true, eager: true, maxSteps: 1 } }),
  'an eager stream that is not whole': () => run(both(), streams(answer([call('c1', 'a')], { status: 'incomplete' })), { options: { stream: true, eager: true } }),
  'a stream with an error': () => run(both(), [{ events: [{ type: 'error', message: 'boom', code: 'c', param: null, sequence_number: 0 }] }], { options: { stream: true } }),
  'a stream that ends early': () => run(both(), [{ events: streamed(answer([call('c1', 'a')])).events.slice(0, 4) }], { options: { stream: true } }),
  'a stream whose listener throws': () => run(both(), streams(answer([message('x')])), { options: { stream: true, onEvent() { throw new Error('mine'); } } }),
  'abort in a stream': () => { const stop = new AbortController(); return run(both(), [streamed(answer([message('x')]), { stalls: true })], { options: { stream: true, signal: stop.signal, onEvent: ({ type }) => void (type === 'response.output_text.delta' && stop.abort()) } }); },
  'a typed function': () => run((outcome) => ({ functions: [runnerFunction(typed((text) => ({ parsed: JSON.parse(text) }), (args) => { outcome.calls.push(args); return 'R'; }))] }), [whole([call('c1', 'a', { q: 1 })]), whole([message('x')])]),
  'a typed function whose parser throws': () => run(() => ({ functions: [runnerFunction(typed(() => { throw new Error('bad'); }, () => 'R'))] }), [whole([call('c1', 'a')])]),
  'a typed function without a body': () => run(() => ({ functions: [runnerFunction(typed((text) => text, undefined))] }), []),
  'an untyped function': () => run(() => ({ functions: [runnerFunction(declared('a'))] }), []),
  'the error': async () => told(new ResponsesToolRunnerError('m', ['a'], ['b'])),
};

await print(SCENARIOS);
