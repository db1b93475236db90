// What servers do in the scenarios of websockets-subject.mjs, by name: one exchange for each connection.

const open = (...steps) => ({ headers: { 'sec-websocket-protocol': 'realtime' }, websocket: steps });
const plain = (...steps) => ({ websocket: steps });
const HI = { json: { type: 'hi', number: 1 } };
const bye = (code) => ({ close: { code, reason: 'why' } });
const EVENTS = [
  HI,
  { text: '{bad' },
  { json: { type: 'error', event_id: 'e1', error: { type: 't', code: 'c', message: 'msg', event_id: 'cl' } } },
  { text: 'null' },
  { text: '5' },
  { text: '[]' },
  { text: '{}' },
  { text: '{"type":5}' },
  { json: { type: 'error' } },
  { json: { type: 'error', error: { message: 'x' } } },
  { json: { type: 'event', q: 1 } },
  { text: '{"type":"lines",\r\n"a":"b"}' },
  { json: { type: 'odd', text: 'ü\u2028😀"\\' } },
  { fragments: { text: '{"type":"pieces","a":[1,2,3]}', size: 3, ping: true } },
];
const waiting = (kind, ...steps) => kind(HI, { expect: 1 }, ...steps);
const recoverable = [1001, 1011, 1012, 1013];
const final = [1000, 1002, 1008, 1014, 3000, 4001];
const unfinished = { frame: { opcode: 1, text: '{"type":', more: true } };

/** The exchanges of each scenario. @param isNamed - Whether the client proposes subprotocols. */
export function scripts(isNamed) {
  const kind = isNamed ? open : plain;
  const all = {
    'every kind of event': [waiting(kind, ...EVENTS, bye(4001))],
    'events nobody listens to': [waiting(kind, ...EVENTS.slice(1, 4), bye(4001))],
    'many events': [waiting(kind, { repeat: { times: 2000, steps: [HI] } }, bye(1000))],
    'sending and closing': [kind({ expect: 3 }, HI)],
    'wrong closing': [kind(HI)],
    'closing early': [kind(HI)],
    'a break': [waiting(kind, 'cut')],
    'a code that none may send': [waiting(kind, bye(1006))],
    'another code that none may send': [waiting(kind, bye(2999))],
    'a close without a code': [waiting(kind, { frame: { opcode: 8 } })],
    'a close of one byte': [waiting(kind, { frame: { opcode: 8, text: 'a' } })],
    'a close in a message': [waiting(kind, unfinished, bye(1000))],
    'an error in a message': [waiting(kind, unfinished, bye(4001))],
    'a message behind a close': [waiting(kind, bye(1000), HI, { frame: { opcode: 3 } })],
    'raw messages': [waiting(kind, HI, { text: '{"type" : "spaced"}' }, bye(1000))],
    'a queue': [waiting(kind, 'cut'), kind(HI, { expect: 4 }, { json: { type: 'all' } })],
    'a queue that is taken': [waiting(kind, 'cut'), kind(HI)],
    'no queue': [waiting(kind, 'cut'), kind(HI)],
    'closing while it reconnects': [waiting(kind, 'cut'), kind(HI)],
    'closing in the event': [waiting(kind, 'cut'), kind(HI)],
    'sending after the end': [kind(HI)],
    'attempts that are used up': [waiting(kind, 'cut'), waiting(kind, 'cut')],
    'no attempts': [waiting(kind, 'cut')],
    'a fresh key': [waiting(kind, 'cut'), kind(HI)],
    'a key that fails': [waiting(kind, 'cut')],
    'an address each time': [waiting(kind, 'cut'), kind(HI)],
    azure: [kind(HI)],
    'azure with a token': [kind(HI)],
    'a call': [kind(HI)],
    'a transcription': [kind(HI)],
  };
  for (const code of recoverable) all[`recovery from ${code}`] = [waiting(kind, bye(code)), kind(HI)];
  for (const code of final) all[`no recovery from ${code}`] = [waiting(kind, bye(code))];
  return all;
}
