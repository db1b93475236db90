// Workloads that a client certificate proves, over TLS with a server that asks for one. The token service and the API have
// fixed names, so a proxy leads to the server of the test. What the official package does was seen by running it.

import assert from 'node:assert/strict';
import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import http from 'node:http';
import https from 'node:https';
import { createRequire } from 'node:module';
import net from 'node:net';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { inspect } from 'node:util';
import { createX509Transport, fromX509, workloadIdentity } from '../../node/dist/esm/auth/x509-transport.js';
import * as tailrace from '../../node/dist/esm/index.js';
import { Authority, cleanUp, lacking } from './parts.mjs';

const { OpenAI } = tailrace;
const HOSTS = ['mtls.auth.openai.com', 'mtls.api.openai.com'];
const LIST = { body: { object: 'list', data: [] } };
const REFUSED = { status: 401, body: {} };
const FAILED = { status: 500, headers: { 'retry-after-ms': '1' }, body: { error: { message: 'canary' } } };
const grant = (token) => ({ body: { access_token: token, token_type: 'Bearer', expires_in: 3600 } });
const TIME = { timeout: 100_000 };

/** Where undici is; it is no dependency of this package. */
const tools = process.env.TAILRACE_TEST_TOOLS;
const NO_TOOLS = 'TAILRACE_TEST_TOOLS, the folder with nock, MSW and undici, is not set';
const undici = tools && createRequire(join(tools, 'tools.js'))('undici');

let authority, server, own;

/** A token service and an API that answer in turn, the last answer of each again; how they are reached, and what came. */
async function place({ tokens = [grant('a')], calls = [LIST], secure } = {}) {
  const [seen, connects, numbers] = [[], [], [0, 0]];
  const service = https.createServer({ ...server, ca: authority.pem, requestCert: true }, async (request, response) => {
    const { host, authorization } = request.headers;
    let body = '';
    for await (const piece of request) body += piece;
    seen.push({ host, url: request.url, authorization, body, isProved: request.client.authorized });
    if (request.headers['proxy-authorization'] !== undefined) seen.push('the proof for the proxy');
    const which = HOSTS.indexOf(host);
    const answers = [tokens, calls][which];
    const { status = 200, headers, body: said } = answers[Math.min(numbers[which]++, answers.length - 1)];
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(typeof said === 'string' ? said : JSON.stringify(said));
  });
  // One with TLS asks who is there.
  const proxy = secure ? https.createServer({ ...secure, requestCert: true, rejectUnauthorized: false }) : http.createServer();
  proxy.on('connect', (request, socket) => {
    const shown = secure ? [Object.keys(request.socket.getPeerCertificate())] : [];
    connects.push([request.url, request.headers['proxy-authorization'], ...shown]);
    const other = net.connect(service.address().port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      other.pipe(socket).pipe(other);
    });
    other.on('error', () => socket.destroy());
    socket.on('error', () => other.destroy());
    cleanUp(() => socket.destroy());
  });
  for (const each of [service, proxy]) {
    await new Promise((resolve) => each.listen(0, '127.0.0.1', resolve));
    cleanUp(() => {
      each.closeAllConnections();
      each.close();
    });
  }
  const url = `http${secure ? 's' : ''}://user:pass@${secure ? 'localhost' : '127.0.0.1'}:${proxy.address().port}`;
  const mode = secure ? 'https-connect' : 'http-connect';
  return {
    seen,
    connects,
    address: () => service.address(),
    options: (more) => ({ ...material(), proxy: { url, mode }, ...more }),
    proxied: (more) => ({ ...material(), proxy: { url, mode, ...more } }),
    sent: () => seen.map(({ host, authorization }) => (host === HOSTS[0] ? 'token' : authorization)),
  };
}

function material() {
  const { cert: certificateChain, key: privateKey } = own;
  return { certificateChain, privateKey, ca: authority.pem, identityProviderId: 'idp', serviceAccountId: 'sa' };
}

/** Of a client, what says that it cannot be written. */
function json(value) {
  try {
    return JSON.stringify(value);
  } catch (error) {
    return String(error);
  }
}

const outcome = (promise) =>
  promise.then(
    ({ object }) => object ?? 'returned',
    ({ constructor, status, error }) => [constructor.name, status, error],
  );

describe('a certificate', { skip: lacking('openssl') }, () => {
  before(() => {
    authority = new Authority();
    server = authority.issue(HOSTS.map((host) => `DNS:${host}`).join());
    own = authority.issue('DNS:workload');
  });

  it('is shown for the token and for the API', TIME, async () => {
    process.env.OPENAI_API_KEY = 'canary';
    process.env.OPENAI_CUSTOM_HEADERS = 'Authorization: canary';
    const { seen, connects, options } = await place();
    try {
      assert.equal(workloadIdentity.fromX509, fromX509);
      const client = new OpenAI({ credential: fromX509(options()) });
      const copy = client.withOptions({ timeout: 50_000, credential: undefined });
      await Promise.all([client, client, copy, copy].map((each) => each.models.list()));
    } finally {
      delete process.env.OPENAI_API_KEY;
      delete process.env.OPENAI_CUSTOM_HEADERS;
    }
    const [exchange, ...calls] = seen;
    assert.deepEqual({ ...exchange, body: JSON.parse(exchange.body) }, {
      host: HOSTS[0],
      url: '/oauth/token',
      authorization: undefined,
      isProved: true,
      body: {
        grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
        subject_token_type: 'urn:openai:params:oauth:token-type:x509',
        identity_provider_id: 'idp',
        service_account_id: 'sa',
      },
    }); // prettier-ignore
    const call = { host: HOSTS[1], url: '/v1/models', authorization: 'Bearer a', body: '', isProved: true };
    assert.deepEqual(calls, Array(4).fill(call));
    assert.deepEqual([...new Set(connects.map(([host]) => host))], HOSTS.map((host) => `${host}:443`));
    // The proxy asked for nothing, and has what its URL says.
    assert.ok(connects.every(([, proof]) => proof === `Basic ${btoa('user:pass')}`));
  });

  it('goes through a proxy with TLS, whose authorities are its own', TIME, async () => {
    const others = new Authority();
    const secure = others.issue('DNS:localhost');
    const { seen, connects, proxied } = await place({ secure });
    const list = (options) => new OpenAI({ credential: fromX509(options), maxRetries: 0 }).models.list();
    assert.equal((await list(proxied({ ca: others.pem }))).object, 'list');
    assert.deepEqual(seen.map(({ host, isProved }) => [host, isProved]), HOSTS.map((host) => [host, true])); // prettier-ignore
    // It has what its URL says, and neither the certificate of the workload nor its token.
    const proof = `Basic ${btoa('user:pass')}`;
    assert.deepEqual(connects, HOSTS.map((host) => [`${host}:443`, proof, []])); // prettier-ignore
    const fails = async (options, cause) => {
      const error = await list(options).catch((error) => error);
      assert.ok(error instanceof tailrace.APIConnectionError, inspect(error));
      assert.match(inspect(error), cause);
      assert.doesNotMatch(inspect(error, { showHidden: true }), /user:pass/);
    };
    await fails(proxied({ ca: authority.pem }), /invalid peer certificate/);
    await fails(proxied(), /invalid peer certificate/);
    assert.equal(connects.length, HOSTS.length);
    // Those of the proxy vouch for nobody behind it.
    await fails({ ...proxied({ ca: others.pem }), ca: others.pem }, /invalid peer certificate/);
    assert.deepEqual([connects.length, seen.length], [3, 2]);
    const { proxied: renamed, connects: none } = await place({ secure: others.issue('DNS:elsewhere') });
    await fails(renamed({ ca: [others.pem] }), /NotValidForName|not valid for name/);
    assert.deepEqual(none, []);
  });

  const CASES = {
    'a refused token, without retries': [
      { calls: [REFUSED, LIST], tokens: [grant('a'), grant('b')] },
      [['AuthenticationError', 401, {}], 'list'],
      ['token', 'Bearer a', 'token', 'Bearer b'],
    ],
    'a refused token': [
      { calls: [REFUSED, LIST], tokens: [grant('a'), grant('b')], maxRetries: 2 },
      ['list', 'list'],
      ['token', 'Bearer a', 'token', 'Bearer b', 'Bearer b'],
    ],
    'a token that is refused twice': [
      { calls: [REFUSED, REFUSED, LIST], tokens: [grant('a'), grant('b'), grant('c')], maxRetries: 2 },
      [['AuthenticationError', 401, {}], 'list'],
      ['token', 'Bearer a', 'token', 'Bearer b', 'token', 'Bearer c'],
    ],
    'a failure of the API': [
      { calls: [FAILED, LIST], maxRetries: 1 },
      ['list', 'list'],
      ['token', 'Bearer a', 'Bearer a', 'Bearer a'],
    ],
    'a redirect': [
      { calls: [{ status: 307, headers: { location: '/v1/x' }, body: {} }, LIST] },
      [['APIError', 307, {}], 'list'],
      ['token', 'Bearer a', 'Bearer a'],
    ],
    'a redirect of the token service': [
      { tokens: [{ status: 307, headers: { location: '/x' }, body: {} }, grant('a')] },
      [['APIError', 307, undefined], 'list'],
      ['token', 'token', 'Bearer a'],
    ],
    'a refused certificate': [
      { tokens: [{ status: 401, body: { error: 'invalid_grant', error_description: 'canary' } }] },
      Array(2).fill(['OAuthError', 401, { error: 'invalid_grant' }]),
      ['token', 'token'],
    ],
    'a refusal in other words': [
      { tokens: [{ status: 400, body: { error: 'canary' } }, { status: 403, body: '<html>canary' }] },
      [['OAuthError', 400, undefined], ['OAuthError', 403, undefined]],
      ['token', 'token'],
    ],
    'a token service that fails': [
      { tokens: [FAILED, grant('a')] },
      [['InternalServerError', 500, undefined], 'list'],
      ['token', 'token', 'Bearer a'],
    ],
    'a token service that fails, with retries': [
      { tokens: [FAILED, FAILED, grant('a')], maxRetries: 2 },
      ['list', 'list'],
      ['token', 'token', 'token', 'Bearer a', 'Bearer a'],
    ],
    'what is no token': [
      { tokens: [{ body: 'canary' }, { body: { ...grant('a').body, token_type: 'canary' } }] },
      Array(2).fill(['APIError', 200, undefined]),
      ['token', 'token'],
    ],
  }; // prettier-ignore

  for (const [name, [{ maxRetries = 0, ...answers }, outcomes, requests]] of Object.entries(CASES)) {
    it(`goes on as in the official package after ${name}`, TIME, async () => {
      const { options, sent } = await place(answers);
      const client = new OpenAI({ credential: fromX509(options()), maxRetries });
      const found = [await outcome(client.models.list()), await outcome(client.models.list())];
      assert.deepEqual(found, outcomes);
      assert.deepEqual(sent(), requests);
    });
  }

  it('has a token for nobody else, and for nothing with other credentials', TIME, async () => {
    const { options, seen, sent } = await place();
    const client = new OpenAI({ credential: fromX509(options()) });
    const header = (name) => (each) => each.models.list({ headers: { [name]: 'canary' } });
    const query = (name) => (each) => each.get('/x', { query: { [name]: 'canary' } });
    const refused = [
      ...['https://example.com/x', 'http://mtls.api.openai.com/v1/x', 'https://mtls.api.openai.com:444/x', '\\x'].map(
        (path) => (each) => each.get(path),
      ),
      (each) => each.get('https://user:canary@mtls.api.openai.com/v1/x'),
      ...['Authorization', 'api-key', 'X-Api-Key', 'x_api_key', 'Proxy-Authorization', 'Host', 'Cookie'].map(header),
      ...['X-Auth-Token', 'X-Amz-Security-Token', 'OpenAI-Organization', 'openai_project'].map(header),
      ...['api_key', 'token', 'access_token', 'authorization', 'sig', 'client_secret', 'password'].map(query),
      (each) => each.get('/x?api_key=canary'),
      ...[{ redirect: 'follow' }, { dispatcher: {} }, { headers: { a: 'canary' } }].map(
        (fetchOptions) => (each) => each.get('/x', { fetchOptions }),
      ),
      (each) => Object.assign(each.withOptions({}), { baseURL: 'https://example.com/v1' }).models.list(),
      (each) => each.withOptions({ defaultHeaders: { Authorization: 'canary' } }).models.list(),
      (each) => each.withOptions({ defaultQuery: { api_key: 'canary' } }).models.list(),
    ];
    for (const action of refused) {
      await assert.rejects(action(client), (error) => {
        assert.ok(error instanceof tailrace.OpenAIError, inspect(error));
        assert.doesNotMatch(inspect(error, { showHidden: true }), /canary/);
        return true;
      });
    }
    assert.deepEqual(seen, []);
    // A request that shall have no token has none, and what is given away is not checked.
    await client.models.list({ headers: { Authorization: null, Cookie: null } });
    await client.get('https://mtls.api.openai.com/v1/x', { query: { key: 'a', after: 'b' } });
    assert.deepEqual(sent(), [undefined, 'token', 'Bearer a']);
  });

  it('is refused where it cannot be used, and no value is shown', TIME, () => {
    const given = material();
    const key = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    const cipher = { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'canary' };
    const wrong = [
      undefined, null, 3, {}, new Proxy(given, {}),
      ...[{ certificateChain: 'canary' }, { privateKey: 'canary' }, { privateKey: key.export({ type: 'pkcs8', format: 'pem' }) },
        { privateKey: key.export(cipher), passphrase: 'open' }, { privateKey: key.export(cipher) }, { identityProviderId: '' },
        { serviceAccountId: 3 }, { refreshBufferSeconds: -1 }, { refreshBufferSeconds: NaN }, { refreshBufferSeconds: 0.5 },
        { ca: [] }, { ca: 'canary' }, { other: 'canary' }, { proxy: { url: 'canary', mode: 'http-connect' } },
        { proxy: { url: 'http://u:canary@h:1', mode: 'https-connect' } }, { proxy: { url: 'http://u:canary@h:1', mode: 'direct' } },
        { proxy: { url: 'http://h:1/canary', mode: 'http-connect' } }, { proxy: { url: 'https://h:1', mode: 'http-connect' } },
        { proxy: { url: 'https://h:1', mode: 'https-connect', ca: [] } }, { proxy: { url: 'https://h:1', mode: 'https-connect', ca: 'canary' } },
        { proxy: { url: 'http://h:1', mode: 'http-connect', ca: 'canary' } }].map((change) => ({ ...given, ...change })),
    ]; // prettier-ignore
    for (const options of wrong) {
      assert.throws(() => fromX509(options), (error) => {
        assert.ok(error instanceof tailrace.OpenAIError, inspect(error));
        assert.doesNotMatch(inspect(error, { showHidden: true }), /canary/);
        return true;
      }); // prettier-ignore
    }
  });

  it('goes with the options of a client that it can go with', TIME, () => {
    const credential = fromX509(material());
    const make = (options) => new OpenAI({ credential, ...options });
    const wrong = [
      { apiKey: 'k' }, { adminAPIKey: 'k' }, { workloadIdentity: {} }, { baseURL: 'https://example.com/v1' },
      { baseURL: 'http://mtls.api.openai.com/v1' }, { dataResidency: 'eu' }, { fetch }, { fetchOptions: { dispatcher: {} } },
      { fetchOptions: { redirect: 'follow' } }, { transport: {} }, { credential: {} }, { credential: null }, { x509Transport: {} },
    ]; // prettier-ignore
    for (const options of wrong) assert.throws(() => make(options), tailrace.OpenAIError, Object.keys(options)[0]);
    const place = (client) => [client.baseURL, client.apiKey, client.organization];
    const certified = 'https://mtls.api.openai.com/v1';
    const client = make({ organization: 'o' });
    assert.deepEqual(place(client), [certified, null, 'o']);
    assert.deepEqual(place(make({ baseURL: `${certified}/`, fetchOptions: { redirect: 'manual' } })), [`${certified}/`, null, null]);
    assert.deepEqual(place(client.withOptions({ timeout: 1 })), [certified, null, 'o']);
    assert.deepEqual(place(client.withOptions({ apiKey: 'k' })), ['https://api.openai.com/v1', 'k', 'o']);
    const keyed = new OpenAI({ apiKey: 'k', baseURL: 'https://example.com/v1' });
    assert.deepEqual(place(keyed.withOptions({ credential })), [certified, null, null]);
    assert.throws(() => client.withOptions({ credential: null }), tailrace.OpenAIError);
    assert.throws(() => client.withOptions({ baseURL: 'https://example.com/v1' }), /origin/);
    assert.throws(() => client.withOptions({ dataResidency: 'eu' }), /mutually exclusive/);
  });

  it('is shown by a dispatcher of the caller, too', { ...TIME, skip: !tools && NO_TOOLS }, async () => {
    const { Agent, buildConnector, ProxyAgent } = undici;
    const { cert, key } = own;
    for (const mode of ['direct', 'http-connect']) {
      const { seen, sent, options, address } = await place({ tokens: [grant('a'), grant('b')], calls: [FAILED, REFUSED, LIST] });
      const tls = { cert, key, ca: authority.pem };
      // The names of the services lead to the server of the test.
      const lookup = (_host, { all }, done) => (all ? done(null, [{ address: '127.0.0.1', family: 4 }]) : done(null, '127.0.0.1', 4));
      const connect = buildConnector({ ...tls, lookup });
      const dispatcher =
        mode === 'direct'
          ? new Agent({ connect: (given, done) => connect({ ...given, port: address().port }, done) })
          : new ProxyAgent({ uri: options().proxy.url, requestTls: tls });
      const x509Transport = createX509Transport({ runtime: 'node', dispatcher, certificateIdentity: 'static', proxy: mode });
      const workloadIdentity = { type: 'x509', identityProviderId: 'idp', serviceAccountId: 'sa' };
      const client = new OpenAI({ workloadIdentity, x509Transport });
      assert.deepEqual([client.baseURL, client.apiKey], ['https://mtls.api.openai.com/v1', null]);
      assert.equal((await client.models.list()).object, 'list');
      assert.deepEqual(sent(), ['token', 'Bearer a', 'Bearer a', 'token', 'Bearer b']);
      assert.ok(seen.every(({ isProved }) => isProved));
      assert.deepEqual(JSON.parse(seen[0].body), {
        grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
        subject_token_type: 'urn:openai:params:oauth:token-type:x509',
        identity_provider_id: 'idp',
        service_account_id: 'sa',
      });
      await assert.rejects(client.get('https://example.com/x'), /origin/);
      await dispatcher.close();
    }
  });

  it('is refused in the words of the official package', { ...TIME, skip: !tools && NO_TOOLS }, () => {
    const { Agent, EnvHttpProxyAgent, MockAgent, Pool, ProxyAgent } = undici;
    const good = { runtime: 'node', dispatcher: new Agent(), certificateIdentity: 'static', proxy: 'direct' };
    const owned = 'X.509 transport requires a caller-owned Undici Agent or ProxyAgent.';
    const proxied = 'An X.509 CONNECT proxy requires an Undici ProxyAgent.';
    const wrong = [
      [undefined, 'X.509 transport configuration must be a non-proxy object.'],
      [new Proxy(good, {}), 'X.509 transport configuration must be a non-proxy object.'],
      [{ ...good, extra: 1 }, 'Unsupported X.509 transport option: `extra`.'],
      [Object.create(good), 'X.509 transport option `runtime` must be an own plain data property.'],
      [{ ...good, runtime: 'bun' }, 'X.509 transport requires an explicitly attested Node.js runtime.'],
      ...[{}, { dispatch() {} }, undefined, new MockAgent(), new EnvHttpProxyAgent(), new Pool('https://a')].map(
        (dispatcher) => [{ ...good, dispatcher }, owned],
      ),
      [{ ...good, dispatcher: new Agent().compose((next) => next) }, 'X.509 transport does not accept a dispatcher proxy.'],
      [{ ...good, certificateIdentity: 'x' }, 'X.509 transport requires an explicitly attested static client certificate.'],
      [{ ...good, proxy: 'socks' }, 'X.509 transport requires an explicitly supported proxy mode.'],
      [{ ...good, proxy: 'http-connect' }, proxied],
      [{ ...good, dispatcher: new ProxyAgent('http://p:1') }, proxied],
    ];
    for (const [options, message] of wrong) assert.throws(() => createX509Transport(options), { message });

    const x509Transport = createX509Transport(good);
    assert.deepEqual([Object.isFrozen(x509Transport), Reflect.ownKeys(x509Transport)], [true, []]);
    const identity = { type: 'x509', identityProviderId: 'i', serviceAccountId: 's' };
    const unwanted = 'An X.509 transport requires an X.509 workload identity.';
    const lacking = 'X.509 workload identity requires an approved X.509 transport capability.';
    const jwt = { ...identity, type: undefined, provider: { tokenType: 'jwt', getToken: async () => 'x' } };
    for (const [options, message] of [
      [{ x509Transport, apiKey: 'k' }, unwanted],
      [{ x509Transport }, unwanted],
      [{ x509Transport, workloadIdentity: jwt }, unwanted],
      [{ workloadIdentity: identity }, lacking],
      [{ workloadIdentity: identity, x509Transport: {} }, lacking],
      [{ workloadIdentity: identity, x509Transport, apiKey: 'k' }, 'The `apiKey` and `workloadIdentity` options are mutually exclusive'],
      [{ workloadIdentity: identity, x509Transport, fetch }, 'X.509 workload identity does not support a custom fetch implementation.'],
      [
        { workloadIdentity: identity, x509Transport, fetchOptions: { dispatcher: {} } },
        'X.509 workload identity cannot override its approved transport capability.',
      ],
      [
        { workloadIdentity: identity, x509Transport, baseURL: 'https://x' },
        'X.509 workload identity requires the approved global mTLS API origin.',
      ],
      [
        { workloadIdentity: { ...identity, refreshBufferMs: 1, refreshBufferSeconds: 1 }, x509Transport },
        'X.509 workload identity cannot combine refreshBufferSeconds and refreshBufferMs.',
      ],
      [
        { workloadIdentity: { ...identity, refreshBufferMs: -1 }, x509Transport },
        'X.509 workload identity requires a nonnegative integer refreshBufferMs.',
      ],
      [{ workloadIdentity: identity, x509Transport, dataResidency: 'eu' }, 'X.509 workload identity does not support data residency selection.'],
    ])
      assert.throws(() => new OpenAI(options), { message, name: 'Error' }, message);
    const client = new OpenAI({ workloadIdentity: identity, x509Transport });
    const sockets = [import('../../node/dist/esm/realtime/ws.js').then(({ OpenAIRealtimeWS: Socket }) => Socket.create(client, { model: 'm' }))];
    return assert.rejects(Promise.all(sockets), /X\.509/);
  });

  it('trusts nobody else, and needs a server that trusts it', TIME, async () => {
    const { options, seen } = await place();
    const stranger = new Authority();
    const other = stranger.issue('DNS:workload');
    for (const more of [{ ca: stranger.pem }, { ca: undefined }, { certificateChain: other.cert, privateKey: other.key }]) {
      const client = new OpenAI({ credential: fromX509(options(more)), maxRetries: 0 });
      await assert.rejects(client.models.list(), tailrace.APIConnectionError);
    }
    assert.deepEqual(seen, []);
  });

  it('ends with its credential, and is shown by nothing', TIME, async () => {
    const { options, sent } = await place({ tokens: [grant('canary-token')] });
    const { privateKey } = material();
    const cipher = { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'canary' };
    const encrypted = { privateKey: createPrivateKey(privateKey).export(cipher), passphrase: 'canary' };
    const credential = fromX509(options({ ca: [authority.pem], ...encrypted }));
    const client = new OpenAI({ credential });
    await client.models.list();
    await credential.close();
    await credential.close();
    const error = await client.models.list().then(assert.fail, (reason) => reason);
    assert.ok(error instanceof tailrace.APIConnectionError);
    assert.equal(sent().length, 2);
    const ways = [{}, { depth: 20, showHidden: true }, { depth: 20, customInspect: false, showHidden: true }];
    for (const value of [credential, client, client._workloadIdentityAuth, error]) {
      const told = [...ways.map((way) => inspect(value, way)), json(value), String(value)].join('\n');
      for (const secret of ['canary', privateKey.split('\n')[1]]) assert.ok(!told.includes(secret), told.slice(0, 300));
    }
  });
});
