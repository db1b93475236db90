// Runs a model of a script with a browser among its tools by one package, and prints what happened, as data.
//
// node browser-runner-subject.mjs <folder of the package> <extension>

import { ResponsesToolRunner, answer, call, client, load, message, print, serve, streamed, whole } from './runner-setting.mjs';

const { BrowserToolset } = await load('helpers/browser');

const TAB = { id: 'one', title: 't', url: 'https://a.example/p', active: true };
const click = (id, target = 'x') => call(id, 'browser_click', { target, tab_id: null });
const read = (id) => call(id, 'browser_get_page_text', { tab_id: null });
const bye = () => whole([message('bye')]);
const functionOf = (name, more = {}) => ({ tool: { type: 'function', name, parameters: {} }, execute: () => 'fine', ...more });
const EAGER = { stream: true, eager: true };

function told(error) {
  if (!(error instanceof Error)) return error;
  const { name, message: text, attemptedCallIds, completedCallIds } = error;
  return { class: error.constructor.name, name, message: text, attemptedCallIds, completedCallIds };
}

/** Everything that one run tells. */
async function run(exchanges, { driver = {}, chosen = {}, tools = {}, params = {}, options = {}, saves = false, turn = () => {} } = {}) {
  const requests = serve(exchanges);
  const outcome = { calls: [], reports: [], turns: [], saved: [] };
  const noted = (name, work) => (...values) => { outcome.calls.push([name, values.length > 1 ? values[0] : undefined]); return work(...values); };
  const failing = ({ target }) => { if (target === 'bad') throw new Error('secret'); };
  const { state = () => ({ tabs: [TAB] }), click: act = failing } = driver;
  const own = { state: noted('state', state), click: noted('click', act), get_page_text: noted('read', () => 'page') };
  const onDiagnostic = ({ duration_ms, usage, ...report }) => outcome.reports.push({ ...report, timed: duration_ms >= 0, total: usage?.total_tokens });
  const ledger = { runId: 'r', save: (checkpoint) => void outcome.saved.push(structuredClone({ ...checkpoint, final_response: null, pending_items: checkpoint.pending_items.length })) };
  try {
    const browser = new BrowserToolset(own, { confirm: () => true, onDiagnostic: () => outcome.reports.push('own'), ...chosen });
    const runner = new ResponsesToolRunner({ browser, ...tools });
    const chosenOptions = { onDiagnostic, ...(saves && { ledger }), ...options };
    for await (const each of runner.iterate(client, { model: 'm', input: 'go', ...params }, chosenOptions)) {
      outcome.turns.push([each.step, each.final, each.toolsExecuted, each.attemptedCallIds, each.completedCallIds]);
      await turn(each, outcome, browser);
    }
    outcome.closed = [runner.close(), browser.close()];
  } catch (error) {
    outcome.failed = told(error);
  }
  outcome.requests = requests.map(({ url, body }) => ({ url, body }));
  return outcome;
}

const SCENARIOS = {
  'a call': () => run([whole([click('c1')]), bye()]),
  'two calls': () => run([whole([click('c1'), read('c2')]), bye()]),
  'calls after one that fails': () => run([whole([click('c1', 'bad'), click('c2'), read('c3')]), bye()]),
  'a call that fails in another answer': () => run([whole([click('c1', 'bad')]), whole([click('c2')]), bye()]),
  'a function between': () => run([whole([click('c1', 'bad'), call('f', 'f'), click('c2')]), bye()], { tools: { functions: [functionOf('f')] } }),
  'a call that is declined': () => run([whole([click('c1'), read('c2')]), bye()], { chosen: { confirm: () => false } }),
  'wrong arguments': () => run([whole([call('c1', 'browser_click', {}), click('c2')]), bye()]),
  'arguments that are no JSON': () => run([whole([call('c1', 'browser_click', '{'), click('c2')]), bye()]),
  'a tool that was not chosen': () => run([whole([call('c1', 'browser_hover', {})]), bye()]),
  'a call that is not whole': () => run([whole([{ ...click('c1'), status: 'incomplete' }]), bye()]),
  'a state that fails': () => run([whole([click('c1')]), bye()], { driver: { state: () => { throw new Error('secret'); } } }),
  'a function with the name of a tool': () => run([bye()], { tools: { functions: [functionOf('browser_click')] } }),
  'a function with a name like a tool': () => run([bye()], { tools: { functions: [functionOf('browser_other')] } }),
  'no browser': () => run([bye()], { tools: { browser: undefined } }),
  'a choice of a tool': () => run([bye()], { params: { tool_choice: { type: 'function', name: 'browser_click' } } }),
  'early calls': () => run([streamed(answer([click('c1'), click('c2', 'bad'), click('c3')])), streamed(answer([message('bye')]))], { options: EAGER }),
  'early calls by rules': () => run([streamed(answer([click('c1'), read('c2')])), streamed(answer([message('bye')]))], { options: EAGER, tools: { earlyExecution: { functions: ['browser_click'] } } }),
  'a call that is held after one that failed early': () => run([streamed(answer([click('c1', 'bad'), read('c2')])), streamed(answer([message('bye')]))], { options: EAGER, tools: { earlyExecution: { functions: ['browser_click'] } } }),
  'rules of a tool that was not chosen': () => run([bye()], { tools: { earlyExecution: { functions: ['browser_hover'] } } }),
  'outputs that are supplied': () => run([whole([click('c1')]), bye()], { turn: (each, outcome) => { if (each.final) return; try { each.supplyOutputs([{ type: 'function_call_output', call_id: 'c1', output: 'mine' }]); } catch (error) { outcome.supplied = told(error); } } }),
  'an abort in an action': () => { const stop = new AbortController(); return run([whole([click('c1'), click('c2')]), bye()], { driver: { click: () => stop.abort(new Error('why')) }, options: { signal: stop.signal } }); },
  'a browser that is closed': () => run([whole([click('c1')]), bye()], { turn: (each, outcome, browser) => void browser.close() }),
  'a run that is saved': () => run([whole([click('c1'), read('c2')]), bye()], { saves: true }),
  'a run that is saved and fails': () => run([whole([click('c1'), click('c2', 'bad'), read('c3')]), bye()], { saves: true }),
  'a run that is saved and declined': () => run([whole([click('c1'), call('f', 'f')]), bye()], { saves: true, chosen: { confirm: () => false }, tools: { functions: [functionOf('f')] } }),
  'an early call that is saved and fails': () => run([streamed(answer([click('c1', 'bad'), read('c2')]))], { saves: true, options: EAGER }),
  'the last step': () => run([whole([click('c1')]), whole([click('c2')])], { options: { maxSteps: 2 } }),
};

await print(SCENARIOS);
