// Groupers of Live transcripts: beside the official ones, over a real clock, and on a connection.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';
import { sameAsOfficial, skip } from './beside-official.mjs';
import { clientOf, mockServer, ROOT, runNode } from './support.mjs';

const ours = createRequire(join(ROOT, 'package.json'));
const server = mockServer();

const { TranscriptGrouper } = ours('tailrace/helpers/live');

test('transcripts are grouped as by the official package', { skip }, (t) => sameAsOfficial(t, 'transcripts-subject.mjs'));

function delta(direction, text, start) {
  const type = `session.${direction}_transcript.delta`;
  return { type, event_id: text, delta: text, start_ms: start, end_ms: start + 200 };
}

test('a segment closes by the clock', async () => {
  const grouper = new TranscriptGrouper({ assistantSilenceMs: 60 });
  const closed = new Promise((resolve) => grouper.on('segment.closed', resolve));
  // The timer of a grouper keeps no program alive, so that something else has to.
  const alive = setInterval(() => {}, 1000);
  grouper.push(delta('output', 'Hello', 0));
  assert.equal((await closed).reason, 'inactivity');
  clearInterval(alive);
});

test('a timer keeps no program alive', async () => {
  const { stdout } = await runNode(`
    import { TranscriptGrouper } from './node/dist/esm/helpers/live.js';
    const grouper = new TranscriptGrouper({ assistantSilenceMs: 600_000 });
    grouper.push(${JSON.stringify(delta('output', 'Hello', 0))});
    grouper.push(${JSON.stringify(delta('output', ' there', 200))});
    process.on('exit', () => console.log('ended'));
  `);
  assert.equal(stdout.trim(), 'ended');
});

test('errors name the limit and the part', () => {
  assert.throws(() => new TranscriptGrouper({ assistantSilenceMs: -1 }), {
    name: 'Error',
    message: '`assistantSilenceMs` must be a finite number of milliseconds from 0 to 2147483647.',
  });
  const grouper = new TranscriptGrouper();
  assert.throws(() => grouper.push({ ...delta('input', 'Hi', 0), end_ms: -1 }), /`event_id`.+2 \*\* 53\.$/);
  grouper.close();
  assert.throws(() => grouper.push(delta('input', 'Hi', 0)), /make one for each session\.$/);
});

test('the events of a connection are grouped', async () => {
  const events = [delta('output', 'One', 0), delta('output', ' two', 200), delta('input', 'Wait', 400)];
  const steps = [...events, delta('output', 'mhm', 600), delta('input', 'a bit', 800), events[0], { type: 'session.closed', event_id: 'end' }];
  const websocket = [...steps.map((json) => ({ json })), { close: { code: 1000 } }];
  const baseURL = server.script({ exchanges: [{ websocket, repeat: true }] });
  const { LiveWS } = ours('tailrace/resources/live/ws');
  const said = [];
  const connection = new LiveWS(clientOf(baseURL));
  const grouper = new TranscriptGrouper().on('segment.closed', (event) => said.push(event));
  const ended = new Promise((resolve) => connection.on('close', resolve));
  connection.on('event', (event) => grouper.push(event));
  await ended;
  assert.deepEqual(
    said.map(({ segment, reason }) => [segment.speaker, segment.text, reason]),
    [
      ['assistant', 'One two', 'speaker_change'],
      ['user', 'Wait a bit', 'session_closed'],
    ],
  );
});
