// Several responses over one socket of Responses, beside the official package, and what only ours has to keep.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import { skip } from './beside-official.mjs';
import { SCRIPTS } from './responses-sessions-scripts.mjs';
import { DIST, mockServer, OpenAI, ROOT, runNode } from './support.mjs';

const { TAILRACE_OFFICIAL_NODE: officialNode, TAILRACE_OFFICIAL_NODE_MODULES: officialModules } = process.env;
const { ResponsesWS } = await import(join(DIST, 'esm/resources/responses/ws.js'));
const { ResponsesWebSocketSession } = await import(join(DIST, 'esm/lib/responses/responses-websocket-session.js'));
const run = promisify(execFile);

const LIMITS = { maxLanes: 3, maxBufferedEvents: 8, maxBufferedBytes: 2000 };

describe('sessions of Responses sockets', () => {
  const server = mockServer();

  async function outcomes(node, place, extension) {
    // A scenario may open several connections, which then all get the last exchange.
    const place_ = (exchanges) => server.script({ exchanges: exchanges.length === 1 ? [{ ...exchanges[0], repeat: true }] : exchanges });
    const places = Object.fromEntries(Object.entries(SCRIPTS).map(([name, exchanges]) => [name, place_(exchanges)]));
    const given = [join(ROOT, 'tests/node/responses-sessions-subject.mjs'), place, extension, JSON.stringify(places)];
    const { stdout } = await run(node, given, { timeout: 280_000, maxBuffer: 1 << 28 });
    const said = Object.entries(places).map(([name, base]) => [name, server.requests(base).map(({ messages }) => messages.flatMap(({ text }) => text ?? []))]);
    return { told: JSON.parse(stdout), said: Object.fromEntries(said) };
  }

  it('route, wait, collect, overflow and end as those of the official package do', { skip }, async (t) => {
    const official = await outcomes(officialNode, join(officialModules, 'openai'), '.mjs');
    const ours = await outcomes(process.execPath, join(DIST, 'esm'), '.js');
    assert.deepEqual(Object.keys(official.told).sort(), ['still', ...Object.keys(SCRIPTS)].sort());
    for (const name of Object.keys(official.told)) {
      await t.test(name, () => {
        assert.equal(official.told[name].late, undefined, 'the official package did not come to an end');
        assert.deepEqual(ours.told[name], official.told[name]);
        assert.deepEqual(ours.said[name], official.said[name]);
      });
    }
  });

  it('refuse a connection that resumes responses by itself', async () => {
    const base = server.script({ exchanges: [{ websocket: [] }] });
    const rt = new ResponsesWS(new OpenAI({ apiKey: 'k', baseURL: base }), { resume: true });
    rt.on('error', () => {});
    assert.throws(() => new ResponsesWebSocketSession(rt, LIMITS), /does not resume responses; leave the `resume` option out\./);
    rt.close();
  });

  it('end a lane that was made while there was no connection when another takes its name', async () => {
    const base = server.script({ exchanges: [{ websocket: [{ expect: 1 }, { close: { code: 1012 } }] }, { websocket: [] }] });
    const reconnect = { initialDelay: 1, onReconnecting: () => {} };
    const rt = new ResponsesWS(new OpenAI({ apiKey: 'k', baseURL: base }), { reconnect });
    const session = new ResponsesWebSocketSession(rt, LIMITS);
    const waiting = new Promise((resolve) => rt.once('reconnecting', () => resolve({ end: session.lane('a').receive() })));
    rt.send({ type: 'go' });
    const again = new Promise((resolve) => rt.once('reconnected', resolve));
    const { end } = await waiting;
    end.catch(() => {});
    await again;
    assert.equal(session.lane('a').ended, false);
    await assert.rejects(end, /must be restored explicitly/);
    rt.close();
  });

  it('keep neither themselves nor their lanes alive once they are closed', async () => {
    const base = server.script({ exchanges: [{ websocket: [{ expect: 1 }, { json: { type: 'hi', stream_id: 'a' } }, { json: { type: 'mark' } }] }] });
    const { stdout } = await runNode(
      `
      import { OpenAI } from ${JSON.stringify(join(DIST, 'esm/index.js'))};
      import { ResponsesWS } from ${JSON.stringify(join(DIST, 'esm/resources/responses/ws.js'))};
      import { ResponsesWebSocketSession } from ${JSON.stringify(join(DIST, 'esm/lib/responses/responses-websocket-session.js'))};
      const rt = new ResponsesWS(new OpenAI({ apiKey: 'k', baseURL: ${JSON.stringify(base)} }));
      const held = await (async () => {
        const session = new ResponsesWebSocketSession(rt, ${JSON.stringify(LIMITS)});
        const lane = session.lane('a');
        rt.send({ type: 'go' });
        await rt.emitted('mark');
        session.close();
        return [new WeakRef(session), new WeakRef(lane)];
      })();
      for (let turn = 0; turn < 100 && held.some((each) => each.deref()); turn++) {
        await new Promise((resolve) => setTimeout(resolve, 10));
        gc();
      }
      console.log(held.filter((each) => each.deref()).length, rt.socket.readyState);
      rt.close();`,
      { flags: ['--expose-gc'] },
    );
    assert.equal(stdout, '0 1\n');
  });
});
