// The progress of a response over a socket, beside the official package, state by state.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { chance } from './socket-events.mjs';
import { DIST } from './support.mjs';

const PATH = 'lib/responses/responses-websocket-accumulator';
const { ResponsesWebSocketAccumulator } = await import(join(DIST, `esm/${PATH}.js`));
const folder = process.env.TAILRACE_OFFICIAL_NODE_MODULES;
const official = folder && createRequire(join(folder, 'tools.js'))(`openai/${PATH}`).ResponsesWebSocketAccumulator;

const MESSAGE = { type: 'message', id: 'm', role: 'assistant', status: 'in_progress', content: [] };
const TEXT = { type: 'output_text', text: '', annotations: [] };
const CREATED = { type: 'response.created', response: { id: 'r', output: [] } };
const added = (item, place = 0) => ({ type: 'response.output_item.added', output_index: place, item });
const delta = (piece, index = 0) => ({
  ...{ type: 'response.output_text.delta', output_index: 0, item_id: 'm', content_index: index, delta: piece },
});

function fed(events, Accumulator = ResponsesWebSocketAccumulator) {
  const accumulator = new Accumulator();
  for (const event of events) accumulator.add(structuredClone(event));
  return accumulator;
}

/** All that can be asked; the words of an error are each package's own. */
function shown(accumulator) {
  const { current } = accumulator;
  const selectors = [[], [{ content_index: 0 }], [{ content_index: 1 }], [{ summary_index: 0 }]];
  selectors.push([{ content_index: 0, annotation_index: 0 }]);
  const parts = [0, 1, 2].flatMap((place) => selectors.map((selector) => accumulator.outputAt(place, ...selector)));
  return [current?.phase === 'unavailable' ? { phase: current.phase, isError: current.error instanceof Error } : current, parts];
}

describe('the accumulator of a Responses socket', () => {
  it('shows after every event what that of the official package shows', { skip: !official && 'needs the official package' }, () => {
    const phases = new Set();
    for (let seed = 0; seed < 1500; seed++) {
      const events = chance(seed);
      const [ours, theirs] = [new ResponsesWebSocketAccumulator(), new official()];
      for (const [number, event] of events.entries()) {
        for (const accumulator of [ours, theirs]) accumulator.add(structuredClone(event));
        const seen = shown(ours);
        assert.deepEqual(seen, shown(theirs), `seed ${seed}, event ${number}: ${JSON.stringify(events)}`);
        phases.add(seen[0]?.phase);
      }
    }
    // A generator whose events are all refused would compare little.
    assert.deepEqual([...phases].map(String).sort(), ['provisional', 'terminal', 'unavailable', 'undefined']);
  });

  it('adds up texts and what tools are given, and keeps what came before its item', () => {
    const call = { type: 'function_call', id: 'f', call_id: 'c', name: 'weather', arguments: '' };
    const piece = { type: 'response.function_call_arguments.delta', output_index: 3, item_id: 'f' };
    const accumulator = fed([CREATED, { ...piece, delta: '{' }, added(MESSAGE), delta('early', 1)]);
    assert.deepEqual(accumulator.current.partialOutput, [
      { output_index: 0, item_id: 'm', content: [{ content_index: 1, data: { text: 'early' } }] },
      { output_index: 3, item_id: 'f', arguments: '{' },
    ]);
    assert.equal(accumulator.current.snapshot.output_text, 'early');
    const part = { type: 'response.content_part.added', output_index: 0, item_id: 'm', content_index: 0, part: TEXT };
    for (const event of [part, delta('Hel'), delta('lo '), added(call, 3), { ...piece, delta: '{}' }]) accumulator.add(event);
    assert.equal(accumulator.current.snapshot.output_text, 'Hello early');
    assert.deepEqual(accumulator.outputAt(3), { ...call, arguments: '{}' });
    assert.deepEqual(accumulator.outputAt(0, { content_index: 0 }), { ...TEXT, text: 'Hello ' });
    assert.equal(accumulator.outputAt(1), undefined);
  });

  it('gives copies, and changes no event', () => {
    const event = Object.freeze(added(Object.freeze({ ...MESSAGE, content: Object.freeze([Object.freeze({ ...TEXT })]) })));
    const accumulator = fed([CREATED]);
    accumulator.add(event);
    accumulator.add(delta('a'));
    accumulator.current.snapshot.output.length = 0;
    accumulator.outputAt(0).content.length = 0;
    assert.equal(accumulator.outputAt(0).content[0].text, 'a');
    const end = { type: 'response.failed', response: { id: 'r', output: null } };
    accumulator.add(end);
    end.response.id = 'changed';
    assert.deepEqual(accumulator.current, { phase: 'terminal', event: { type: 'response.failed', response: { id: 'r', output: null } } });
  });

  it('says why there is nothing to show, until a response is created or ends, or it is reset', () => {
    const accumulator = fed([CREATED, added(MESSAGE), { ...delta('a'), item_id: 'other' }, delta('b')]);
    assert.equal(accumulator.current.phase, 'unavailable');
    assert.match(accumulator.current.error.message, /item at 0 is another one/);
    accumulator.add(CREATED);
    assert.deepEqual(accumulator.current, { phase: 'provisional', snapshot: { id: 'r', output: [], output_text: '' } });
    accumulator.add({ type: 'error', error: { message: 'no' } });
    accumulator.add(delta('late'));
    assert.equal(accumulator.current.event.error.message, 'no');
    accumulator.reset();
    assert.equal(accumulator.current, undefined);
  });

  it('does not lose a text that says no part, but says so', () => {
    const { content_index, ...event } = delta('lost');
    assert.equal(content_index, 0);
    const accumulator = fed([event]);
    assert.match(accumulator.current.error.message, /content_index must be/);
    if (official) assert.deepEqual(fed([event], official).current.partialOutput, [{ output_index: 0, item_id: 'm' }]);
  });
});
