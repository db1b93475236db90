// What servers do in the scenarios of responses-sessions-subject.mjs, by name: one exchange for each connection.

const serve = (...steps) => ({ websocket: steps });
const send = (...events) => events.map((json) => ({ json }));
const bye = (code) => ({ close: { code, reason: 'why' } });
const GO = { expect: 1 };
/** The subject goes on when it has come. */
const MARK = { json: { type: 'mark' } };

const plain = (id, number, more = {}) => ({ type: 'plain', stream_id: id, number, ...more });
const message = (id, text) => ({ id, type: 'message', role: 'assistant', status: 'completed', content: [{ type: 'output_text', text, annotations: [] }] });
const created = (id, more) => ({ type: 'response.created', stream_id: id, response: { id: `r-${id}`, status: 'in_progress', output: [], ...more } });
const item = (id, index, value) => ({ type: 'response.output_item.done', stream_id: id, output_index: index, item: value });
const ended = (id, kind = 'completed', more = {}) => ({ type: `response.${kind}`, stream_id: id, response: { id: `r-${id}`, status: kind, ...more } });
const failed = (id, more) => ({ type: 'error', stream_id: id, ...more });
const large = 'x'.repeat(100);

/** Items and last events with and without the form of one. */
const VALUES = [
  ...[5, null, [], {}, { type: 5 }, { type: '' }, { type: 'new', z: 1 }, { type: 'function_call', arguments: '{bad' }, { type: 'reasoning', summary: 5 }],
  ...['hi', {}, [], [5], [null], [[]], [{}], [{ type: 5 }], [{ type: 'output_text' }], [{ type: 'output_text', text: null }], [{ type: 'refusal' }]].map((content) => ({ type: 'message', content })),
  { type: 'message', id: 5, content: [{ type: 'output_text', text: 'a', annotations: 5 }, { type: 'output_text', text: 'b' }] },
];
const whole = (response) => [{ ...ended('?'), response }];

/** What each lane of the scenario `responses of all forms` gets. */
const FORMS = [
  [created('?'), item('?', 0, message('m0', 'hi')), item('?', 1, message('m1', ' you')), ended('?')],
  [created('?'), item('?', 1, message('m1', 'you')), item('?', 0, message('m0', 'hi')), ended('?')],
  Array.from({ length: 12 }, (_, at) => item('?', 11 - at, { type: 'z', at })).concat(ended('?')),
  ...[undefined, null, [], [message('own', 'given')]].map((output) => [created('?'), item('?', 0, message('m0', 'hi')), ended('?', 'completed', { output })]),
  [created('?'), ended('?', 'failed', { error: { code: 'c', message: 'm' } })],
  [item('?', 0, message('m0', 'hi')), ended('?', 'incomplete', { incomplete_details: { reason: 'r' } })],
  [ended('?'), ended('?', 'completed', { id: 'second' })],
  [item('?', 3, message('m0', 'a')), item('?', 3, message('other', 'b')), ended('?')],
  [created('?'), item('?', 0, message('m0', 'hi')), created('?', { id: 'again' }), item('?', 1, message('m1', 'ho')), ended('?')],
  [created('?'), { type: 'response.new', stream_id: '?' }, { type: 'response.cancelled', stream_id: '?' }, ended('?')],
  [failed('?', { error: { code: 'c', message: 'm' } }), ended('?')],
  [created('?'), item('?', 0, message('m0', 'lost')), failed('?', { code: 'flat', message: 'm', status: 400 }), item('?', 1, message('m1', 'kept')), ended('?')],
  ...[-1, 1.5, '0', null, undefined, 2 ** 53, 2 ** 53 - 1].map((index) => [item('?', index, message('m0', 'hi')), ended('?')]),
  [item('?', 0, undefined), ended('?')],
  ...VALUES.map((value) => [item('?', 0, value), ended('?')]),
  ...VALUES.map((value) => whole({ id: 'r', output: [value] })),
  ...[undefined, null, 5, 'x', [], {}, { id: 5 }, { output: 5 }, { output: {} }, { output: 'x' }].map(whole),
  ...[null, '', 'given', 5, false, {}].map((output_text) => whole({ output: [message('m', 'hi')], output_text })),
].map((events, at) => events.map((event) => ({ ...event, stream_id: `lane-${at}` })));

const slow = (...events) => [serve(GO, ...send(...events.map(([id, number, more]) => plain(id, number, more && { more }))), MARK)];

/** Events that have other sizes than their values as JSON. */
const SPELLINGS = ['{"type" : "plain", "stream_id":"a",  "text":"\\u00fc\\/"}', '{"type":"plain","stream_id":"b","number":1.50e1}'];

/** What comes in the scenarios of lanes that nobody reads: the lane, a number and what makes it larger. */
const OVERFLOWS = {
  'more events than one lane may have': [['a', 1], ['a', 2], ['b', 1], ['a', 3], ['a', 4]],
  'more events than all lanes may have': [['a', 1], ['a', 2], ['b', 1], ['c', 1], ['b', 2], ['c', 2]],
  'two lanes with as many events': [['b', 1], ['b', 2], ['a', 1], ['a', 2], ['b', 3], ['c', 1]],
  'a lane that is the longest itself': [['b', 1], ['a', 1], ['a', 2], ['a', 3], ['a', 4]],
  'more bytes than one lane may have': [['a', 1, large], ['b', 1], ['a', 2], ['b', 2]],
  'more bytes than all lanes may have': [['a', 1], ['a', 2], ['b', 1, large], ['c', 1], ['c', 2, large]],
  'an event for which two lanes end': [['a', 1, large], ['b', 1, large], ['c', 1, large + large]],
  'an event that is larger than all may be': [['a', 1, large], ['b', 1], ['c', 1, large + large + large]],
  'an event that is too large for its lane': [['a', 1, large], ['a', 2, large], ['c', 1, large]],
  'too many bytes and too many events': [['b', 1, large], ['a', 1], ['a', 2], ['a', 3], ['c', 2, large]],
  'many bytes, but too many events': [['b', 1, large], ['a', 1], ['a', 2], ['a', 3], ['c', 2, large]],
};

/** The exchanges of each scenario. */
export const SCRIPTS = {
  'overlapping responses': [
    serve(
      { expect: 3 },
      ...send(created('b'), created('a'), created(), item('a', 0, message('a0', 'A')), item('b', 0, message('b0', 'B')), item(undefined, 0, message('d0', 'D'))),
      ...send(plain('nobody', 1), plain(null, 2), plain('', 3), plain(5, 4), ended('a'), { type: 'plain' }, ended('b', 'failed'), ended(undefined)),
      MARK,
      GO,
      ...send(created('a'), ended('a', 'incomplete'), plain('b', 1)),
    ),
  ],
  'several in a row': [serve({ expect: 2 }, ...send(created('a'), ended('a', 'completed', { id: 'one' }), created('a'), ended('a', 'completed', { id: 'two' }), ended('a', 'completed', { id: 'three' })), MARK)],
  'what is sent': [serve(GO, MARK, { expect: 9 }, MARK)],
  'sending when it is not open': [serve(GO, MARK)],
  'one reader': [serve(GO, ...send(plain('a', 1), plain('a', 2), ended('a')), MARK)],
  'aborted waiting': [serve(GO, ...send(plain('a', 1), plain('b', 1), plain('a', 2)), MARK, GO, ...send(ended('a'), ended('b'), ended('c')), MARK)],
  'a lane that is closed': [serve(GO, ...send(plain('a', 1), plain('b', 1)), MARK, GO, ...send(plain('a', 2), plain('b', 2)), MARK)],
  'errors of the server': [serve(GO, ...send(failed('a', { error: { code: 'c', message: 'm' } }), failed(undefined, { message: 'mine' }), failed('nobody', { message: 'theirs' }), plain('a', 1)), MARK)],
  'responses of all forms': [serve(GO, ...send(...FORMS.flat()), MARK)],
  'limits of a response': [serve(GO, ...['a', 'b', 'c', 'd', 'e'].flatMap((id) => send(plain(id, 1, { large }), id === 'd' ? failed(id) : ended(id))), MARK)],
  'bytes as they came': [serve(GO, ...SPELLINGS.map((text) => ({ text })), MARK)],
  'names and limits': [serve(GO)],
  'an event that its listeners change': [serve(GO, ...send(plain('a', 1, { deep: { list: [1] } })), MARK)],
  'two sessions': [serve(GO, ...send(plain('a', 1), plain('b', 1)), MARK, GO, ...send(plain('a', 2), plain('c', 2)), MARK)],
  'a session that is closed': [serve(GO, ...send(plain('b', 1)), MARK, GO, ...send(plain('b', 2)), MARK)],
  'an iteration that is left': [serve(GO, ...send(plain('a', 1)), MARK, GO, ...send(ended('a')), MARK)],
  'attached too late': [serve(GO, MARK)],
  'the end of the connection': [serve(GO, ...send(plain('a', 1), created('b')), bye(1000))],
  'another end of the connection': [serve(GO, ...send(plain('a', 1), created('b')), bye(4001))],
  'a break': [serve(GO, ...send(plain('a', 1), created('b')), 'cut')],
  'a broken frame': [serve(GO, ...send(plain('a', 1), created('b')), MARK, GO, { frame: { opcode: 1, text: 'x', masked: true } }, 'mute')],
  'a refusal': [{ status: 401, json: { error: { message: 'no such key' } } }],
  'closing the connection': [serve(GO, ...send(plain('a', 1)), MARK)],
  'a connection that is made again': [
    serve(GO, ...send(plain('a', 1), created('b')), MARK, GO, bye(1012)),
    serve(MARK, { expect: 2 }, ...send(plain('b', 2), ended('a'), plain('nobody', 3)), MARK),
  ],
  'a connection that is not made again': [serve(GO, ...send(plain('a', 1)), MARK, GO, bye(1012)), { status: 503, json: {} }],
  ...Object.fromEntries(Object.entries(OVERFLOWS).map(([name, events]) => [name, slow(...events)])),
};

export { FORMS, OVERFLOWS, SPELLINGS };
