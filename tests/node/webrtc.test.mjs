// WebRTC connections over a scripted platform, with offers that go to the mock server, beside the official package.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import { skip } from './beside-official.mjs';
import { closedByClient, DIST, mockServer, ROOT } from './support.mjs';

const { TAILRACE_OFFICIAL_NODE: officialNode, TAILRACE_OFFICIAL_NODE_MODULES: officialModules } = process.env;
const run = promisify(execFile);

const SILENT = 'an offer that the API does not answer';
/** What the API does with offers. */
const SCRIPTS = {
  'an offer to the API': { status: 201, headers: { 'content-type': 'application/sdp' }, text: 'v=0 of the API' },
  'a plain offer to the API': { status: 201, headers: { 'content-type': 'application/sdp' }, text: 'v=0 of the API' },
  'an offer that the API refuses': { status: 401, json: { error: { message: 'no such key', code: 'invalid_api_key' } } },
  'a live session of the API': { status: 200, json: { session: { id: 's' }, transport: { type: 'webrtc', sdp: 'v=0 of the API' } } },
  [SILENT]: { status: 201, text: 'v=0 of the API', fault: { kind: 'stall', at: 3 } },
};

describe('WebRTC', () => {
  const server = mockServer();

  async function outcomes(node, place, extension) {
    const places = Object.fromEntries(Object.entries(SCRIPTS).map(([name, exchange]) => [name, server.script({ exchanges: [exchange], own_port: true })]));
    const given = [join(ROOT, 'tests/node/webrtc-subject.mjs'), place, extension, JSON.stringify(places)];
    const { stdout } = await run(node, given, { timeout: 280_000, maxBuffer: 1 << 28 });
    const said = Object.entries(places).map(([name, base]) => [name, server.requests(base).map(asked)]);
    return { told: JSON.parse(stdout), said: Object.fromEntries(said), places };
  }
  /** A request without the boundary of its form. */
  const asked = ({ method, path, headers, body }) => {
    const { accept, 'content-type': type } = Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), value]));
    const boundary = /boundary=(.*)$/.exec(type)?.[1] ?? 'none';
    const whole = typeof body === 'string' ? body : JSON.stringify(body);
    return { method, path: path.replace(/^\/s\/\w+/, ''), accept, type: type.replace(boundary, ''), body: whole.replaceAll(boundary, '') };
  };

  it('connects, sends, tells and ends as the official package does', { skip }, async (t) => {
    const official = await outcomes(officialNode, join(officialModules, 'openai'), '.mjs');
    const ours = await outcomes(process.execPath, join(DIST, 'esm'), '.js');
    assert.deepEqual(Object.keys(ours.told), Object.keys(official.told));
    assert.ok(Object.keys(official.told).length > 70);
    for (const name of Object.keys(official.told)) {
      await t.test(name, () => {
        assert.equal(official.told[name].late, undefined, 'the official package did not come to an end');
        assert.deepEqual(ours.told[name], official.told[name]);
        if (name in SCRIPTS) {
          assert.equal(ours.said[name].length, 1);
          assert.deepEqual(ours.said[name], official.said[name]);
        }
      });
    }
    await closedByClient(server, ours.places[SILENT]);
  });
});
