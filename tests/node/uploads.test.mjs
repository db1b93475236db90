// Files: everything that can be uploaded, forms to the byte, streaming, retries.

import assert from 'node:assert/strict';
import { createReadStream, mkdtempSync, openAsBlob, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { recorder, sideBySide, thrown } from './recorder.mjs';
import { OpenAI, runNode } from './support.mjs';

const folder = mkdtempSync(join(tmpdir(), 'tailrace-uploads-'));
after(() => rmSync(folder, { recursive: true }));
const small = join(folder, 'a"b\u00e9.txt');
writeFileSync(small, 'hello');

const bytes = (text) => new TextEncoder().encode(text);
async function* pieces(...values) {
  yield* values;
}

/** Arguments of `toFile` by name, made anew for each package. */
const SOURCES = {
  file: () => [new File(['a'], 'n.txt', { type: 't/t', lastModified: 5 })],
  'file with a name': () => [new File(['a'], 'n.txt', { type: 't/t', lastModified: 5 }), 'm'],
  'file with options': () => [new File(['a'], 'n.txt', { type: 't/t' }), null, { type: 'z/z', lastModified: 9 }],
  blob: () => [new Blob(['b'], { type: 'q/q' })],
  'blob with a type': () => [new Blob(['b'], { type: 'q/q' }), 'x', { type: 'w/w' }],
  buffer: () => [Buffer.from('abc')],
  'array buffer': () => [new ArrayBuffer(3), 'b', { type: 'a/b' }],
  view: () => [new DataView(new ArrayBuffer(3), 1), 'b'],
  numbers: () => [new Uint16Array([258]), 'b'],
  response: () => [new Response('x', { headers: { 'content-type': 'a/b' } })],
  'response with an address': () => [
    Object.defineProperty(new Response('q'), 'url', { value: 'http://h/p/f%20.txt?x' }),
  ],
  'promise of a response': () => [fetch('data:text/plain,hi')],
  'read stream': () => [createReadStream(small)],
  'read stream with a name': () => [createReadStream(small), 'q.mjs'],
  generator: () => [pieces('a', new Uint8Array([66]), new Blob(['c'])), 'g'],
  'nested generator': () => [pieces(pieces('n')), 'g'],
  'readable stream': () => [new Response('zz').body, 'r'],
  text: () => ['abc', 's'],
  'like a file': () => [
    {
      size: 1,
      type: 'l/l',
      name: 'nm',
      lastModified: 3,
      text() {},
      slice() {},
      arrayBuffer: async () => bytes('L').buffer,
    },
  ],
  'like a response': () => [{ url: 'http://a/b.c', blob: async () => new Blob(['RL'], { type: 'r/l' }) }],
};

for (const [name, make] of Object.entries(SOURCES)) {
  sideBySide(`toFile: ${name}`, {
    async scenario({ OpenAI: Class }) {
      const file = await Class.toFile(...make());
      const changed = file.lastModified < 1e12 ? file.lastModified : 'now';
      return [file instanceof File, file.name, file.type, await file.text(), changed];
    },
    check: ([isFile, , , text]) => assert.ok(isFile && text.length > 0),
  });
}

sideBySide('toFile: a file as it is, and what is none', {
  async scenario({ OpenAI: Class }) {
    const file = new File(['a'], 'n');
    const same = (await Class.toFile(file)) === file;
    const errors = [];
    for (const value of [null, undefined, 5, { a: 1 }, ['a'], pieces(5)])
      errors.push((await thrown(Class.toFile(value, 'n')))[0]);
    return [same, errors, await thrown(Class.toFile(Promise.reject(new Error('mine')), 'n'))];
  },
  check: ([same, errors]) => assert.ok(same && errors.every((error) => error === 'Error')),
});

/** Bodies of forms by name, made anew for each package. */
const FORMS = {
  'a file and nested values': () => ({
    file: new File(['abc'], 'me.txt'),
    purpose: 'assistants',
    expires_after: { anchor: 'created_at', seconds: 3600 },
  }),
  'names that have to be quoted': () => ({ file: new File(['abc'], 'f/n"a\n\r\\me.txt'), 'a"\nb': 'c\nd' }),
  types: () => ({ file: new File(['x'], 't.json', { type: 'Application/JSON' }), blob: new Blob(['y']) }),
  'lists, odd values and none': () => ({
    list: [1, [2, 3], { a: [4] }],
    date: new Date(0),
    map: new Map([[1, 2]]),
    yes: true,
    empty: '',
    none: undefined,
    nothing: [],
    number: NaN,
    buffer: Buffer.from('ab'),
    file: new File([''], ''),
  }),
  'a response': async () => ({
    file: await fetch('data:text/plain,hi'),
    purpose: 'p',
    list: [await fetch('data:,a'), 'b'],
  }),
  'names of blobs': async () => ({
    a: Object.assign(new Blob(['q']), { name: 'n/b.png' }),
    b: await openAsBlob(small),
  }),
  'no file': () => ({ purpose: 'p' }),
};

for (const [name, make] of Object.entries(FORMS)) {
  sideBySide(`a form: ${name}`, {
    scenario: async ({ client }) => client.files.create(await make()),
    check: (_result, [request]) => {
      assert.match(request.headers['content-type'], /^multipart\/form-data; boundary=/);
      assert.equal(request.headers['content-length'], String(request.body.length));
    },
  });
}

/** Bodies that are read while they are sent. */
const STREAMS = {
  'a read stream': () => ({ file: createReadStream(small), purpose: 'p' }),
  'a part of a file': () => ({ file: createReadStream(small, { start: 1, end: 3 }) }),
  'a generator': () => ({ file: pieces('ab', bytes('c'), new Blob(['d']), bytes('e').buffer), purpose: 'x\ny' }),
  'a readable stream, in order': async () => ({
    before: 'b',
    file: new Response('x').body,
    whole: new File(['1'], 'd/z.txt'),
    answer: await fetch('data:text/plain,hi'),
    nested: { list: [1] },
  }),
};

for (const [name, make] of Object.entries(STREAMS)) {
  sideBySide(`a form that is read while it is sent: ${name}`, {
    scenario: async ({ client }) => client.files.create(await make()),
    check: (_result, [request]) => assert.equal(request.headers['transfer-encoding'], 'chunked'),
  });
}

sideBySide('toStreamingFile names a stream, and refuses bad names', {
  async scenario({ client, OpenAI: Class }) {
    const make = (name, options) => Class.toStreamingFile(pieces('x'), name, options);
    await client.files.create({ file: make('d/n"\\\n\u00e9.txt', { type: 'text/plain' }), purpose: 'p' });
    const errors = [];
    for (const values of [[''], [], [5], ['n', { type: 'a\r\nb' }]])
      errors.push(await thrown((async () => make(...values))()));
    return errors;
  },
  check: (errors) =>
    assert.deepEqual(
      errors.map(([name]) => name),
      Array(4).fill('TypeError'),
    ),
});

sideBySide('what cannot stand in a form is a TypeError that names it, and nothing is sent', {
  async scenario({ client }) {
    const errors = [];
    for (const value of [{ o: { p: null } }, { o: [null] }, { o: 10n }])
      errors.push(await thrown(client.files.create(value)));
    errors.push((await thrown(client.files.create({ o: Symbol('s') })))[0]);
    return errors;
  },
  check: (errors, requests) => {
    assert.match(errors[0][1], /"o\[p\]"/);
    assert.equal(requests.length, 0);
  },
});

sideBySide('methods with files in lists and with folders', {
  async scenario({ client }) {
    await client.images.edit({ image: [new File(['1'], 'a.png'), new File(['2'], 'b.png')], prompt: 'p', n: 2 });
    await client.audio.transcriptions.create({
      file: new File(['1'], 'a/b.wav'),
      model: 'w',
      timestamp_granularities: ['word', 'segment'],
    });
    await client.skills.create({ files: [new File(['1'], 'd/a.png')] });
    await client.skills.create({});
    await client.videos.create({ prompt: 'x' });
    return 'done';
  },
  check: (_result, requests) => assert.equal(requests.length, 5),
});

sideBySide('bodies of other kinds', {
  async scenario({ client }) {
    const form = new FormData();
    form.append('a\nb"', 'v\nw');
    for (const body of [form, createReadStream(small), pieces('ab'), new Response('yo').body, new Blob(['z'])]) {
      await client.post('/x', { body });
    }
    await client.post('/x', { body: [bytes('a'), bytes('b')].values() });
    return 'done';
  },
  check: (_result, requests) => assert.equal(requests.at(-1).body, 'ab'),
});

test('a body that is read while it is sent is sent once, whatever the server says', async () => {
  const { baseURL, requests } = await recorder(() => ({ status: 500, body: {} }));
  const client = new OpenAI({ apiKey: 'k', baseURL, maxRetries: 2 });
  assert.equal(
    (await thrown(client.files.create({ file: createReadStream(small), purpose: 'p' })))[0],
    'InternalServerError',
  );
  assert.equal(requests.length, 1);
});

test('files that can be read again are sent again, large ones too', async () => {
  const large = join(folder, 'large.bin');
  writeFileSync(large, Buffer.alloc(3_000_000, 'abcdefg'));
  const { baseURL, requests } = await recorder(({ number }) =>
    number < 3 ? { status: 500, headers: { 'retry-after-ms': '1' }, body: {} } : { id: 'sent' },
  );
  const client = new OpenAI({ apiKey: 'k', baseURL, maxRetries: 2 });
  for (const file of [new File(['abc'], 'n'), new File([await openAsBlob(large)], 'n')]) {
    requests.length = 0;
    // The server counts on; only the first file is retried unless it starts over.
    await client.files.create({ file, purpose: 'p' }, { maxRetries: 2 });
    assert.ok(requests.every(({ body }) => body === requests[0].body));
  }
  const { baseURL: other, requests: seen } = await recorder(({ number }) =>
    number < 3 ? { status: 500, headers: { 'retry-after-ms': '1' }, body: {} } : { id: 'sent' },
  );
  const sent = await new OpenAI({ apiKey: 'k', baseURL: other }).files.create({
    file: await openAsBlob(large),
    purpose: 'p',
  });
  assert.equal(sent.id, 'sent');
  assert.deepEqual(
    seen.map(({ headers }) => headers['x-stainless-retry-count']),
    ['0', '1', '2'],
  );
  for (const { body, headers } of seen) {
    assert.equal(headers['content-length'], String(body.length));
    assert.ok(body.includes(Buffer.alloc(3_000_000, 'abcdefg').toString('latin1')));
  }
});

test('a file that cannot be read fails the call with the reason', async () => {
  const { baseURL } = await recorder();
  const client = new OpenAI({ apiKey: 'k', baseURL });
  async function* broken() {
    yield 'a';
    throw new Error('the disk is gone');
  }
  const cases = [
    [createReadStream(join(folder, 'none')), /ENOENT/],
    [broken(), /^the disk is gone$/],
    [pieces(5), /gave a number/],
  ];
  for (const [file, reason] of cases) {
    await assert.rejects(client.files.create({ file, purpose: 'p' }), (error) => {
      assert.equal(error.constructor.name, 'APIConnectionError');
      assert.match(error.cause.message, reason);
      return true;
    });
  }
});

test('aborting an upload closes the connection and the file', async () => {
  let isClosed = false;
  const server = createServer((request) => {
    request.resume().on('close', () => (isClosed = true));
    // Once some of it has come, whenever that is.
    request.once('data', () => setTimeout(() => controller.abort(), 50));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  after(() => server.close());
  const client = new OpenAI({ apiKey: 'k', baseURL: `http://127.0.0.1:${server.address().port}` });
  const controller = new AbortController();
  let isEnded = false;
  async function* endless() {
    try {
      for (;;) {
        yield Buffer.alloc(65_536);
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    } finally {
      isEnded = true;
    }
  }
  const error = await thrown(client.files.create({ file: endless(), purpose: 'p' }, { signal: controller.signal }));
  assert.equal(error[0], 'APIUserAbortError');
  for (let i = 0; i < 6000 && !(isEnded && isClosed); i++) await new Promise((resolve) => setTimeout(resolve, 10));
  assert.deepEqual({ isEnded, isClosed }, { isEnded: true, isClosed: true });
});

test('a file of 256 MB is sent in bounded memory', async () => {
  let received = 0;
  const server = createServer((request, response) => {
    request.on('data', (piece) => (received += piece.length));
    request.on('end', () => response.writeHead(200, { 'content-type': 'application/json' }).end('{"id":"f"}'));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  after(() => server.close());
  const large = join(folder, 'huge.bin');
  writeFileSync(large, Buffer.alloc(0));
  const { truncateSync } = await import('node:fs');
  truncateSync(large, 256 * 1024 * 1024);
  const { stdout } = await runNode(
    `import OpenAI from './node/dist/esm/index.js'; import { createReadStream, openAsBlob } from 'node:fs';
     const client = new OpenAI({ apiKey: 'k', baseURL: process.argv[1] });
     await client.files.create({ file: new File(['warm'], 'w'), purpose: 'p' });
     const before = process.memoryUsage.rss();
     let most = before;
     const timer = setInterval(() => { most = Math.max(most, process.memoryUsage.rss()); }, 5);
     await client.files.create({ file: createReadStream(process.argv[2]), purpose: 'p' });
     await client.files.create({ file: await openAsBlob(process.argv[2]), purpose: 'p' });
     clearInterval(timer);
     console.log(Math.round((most - before) / 1048576));`,
    { args: [`http://127.0.0.1:${server.address().port}`, large], limit: 60_000 },
  );
  assert.ok(received > 512 * 1024 * 1024, `${received} bytes came`);
  assert.ok(Number(stdout) < 100, `${stdout.trim()} MiB more`);
});
