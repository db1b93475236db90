// Sound of events as bytes and samples on request, beside the base64 that it comes as.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { Authority, lacking, secured } from './parts.mjs';
import { DIST, mockServer, OpenAI } from './support.mjs';

const { OpenAIRealtimeWS } = await import(join(DIST, 'esm/realtime/ws.js'));
const { OpenAIRealtimeWebSocket } = await import(join(DIST, 'esm/realtime/websocket.js'));
const { LiveWS } = await import(join(DIST, 'esm/resources/live/ws.js'));
const EVENT = { type: 'response.output_audio.delta', event_id: 'e', item_id: 'i' };
const SOUND = randomBytes(3000);
const END = { close: { code: 1000 } };

describe('sound over WebSockets', { skip: lacking('openssl') }, () => {
  const server = mockServer();
  let ca, port;
  before(async () => {
    ca = new Authority();
    // Realtime connections go to secure addresses only.
    port = await secured(ca, server.url);
  });

  const client = (steps) => {
    const plain = server.script({ exchanges: [{ websocket: steps }] });
    const baseURL = `https://127.0.0.1:${port}${new URL(plain).pathname}`;
    return new OpenAI({ apiKey: 'key', baseURL, transport: { ca: ca.pem } });
  };
  const classes = {
    OpenAIRealtimeWS: (steps, audio) => new OpenAIRealtimeWS({ model: 'm', audio }, client(steps)),
    OpenAIRealtimeWebSocket: (steps, audio) => new OpenAIRealtimeWebSocket({ model: 'm', audio }, client(steps)),
    LiveWS: (steps, audio) => new LiveWS(client(steps), { audio }),
  };

  /** The events of a connection until it is closed. */
  const told = (connection) =>
    new Promise((resolve, reject) => {
      const events = [];
      connection.on('event', (event) => events.push(event));
      connection.on('error', reject);
      if (connection instanceof LiveWS) connection.on('close', () => resolve(events));
      else connection.socket.addEventListener('close', () => resolve(events));
    });

  for (const [name, open] of Object.entries(classes)) {
    const event = name === 'LiveWS' ? { ...EVENT, type: 'session.output_audio.delta' } : EVENT;
    const encoded = SOUND.toString('base64');
    const escaped = encoded.replaceAll('/', '\\/');
    const steps = [
      { json: { ...event, delta: encoded } },
      { json: { type: 'response.output_text.delta', delta: 'AAEC' } },
      { text: `{\r\n"delta" : "${escaped}", "new": [{"a": "}"}, null], "type":"${event.type}"}` },
      { json: { ...event, delta: '' } },
      { json: { ...event, delta: 'AAEC' } },
      { json: { ...event, delta: 'A*==' } },
      END,
    ];

    it(`${name} gives bytes`, async () => {
      const events = await told(open(steps, 'bytes'));
      assert.equal(events.length, 6);
      assert.deepEqual(events[0], { ...event, delta: SOUND });
      assert.ok(Buffer.isBuffer(events[0].delta));
      assert.deepEqual(events[1], { type: 'response.output_text.delta', delta: 'AAEC' });
      assert.deepEqual(events[2], { delta: SOUND, new: [{ a: '}' }, null], type: event.type });
      assert.deepEqual(
        events.slice(3).map(({ delta }) => delta),
        [Buffer.alloc(0), Buffer.from([0, 1, 2]), 'A*=='],
      );
    });

    it(`${name} gives samples`, async () => {
      const events = await told(open(steps, 'int16'));
      for (const at of [0, 2, 3]) assert.ok(events[at].delta instanceof Int16Array, String(at));
      const bytes = ({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength);
      assert.ok(SOUND.equals(bytes(events[0].delta)) && SOUND.equals(bytes(events[2].delta)));
      assert.equal(events[0].delta[1], SOUND.readInt16LE(2));
      // No whole number of samples, and no base64.
      assert.deepEqual([events[3].delta.length, events[4].delta, events[5].delta], [0, 'AAEC', 'A*==']);
    });

    it(`${name} gives text otherwise`, async () => {
      const events = await told(open(steps));
      assert.deepEqual(
        events.map(({ delta }) => delta),
        [encoded, 'AAEC', encoded, '', 'AAEC', 'A*=='],
      );
    });
  }

  it('comes in order when there is much of it', async () => {
    const count = 500;
    const steps = Array.from({ length: count }, (_, place) => ({
      json: { ...EVENT, delta: Buffer.alloc(4000, place % 256).toString('base64') },
    }));
    const events = await told(classes.OpenAIRealtimeWS([...steps, END], 'bytes'));
    assert.equal(events.length, count);
    for (const [place, { delta }] of events.entries()) {
      assert.ok(delta.length === 4000 && delta[0] === place % 256 && delta[3999] === place % 256, String(place));
    }
  });

  it('refuses what it cannot be', () => {
    for (const open of Object.values(classes)) assert.throws(() => open([END], 'wav'), /'bytes' or 'int16'/);
  });
});
