// Faults of aimock, a server that nobody here wrote: what comes of a call is what comes of it with the official package.
//
// `TAILRACE_AIMOCK` names the folder of the npm package `@copilotkit/aimock`, and `TAILRACE_OFFICIAL_NODE_MODULES` where the
// official package is; `cargo xtask test` installs both.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { OpenAI, ROOT } from './support.mjs';

const folder = process.env.TAILRACE_AIMOCK;
const modules = process.env.TAILRACE_OFFICIAL_NODE_MODULES;
const isOldNode = Number(process.versions.node.split('.')[0]) < 22;
const skip =
  (!folder && 'TAILRACE_AIMOCK, the folder of the npm package @copilotkit/aimock, is not set') ||
  (!modules && 'TAILRACE_OFFICIAL_NODE_MODULES is not set') ||
  (isOldNode && 'the official package refuses this Node');

const chaos = (name) => ['whole', { [`x-aimock-chaos-${name}`]: '1' }];
const FAULTS = {
  none: ['whole', {}],
  tool: ['tool', {}],
  'cut after one chunk': ['cut after one chunk', {}],
  'cut after three chunks': ['cut after three chunks', {}],
  'cut in time': ['cut in time', {}],
  'an error': ['an error', {}],
  'no fixture': ['nobody knows this', {}],
  drop: chaos('drop'),
  malformed: chaos('malformed'),
  disconnect: chaos('disconnect'),
  ratelimit: chaos('ratelimit'),
};

/** Made anew for each answer. */
const RANDOM = ['id', 'item_id', 'call_id', 'created', 'created_at', 'completed_at', 'obfuscation'];
const fixed = (value) =>
  JSON.parse(JSON.stringify(value, (key, part) => (RANDOM.includes(key) ? 'any' : part)));

async function outcome(Client, baseURL, api, [message, headers], stream) {
  const client = new Client({ apiKey: 'k', baseURL, maxRetries: 0, logLevel: 'off' });
  const items = [];
  try {
    const reply =
      api === 'chat'
        ? await client.chat.completions.create(
            { model: 'm', messages: [{ role: 'user', content: message }], stream },
            { headers },
          )
        : await client.responses.create({ model: 'm', input: message, stream }, { headers });
    if (stream) for await (const item of reply) items.push(fixed(item));
    else items.push(fixed(reply));
    return { items };
  } catch (error) {
    return { items, error };
  }
}

test('what comes of each fault is the official outcome', { skip }, async (t) => {
  const { default: Official } = await import(pathToFileURL(join(modules, 'openai', 'index.mjs')).href);
  const process = spawn(globalThis.process.execPath, [join(ROOT, 'tests/aimock/server.mjs'), folder]);
  after(() => process.kill());
  const [line] = await once(process.stdout, 'data');
  const baseURL = `${JSON.parse(line).url}/v1`;
  for (const [name, fault] of Object.entries(FAULTS)) {
    for (const api of ['chat', 'responses']) {
      for (const stream of [true, false]) {
        await t.test(`${name}: ${api}, ${stream ? 'stream' : 'whole'}`, async () => {
          const ours = await outcome(OpenAI, baseURL, api, fault, stream);
          const theirs = await outcome(Official, baseURL, api, fault, stream);
          // How many arrive before a cut in time is a matter of time.
          const count = name === 'cut in time' ? Math.min(ours.items.length, theirs.items.length) : undefined;
          assert.deepEqual(ours.items.slice(0, count), theirs.items.slice(0, count));
          if (theirs.error === undefined) return assert.equal(ours.error, undefined);
          if (theirs.error.constructor === TypeError) {
            // Divergence `interrupted-stream-node`: the TypeError of fetch.
            assert.equal(ours.error?.constructor, OpenAI.APIConnectionError);
            return;
          }
          // What we throw may be more than what the official package throws.
          const classes = [];
          for (let at = ours.error; at; at = Object.getPrototypeOf(at)) classes.push(at.constructor.name);
          assert.ok(classes.includes(theirs.error.constructor.name), `${classes}, not ${theirs.error.constructor.name}`);
          for (const field of ['status', 'code', 'param', 'type', 'error']) {
            assert.deepEqual(ours.error[field], theirs.error[field], field);
          }
          // The platform says in its own words why a connection broke.
          if (ours.error instanceof OpenAI.APIConnectionError) return;
          assert.ok(ours.error.message.includes(theirs.error.message), ours.error.message);
        });
      }
    }
  }
});
