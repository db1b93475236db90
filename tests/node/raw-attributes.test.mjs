// Every public name of raw answers, errors, pages and streams, enumerated from those of the official package: a name that is
// missing here fails, and so does a value that differs.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { skip } from './beside-official.mjs';
import { DIST, ROOT } from './support.mjs';

const { TAILRACE_OFFICIAL_NODE: officialNode, TAILRACE_OFFICIAL_NODE_MODULES: officialModules } = process.env;

const HEAD = {
  'x-request-id': 'req_7', 'x-twice': ['1', '2'], 'set-cookie': ['a=b; Path=/', 'c=d'], 'x-ratelimit-limit-requests': '60',
  link: '<http://x/?p=2>; rel="next"', 'X-Mixed-Case': ' spaced', 'x-wide': 'é', 'x-empty': '',
}; // prettier-ignore
const json = (value, status = 200) => [status, { ...HEAD, 'content-type': 'application/json' }, typeof value === 'string' ? value : JSON.stringify(value)];
const file = (id) => ({ id, object: 'file', bytes: 1, created_at: 1, filename: 'n', purpose: 'batch', status: 'processed' });
const chunk = (content) => `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta: { content }, finish_reason: null }] })}\n\n`;
const ERROR = { error: { message: 'no é', type: 't', param: 'p', code: 'c', more: 1 } };
const PARTS = '--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--b\r\nContent-Disposition: form-data; name="f"; filename="n.txt"\r\nContent-Type: text/plain\r\n\r\né\r\n--b--\r\n';

const ANSWERS = {
  '/models/json': json({ id: 'm1', object: 'model', created: 1, owned_by: 'é\nb' }),
  '/files/binary/content': [200, { ...HEAD, 'content-type': 'application/octet-stream' }, Buffer.of(0, 255, 13, 10, 128)],
  '/text': [202, { ...HEAD, 'content-type': 'text/plain; charset=utf-8' }, '\ufeffhéllo\0'],
  '/empty': [204, { ...HEAD }, ''],
  '/models/redirect': [307, { location: 'json' }, ''],
  '/files/redirect/content': [302, { location: '/v1/files/binary/content' }, ''],
  '/form': [200, { ...HEAD, 'content-type': 'application/x-www-form-urlencoded' }, 'a=1&b=%C3%A9+c'],
  '/parts': [200, { ...HEAD, 'content-type': 'multipart/form-data; boundary=b' }, PARTS],
  '/broken': json('{"a":'),
  '/list': json([1, { a: null }]),
  '/models': json({ object: 'list', data: [{ id: 'm1' }, { id: 'm2' }], extra: 1 }),
  '/files': json({ object: 'list', data: [file('a'), file('b')], has_more: true, first_id: 'a', last_id: 'b' }),
  '/files?after=b': json({ object: 'list', data: [file('c')], has_more: false }),
  '/chat/completions': [200, { ...HEAD, 'content-type': 'text/event-stream' }, `${chunk('a')}${chunk('é')}data: [DONE]\n\n`],
  '/error-event': [200, { ...HEAD, 'content-type': 'text/event-stream' }, `data: {"error":${JSON.stringify(ERROR.error)}}\n\n`],
  '/models/error-text': [418, { ...HEAD, 'content-type': 'text/plain' }, 'plain é'],
  ...Object.fromEntries([400, 401, 403, 404, 409, 422, 429, 500, 503].map((status) => [`/models/error-${status}`, json(ERROR, status)])),
};

const CHANGING = ['append', 'delete', 'set'];
const READING = ['body', 'bodyUsed', 'clone', 'arrayBuffer', 'blob', 'bytes', 'formData', 'json', 'text'];
/** Where the official package has read the body. */
const READ = /(the Response beside a value|(a Response with a value|page[^.]*)\.response)(\.|$)/;
const PRIVATE = ['responsePromise', 'parseResponse', 'parse', 'keys'];

/** What is said by names that DIVERGENCES.md does not name, and that are not private to the package. */
function common(place, names) {
  const [isHeaders, isRead] = [place.endsWith('headers'), READ.test(place)];
  const left = [...(isHeaders ? CHANGING : []), ...(isRead ? READING : []), ...(place === 'a promise.promise' ? PRIVATE : [])];
  // The platform says in its own words why a connection could not be made.
  if (place === 'an error of the connection') left.push('cause');
  return Object.fromEntries(Object.entries(names).filter(([name]) => !left.includes(name)));
}

describe('raw answers', { skip }, () => {
  let server, base;
  before(async () => {
    server = createServer((request, response) => {
      const [status, headers, body] = ANSWERS[request.url.replace('/v1', '')] ?? [404, {}, request.url];
      response.sendDate = false;
      response.writeHead(status, status === 418 ? 'Short and stout' : undefined, headers).end(body);
    });
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    base = `http://127.0.0.1:${server.address().port}/v1`;
  });
  after(() => server.closeAllConnections());
  after(() => server.close());

  async function facts(node, folder, extension, names) {
    const program = spawn(node, [join(ROOT, 'tests/node/raw-attributes-subject.mjs'), folder, extension, base], {
      stdio: ['pipe', 'pipe', 'inherit'],
      timeout: 280_000,
    });
    program.stdin.end(names === undefined ? '' : JSON.stringify(names));
    return JSON.parse(await text(program.stdout));
  }

  it('say the same by every name', async (t) => {
    const official = await facts(officialNode, join(officialModules, 'openai'), '.mjs');
    // What the platform gives is compared on the same platform.
    const ours = await facts(officialNode, join(DIST, 'esm'), '.js', official.asked);
    assert.ok(Object.keys(official.asked).length > 40);
    for (const [place, names] of Object.entries(official.found)) {
      // There is no body of that.
      if (READ.test(place) && /(body|clone\(\))$/.test(place)) continue;
      await t.test(place, () => assert.deepEqual(common(place, ours.found[place]), common(place, names)));
    }
  });
});
