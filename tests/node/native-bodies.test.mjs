// The native addon alone: forms and pushed bodies on the wire, undecided replies, renewed headers.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import net from 'node:net';
import { after, test } from 'node:test';

const addon = createRequire(import.meta.url)('../../node/native/tailrace.node');

const BUFFERED = 0;
const UNDECIDED = 3;
const [ROOM, FULL, AGAIN, OVER] = [0, 1, 2, 3];

// ---- a hub, as the package has one

const waiting = new Map();
const early = new Set();
const hub = new addon.Hub(() => {
  // Of a batch only the segments matter here: none of these streams is told to deliver.
  for (const [id] of JSON.parse(hub.take()).pop()) {
    const wake = waiting.get(id);
    if (wake === undefined) early.add(id);
    else {
      waiting.delete(id);
      wake();
    }
  }
});
let ids = 0;
const newId = () => ++ids;
// The hub does not keep the process alive; this does, as long as there are tests.
const alive = setInterval(() => {}, 1000);
after(() => clearInterval(alive));

function woken(id) {
  if (early.delete(id)) return Promise.resolve();
  return new Promise((resolve) => waiting.set(id, resolve));
}

/** The reply or the failure of a call; `null` while it needs headers. */
async function settled(pending, id) {
  for (;;) {
    const outcome = pending.take();
    if (outcome !== null || pending.needsHeaders()) return outcome;
    await woken(id);
  }
}

const code = (outcome) => JSON.parse(outcome.data()).code;

// ---- a server that keeps what it got

class Recorder {
  requests = [];
  sockets = new Set();

  /** @param answers - `[status, body, header lines]` for each request in turn, then 200 for all others. */
  static async start(answers = []) {
    const recorder = new Recorder();
    recorder.server = net.createServer((socket) => recorder.serve(socket, answers));
    await new Promise((resolve) => recorder.server.listen(0, '127.0.0.1', resolve));
    recorder.base = `http://127.0.0.1:${recorder.server.address().port}`;
    after(() => {
      recorder.server.close();
      for (const socket of recorder.sockets) socket.destroy();
    });
    return recorder;
  }

  serve(socket, answers) {
    this.sockets.add(socket);
    let bytes = Buffer.alloc(0);
    socket.on('error', () => {});
    socket.on('close', () => this.sockets.delete(socket));
    socket.on('data', (data) => {
      bytes = Buffer.concat([bytes, data]);
      const end = bytes.indexOf('\r\n\r\n');
      if (end < 0) return;
      const head = bytes.subarray(0, end).toString('latin1').toLowerCase();
      const body = bytes.subarray(end + 4);
      const length = /content-length: (\d+)/.exec(head)?.[1];
      const isWhole =
        length === undefined ? body.subarray(-5).toString() === '0\r\n\r\n' : body.length >= Number(length);
      if (!isWhole) return;
      this.requests.push({ head, body: length === undefined ? unchunked(body) : body });
      bytes = Buffer.alloc(0);
      const [status, text, lines = ''] = answers.shift() ?? [200, '{"ok":1}'];
      socket.write(`HTTP/1.1 ${status} X\r\ncontent-length: ${text.length}\r\n${lines}\r\n${text}`);
    });
  }

  call(body, { mode = BUFFERED, retries = 2, headers = [], renews, follows } = {}) {
    const id = newId();
    const pending = new addon.Client(false).request(
      ...[hub, id, 'POST', this.base, '/x', null, headers, body, 60_000, retries, mode, renews, follows],
    );
    return [pending, id];
  }
}

function unchunked(body) {
  const parts = [];
  for (let at = 0; ;) {
    const line = body.indexOf('\r\n', at);
    const size = parseInt(body.subarray(at, line).toString(), 16);
    if (size === 0) return Buffer.concat(parts);
    parts.push(body.subarray(line + 2, line + 2 + size));
    at = line + 2 + size + 2;
  }
}

const SOON = 'retry-after-ms: 1\r\n';

/** Pushes `pieces` until they are all taken or nobody reads; begins again when it is asked to. */
async function push(sink, id, pieces) {
  let begun = 1;
  for (;;) {
    let said = ROOM;
    for (const piece of [...pieces, null]) {
      said = piece === null ? sink.end() : sink.push(piece);
      if (said === FULL) await woken(id);
      if (said === AGAIN || said === OVER) break;
    }
    if (said === OVER) return begun;
    if (said === AGAIN) begun++;
    else await woken(id);
  }
}

// ---- tests

test('a form is written as FormData is', async () => {
  const recorder = await Recorder.start();
  const names = ['plain', 'a\nb\rc"\\%\t', 'crlf\r\n', 'ünï😀', '\x01\x7f'];
  const form = new addon.Multipart('B');
  const theirs = new FormData();
  for (const name of names) {
    form.text(name, `v${name}`);
    theirs.append(name, `v${name}`);
    form.bytes(`f${name}`, name, 'a/b', Buffer.from('DATA'));
    theirs.append(`f${name}`, new File(['DATA'], name, { type: 'a/b' }));
  }
  const outcome = await settled(...recorder.call(form));
  assert.equal(outcome.text(), '{"ok":1}');
  await fetch(recorder.base, { method: 'POST', body: theirs });
  const [ours, official] = recorder.requests;
  assert.match(ours.head, /content-type: multipart\/form-data; boundary=b\r\n/);
  const boundary = /boundary=(.+)/.exec(official.head)[1];
  const expected = official.body.toString().replaceAll(new RegExp(boundary, 'gi'), 'B');
  assert.equal(ours.body.toString(), expected);
});

test('a form around a stream is written as the official package does, in chunks', async () => {
  const recorder = await Recorder.start();
  const form = new addon.Multipart('B', true);
  const id = newId();
  const sink = new addon.Sink(hub, id, false);
  form.text('p"\\\n', 'v\n');
  form.sink('f', 'a"\\\x7f.bin', 'x/y', sink, null);
  const [pending, call] = recorder.call(form);
  const piece = Buffer.alloc(100_000, 'z');
  const pushed = push(sink, id, Array(30).fill(piece));
  assert.equal((await settled(pending, call)).text(), '{"ok":1}');
  assert.equal(await pushed, 1);
  const [{ head, body }] = recorder.requests;
  assert.match(head, /transfer-encoding: chunked/);
  assert.equal(
    body.toString(),
    '--B\r\nContent-Disposition: form-data; name="p%22%5C%0A"\r\n\r\nv\n\r\n' +
      '--B\r\nContent-Disposition: form-data; name="f"; filename="a%22%5C%7F.bin"\r\nContent-Type: x/y\r\n\r\n' +
      `${'z'.repeat(3_000_000)}\r\n--B--\r\n`,
  );
});

test('a sink that can begin again does so for each retry and redirect', async () => {
  const recorder = await Recorder.start([
    [503, '{}', SOON],
    [307, '', 'location: /y\r\n'],
  ]);
  const form = new addon.Multipart('B');
  const id = newId();
  const sink = new addon.Sink(hub, id, true);
  form.sink('f', 'a', 'x/y', sink, 10);
  const [pending, call] = recorder.call(form);
  const pushed = push(sink, id, [Buffer.from('01234'), Buffer.from('56789')]);
  assert.equal((await settled(pending, call)).text(), '{"ok":1}');
  assert.equal(await pushed, 3);
  assert.deepEqual(
    recorder.requests.map(({ head }) => head.split(' ')[1]),
    ['/x', '/x', '/y'],
  );
  for (const { head, body } of recorder.requests) {
    assert.match(body.toString(), /\r\n0123456789\r\n/);
    assert.match(head, /content-length: /);
  }
});

test('a sink that cannot begin again is not retried once it was read', async () => {
  const recorder = await Recorder.start([[503, '{}', SOON]]);
  const id = newId();
  const sink = new addon.Sink(hub, id, false);
  sink.push(Buffer.from('ab'));
  assert.equal(sink.end(), ROOM);
  const failure = await settled(...recorder.call(sink));
  assert.equal(code(failure), 'status');
  assert.equal(recorder.requests.length, 1);
  assert.equal(recorder.requests[0].body.toString(), 'ab');
  // The call lets go of the sink after it has told its outcome.
  await woken(id);
  assert.equal(sink.push(Buffer.from('c')), OVER);
});

test('a sink that fails, or that breaks its word, fails the call', async () => {
  const recorder = await Recorder.start();
  for (const [length, end] of [
    [3, (sink) => sink.end()],
    [5, (sink) => sink.end()],
    [null, (sink) => sink.fail('no more of it')],
  ]) {
    const sink = new addon.Sink(hub, newId(), true);
    const form = new addon.Multipart('B');
    form.sink('f', null, null, sink, length);
    sink.push(Buffer.from('abcd'));
    end(sink);
    const failure = await settled(...recorder.call(form));
    assert.equal(code(failure), 'unreadable_body');
    if (length === null) assert.equal(JSON.parse(failure.data()).message, 'no more of it');
  }
  assert.equal(recorder.requests.length, 0);
});

test('a host that pushes too fast is told to wait, and when the call is over', async () => {
  const silent = net.createServer((socket) => socket.pause().on('error', () => {}));
  await new Promise((resolve) => silent.listen(0, '127.0.0.1', resolve));
  after(() => silent.close());
  const id = newId();
  const sink = new addon.Sink(hub, id, false);
  const base = `http://127.0.0.1:${silent.address().port}`;
  const pending = new addon.Client(false).request(hub, newId(), 'POST', base, '/', null, [], sink, 60_000, 0, 0);
  const piece = Buffer.alloc(64 * 1024);
  let pushed = 0;
  for (;;) {
    const said = sink.push(piece);
    pushed += piece.length;
    assert.ok(pushed < 64 << 20, 'nothing holds the host back');
    if (said !== FULL) continue;
    const idle = new Promise((resolve) => setTimeout(resolve, 500, 'idle'));
    if ((await Promise.race([woken(id), idle])) === 'idle') break;
  }
  const told = woken(id);
  pending.cancel();
  await told;
  // The first wake may still have told of room.
  while (sink.push(piece) !== OVER) await woken(id);
});

test('an undecided reply is read whole, in pieces or not at all, once', async () => {
  const recorder = await Recorder.start();
  const open = async () => {
    const [pending, id] = recorder.call('{}', { mode: UNDECIDED });
    return [await settled(pending, id), id];
  };
  const [whole] = await open();
  assert.equal(JSON.parse(whole.head()).status, 200);
  assert.equal(whole.text(), '');
  const id = newId();
  const read = whole.read(id);
  assert.deepEqual([whole.read(newId()), whole.chunks(), whole.events()], [null, null, null]);
  assert.equal((await settled(read, id)).text(), '{"ok":1}');

  const [pieces, stream] = await open();
  const chunks = pieces.chunks();
  const parts = [];
  for (;;) {
    const said = chunks.bytes();
    if (said === 0) break;
    if (said === null) await woken(stream);
    else parts.push(Buffer.from(said));
  }
  assert.equal(Buffer.concat(parts).toString(), '{"ok":1}');

  const [closed] = await open();
  closed.close();
  closed.close();
  assert.equal(closed.events(), null);
});

test('headers are renewed before each attempt but the first', async () => {
  const recorder = await Recorder.start([
    [503, '{}', SOON],
    [503, '{}', SOON],
  ]);
  const [pending, id] = recorder.call('{}', { headers: ['authorization', 'Bearer 1', 'x-old', '1'], renews: true });
  for (const key of ['Bearer 2', 'Bearer 3']) {
    assert.equal(await settled(pending, id), null);
    pending.renew(['authorization', key, 'x-old', null]);
  }
  assert.equal((await settled(pending, id)).text(), '{"ok":1}');
  assert.deepEqual(
    recorder.requests.map(({ head }) => /authorization: bearer (\d)/.exec(head)[1] + /x-old/.test(head)),
    ['1true', '2false', '3false'],
  );
});

test('a redirect is a failure where none is followed', async () => {
  const recorder = await Recorder.start([[302, '', 'location: /y\r\n']]);
  const failure = await settled(...recorder.call('{}', { follows: false }));
  assert.equal(code(failure), 'status');
  assert.equal(JSON.parse(failure.reply().head()).status, 302);
});

test('header values go a byte for each character, as fetch sends them', async () => {
  const recorder = await Recorder.start();
  const outcome = await settled(...recorder.call('{}', { headers: ['x-name', 'ö\u00ff'] }));
  assert.equal(outcome.text(), '{"ok":1}');
  await fetch(recorder.base, { method: 'POST', headers: { 'x-name': 'ö\u00ff' }, body: '{}' });
  for (const { head } of recorder.requests) assert.match(head, /x-name: ö\u00ff(\r\n|$)/);
  const failure = await settled(...recorder.call('{}', { headers: ['x-name', 'secret 日'] }));
  assert.equal(code(failure), 'invalid_request');
  assert.doesNotMatch(failure.data(), /secret/);
});
