// Sockets of Node that nobody keeps, handshakes that are given up, and what is left of both: beside the official package.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import { createServer } from 'node:net';
import { skip } from './beside-official.mjs';
import { cleanUp } from './parts.mjs';
import { DIST, eventually, mockServer, ROOT } from './support.mjs';

const { TAILRACE_OFFICIAL_NODE: officialNode, TAILRACE_OFFICIAL_NODE_MODULES: officialModules } = process.env;
const HI = { json: { type: 'hi' } };
const LATER = { json: { type: 'later' } };
const BYE = { close: { code: 1000, reason: 'bye' } };
const pause = { delay_ms: 300 };
const many = Array.from({ length: 200 }, (_, number) => ({ json: { type: 'later', number } }));

/** What the server does; `null` never answers the handshake. */
const SCRIPTS = {
  'dropped while idle': [HI, pause, LATER, BYE],
  'dropped before it opens': [pause, HI, BYE],
  'dropped with nobody listening': [pause, HI, BYE],
  'dropped while events wait': [HI, ...many, BYE],
  'dropped while it is iterated': [HI, pause, LATER, BYE],
  'dropped while messages wait': [HI, { expect: 100 }],
  'dropped after it is closed': [HI],
  'no longer iterated': [HI, LATER],
  'closed by the server': [HI, BYE],
  refused: 401,
  'given up before it opens': null,
  'terminated before it opens': null,
  'a handshake that takes too long': null,
  'a handshake that is given up late': null,
  'a signal': null,
  'a signal that was aborted': null,
  'a signal once it is open': [HI],
  'a worker that ends while it connects': null,
  'no descriptor stays': [HI, BYE],
};

describe('WebSockets that are left', { skip, concurrency: 2 }, () => {
  const server = mockServer();

  /** A server that takes connections and says nothing; gives the sockets that are open. */
  async function silent() {
    const sockets = new Set();
    const listener = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => {}).on('close', () => sockets.delete(socket)).resume();
    });
    await new Promise((resolve) => listener.listen(0, '127.0.0.1', resolve));
    cleanUp(() => listener.close());
    return { sockets, base: `http://127.0.0.1:${listener.address().port}/v1` };
  }

  function place(steps) {
    const exchange = typeof steps === 'number' ? { status: steps, json: { error: { message: 'no' } } } : { websocket: steps };
    return server.script({ exchanges: [{ ...exchange, repeat: true }] });
  }

  /** Runs a scenario, which has to end by itself. */
  async function told(node, folder, extension, name, base) {
    const given = ['--expose-gc', join(ROOT, 'tests/node/websocket-garbage-subject.mjs'), folder, extension, name, base];
    const { stdout } = await promisify(execFile)(node, given, { timeout: 120_000, maxBuffer: 1 << 28 });
    return JSON.parse(stdout);
  }

  for (const [name, steps] of Object.entries(SCRIPTS)) {
    it(name, async () => {
      const outcomes = [];
      for (const [node, folder, extension] of [
        [officialNode, join(officialModules, 'openai'), '.mjs'],
        [process.execPath, join(DIST, 'esm'), '.js'],
      ]) {
        if (steps === null) {
          const { sockets, base } = await silent();
          outcomes.push(await told(node, folder, extension, name, base));
          await eventually(() => sockets.size === 0);
          continue;
        }
        const base = place(steps);
        outcomes.push(await told(node, folder, extension, name, base));
        const said = server.requests(base).flatMap(({ messages }) => messages ?? []);
        outcomes.at(-1).push(['items', said.filter(({ text }) => text?.startsWith('{"type":"item"')).length]);
        await eventually(() => server.connections(base).every(({ closed_by: by }) => by));
      }
      assert.deepEqual(outcomes[1], outcomes[0]);
    });
  }
});
