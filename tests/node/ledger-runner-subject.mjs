// Runs a tool runner of one package that saves how far it is, and prints what happened, as data.
//
// node ledger-runner-subject.mjs <folder of the package> <extension>

import { answer, both, call, client, iterating, message, output, own, PARAMS, print, run, streams, whole } from './runner-setting.mjs';

const bye = () => whole([message('bye')]);
const EAGER = { stream: true, eager: true };
const SERVER = { type: 'mcp', server_label: 's', server_url: 'https://x.example/path?q=1', require_approval: 'always', headers: { a: 'secret' }, authorization: 'secret' };
const ASKED = { type: 'mcp_approval_request', id: 'ar1', server_label: 's', name: 't', arguments: '{}' };
const THOUGHT = { type: 'reasoning', id: 'rs', summary: [], encrypted_content: 'E' };
const copy = (value) => JSON.parse(JSON.stringify(value));

/** Options that save into the outcome. */
const saving = (ledger = {}, rest = {}) => (outcome) => ({
  ledger: { runId: 'run', save: (checkpoint) => void (outcome.saves ??= []).push(copy(checkpoint)), ...ledger },
  ...rest,
});
const named = (values, name, scenario) => Object.fromEntries(values.map((value) => [`${name} ${(JSON.stringify(value) ?? 'undefined').slice(0, 160)}`, () => scenario(value)]));
const two = () => [whole([call('c1', 'a'), call('c2', 'b', { x: 1 })]), bye()];

/** The checkpoints of a run that ends well. */
const checkpoints = async (exchanges = two(), registered = both(), rest = {}) => (await run(registered, exchanges, { options: saving(), ...rest })).saves;
const at = async (phase, number = 0) => (await checkpoints()).filter((each) => each.phase === phase)[number];
const SECOND = 1;
const FRESH = { ...PARAMS, input: 'fresh' };

/** Goes on from a checkpoint that `change` changes. */
const resumed = async (change = (saved) => saved, { registered = both(), params = FRESH, options = {}, exchanges = [whole([call('c3', 'a')]), bye()], from, ledger = {} } = {}) => {
  const resumeFrom = change(from ?? (await at('boundary', SECOND)));
  return run(registered, exchanges, { params, options: saving({ resumeFrom, ...ledger }, options) });
};
const changed = (fields) => (saved) => ({ ...saved, ...fields });
const without = (name) => ({ [name]: _, ...saved }) => saved;

const SCENARIOS = {
  'two calls': () => run(both(), two(), { options: saving() }),
  'no call': () => run(both(), [bye()], { options: saving() }),
  'thoughts': () => run(both(), [whole([THOUGHT, call('c1', 'a'), message('x', { phase: 'commentary' })]), bye()], { options: saving() }),
  'a function that throws': () => run(both(() => { throw new Error('secret'); }), two(), { options: saving() }),
  'an output that is none': () => run(both(() => 5), two(), { options: saving() }),
  'wrong arguments': () => run(both(), [whole([call('c1', 'a'), call('c2', 'b', '{')]), bye()], { options: saving() }),
  'a call of nothing': () => run(both(), [whole([call('c1', 'q')]), bye()], { options: saving() }),
  'outputs of the caller': () => run(both(undefined, { allowOutputOverride: true }), two(), { options: saving(), act: iterating((turn) => turn.final || [turn.supplyOutputs([output('c1', 'mine')]), turn.appendUserText('more')]) }),
  'a turn that is left': () => run(both(), two(), { options: saving(), act: async (runner, options) => { for await (const { step } of runner.iterate(client, PARAMS, options)) return step; return undefined; } }),
  'a stream': () => run(both(), streams(answer([call('c1', 'a'), call('c2', 'b')]), answer([message('bye')])), { options: saving({}, { stream: true }) }),
  'an eager stream': () => run(both(), streams(answer([call('c1', 'a'), call('c2', 'b')]), answer([message('bye')])), { options: saving({}, EAGER) }),
  'an eager stream of thoughts': () => run(both(), streams(answer([THOUGHT, message('x', { phase: 'commentary' }), call('c1', 'a'), message('y', { phase: 'commentary' }), call('c2', 'b')]), answer([message('bye')])), { options: saving({}, EAGER) }),
  'an eager stream with rules': () => run((outcome) => ({ ...both()(outcome), earlyExecution: { functions: ['a'] } }), streams(answer([call('c1', 'a'), call('c2', 'b')]), answer([message('bye')])), { options: saving({}, EAGER) }),
  'an eager stream that fails': () => run(both(() => { throw new Error('no'); }), streams(answer([call('c1', 'a'), call('c2', 'b')])), { options: saving({}, EAGER) }),
  'calls beside each other': () => run((outcome) => ({ functions: both()(outcome).functions.map((each) => ({ ...each, independent: true })) }), streams(answer([call('c1', 'a'), call('c2', 'b')]), answer([message('bye')])), { options: saving({}, EAGER) }),
  'a status of 500': () => run(both(), [{ status: 500, json: { error: { message: 'boom' } } }], { options: saving() }),
  'a client that retries': () => run(both(), [{ status: 500, json: { error: { message: 'boom' } } }, bye()], { options: saving(), act: (runner, options) => runner.run(client.withOptions({ maxRetries: 2 }), PARAMS, options) }),
  'an eager stream with a server': () => run(both(), streams(answer([call('c1', 'a'), call('c2', 'b')]), answer([message('bye')])), { params: { ...PARAMS, tools: [{ type: 'web_search' }] }, options: saving({}, EAGER) }),
  'the last step': () => run(both(), two(), { options: saving({}, { maxSteps: 1 }) }),
  'a server': () => run(both(), [whole([ASKED, call('c1', 'a')]), bye()], { params: { ...PARAMS, tools: [SERVER, { type: 'web_search' }] }, options: saving({}, { approveMcp: () => true }) }),
  'a budget': () => run(both(() => 'x'.repeat(400)), [1, 2, 3].map((at) => whole([call(`c${at}`, 'a')])).concat([bye()]), { options: saving({}, { contextBudget: { maxInputBytes: 1100, maxInputImages: 1, compact: ({ eligibleCallIds }) => ({ dropCallIds: eligibleCallIds }) } }) }),
  'saving that throws at once': () => run(both(), two(), { options: saving({ save() { throw new Error('secret'); } }) }),
  ...named([1, 2, 3, 4, 5, 6, 7, 8, 9], 'saving that throws at', (number) => { let count = 0; return run(both(), two(), { options: saving({ save: async () => { if (++count === number) throw new Error('secret'); } }) }); }),
  'saving that changes what it gets': () => run(both(), two(), { options: saving({ save: (checkpoint) => { checkpoint.history.length = 0; checkpoint.attempted_call_ids.length = 0; } }) }),
  ...named([null, 5, {}, { runId: 'x' }, { runId: '', save() {} }, { runId: 5, save() {} }, { runId: 'x', save: 5 }, { runId: 'x', save() {}, more: 1 }, { runId: 'x'.repeat(300), save() {} }], 'a ledger', (ledger) => run(both(), two(), { options: { ledger } })),
  ...named([{ headers: { 'x-mine': '1' } }, { timeout: 5000 }, { maxRetries: 0 }, { maxRetries: 1 }, { idempotencyKey: 'k' }, { query: { a: 'b' } }, { body: {} }, { path: '/x' }, { signal: null }, { stream: true }], 'options of requests', (requestOptions) => run(both(), two(), { options: saving({}, { requestOptions }) })),
  ...named([{ store: false }, { store: true }, { metadata: { a: 'b' } }, { input: [] }, { input: undefined }, { tools: [{ type: 'web_search' }] }, { tool_choice: 'auto' }, { input: [{ role: 'user', content: 'x' }, call('h1', 'a'), output('h1', 'z')] }, { input: [{ role: 'user', content: 'x' }, call('h1', 'a')] }], 'parameters', (params) => run(both(), two(), { params: { ...PARAMS, ...params }, options: saving() })),

  'going on': () => resumed(),
  'going on from the first boundary': async () => resumed(undefined, { from: await at('boundary', 0) }),
  'going on from the last boundary': async () => resumed(undefined, { from: (await checkpoints()).filter(({ phase }) => phase === 'boundary').at(-1) }),
  'going on from what is pending': async () => resumed(undefined, { from: await at('pending') }),
  'going on from the end': async () => resumed(undefined, { from: await at('final') }),
  'going on with nothing new': () => resumed(undefined, { params: { ...PARAMS, input: [] } }),
  'going on with an empty text': () => resumed(undefined, { params: { ...PARAMS, input: '' } }),
  'going on without input': () => resumed(undefined, { params: { model: 'm' } }),
  'going on with several': () => resumed(undefined, { params: { ...PARAMS, input: [{ role: 'user', content: 'x' }, { role: 'user', content: 'y' }] } }),
  'going on with a developer': () => resumed(undefined, { params: { ...PARAMS, input: [{ role: 'developer', content: 'x' }] } }),
  'going on with an assistant': () => resumed(undefined, { params: { ...PARAMS, input: [{ role: 'assistant', content: 'x' }] } }),
  'going on with a call': () => resumed(undefined, { params: { ...PARAMS, input: [call('h1', 'a'), output('h1', 'z')] } }),
  'going on with other functions': () => resumed(undefined, { registered: (outcome) => ({ functions: [own(outcome, 'a')] }) }),
  'going on with functions in another order': () => resumed(undefined, { registered: (outcome) => ({ functions: both()(outcome).functions.reverse() }) }),
  'going on with functions that may be answered': () => resumed(undefined, { registered: both(undefined, { allowOutputOverride: true }) }),
  'going on with more tools': () => resumed(undefined, { params: { ...FRESH, tools: [{ type: 'web_search' }] } }),
  'going on with another model': () => resumed(undefined, { params: { ...FRESH, model: 'n' } }),
  'going on with fewer steps': () => resumed(undefined, { options: { maxSteps: 5 } }),
  'going on with more steps': () => resumed(undefined, { options: { maxSteps: 30 } }),
  'going on with a call id again': () => resumed(undefined, { exchanges: [whole([call('c1', 'a', {}, { id: 'other' })])] }),
  'going on with an item id again': () => resumed(undefined, { exchanges: [whole([call('c9', 'a', {}, { id: 'fc_c1' })])] }),
  'going on in another run': () => resumed(undefined, { ledger: { runId: 'other' } }),
  'going on by turns': async () => { const from = await at('boundary', SECOND); return run(both(), [whole([call('c3', 'a')]), bye()], { options: saving({ resumeFrom: from }), act: iterating(undefined, FRESH) }); },
  'going on with all steps used': () => resumed(changed({ consumed_requests: 20 })),
  'going on with the last step': () => resumed(changed({ consumed_requests: 19 })),
  ...named(['version', 'run_id', 'revision', 'phase', 'max_steps', 'consumed_requests', 'tools', 'output_override_names', 'history', 'attempted_call_ids', 'returned_call_ids', 'pending_items', 'returned_outputs', 'final_response'], 'going on without', (name) => resumed(without(name))),
  ...named([{ version: 2 }, { version: '1' }, { run_id: 5 }, { revision: 0 }, { revision: -1 }, { revision: 1.5 }, { revision: '1' }, { revision: 99 }, { phase: 'x' }, { max_steps: 0 }, { consumed_requests: -1 }, { consumed_requests: 0 }, { consumed_requests: 1.5 }, { consumed_requests: 21 }, { tools: [] }, { tools: null }, { output_override_names: ['a'] }, { output_override_names: null }, { history: [] }, { history: null }, { history: [5] }, { history: [{ role: 'user', content: 'x' }] }, { history: [call('c1', 'a'), output('c1', 'x')] }, { attempted_call_ids: [] }, { attempted_call_ids: ['c1', 'c2', 'c1'] }, { attempted_call_ids: ['c1', 'c2', 'zz'] }, { attempted_call_ids: [5] }, { returned_call_ids: [] }, { returned_call_ids: ['c1'] }, { returned_call_ids: ['c1', 'c2', 'zz'] }, { pending_items: [call('c9', 'a')] }, { returned_outputs: [output('c1', 'x')] }, { final_response: {} }, { more: 1 }], 'going on with', (fields) => resumed(changed(fields))),
  ...named([null, 5, 'x', [], {}], 'going on from', (value) => resumed(() => value)),
};

await print(SCENARIOS);
