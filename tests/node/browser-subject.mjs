// Lets a model use a browser of a script by one package, and prints what happened, as data.
//
// node browser-subject.mjs <folder of the package> <extension>

import { load, print } from './runner-setting.mjs';

const { BrowserToolset, BrowserError, BROWSER_MEMBERS } = await load('helpers/browser');

const TAB = { id: 'one', title: 't', url: 'https://a.example/p', active: true };
const OBSERVED = { version: 1, sequence: 0, dropped_changes: 0, title_truncated: false, changes: [] };
const REPORT = { version: 1, text: 't', elements: [], omitted: [] };
const ELEMENT = { ref: 'a', role: 'button', label: 'b' };
const IMAGE = { type: 'input_image', image_url: 'u', detail: 'low' };
const FILE = { version: 1, status: 'completed', effect: 'completed', cleanup: 'completed' };
const TARGET = { tab_id: null, target: 'x' };
const POINT = { x: 0, y: 0 };
const LONE = '\ud800';

/** Arguments of each tool, and what a driver returns that is taken. */
const TOOLS = {
  navigate: [{ url: 'u', tab_id: null }], read_page: [{ tab_id: null, filter: 'all' }, REPORT], get_page_text: [{ tab_id: null }, 'page'],
  find: [{ query: '', tab_id: null }, { ...REPORT, elements: [ELEMENT] }], click: [TARGET], type: [{ text: '', target: null, tab_id: null }, 'typed'],
  key: [{ keys: ['a', 'a'], tab_id: null }], scroll: [{ direction: 'up', amount: 0, tab_id: null }], select_option: [{ target: 'x', values: [], tab_id: null }],
  hover: [TARGET], screenshot: [{ tab_id: 'one' }, IMAGE], zoom: [{ tab_id: null, region: [0, 0, 1, 1] }, IMAGE], new_tab: [{ url: null }],
  list_tabs: [{}], switch_tab: [{ tab_id: '' }], close_tab: [{ tab_id: 'a' }], scroll_to: [TARGET], wait_for: [{ text: 'x', timeout_ms: 1, tab_id: null }],
  hover_at: [{ tab_id: null, ...POINT }], set_checked: [{ ...TARGET, checked: true }],
  click_at: [{ tab_id: null, ...POINT, button: 'left', click_count: 1, keys: [] }], drag_path: [{ tab_id: null, path: [POINT, POINT], keys: ['Alt'] }],
  hold_keys: [{ tab_id: null, keys: ['a'], duration_ms: 1 }], read_page_scoped: [{ tab_id: null, root: null, depth: 1, filter: 'all' }, { ...REPORT, scopes: [] }],
  read_diagnostics: [{ tab_id: null, source: 'console', limit: 1 }, REPORT], run_script: [{ tab_id: null, source: ' ', timeout_ms: 1 }, 'done'],
  upload_file: [{ grant_id: 'g' }, FILE], download_file: [{ grant_id: 'g' }, { ...FILE, status: 'refused', effect: 'none' }],
};

/** Arguments that differ from those above. */
const ARGUMENTS = {
  navigate: [{ url: 3 }, { tab_id: 3 }, { more: 1 }], read_page: [{ filter: 'x' }, { filter: null }], type: [{ text: null }, { target: 3 }],
  key: [{ keys: 'a' }, { keys: [3] }, { keys: [''] }], scroll: [{ direction: 'x' }, ...[-1, true, 1.5, null, 2 ** 53].map((amount) => ({ amount }))],
  zoom: [[0, 0, 0, 1], [0, 1, 1, 1], [0, 0, 1], [0, 0, 1.5, 1], null].map((region) => ({ region })), new_tab: [{ url: 3 }, { url: 'u' }], switch_tab: [{ tab_id: null }],
  wait_for: [...[' ', 'x'.repeat(257), 'x'.repeat(256), ' '.repeat(300) + 'x', '🦉'.repeat(65), LONE].map((text) => ({ text })), { timeout_ms: 30001 }],
  set_checked: [{ checked: 1 }], click_at: [{ button: 'wheel' }, { click_count: 4 }, { click_count: true }, { keys: ['Alt', 'Alt'] }, { x: -1 }],
  drag_path: [[POINT], [{ x: 0 }, POINT], [{ ...POINT, z: 1 }, POINT], Array(101).fill(POINT), null].map((path) => ({ path })),
  hold_keys: [[], ['a', 'a'], [...'123456789'], [''], ['é'.repeat(33)], ['é'.repeat(32)], [LONE]].map((keys) => ({ keys })),
  read_page_scoped: [{ root: '' }, { root: 'é'.repeat(129) }, { root: 'é'.repeat(128) }, { root: LONE }, { depth: 33 }], run_script: [{ source: '' }, { source: LONE }, { timeout_ms: 0 }],
  upload_file: [{ grant_id: '' }, { grant_id: 'é'.repeat(129) }, { grant_id: LONE }, { grant_id: 3 }],
};

const reported = (more) => ({ ...REPORT, elements: [{ ...ELEMENT, ...more }] });
const OPTION = { label: 'a', value: 'b', selected: true };

/** What drivers return beside what is above. */
const RESULTS = {
  click: ['', 'said', 3, null, [], REPORT, LONE], wait_for: ['seen', REPORT], get_page_text: [undefined, null, 3, REPORT, reported({})],
  read_page: [
    undefined, null, 'page', { ...REPORT, more: 1 }, { ...REPORT, version: 2 }, { version: 1 },
    ...[['private'], ['private', 'private'], ['other'], 'private'].map((omitted) => ({ ...REPORT, omitted })), { ...REPORT, text: null }, { ...REPORT, text: LONE }, { ...REPORT, elements: [ELEMENT, ELEMENT] },
    ...[{ ref: '' }, { ref: 'x'.repeat(257) }, { label: 'é'.repeat(129) }, { role: 'link' }, { value: null }, { value: '' }, { value: 'x'.repeat(513) }, { value: undefined }, { checked: true }, { options: [] }, { options: null }, { options: [OPTION] }].map(reported),
    ...['checkbox', 'listbox', 'slider', 'radio'].map((role) => reported({ role, options: [OPTION], checked: true, value: 'v' })),
    reported({ role: 'radio', checked: 1 }), reported({ role: 'listbox', options: [{ ...OPTION, selected: 0 }] }), reported({ role: 'combobox', options: [{ label: '', value: 'b' }] }),
  ],
  read_page_scoped: [undefined, 'page', REPORT, { ...REPORT, scopes: null }, { ...REPORT, scopes: [{ ref: 's', label: 'l', x: 1 }] }, { ...reported({}), scopes: [{ ref: 'a', label: 'l' }] }, { ...REPORT, scopes: [{ ref: '', label: 'l' }] }],
  read_diagnostics: [undefined, 'text', reported({})], run_script: ['', undefined, 3, LONE],
  upload_file: [undefined, 'x', { ...FILE, more: 1 }, { ...FILE, version: true }, { ...FILE, cleanup: 'x' }, { ...FILE, effect: 'none' }, ...['none', 'unknown', 'completed'].map((effect) => ({ ...FILE, status: 'interrupted', effect }))],
  screenshot: [undefined, {}, { type: 'x' }, { ...IMAGE, detail: 'x' }, { ...IMAGE, detail: null }, { type: 'input_image', image_url: 'u' }, { ...IMAGE, more: 1 }, { ...IMAGE, image_url: null }, { ...IMAGE, image_url: null, file_id: 'f' }, { ...IMAGE, image_url: ' ' }, { ...IMAGE, file_id: 3 }, { ...IMAGE, prompt_cache_breakpoint: { mode: 'explicit' } }, { ...IMAGE, prompt_cache_breakpoint: { mode: 'x' } }, { ...IMAGE, prompt_cache_breakpoint: null }],
  zoom: [undefined, { type: 'input_image', file_id: 'f', detail: 'auto' }],
};

const changed = (change) => ({ tabs: [TAB], observation: { ...OBSERVED, sequence: 1, changes: [{ sequence: 1, ...change }] } });
const URLS = [
  'https://a.example', 'HTTPS://A.Example/P', 'http://a.example:80/', 'https://a.example:8443/x', 'https:a', 'x', '', 'https://user:secret@a.example/?key=secret#secret', 'https://[::1]:99/x', 'https://[::1', 'https://[v1.a]/',
  'https://a.example:99999/', 'https://a.example:abc/', 'https:///x', 'about:blank', 'about:blank#x', 'about:srcdoc', 'data:,secret', 'file:///secret', 'blob:https://a.example/secret', 'javascript:secret', 'chrome-extension://abc/x', 'ftp://a.example/x', 'https://ä.example/', 'https://a_b.example/',
  'https://1.2.3.4/x', 'https://1.2.3/x', 'https://a..b/', 'https://-a/', 'https://a.example\\x', 'https://a b/', ' https://a.example/ ', 'https://a.example.', 'https://' + 'a'.repeat(64) + '/', '1a:x', 'x'.repeat(2047) + ':s', 'x'.repeat(2048) + ':s', 'https://a\tb/', 'https://' + 'a.'.repeat(1024) + 'b/',
];
const STATES = [
  null, undefined, {}, [], { tabs: null }, { tabs: [null] }, { tabs: [], more: 1 }, { tabs: [TAB, TAB] }, { tabs: [TAB, { ...TAB, id: 'two', active: false }] },
  ...[{ active: false }, { active: 1 }, { id: '' }, { id: 3 }, { id: 'x'.repeat(129) }, { title: null }, { title: 'x'.repeat(2000) }, { title: LONE }, { url: null }, { more: 1 }].map((more) => ({ tabs: [{ ...TAB, ...more }] })),
  ...[{}, { id: '' }, { id: 'x'.repeat(128) }, { id: 'x'.repeat(129) }, { title: 'é'.repeat(513) }, { title: LONE }, { active: false }].map((more) => ({ tabs: [{ ...TAB, ...more }], observation: OBSERVED })),
  ...[{ version: 2 }, { version: true }, { sequence: 1 }, { sequence: -1 }, { sequence: 1, dropped_changes: 1 }, { title_truncated: null }, { changes: {} }, { sequence: 2 ** 53, dropped_changes: 2 ** 53 }, { more: 1 }].map((more) => ({ tabs: [TAB], observation: { ...OBSERVED, ...more } })),
  { tabs: [TAB], observation: null }, { tabs: [TAB], observation: undefined },
  ...[{ type: 'navigation', tab_id: 'one', more: 1 }, { type: 'navigation', tab_id: null }, { type: 'login' }, { type: 'tab_closed', tab_id: 'x'.repeat(129) }, { type: 'navigation_refused', tab_id: null, reason: 'policy' }, { type: 'navigation_refused', reason: 'policy' }, { type: 'navigation_refused', tab_id: 'a', reason: 'x' }, { type: 'dialog_dismissed', tab_id: null, kind: 'alert' }, { type: 'dialog_dismissed', tab_id: 'a', kind: 'alert' }, { type: 'download', tab_id: 'a', status: 'failed' }, { type: 'navigation', tab_id: 'a', sequence: 2 }].map(changed),
];

function told(error) {
  if (!(error instanceof Error)) return error;
  const { name, message, cause } = error;
  return { class: error.constructor.name, name, message, cause: cause?.message };
}

const called = (member, args, more = {}) => ({ type: 'function_call', name: `browser_${member}`, call_id: 'c', status: 'completed', arguments: JSON.stringify(args), ...more });

/** Everything that one call tells. */
async function use(member, { returns, state = () => ({ tabs: [TAB] }), options = {}, args = TOOLS[member][0], item = {}, signal, skip = false, before = () => {} } = {}) {
  const outcome = { calls: [], reports: [] };
  const noted = (name, work) => (...values) => {
    outcome.calls.push([name, ...values.map((value) => (value !== null && typeof value === 'object' && 'signal' in value ? ['options', Boolean(value.signal)] : structuredClone(value))), values.map((value) => Object.isFrozen(value))]);
    return work(...values);
  };
  const driver = { state: noted('state', state), [member]: noted(member, typeof returns === 'function' ? returns : () => returns) };
  const { confirm = () => true, urlPolicy = () => true, ...rest } = options;
  const onDiagnostic = ({ duration_ms, usage, ...report }) => outcome.reports.push({ ...report, timed: duration_ms >= 0, usage });
  try {
    const tools = new BrowserToolset(driver, { members: [member], onDiagnostic, ...rest, ...(confirm && { confirm: noted('confirm', confirm) }), ...(urlPolicy && { urlPolicy: noted('urlPolicy', urlPolicy) }) });
    outcome.tools = tools.tools();
    before({ driver, tools, outcome });
    const call = called(member, args, item);
    outcome.result = await tools.executeWithStatus(call, signal, skip, onDiagnostic);
    outcome.closed = tools.close();
    outcome.afterwards = await tools.execute(call).then(() => 'ran', told);
  } catch (error) {
    outcome.failed = told(error);
  }
  return outcome;
}

const many = (name, values, scenario) => Object.fromEntries(values.map((value, place) => [`${name} ${place}: ${(JSON.stringify(value) ?? 'undefined').slice(0, 80)}`, () => scenario(value)]));
const throwing = (kind) => () => { throw kind === 'BrowserError' ? new BrowserError('said') : new TypeError('secret'); };
function chosen(driver, options) {
  try {
    const tools = new BrowserToolset(driver, options).tools();
    return { names: tools.map(({ name }) => name) };
  } catch (error) {
    return told(error);
  }
}
const all = Object.fromEntries(BROWSER_MEMBERS.map((name) => [name, () => undefined]));
const yes = () => true;

const SCENARIOS = {
  ...Object.fromEntries(Object.entries(TOOLS).map(([member, [, returns]]) => [`the tool ${member}`, () => use(member, { returns })])),
  ...Object.assign({}, ...Object.entries(ARGUMENTS).map(([member, list]) => many(`arguments of ${member}`, list, (more) => use(member, { returns: TOOLS[member][1], args: { ...TOOLS[member][0], ...more } })))),
  ...Object.assign({}, ...Object.entries(RESULTS).map(([member, list]) => many(`a result of ${member}`, list, (returns) => use(member, { returns })))),
  ...many('a state', STATES, (state) => use('list_tabs', { state: () => state })),
  ...many('an address', URLS, (url) => use('list_tabs', { state: () => ({ tabs: [{ ...TAB, url }] }) })),
  ...many('an observed address', URLS, (url) => use('list_tabs', { state: () => ({ tabs: [{ ...TAB, url }], observation: OBSERVED }) })),
  ...many('two states', [
    [changed({ type: 'navigation', tab_id: 'a' }), { tabs: [TAB] }], [changed({ type: 'navigation', tab_id: 'a' }), { tabs: [TAB], observation: OBSERVED }],
    [changed({ type: 'navigation', tab_id: 'a' }), changed({ type: 'navigation', tab_id: 'b' })], [{ tabs: [TAB] }, { tabs: [TAB], observation: OBSERVED }],
    [changed({ type: 'navigation', tab_id: 'a' }), { tabs: [TAB], observation: { ...OBSERVED, sequence: 1, dropped_changes: 1 } }],
    [{ tabs: [TAB] }, { tabs: 'bad' }],
  ], (states) => { const rest = [...states]; return use('click', { state: () => rest.shift() }); }),
  ...many('a call', [{ type: 'message' }, { status: 'in_progress' }, { status: null }, { status: undefined }, { name: 'browser_hover' }, { name: 'other' }, { name: 'browser_run_script' }, { name: 5 }, { call_id: 3 }, { call_id: '' }, { call_id: undefined }, { arguments: '{' }, { arguments: '[]' }, { arguments: null }, { arguments: ' {"tab_id":null,"target":"x","target":"y"} ' }, { arguments: '{"tab_id":null,"target":"x","__proto__":1}' }, { more: { x: [1] } }], (item) => use('click', { item })),
  ...many('a call that is left out', [{}, { type: 'message' }, { name: 'browser_hover' }, { name: 'browser_run_script' }, { arguments: '{' }], (item) => use('click', { item, skip: true })),
  'a read that is left out': () => use('get_page_text', { skip: true }),
  'a protected read that is left out': () => use('get_page_text', { skip: true, options: { confirmReads: ['get_page_text'] } }),
  ...Object.assign({}, ...['click', 'navigate', 'get_page_text'].map((member) => {
    const reads = member === 'get_page_text' ? { confirmReads: [member] } : {};
    return {
      ...many(`${member} where the driver throws`, ['BrowserError', 'TypeError'], (kind) => use(member, { returns: throwing(kind) })),
      ...many(`${member} where the state throws`, ['BrowserError', 'TypeError'], (kind) => use(member, { state: throwing(kind) })),
      ...many(`${member} where the second state throws`, ['BrowserError', 'TypeError'], (kind) => { let count = 0; return use(member, { state: () => { count += 1; return count === 1 ? { tabs: [TAB] } : throwing(kind)(); } }); }),
      ...Object.assign({}, ...['confirm', 'urlPolicy'].map((name) => ({
        ...many(`${member} where ${name} throws`, ['BrowserError', 'TypeError'], (kind) => use(member, { options: { ...reads, [name]: throwing(kind) } })),
        ...many(`${member} where ${name} says`, [false, 1, undefined, 'yes'], (value) => use(member, { options: { ...reads, [name]: () => value } })),
        [`${member} where ${name} says so later`]: () => use(member, { options: { ...reads, [name]: async () => true } }),
        [`${member} where ${name} changes what it gets`]: () => use(member, { options: { ...reads, [name]: (context) => { try { context.arguments.url = 'y'; context.state.tabs.length = 0; } catch {} return true; } } }),
        [`${member} where ${name} aborts`]: () => { const stop = new AbortController(); return use(member, { signal: stop.signal, options: { ...reads, [name]: () => { stop.abort(new Error('why')); return true; } } }); },
      }))),
      [`${member} aborted before`]: () => use(member, { signal: AbortSignal.abort(new Error('why')), options: reads }),
      [`${member} aborted before and left out`]: () => use(member, { signal: AbortSignal.abort(new Error('why')), skip: true }),
      [`${member} aborted in the driver`]: () => { const stop = new AbortController(); return use(member, { signal: stop.signal, returns: () => { stop.abort(new Error('why')); } }); },
      [`${member} aborted in a driver that throws`]: () => { const stop = new AbortController(); return use(member, { signal: stop.signal, returns: () => { stop.abort(new Error('why')); throw new Error('secret'); } }); },
      [`${member} aborted in the state`]: () => { const stop = new AbortController(); return use(member, { signal: stop.signal, state: () => { stop.abort(new Error('why')); return { tabs: [TAB] }; } }); },
      [`${member} aborted in a state that throws`]: () => { const stop = new AbortController(); return use(member, { signal: stop.signal, state: () => { stop.abort(new Error('why')); throw new Error('secret'); } }); },
      [`${member} aborted in the second state`]: () => { const stop = new AbortController(); let count = 0; return use(member, { signal: stop.signal, state: () => { count += 1; if (count === 2) stop.abort(new Error('why')); return { tabs: [TAB] }; } }); },
      [`${member} aborted with a wrong result`]: () => { const stop = new AbortController(); return use(member, { signal: stop.signal, returns: () => { stop.abort(new Error('why')); return 3; } }); },
    };
  })),
  'a protected read with wrong arguments': () => use('get_page_text', { args: {}, options: { confirmReads: ['get_page_text'] } }),
  'protected tabs': () => use('list_tabs', { options: { confirmReads: ['list_tabs'] } }),
  'protected diagnostics': () => use('read_diagnostics', { returns: REPORT, options: { confirmReads: ['read_diagnostics'] } }),
  'a state that differs': () => { let count = 0; return use('list_tabs', { state: () => ({ tabs: [{ ...TAB, title: String(count++) }] }) }); },
  'a driver that is a class': async () => {
    class Driver { title = 'mine'; state() { return { tabs: [{ ...TAB, title: this.title }] }; } get_page_text() { return this.title; } }
    return new BrowserToolset(new Driver()).execute(called('get_page_text', { tab_id: null }));
  },
  ...many('a call that is', [null, undefined, 5, 'x', []], (call) => new BrowserToolset({ state: () => ({ tabs: [TAB] }) }).execute(call).catch(told)),
  'a confirmation that is no function': () => new BrowserToolset({ state: () => ({ tabs: [TAB] }), click: yes }, { confirm: 3 }).execute(called('click', TARGET)).catch(told),
  'a new tab at an address': () => use('new_tab', { args: { url: 'u' } }),
  'an address that is not allowed': () => use('new_tab', { args: { url: 'u' }, options: { urlPolicy: () => false } }),
  'a driver with another method later': () => use('click', { before: ({ driver, outcome }) => { driver.click = () => { outcome.calls.push('new'); }; driver.state = () => ({ tabs: [] }); } }),
  'two at once': () => {
    let again;
    return use('click', {
      before: ({ tools, outcome }) => { again = async () => { outcome.second = await tools.execute(called('click', TARGET)).catch(told); outcome.draining = tools.close(); }; },
      returns: () => again(),
    });
  },
  ...Object.assign({}, ...[['nothing', {}], ['a click', { click: yes }], ['no function', { click: 3 }], ['an address', { navigate: yes }], ['all', all]].map(([name, driver]) => many(`a choice of ${name}`, [
    undefined, {}, { confirm: yes }, { confirm: yes, urlPolicy: yes }, { members: [] }, { members: [], additionalMembers: [] }, { members: 'click' }, { members: ['x'] }, { members: ['click', 'click'] }, { members: ['list_tabs'] }, { members: ['hover'] }, { members: ['constructor'] }, { members: null }, { additionalMembers: null },
    { additionalMembers: ['hover'], confirm: yes, urlPolicy: yes }, { additionalMembers: ['run_script'], confirm: yes, urlPolicy: yes }, { additionalMembers: ['list_tabs'], confirm: yes, urlPolicy: yes }, { additionalMembers: ['click', 'click'] }, { members: ['read_page'] }, { confirm: 3 }, { confirm: yes, urlPolicy: 3 }, { members: ['click'], confirm: null },
    ...[[], ['list_tabs'], ['list_tabs', 'list_tabs'], ['click'], 'x', [1], null, ['get_page_text'], ['read_diagnostics']].map((confirmReads) => ({ confirmReads, confirm: yes, urlPolicy: yes })), { confirmReads: ['list_tabs'] },
    ...BROWSER_MEMBERS.flatMap((each) => [{ members: [each] }, { members: [each], confirm: yes }]),
  ], (options) => chosen({ state: yes, ...driver }, options && { ...options, ...(options.confirm === yes && { confirm: yes }) })))),
  ...many('a driver that is', [null, 5, {}, { state: 3 }], (driver) => chosen(driver, { members: [] })),
  'an error of the browser': () => told(new BrowserError('said')),
};

await print(SCENARIOS);
