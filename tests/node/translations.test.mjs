// Translation sessions over TLS to the mock server, beside the official package.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { skip } from './beside-official.mjs';
import { Authority, folder, lacking, secured } from './parts.mjs';
import { DIST, mockServer, ROOT } from './support.mjs';

const { TAILRACE_OFFICIAL_NODE: officialNode, TAILRACE_OFFICIAL_NODE_MODULES: officialModules } = process.env;
const run = promisify(execFile);

const SESSION = { id: 's', type: 'translation', expires_at: 1, model: 'm', audio: {} };
const event = (type, fields) => ({ json: { type, event_id: 'e', ...fields } });
const CREATED = event('session.created', { session: SESSION });
const CLOSED = event('session.closed');
const serve = (...steps) => [{ websocket: [CREATED, ...steps] }];
const ended = serve({ expect: 1 }, { close: { code: 1000 } });

/** What the server does in each scenario of translations-subject.mjs. */
const SCRIPTS = {
  'every kind of event': serve(
    { expect: 1 },
    ...['id', 'type', 'expires_at', 'model', 'audio'].map((name) => event('session.created', { session: { ...SESSION, [name]: undefined } })),
    event('session.created', { event_id: 5, session: SESSION }),
    event('session.output_audio.delta', { delta: 'd' }),
    event('session.output_audio.delta', { delta: 'd', channels: 'x' }),
    event('session.output_audio.delta', {}),
    event('session.output_transcript.delta', { delta: 'd', elapsed_ms: null }),
    event('session.output_transcript.delta', { delta: 'd', elapsed_ms: 'x' }),
    event('other', {}),
    event('event', {}),
    { json: { type: 'session.closed' } },
    { text: '{bad' },
    { text: '5' },
    { text: 'null' },
    { text: '{"type":5}' },
    { binary: 'eyJ0eXBlIjoiYiJ9' },
    event('error', { error: { message: 'M', code: 'c' } }),
    { close: { code: 4001, reason: 'why' } },
  ),
  'errors nobody listens to': serve({ text: '{bad' }, { close: { code: 4001, reason: 'why' } }),
  'wrong sending': serve(),
  'sending early': serve(),
  'ending early': serve(),
  'closing early': serve(),
  finishing: serve({ expect: 2 }, event('session.output_audio.delta', { delta: 'x' }), CLOSED, event('other', {})),
  'a deadline that passes': serve(),
  'a server that does not close': serve({ expect: 1 }, CLOSED, 'mute'),
  'wrong deadlines': serve(),
  'an abort': serve(),
  'a signal that was aborted': serve(),
  'a server that breaks': serve({ expect: 1 }, 'cut'),
  'an error on the way': serve({ expect: 1 }, event('error', { error: { message: 'x' } }), CLOSED),
  'a known error on the way': serve({ expect: 1 }, event('error', { error: { type: 't', message: 'x', code: null } }), CLOSED),
  'a known error nobody listens to': serve({ expect: 1 }, event('error', { error: { type: 't', message: 'x' } }), CLOSED),
  'a session that ends by itself': serve(CLOSED),
  'ending the session': serve({ expect: 1 }, CLOSED),
  'ending by an event': serve({ expect: 1 }, CLOSED),
  'a refusal': [{ status: 401, json: { error: { message: 'x' } } }],
  'a redirect': [{ status: 302, headers: { location: '/elsewhere' } }],
  headers: serve({ close: { code: 1000 } }),
  'a key by a function': serve({ close: { code: 1000 } }),
  'a key that fails': ended,
  'no key': ended,
  'no model': ended,
  azure: ended,
  'sending after the end': serve({ close: { code: 1011, reason: 'why' } }),
  'no TLS': ended,
};

describe('translation sessions', { skip: lacking('openssl') || skip }, () => {
  const server = mockServer();
  let file, port;
  before(async () => {
    const ca = new Authority();
    file = join(folder(), 'ca.pem');
    writeFileSync(file, ca.pem);
    port = await secured(ca, server.url);
  });

  async function outcomes(node, place, extension) {
    const all = Object.entries(SCRIPTS).map(([name, exchanges]) => [name, server.script({ exchanges })]);
    const places = Object.fromEntries(all.map(([name, base]) => [name, `https://127.0.0.1:${port}${new URL(base).pathname}`]));
    const given = [join(ROOT, 'tests/node/translations-subject.mjs'), place, extension, JSON.stringify(places)];
    const options = { timeout: 280_000, maxBuffer: 1 << 28, env: { ...process.env, NODE_EXTRA_CA_CERTS: file } };
    const { stdout } = await run(node, given, options);
    return { told: JSON.parse(stdout), said: Object.fromEntries(all.map(([name, base]) => [name, server.requests(base).map(asked)])) };
  }
  const asked = ({ path, query, headers, messages }) => {
    const own = /^(accept|accept-encoding|connection|host|upgrade|sec-websocket-key|sec-websocket-version)$/;
    const named = headers.map(([name, value]) => [name.toLowerCase(), value]).filter(([name]) => !own.test(name));
    const texts = messages.map(({ text }) => text).filter((text) => text !== undefined);
    return { path, query, named: Object.fromEntries(named), texts };
  };

  it('tell, send and end as those of the official package do', async (t) => {
    const official = await outcomes(officialNode, join(officialModules, 'openai'), '.mjs');
    const ours = await outcomes(process.execPath, join(DIST, 'esm'), '.js');
    assert.deepEqual(Object.keys(ours.told), Object.keys(official.told));
    for (const name of Object.keys(official.told)) {
      await t.test(name, () => {
        assert.equal(official.told[name].late, undefined, 'the official package did not come to an end');
        assert.deepEqual(ours.told[name], official.told[name]);
        // What is given up may be gone before the server hears of it.
        if (!/early|abort/.test(name)) assert.deepEqual(ours.said[name], official.said[name]);
      });
    }
  });
});
