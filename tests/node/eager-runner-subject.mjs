// Runs tools of one package while an answer comes, and prints what happened, as data.
//
// node eager-runner-subject.mjs <folder of the package> <extension>

import {
  answer, both, call, iterating, message, output, own, PARAMS, print, run, streamed, streams, tried, twice,
} from './runner-setting.mjs';

const EAGER = { stream: true, eager: true };
const bye = () => answer([message('bye')]);
const ab = () => streams(answer([call('c1', 'a'), call('c2', 'b')]), bye());
const many = () => streams(answer([call('c1', 'a'), call('c2', 'a'), call('c3', 'a'), call('c4', 'b')]), bye());
const SERVER = { type: 'mcp', server_label: 's', server_url: 'https://x', require_approval: 'always' };
const ASKED = { type: 'mcp_approval_request', id: 'ar1', server_label: 's', name: 't', arguments: '{}' };

/** Two functions, with rules for early calls. */
const ruled = (earlyExecution, work, rest) => (outcome) => ({ ...both(work, rest)(outcome), earlyExecution });
const deciding = (decide) => (outcome) => ({
  ...EAGER,
  onEvent: ({ type }) => void (/done|completed/.test(type) && outcome.calls.push(type)),
  beforeEarlyCall: (item) => {
    outcome.calls.push(['before', item.call_id, Object.isFrozen(item)]);
    return decide(item);
  },
});
const logged = (outcome) => ({ ...EAGER, onEvent: ({ type }) => void (/done|completed/.test(type) && outcome.calls.push(type)) });

/** Waits in groups of given sizes: those of a group go on when all of it wait. */
function together(sizes) {
  const groups = sizes.map((size) => ({ size, open: [] }));
  return () =>
    new Promise((go) => {
      const group = groups.find(({ size, open }) => open.length < size);
      group.open.push(go);
      if (group.open.length === group.size) for (const each of group.open) each();
    });
}
/** A gate that is shut until it is opened. */
function gate() {
  let open;
  return { opened: new Promise((go) => (open = go)), open: () => open() };
}
const pause = () => new Promise((go) => setTimeout(go, 20));

/** Functions of which some run beside the stream; each says when it begins and ends. */
const beside = (names, work, limit) => (outcome) => ({
  functions: ['a', 'b'].map((name) => ({
    ...own(outcome, name, async (args) => {
      outcome.running = (outcome.running ?? 0) + 1;
      outcome.most = Math.max(outcome.most ?? 0, outcome.running);
      const value = Array.isArray(work) ? (await (outcome.wait ??= together(work))(), `done ${name}`) : await work(name, args, outcome);
      outcome.running -= 1;
      outcome.calls.push(['end', name]);
      return value;
    }),
    ...(names.includes(name) && { independent: true }),
  })),
  ...(limit && { earlyExecution: limit }),
});

/** Waits until an item was told that follows a call; until the whole answer was told. */
const untilTold = (isTold) => async (name, _args, { calls }) => {
  if (name === 'a') while (!isTold(calls)) await pause();
  return 'x';
};
const untilMessage = untilTold((calls) => calls.filter((each) => each === 'response.output_item.done').length > 1);
const untilWhole = untilTold((calls) => calls.includes('response.completed'));

const SCENARIOS = {
  ...Object.fromEntries(
    [{}, null, undefined, { functions: ['a'] }, { functions: ['b'] }, { functions: ['a', 'b'] }, { functions: [] }, { functions: ['zz'] }, { functions: ['a', 'a'] }, { functions: 'a' }, { functions: [5] }, { functions: null }, { computer: true }, { computer: false }, { computer: 'yes' }, { more: 1 }, [], 'x', 5, true, { functions: [''] }].map(
      (rules) => [`rules ${JSON.stringify(rules)}`, () => run(ruled(rules), ab(), { options: logged })],
    ),
  ),
  'rules without a stream': () => run(ruled({ functions: ['a'] }), twice(), { options: {} }),
  'rules with a stream that is not eager': () => run(ruled({ functions: ['a'] }), ab(), { options: { stream: true } }),
  'rules that are turned off without a stream': () => run(ruled(null), twice(), { options: {} }),
  'rules and turns': () => run(ruled({ functions: ['a'] }), ab(), { options: EAGER, act: iterating() }),
  'rules and outputs of the caller': () => run(ruled({ functions: ['a'] }, undefined, { allowOutputOverride: true }), streams(answer([call('c1', 'b'), call('c2', 'a'), call('c3', 'a')]), bye()), { options: EAGER, act: iterating((turn, outcome) => { if (!turn.final) outcome.tried = tried(() => turn.supplyOutputs([output('c2', 'mine')])); }) }),
  'rules and outputs of the caller for a call that ran': () => run(ruled({ functions: ['a'] }, undefined, { allowOutputOverride: true }), streams(answer([call('c1', 'a'), call('c2', 'b'), call('c3', 'a')]), bye()), { options: EAGER, act: iterating((turn, outcome) => { if (!turn.final) outcome.tried = ['c1', 'c2', 'c3'].map((id) => tried(() => turn.supplyOutputs([output(id, 'mine')]))); }) }),
  'rules and an approval': () => run(ruled({ functions: ['a'] }), streams(answer([ASKED, call('c1', 'a')]), bye()), { params: { ...PARAMS, tools: [SERVER] }, options: { ...EAGER, approveMcp: () => true } }),
  'rules and a function that throws': () => run(ruled({ functions: ['a'] }, () => { throw new Error('no'); }), ab(), { options: EAGER }),
  'rules and wrong arguments': () => run(ruled({ functions: ['a'] }), streams(answer([call('c1', 'a', '{'), call('c2', 'b')])), { options: EAGER }),
  'rules and wrong arguments of a call that waits': () => run(ruled({ functions: ['a'] }), streams(answer([call('c1', 'a'), call('c2', 'b', '{')])), { options: EAGER }),
  'rules and a call of nothing': () => run(ruled({ functions: ['a'] }), streams(answer([call('c1', 'a'), call('c2', 'q')])), { options: EAGER }),
  'rules at the last step': () => run(ruled({ functions: ['a'] }), ab(), { options: { ...EAGER, maxSteps: 1 } }),
  'no early call at the last step': () => run(ruled({}), ab(), { options: { ...EAGER, maxSteps: 1 } }),
  'decisions': () => run(both(), ab(), { options: deciding(() => 'execute') }),
  'decisions to wait': () => run(both(), ab(), { options: deciding(() => 'defer') }),
  'a decision to wait once': () => run(both(), many(), { options: deciding(({ call_id }) => (call_id === 'c2' ? 'defer' : 'execute')) }),
  'a decision that comes later': () => run(both(), ab(), { options: deciding(async () => 'execute') }),
  'a decision that is none': () => run(both(), ab(), { options: deciding(() => true) }),
  'no decision': () => run(both(), ab(), { options: deciding(() => undefined) }),
  'a decision that throws': () => run(both(), ab(), { options: deciding(() => { throw new Error('secret'); }) }),
  'a decision about what rules forbid': () => run(ruled({ functions: ['b'] }), ab(), { options: deciding(() => 'execute') }),
  'a decision about what rules allow': () => run(ruled({ functions: ['a'] }), ab(), { options: deciding(() => 'execute') }),
  'a decision without a stream': () => run(both(), twice(), { options: { beforeEarlyCall: () => 'execute' } }),
  'a decision with a stream that is not eager': () => run(both(), ab(), { options: { stream: true, beforeEarlyCall: () => 'execute' } }),
  'a decision that changes the call': () => run(both(), ab(), { options: { ...EAGER, beforeEarlyCall: (item) => { item.name = 'b'; return 'execute'; } } }),
  'a decision about wrong arguments': () => run(both(), streams(answer([call('c1', 'a', '{')])), { options: deciding(() => 'execute') }),
  'a decision at the last step': () => run(both(), ab(), { options: (outcome) => ({ ...deciding(() => 'execute')(outcome), maxSteps: 1 }) }),
  'a decision to wait at the last step': () => run(both(), ab(), { options: (outcome) => ({ ...deciding(() => 'defer')(outcome), maxSteps: 1 }) }),
  'calls beside each other': () => run(beside(['a', 'b'], [2, 2]), many(), { options: EAGER }),
  'some calls beside each other': () => run(beside(['a'], [2, 1, 1]), many(), { options: EAGER }),
  'the last calls beside each other': () => run(beside(['b'], [1, 1, 1, 1]), many(), { options: EAGER }),
  'calls beside each other without a stream': () => run(beside(['a', 'b'], [1, 1]), [{ json: answer([call('c1', 'a'), call('c2', 'b')]) }, { json: bye() }], { options: {} }),
  ...Object.fromEntries([[1, 1, 1, 1, 1], [2, 2, 2], [3, 3, 1], [4, 4], [100, 4], [0], [-1], [1.5], ['2 as text'], [null], [NaN], [Infinity]].map(([maxConcurrentCalls, ...groups]) => [`at most ${maxConcurrentCalls}`, () => run(beside(['a', 'b'], groups), many(), { options: { ...EAGER, maxConcurrentCalls } })])),
  'at most 3 without a stream': () => run(beside(['a', 'b'], [1]), [{ json: answer([call('c1', 'a')]) }, { json: bye() }], { options: { maxConcurrentCalls: 3 } }),
  'at most 0 without a stream': () => run(beside(['a', 'b'], [1]), [{ json: answer([call('c1', 'a')]) }, { json: bye() }], { options: { maxConcurrentCalls: 0 } }),
  'calls beside each other with turns': () => run(beside(['a', 'b'], [2, 2]), many(), { options: EAGER, act: iterating() }),
  'a call of several that throws': () => run(beside(['a', 'b'], async (name) => { if (name === 'b') throw new Error('no'); await pause(); return 'x'; }), many(), { options: EAGER }),
  'a first call of several that throws': () => run(beside(['a', 'b'], async (name) => { if (name === 'a') throw new Error('no'); return 'x'; }), many(), { options: EAGER }),
  'a call of several whose output is wrong': () => run(beside(['a', 'b'], async (name) => (name === 'a' ? 5 : 'x')), many(), { options: EAGER }),
  'calls that end out of order': () => { const second = gate(); return run(beside(['a', 'b'], async (name) => { await (name === 'a' ? second.opened.then(pause) : second.open()); return `out ${name}`; }), streams(answer([call('c1', 'a'), call('c2', 'b')]), bye()), { options: EAGER }); },
  'calls beside each other by rules': () => run(beside(['a', 'b'], [2, 1, 1], { functions: ['a'] }), many(), { options: EAGER }),
  'calls beside each other by decisions': () => run(beside(['a', 'b'], [2, 1, 1]), many(), { options: deciding(({ call_id }) => (call_id === 'c3' ? 'defer' : 'execute')) }),
  'calls beside each other and a stream that fails': () => run(beside(['a', 'b'], [1]), [{ events: [...streamed(answer([call('c1', 'a')])).events.slice(0, -1), { type: 'error', message: 'boom', code: 'c', param: null, sequence_number: 9 }] }], { options: EAGER }),
  'calls beside each other and an answer that is not whole': () => run(beside(['a', 'b'], [1]), streams(answer([call('c1', 'a')], { status: 'incomplete' })), { options: EAGER }),
  'calls beside each other and a call of nothing': () => run(beside(['a', 'b'], [1]), streams(answer([call('c1', 'a'), call('c2', 'q')])), { options: EAGER }),
  'calls beside each other and an abort': () => { const stop = new AbortController(); return run(beside(['a', 'b'], async () => { stop.abort(); return 'x'; }), many(), { options: { ...EAGER, signal: stop.signal } }); },
  'a call that is told of an abort': () => { const stop = new AbortController(); return run((outcome) => ({ functions: [{ ...own(outcome, 'a'), independent: true, execute: (_args, { signal }) => new Promise((_go, fail) => { signal.addEventListener('abort', () => { outcome.calls.push('told'); fail(signal.reason); }); stop.abort(new Error('why')); }) }] }), streams(answer([call('c1', 'a')]), bye()), { options: { ...EAGER, signal: stop.signal } }); },
  ...Object.fromEntries([['execute', 'defer'], ['defer', 'execute']].map((answers) => [`outputs of the caller after decisions ${answers}`, () => run(both(undefined, { allowOutputOverride: true }), streams(answer([call('c1', 'a'), call('c2', 'a')]), bye()), { options: deciding(({ call_id }) => answers[call_id === 'c1' ? 0 : 1]), act: iterating((turn, outcome) => { if (!turn.final) outcome.tried = ['c1', 'c2'].map((id) => tried(() => turn.supplyOutputs([output(id, 'mine')]))); }) })])),
  'outputs of the caller after all ran': () => run(ruled({ functions: ['a'] }, undefined, { allowOutputOverride: true }), streams(answer([call('c1', 'a')]), bye()), { options: EAGER, act: iterating((turn, outcome) => { if (!turn.final) outcome.tried = [[], [output('c1', 'mine')]].map((all) => tried(() => turn.supplyOutputs(all))); }) }),
  'outputs of the caller without rules': () => run(both(undefined, { allowOutputOverride: true }), streams(answer([ASKED, call('c1', 'a')]), bye()), { params: { ...PARAMS, tools: [SERVER] }, options: { ...EAGER, approveMcp: () => true }, act: iterating((turn, outcome) => { if (!turn.final) outcome.tried = tried(() => turn.supplyOutputs([output('c1', 'mine')])); }, { ...PARAMS, tools: [SERVER] }) }),
  'the order of ends': () => { const second = gate(); return run(beside(['a', 'b'], async (name) => { await (name === 'a' ? second.opened.then(pause) : second.open()); return `out ${name}`; }), streams(answer([call('c1', 'a'), call('c2', 'b')]), bye()), { options: EAGER, act: iterating() }); },
  'a call that throws beside one that goes on': () => run(beside(['a', 'b'], async (name) => { if (name === 'a') throw new Error('no'); await pause(); return 'x'; }), streams(answer([call('c1', 'a'), call('c2', 'b')]), bye()), { options: EAGER }),
  'a call that throws while the answer comes': () => run(beside(['a'], async () => { throw new Error('no'); }), streams(answer([call('c1', 'a'), message('x'), message('y')]), bye()), { options: (outcome) => ({ ...EAGER, onEvent: async ({ type }) => { outcome.calls.push(type); await new Promise((go) => setTimeout(go, 5)); } }) }),
  'a call that throws while the answer comes, and others follow': () => run(beside(['a'], async () => { throw new Error('no'); }), streams(answer([call('c1', 'a'), message('x'), call('c2', 'b')]), bye()), { options: (outcome) => ({ ...EAGER, onEvent: async ({ type }) => { outcome.calls.push(type); await new Promise((go) => setTimeout(go, 5)); } }) }),
  'a call that throws before the next comes': () => run(beside(['a', 'b'], async (name) => { if (name === 'a') throw new Error('no'); return 'x'; }), streams(answer([call('c1', 'a'), call('c2', 'b')]), bye()), { options: (outcome) => ({ ...EAGER, onEvent: async ({ type }) => { outcome.calls.push(type); await new Promise((go) => setTimeout(go, 5)); } }) }),
  'a call that throws before one that waits': () => run(beside(['a', 'b'], async (name) => { if (name === 'a') throw new Error('no'); return 'x'; }, { functions: ['a'] }), streams(answer([call('c1', 'a'), call('c2', 'b')]), bye()), { options: (outcome) => ({ ...EAGER, onEvent: async ({ type }) => { outcome.calls.push(type); await new Promise((go) => setTimeout(go, 5)); } }) }),
  ...Object.fromEntries([undefined, true].flatMap((independent) => ['a', 'c', 'e'].map((when) => [`an abort ${when}, ${independent}`, () => {
    const stop = new AbortController();
    const wait = together(independent ? [2] : [1]);
    const work = async () => { if (when === 'a') stop.abort(); await (when === 'e' ? wait() : pause()); if (when === 'e') stop.abort(); return 'x'; };
    return run((outcome) => ({ functions: [{ ...own(outcome, 'a', work), independent }, own(outcome, 'b')] }), streams(answer([call('c1', 'a'), call('c2', 'a'), call('c3', 'b')]), bye()), { options: { ...EAGER, signal: stop.signal, onEvent: ({ type, output_index }) => void (when === 'c' && type === 'response.output_item.added' && output_index === 1 && stop.abort()) } });
  }]))),
  'wrong arguments after one that waits': () => run(ruled({ functions: ['a'] }), streams(answer([call('c1', 'b'), call('c2', 'a', '{')]), bye()), { options: EAGER }),
  'a call of nothing after one that waits': () => run(ruled({ functions: ['a'] }), streams(answer([call('c1', 'b'), call('c2', 'q')]), bye()), { options: EAGER }),
  'a message beside a call': () => run(beside(['a', 'b'], untilMessage), streams(answer([call('c1', 'a'), message('x'), call('c2', 'b')]), bye()), { options: logged }),
  'thoughts beside a call': () => run(beside(['a', 'b'], untilMessage), streams(answer([call('c1', 'a'), { type: 'reasoning', id: 'r', summary: [] }, call('c2', 'b')]), bye()), { options: logged }),
  'a message after one that waits beside a call': () => run(beside(['a', 'b'], untilWhole, { functions: ['a'] }), streams(answer([call('c1', 'a'), call('c2', 'b'), message('x'), call('c3', 'a')]), bye()), { options: logged }),
  'a listener that throws beside a call': () => run(beside(['a'], [1]), streams(answer([call('c1', 'a'), message('x')]), bye()), { options: { ...EAGER, onEvent: ({ type }) => { if (type === 'response.output_text.delta') throw new Error('mine'); } } }),
  'a decision to wait beside a call': () => run(beside(['a', 'b'], untilWhole), streams(answer([call('c1', 'a'), call('c2', 'b'), call('c3', 'b')]), bye()), { options: deciding(({ call_id }) => (call_id === 'c2' ? 'defer' : 'execute')) }),
  ...Object.fromEntries([SERVER, { ...SERVER, require_approval: 'never' }, { ...SERVER, require_approval: { never: { tool_names: ['t'] } } }, { type: 'web_search' }].flatMap((tool) => [undefined, true].map((independent) => [`a call with the tool ${JSON.stringify(tool)}, ${independent}`, () => run(both(undefined, { independent }), ab(), { params: { ...PARAMS, tools: [tool] }, options: logged })]))),
  ...Object.fromEntries([undefined, { functions: ['a'] }].flatMap((rules) => [undefined, true].map((independent) => [`a call before an approval by ${JSON.stringify(rules)}, ${independent}`, () => run(ruled(rules, undefined, { independent }), streams(answer([call('c1', 'a'), ASKED, call('c3', 'a')]), bye()), { params: { ...PARAMS, tools: [SERVER] }, options: (outcome) => ({ ...logged(outcome), approveMcp: () => true }) })]))),
  'an approval beside a call': () => run(beside(['a', 'b'], [1, 1]), streams(answer([call('c1', 'a'), ASKED, call('c3', 'b')]), bye()), { params: { ...PARAMS, tools: [SERVER] }, options: (outcome) => ({ ...logged(outcome), approveMcp: () => true }) }),
  ...Object.fromEntries(['independent', 'allowOutputOverride'].flatMap((name) => [null, undefined, 0].map((value) => [`${name} that is ${value}`, () => run((outcome) => ({ functions: [{ ...own(outcome, 'a'), [name]: value }] }), streams(answer([call('c1', 'a')]), bye()), { options: EAGER })]))),
  'a function that may be anything': () => run((outcome) => ({ functions: [{ ...own(outcome, 'a'), independent: 'yes' }] }), streams(answer([call('c1', 'a')]), bye()), { options: EAGER }),
  'a function that may be answered by anything': () => run((outcome) => ({ functions: [{ ...own(outcome, 'a'), allowOutputOverride: 1 }] }), streams(answer([call('c1', 'a')]), bye()), { options: {} }),
};

await print(SCENARIOS);
