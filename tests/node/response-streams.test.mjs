// The helpers of the Responses API beside the official package: events, snapshots, parsed objects, failures, requests.
//
// The official package runs in the node program that `TAILRACE_OFFICIAL_NODE` names, from the folder
// `TAILRACE_OFFICIAL_NODE_MODULES`.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { accumulateResponse } from '../../node/dist/esm/lib/responses/ResponseAccumulator.js';
import { CASES, CREATED } from './response-event-cases.mjs';
import { DIST, ROOT } from './support.mjs';

const { TAILRACE_OFFICIAL_NODE: officialNode, TAILRACE_OFFICIAL_NODE_MODULES: officialModules } = process.env;
const skip =
  !(officialNode && officialModules) &&
  'the official package is not named: set TAILRACE_OFFICIAL_NODE and TAILRACE_OFFICIAL_NODE_MODULES';

const OURS = [process.execPath, join(DIST, 'esm'), '.js'];
const OFFICIAL = [officialNode, join(officialModules ?? '', 'openai'), '.mjs'];

async function outcomes(program, [node, folder, extension]) {
  const options = { timeout: 100_000, maxBuffer: 1 << 28 };
  const { stdout } = await promisify(execFile)(node, [join(ROOT, 'tests/node', program), folder, extension], options);
  return JSON.parse(stdout);
}

/** What differs on purpose, by scenario: what to look at instead. */
const DIFFERENT = {
  // The official package wraps what `fetch` throws into an error without a class of its own.
  'a connection that breaks': ({ failed, log, flags }) => ({ message: failed.message, events: log.slice(0, -2), flags }),
};

test('streams equal those of the official package', { skip }, async (t) => {
  const [ours, official] = await Promise.all([OURS, OFFICIAL].map((subject) => outcomes('response-stream-subject.mjs', subject)));
  assert.deepEqual(Object.keys(ours), Object.keys(official));
  for (const name of Object.keys(official)) {
    await t.test(name, () => {
      const seen = DIFFERENT[name] ?? ((outcome) => outcome);
      assert.equal(official[name].late, undefined, 'the official package did not come to an end');
      assert.deepEqual(seen(ours[name]), seen(official[name]));
    });
  }
});

test('a broken connection is a connection error', async () => {
  const ours = await outcomes('response-stream-subject.mjs', OURS);
  assert.equal(ours['a connection that breaks'].failed.class, 'APIConnectionError');
});

test('snapshots equal those of the official package', { skip }, async () => {
  const [ours, official] = await Promise.all([OURS, OFFICIAL].map((subject) => outcomes('response-snapshot-subject.mjs', subject)));
  assert.equal(Object.keys(official).length, Object.keys(CASES).length);
  for (const name of Object.keys(official)) assert.deepEqual(ours[name], official[name], name);
});

test('a snapshot takes time for the delta, not for the text so far', () => {
  const cost = (deltas) => {
    const part = { type: 'output_text', text: '', annotations: [] };
    const place = { output_index: 0, content_index: 0, item_id: 'm' };
    let snapshot = accumulateResponse(CREATED);
    const item = { type: 'message', id: 'm', role: 'assistant', content: [] };
    snapshot = accumulateResponse({ type: 'response.output_item.added', output_index: 0, item }, snapshot);
    snapshot = accumulateResponse({ type: 'response.content_part.added', ...place, part }, snapshot);
    const event = { type: 'response.output_text.delta', ...place, delta: 'abcd' };
    const start = process.cpuUsage();
    for (let count = 0; count < deltas; count++) snapshot = accumulateResponse(event, snapshot);
    const { user, system } = process.cpuUsage(start);
    assert.equal(snapshot.output_text.length, 4 * deltas);
    return (user + system) / deltas;
  };
  cost(10_000);
  // A quadratic one would take ten times as long for each; the allowance is for collecting garbage.
  assert.ok(cost(250_000) < 5 * cost(25_000));
});
