// Lets a model of a script use a computer by one package, and prints what happened, as data.
//
// node computer-subject.mjs <folder of the package> <extension>

import { answer, call, client, load, message, print, serve, whole } from './runner-setting.mjs';

const { ComputerToolset } = await load('helpers/computer');

const SHOT = { type: 'computer_screenshot', image_url: 'data:image/png;base64,AAAA' };
const ACTIONS = {
  click: { type: 'click', button: 'left', x: 1, y: 2 },
  double_click: { type: 'double_click', keys: null, x: 1, y: 2 },
  drag: { type: 'drag', path: [{ x: 1, y: 2 }, { x: 3, y: 4 }] },
  keypress: { type: 'keypress', keys: ['CTRL', 'A'] },
  move: { type: 'move', x: 1, y: 2 },
  screenshot: { type: 'screenshot' },
  scroll: { type: 'scroll', x: 1, y: 2, scroll_x: 3, scroll_y: -4 },
  type: { type: 'type', text: 'hello' },
  wait: { type: 'wait' },
};
const used = (call_id, actions, rest = {}) => ({ type: 'computer_call', id: `cu_${call_id}`, call_id, status: 'completed', pending_safety_checks: [], actions, ...rest });
const CHECKS = [{ id: 's1', code: 'c', message: 'm' }, { id: 's2' }];
const PARAMS = { model: 'm', input: 'go' };

function told(error) {
  if (!(error instanceof Error)) return error;
  const { name, message, cause } = error;
  return { class: error.constructor.name, name, message, cause: cause?.message };
}

/** A driver that writes down what it is told; `work` does something in an action. */
const driving = (outcome, work = {}) =>
  Object.fromEntries(Object.keys(ACTIONS).map((name) => [name, async (...values) => {
    const [action, options] = name === 'screenshot' ? [undefined, values[0]] : values;
    outcome.calls.push([name, action, Object.keys(options), Boolean(options.signal), Object.isFrozen(action)]);
    if (work[name]) return work[name](action, options);
    return name === 'screenshot' ? SHOT : undefined;
  }]));

/** Everything that one use tells. */
async function use(exchanges, act, { work, options = {}, driver } = {}) {
  const requests = serve(exchanges);
  const outcome = { calls: [], reports: [] };
  const chosen = {
    onDiagnostic: ({ duration_ms, usage, ...rest }) => outcome.reports.push({ ...rest, timed: duration_ms >= 0, total: usage?.total_tokens }),
    ...(typeof options === 'function' ? options(outcome) : options),
  };
  let tools;
  try {
    tools = new ComputerToolset(driver ? driver(outcome) : driving(outcome, work));
    outcome.result = await act(tools, chosen, outcome);
  } catch (error) {
    outcome.failed = told(error);
  }
  outcome.requests = requests.map(({ method, url, body, mine }) => ({ method, url, body, mine }));
  outcome.closed = tools?.close();
  outcome.afterwards = await tools?.execute(used('z', [ACTIONS.wait])).then(() => 'ran', told);
  return outcome;
}
const run = (exchanges, { params = PARAMS, ...rest } = {}) => use(exchanges, (tools, options) => tools.run(client, params, options), rest);
const execute = (item, rest = {}) => use([], (tools, options) => tools.execute(item, options), rest);
const bye = () => whole([message('bye')]);
const named = (values, name, scenario) => Object.fromEntries(values.map((value) => [`${name} ${JSON.stringify(value) ?? 'undefined'}`, () => scenario(value)]));
const clicks = () => used('c1', [ACTIONS.click]);
const validated = (item) => {
  try {
    const result = ComputerToolset.validate(item);
    return { result, same: result === item, frozen: Object.isFrozen(result) };
  } catch (error) {
    return told(error);
  }
};

const SCENARIOS = {
  ...Object.fromEntries(Object.keys(ACTIONS).map((name) => [`the action ${name}`, () => execute(used('c1', [ACTIONS[name]]))])),
  'several actions': () => execute(used('c1', Object.values(ACTIONS))),
  'a screenshot at last': () => execute(used('c1', [ACTIONS.click, ACTIONS.screenshot])),
  'a screenshot between': () => execute(used('c1', [ACTIONS.screenshot, ACTIONS.click])),
  'two screenshots': () => execute(used('c1', [ACTIONS.screenshot, ACTIONS.screenshot])),
  'one action of old': () => execute({ ...used('c1'), action: ACTIONS.click }),
  'both actions': () => execute(used('c1', [ACTIONS.click], { action: ACTIONS.wait })),
  'no actions': () => execute(used('c1', [])),
  'neither action': () => execute(used('c1')),
  'without checks': () => { const { pending_safety_checks: _, ...item } = clicks(); return execute(item); },
  'without checks and of old': () => { const { pending_safety_checks: _, ...item } = used('c1'); return execute({ ...item, action: ACTIONS.click }); },
  ...named([null, 'x', [null], [{}], [{ id: 5 }], [{ id: 's', code: 5 }], [{ id: 's', message: 5 }], [{ id: '' }], [{ id: 's', more: 1 }], [{ id: 's' }, { id: 's' }]], 'the checks', (pending_safety_checks) => execute(used('c1', [ACTIONS.click], { pending_safety_checks }), { options: { approveSafetyChecks: () => true } })),
  ...named([true, false, 'yes', undefined, 1], 'checks that are approved by', (value) => execute(used('c1', [ACTIONS.click], { pending_safety_checks: CHECKS }), { options: (outcome) => ({ approveSafetyChecks: (item, context) => { outcome.calls.push(['approve', item, Object.keys(context), Object.isFrozen(item)]); return value; } }) })),
  'checks that nobody approves': () => execute(used('c1', [ACTIONS.click], { pending_safety_checks: CHECKS })),
  'checks that are approved later': () => execute(used('c1', [ACTIONS.click], { pending_safety_checks: CHECKS }), { options: { approveSafetyChecks: async () => true } }),
  'checks that are approved by throwing': () => execute(used('c1', [ACTIONS.click], { pending_safety_checks: CHECKS }), { options: { approveSafetyChecks() { throw new Error('secret'); } } }),
  'checks that are approved by changing them': () => execute(used('c1', [ACTIONS.click], { pending_safety_checks: CHECKS.map((each) => ({ ...each })) }), { options: { approveSafetyChecks: (item) => { item.pending_safety_checks.length = 0; item.actions.length = 0; return true; } } }),
  'no checks to approve': () => execute(clicks(), { options: { approveSafetyChecks() { throw new Error('asked'); } } }),
  ...named([true, false, 'yes', undefined], 'an action that is allowed by', (value) => execute(used('c1', [ACTIONS.click, ACTIONS.screenshot, ACTIONS.wait]), { options: (outcome) => ({ beforeAction: (action, item, context) => { outcome.calls.push(['before', action, item.call_id, Object.keys(context)]); return value; } }) })),
  'an action that is allowed by throwing': () => execute(clicks(), { options: { beforeAction() { throw new Error('secret'); } } }),
  'an action that is changed before': () => execute(clicks(), { options: { beforeAction: (action, item) => { action.x = 99; item.actions[0].y = 99; return true; } } }),
  'a second action that is not allowed': () => execute(used('c1', [ACTIONS.click, ACTIONS.wait]), { options: { beforeAction: ({ type }) => type === 'click' } }),
  'a screenshot that is not allowed': () => execute(clicks(), { options: { beforeAction: ({ type }) => type !== 'screenshot' } }),
  'an action that throws': () => execute(used('c1', [ACTIONS.click, ACTIONS.wait]), { work: { click() { throw new Error('secret'); } } }),
  'a screenshot that throws': () => execute(clicks(), { work: { screenshot() { throw new Error('secret'); } } }),
  'an action that changes its argument': () => execute(used('c1', [ACTIONS.click, { ...ACTIONS.click }]), { work: { click(action) { action.x = 50; } } }),
  ...named([undefined, null, 5, 'data:,', {}, { type: 'x' }, { type: 'computer_screenshot' }, { type: 'computer_screenshot', image_url: 5 }, { type: 'computer_screenshot', image_url: '' }, { type: 'computer_screenshot', file_id: 'f' }, { type: 'computer_screenshot', file_id: 5 }, { type: 'computer_screenshot', file_id: '' }, { type: 'computer_screenshot', file_id: 'f', image_url: 'u' }, { type: 'computer_screenshot', file_id: null, image_url: 'u' }, { type: 'computer_screenshot', image_url: null, file_id: 'f' }, { type: 'computer_screenshot', image_url: null, file_id: null }, { ...SHOT, more: 1 }, { ...SHOT, detail: 'low' }, [SHOT]], 'the screenshot', (shot) => execute(clicks(), { work: { screenshot: () => shot } })),
  ...named(
    [
      5, 'x', {}, [], { ...clicks(), type: 'function_call' }, { ...clicks(), type: undefined }, { ...clicks(), status: 'in_progress' }, { ...clicks(), status: 'incomplete' }, { ...clicks(), status: undefined }, { ...clicks(), status: null }, { ...clicks(), call_id: 5 }, { ...clicks(), call_id: '' }, { ...clicks(), call_id: undefined }, { ...clicks(), id: 5 }, { ...clicks(), id: undefined }, { ...clicks(), id: '' }, { ...clicks(), more: 1 }, { ...clicks(), actions: 'x' }, { ...clicks(), actions: {} }, { ...clicks(), actions: null, action: ACTIONS.click }, { ...clicks(), action: null }, { ...clicks(), agent: { agent_name: 'q' } },
    ],
    'the call', (item) => execute(item),
  ),
  ...named(
    [
      null, 5, {}, { type: 'x' }, { type: 'click' }, { ...ACTIONS.click, x: '1' }, { ...ACTIONS.click, x: 1.5 }, { ...ACTIONS.click, x: -1 }, { ...ACTIONS.click, x: null }, { ...ACTIONS.click, x: 1e300 }, { ...ACTIONS.click, button: 'middle' }, { ...ACTIONS.click, button: undefined }, { ...ACTIONS.click, keys: null }, { ...ACTIONS.click, keys: ['SHIFT'] }, { ...ACTIONS.click, keys: [] }, { ...ACTIONS.click, keys: 'SHIFT' }, { ...ACTIONS.click, keys: [5] }, { ...ACTIONS.click, keys: [''] }, { ...ACTIONS.click, more: 1 },
      { type: 'double_click', x: 1, y: 2 }, { ...ACTIONS.double_click, keys: ['A'] }, { ...ACTIONS.drag, path: [] }, { ...ACTIONS.drag, path: [{ x: 1, y: 2 }] }, { ...ACTIONS.drag, path: [{ x: 1 }, { x: 1, y: 2 }] }, { ...ACTIONS.drag, path: 'x' }, { ...ACTIONS.drag, path: [{ x: 1, y: 2, z: 3 }, { x: 1, y: 2 }] }, { ...ACTIONS.drag, keys: ['A'] },
      { type: 'keypress' }, { type: 'keypress', keys: null }, { type: 'keypress', keys: [] }, { type: 'keypress', keys: [5] }, { type: 'keypress', keys: [''] }, { ...ACTIONS.move, keys: ['A'] }, { type: 'move', x: 1 }, { ...ACTIONS.scroll, scroll_x: '3' }, { type: 'scroll', x: 1, y: 2 }, { ...ACTIONS.scroll, keys: ['A'] }, { type: 'type' }, { type: 'type', text: 5 }, { type: 'type', text: '' }, { type: 'wait', more: 1 }, { type: 'screenshot', more: 1 },
    ],
    'the action', (action) => execute(used('c1', [ACTIONS.wait, action])),
  ),
  ...named([clicks(), used('c1', []), used('c1', [{ type: 'x' }]), { ...used('c1'), action: ACTIONS.click }], 'validated', validated),
  'a driver that belongs to itself': () => execute(clicks(), { driver: (outcome) => ({ mine: 5, ...driving(outcome), click() { outcome.calls.push(this?.mine ?? 'nothing'); } }) }),
  ...named([null, 5, {}], 'a driver that is', (driver) => execute(clicks(), { driver: () => driver })),
  'a driver without waiting': () => execute(used('c1', [ACTIONS.click, ACTIONS.wait]), { driver: (outcome) => ({ ...driving(outcome), wait: undefined }) }),
  'an abort before': () => execute(clicks(), { options: { signal: AbortSignal.abort(new Error('why')) } }),
  'an abort in an action': () => { const stop = new AbortController(); return execute(used('c1', [ACTIONS.click, ACTIONS.wait]), { work: { click: () => stop.abort(new Error('why')) }, options: { signal: stop.signal } }); },
  'an abort in the screenshot': () => { const stop = new AbortController(); return execute(clicks(), { work: { screenshot: () => { stop.abort(new Error('why')); return SHOT; } }, options: { signal: stop.signal } }); },
  'an abort in an approval': () => { const stop = new AbortController(); return execute(clicks(), { options: { signal: stop.signal, beforeAction: () => { stop.abort(new Error('why')); return true; } } }); },
  'an abort in the approval of checks': () => { const stop = new AbortController(); return execute(used('c1', [ACTIONS.click], { pending_safety_checks: CHECKS }), { options: { signal: stop.signal, approveSafetyChecks: () => { stop.abort(new Error('why')); return true; } } }); },
  'two at once': () => use([], async (tools, options, outcome) => { const first = tools.execute(clicks(), options); outcome.second = await tools.execute(clicks(), options).catch(told); outcome.draining = tools.close(); return first; }, { work: { click: () => new Promise((go) => setTimeout(go, 40)) } }),
  'a call that is changed meanwhile': () => { const item = used('c1', [{ ...ACTIONS.click }, { ...ACTIONS.move }]); return execute(item, { work: { click: () => { item.actions.pop(); item.call_id = 'q'; } } }); },
  'no options': () => use([], (tools) => tools.execute(clicks())),

  'a run': () => run([whole([clicks()]), whole([used('c2', [ACTIONS.type, ACTIONS.wait])]), bye()]),
  'a run without calls': () => run([bye()]),
  'a run with checks': () => run([whole([used('c1', [ACTIONS.click], { pending_safety_checks: CHECKS })]), bye()], { options: { approveSafetyChecks: () => true } }),
  'a run with checks that nobody approves': () => run([whole([used('c1', [ACTIONS.click], { pending_safety_checks: CHECKS })]), bye()]),
  'a run with two calls of one answer': () => run([whole([clicks(), used('c2', [ACTIONS.wait])]), bye()]),
  'a run with thoughts': () => run([whole([{ type: 'reasoning', id: 'r', summary: [], encrypted_content: 'E' }, message('m', { phase: 'commentary' }), clicks()]), bye()]),
  'a run with a wrong second call': () => run([whole([clicks(), used('c2', [{ type: 'x' }])]), bye()]),
  'a run with a function call': () => run([whole([clicks(), call('f', 'a')]), bye()]),
  'a run with a new kind of item': () => run([whole([{ type: 'brand_new', id: 'x' }, clicks()]), bye()]),
  'a run with an answer that is not whole': () => run([whole([clicks()], { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } })]),
  'a run with an answer that failed': () => run([whole([], { status: 'failed', error: { code: 'c', message: 'm' } })]),
  'a run with an answer of nothing': () => run([whole([])]),
  'a run with a comment only': () => run([whole([message('x', { phase: 'commentary' })])]),
  'a run with one call id twice': () => run([whole([clicks()]), whole([clicks()]), bye()]),
  'a run with one call id twice in one answer': () => run([whole([clicks(), used('c1', [ACTIONS.wait], { id: 'other' })]), bye()]),
  'a run with an action that throws': () => run([whole([clicks()]), bye()], { work: { click() { throw new Error('secret'); } } }),
  'a run with a status of 500': () => run([{ status: 500, json: { error: { message: 'boom' } } }]),
  'a run with a status of 500 later': () => run([whole([clicks()]), { status: 500, json: { error: { message: 'boom' } } }]),
  'a run with a retry': () => run([{ status: 500, json: { error: { message: 'boom' } } }, bye()], { options: { requestOptions: { maxRetries: 1 } } }),
  'a run with options of requests': () => run([whole([clicks()]), bye()], { options: { requestOptions: { headers: { 'x-mine': '1' }, idempotencyKey: 'k' } } }),
  ...named([1, 2, 0, -1, 1.5, '3', null], 'a run of at most', (maxSteps) => run([whole([clicks()]), whole([used('c2', [ACTIONS.wait])]), bye()], { options: { maxSteps } })),
  ...named([{ tools: [] }, { tools: [{ type: 'computer' }] }, { tools: [{ type: 'computer_use_preview', display_width: 1, display_height: 2, environment: 'browser' }] }, { tools: [{ type: 'computer' }, { type: 'web_search' }] }, { tools: [{ type: 'function', name: 'a' }] }, { tools: [{ type: 'computer' }, { type: 'computer' }] }, { tools: null }, { stream: true }, { stream: false }, { background: true }, { background: false }, { previous_response_id: 'x' }, { conversation: 'c' }, { conversation: null }, { input: undefined }, { input: [] }, { input: [{ role: 'user', content: 'x' }] }, { input: [{ role: 'user', content: 'x' }, clicks(), { type: 'computer_call_output', call_id: 'c1', output: SHOT }] }, { store: false }, { store: true }, { include: ['computer_call_output.output.image_url'] }, { include: ['reasoning.encrypted_content'] }, { tool_choice: 'required' }, { tool_choice: 'auto' }, { tool_choice: 'none' }, { tool_choice: { type: 'computer' } }, { tool_choice: { type: 'function', name: 'a' } }, { truncation: 'auto' }, { instructions: 'I', metadata: { a: 'b' } }], 'a run with parameters', (params) => run([whole([clicks()]), bye()], { params: { ...PARAMS, ...params } })),
  'a run with an abort before': () => run([bye()], { options: { signal: AbortSignal.abort(new Error('why')) } }),
  'a run with an abort before by options': () => run([bye()], { options: { requestOptions: { signal: AbortSignal.abort(new Error('why')) } } }),
  'a run with an abort in an action': () => { const stop = new AbortController(); return run([whole([clicks()]), bye()], { work: { click: () => stop.abort(new Error('why')) }, options: { signal: stop.signal } }); },
  'a run with an abort in a request': () => { const stop = new AbortController(); return run([() => { setTimeout(() => stop.abort(new Error('why')), 20); return { silent: true }; }], { options: { signal: stop.signal } }); },
  'a run with parameters that change': () => { const params = { ...PARAMS, input: [{ role: 'user', content: 'q' }] }; return run([() => { params.model = 'changed'; params.input[0].content = 'changed'; return whole([clicks()]); }, bye()], { params }); },
  'a run of old calls': () => run([whole([{ ...used('c1'), action: ACTIONS.click }]), bye()], { params: { ...PARAMS, tools: [{ type: 'computer_use_preview', display_width: 1, display_height: 2, environment: 'browser' }] } }),
  'two runs at once': () => use([() => new Promise((later) => setTimeout(() => later(bye()), 80))], async (tools, options, outcome) => { const first = tools.run(client, PARAMS, options); outcome.second = await tools.run(client, PARAMS, options).catch(told); outcome.draining = tools.close(); return first; }),
  'an answer that is given': () => run([whole([clicks()]), { json: answer([message('bye')], { more: 1 }) }]),
};

await print(SCENARIOS);
