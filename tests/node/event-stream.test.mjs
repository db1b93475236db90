// What all streams with events share, beside the official package: listeners, promises, iterators, and every end.

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { ASK, chunk, ending, events, hanging, inTurn, outcome, plain, record, unhandled } from './chat-script.mjs';
import { sideBySide } from './recorder.mjs';

const STOP = chunk({}, { finish_reason: 'stop' });
const FIRST = chunk({ role: 'assistant', content: 'do' });
const SAID = inTurn(events(FIRST, chunk({ content: 'ne' }), STOP));
const BROKEN = inTurn(events(FIRST, 'data: {"error":{"message":"srv"}}\n\n'));
const REFUSED = inTurn({ status: 400, body: { error: { message: 'bad' } } });
const HANGING = inTurn(hanging(FIRST));
const soon = (promise) => Promise.race([promise.then(plain, (error) => ['rejected', plain(error)]), sleep(80, 'pending')]);

/** All that an iterable gives, and what it throws. */
async function drained(iterable, each = () => {}) {
  const seen = [];
  try {
    for await (const item of iterable) {
      seen.push(plain(item));
      each();
    }
  } catch (error) {
    seen.push(['thrown', plain(error)]);
  }
  return seen;
}

sideBySide('listeners are added, removed and called once as told, in order', {
  answer: SAID,
  scenario: async ({ client }) => {
    const runner = client.chat.completions.stream(ASK);
    const log = [];
    const often = (delta) => log.push(['often', delta]);
    const once = (delta) => log.push(['once', delta]);
    const isSame = [runner.on('content', often), runner.on('content', often), runner.off('content', often), runner.once('content', once), runner.off('nothing', often)];
    runner.on('content', function leaves(delta) {
      log.push(['leaves', delta]);
      runner.off('content', leaves);
      runner.on('content', (later) => log.push(['later', later]));
    });
    await runner.done();
    return [log, isSame.map((each) => each === runner)];
  },
  check: ([log]) => assert.deepEqual(log, [['often', 'do'], ['once', 'do'], ['leaves', 'do'], ['often', 'ne'], ['later', 'ne']]),
});

sideBySide('a promise of an event gives its values', {
  answer: SAID,
  scenario: async ({ client }) => {
    const runner = client.chat.completions.stream(ASK);
    const names = ['connect', 'chunk', 'content', 'content.delta', 'message', 'end'];
    const values = await Promise.all(names.map(async (name) => plain(await runner.emitted(name))));
    return [values, await soon(runner.emitted('end'))];
  },
  check: ([values, late]) => {
    assert.deepEqual(values[2], ['do', 'do']);
    assert.equal(late, 'pending');
  },
});

sideBySide('an error rejects the promises of other events, an abort does not', {
  answer: inTurn({ status: 400, body: { error: { message: 'bad' } } }, hanging(FIRST)),
  scenario: async ({ client }) => {
    const results = [];
    for (const isAborted of [false, true]) {
      const runner = client.chat.completions.stream(ASK);
      if (isAborted) runner.on('content', () => runner.abort());
      const promises = ['connect', 'message', 'error', 'abort', 'end'].map((name) => runner.emitted(name));
      for (const promise of promises) promise.catch(() => {});
      while (!runner.ended) await sleep(5);
      results.push(await Promise.all(promises.map(soon)));
    }
    return results;
  },
  check: ([[, message]]) => assert.equal(message[0], 'rejected'),
});

sideBySide('an iterator over events gives each, and ends as the stream does', {
  answer: SAID,
  scenario: async ({ client }) => {
    const runner = client.chat.completions.stream(ASK);
    const all = await Promise.all([drained(runner.events('content')), drained(runner.events('end')), drained(runner), drained(runner.events('content'))]);
    return [all, await drained(runner), await drained(runner.events('content'))];
  },
  check: ([[content]]) => assert.deepEqual(content, [['do', 'do'], ['ne', 'done']]),
});

for (const [name, answer, prepare] of [
  ['an error', BROKEN, () => {}],
  ['an abort', HANGING, (runner) => runner.on('content', () => runner.abort())],
]) {
  sideBySide(`${name} ends iterators, or is what they give`, {
    answer,
    scenario: async ({ client }) => {
      const runner = client.chat.completions.stream(ASK);
      prepare(runner);
      const all = await Promise.all([drained(runner), drained(runner.events('content')), drained(runner.events('error')), drained(runner.events('abort'))]);
      return [all, await drained(runner), await drained(runner.events('chunk')), await drained(runner.events('error')), await drained(runner.events('abort'))];
    },
    check: ([[chunks]]) => assert.equal(chunks.at(-1)[0], 'thrown'),
  });
}

sideBySide('leaving an iterator over chunks aborts, leaving one over events does not', {
  answer: inTurn(hanging(FIRST), events(FIRST, STOP)),
  scenario: async ({ client }) => {
    const first = client.chat.completions.stream(ASK);
    const log = record(first, ['abort', 'error', 'end']);
    for await (const _ of first) break;
    const flags = [first.aborted, first.ended, first.controller.signal.aborted];
    const done = await outcome(first.done());
    const second = client.chat.completions.stream(ASK);
    for await (const _ of second.events('content')) break;
    return [log, flags, done, await ending(second)];
  },
  check: ([, , { error }, { done }]) => assert.deepEqual([error, done], ['APIUserAbortError', 'done']),
});

sideBySide('an iterator that nobody reads ends the stream before it fills the memory', {
  answer: inTurn(events(FIRST, ...Array.from({ length: 5000 }, () => chunk({ content: 'x' })), STOP)),
  scenario: async ({ client }) => {
    const runner = client.chat.completions.stream(ASK);
    const iterator = runner[Symbol.asyncIterator]();
    const done = await outcome(runner.done());
    let count = 0;
    try {
      while (!(await iterator.next()).done) count += 1;
    } catch (error) {
      return [count, done, plain(error), runner.controller.signal.aborted];
    }
    return 'nothing was thrown';
  },
  check: ([count, { message }]) => {
    assert.equal(count, 4096);
    assert.match(message, /consume events as they arrive/);
  },
});

for (const [name, answer, prepare, expected] of [
  ['an error that nobody looks at', REFUSED, () => {}, 1],
  ['an abort that nobody looks at', HANGING, (runner) => runner.on('content', () => runner.abort()), 1],
  ['an error beside a listener of aborts', REFUSED, (runner) => runner.on('abort', () => {}), 1],
  ['an error with a listener', REFUSED, (runner) => runner.on('error', () => {}), 0],
  ['an error with a promise', REFUSED, (runner) => runner.done().catch(() => {}), 0],
  ['an error with a promise of an event', REFUSED, (runner) => runner.emitted('end').catch(() => {}), 0],
  ['an error with a promise of a result', REFUSED, (runner) => runner.finalMessage().catch(() => {}), 0],
  ['an error in a listener of the end', SAID, (runner) => runner.on('end', () => { throw new Error('end'); }), 1],
  ['an error in a listener of errors', REFUSED, (runner) => runner.on('error', () => { throw new Error('error'); }), 1],
]) {
  sideBySide(`${name} is ${expected ? 'an' : 'no'} unhandled rejection`, {
    answer,
    scenario: async ({ client }) => {
      let runner;
      const seen = await unhandled(async () => {
        runner = client.chat.completions.stream(ASK);
        prepare(runner);
        while (!runner.ended) await sleep(5);
      });
      return [seen, runner.errored, runner.aborted];
    },
    check: ([seen]) => assert.equal(seen.length, expected),
  });
}

for (const event of ['connect', 'chunk', 'content', 'message', 'finalMessage']) {
  sideBySide(`an error in a listener of ${event} ends the stream`, {
    answer: SAID,
    scenario: async ({ client }) => {
      const runner = client.chat.completions.stream(ASK);
      const log = record(runner, ['connect', 'content', 'message', 'finalMessage', 'error', 'end']);
      runner.on(event, () => {
        throw new Error('listener');
      });
      return [log, await ending(runner)];
    },
    check: ([, { done }]) => assert.deepEqual([done.message, done.cause], ['listener', 'Error: listener']),
  });
}
