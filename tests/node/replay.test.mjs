// Sessions over WebSockets, from files, beside the official package: each event, each error, the end, what was said to it.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { before, describe, it } from 'node:test';
import { skip } from './beside-official.mjs';
import { Authority, folder, lacking, secured } from './parts.mjs';
import { SESSIONS } from './replay-sessions.mjs';
import { DIST, eventually, mockServer, ROOT } from './support.mjs';

const { TAILRACE_OFFICIAL_NODE: officialNode, TAILRACE_OFFICIAL_NODE_MODULES: officialModules } = process.env;
const place = join(ROOT, 'tests/sessions');
const read = (path) => JSON.parse(readFileSync(join(place, path), 'utf8'));
const WHOLE = { json: { type: 'input_audio_buffer.cleared', event_id: 'e' } };
const FRAMES = { ...read('frames/frames.json'), ...read('frames/no-utf-8.json') };
const FILES = readdirSync(place)
  .filter((name) => name.endsWith('.json'))
  .map((name) => [name, read(name)])
  .map(([name, { form, steps }]) => [name, form, steps]);

/** Now and then `ws` gives up a connection on which many pings come at once. */
function withoutPings(steps) {
  return steps
    .filter((step) => step.ping === undefined)
    .map((step) => (step.repeat ? { repeat: { ...step.repeat, steps: withoutPings(step.repeat.steps) } } : step))
    .map((step) => (step.fragments ? { fragments: { ...step.fragments, ping: false } } : step));
}
const FLOOD = 'flood of pings';
const FORMS = ['realtime', 'realtime, as in browsers', 'transcription', 'translations', 'responses', 'live'];

describe('sessions', { skip: lacking('openssl') || skip }, () => {
  const server = mockServer();
  let file, port;
  before(async () => {
    const ca = new Authority();
    file = join(folder(), 'ca.pem');
    writeFileSync(file, ca.pem);
    // The official package speaks to secure addresses only.
    port = await secured(ca, server.url);
  });

  /** What one package makes of sessions, by name, and what it said to the server. */
  async function outcomes(node, folder, extension, sessions) {
    const all = sessions.map(([name, form, steps, options]) => {
      // Browsers' sockets name a subprotocol, which the server has to choose.
      const headers = form.endsWith('browsers') ? { 'sec-websocket-protocol': 'realtime' } : {};
      const base = server.script({ exchanges: [{ headers, websocket: steps }] });
      return { name, base, given: [name, form, `https://127.0.0.1:${port}${new URL(base).pathname}`, options, types(steps)] };
    });
    const program = spawn(node, [join(ROOT, 'tests/node/replay-subject.mjs'), folder, extension], {
      env: { ...process.env, NODE_EXTRA_CA_CERTS: file },
      stdio: ['pipe', 'pipe', 'inherit'],
      timeout: 280_000,
    });
    program.stdin.end(JSON.stringify(all.map(({ given }) => given)));
    const told = JSON.parse(await text(program.stdout));
    assert.deepEqual(Object.keys(told), sessions.map(([name]) => name));
    for (const { name, base } of all) {
      await eventually(() => server.connections(base).every((connection) => connection.closed_by));
      told[name].said = server.requests(base).flatMap(({ messages }) => messages);
    }
    return told;
  }

  /** The names of the events among steps. */
  function types(steps) {
    const events = steps.flatMap((step) => step.repeat?.steps ?? [step]);
    return [...new Set(events.map(({ json }) => json?.type).filter((type) => typeof type === 'string'))];
  }

  /** An outcome without what DIVERGENCES.md says of the words in which sockets fail and of what they answer. */
  function common({ log, iterated, late, said }, form) {
    const error = (told) => (told?.cause == null || !isOfSocket(told) ? told : { ...told, message: 'a socket failed', cause: true });
    const entries = log.map(([name, ...values]) => (name === 'error' ? [name] : [name, ...values.map(error)]));
    const records = iterated.map((record) => ({ ...record, entries: record.entries?.map(([key, value]) => [key, error(value)]) }));
    // A package may answer the latest of many pings only.
    const answers = said.filter((message) => !('pong' in message));
    // A translation closes when its last event is told; the close frame behind that may have been answered by then.
    const kept = form === 'translations' ? answers.filter(({ close }) => close === undefined) : answers;
    const plain = kept.map((message) => (form.endsWith('browsers') && 'close' in message ? { close: message.close } : message));
    return { log: entries, iterated: records, late, said: plain };
  }
  const isOfSocket = ({ message, cause }) => cause.message === '' || cause.message === message || message === 'Translation WebSocket transport failed.';

  async function compared(t, sessions) {
    const official = await outcomes(officialNode, join(officialModules, 'openai'), '.mjs', sessions);
    const ours = await outcomes(process.execPath, join(DIST, 'esm'), '.js', sessions);
    for (const [name, form] of sessions) {
      await t.test(name, () => {
        const [found, expected] = [ours[name], official[name]].map((outcome) => common(outcome, form));
        // A message that a close frame cuts is lost, which a server is told here.
        if (/in a message: /.test(name)) found.said = expected.said;
        assert.deepEqual(found, expected);
        // A session that nobody read would be equal, too.
        assert.ok(official[name].log.length > 0, name);
      });
    }
  }

  it('from files are told as by the official package', async (t) => {
    const plain = FILES.map(([name, form, steps]) => [name, form, withoutPings(steps)]);
    const more = plain.filter(([, form]) => /realtime$/.test(form)).map(([name, form, steps]) => [`${name}, as in browsers`, `${form}, as in browsers`, steps]);
    await compared(t, [...plain, ...more]);
  });

  it('from files are told with pings between their events as without', async () => {
    const plain = FILES.map(([name, form, steps]) => [name, form, withoutPings(steps)]);
    const [expected, ours] = [await outcomes(process.execPath, join(DIST, 'esm'), '.js', plain), await outcomes(process.execPath, join(DIST, 'esm'), '.js', FILES)];
    for (const [name, { said, ...told }] of Object.entries(ours)) {
      assert.deepEqual(told, { log: expected[name].log, iterated: expected[name].iterated, late: expected[name].late }, name);
      assert.ok(expected[name].said.length <= said.length, name);
    }
    assert.ok(ours['realtime.json'].said.length > 1);
  });

  it('of unusual kinds are told as by the official package', async (t) => {
    const sessions = Object.entries(SESSIONS).flatMap(([name, steps]) => FORMS.map((form) => [`${name}: ${form}`, form, steps]));
    await compared(t, sessions);
  });

  it('of frames, allowed and forbidden, end as with the official package', async (t) => {
    const options = { maxPayload: 1000 };
    const { [FLOOD]: flood, ...others } = FRAMES;
    const sessions = Object.entries(others).flatMap(([name, steps]) => FORMS.map((form) => [`${name}: ${form}`, form, [WHOLE, ...steps], options]));
    await compared(t, [...sessions, [`${FLOOD}: as in browsers`, 'realtime, as in browsers', [WHOLE, ...flood], options]]);
  });

  it('with a flood of pings go on', async () => {
    const sessions = FORMS.map((form) => [form, form, [WHOLE, ...FRAMES[FLOOD]]]);
    const ours = await outcomes(process.execPath, join(DIST, 'esm'), '.js', sessions);
    for (const [name, { log }] of Object.entries(ours)) {
      assert.equal(log.filter(([what]) => what === 'told event').length, 2, name);
      assert.deepEqual(log.find(([what]) => what === 'close')[1], 1000, name);
    }
  });
});
