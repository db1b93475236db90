// Exceptions: which class, which fields, which message.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import * as errors from '../../node/dist/esm/error.js';
import * as root from '../../node/dist/esm/index.js';
import { EXCEPTIONS } from '../../node/dist/esm/internal/failure.js';
import { clientOf, mockServer, OpenAI } from './support.mjs';

const require = createRequire(import.meta.url);
const NATIVE = require.resolve('../../node/dist/cjs/internal/native.cjs');
const { addon } = require(NATIVE);
const server = mockServer();

/** What a call over this exchange rejects with. */
async function failure(exchange, options, callOptions) {
  const baseURL = server.script({ own_port: true, ...exchange });
  const call = clientOf(baseURL, options).post('/x', { body: {}, ...callOptions });
  return call.then(
    () => assert.fail('the call succeeded'),
    (error) => error,
  );
}

test('the table from code to exception has the codes of the native side, and no other', () => {
  assert.deepEqual(Object.keys(EXCEPTIONS).sort(), addon().errorCodes().sort());
});

test('a panic in Rust is an exception that asks for a report', () => {
  // In a process of its own, because Rust prints where it was, which would look like a failure of the tests.
  const program = `
    const { addon } = require(${JSON.stringify(NATIVE)});
    assert.throws(() => addon().provokePanic(), /^Error: tailrace failed .*provoked by a test.*please report this/);
    // The process and the addon go on.
    assert.ok(addon().errorCodes().includes('internal'));`;
  const { status, stderr } = spawnSync(process.execPath, ['--eval', program], { encoding: 'utf8' });
  assert.match(stderr, /panicked at .*\n.*provoked by a test/);
  assert.equal(status, 0, stderr);
});

test('all classes are exports and most are statics', () => {
  const names = Object.keys(errors).filter((name) => /Error$/.test(name) && errors[name].prototype instanceof Error);
  assert.equal(names.length, 20);
  const hidden = ['LengthFinishReasonError', 'ContentFilterFinishReasonError'];
  for (const name of names) if (!hidden.includes(name)) assert.equal(root[name], errors[name], name);
  const other = ['OAuthError', 'SubjectTokenProviderError', 'SchemaError', 'SchemaViolationError'];
  const statics = names.filter((name) => ![...hidden, ...other].includes(name));
  assert.equal(statics.length, 14);
  for (const name of statics) assert.equal(OpenAI[name], errors[name], name);
  for (const name of [...hidden, ...other]) assert.equal(OpenAI[name], undefined, name);
});

test('the class follows the status, the message the body', async () => {
  const inner = { message: 'bad', code: 'c', param: 'p', type: 't' };
  const cases = [
    [400, { json: { error: inner } }, 'BadRequestError', '400 bad', inner],
    [401, { json: { error: inner } }, 'AuthenticationError', '401 bad', inner],
    [403, { json: {} }, 'PermissionDeniedError', '403 {}', {}],
    [404, { json: { message: 'top' } }, 'NotFoundError', '404 top', { message: 'top' }],
    [409, { json: { detail: 'd' } }, 'ConflictError', '409 {"detail":"d"}', { detail: 'd' }],
    [418, { json: { error: 'plain' } }, 'APIError', '418 "plain"', 'plain'],
    [422, { json: { error: { message: { a: 1 } } } }, 'UnprocessableEntityError', '422 {"a":1}', { message: { a: 1 } }],
    [429, { text: 'slow down' }, 'RateLimitError', '429 slow down', undefined],
    [500, { text: '' }, 'InternalServerError', '500 status code (no body)', undefined],
    [503, { text: '<html>' }, 'InternalServerError', '503 <html>', undefined],
  ];
  for (const [status, exchange, name, message, body] of cases) {
    const headers = { 'x-request-id': 'req_9' };
    const error = await failure({ exchanges: [{ status, headers, ...exchange }] });
    assert.equal(error.constructor, errors[name], name);
    assert.ok(error instanceof OpenAI.APIError && error instanceof OpenAI.OpenAIError);
    assert.deepEqual([error.status, error.message, error.error, error.requestID], [status, message, body, 'req_9']);
    assert.equal(error.headers.get('X-Request-Id'), 'req_9');
    if (body === inner) assert.deepEqual([error.code, error.param, error.type], ['c', 'p', 't']);
  }
});

test('no answer is an APIConnectionError with the reason as its cause', async () => {
  for (const exchange of [
    { listen: 'refuse' },
    { exchanges: [{ json: {}, fault: { kind: 'reset', at: 'request' } }] },
    { exchanges: [{ json: {}, content_length: 99, fault: { kind: 'close', at: 'end' } }] },
  ]) {
    const error = await failure(exchange);
    assert.equal(error.constructor, OpenAI.APIConnectionError);
    assert.deepEqual([error.message, error.status], ['Connection error.', undefined]);
    assert.ok(error.cause instanceof Error && error.cause.message.length > 10);
  }
});

test('a timeout covers the head, and the body of a call that is not streamed', async () => {
  for (const at of ['request', 'end']) {
    const exchange = { json: {}, content_length: 99, fault: { kind: 'stall', at } };
    const started = performance.now();
    const error = await failure({ exchanges: [exchange] }, {}, { timeout: 150 });
    assert.equal(error.constructor, OpenAI.APIConnectionTimeoutError);
    assert.equal(error.message, 'Request timed out.');
    assert.ok(error instanceof OpenAI.APIConnectionError);
    const elapsed = performance.now() - started;
    assert.ok(elapsed >= 140, `${elapsed} ms`);
  }
});

test('bad input is one sentence that names the option', async () => {
  const call = (options, callOptions) => clientOf('http://127.0.0.1:9/v1', options).post('/x', callOptions);
  const cases = [
    [() => call({ baseURL: 'nonsense' }), /the base URL "nonsense" is not an absolute http or https URL/],
    [() => call({ baseURL: 'ftp://h/' }), /the base URL "ftp:\/\/h\/" is not an absolute http or https URL/],
    [() => call({}, { headers: { 'x-a': 'a\nb' } }), /the value of the header "x-a" has a line break/],
    [() => clientOf('http://127.0.0.1:9/v1').post('/x\r\ny'), /the path .* has a line break or another control character/i],
    [() => call({}, { headers: { 'x a': 'b' } }), /the header name "x a" has a character that HTTP does not allow/],
    [() => call({ apiKey: 'k\n2' }), /the value of the header "Authorization" has a line break/i],
    [() => call({}, { timeout: -5 }), /^timeout must be a positive integer$/],
    [() => call({}, { timeout: 1.5 }), /^timeout must be an integer$/],
    [() => call({}, { timeout: '5' }), /^timeout must be an integer$/],
    [() => clientOf('http://127.0.0.1:9/v1').post(5), /The path of a request is a number/],
    [async () => call({ timeout: 1.5 }), /^timeout must be an integer$/],
    [async () => call({ apiKey: 5 }), /The `apiKey` option is a number/],
    [async () => call({ organization: 5 }), /The `organization` option is a number/],
    [async () => call({ fetch: 'x' }), /The `fetch` option is a string/],
    [async () => call({ dataResidency: 'eu' }), /The `dataResidency` and `baseURL` options are mutually exclusive/],
  ];
  for (const [act, pattern] of cases) {
    await assert.rejects(act, (error) => {
      assert.equal(error.constructor, OpenAI.OpenAIError, String(error));
      assert.match(error.message, pattern);
      assert.doesNotMatch(error.message, /k\n2/);
      return true;
    });
  }
});

test('a call without a key says so, unless the header was taken away on purpose', async () => {
  const baseURL = server.script({ exchanges: [{ json: { a: 1 }, repeat: true }] });
  const client = clientOf(baseURL, { apiKey: null, adminAPIKey: 'admin' });
  await assert.rejects(client.post('/x'), /Could not resolve authentication method/);
  assert.deepEqual(await client.post('/x', { headers: { Authorization: null } }), { a: 1 });
  assert.deepEqual(await client.post('/x', { headers: { 'api-key': 'z' } }), { a: 1 });
});

test('the constructors of the classes', () => {
  assert.equal(new errors.APIConnectionError({}).message, 'Connection error.');
  assert.ok(!('cause' in new errors.APIConnectionError({})));
  assert.equal(new errors.APIConnectionTimeoutError().message, 'Request timed out.');
  assert.equal(new errors.APIUserAbortError().message, 'Request was aborted.');
  assert.equal(new errors.APIError(undefined, undefined, undefined, undefined).message, '(no status code or body)');
  assert.equal(new errors.APIError(400, undefined, 'm', undefined).message, '400 m');
  const generated = errors.APIError.generate(undefined, { error: 1 }, 'm', undefined);
  assert.deepEqual([generated.constructor, generated.message], [errors.APIConnectionError, 'm']);
  assert.equal(generated.cause.message, '{"error":1}');
  const oauth = new errors.OAuthError(401, { error: 'invalid_grant' }, new Headers());
  assert.equal(oauth.error_code, 'invalid_grant');
  const provider = new errors.SubjectTokenProviderError('m', 'gcp', generated);
  assert.deepEqual([provider.provider, provider.cause], ['gcp', generated]);
});
