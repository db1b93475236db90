// Responses go on after their socket broke, at whatever point: no item is lost and none comes twice.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { DIST, eventually, mockServer, OpenAI, runNode } from './support.mjs';

const KINDS = { responses: 'resources/responses/ws.js', 'beta responses': 'resources/beta/responses/ws.js' };
const classes = {};
for (const [kind, path] of Object.entries(KINDS)) classes[kind] = (await import(join(DIST, 'esm', path))).ResponsesWS;
const { LiveWS } = await import(join(DIST, 'esm/resources/live/ws.js'));

const CREATE = { type: 'response.create', model: 'm' };
const ITEMS = ['i0', 'i1'].map((id) => ({ id, type: 'message', role: 'assistant', status: 'completed', content: [] }));
const ITEM = 'response.output_item.done';
const whole = (status = 'completed', id = 'r') => ({ id, object: 'response', status, output: ITEMS });
const events = (lane, id = 'r') =>
  [
    { type: 'response.created', response: { id, status: 'in_progress', output: [] } },
    { type: 'response.output_item.added', output_index: 0, item: { ...ITEMS[0], status: 'in_progress' } },
    { type: 'response.output_text.delta', item_id: 'i0', output_index: 0, content_index: 0, delta: 'd' },
    { type: ITEM, output_index: 0, item: ITEMS[0] },
    { type: ITEM, output_index: 1, item: ITEMS[1] },
    { type: 'response.completed', response: whole('completed', id) },
  ].map((event, number) => ({ ...event, sequence_number: number, ...(lane && { stream_id: lane }) }));
const says = (said) => said.map((json) => ({ json }));
const socket = (...steps) => ({ websocket: steps });
const sse = (said) => ({ sse: said.map((data) => ({ data })) });
// The new socket says that it is there, so that the test knows that nothing else came.
const MARK = { type: 'response.mark' };
const OPEN = socket({ json: MARK }, { close: { code: 4000 } });
const IN_FRAME = { frame: { opcode: 1, text: JSON.stringify(events()[5]), cut: 9 } };
const GONE = { status: 404, json: { error: { message: 'not here' } } };
const REFUSED = { status: 400, json: { error: { message: 'no' } } };
const FAST = { resume: true, reconnect: { initialDelay: 1, maxDelay: 2, onReconnecting: () => {} } };
const items = (found) => found.filter(({ type }) => type === ITEM).map(({ item }) => item.id);
const range = (end, start = 0) => Array.from({ length: end - start }, (_, at) => start + at);

describe('Responses that outlive their socket', { concurrency: 8 }, () => {
  const server = mockServer();
  const open = (exchanges, { kind = 'responses', options = FAST } = {}) => {
    const base = server.script({ exchanges, own_port: true });
    return { base, rt: new classes[kind](new OpenAI({ apiKey: 'key', baseURL: base, maxRetries: 0 }), options) };
  };
  /** What a connection told until it closed, and what it asked for. */
  async function taken(exchanges, { creates = [CREATE], act, ...more } = {}) {
    const { base, rt } = open(exchanges, more);
    const found = [];
    const errors = [];
    rt.on('event', (event) => found.push(event));
    rt.on('error', (error) => errors.push(error));
    const iterated = (async () => {
      const seen = [];
      for await (const record of rt) if (record.type === 'message') seen.push(record.message);
      return seen;
    })();
    const closed = new Promise((resolve) => rt.on('close', (code, reason, unsent) => resolve({ code, unsent })));
    for (const create of creates) rt.send(create);
    act?.(rt);
    const close = await closed;
    assert.deepEqual((await iterated).filter(({ type }) => type !== 'error'), found.filter(({ type }) => type !== 'error'));
    return { found, errors, close, requests: server.requests(base) };
  }
  const sent = (request) => request.messages.filter(({ text }) => text !== undefined).map(({ text }) => JSON.parse(text));

  const ENDS = { 'in a frame': [IN_FRAME, 'cut'], 'by FIN': ['cut'], 'by a reset': ['reset'], 'by 1012': [{ close: { code: 1012 } }], 'by 1000': [{ close: { code: 1000 } }] };
  for (const kind of Object.keys(KINDS)) {
    for (const [how, steps] of Object.entries(ENDS)) {
      for (const seen of range(6, 1)) {
        it(`${kind}: goes on after ${seen} events and an end ${how}`, async () => {
          // The API may say again what came before.
          const exchanges = [socket({ expect: 1 }, ...says(events().slice(0, seen)), ...steps), OPEN, sse(events().slice(seen - 1))];
          const { found, errors, close, requests } = await taken(exchanges, { kind });
          const numbers = found.slice(0, -1).map((event) => event.sequence_number);
          // A reset may overtake what was said before it; what was not read then is fetched, or the request handed back.
          if (how === 'by a reset' && errors.length > 0) {
            assert.deepEqual(numbers, []);
            assert.deepEqual(errors[0].cause.unsent, [{ type: 'message', message: CREATE }]);
            return;
          }
          assert.deepEqual([numbers, found.at(-1), errors, close], [range(6), MARK, [], { code: 4000, unsent: [] }]);
          assert.deepEqual(items(found), ['i0', 'i1']);
          assert.deepEqual(found.slice(0, -1), events());
          if (how === 'by a reset') return;
          assert.equal(requests[2].path, '/v1/responses/r');
          const query = Object.fromEntries(new URLSearchParams(requests[2].query));
          assert.deepEqual(query, { stream: 'true', starting_after: String(seen - 1), ...(kind !== 'responses' && { beta: 'true' }) });
        });
      }
    }
  }

  for (const [seen, status] of [[1, 'completed'], [3, 'failed'], [4, 'incomplete'], [5, 'cancelled']]) {
    it(`asks for a response without kept events until it ends as ${status}`, async () => {
      const first = socket({ expect: 1 }, ...says(events().slice(0, seen)), 'cut');
      const running = { json: { ...whole('in_progress'), output: [] } };
      const { found, errors } = await taken([first, OPEN, REFUSED, running, { json: whole(status) }]);
      assert.deepEqual([items(found), errors], [['i0', 'i1'], []]);
      assert.deepEqual(found.slice(0, -1).map((event) => event.sequence_number), range(found.length - 1));
      const end = { cancelled: 'incomplete' }[status] ?? status;
      assert.deepEqual(found.slice(-2).map(({ type }) => type), [`response.${end}`, MARK.type]);
      assert.deepEqual(found.at(-2).response, whole(status));
    });
  }

  it('asks for the rest where kept events break off', async () => {
    const first = socket({ expect: 1 }, ...says(events().slice(0, 2)), 'cut');
    const { found, errors } = await taken([first, OPEN, sse(events().slice(2, 4)), { json: whole() }]);
    assert.deepEqual([items(found), errors], [['i0', 'i1'], []]);
    assert.deepEqual(found.map((event) => event.sequence_number), [...range(6), undefined]);
  });

  for (const [more, isAgain] of [[{}, false], [{ store: true }, false], [{ store: false }, true], [{ store: false, conversation: 'c' }, false]]) {
    it(`${isAgain ? 'sends' : 'does not send'} a request again that says ${JSON.stringify(more)}`, async () => {
      const create = { ...CREATE, ...more };
      const good = isAgain ? socket({ expect: 1 }, ...says(events()), { close: { code: 4000 } }) : OPEN;
      const { found, errors, requests } = await taken([socket({ expect: 1 }, 'cut'), good], { creates: [create] });
      assert.equal(requests.length, 2);
      assert.deepEqual(sent(requests[1]), isAgain ? [create] : []);
      if (isAgain) assert.deepEqual([items(found), errors], [['i0', 'i1'], []]);
      else {
        assert.deepEqual(found, [MARK]);
        const [{ message, cause }, ...others] = errors;
        assert.deepEqual([others, cause.unsent, cause.name], [[], [{ type: 'message', message: create }], 'Error']);
        assert.match(message, /its request is in `cause\.unsent`\.$/);
      }
    });
  }

  it('tells what can be fetched before it hands back what cannot', async () => {
    const creates = ['a', 'b', 'c'].map((lane) => ({ ...CREATE, stream_id: lane, store: lane !== 'b' }));
    const first = [...events('a', 'ra').slice(0, 2), ...events('b', 'rb').slice(0, 4), ...events('c', 'rc').slice(0, 1)];
    const exchanges = [socket({ expect: 3 }, ...says(first), 'cut'), OPEN, sse(events(undefined, 'ra').slice(2)), GONE];
    const { found, errors, requests } = await taken(exchanges, { creates });
    const told = found.slice(0, -1).map((event) => `${event.stream_id}${event.sequence_number}`);
    assert.deepEqual(told, ['a0', 'a1', 'b0', 'b1', 'b2', 'b3', 'c0', 'a2', 'a3', 'a4', 'a5']);
    assert.deepEqual([found.at(-1), errors.length, requests.length], [MARK, 1, 4]);
    const { cause } = errors[0];
    assert.deepEqual(cause.unsent.map(({ message }) => message.stream_id), ['b', 'c']);
    assert.equal(cause.cause.status, 404);
  });

  it('does not fetch a response that is settled', async () => {
    for (const last of [events(), [...events().slice(0, 2), { type: 'error', error: { message: 'm' }, sequence_number: 2 }]]) {
      const { found, requests } = await taken([socket({ expect: 1 }, ...says(last), { close: { code: 1012 } }), OPEN]);
      assert.deepEqual(found, [...last, MARK]);
      assert.deepEqual(requests.map(({ path }) => path), ['/v1/responses', '/v1/responses']);
      assert.deepEqual(sent(requests[1]), []);
    }
  });

  it('ends with a close in order when nothing is under way', async () => {
    const { found, close, requests } = await taken([socket({ expect: 1 }, ...says(events()), { close: { code: 1000 } }), OPEN]);
    assert.deepEqual([found, close, requests.length], [events(), { code: 1000, unsent: [] }, 1]);
  });

  it('goes on with a response that no request began', async () => {
    const second = events(undefined, 'r2');
    const first = socket({ expect: 1 }, ...says(events().slice(0, 4)), ...says(second.slice(0, 2)), 'cut');
    const { found, errors, requests } = await taken([first, OPEN, sse(second)]);
    assert.deepEqual([found, errors], [[...events().slice(0, 4), ...second, MARK], []]);
    assert.deepEqual([requests[2].path, requests[2].query], ['/v1/responses/r2', 'stream=true&starting_after=1']);
  });

  it('goes on with the next response when one is sent as another ends', async () => {
    const second = events(undefined, 'r2');
    const exchanges = [
      socket({ expect: 1 }, ...says(events()), { expect: 1 }, ...says(second.slice(0, 2)), 'cut'),
      OPEN,
      sse(second.slice(2)),
    ];
    const act = (rt) => rt.once('response.completed', () => rt.send({ ...CREATE, input: 'second' }));
    const { found, errors, requests } = await taken(exchanges, { act });
    assert.deepEqual([found, errors], [[...events(), ...second, MARK], []]);
    assert.equal(requests[2].path, '/v1/responses/r2');
  });

  it('goes on when the new socket breaks, too, and without the option `reconnect`', async () => {
    const options = { resume: true };
    const exchanges = [
      socket({ expect: 1 }, ...says(events().slice(0, 2)), 'cut'),
      socket('cut'),
      sse(events().slice(2)),
      OPEN,
    ];
    const { found, errors } = await taken(exchanges, { options });
    assert.deepEqual([found, errors], [[...events(), MARK], []]);
  });

  it('gives up on a server that ends each connection before it says anything', async () => {
    const options = { ...FAST, reconnect: { ...FAST.reconnect, maxRetries: 3 } };
    const create = { ...CREATE, store: false };
    const ending = socket({ expect: 1 }, { close: { code: 1012 } });
    const { errors, close, requests } = await taken([ending, ending, ending, ending], { options, creates: [create] });
    assert.deepEqual([requests.length, close.code], [4, 1012]);
    assert.match(errors.at(-1).message, /reconnect failed after 3 attempts/);
  });

  it('ends at once when it is closed while the rest is fetched', async () => {
    for (const rest of [{ sse: [{ data: events()[2] }], fault: { kind: 'stall', at: 'end' } }, { fault: { kind: 'stall', at: 'head' } }]) {
      const exchanges = [socket({ expect: 1 }, ...says(events().slice(0, 2)), 'cut'), socket({ json: MARK }, { expect: 1 }), rest];
      const { base, rt } = open(exchanges);
      const errors = [];
      rt.on('error', (error) => errors.push(error));
      rt.send(CREATE);
      await eventually(() => server.requests(base).length === 3);
      const closed = new Promise((resolve) => rt.on('close', (...values) => resolve(values)));
      rt.close();
      assert.deepEqual([await closed, errors], [[1000, 'OK', []], []]);
    }
  });

  it('goes on when a listener throws, and gives the process what it threw', async () => {
    const exchanges = [socket({ expect: 1 }, ...says(events().slice(0, 2)), 'cut'), OPEN, sse(events().slice(2))];
    const base = server.script({ exchanges, own_port: true });
    const { stdout } = await runNode(`
      import { OpenAI } from ${JSON.stringify(join(DIST, 'esm/index.js'))};
      import { ResponsesWS } from ${JSON.stringify(join(DIST, 'esm', KINDS.responses))};
      process.on('uncaughtException', (error) => console.log(error.message));
      const rt = new ResponsesWS(new OpenAI({ apiKey: 'k', baseURL: ${JSON.stringify(base)} }), { resume: true });
      rt.on('event', ({ type }) => console.log(type));
      rt.on('error', (error) => console.log(error));
      rt.on(${JSON.stringify(ITEM)}, () => { throw new Error('a listener'); });
      rt.send(${JSON.stringify(CREATE)});`);
    const lines = stdout.trimEnd().split('\n');
    const types = [...events(), MARK].map(({ type }) => type);
    assert.deepEqual([...lines].sort(), [...types, 'a listener', 'a listener'].sort());
    assert.deepEqual(lines.filter((line) => line !== 'a listener'), types);
  });

  it('is refused where there is nothing to resume, and with the sockets of others', () => {
    const client = new OpenAI({ apiKey: 'key', baseURL: 'http://127.0.0.1:9' });
    assert.throws(() => new LiveWS(client, { resume: true }), /The `resume` option is for `ResponsesWS`/);
    const Mine = class extends classes.responses {
      _createSocket() {
        return { readyState: 0, on() {}, off() {}, once() {}, send() {}, close() {} };
      }
    };
    assert.throws(() => new Mine(client, { resume: true }), /The `resume` option needs the sockets of tailrace/);
  });
});
