// What of a structured answer is there before all of it is: `partial`, `partials()` and `items()` of a chat stream.

import assert from 'node:assert/strict';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ASK, chunk, events, hanging, inTurn, JSON_FORMAT, tool } from './chat-script.mjs';
import { recorder } from './recorder.mjs';
import { clientOf, collect } from './support.mjs';

const asked = { ...ASK, response_format: JSON_FORMAT };
const PLAN = { title: 'a "plan" é 🦀', steps: [{ n: 1, tags: ['x', []] }, { n: -2.5e3 }, {}, 'text', null, [1]], more: { list: [true, { deep: [1, 2] }] } };
const PLAN_STEPS = [{ n: 1 }, { n: 2 }];
const TEXT = JSON.stringify(PLAN);
const STOP = chunk({}, { finish_reason: 'stop' });
const pieces = (text, size = 2) => {
  const found = [];
  for (let at = 0; at < text.length; at += size) found.push(chunk({ content: text.slice(at, at + size) }));
  return [chunk({ role: 'assistant', content: '' }), ...found];
};
const answer = (text, size) => events(...pieces(text, size), STOP);

async function serving(...answers) {
  const { baseURL } = await recorder(inTurn(...answers)());
  return clientOf(baseURL);
}

test('the object so far is one object that grows, and in the end the answer', async () => {
  const client = await serving(answer(TEXT));
  const stream = client.chat.completions.stream(asked);
  assert.equal(stream.partial, undefined);
  const seen = [];
  let titles = 0;
  for await (const plan of stream.partials()) {
    seen.push(plan);
    if (typeof plan.title === 'string') titles += 1;
    assert.ok(PLAN.title.startsWith(plan.title ?? '') || plan.title.endsWith('\ud83e'), plan.title);
    assert.ok((plan.steps?.length ?? 0) <= PLAN.steps.length);
  }
  assert.ok(seen.length > 5, `${seen.length} values`);
  assert.ok(titles > 3);
  assert.equal(new Set(seen).size, 1);
  assert.equal(seen[0], stream.partial);
  assert.deepEqual(stream.partial, PLAN);
  assert.deepEqual((await stream.finalMessage()).parsed, PLAN);
});

test('the object so far is up to date in the listeners of each chunk', async () => {
  const client = await serving(answer(TEXT, 3));
  const stream = client.chat.completions.stream(asked);
  stream.on('content.delta', ({ parsed }) => {
    // Numbers and words may still go on where the event has them already.
    // Like the official one, an event leaves out white space at the end of what there is.
    if (typeof parsed.title === 'string') assert.equal(stream.partial.title.trimEnd(), parsed.title.trimEnd());
    assert.deepEqual(Object.keys(stream.partial), Object.keys(parsed));
  });
  await stream.done();
});

test('who reads slowly gets the object as it is by then', async () => {
  const client = await serving(answer(TEXT));
  const seen = [];
  for await (const plan of client.chat.completions.stream(asked).partials()) {
    seen.push(JSON.stringify(plan));
    await sleep(20);
  }
  assert.ok(seen.length < 10);
  assert.equal(seen.at(-1), TEXT);
});

test('the elements of an array come, whatever its place', async () => {
  const client = await serving(answer(TEXT, 1));
  const stream = client.chat.completions.stream(asked);
  const log = [];
  const reads = async (path) => {
    for await (const item of stream.items(path)) log.push([path, item]);
  };
  await Promise.all([reads('steps'), reads('/steps'), reads('more.list'), reads('/more/list/1/deep'), reads('title'), reads('nothing')]);
  const of = (path) => log.filter(([of]) => of === path).map(([, item]) => item);
  assert.deepEqual(of('steps'), PLAN.steps);
  assert.deepEqual(of('/steps'), PLAN.steps);
  assert.deepEqual(of('more.list'), PLAN.more.list);
  assert.deepEqual(of('/more/list/1/deep'), [1, 2]);
  assert.deepEqual([of('title'), of('nothing')], [[], []]);
});

test('an element comes as soon as it is whole, and the object with what there is', async () => {
  const client = await serving(hanging(...pieces('{"title":"a","steps":[{"n":1},{"n":2},{"n"')));
  const stream = client.chat.completions.stream(asked);
  const items = stream.items('steps');
  const found = [(await items.next()).value, (await items.next()).value];
  assert.deepEqual(found, PLAN_STEPS);
  while (stream.partial?.steps?.length !== 3) await stream.emitted('content');
  assert.deepEqual(stream.partial, { title: 'a', steps: [...PLAN_STEPS, {}] });
  stream.abort();
  await assert.rejects(items.next(), /aborted/);
  await assert.rejects(stream.done(), /aborted/);
});

test('elements that came before somebody asked come, too', async () => {
  const client = await serving(answer(TEXT));
  const stream = client.chat.completions.stream(asked);
  const late = await new Promise((resolve) => {
    stream.on('content', (_, text) => text.length > 60 && resolve(collect(stream.items('steps'))));
  });
  assert.deepEqual(late, PLAN.steps);
  assert.deepEqual(await collect(stream.partials()), [PLAN]);
});

test('what is no JSON ends the elements, and the stream says why', async () => {
  const client = await serving(answer('{"steps":[1,2,x,4]}', 1));
  const stream = client.chat.completions.stream(asked);
  const seen = [];
  await assert.rejects(async () => {
    for await (const item of stream.items('steps')) seen.push(item);
  }, /invalid structured output JSON/);
  assert.deepEqual(seen, [1, 2]);
});

test('an abort and a broken connection end them with their error', async () => {
  const client = await serving(hanging(...pieces('{"steps":[1,2')));
  for (const read of [(stream) => stream.partials(), (stream) => stream.items('steps')]) {
    const stream = client.chat.completions.stream(asked);
    stream.on('content', (_, text) => text.endsWith('2') && stream.abort());
    await assert.rejects(collect(read(stream)), /aborted/);
  }
});

test('leaving them early leaves the stream alone', async () => {
  const client = await serving(answer(TEXT));
  const stream = client.chat.completions.stream(asked);
  for await (const _ of stream.partials()) break;
  for await (const _ of stream.items('steps')) break;
  assert.deepEqual((await stream.finalMessage()).parsed, PLAN);
});

test('another attempt begins them anew', async () => {
  const schema = { type: 'object', properties: { steps: { type: 'array', items: { type: 'integer' } } }, required: ['steps'] };
  const client = await serving(answer('{"steps":[1,"'), answer('{"steps":[3,4]}'));
  const format = { type: 'json_schema', json_schema: { name: 'x', schema } };
  const stream = client.chat.completions.stream({ ...ASK, response_format: format }, { onInvalid: 'retry' });
  const [items, partials] = await Promise.all([collect(stream.items('steps')), collect(stream.partials())]);
  assert.deepEqual(items, [1, 3, 4]);
  assert.deepEqual(partials.at(-1), { steps: [3, 4] });
});

test('a streamed run of tools has them, too', async () => {
  const client = await serving(answer('{"steps":[1]}'));
  const w = tool('w', () => 'W');
  const runner = client.chat.completions.runTools({ ...asked, stream: true, tools: [w] });
  assert.deepEqual(await collect(runner.items('steps')), [1]);
});
