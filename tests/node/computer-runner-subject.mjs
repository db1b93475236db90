// Runs a tool runner of one package that has a computer, and prints what happened, as data.
//
// node computer-runner-subject.mjs <folder of the package> <extension>

import { answer, both, call, client, iterating, load, message, output, own, PARAMS, print, run, streams, tried, whole } from './runner-setting.mjs';

const { ComputerToolset } = await load('helpers/computer');

const SHOT = { type: 'computer_screenshot', image_url: 'data:image/png;base64,AAAA' };
const CLICK = { type: 'click', button: 'left', x: 1, y: 2 };
const NAMES = ['click', 'double_click', 'drag', 'keypress', 'move', 'screenshot', 'scroll', 'type', 'wait'];
const CHECKS = [{ id: 's1', code: 'c', message: 'm' }];
const used = (call_id, actions = [CLICK], rest = {}) => ({ type: 'computer_call', id: `cu_${call_id}`, call_id, status: 'completed', pending_safety_checks: [], actions, ...rest });
const bye = () => whole([message('bye')]);

/** A computer, and two functions beside it. */
const having = (work = {}, rest = {}) => (outcome) => ({
  ...both()(outcome),
  computer: new ComputerToolset(Object.fromEntries(NAMES.map((name) => [name, async (...values) => {
    outcome.calls.push([name, Boolean(values.at(-1).signal)]);
    if (work[name]) return work[name](...values);
    return name === 'screenshot' ? SHOT : undefined;
  }]))),
  ...rest,
});
const EAGER = { stream: true, eager: true };

const SCENARIOS = {
  'a call': () => run(having(), [whole([used('u1')]), bye()]),
  'a call and functions': () => run(having(), [whole([call('c1', 'a'), used('u1'), call('c2', 'b')]), bye()]),
  'the computer only': () => run((outcome) => ({ computer: having()(outcome).computer }), [whole([used('u1')]), bye()]),
  'two computers in turn': () => run(having(), [whole([used('u1'), used('u2', [{ type: 'wait' }])]), whole([used('u3')]), bye()]),
  'a call of old': () => run(having(), [whole([{ ...used('u1', undefined), actions: undefined, action: CLICK }]), bye()]),
  'checks': () => run(having(), [whole([used('u1', [CLICK], { pending_safety_checks: CHECKS })]), bye()], { options: (outcome) => ({ computerOptions: { approveSafetyChecks: (item, context) => { outcome.calls.push(['approve', Boolean(context.signal)]); return true; } } }) }),
  'checks that nobody approves': () => run(having(), [whole([used('u1', [CLICK], { pending_safety_checks: CHECKS })]), bye()]),
  'actions that are looked at': () => run(having(), [whole([used('u1')]), bye()], { options: (outcome) => ({ computerOptions: { beforeAction: ({ type }) => { outcome.calls.push(['before', type]); return true; } } }) }),
  'an action that is not allowed': () => run(having(), [whole([call('c1', 'a'), used('u1')]), bye()], { options: { computerOptions: { beforeAction: () => false } } }),
  'an observer of its own': () => run(having(), [whole([used('u1')]), bye()], { options: (outcome) => ({ computerOptions: { onDiagnostic: ({ api, stage, reason }) => outcome.calls.push([api, stage, reason]) } }) }),
  'a signal of its own': () => { const stop = new AbortController(); stop.abort(new Error('why')); return run(having(), [whole([used('u1')]), bye()], { options: { computerOptions: { signal: stop.signal } } }); },
  'an action that throws': () => run(having({ click() { throw new Error('secret'); } }), [whole([used('u1'), call('c1', 'a')]), bye()]),
  'an action that is none': () => run(having(), [whole([call('c1', 'a'), used('u1', [{ type: 'x' }])]), bye()]),
  'a call that is not whole': () => run(having(), [whole([call('c1', 'a'), used('u1', [CLICK], { status: 'in_progress' })]), bye()]),
  'a call without a computer': () => run(both(), [whole([used('u1')]), bye()]),
  'one call id twice': () => run(having(), [whole([used('u1'), call('u1', 'a')]), bye()]),
  'one call id again': () => run(having(), [whole([used('u1')]), whole([used('u1', [CLICK], { id: 'other' })]), bye()]),
  'an abort in an action': () => { const stop = new AbortController(); return run(having({ click: () => stop.abort() }), [whole([used('u1'), call('c1', 'a')]), bye()], { options: { signal: stop.signal } }); },
  'the last step': () => run(having(), [whole([used('u1')]), bye()], { options: { maxSteps: 1 } }),
  'turns': () => run(having(), [whole([used('u1'), call('c1', 'a')]), bye()], { act: iterating() }),
  'outputs of the caller': () => run(having(), [whole([used('u1')]), bye()], { act: iterating((turn, outcome) => { if (!turn.final) outcome.tried = [tried(() => turn.supplyOutputs([output('u1', 'x')])), tried(() => turn.supplyOutputs([{ type: 'computer_call_output', call_id: 'u1', output: SHOT }]))]; }) }),
  'an eager stream': () => run(having(), streams(answer([used('u1'), call('c1', 'a')]), answer([message('bye')])), { options: EAGER }),
  'an eager stream, by turns': () => run(having(), streams(answer([used('u1'), call('c1', 'a')]), answer([message('bye')])), { options: EAGER, act: iterating() }),
  ...Object.fromEntries([{}, { computer: true }, { computer: false }, { functions: ['a'] }, { functions: ['a'], computer: true }].map((earlyExecution) => [`rules ${JSON.stringify(earlyExecution)}`, () => run(having({}, { earlyExecution }), streams(answer([used('u1'), call('c1', 'a')]), answer([message('bye')])), { options: EAGER, act: iterating() })])),
  'a decision': () => run(having(), streams(answer([used('u1'), call('c1', 'a')]), answer([message('bye')])), { options: (outcome) => ({ ...EAGER, beforeEarlyCall: (item) => { outcome.calls.push(['decide', item.type]); return 'execute'; } }) }),
  'a decision about an action that is none': () => run(having(), streams(answer([used('u1', [{ type: 'x' }]), call('c1', 'a')]), answer([message('bye')])), { options: (outcome) => ({ ...EAGER, beforeEarlyCall: (item) => { outcome.calls.push(['decide', item.type]); return 'execute'; } }) }),
  'checks in an eager stream': () => run(having(), streams(answer([used('u1', [CLICK], { pending_safety_checks: CHECKS })]), answer([message('bye')])), { options: { ...EAGER, computerOptions: { approveSafetyChecks: () => true } } }),
  'a stream': () => run(having(), streams(answer([used('u1'), call('c1', 'a')]), answer([message('bye')])), { options: { stream: true } }),
  'a computer that works elsewhere': () => run(having({ click: () => new Promise((go) => setTimeout(go, 20)) }), [whole([used('u1')]), bye()], { act: async (runner, options, outcome) => runner.run(client, PARAMS, options) }),
  'a computer that is closed': () => run((outcome) => { const tools = having()(outcome); tools.computer.close(); return tools; }, [whole([used('u1')]), bye()]),
  ...Object.fromEntries([null, 5, {}, { execute() {} }].map((computer) => [`a computer that is ${JSON.stringify(computer)}`, () => run(() => ({ computer }), [whole([message('x')])])])),
  ...Object.fromEntries(['required', { type: 'computer' }, { type: 'computer_use_preview' }, { type: 'allowed_tools', mode: 'required', tools: [{ type: 'computer' }] }].map((tool_choice) => [`the choice ${JSON.stringify(tool_choice)}`, () => run(having(), [whole([message('x')])], { params: { ...PARAMS, tool_choice } })])),
  ...Object.fromEntries([[{ type: 'computer' }], [{ type: 'computer_use_preview', display_width: 1, display_height: 2, environment: 'browser' }], [{ type: 'web_search' }]].flatMap((tools) => [having(), both()].map((registered, at) => [`the tools ${JSON.stringify(tools)}, ${at}`, () => run(registered, [whole([used('u1')]), bye()], { params: { ...PARAMS, tools } })]))),
  'a history': () => run(having(), [whole([used('u2')]), bye()], { params: { ...PARAMS, input: [{ role: 'user', content: 'x' }, used('u1'), { type: 'computer_call_output', call_id: 'u1', output: SHOT }] } }),
  ...Object.fromEntries([undefined, 1, 2, 9].map((keepRecentScreenshots) => [`a budget that keeps ${keepRecentScreenshots}`, () => run(having(), [1, 2, 3, 4].map((at) => whole([used(`u${at}`)])).concat([bye()]), { options: (outcome) => ({ contextBudget: { maxInputBytes: 100_000, maxInputImages: 2, ...(keepRecentScreenshots && { keepRecentScreenshots }), compact: ({ eligibleCallIds, inputImages, inputBytes }) => { outcome.calls.push(['compact', eligibleCallIds, inputImages, inputBytes]); return { dropCallIds: eligibleCallIds }; } } }) })])),
};

await print(SCENARIOS);
