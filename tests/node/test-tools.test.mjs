// What people test with keeps working: nock, MSW and undici's MockAgent answer the requests of a client, each in a process of its own
// because each replaces something global.
//
// `TAILRACE_TEST_TOOLS` names the folder whose `node_modules` has them; `cargo xtask test` installs them.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { runNode } from './support.mjs';

const folder = process.env.TAILRACE_TEST_TOOLS;
const skip = !folder && 'TAILRACE_TEST_TOOLS, the folder with nock, MSW and undici, is not set';

/** Where nobody listens. */
const closed = createServer().listen(0, '127.0.0.1');
await once(closed, 'listening');
const ORIGIN = `http://127.0.0.1:${closed.address().port}`;
closed.close();

const PRELUDE = `
  import { createRequire } from 'node:module';
  import OpenAI from './node/dist/esm/index.js';
  const tool = createRequire(${JSON.stringify(join(folder ?? '', 'tools.js'))});
  const make = (options) => new OpenAI({ apiKey: 'k', baseURL: '${ORIGIN}/v1', maxRetries: 0, ...options });
  const early = make();
  const said = [];
  const ids = async (client) => said.push(await client.models.list().then(({ data }) => data[0].id, (error) => String(error.cause?.message)));
  const events = async () => {
    for await (const event of await make().chat.completions.create({ model: 'm', messages: [], stream: true })) said.push(event);
  };
  const EVENTS = 'data: {"a":1}\\n\\ndata: [DONE]\\n\\n';
  const MODELS = (id) => ({ object: 'list', data: [{ id }] });
  const SSE = { 'content-type': 'text/event-stream' };
`;

/** What a program says that uses a tool. */
async function said(program) {
  const { stdout } = await runNode(`${PRELUDE}\n${program}\nconsole.log(JSON.stringify(said));`);
  return JSON.parse(stdout);
}

/** What the native transport says there. */
const NATIVE = /^no connection could be made to 127\.0\.0\.1:/;

test('nock', { skip }, async () => {
  const all = await said(`
    await ids(early);
    const nock = tool('nock');
    nock('${ORIGIN}').get('/v1/models').twice().reply(200, MODELS('nock'), { 'content-type': 'application/json' });
    await ids(early);
    await ids(make());
    nock('${ORIGIN}').post('/v1/chat/completions', (body) => body.model === 'm').reply(200, EVENTS, SSE);
    await events();
    nock('${ORIGIN}').get('/v1/models').reply(500, {}).get('/v1/models').reply(200, MODELS('again'), { 'content-type': 'application/json' });
    await ids(make({ maxRetries: 1 }));
    nock('${ORIGIN}').get('/v1/models').replyWithError('down');
    await ids(make());
    said.push(nock.isDone());
    nock.restore();
    await ids(early);
  `);
  assert.match(all.shift(), NATIVE);
  assert.match(all.pop(), NATIVE);
  assert.deepEqual(all, ['nock', 'nock', { a: 1 }, 'again', 'down', true]);
});

test('MSW', { skip }, async () => {
  const all = await said(`
    const { http, HttpResponse } = tool('msw');
    const server = tool('msw/node').setupServer(
      http.get('${ORIGIN}/v1/models', () => HttpResponse.json(MODELS('msw'))),
      http.post('${ORIGIN}/v1/chat/completions', () => new HttpResponse(EVENTS, { headers: SSE })),
      http.post('${ORIGIN}/v1/files', async ({ request }) => {
        const form = await request.formData();
        return HttpResponse.json({ id: form.get('file').name + ' ' + form.get('purpose') });
      }),
    );
    server.listen();
    await ids(early);
    await ids(make());
    await events();
    said.push((await make().files.create({ file: new File(['hi'], 'a.txt'), purpose: 'assistants' })).id);
    server.close();
    await ids(early);
  `);
  assert.match(all.pop(), NATIVE);
  assert.deepEqual(all, ['msw', 'msw', { a: 1 }, 'a.txt assistants']);
});

test('MockAgent and other dispatchers of undici', { skip }, async () => {
  const all = await said(`
    const { Agent, getGlobalDispatcher, MockAgent, setGlobalDispatcher } = tool('undici');
    const usual = getGlobalDispatcher();
    await ids(early);
    const agent = (id) => {
      const made = new MockAgent();
      made.disableNetConnect();
      made.get('${ORIGIN}').intercept({ path: '/v1/models' }).reply(200, MODELS(id), { headers: { 'content-type': 'application/json' } }).persist();
      return made;
    };
    setGlobalDispatcher(agent('global'));
    await ids(early);
    await ids(make());
    setGlobalDispatcher(usual);
    await ids(early);
    await ids(make({ fetchOptions: { dispatcher: agent('of a client') } }));
    said.push((await early.models.list({ fetchOptions: { dispatcher: agent('of a call') } })).data[0].id);
    setGlobalDispatcher(usual.compose((dispatch) => (options, handler) => (said.push('composed'), dispatch(options, handler))));
    await ids(early);
    setGlobalDispatcher(new Agent({ connections: 3 }));
    await ids(early);
  `);
  assert.match(all.shift(), NATIVE);
  assert.match(all.splice(2, 1)[0], NATIVE);
  assert.deepEqual(all, ['global', 'global', 'of a client', 'of a call', 'composed', 'fetch failed', 'fetch failed']);
});

test('a global fetch of the test itself', async () => {
  const all = await said(`
    const own = globalThis.fetch;
    globalThis.fetch = async () => Response.json(MODELS('stub'));
    await ids(early);
    const bound = make();
    globalThis.fetch = own;
    await ids(bound);
    await ids(early);
  `);
  assert.match(all.pop(), NATIVE);
  assert.deepEqual(all, ['stub', 'stub']);
});
