// Bedrock and Vertex: where requests go, what authenticates them and what is refused, beside the official package.

import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { official, recorder, sideBySide } from './recorder.mjs';
import { ENTRY, ROOT } from './support.mjs';

const tailrace = await import(ENTRY);
const { bedrock: aws } = await import('../../node/dist/esm/providers/bedrock/aws.js');
const modulesFolder = process.env.TAILRACE_OFFICIAL_NODE_MODULES;
const ours = createRequire(join(ROOT, 'package.json'));
const theirs = modulesFolder && createRequire(join(modulesFolder, 'tools.js'));

for (const name of Object.keys(process.env)) if (/^(OPENAI|AWS|GOOGLE)_/.test(name)) delete process.env[name];

/** A function of a package: the providers of ours are those of CommonJS, and its clients those of ESM. */
const provider = (root, name) => (root === official ? theirs(`openai/providers/${name}`) : ours(`tailrace/providers/${name}`))[name];

/** What `make` or the promise that it gives comes to, with places that do not differ by the port. */
async function outcome(make) {
  const plain = (text) => text.replace(/127\.0\.0\.1:\d+/g, 'HOST');
  try {
    const value = await make();
    return typeof value === 'string' ? plain(value) : 'done';
  } catch (error) {
    return [error.constructor.name, plain(error.message), error.cause?.message];
  }
}

/** Runs `body` with variables, which are taken away again. */
async function withEnvironment(variables, body) {
  Object.assign(process.env, variables);
  try {
    return await body();
  } finally {
    for (const name of Object.keys(variables)) delete process.env[name];
  }
}

const fails = () => Promise.reject(new Error('why'));
const SOURCES = {
  bedrock: {
    key: { apiKey: 'k' },
    function: { tokenProvider: async () => 'f' },
    'function that does not wait': { tokenProvider: () => 's' },
    'function that fails': { tokenProvider: fails },
    'function without a token': { tokenProvider: async () => '' },
    'function with a number': { tokenProvider: async () => 5 },
  },
  vertex: {
    function: { tokenProvider: async () => 'f' },
    'function that does not wait': { tokenProvider: () => 's' },
    'function that fails': { tokenProvider: fails },
    'function without a token': { tokenProvider: () => '' },
    'function with a line break': { tokenProvider: () => 'a\nb' },
    client: { credentials: { getRequestHeaders: async (url) => ({ Authorization: 'Bearer g', 'x-url': new URL(url).pathname }) } },
    'client with headers': { credentials: { getRequestHeaders: async () => new Headers({ authorization: 'Bearer h' }) } },
    'client that fails': { credentials: { getRequestHeaders: fails } },
  },
};

for (const [name, sources] of Object.entries(SOURCES)) {
  for (const [what, source] of Object.entries(sources)) {
    sideBySide(`${name} with a ${what}`, {
      async scenario({ root, baseURL }) {
        const client = new root.OpenAI({ provider: provider(root, name)({ baseURL, ...source }), maxRetries: 0 });
        return [
          await outcome(() => client.models.list()),
          await outcome(() => client.admin.organization.projects.list()),
          await outcome(() => client.responses.retrieve('a/b')),
          await outcome(() => client.get(`${baseURL}/deep`)),
          await outcome(() => client.get('https://127.0.0.1:1/x')),
          await outcome(() => client.models.list({ headers: { Authorization: 'own' } })),
          await outcome(() => client.models.list({ headers: { Authorization: null } })),
          await outcome(() => client.models.list({ headers: { 'OpenAI-Project': 'p' } })),
          await outcome(() => client.files.create({ file: new File(['x'], 'a'), purpose: 'batch' })),
          [client.apiKey, client.adminAPIKey, client.organization],
        ];
      },
      check: (outcomes) => assert.equal(outcomes.length, 10),
    });
  }

  sideBySide(`${name} asks for a token before every attempt and follows no redirect`, {
    answer:
      () =>
      ({ number }) =>
        number < 3
          ? { status: 500, headers: { 'retry-after-ms': '1' }, body: {} }
          : number === 4
            ? { status: 307, headers: { location: '/elsewhere' }, body: {} }
            : {},
    async scenario({ root, baseURL }) {
      let asked = 0;
      const made = provider(root, name)({ baseURL, tokenProvider: async () => `t${++asked}` });
      const client = new root.OpenAI({ provider: made, maxRetries: 2 });
      await client.models.list();
      return [await outcome(() => client.models.list()), asked];
    },
    check: (result, requests) => {
      assert.deepEqual(
        requests.map(({ headers }) => headers.authorization),
        ['Bearer t1', 'Bearer t2', 'Bearer t3', 'Bearer t4'],
      );
      assert.equal(result[1], 4);
    },
  });

  sideBySide(`${name} takes nothing that belongs to OpenAI`, {
    scenario: ({ root, baseURL }) =>
      withEnvironment(
        { OPENAI_API_KEY: 'e', OPENAI_ORG_ID: 'o', OPENAI_CUSTOM_HEADERS: 'X-A: 1', OPENAI_BASE_URL: 'http://127.0.0.1:1' },
        async () => {
          const made = provider(root, name)({ baseURL, tokenProvider: async () => 't' });
          const client = new root.OpenAI({ provider: made, maxRetries: 0 });
          await client.models.list();
          const top = [{ apiKey: 'k' }, { adminAPIKey: 'k' }, { baseURL: 'http://x' }, { dataResidency: 'eu' }];
          const outcomes = [await outcome(() => new root.OpenAI({ provider: made, workloadIdentity: {} }))];
          for (const options of top) {
            outcomes.push(await outcome(() => new root.OpenAI({ provider: made, ...options }).baseURL));
            outcomes.push(await outcome(() => client.withOptions(options).baseURL));
          }
          const first = new root.OpenAI({ apiKey: 'k', organization: 'o', defaultHeaders: { 'x-b': '1' } });
          for (const copy of [client.withOptions({ timeout: 5000 }), first.withOptions({ provider: made, maxRetries: 0 })]) {
            await copy.models.list();
            outcomes.push([copy.baseURL.replace(/\d+/g, ''), copy.organization, copy.apiKey]);
          }
          outcomes.push(await outcome(() => new root.OpenAI({ provider: {} })));
          return outcomes;
        },
      ),
    check: (_, requests) => {
      for (const { headers } of requests) {
        assert.equal(headers.authorization, 'Bearer t');
        assert.deepEqual([headers['x-a'], headers['x-b'], headers['openai-organization']], [undefined, undefined, undefined]);
      }
    },
  });
}

const KNOWN = 'https://bedrock-runtime.us-east-1.amazonaws.com/openai/v1';
const PLACES = {
  bedrock: [
    ...[{}, { region: 'us-east-1' }, { region: 'local' }, { region: 'a/../b' }, { endpoint: 'runtime' }, { endpoint: 'x' }],
    ...['cn-north-1', 'us-isob-east-1', 'eusc-de-east-1'].map((region) => ({ region, endpoint: 'runtime' })),
    ...[{ baseURL: KNOWN }, { baseURL: KNOWN, region: 'us-west-2' }, { baseURL: KNOWN, endpoint: 'mantle' }, { baseURL: null }],
    ...[{ baseURL: KNOWN.replace('https', 'http') }, { baseURL: 'https://proxy.example/v1/responses/' }, { baseURL: 'nonsense' }],
    ...[{ apiKey: '' }, { apiKey: ' ' }, { apiKey: 'k', tokenProvider: fails }],
  ],
  vertex: [
    ...[{}, { project: 'p' }, { location: 'eu' }, { project: 'p', location: 'global' }, { project: 'p', location: 'us-east5' }],
    ...[{ project: '..', location: 'eu' }, { project: 'example.com:p', location: 'eu' }, { project: 'p', location: 'a/b' }],
    ...['', 'x', 'ftp://x', 'https://a?b', 'https://a#b', 'https://u:p@a', 'http://googleapis.com/v1', 'https://a/v1/'].map(
      (baseURL) => ({ baseURL }),
    ),
    { credentials: {}, tokenProvider: fails },
  ],
};
const ENVIRONMENTS = {
  bedrock: [{}, { AWS_REGION: 'us-west-2' }, { AWS_BEDROCK_BASE_URL: 'https://env.example/v1' }, { AWS_REGION: 'local' }],
  vertex: [{}, { GOOGLE_CLOUD_PROJECT: 'env', GOOGLE_CLOUD_LOCATION: 'us-west1' }],
};

for (const [name, places] of Object.entries(PLACES)) {
  sideBySide(`places of ${name}`, {
    async scenario({ root }) {
      const outcomes = [];
      for (const environment of ENVIRONMENTS[name]) {
        for (const place of places) {
          const token = name === 'vertex' || 'apiKey' in place ? {} : { apiKey: 'k' };
          const make = () => new root.OpenAI({ provider: provider(root, name)({ ...token, ...place }) }).baseURL;
          outcomes.push(await withEnvironment(environment, () => outcome(make)));
        }
      }
      return outcomes;
    },
    check: (outcomes) => assert.ok(outcomes.some((value) => typeof value === 'string')),
  });
}

sideBySide('a token that takes too long ends the call', {
  async scenario({ root, baseURL }) {
    let asked = 0;
    const tokenProvider = () => {
      asked += 1;
      return new Promise(() => {});
    };
    const made = provider(root, 'vertex')({ baseURL, tokenProvider });
    const client = new root.OpenAI({ provider: made, timeout: 50, maxRetries: 0 });
    const [name] = await outcome(() => client.models.list());
    return [name, asked];
  },
  check: (result, requests) => assert.deepEqual([result, requests], [['APIConnectionTimeoutError', 1], []]),
});

sideBySide('the older client of Bedrock', {
  async scenario({ root, baseURL }) {
    const { BedrockOpenAI } = root;
    const base = { apiKey: 'k', baseURL, maxRetries: 0 };
    const client = new BedrockOpenAI(base);
    const outcomes = [await outcome(() => client.models.list())];
    outcomes.push(await outcome(() => client.admin.organization.projects.list()));
    outcomes.push(await outcome(() => client.get('https://127.0.0.1:1/x')));
    outcomes.push(await outcome(() => client.models.list({ headers: { Authorization: 'own' } })));
    client.apiKey = 'assigned';
    outcomes.push(await outcome(() => client.models.list()));
    let asked = 0;
    const asking = new BedrockOpenAI({ ...base, apiKey: undefined, bedrockTokenProvider: async () => `t${++asked}` });
    for (const copy of [asking, asking.withOptions({ timeout: 5000 }), asking.withOptions({ apiKey: 'z' })]) {
      outcomes.push(await outcome(() => copy.models.list()));
    }
    const moved = () => {
      client.baseURL = 'http://127.0.0.1:1/v1';
      return client.models.list();
    };
    outcomes.push(await outcome(moved));
    for (const options of [
      ...[{}, { apiKey: 'k' }, { apiKey: 'k', awsRegion: 'us-east-1' }, { apiKey: 'k', awsRegion: 'local' }],
      ...[{ ...base, bedrockTokenProvider: fails }, { ...base, apiKey: fails }, { ...base, dataResidency: 'eu' }],
      ...[{ ...base, adminAPIKey: 'a' }, { ...base, workloadIdentity: {} }, { apiKey: 'k', baseURL: `${KNOWN}/responses` }],
    ]) {
      outcomes.push(await outcome(() => new BedrockOpenAI(options).baseURL));
    }
    outcomes.push(await outcome(() => new BedrockOpenAI({ apiKey: 'k', awsRegion: 'us-east-1' }).withOptions({ baseURL: KNOWN }).baseURL));
    return outcomes;
  },
  check: (_, requests) => {
    assert.deepEqual(
      requests.map(({ headers }) => headers.authorization),
      ['Bearer k', 'Bearer k', 'own', 'Bearer assigned', 'Bearer t1', 'Bearer t2', 'Bearer z'],
    );
  },
});

/** The signature that AWS computes for a request as the server got it. */
function signature({ method, url, headers, body }, secret) {
  const { authorization } = headers;
  const [, scope, names] = /Credential=[^/]+\/(\S+), SignedHeaders=(\S+), /.exec(authorization);
  const encode = (text) => encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
  const [path, query = ''] = url.split('?');
  const pairs = query.split('&').filter(Boolean).map((pair) => pair.split('=').map((part) => encode(decodeURIComponent(part))));
  const sha256 = (text) => createHash('sha256').update(text).digest('hex');
  const canonical = [
    ...[method, path.split('/').map(encode).join('/'), pairs.map((pair) => pair.join('=')).sort().join('&')],
    ...names.split(';').map((name) => `${name}:${headers[name]}`),
    ...['', names, sha256(Buffer.from(body, 'latin1'))],
  ].join('\n');
  const text = ['AWS4-HMAC-SHA256', headers['x-amz-date'], scope, sha256(canonical)].join('\n');
  return [...scope.split('/'), text]
    .reduce((key, part) => createHmac('sha256', key).update(part).digest(), `AWS4${secret}`)
    .toString('hex');
}

test('what is sent is what is signed, anew for each attempt', async () => {
  const { baseURL, requests } = await recorder(({ number }) =>
    number === 1 ? { status: 500, headers: { 'retry-after-ms': '1' }, body: {} } : {},
  );
  let asked = 0;
  const credentialProvider = async () => {
    asked += 1;
    return { accessKeyId: `key-${asked}`, secretAccessKey: `secret-${asked}`, sessionToken: `token-${asked}` };
  };
  const made = aws({ baseURL, region: 'eu-west-1', endpoint: 'runtime', credentialProvider });
  const client = new tailrace.OpenAI({ provider: made, maxRetries: 3 });
  await client.post('/a b/ü', { body: { text: 'ä' }, query: { q: 'a b+c/é', list: [1] } });
  assert.equal(requests.length, 2);
  requests.forEach((request, index) => {
    const number = index + 1;
    const { authorization } = request.headers;
    assert.equal(request.headers['x-amz-security-token'], `token-${number}`);
    assert.match(authorization, new RegExp(`^AWS4-HMAC-SHA256 Credential=key-${number}/\\d+/eu-west-1/bedrock/aws4_request, `));
    assert.ok(authorization.endsWith(`Signature=${signature(request, `secret-${number}`)}`));
  });
});

test('bodies that cannot be signed and credentials that are not found are refused before anything is sent', async () => {
  const { baseURL, requests } = await recorder();
  const place = { baseURL, region: 'us-west-2' };
  let asked = 0;
  const count = () => void (asked += 1);
  const clientOf = (options) => new tailrace.OpenAI({ provider: aws({ ...place, ...options }), maxRetries: 2 });
  const counting = clientOf({ credentialProvider: count });
  const form = await outcome(() => counting.files.create({ file: new File(['x'], 'a'), purpose: 'batch' }));
  assert.match(form[1], /replayable request body/);
  assert.equal(asked, 0);
  assert.match((await outcome(() => counting.models.list()))[1], /no access key/);
  assert.match((await outcome(() => clientOf({ credentialProvider: fails }).models.list()))[1], /^Failed to resolve AWS/);
  const chain = await outcome(() => clientOf({ profile: 'p' }).models.list());
  assert.match(chain[2], /@aws-sdk\/credential-provider-node/);
  assert.deepEqual(requests, []);
  const keys = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'the secret' };
  await clientOf(keys).models.list();
  assert.ok(requests[0].headers.authorization.endsWith(signature(requests[0], 'the secret')));
  for (const options of [{ accessKeyId: 'a' }, { sessionToken: 't' }, { ...keys, profile: 'p' }, { ...keys, apiKey: 'k' }]) {
    assert.throws(() => aws({ ...place, ...options }), tailrace.OpenAIError);
  }
  assert.throws(() => aws({ baseURL, ...keys }), /region/);
});

test('nothing secret is shown', () => {
  const made = aws({ region: 'us-west-2', accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'the secret', sessionToken: 'the token' });
  const client = new tailrace.OpenAI({ provider: made });
  const token = aws({ region: 'us-west-2', apiKey: 'the token' });
  const shown = [made, token, client, client._options].map((value) => inspect(value, { depth: 9, showHidden: true })).join();
  for (const secret of ['the secret', 'the token', 'AKIDEXAMPLE']) assert.ok(!shown.includes(secret), secret);
});
