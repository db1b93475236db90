// Runs a program with our package and with the official one, and compares what the two print.
//
// The official package runs in the node program that `TAILRACE_OFFICIAL_NODE` names, from the folder
// `TAILRACE_OFFICIAL_NODE_MODULES`.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DIST, ROOT } from './support.mjs';

const { TAILRACE_OFFICIAL_NODE: officialNode, TAILRACE_OFFICIAL_NODE_MODULES: officialModules } = process.env;

/** Why the official package cannot be run, or `false`. */
export const skip =
  !(officialNode && officialModules) &&
  'the official package is not named: set TAILRACE_OFFICIAL_NODE and TAILRACE_OFFICIAL_NODE_MODULES';

async function outcomes(program, node, folder, extension) {
  // What a helper loads of zod is found as a package beside this one is.
  const options = { timeout: 120_000, maxBuffer: 1 << 28, env: { ...process.env, NODE_PATH: officialModules } };
  const { stdout } = await promisify(execFile)(node, [join(ROOT, 'tests/node', program), folder, extension], options);
  return JSON.parse(stdout);
}

/** Compares every scenario of a program, each in a test of its own below `t`. */
export async function sameAsOfficial(t, program) {
  const [ours, official] = await Promise.all([
    outcomes(program, process.execPath, join(DIST, 'esm'), '.js'),
    outcomes(program, officialNode, join(officialModules, 'openai'), '.mjs'),
  ]);
  assert.deepEqual(Object.keys(ours), Object.keys(official));
  for (const name of Object.keys(official)) {
    await t.test(name, () => {
      assert.equal(official[name].late, undefined, 'the official package did not come to an end');
      assert.deepEqual(ours[name], official[name]);
    });
  }
}
