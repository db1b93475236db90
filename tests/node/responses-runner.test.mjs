// The tool runner of the Responses API beside the official package: requests, calls, turns, reports and failures.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { ResponsesToolRunner } from '../../node/dist/esm/helpers/responses-tool-runner.js';
import { clientOf, DIST, ROOT } from './support.mjs';

const { TAILRACE_OFFICIAL_NODE: officialNode, TAILRACE_OFFICIAL_NODE_MODULES: officialModules } = process.env;
const skip =
  !(officialNode && officialModules) &&
  'the official package is not named: set TAILRACE_OFFICIAL_NODE and TAILRACE_OFFICIAL_NODE_MODULES';

async function outcomes(node, folder, extension) {
  const program = join(ROOT, 'tests/node/responses-runner-subject.mjs');
  const options = { timeout: 60_000, maxBuffer: 1 << 28 };
  return JSON.parse((await promisify(execFile)(node, [program, folder, extension], options)).stdout);
}

test('runs equal those of the official package', { skip }, async (t) => {
  const [ours, official] = await Promise.all([
    outcomes(process.execPath, join(DIST, 'esm'), '.js'),
    outcomes(officialNode, join(officialModules, 'openai'), '.mjs'),
  ]);
  assert.deepEqual(Object.keys(ours), Object.keys(official));
  for (const name of Object.keys(official)) {
    await t.test(name, () => {
      assert.equal(official[name].late, undefined, 'the official package did not come to an end');
      assert.deepEqual(ours[name], official[name]);
    });
  }
});

test('what the runner does not have yet is refused before anything is sent', async () => {
  const refused = { name: 'Error', message: /which this release of tailrace does not have/ };
  for (const part of ['browser', 'computer', 'earlyExecution']) {
    assert.throws(() => new ResponsesToolRunner({ [part]: {} }), refused);
  }
  for (const option of ['ledger', 'contextBudget', 'beforeEarlyCall', 'maxConcurrentCalls']) {
    const runner = new ResponsesToolRunner({ functions: [] });
    await assert.rejects(runner.run(clientOf('http://127.0.0.1:9'), { model: 'm' }, { [option]: {} }), refused);
  }
});
