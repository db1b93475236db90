// Methods that make several calls, or none: polling, vector stores, webhooks, embeddings, agents.

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import { recorder, sideBySide, thrown } from './recorder.mjs';
import { OpenAI } from './support.mjs';

/** Answers in order; the last one again and again. */
const inOrder =
  (...answers) =>
  () =>
  ({ number }) =>
    answers[Math.min(number, answers.length) - 1];

const busy = { id: 'i', status: 'in_progress', thread_id: 'T' };
const done = { id: 'i', status: 'completed', thread_id: 'T' };
const quickly = { pollIntervalMs: 5, headers: { 'X-Q': '1' } };
const file = (name = 'a.txt') => new File(['x'], name);

const POLLING = {
  'vectorStores.files.poll': (c) => c.vectorStores.files.poll('vs', 'f', quickly),
  'vectorStores.files.createAndPoll': (c) => c.vectorStores.files.createAndPoll('vs', { file_id: 'f' }, quickly),
  'vectorStores.files.upload': (c) => c.vectorStores.files.upload('vs', file(), { headers: { 'X-Q': '1' } }),
  'vectorStores.files.uploadAndPoll': (c) => c.vectorStores.files.uploadAndPoll('vs', file(), quickly),
  'vectorStores.fileBatches.poll': (c) => c.vectorStores.fileBatches.poll('vs', 'b', quickly),
  'vectorStores.fileBatches.createAndPoll': (c) =>
    c.vectorStores.fileBatches.createAndPoll('vs', { file_ids: ['f'] }, quickly),
  'vectorStores.fileBatches.uploadAndPoll': (c) =>
    c.vectorStores.fileBatches.uploadAndPoll(
      'vs',
      { files: [file('a'), file('b')], fileIds: ['z'] },
      { ...quickly, maxConcurrency: 1 },
    ),
  'beta.threads.runs.poll': (c) => c.beta.threads.runs.poll('r', { thread_id: 't' }, quickly),
  'beta.threads.runs.createAndPoll': (c) => c.beta.threads.runs.createAndPoll('t', { assistant_id: 'a' }, quickly),
  'beta.threads.runs.submitToolOutputsAndPoll': (c) =>
    c.beta.threads.runs.submitToolOutputsAndPoll('r', { thread_id: 't', tool_outputs: [] }, quickly),
  'beta.threads.createAndRunPoll': (c) => c.beta.threads.createAndRunPoll({ assistant_id: 'a' }, quickly),
  'files.waitForProcessing': (c) => c.files.waitForProcessing('f', { pollInterval: 5, maxWait: 60_000 }),
};

for (const [name, call] of Object.entries(POLLING)) {
  const last = name.startsWith('files.') ? { id: 'i', status: 'processed' } : done;
  sideBySide(`${name} asks until it is done`, {
    answer: inOrder(busy, busy, busy, busy, busy, last),
    scenario: ({ client }) => call(client),
    check: (result, requests) => {
      assert.equal(result.status, name.endsWith('.upload') ? 'in_progress' : last.status);
      const polls = requests.filter(({ headers }) => headers['x-stainless-poll-helper'] === 'true');
      const isPolling = !name.endsWith('.upload') && !name.startsWith('files.');
      assert.equal(polls.length > 1, isPolling);
      for (const { headers } of polls) assert.equal(headers['x-stainless-custom-poll-interval'], '5');
    },
  });
}

const FINAL = {
  run: ['requires_action', 'incomplete', 'cancelled', 'completed', 'failed', 'expired', 'queued', 'cancelling'],
  file: ['failed', 'cancelled', 'completed', 'in_progress'],
};

sideBySide('the statuses that end the wait', {
  answer: () => {
    const answers = [];
    for (const status of FINAL.run)
      answers.push({ ...busy, status }, ...(/queued|cancelling/.test(status) ? [done] : []));
    for (const status of FINAL.file) answers.push({ ...busy, status }, ...(/in_prog/.test(status) ? [done] : []));
    return ({ number }) => answers[number - 1];
  },
  async scenario({ client }) {
    const seen = [];
    const options = { pollIntervalMs: 1 };
    for (const _ of FINAL.run)
      seen.push((await client.beta.threads.runs.poll('r', { thread_id: 't' }, options)).status);
    for (const _ of FINAL.file) seen.push((await client.vectorStores.files.poll('vs', 'f', options)).status);
    return seen;
  },
  check: (seen) =>
    assert.deepEqual(seen, [
      ...FINAL.run.slice(0, 6),
      'completed',
      'completed',
      ...FINAL.file.slice(0, 3),
      'completed',
    ]),
});

test('the pause is the one that the server asks for, an unknown status is waited for, and aborting ends it', async () => {
  const answers = [
    { headers: { 'openai-poll-after-ms': '40' }, body: { ...busy, status: 'new' } },
    { headers: { 'openai-poll-after-ms': '60000' }, body: busy },
  ];
  const { baseURL, requests } = await recorder(({ number }) => answers[number - 1]);
  const client = new OpenAI({ apiKey: 'k', baseURL });
  const controller = new AbortController();
  const started = performance.now();
  const promise = client.vectorStores.files.poll('vs', 'f', { signal: controller.signal });
  while (requests.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.ok(performance.now() - started >= 39);
  setTimeout(() => controller.abort(), 20);
  assert.equal((await thrown(promise))[0], 'APIUserAbortError');
  assert.ok(performance.now() - started < 55_000);
});

sideBySide('waiting for a file ends after the longest wait', {
  answer: inOrder({ id: 'f', status: 'uploaded' }),
  scenario: ({ client }) => thrown(client.files.waitForProcessing('f', { pollInterval: 10, maxWait: 0 })),
  check: ([name, message]) => {
    assert.equal(name, 'APIConnectionTimeoutError');
    assert.match(message, /file f .* 0 milliseconds/);
  },
});

sideBySide('no files, and an upload that fails', {
  answer:
    () =>
    ({ number }) =>
      number === 1 ? { id: 'u' } : { status: 400, body: { error: { message: 'boo' } } },
  async scenario({ client }) {
    const { fileBatches } = client.vectorStores;
    const many = { files: [file('a'), file('b'), file('c')] };
    return [
      await thrown(fileBatches.uploadAndPoll('vs', { files: [] })),
      await thrown(fileBatches.uploadAndPoll('vs', { files: [file()] }, { maxConcurrency: 0 })),
      await thrown(fileBatches.uploadAndPoll('vs', many, { maxConcurrency: 1 })),
    ];
  },
  check: ([none, zero, failed], requests) => {
    assert.deepEqual([none[0], zero[0], failed], ['Error', 'RangeError', ['Error', '1 promise(s) failed']]);
    assert.equal(requests.length, 2);
  },
});

const floats = Buffer.from(new Float32Array([1.5, -2.25, 3e-5]).buffer).toString('base64');
const EMBEDDINGS = [
  { data: [{ embedding: floats }, { embedding: [1] }] },
  { data: null },
  {},
  { data: [{ embedding: '!!' }] },
  { data: [{ embedding: Buffer.from([1, 2, 3, 4, 5]).toString('base64') }] },
];

sideBySide('embeddings travel as Base64 and arrive as numbers, unless a format is named', {
  answer:
    () =>
    ({ url }) =>
      EMBEDDINGS[Number(url.split('=')[1] ?? 0)],
  async scenario({ client }) {
    const create = (body, options) => client.embeddings.create({ model: 'm', input: 'x', ...body }, options);
    const seen = [];
    for (const body of [
      {},
      { encoding_format: undefined },
      { encoding_format: 'float' },
      { encoding_format: 'base64' },
    ]) {
      seen.push(await create(body));
    }
    for (let i = 1; i < EMBEDDINGS.length; i++) {
      seen.push(await create({}, { query: { i } }).catch((error) => [error.constructor.name, error.message]));
    }
    const { data, request_id } = await create().withResponse();
    return [seen, Array.isArray(data.data[0].embedding), request_id, data._request_id];
  },
  check: ([seen], requests) => {
    assert.deepEqual(seen[0].data[0].embedding, [1.5, -2.25, Math.fround(3e-5)]);
    assert.equal(seen[2].data[0].embedding, floats);
    assert.equal(JSON.parse(requests[0].body).encoding_format, 'base64');
    assert.equal(JSON.parse(requests[2].body).encoding_format, 'float');
  },
});

const key = Buffer.from('a secret of some length');
const secret = `whsec_${key.toString('base64')}`;
const payload = '{"id":"evt","type":"x","é":1}';

/** The headers of a webhook that was sent `age` seconds ago. */
function signed({ age = 0, body = payload, by = key, signature = (text) => `v1,${text}`, timestamp, ...more } = {}) {
  const time = timestamp ?? String(Math.floor(Date.now() / 1000) - age);
  const mac = createHmac('sha256', by).update(`wh1.${time}.${body}`).digest('base64');
  return { 'Webhook-Id': 'wh1', 'webhook-timestamp': time, 'webhook-signature': signature(mac), ...more };
}

const WEBHOOKS = {
  good: () => [payload, signed(), secret],
  'good Headers': () => [payload, new Headers(signed()), secret],
  'good pairs': () => [payload, Object.entries(signed()), secret],
  'a plain secret': () => [payload, signed({ by: Buffer.from('plain') }), 'plain'],
  'several signatures': () => [payload, signed({ signature: (text) => `v1,AAAA v1,${text}` }), secret],
  'no version': () => [payload, signed({ signature: (text) => text }), secret],
  'another version': () => [payload, signed({ signature: (text) => `v2,${text}` }), secret],
  'no secret': () => [payload, signed()],
  'an empty secret': () => [payload, signed(), ''],
  'another secret': () => [payload, signed(), 'other'],
  'another payload': () => [`${payload} `, signed(), secret],
  'a short signature': () => [payload, signed({ signature: () => 'v1,abc' }), secret],
  'no signature': () => [payload, signed({ 'webhook-signature': undefined }), secret],
  'no id': () => [payload, signed({ 'Webhook-Id': undefined }), secret],
  'no time': () => [payload, signed({ 'webhook-timestamp': undefined }), secret],
  'almost too old': () => [payload, signed({ age: 290 }), secret],
  'too old': () => [payload, signed({ age: 310 }), secret],
  'too new': () => [payload, signed({ age: -310 }), secret],
  'too old for a tolerance': () => [payload, signed({ age: 20 }), secret, 10],
  'no time at all': () => [payload, signed({ timestamp: 'abc' }), secret],
  'no JSON': () => ['{x', signed({ body: '{x' }), secret],
};
const GOOD = [
  'good',
  'good Headers',
  'good pairs',
  'a plain secret',
  'several signatures',
  'no version',
  'almost too old',
];

sideBySide('webhooks: who sent them, and when', {
  async scenario({ client }) {
    const seen = {};
    for (const [name, make] of Object.entries(WEBHOOKS)) {
      const outcome = (method) =>
        client.webhooks[method](...make()).then(
          (value) => ['gives', value],
          (error) => [error.constructor.name, error.message],
        );
      seen[name] = [await outcome('unwrap'), await outcome('verifySignature')];
    }
    return seen;
  },
  check: (seen, requests) => {
    for (const [name, [unwrapped, verified]] of Object.entries(seen)) {
      if (GOOD.includes(name))
        assert.deepEqual(
          [unwrapped, verified],
          [
            ['gives', JSON.parse(payload)],
            ['gives', undefined],
          ],
          name,
        );
      else assert.notEqual(unwrapped[0], 'gives', name);
    }
    assert.equal(seen['another secret'][0][0], 'InvalidWebhookSignatureError');
    assert.equal(requests.length, 0);
  },
});

sideBySide('webhooks: the secret of the client', {
  async scenario({ make, OpenAI: Class }) {
    const event = await make({ webhookSecret: secret }).webhooks.unwrap(payload, signed());
    const error = await make({ webhookSecret: 'x' })
      .webhooks.verifySignature(payload, signed())
      .catch((reason) => reason);
    return [event, error instanceof Class.InvalidWebhookSignatureError];
  },
  check: (seen) => assert.deepEqual(seen, [JSON.parse(payload), true]),
});

sideBySide('agents: files of environments and artifacts of results', {
  answer:
    () =>
    ({ url, number }) =>
      url.includes('/artifacts')
        ? { data: [{ id: 'a1', path: '/workspace/q', session_id: 's', turn_id: 't' }], has_more: false }
        : number === 5
          ? { status: 400, body: { error: { message: 'boo' } } }
          : { id: `file_${number}` },
  async scenario({ client }) {
    const { files } = client.beta.agents.environments;
    const prepared = await files.prepare(
      { '/workspace/a': file('a'), '/workspace/d/b': file('b') },
      { headers: { 'X-Q': '1' } },
    );
    const uploaded = await files.upload('env', { file: file(), path: '/workspace/z' });
    const failed = await files.upload('env', { file: file(), path: '/workspace/z' }).catch((error) => error);
    const refused = [];
    for (const path of [
      'a',
      '/workspace',
      '/workspace/../x',
      '/workspace//a',
      '/workspace/.codex/x',
      '/workspace/outputs',
    ]) {
      refused.push(await thrown(files.upload('env', { file: file(), path })));
    }
    const artifacts = client.beta.agents.sessions.artifacts.forResult({ session_id: 's', turn_id: 't' });
    const found = await artifacts.retrieve('/workspace/q');
    const missing = await thrown(artifacts.retrieve('/workspace/none'));
    return [
      prepared,
      uploaded,
      [failed.name, failed.message, failed.uploadedFiles, failed.cause.status],
      refused,
      found.id,
      missing,
    ];
  },
  check: ([prepared, , failed, refused, found]) => {
    assert.deepEqual(prepared.files[0], { type: 'file_id', file_id: 'file_1', path: '/workspace/a' });
    assert.equal(failed[0], 'AgentFileUploadError');
    assert.ok(refused.every(([name]) => name === 'OpenAIError'));
    assert.equal(found, 'a1');
  },
});

const artifact = (id, path, rest = {}) => ({ id, path, session_id: 's', turn_id: 't', ...rest });
const PAGES = [
  [[[artifact('a', '/p')], true], [[artifact('b', '/w', { turn_id: 'u' }), artifact('c', '/w')], false]],
  [[[artifact('a', '/p')], true], [[], true]],
  [[[artifact(null, '/p')], true]],
  [[[artifact('a', '/p')], true], [[artifact('a', '/p')], true]],
  [[[], false]],
];
PAGES.forEach((pages, index) =>
  sideBySide(`agents: artifacts on pages, ${index + 1}`, {
    answer: () => ({ number }) => ({ data: pages[number - 1][0], has_more: pages[number - 1][1] }),
    async scenario({ client }) {
      const artifacts = client.beta.agents.sessions.artifacts.forResult({ session_id: 's', turn_id: 't' });
      try {
        return (await artifacts.retrieve('/w')).id;
      } catch (error) {
        return [error.constructor.name, error.message];
      }
    },
    check: (seen) => assert.equal(index === 0, seen === 'c'),
  }),
);

sideBySide('realtime calls send an offer as it is, or with a session as a form', {
  answer: () => () => ({ status: 201, headers: { 'content-type': 'application/sdp' }, body: 'v=1' }),
  async scenario({ client }) {
    const plain = await client.realtime.calls.create({ sdp: 'v=0' });
    const form = await client.realtime.calls.create({ sdp: 'v=0\r\nx', session: { type: 'realtime' } });
    return [plain.status, await plain.text(), await form.text()];
  },
  check: (seen) => assert.deepEqual(seen, [201, 'v=1', 'v=1']),
});

sideBySide('sessions of agents, whole and streamed', {
  answer:
    () =>
    ({ body }) =>
      JSON.parse(body).stream
        ? {
            headers: { 'content-type': 'text/event-stream' },
            body: 'event: thread.x\ndata: {"a":1}\n\ndata: [DONE]\n\n',
          }
        : { id: 's' },
  async scenario({ client }) {
    const { sessions } = client.beta.agents;
    const whole = await sessions.create({ agent_id: 'a' });
    const items = [];
    for await (const item of await sessions.create({ agent_id: 'a', stream: true })) items.push(item);
    return [whole, items];
  },
  check: ([whole, items]) => assert.deepEqual([whole.id, items.length], ['s', 1]),
});
