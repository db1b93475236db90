// Sockets of aimock, a server that nobody here wrote: what is told of them is what the official package tells.
//
// `TAILRACE_AIMOCK` names the folder of the npm package `@copilotkit/aimock`; `cargo xtask test` installs it.

import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { skip } from './beside-official.mjs';
import { Authority, cleanUp, folder, lacking, secured } from './parts.mjs';
import { DIST, ROOT } from './support.mjs';

const { TAILRACE_AIMOCK: aimock, TAILRACE_OFFICIAL_NODE: officialNode, TAILRACE_OFFICIAL_NODE_MODULES: officialModules } = process.env;
const isMissing = !aimock && 'TAILRACE_AIMOCK, the folder of the npm package @copilotkit/aimock, is not set';
const TEXT = 'Water falls, turns the wheel, and runs off down the tailrace – é🌊 – to the river.';

describe('sockets of aimock', { skip: isMissing || lacking('openssl') || skip }, () => {
  let file, base;
  before(async () => {
    const server = spawn(process.execPath, [join(ROOT, 'tests/aimock/server.mjs'), aimock]);
    cleanUp(() => server.kill());
    const [line] = await once(server.stdout, 'data');
    const ca = new Authority();
    file = join(folder(), 'ca.pem');
    writeFileSync(file, ca.pem);
    // The official package speaks to secure addresses only.
    base = `https://127.0.0.1:${await secured(ca, JSON.parse(line).url)}/v1`;
  });

  async function outcomes(node, place, extension) {
    const options = { timeout: 280_000, maxBuffer: 1 << 28, env: { ...process.env, NODE_EXTRA_CA_CERTS: file } };
    const { stdout } = await promisify(execFile)(node, [join(ROOT, 'tests/node/aimock-sockets-subject.mjs'), place, extension, base], options);
    return JSON.parse(stdout);
  }

  it('tell the same events in the same order', async (t) => {
    const official = await outcomes(officialNode, join(officialModules, 'openai'), '.mjs');
    const ours = await outcomes(process.execPath, join(DIST, 'esm'), '.js');
    assert.deepEqual(Object.keys(ours), Object.keys(official));
    assert.ok(Object.keys(ours).length > 50);
    for (const [name, outcome] of Object.entries(official)) {
      await t.test(name, () => {
        assert.equal(outcome.late, undefined, 'the official package did not come to an end');
        assert.deepEqual(ours[name], outcome);
        if (name.endsWith(': text')) assert.equal(ours[name].log.filter((event) => typeof event === 'string').join(''), TEXT);
        if (name.endsWith('a refusal')) assert.equal(ours[name].log.find(({ details }) => details != null).details.code, 'beta_api_shape_disabled');
      });
    }
  });
});
