// Runs a tool runner of one package with a budget for what it sends, and prints what happened, as data.
//
// node budget-runner-subject.mjs <folder of the package> <extension>

import { answer, both, call, iterating, message, output, own, PARAMS, print, run, whole } from './runner-setting.mjs';

const LARGE = 'x'.repeat(400);
const rounds = (count, args = {}) => [...Array.from({ length: count }, (_, at) => whole([call(`c${at + 1}`, 'a', args)])), whole([message('bye')])];
const bytesOf = (requests) => requests.map(({ body }) => Buffer.byteLength(JSON.stringify(body?.input ?? null)));
const picture = (url) => [{ type: 'input_image', image_url: url }];

/** A run with a budget; `compact` gets what is too large. */
async function budget(contextBudget, exchanges, { functions = both(() => LARGE), params, options, act } = {}) {
  const outcome = await run(functions, exchanges, {
    params,
    act,
    options: (seen) => {
      seen.snapshots = [];
      const { compact, ...rest } = contextBudget ?? {};
      const watched = compact && ((snapshot) => {
        const { history, ...facts } = snapshot;
        seen.snapshots.push({ ...facts, history: history.length, types: history.map(({ type, role }) => type ?? role), frozen: Object.isFrozen(snapshot) });
        return compact(snapshot);
      });
      return { contextBudget: contextBudget && typeof contextBudget === 'object' && !Array.isArray(contextBudget) ? { ...rest, ...(watched && { compact: watched }) } : contextBudget, ...options };
    },
  });
  return { ...outcome, bytes: bytesOf(outcome.requests) };
}
const FEW = { maxInputBytes: 100_000, maxInputImages: 10 };
const SMALL = { maxInputBytes: 1100, maxInputImages: 10 };
const dropAll = ({ eligibleCallIds }) => ({ dropCallIds: eligibleCallIds });

const image = (fields) => ({ type: 'input_image', ...fields });
const asked = (input) => budget(FEW, [whole([message('x')])], { params: { ...PARAMS, input } });
const saying = (...content) => [{ role: 'user', content }];
const HELLO = { role: 'user', content: 'x' };

const SCENARIOS = {
  ...Object.fromEntries(
    [
      saying(image({ image_url: 'https://x/y.png' })), saying(image({ image_url: 'https://x/y.png', detail: 'low' })), saying(image({ file_id: 'f', detail: 'auto' })), saying({ type: 'input_text', text: 'x' }), saying({ type: 'input_file', file_id: 'f' }), [{ type: 'message', ...HELLO }],
      [HELLO, call('h', 'a')], [HELLO, output('h', 'x')], [HELLO, output('h', 'x'), call('h', 'a')], [HELLO, call('h', 'a'), output('h', 'x'), output('h', 'y')], [HELLO, call('h', 'a'), output('h', 'x'), call('h', 'a', {}, { id: 'other' }), output('h', 'y')], [HELLO, call('h', 'a'), output('h', picture('u'))], [HELLO, call('h', 'a'), output('h', 5)],
      [{ type: 'reasoning', id: 'r', summary: [] }, HELLO], [{ role: 'system', content: 's' }, { role: 'developer', content: 'd' }, HELLO], [HELLO, { role: 'assistant', content: 'x' }], [HELLO, message('y')], [{ type: 'shell_call', id: 'q', call_id: 'r', action: {} }], [{ type: 'item_reference', id: 'q' }], [{ type: 'compaction', id: 'q', encrypted_content: 'e' }, HELLO], [],
    ].map((input) => [`the history ${JSON.stringify(input)}`, () => asked(input)]),
  ),
  ...Object.fromEntries(
    [{ truncation: 'auto' }, { truncation: 'disabled' }, { truncation: null }, { context_management: [{ type: 'compaction', compact_threshold: 1000 }] }, { context_management: [] }, { context_management: null }].map((params) => [`parameters ${JSON.stringify(params)}`, () => budget(FEW, rounds(1), { params: { ...PARAMS, ...params } })]),
  ),
  'too small for the first request, and compacted': () => budget({ maxInputBytes: 10, maxInputImages: 1, compact: dropAll }, rounds(1)),
  'enough': () => budget(FEW, rounds(2)),
  'none': () => budget(null, rounds(1)),
  'undefined': () => budget(undefined, rounds(1)),
  ...Object.fromEntries(
    [{}, { maxInputBytes: 5 }, { maxInputImages: 5 }, { maxInputBytes: 0, maxInputImages: 1 }, { maxInputBytes: -1, maxInputImages: 1 }, { maxInputBytes: 1.5, maxInputImages: 1 }, { maxInputBytes: '1000', maxInputImages: 1 }, { maxInputBytes: 10_000, maxInputImages: -1 }, { maxInputBytes: 10_000, maxInputImages: 0 }, { ...FEW, keepRecentScreenshots: 0 }, { ...FEW, keepRecentScreenshots: -1 }, { ...FEW, keepRecentScreenshots: 1.5 }, { ...FEW, keepRecentScreenshots: 11 }, { ...FEW, keepRecentScreenshots: null }, { ...FEW, more: 1 }, [], 'x', 5, true, { ...FEW, maxInputBytes: Number.MAX_SAFE_INTEGER }, { ...FEW, maxInputBytes: Infinity }].map(
      (value) => [`a budget of ${JSON.stringify(value)}`, () => budget(value, rounds(1))],
    ),
  ),
  'compact that is no function': () => run(both(), rounds(1), { options: { contextBudget: { ...FEW, compact: 5 } } }),
  'too small for the first request': () => budget({ maxInputBytes: 10, maxInputImages: 1 }, rounds(1)),
  ...Object.fromEntries([30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42].map((maxInputBytes) => [`the first request in ${maxInputBytes} bytes`, () => budget({ maxInputBytes, maxInputImages: 1 }, [whole([message('x')])])])),
  ...Object.fromEntries([30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48].map((maxInputBytes) => [`wide text in ${maxInputBytes} bytes`, () => budget({ maxInputBytes, maxInputImages: 1 }, [whole([message('x')])], { params: { ...PARAMS, input: 'é€' } })])),
  'too small later': () => budget(SMALL, rounds(4)),
  'compacted': () => budget({ ...SMALL, compact: dropAll }, rounds(5)),
  'compacted with a summary': () => budget({ ...SMALL, compact: (snapshot) => ({ ...dropAll(snapshot), summary: 'so far' }) }, rounds(5)),
  'compacted later': () => budget({ ...SMALL, compact: async (snapshot) => dropAll(snapshot) }, rounds(5)),
  'compacted of one': () => budget({ ...SMALL, compact: ({ eligibleCallIds }) => ({ dropCallIds: eligibleCallIds.slice(0, 1) }) }, rounds(5)),
  'not compacted': () => budget({ ...SMALL, compact: () => ({ dropCallIds: [] }) }, rounds(5)),
  'not compacted but with a summary': () => budget({ ...SMALL, compact: () => ({ dropCallIds: [], summary: 's' }) }, rounds(5)),
  'compacted wrongly': async () => {
    const wrong = [undefined, null, 5, [], {}, { dropCallIds: 'c1' }, { dropCallIds: [5] }, { dropCallIds: ['zz'] }, { dropCallIds: ['c1', 'c1'] }, { dropCallIds: ['c2', 'c1'] }, { dropCallIds: ['c3'] }, { dropCallIds: ['c1'], summary: 5 }, { dropCallIds: ['c1'], summary: '' }, { dropCallIds: ['c1'], summary: null }, { dropCallIds: ['c1'], summary: undefined }, { dropCallIds: ['c1'], more: 1 }, { dropCallIds: ['c1'], summary: 'y'.repeat(5000) }];
    const all = [];
    for (const each of wrong) all.push(await budget({ ...SMALL, compact: () => each }, rounds(3)));
    return all;
  },
  'compacted by throwing': () => budget({ ...SMALL, compact: () => { throw new Error('secret'); } }, rounds(5)),
  'compacted by changing what it gets': () => budget({ ...SMALL, compact: (snapshot) => { const result = dropAll(snapshot); snapshot.history.length = 0; snapshot.eligibleCallIds.length = 0; return result; } }, rounds(5)),
  'the caller history': () => budget({ ...SMALL, compact: dropAll }, rounds(3), { params: { ...PARAMS, input: [{ role: 'user', content: 'q' }, call('h1', 'a'), output('h1', LARGE), { role: 'user', content: 'r' }] } }),
  'words of the user': () => budget({ ...SMALL, compact: dropAll }, rounds(4), { act: iterating((turn) => turn.final || turn.appendUserText(`go on ${turn.step}`)) }),
  'thoughts': () => budget({ ...SMALL, compact: dropAll }, [1, 2, 3, 4].map((at) => whole([{ type: 'reasoning', id: `r${at}`, summary: [], encrypted_content: 'E' }, call(`c${at}`, 'a')])).concat([whole([message('bye')])])),
  'two calls of one answer': () => budget({ maxInputBytes: 1500, maxInputImages: 10, compact: dropAll }, [1, 2, 3].map((at) => whole([call(`c${at}a`, 'a'), call(`c${at}b`, 'a')])).concat([whole([message('bye')])])),
  'two calls of one answer, of which one is dropped': () => budget({ maxInputBytes: 1500, maxInputImages: 10, compact: ({ eligibleCallIds }) => ({ dropCallIds: eligibleCallIds.slice(0, 1) }) }, [1, 2, 3].map((at) => whole([call(`c${at}a`, 'a'), call(`c${at}b`, 'a')])).concat([whole([message('bye')])])),
  'comments beside calls': () => budget({ ...SMALL, compact: dropAll }, [1, 2, 3, 4].map((at) => whole([message(`m${at}`, { phase: 'commentary' }), call(`c${at}`, 'a')])).concat([whole([message('bye')])])),
  'pictures of functions': () => budget({ maxInputBytes: 100_000, maxInputImages: 2, compact: dropAll }, rounds(5), { functions: both(() => picture('data:image/png;base64,AAAA')) }),
  'pictures of functions without compacting': () => budget({ maxInputBytes: 100_000, maxInputImages: 2 }, rounds(5), { functions: both(() => picture('data:image/png;base64,AAAA')) }),
  'pictures of the user': () => budget({ maxInputBytes: 100_000, maxInputImages: 1 }, rounds(1), { params: { ...PARAMS, input: [{ role: 'user', content: [...picture('u'), ...picture('v')] }] } }),
  'more screenshots than pictures': () => budget({ maxInputBytes: 100_000, maxInputImages: 1, keepRecentScreenshots: 5 }, rounds(1)),
  'early and compacted': () => budget({ ...SMALL, compact: dropAll }, rounds(5), { options: { stream: false } }),
  'reports': () => budget({ ...SMALL, compact: () => { throw new Error('x'); } }, rounds(5)),
  'an abort in compacting': () => { const stop = new AbortController(); return budget({ ...SMALL, compact: (snapshot) => { stop.abort(); return dropAll(snapshot); } }, rounds(5), { options: { signal: stop.signal } }); },
  'large arguments': () => budget({ maxInputBytes: 1500, maxInputImages: 10, compact: dropAll }, rounds(4, { q: LARGE })),
};

await print(SCENARIOS);
