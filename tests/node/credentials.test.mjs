// Who asks: keys by operation, keys that a function gives, removed headers, environment variables.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recorder, sideBySide, thrown } from './recorder.mjs';
import { OpenAI } from './support.mjs';

const KEYS = {
  'an API key': () => ({ apiKey: 'k' }),
  'an admin key': () => ({ apiKey: null, adminAPIKey: 'a' }),
  'both keys': () => ({ apiKey: 'k', adminAPIKey: 'a' }),
  'a function and an admin key': () => ({ apiKey: async () => 'f', adminAPIKey: 'a' }),
};

for (const [name, options] of Object.entries(KEYS)) {
  sideBySide(`operations with ${name}`, {
    async scenario({ make }) {
      const client = make(options());
      const outcomes = [];
      for (const call of [
        () => client.get('/x'),
        () => client.get('/x', { __security: { adminAPIKeyAuth: true } }),
        () => client.get('/x', { __security: { bearerAuth: true, adminAPIKeyAuth: true } }),
        () => client.get('/x', { __security: {} }),
        () => client.models.list().then((page) => page.data),
        () => client.admin.organization.adminAPIKeys.list().then((page) => page.data),
        () => client.get('/x', { headers: { Authorization: null } }),
        () => client.get('/x', { headers: { Authorization: 'Bearer own' } }),
        () => client.get('/x', { headers: { 'api-key': 'own' } }),
      ]) {
        outcomes.push(
          await call().then(
            (value) => value,
            (error) => [error.constructor.name, error.message],
          ),
        );
      }
      return [outcomes, client.apiKey, client.adminAPIKey];
    },
    check: ([outcomes], requests) => {
      assert.equal(outcomes.length, 9);
      assert.ok(requests.some(({ headers }) => headers.authorization === 'Bearer own'));
    },
  });
}

sideBySide('a function gives the key before each attempt', {
  answer:
    () =>
    ({ number }) =>
      number < 3 ? { status: 500, headers: { 'retry-after-ms': '1' }, body: {} } : { id: 'x' },
  async scenario({ make }) {
    let count = 0;
    const client = make({ apiKey: async () => `key-${++count}`, maxRetries: 2 });
    await client.get('/x');
    return [count, client.apiKey];
  },
  check: ([count], requests) => {
    assert.equal(count, 3);
    assert.deepEqual(
      requests.map(({ headers }) => headers.authorization),
      ['Bearer key-1', 'Bearer key-2', 'Bearer key-3'],
    );
  },
});

sideBySide('a function that fails before a retry ends the call with its reason', {
  answer: () => () => ({ status: 500, headers: { 'retry-after-ms': '1' }, body: {} }),
  async scenario({ make }) {
    let count = 0;
    const fail = async () => {
      if (++count > 1) throw new Error('no token');
      return 'first';
    };
    return thrown(make({ apiKey: fail, maxRetries: 2 }).get('/x'));
  },
  check: ([name, message]) => {
    assert.equal(name, 'OpenAIError');
    assert.match(message, /Failed to get token from 'apiKey' function: no token/);
  },
});

sideBySide('subclasses change what is sent', {
  async scenario({ OpenAI: Base, baseURL }) {
    class Mine extends Base {
      constructor(options) {
        super(options);
        this.idempotencyHeader = 'Idempotency-Key';
      }
      async prepareOptions(options) {
        options.query = { ...options.query, added: '1' };
      }
      async prepareRequest(request, { url }) {
        request.headers.set('x-signed', `${request.method} ${new URL(url).pathname} ${request.body ?? ''}`);
      }
      async authHeaders() {
        return undefined;
      }
      validateHeaders() {}
      makeStatusError(status, error, message, headers) {
        return Object.assign(super.makeStatusError(status, error, message, headers), { isMine: true });
      }
    }
    const client = new Mine({ apiKey: 'k', baseURL, maxRetries: 0 });
    await client.post('/x', { body: { a: 1 }, idempotencyKey: 'i' });
    await client.get('/y');
    return client instanceof Base;
  },
  check: (_result, [request]) => {
    assert.equal(request.headers['x-signed'], 'post /v1/x {"a":1}');
    assert.equal(request.headers.authorization, undefined);
    assert.equal(request.headers['idempotency-key'], 'i');
    assert.equal(request.url, '/v1/x?added=1');
  },
});

sideBySide('a subclass makes its own errors of answers', {
  answer: () => () => ({ status: 418, body: { error: { message: 'm' } } }),
  async scenario({ OpenAI: Base, baseURL }) {
    class Mine extends Base {
      makeStatusError(status, error, message, headers) {
        const made = super.makeStatusError(status, error, message, headers);
        made.isMine = true;
        return made;
      }
    }
    const error = await new Mine({ apiKey: 'k', baseURL, maxRetries: 0 }).get('/x').catch((reason) => reason);
    return [error.isMine, error.status, error.message];
  },
  check: (seen) => assert.deepEqual(seen, [true, 418, '418 m']),
});

const QUERIES = [
  { a: [1, 2], b: { c: [{ d: 1 }] }, e: null, f: undefined, g: new Date(0), h: true },
  { a: "ä b&+*()!'~", 'b[c]': 1, d: '', e: [], f: {}, g: [[1]], h: [null, undefined, 1] },
  { n: NaN, b: 10n, f: () => 1, u: new Uint8Array([1, 2]) },
];

sideBySide('queries, from options and by default, as a request and as a URL', {
  async scenario({ make, baseURL }) {
    const client = make({ defaultQuery: { dq: '1' } });
    const urls = [];
    for (const query of QUERIES) {
      await client.get('/x?y=1', { query });
      urls.push(client.buildURL('/x', query).replace(baseURL, ''));
    }
    await client.get('/x', { query: { dq: undefined } });
    return urls;
  },
  check: (urls, requests) => {
    assert.equal(
      urls[0],
      '/x?dq=1&a%5B%5D=1&a%5B%5D=2&b%5Bc%5D%5B%5D%5Bd%5D=1&e=&g=1970-01-01T00%3A00%3A00.000Z&h=true',
    );
    assert.equal(requests.at(-1).url, '/v1/x');
  },
});

sideBySide('buildRequest gives what would be sent, and sends nothing', {
  async scenario({ make, baseURL }) {
    const client = make({ organization: 'o', project: 'p', defaultHeaders: { 'X-A': '1', 'X-B': '2' } });
    const { req, url, timeout } = await client.buildRequest(
      { method: 'post', path: '/x', body: { a: 1 }, query: { z: 1 }, headers: { 'X-B': null }, timeout: 5000 },
      { retryCount: 3 },
    );
    const named = ['accept', 'authorization', 'content-type', 'openai-organization', 'openai-project', 'x-a', 'x-b'];
    const more = ['x-stainless-retry-count', 'x-stainless-timeout'];
    const headers = [...named, ...more].map((name) => req.headers.get(name));
    const form = await client.buildRequest({ method: 'post', path: '/x', body: new FormData() });
    const get = await client.buildRequest({ method: 'get', path: '/x' });
    return [
      req.method,
      req.body,
      headers,
      url.replace(baseURL, ''),
      timeout,
      form.req.body instanceof FormData,
      get.req.body,
    ];
  },
  check: ([method, body, headers, url], requests) => {
    assert.deepEqual([method, body, url], ['post', '{"a":1}', '/x?z=1']);
    assert.equal(headers.at(-2), '3');
    assert.equal(requests.length, 0);
  },
});

sideBySide('bad input is refused with the official class, and nothing is sent', {
  async scenario({ client }) {
    const circle = {};
    circle.circle = circle;
    const calls = [
      () => client.responses.create({ model: 'm', input: circle }),
      () => client.responses.create({ model: 'm', input: 10n }),
      () => client.chat.completions.create(),
      () => client.embeddings.create(),
      () => client.files.retrieve(),
      () => client.files.retrieve(null),
      () => client.files.retrieve('..'),
      () => client.vectorStores.files.retrieve('f', {}),
      () => client.files.create({ file: null }),
      () => client.get('/x', { timeout: 'a' }),
      () => client.get('/x', { timeout: -1 }),
      () => client.get('/x', { signal: 5 }),
      () => client.get('/x', { body: {} }),
      () => client.webhooks.unwrap(),
    ];
    const names = [];
    for (const call of calls) names.push((await thrown((async () => call())()))[0]);
    return names;
  },
  check: (names, requests) => {
    assert.ok(
      names.every((name) => /Error$/.test(name)),
      String(names),
    );
    assert.equal(requests.length, 0);
  },
});

test('a key never shows in an error, a log or what is printed', async () => {
  const { inspect } = await import('node:util');
  const { baseURL } = await recorder(() => ({ status: 401, body: { error: { message: 'no' } } }));
  const lines = [];
  const tell = (...values) => lines.push(values);
  const logger = { error: tell, warn: tell, info: tell, debug: tell };
  const client = new OpenAI({ apiKey: 'sk-secret', adminAPIKey: 'sk-admin', baseURL, logLevel: 'debug', logger });
  const error = await client.get('/x').catch((reason) => reason);
  assert.ok(lines.length > 0);
  for (const shown of [inspect(client), inspect(error, { depth: 9 }), inspect(lines, { depth: 9 })]) {
    assert.doesNotMatch(shown, /sk-secret|sk-admin/);
  }
});

sideBySide('fetchOptions that mean nothing are accepted, and redirects can be refused', {
  answer: () => (request) =>
    /from/.test(request.url) ? { status: 307, headers: { location: '/v1/to' }, body: {} } : {},
  async scenario({ make }) {
    const client = make({ fetchOptions: { keepalive: true } });
    await client.get('/from', { fetchOptions: { redirect: 'follow' } });
    const error = await client.get('/from', { fetchOptions: { redirect: 'manual' } }).catch((reason) => reason);
    return [error.constructor.name, error.status];
  },
  check: (seen, requests) => {
    assert.equal(seen[1], 307);
    assert.deepEqual(
      requests.map(({ url }) => url),
      ['/v1/from', '/v1/to', '/v1/from'],
    );
  },
});
