// The client of Azure: where requests go, what authenticates them, and what is refused, beside the official package.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, test } from 'node:test';
import { inspect } from 'node:util';
import { recorder, sideBySide } from './recorder.mjs';
import { ENTRY } from './support.mjs';

const { AzureOpenAI, OpenAI } = await import(ENTRY);

for (const name of Object.keys(process.env)) if (/^(OPENAI|AZURE)_/.test(name)) delete process.env[name];

const CHAT = { model: 'm', messages: [] };

/** A client at the server of a scenario. */
function azure({ root, baseURL }, options = { apiKey: 'k' }) {
  return new root.AzureOpenAI({ endpoint: baseURL, apiVersion: 'v1', maxRetries: 0, ...options });
}

/** What `make` or the promise that it gives comes to. */
async function outcome(make) {
  try {
    const value = await make();
    return value === undefined ? 'done' : (value?.constructor?.name ?? String(value));
  } catch (error) {
    return [error.constructor.name, error.message];
  }
}

const urls = (requests) => requests.map(({ url }) => url.replace('/v1', ''));

const CREDENTIALS = {
  'a key': () => ({ apiKey: 'k' }),
  'a provider': () => ({ azureADTokenProvider: async () => 't' }),
  'a provider that does not wait': () => ({ azureADTokenProvider: () => 't' }),
  'a function as a key': () => ({ apiKey: async () => 'f' }),
};
const HEADERS = [
  undefined,
  { Authorization: 'A' },
  { 'Api-Key': 'K' },
  { authorization: null },
  { 'api-key': null },
  { authorization: null, 'api-key': null },
];

for (const [name, options] of Object.entries(CREDENTIALS)) {
  sideBySide(`what authenticates a request with ${name}`, {
    async scenario(setting) {
      const outcomes = [];
      for (const defaultHeaders of HEADERS) {
        for (const headers of HEADERS) {
          const client = azure(setting, { ...options(), defaultHeaders });
          outcomes.push(await outcome(() => client.models.list({ headers })));
        }
      }
      const client = azure(setting, { ...options(), adminAPIKey: 'a' });
      outcomes.push(await outcome(() => client.admin.organization.projects.list()));
      outcomes.push(await outcome(() => azure(setting, options()).admin.organization.projects.list()));
      return outcomes;
    },
    check: (outcomes, requests) => {
      assert.equal(outcomes.length, HEADERS.length ** 2 + 2);
      const [{ headers }] = requests;
      assert.equal(headers['api-key'] ?? headers.authorization, name === 'a key' ? 'k' : `Bearer ${name === 'a function as a key' ? 'f' : 't'}`);
    },
  });
}

const PATHS = [
  ...['/completions', '/chat/completions', '/embeddings', '/audio/transcriptions', '/audio/translations'],
  ...['/audio/speech', '/images/generations', '/images/edits', '/batches', '/images/variations', '/responses'],
  ...['/models', '/assistants', '/moderations', '/files', '/realtime', '/chat/completions/x', '/chat/completions?x=1'],
];

for (const deployment of [undefined, 'd', 'a/b?c#d ü', '']) {
  sideBySide(`paths with the deployment ${JSON.stringify(deployment)}`, {
    async scenario(setting) {
      const client = azure(setting, { apiKey: 'k', deployment });
      for (const path of PATHS) await client.post(path, { body: { model: 'm' } });
      await client.put('/chat/completions', { body: { model: 'm' } });
      await client.get('/chat/completions');
      await client.post('/chat/completions');
      return [client.baseURL.replace(/\d+/g, ''), client.deploymentName, client.apiVersion];
    },
    check: (_, requests) => assert.equal(requests.length, PATHS.length + 3),
  });
}

sideBySide('what becomes of a model', {
  async scenario(setting) {
    const { root } = setting;
    const client = azure(setting);
    for (const model of ['a/b', '%2e', 'a b', 'ü', '', null, 5, 'a?b#c', '...', 'a\\b', 'a=b&c', '%252e', '\r\n']) {
      await client.post('/chat/completions', { body: { model } });
    }
    await client.post('/chat/completions', { body: {} });
    await client.post('/audio/transcriptions', { body: {}, __metadata: { model: 'other' } });
    await client.chat.completions.create(CHAT);
    await client.chat.completions.list();
    await client.responses.create({ model: 'm', input: 'x' });
    const file = await root.toFile(Buffer.from('x'), 'a.png');
    await client.audio.transcriptions.create({ model: 'whisper', file });
    await client.images.edit({ model: 'image', prompt: 'p', image: file });
    await client.images.edit({ prompt: 'p', image: file });
    return Promise.all(['x', [1], new Uint8Array(1)].map((body) => outcome(() => client.post('/embeddings', { body }))));
  },
  check: (outcomes, requests) => {
    assert.equal(outcomes[0][1], 'Expected request body to be an object');
    assert.ok(urls(requests).includes('/openai/deployments/whisper/audio/transcriptions?api-version=v1'));
    assert.ok(urls(requests).includes('/openai/deployments/image/images/edits?api-version=v1'));
  },
});

test('a name that would lead to another path is refused before anything is sent', async () => {
  const { baseURL, requests } = await recorder();
  for (const name of ['.', '..']) {
    const client = new AzureOpenAI({ endpoint: baseURL, apiVersion: 'v', apiKey: 'k', deployment: name });
    await assert.rejects(client.chat.completions.create(CHAT), OpenAI.OpenAIError);
    await assert.rejects(client.withOptions({ deployment: undefined }).chat.completions.create({ ...CHAT, model: name }), OpenAI.OpenAIError);
  }
  assert.equal(requests.length, 0);
});

sideBySide('base URLs, given and assigned', {
  async scenario(setting) {
    const { root, baseURL } = setting;
    const seen = [];
    for (const place of ['/p', '/openai/deployments/q/', '/openai/deployments/q', '/deployments']) {
      for (const deployment of [undefined, 'd']) {
        const given = new root.AzureOpenAI({ baseURL: baseURL + place, apiVersion: 'v', apiKey: 'k', deployment });
        await given.chat.completions.create(CHAT);
        const moved = azure(setting, { apiKey: 'k', deployment });
        moved.baseURL = baseURL + place;
        await moved.chat.completions.create(CHAT);
        await moved.models.list();
        await moved.withOptions({ maxRetries: 0 }).chat.completions.create(CHAT);
      }
    }
    for (const endpoint of [`${baseURL}/`, `${baseURL}///`, `${baseURL}/a/b/`]) {
      const client = azure(setting, { apiKey: 'k', endpoint });
      await client.models.list();
      seen.push(client.baseURL.replace(/\d+/g, ''));
    }
    await azure(setting).get(`${baseURL}/somewhere/else`);
    return seen;
  },
  check: (_, requests) => assert.equal(requests.length, 36),
});

const MADE = {
  nothing: [{}, {}],
  'a key': [{ apiKey: 'k' }, {}],
  'a key and a version': [{ apiKey: 'k', apiVersion: 'v' }, {}],
  'a key and an endpoint': [{ apiKey: 'k', endpoint: 'URL' }, {}],
  'a version and an endpoint': [{ apiVersion: 'v', endpoint: 'URL' }, {}],
  'an endpoint and a base URL': [{ apiKey: 'k', apiVersion: 'v', endpoint: 'URL', baseURL: 'URL' }, {}],
  'an endpoint and a base URL of the environment': [
    { apiKey: 'k', apiVersion: 'v', endpoint: 'URL' },
    { OPENAI_BASE_URL: 'URL' },
  ],
  'a base URL of the environment': [{ apiKey: 'k', apiVersion: 'v' }, { OPENAI_BASE_URL: 'URL/x' }],
  'a base URL, and an endpoint of the environment': [
    { apiKey: 'k', apiVersion: 'v', baseURL: 'URL/x' },
    { AZURE_OPENAI_ENDPOINT: 'URL' },
  ],
  'the environment': [{}, { AZURE_OPENAI_ENDPOINT: 'URL', OPENAI_API_VERSION: ' v ', AZURE_OPENAI_API_KEY: 'env' }],
  'a token of the environment': [
    {},
    { AZURE_OPENAI_ENDPOINT: 'URL', OPENAI_API_VERSION: 'v', AZURE_OPENAI_AD_TOKEN: 't' },
  ],
  'keys of the other API': [{ apiVersion: 'v', endpoint: 'URL' }, { OPENAI_API_KEY: 'x', OPENAI_ADMIN_KEY: 'y' }],
  'an empty key': [{ apiVersion: 'v', endpoint: 'URL', apiKey: '' }, { AZURE_OPENAI_API_KEY: 'env' }],
  'no key': [{ apiVersion: 'v', endpoint: 'URL', apiKey: null }, { AZURE_OPENAI_API_KEY: 'env' }],
  'an empty version': [{ apiVersion: '', endpoint: 'URL', apiKey: 'k' }, { OPENAI_API_VERSION: 'v' }],
  'an empty endpoint': [{ apiVersion: 'v', endpoint: '', apiKey: 'k' }, {}],
  'a key and a provider': [{ apiVersion: 'v', endpoint: 'URL', apiKey: 'k', azureADTokenProvider: async () => 't' }, {}],
  'a provider and a key of the environment': [
    { apiVersion: 'v', endpoint: 'URL', azureADTokenProvider: async () => 't' },
    { AZURE_OPENAI_API_KEY: 'env' },
  ],
  'a region': [{ apiVersion: 'v', endpoint: 'URL', apiKey: 'k', dataResidency: 'eu' }, {}],
  'a query': [{ apiVersion: 'v', endpoint: 'URL', apiKey: 'k', defaultQuery: { a: '1', 'api-version': 'mine' } }, {}],
};

sideBySide('how a client is made', {
  async scenario({ root, baseURL }) {
    const outcomes = {};
    for (const [name, [options, environment]] of Object.entries(MADE)) {
      const placed = (values) =>
        Object.fromEntries(
          Object.entries(values).map(([key, value]) => [key, typeof value === 'string' ? value.replace('URL', baseURL) : value]),
        );
      Object.assign(process.env, placed(environment));
      try {
        outcomes[name] = await outcome(() => new root.AzureOpenAI(placed(options)).models.list());
      } finally {
        for (const variable of Object.keys(environment)) delete process.env[variable];
      }
    }
    return outcomes;
  },
  check: (outcomes, requests) => {
    assert.equal(requests.length, 4);
    assert.equal(outcomes.nothing[0], 'OpenAIError');
  },
});

const token = async () => 't';
const COPIES = {
  nothing: [{ apiKey: 'k', deployment: 'd' }, {}],
  'a timeout': [{ apiKey: 'k', deployment: 'd' }, { timeout: 5000 }],
  'another key': [{ apiKey: 'k' }, { apiKey: 'new' }],
  'a key after a provider': [{ azureADTokenProvider: token }, { apiKey: 'new' }],
  'a provider after a key': [{ apiKey: 'k' }, { azureADTokenProvider: token }],
  'both after a key': [{ apiKey: 'k' }, { apiKey: 'x', azureADTokenProvider: token }],
  'nothing after a provider': [{ azureADTokenProvider: token, deployment: 'd' }, {}],
  'another version': [{ apiKey: 'k' }, { apiVersion: 'v7' }],
  'another deployment': [{ apiKey: 'k', deployment: 'd' }, { deployment: 'e' }],
  'no deployment': [{ apiKey: 'k', deployment: 'd' }, { deployment: undefined }],
  'a base URL': [{ apiKey: 'k', deployment: 'd' }, { baseURL: 'URL/q' }],
  'an endpoint': [{ apiKey: 'k', deployment: 'd' }, { endpoint: 'URL/e' }],
  'an endpoint and a base URL': [{ apiKey: 'k' }, { endpoint: 'URL/e', baseURL: 'URL/q' }],
  'a query': [{ apiKey: 'k', defaultQuery: { a: '1' } }, { defaultQuery: { b: '2' } }],
  'a region': [{ apiKey: 'k' }, { dataResidency: 'eu' }],
};

sideBySide('copies', {
  async scenario(setting) {
    const outcomes = {};
    for (const [name, [options, changes]] of Object.entries(COPIES)) {
      const placed = Object.fromEntries(
        Object.entries(changes).map(([key, value]) => [
          key,
          typeof value === 'string' ? value.replace('URL', setting.baseURL) : value,
        ]),
      );
      outcomes[name] = await outcome(() =>
        azure(setting, options).withOptions(placed).withOptions({ maxRetries: 0 }).chat.completions.create(CHAT),
      );
    }
    const client = azure(setting);
    client.apiVersion = 'assigned';
    client.deploymentName = 'assigned';
    await client.chat.completions.create(CHAT);
    await client.withOptions({}).chat.completions.create(CHAT);
    return outcomes;
  },
  check: (outcomes, requests) => {
    assert.equal(outcomes['a key after a provider'], 'Object');
    assert.equal(requests.length, Object.keys(COPIES).length - 4 + 2);
  },
});

sideBySide('a provider is asked before each attempt', {
  answer:
    () =>
    ({ number }) =>
      number < 3 ? { status: 500, headers: { 'retry-after-ms': '1' }, body: {} } : { data: [] },
  async scenario(setting) {
    let count = 0;
    const client = azure(setting, { azureADTokenProvider: async () => `token-${++count}`, maxRetries: 2 });
    await client.withOptions({ timeout: 20_000 }).models.list();
    return count;
  },
  check: (count, requests) => {
    assert.equal(count, 3);
    assert.deepEqual(
      requests.map(({ headers }) => headers.authorization),
      ['Bearer token-1', 'Bearer token-2', 'Bearer token-3'],
    );
  },
});

sideBySide('a provider that gives no token, or fails', {
  async scenario(setting) {
    const outcomes = [];
    for (const given of ['', null, 5, undefined]) {
      outcomes.push(await outcome(() => azure(setting, { azureADTokenProvider: async () => given }).models.list()));
    }
    const fail = async () => {
      throw new RangeError('no token today');
    };
    return [...outcomes, await outcome(() => azure(setting, { azureADTokenProvider: fail }).models.list())];
  },
  check: (outcomes, requests) => {
    assert.ok(outcomes.every(([name]) => name === 'OpenAIError'));
    assert.equal(requests.length, 0);
  },
});

sideBySide('a request that is built and not sent', {
  async scenario(setting) {
    const client = azure(setting, { apiKey: 'k', deployment: 'd' });
    const { url, req } = await client.buildRequest({ method: 'post', path: '/chat/completions', body: CHAT });
    return [new URL(url).pathname, new URL(url).search, req.headers.get('api-key')];
  },
  check: ([pathname]) => assert.equal(pathname, '/v1/openai/deployments/d/chat/completions'),
});

sideBySide('a stream of a deployment', {
  answer: () => () => ({
    headers: { 'content-type': 'text/event-stream' },
    body: 'data: {"id":"1","choices":[]}\n\ndata: [DONE]\n\n',
  }),
  async scenario(setting) {
    const stream = await azure(setting).chat.completions.create({ ...CHAT, stream: true });
    const ids = [];
    for await (const chunk of stream) ids.push(chunk.id);
    return ids;
  },
  check: (ids) => assert.deepEqual(ids, ['1']),
});

sideBySide('redirects: a key is never taken along, a token only within its origin', {
  answer:
    () =>
    ({ url, headers }) => {
      const place = /\/to-(\w+)/.exec(url)?.[1];
      if (place === undefined) return { data: [] };
      const away = `http://localhost:${headers.host.split(':')[1]}/end`;
      return { status: 307, headers: { location: { here: '/end', away }[place] }, body: {} };
    },
  async scenario(setting) {
    const outcomes = [];
    for (const options of [{ apiKey: 'k' }, { azureADTokenProvider: token }]) {
      for (const path of ['/to-here', '/to-away']) {
        outcomes.push(await outcome(() => azure(setting, options).get(path)));
        outcomes.push(await outcome(() => azure(setting, options).post(path, { body: { a: 1 } })));
      }
    }
    return outcomes;
  },
  check: (_, requests) => {
    const ended = requests.filter(({ url }) => url === '/end');
    assert.deepEqual(
      ended.map(({ headers }) => [headers.authorization, headers['api-key']]),
      [...Array(2).fill(['Bearer t', undefined]), ...Array(2).fill([undefined, undefined])],
    );
  },
});

test('a redirect that is asked for takes no key to another origin', async () => {
  const seen = [];
  const server = createServer((request, response) => {
    seen.push([request.headers.host.split(':')[0], request.headers['api-key']]);
    const { port } = server.address();
    const isFirst = seen.length === 1;
    response.writeHead(isFirst ? 302 : 200, isFirst ? { location: `http://localhost:${port}/x` } : {});
    response.end('{}');
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  after(() => server.close());
  const endpoint = `http://127.0.0.1:${server.address().port}`;
  const client = new AzureOpenAI({ endpoint, apiVersion: 'v', apiKey: 'k', fetchOptions: { redirect: 'follow' } });
  await client.get('/x');
  assert.deepEqual(seen, [
    ['127.0.0.1', 'k'],
    ['localhost', undefined],
  ]);
});

test('a key that was assigned is that of a copy, too', async () => {
  const { baseURL, requests } = await recorder();
  const client = new AzureOpenAI({ endpoint: baseURL, apiVersion: 'v', apiKey: 'k' });
  client.apiKey = 'assigned';
  await client.withOptions({}).models.list();
  assert.equal(requests[0].headers['api-key'], 'assigned');
});

test('no key and no token is shown', async () => {
  const { baseURL } = await recorder(() => ({ status: 401, body: {} }));
  for (const options of [{ apiKey: 'secret' }, { azureADTokenProvider: async () => 'secret' }]) {
    const lines = [];
    const log = (...values) => lines.push(inspect(values, { depth: 9 }));
    const logger = { error: log, warn: log, info: log, debug: log };
    const client = new AzureOpenAI({ endpoint: baseURL, apiVersion: 'v', maxRetries: 0, logger, logLevel: 'debug', ...options });
    const error = await client.models.list().then(assert.fail, (reason) => reason);
    assert.ok(lines.length > 0);
    for (const text of [inspect(client), inspect(error, { depth: 9, showHidden: true }), ...lines]) {
      assert.ok(!text.includes('secret'), text);
    }
  }
});
