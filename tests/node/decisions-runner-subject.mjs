// Runs the tool runner of decisions of one package and prints what happened, as data.
//
// node decisions-runner-subject.mjs <folder of the package> <extension>

import { client, load, print, serve, tried } from './runner-setting.mjs';

const { DecisionsToolRunner, DecisionsToolRunnerError } = await load('helpers/decisions-tool-runner');

const USAGE = {
  input_tokens: 1, input_tokens_details: { cache_write_tokens: 0, cached_tokens: 0 },
  output_tokens: 2, output_tokens_details: { reasoning_tokens: 0 }, total_tokens: 3,
};
const QUESTION = 'next_action';
const picked = (choice, rest = {}) => ({ type: 'choice', name: QUESTION, choice, confidence: 1, probabilities: [{ value: choice, probability: 1 }], ...rest });
const decided = (answer, rest = {}) => ({ json: { answers: [].concat(answer), model: 'm', usage: USAGE, ...rest } });
const picks = (...choices) => choices.map((choice) => decided(picked(choice)));
const PARAMS = { model: 'm', input: 'do it' };

function told(error) {
  if (!(error instanceof Error)) return error;
  const { name, message, reason, attemptedCandidateIds, completedCandidateIds, cause } = error;
  return { class: error.constructor.name, name, message, reason, attemptedCandidateIds, completedCandidateIds, cause: cause?.message, keys: Object.keys(error) };
}

/** Three candidates: two that do something and one that ends the run. */
const three = (outcome, work) => [
  { id: 'a', description: 'does a', execute: async () => { outcome.calls.push('a'); await work?.('a'); } },
  { id: 'b', description: 'does b', execute: async () => { outcome.calls.push('b'); await work?.('b'); } },
  { id: 'end', description: 'is done', done: true },
];

/** Everything that one run tells. */
async function run(exchanges, { registration = {}, params = PARAMS, options = {}, act } = {}) {
  const requests = serve(exchanges);
  const outcome = { calls: [], reports: [] };
  let count = 0;
  const made = typeof registration === 'function' ? registration(outcome) : registration;
  const all = {
    observe: () => { outcome.calls.push('observe'); return `seen ${++count}`; },
    candidates: (observation) => { outcome.calls.push(['candidates', observation]); return three(outcome); },
    ...made,
  };
  const chosen = {
    onDiagnostic: ({ duration_ms, usage, ...rest }) => outcome.reports.push({ ...rest, timed: duration_ms >= 0, total: usage?.total_tokens }),
    ...(typeof options === 'function' ? options(outcome) : options),
  };
  let runner;
  try {
    runner = new DecisionsToolRunner(made === null ? null : all);
    outcome.result = await (act ? act(runner, chosen, outcome) : runner.run(client, params, chosen));
  } catch (error) {
    outcome.failed = told(error);
  }
  outcome.requests = requests.map(({ method, url, body, mine, retries }) => ({ method, url, body, mine, retries }));
  outcome.closed = runner?.close();
  outcome.afterwards = await runner?.run(client, params).then(() => 'ran', told);
  return outcome;
}
const listing = (list) => (outcome) => ({ candidates: () => (typeof list === 'function' ? list(outcome) : list) });
const act = (id, rest = {}) => ({ id, description: `does ${id}`, execute() {}, ...rest });
const END = { id: 'end', description: 'is done', done: true };
const seen = (value) => () => ({ observe: () => value });
const named = (values, name, scenario) => Object.fromEntries(values.map((value) => [`${name} ${typeof value === 'function' ? value : (JSON.stringify(value) ?? 'undefined').slice(0, 200)}, ${value?.length}`, () => scenario(value)]));

const SCENARIOS = {
  'the end at once': () => run(picks('end')),
  'two actions': () => run(picks('a', 'b', 'end')),
  'an action that throws': () => run(picks('a'), { registration: (outcome) => ({ candidates: () => three(outcome, () => { throw new Error('secret'); }) }) }),
  'observations that throw': () => run(picks('a'), { registration: { observe() { throw new Error('secret'); } } }),
  'candidates that throw': () => run(picks('a'), { registration: { candidates() { throw new Error('secret'); } } }),
  'verified': () => run(picks('a', 'end'), { registration: (outcome) => ({ verify: (observation) => { outcome.calls.push(['verify', observation]); return true; } }) }),
  ...named([false, 'yes', undefined, null, 1], 'verified by', (value) => run(picks('end'), { registration: { verify: () => value } })),
  'not verified at the last step': () => run(picks('end'), { registration: { verify: () => false }, options: { maxSteps: 1 } }),
  'not verified at the second step': () => run(picks('end', 'a', 'end'), { registration: { verify: () => false }, options: { maxSteps: 2 } }),
  'not verified at first': () => { let count = 0; return run(picks('end', 'a', 'end'), { registration: { verify: () => ++count > 1 } }); },
  'the end only, not verified': () => { let count = 0; return run([], { registration: { candidates: () => [END], verify: () => ++count > 2 } }); },
  'the end only, never verified': () => run([], { registration: { candidates: () => [END], verify: () => false }, options: { maxSteps: 3 } }),
  'the end only, verified': () => run([], { registration: { candidates: () => [END], verify: () => true } }),
  'observations that throw later': () => { let count = 0; return run(picks('a'), { registration: { observe() { if (++count > 1) throw new Error('secret'); return 'x'; } } }); },
  'candidates that are none later': () => { let count = 0; return run(picks('a'), { registration: (outcome) => ({ candidates: () => (++count > 1 ? [] : three(outcome)) }) }); },
  'verified later': () => run(picks('end'), { registration: { verify: async () => true } }),
  'verified by throwing': () => run(picks('end'), { registration: { verify() { throw new Error('secret'); } } }),
  'refused': () => run([decided({ type: 'refusal', name: QUESTION })]),
  'refused later': () => run([...picks('a'), decided({ type: 'refusal', name: QUESTION })]),
  'refused without a name': () => run([decided({ type: 'refusal', name: null })]),
  'refused with another name': () => run([decided({ type: 'refusal', name: 'q' })]),
  'refused and verified': () => run([decided({ type: 'refusal', name: QUESTION })], { registration: (outcome) => ({ verify: () => { outcome.calls.push('verify'); return true; } }) }),
  ...named(['zz', true, false, '', null, 5, undefined], 'the choice', (choice) => run([decided(picked(choice))])),
  ...named([[], [picked('a'), picked('b')], [picked('a', { name: 'q' })], [picked('a', { name: null })], [{ type: 'predicate', name: QUESTION, probability: 1 }], [{ type: 'score', name: QUESTION, score: 1 }], [null], [picked('a', { confidence: 2 })], [picked('a', { confidence: undefined })], [picked('a', { probabilities: [] })], [picked('a', { probabilities: undefined })], [picked('a', { more: 1 })], [picked('a', { probabilities: [{ value: 'a', probability: 'x' }] })], [picked('a', { probabilities: [{ value: 5, probability: 1 }] })], [picked('a', { probabilities: [{ value: true, probability: 1 }] })], [picked('a', { probabilities: [{ value: 'zz', probability: 1, more: 1 }] })], [picked('a', { probabilities: [null] })], [picked('a', { confidence: null })], [picked('a'), { type: 'refusal', name: QUESTION }]], 'the answers', (answers) => run([decided(answers), decided(picked('end'))])),
  ...named([{ usage: null }, { usage: undefined }, { usage: {} }, { usage: { input_tokens: 1, output_tokens: 2, total_tokens: 3 } }, { usage: { ...USAGE, total_tokens: 'x' } }, { usage: { ...USAGE, total_tokens: -1 } }, { usage: { ...USAGE, total_tokens: 1.5 } }, { usage: { ...USAGE, input_tokens_details: {} } }, { usage: { ...USAGE, output_tokens_details: null } }, { usage: { ...USAGE, input_tokens_details: { cached_tokens: 0 } } }, { usage: { ...USAGE, more: 1 } }, { model: 5 }, { model: undefined }, { answers: null }, { answers: 'x' }, { more: 1 }], 'a decision with', (rest) => run([decided(picked('end'), rest)])),
  'a status of 500': () => run([{ status: 500, json: { error: { message: 'boom' } } }]),
  'a status of 500 later': () => run([...picks('a'), { status: 500, json: { error: { message: 'boom' } } }]),
  'a retry': () => run([{ status: 500, json: { error: { message: 'boom' } } }, ...picks('end')], { options: { requestOptions: { maxRetries: 1 } } }),
  'options of requests': () => run(picks('a', 'end'), { options: { requestOptions: { headers: { 'x-mine': '1' }, timeout: 5000, maxRetries: 0 } } }),
  ...named([{ body: {} }, { idempotencyKey: 'k' }, { query: { a: 'b' } }, { path: '/x' }, { stream: true }, null, 5], 'options', (requestOptions) => run(picks('end'), { options: { requestOptions } })),
  ...named([1, 2, 0, -1, 1.5, '3', null, undefined], 'at most', (maxSteps) => run(picks('a', 'b', 'end'), { options: { maxSteps } })),
  'the end at the last step': () => run(picks('end'), { options: { maxSteps: 1 } }),
  ...named([{}, { model: 'm' }, { input: 'x' }, { model: '', input: 'x' }, { model: 'm', input: '' }, { model: 'm', input: [] }, { model: 'm', input: 5 }, { ...PARAMS, safety_identifier: 's' }, { ...PARAMS, safety_identifier: null }, { ...PARAMS, safety_identifier: 5 }, { ...PARAMS, questions: [] }, { ...PARAMS, more: 1 }, null, 5], 'parameters', (params) => run(picks('end'), { params })),
  ...named(['', 'text', 5, null, undefined, {}, [], [{ type: 'input_text', text: 'x' }], [{ type: 'input_text', text: '' }], [{ type: 'input_text' }], [{ type: 'input_text', text: 'x', more: 1 }], [{ type: 'input_image', image_url: 'data:image/png;base64,AAAA' }], [{ type: 'input_image', image_url: 'data:image/png;base64,AAAA', detail: 'low' }], [{ type: 'input_image', image_url: 'data:image/png;base64,AAAA', detail: 'high' }], [{ type: 'input_image', image_url: 'data:image/png;base64,AAAA', detail: null }], [{ type: 'input_image', image_url: 'https://x/y.png' }], [{ type: 'input_image', image_url: 'http://x/y.png' }], [{ type: 'input_image', image_url: '' }], [{ type: 'input_image', file_id: 'f' }], [{ type: 'input_image', image_url: 'data:text/plain,x' }], [{ type: 'input_image', image_url: 'data:image/svg+xml;base64,AAAA' }], [{ type: 'input_file', file_id: 'f' }], ['x'], [null], [{ type: 'input_text', text: 'x' }, { type: 'input_image', image_url: 'data:image/jpeg;base64,AAAA' }]], 'the observation', (value) => run(picks('end'), { registration: seen(value) })),
  'an observation that changes': () => { const parts = [{ type: 'input_text', text: 'x' }]; return run(picks('a', 'end'), { registration: (outcome) => ({ observe: () => parts, candidates: (observation) => { outcome.calls.push([observation === parts, JSON.stringify(observation)]); observation[0].text = 'changed'; return [act('a'), END]; } }) }); },
  ...named([[], null, 'x', [END], [act('a')], [act('a'), act('a'), END], [act(''), END], [act(5), END], [act('a', { description: '' }), END], [act('a', { description: 5 }), END], [{ id: 'a', description: 'x' }, END], [act('a', { execute: 5 }), END], [act('a', { done: true }), END], [act('a', { done: false }), END], [act('a', { done: 'no' }), END], [act('a', { more: 1 }), END], [null, END], ['a', END], [END, { ...END, id: 'end2' }], [act('x'.repeat(64)), END], [act('x'.repeat(65)), END], [act('x'.repeat(300)), END], [act('a b/ü'), END], [act('true'), END], [act(' a '), END], Array.from({ length: 40 }, (_, at) => act(`c${at}`)).concat(END), ...[63, 64, 99, 100, 127, 128, 254, 255, 256].map((length) => Array.from({ length }, (_, at) => act(`c${at}`)).concat(END))], 'candidates', (list) => run(picks(list?.[0]?.id ?? 'end', 'end'), { registration: listing(list) })),
  'candidates of many words': () => run(picks('end'), { registration: listing([act('a', { description: 'x'.repeat(5000) }), END]) }),
  'candidates that change': () => { const list = [act('a'), END]; return run([() => { list[0].execute = () => { throw new Error('changed'); }; list[0].id = 'q'; return picks('a')[0]; }, ...picks('end')], { registration: (outcome) => ({ candidates: () => { list[0].id = 'a'; list[0].execute = () => outcome.calls.push('first'); return list; } }) }); },
  'an executor that belongs to its candidate': () => run(picks('a', 'end'), { registration: (outcome) => ({ candidates: () => [{ id: 'a', description: 'd', word: 1, execute() { outcome.calls.push(this?.id ?? 'nothing'); } }, END] }) }),
  'an executor that gives something': () => run(picks('a', 'end'), { registration: listing([act('a', { execute: () => 'value' }), END]) }),
  'a registration that belongs to itself': () => run(picks('end'), { registration: (outcome) => ({ mine: 5, observe() { outcome.calls.push(this?.mine ?? 'nothing'); return 'x'; } }) }),
  ...named([{ observe: undefined }, { observe: 5 }, { candidates: undefined }, { verify: 5 }, { verify: null }], 'a registration', (registration) => run(picks('end'), { registration })),
  'no registration': () => run([], { registration: () => null }),
  'an abort before': () => run(picks('end'), { options: { signal: AbortSignal.abort(new Error('why')) } }),
  'an abort before by options': () => run(picks('end'), { options: { requestOptions: { signal: AbortSignal.abort(new Error('why')) } } }),
  'an abort in observing': () => { const stop = new AbortController(); return run(picks('end'), { registration: { observe: () => { stop.abort(); return 'x'; } }, options: { signal: stop.signal } }); },
  'an abort in the candidates': () => { const stop = new AbortController(); return run(picks('end'), { registration: (outcome) => ({ candidates: () => { stop.abort(); return three(outcome); } }), options: { signal: stop.signal } }); },
  'an abort in an action': () => { const stop = new AbortController(); return run(picks('a', 'end'), { registration: (outcome) => ({ candidates: () => three(outcome, () => stop.abort()) }), options: { signal: stop.signal } }); },
  'an abort in verifying': () => { const stop = new AbortController(); return run(picks('end'), { registration: { verify: () => { stop.abort(); return true; } }, options: { signal: stop.signal } }); },
  'an abort in a request': () => { const stop = new AbortController(); return run([() => { setTimeout(() => stop.abort(), 20); return { silent: true }; }], { options: { signal: stop.signal } }); },
  'an observer that throws': () => run(picks('a', 'end'), { options: { onDiagnostic() { throw new Error('mine'); } } }),
  'two runs at once': () => run([() => new Promise((later) => setTimeout(() => later(picks('end')[0]), 80))], { act: async (runner, options, outcome) => { const first = runner.run(client, PARAMS, options); outcome.second = await runner.run(client, PARAMS, options).catch(told); outcome.draining = runner.close(); return first; } }),
  'a run after another': () => run(picks('end', 'a', 'end'), { act: async (runner, options) => [await runner.run(client, PARAMS, options), await runner.run(client, PARAMS, options)] }),
  'a result that is changed': () => run(picks('a', 'end'), { act: async (runner, options) => { const result = await runner.run(client, PARAMS, options); result.attemptedCandidateIds.push('x'); return { ...result, frozen: Object.isFrozen(result) }; } }),
  'the errors': async () => ['invalid_params', 'invalid_candidates', 'invalid_answer', 'invalid_verification', 'verification_failed', 'step_limit', 'failed', 'cancelled', 'zz'].map((reason) => told(new DecisionsToolRunnerError(reason, ['a'], ['b']))),
  'a client that is none': () => run([], { act: (runner) => runner.run(null, PARAMS) }),
  'no options': () => run(picks('end'), { act: (runner) => runner.run(client, PARAMS) }),
  ...named([null, 5, { more: 1 }], 'all options', (options) => run(picks('end'), { act: (runner) => runner.run(client, PARAMS, options) })),
};

await print(SCENARIOS);
