// Recorded traffic of the real API: the same objects as the official package, key order included.
//
// The recordings are looked for in the folder that `TAILRACE_RECORDINGS` names, else beside the checkout. The official
// package runs in the node program that `TAILRACE_OFFICIAL_NODE` names, from the folder `TAILRACE_OFFICIAL_NODE_MODULES`.

import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { ENTRY, mockServer, ROOT, runNode } from './support.mjs';

const FOLDER = process.env.TAILRACE_RECORDINGS ?? resolve(ROOT, '../shared/recordings');
const { TAILRACE_OFFICIAL_NODE: officialNode, TAILRACE_OFFICIAL_NODE_MODULES: officialModules } = process.env;
const OPERATIONS = {
  '/v1/chat/completions': 'chat.completions',
  '/v1/embeddings': 'embeddings',
  '/v1/responses': 'responses',
};

/** Makes one call for each job and prints what it gave. Runs in a process of its own, on either package. */
const SUBJECT = `
const [entry, jobs] = process.argv.slice(1);
const { default: OpenAI } = await import(entry);
const outcomes = [];
for (const { operation, path, body, baseURL } of JSON.parse(jobs)) {
  const client = new OpenAI({ apiKey: 'key', baseURL, maxRetries: 0, logLevel: 'off' });
  const outcome = { items: [] };
  try {
    const target = operation?.split('.').reduce((resource, name) => resource[name], client);
    const result = await (target ? target.create(body) : client.post(path, { body }));
    outcome.requestId = result._request_id;
    if (body.stream) for await (const item of result) outcome.items.push(item);
    else outcome.items.push(result);
  } catch (error) {
    const { name, message, status, code, param, type, requestID } = error;
    outcome.error = { class: error.constructor.name, name, message, status, code, param, type, requestID, error: error.error };
  }
  outcomes.push(JSON.stringify(outcome));
}
process.stdout.write(JSON.stringify(outcomes), () => process.exit());
`;

const names = existsSync(FOLDER)
  ? readdirSync(FOLDER)
      .filter((name) => name.endsWith('.json'))
      .sort()
  : [];
const noRecordings = names.length === 0 && `there are no recordings in ${FOLDER}; set TAILRACE_RECORDINGS`;
const noOfficial =
  !(officialNode && officialModules) &&
  'the official package is not named: set TAILRACE_OFFICIAL_NODE and TAILRACE_OFFICIAL_NODE_MODULES';

test('recordings', { skip: noRecordings }, async (t) => {
  const server = mockServer();
  const recordings = names.map((name) => JSON.parse(readFileSync(join(FOLDER, name), 'utf8')));
  // An odd size, so that chunks end inside characters, lines and events.
  const exchange = ({ response }) => ({
    status: response.status,
    headers: { 'content-type': response.content_type, 'x-request-id': 'req_1' },
    text: response.body,
    framing: 'chunked',
    split: 97,
    repeat: true,
  });
  const jobs = recordings.map((recording) => ({
    operation: OPERATIONS[recording.request.path],
    path: recording.request.path.replace('/v1', ''),
    body: recording.request.body,
    baseURL: server.script({ exchanges: [exchange(recording)] }),
  }));
  const run = async (node, entry) =>
    JSON.parse((await runNode(SUBJECT, { node, args: [entry, JSON.stringify(jobs)] })).stdout);
  const ours = await run(process.execPath, ENTRY);
  const official = noOfficial
    ? undefined
    : await run(officialNode, pathToFileURL(join(officialModules, 'openai', 'index.mjs')).href);

  for (const [index, name] of names.entries()) {
    const { items, error } = JSON.parse(ours[index]);
    await t.test(`${name} gives every event`, () => {
      const { response, request } = recordings[index];
      if (response.status !== 200) {
        assert.equal(error.status, response.status);
        return;
      }
      assert.equal(error, undefined);
      const lines = response.body.split(/\r?\n/).filter((line) => line.startsWith('data: ') && line !== 'data: [DONE]');
      const expected = request.body.stream
        ? lines.map((line) => JSON.parse(line.slice(6)))
        : [JSON.parse(response.body)];
      if (items[0]?.object === 'response') delete items[0].output_text;
      assert.deepEqual(items, expected);
    });
    await t.test(`${name} equals the official package`, { skip: noOfficial }, () => {
      assert.equal(ours[index], official[index]);
    });
  }
});
