// What servers do in the scenarios of api-sockets-subject.mjs, by name: one exchange for each connection.

const HI = { json: { type: 'hi', number: 1 } };
const serve = (...steps) => ({ websocket: steps });
const bye = (code) => ({ close: { code, reason: 'why' } });
const refusal = (status, error) => ({ status, json: { error } });
const REFUSED = refusal(401, { message: 'no such key', code: 'invalid_api_key', type: 'invalid_request_error' });
const EVENTS = [
  HI,
  { text: '{bad' },
  { text: '' },
  { text: 'null' },
  { text: '5' },
  { text: '"text"' },
  { text: '[]' },
  { text: '{}' },
  { text: '{"type":5}' },
  { text: '{"__proto__":{"type":"hi"}}' },
  { binary: 'AAEC' },
  { binary: 'eyJ0eXBlIjoiaGkifQ==' },
  { json: { type: 'error', code: 'c', message: 'm', error: { message: 'x', code: 'd' } } },
  { json: { type: 'error', status: 400, error: { type: 't', code: 'c', message: 'M', param: null } } },
  { json: { type: 'error', code: 'flat', message: 'flat message', param: 'p', sequence_number: 3 } },
  { json: { type: 'error' } },
  { json: { type: 'error', error: 'text' } },
  { json: { type: 'error', error: { message: 5 } } },
  { json: { type: 'error', message: { deep: true } } },
  { json: { type: 'event', q: 1 } },
  { json: { type: 'raw', q: 2 } },
  ...['close', 'reconnecting', 'reconnected', 'open', 'connecting', 'closing', 'message', 'constructor', 'emitted', ''].map((type) => ({ json: { type } })),
  { text: '{"type":"lines",\r\n"a":"b"}' },
  { json: { type: 'odd', text: 'ü\u2028😀"\\' } },
  { fragments: { text: '{"type":"pieces","a":[1,2,3]}', size: 3, ping: true } },
];
const recoverable = [1001, 1011, 1012, 1013];
const final = [1000, 1002, 1003, 1007, 1008, 1009, 1010, 3000, 4001];
const CUT = serve(HI, { expect: 1 }, 'cut');
const LAST = serve(HI, { expect: 1 }, bye(4001));

/** The exchanges of each scenario. */
export const SCRIPTS = {
  'every kind of event': [serve({ expect: 1 }, ...EVENTS, bye(4001))],
  'events nobody listens to': [serve({ expect: 1 }, ...EVENTS.slice(0, 16), bye(4001))],
  'many events': [serve({ expect: 1 }, { repeat: { times: 2000, steps: [HI] } }, bye(1000))],
  'sending early': [serve({ expect: 7 }, HI, { expect: 1 }, bye(4001))],
  'a full queue': [serve({ expect: 2 }, HI, { expect: 1 }, bye(4001))],
  'a large first message': [serve({ expect: 1 }, HI, { expect: 1 }, bye(4001))],
  'what cannot be sent': [serve(HI, { expect: 1 }, bye(4001))],
  'closing as it is': [serve(HI, { expect: 1 })],
  'closing with a code': [serve(HI, { expect: 1 })],
  'wrong closing': [serve(HI)],
  'closing early': [serve(HI)],
  'a break': [serve({ expect: 1 }, HI, 'cut')],
  'a refusal': [REFUSED],
  'a refusal with a queue': [refusal(500, { message: 'broken' })],
  'a redirect': [{ status: 302, headers: { location: '/elsewhere' } }],
  recovery: [CUT, CUT, CUT, LAST],
  'other parameters': [CUT, CUT, LAST],
  'no reconnecting by choice': [CUT],
  'a handler that throws': [CUT, LAST],
  'attempts that are used up': [CUT, refusal(503, {}), refusal(503, {})],
  'no attempts': [CUT],
  'a queue while it reconnects': [CUT, serve({ expect: 2 }, HI, { expect: 1 }, bye(4001))],
  'a refusal while it reconnects': [CUT, REFUSED, LAST],
  'closing while it reconnects': [CUT],
  'closing in the event': [CUT],
  'closing in the handler': [CUT],
  'a fresh key': [CUT, LAST],
  'a key by a function': [LAST],
  'a key that fails': [CUT],
  'no key': [LAST],
  'headers of the caller': [CUT, LAST],
  'removed headers': [LAST],
  'headers of a subclass': [CUT, LAST],
  'azure': [LAST],
  'azure with a token': [LAST],
  'iterating late': [serve(HI, { expect: 1 }, HI, HI, bye(4001))],
  'two iterators': [serve({ expect: 1 }, HI, HI, bye(4001))],
  'a bounded iterator': [serve({ expect: 1 }, HI, HI, HI, HI, bye(4001))],
  'leaving an iterator': [serve({ expect: 1 }, HI, HI, { expect: 1 }, bye(4001))],
  'iterating after the end': [serve({ expect: 1 }, bye(4001))],
  ...Object.fromEntries(recoverable.map((code) => [`recovery from ${code}`, [serve({ expect: 1 }, bye(code)), LAST]])),
  ...Object.fromEntries(final.map((code) => [`no recovery from ${code}`, [serve({ expect: 1 }, bye(code))]])),
};
