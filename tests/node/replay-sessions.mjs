// Sessions that nobody recorded: what a server may say beyond what it says every day.

const bye = { close: { code: 1000, reason: 'bye' } };
const event = (type, fields) => ({ json: { type, event_id: 'e', ...fields } });
const delta = event('response.output_audio.delta', { delta: 'AAAA'.repeat(1000), item_id: 'i', output_index: 0 });
const words = (count) => Array.from({ length: count }, (_, number) => event('response.output_text.delta', { delta: `word ${number} `, item_id: 'i' }));
const base64 = (text) => Buffer.from(text).toString('base64');

export const SESSIONS = {
  'one of many events': [{ repeat: { times: 300, steps: words(50) } }, bye],
  'one of much sound': [{ repeat: { times: 1500, steps: [delta] } }, bye],
  'one event of megabytes': [event('response.output_audio.delta', { delta: 'AAAA'.repeat(1 << 20) }), { fragments: { text: JSON.stringify({ type: 'pieces', text: 'é🌊'.repeat(100_000) }), size: 9_999 } }, bye],
  'bytes between events': [
    event('session.created'),
    { binary: base64('\0\x01\xff\r\n') },
    event('session.updated'),
    { binary: base64('{"type":"response.done"}') },
    { binary: '' },
    { binary: base64('x'.repeat(100_000)) },
    event('response.done'),
    bye,
  ],
  'unknown events': [
    event('session.teleported', { from: [1, { to: null }] }),
    event('response.output_audio.delta', { delta: 5, unknown: true }),
    event('response.output_audio.delta'),
    event('toString'),
    event('constructor'),
    event('__proto__'),
    event('hasOwnProperty'),
    event('message'),
    event(' spaced\u0000\n '),
    event('événement🌊'),
    event(''),
    bye,
  ],
  'events like those of the socket': ['event', 'raw', 'open', 'close', 'connecting', 'closing', 'reconnecting', 'reconnected', 'newListener', 'error']
    .map((type) => event(type, { code: 1, reason: 'r', data: 'd' }))
    .concat(bye),
  'errors of the server': [
    event('error', { error: { type: 'invalid_request_error', code: 'c', message: 'm', param: null, event_id: 'cl' } }),
    event('error', { error: { message: 'only a message' } }),
    event('error', { error: null }),
    event('error', { error: 'text' }),
    event('error', { message: 'flat', code: 'f', param: 'p' }),
    event('error'),
    event('response.done', { response: { status: 'failed' } }),
    bye,
  ],
  'errors of many shapes': [
    { type: 't', message: 'm' },
    { type: 't' },
    { type: 5, message: 'm' },
    { type: 't', message: 5 },
    { type: '', message: '' },
    ...[{ code: 'c' }, { code: null }, { code: 5 }, { param: 'p' }, { param: null }, { param: 5 }, { event_id: 'cl' }, { event_id: null }, { event_id: 5 }, { extra: [1] }].map((more) => ({ type: 't', message: 'm', ...more })),
    ['type', 'message'],
  ]
    .map((error) => event('error', { error }))
    .concat(event('error', { event_id: 5, error: { type: 't', message: 'm' } }), event('error', { event_id: null, error: { type: 't', message: 'm' } }), bye),
  'text that is no event': ['{no', '', ' ', 'null', 'true', '5', '-0', '"text"', '[]', '[{"type":"a"}]', '{}', '{"type":null}', '{"type":5}', '{"type":["a"]}', '{"event_id":"e"}', '\ufeff{"type":"bom"}', '{"type":"a"}{"type":"b"}', '{"type":"a"} ', '{"type":"a",}', "{'type':'a'}", '{"type":"a"', '\u0000', 'undefined', '{"type":"a"}\u0000', '{"type":"\\é"}']
    .map((text) => ({ text }))
    .concat(event('after'), bye),
  'text that JSON allows': [
    '  {"type" : "spaced" , "a" : [ 1 , 2 ] }\r\n\t ',
    '{"type":"lines",\r\n"a":\r"b"}',
    '{"type":"first","type":"twice","a":1,"a":2}',
    '{"type":"own","__proto__":{"a":1},"constructor":2,"10":1,"9":2,"b":3,"":4}',
    '{"type":"numbers","a":[-0,0.1,1e400,-1e400,1e-400,12345678901234567890,1.0,1E5,0.30000000000000004,9007199254740993]}',
    '{"type":"escapes","a":"\\u0000\\ud83c\\udf0a\\ud800 \\udc00\\/\\b\\f\\n\\r\\t\\"\\\\"}',
    '{"\\u0074ype":"escaped name","\\ud800":1}',
    '{"type":"separators","a":"\u2028\u2029\u0085\ufeff\u007f"}',
    `{"type":"deep","a":${'['.repeat(900)}${']'.repeat(900)}}`,
    `{"type":"wide",${Array.from({ length: 3000 }, (_, at) => `"k${at}":${at}`).join(',')}}`,
  ]
    .map((text) => ({ text }))
    .concat(bye),
  'events that resemble each other': Array.from({ length: 200 }, (_, number) =>
    event('response.output_text.delta', { delta: number % 3 === 0 ? '' : number % 7 === 0 ? null : String(number), number: number % 2 ? number : `${number}`, ...(number % 5 === 0 && { more: [number] }) }),
  ).concat(bye),
  'pauses and pings between events': [event('a'), { ping: { times: 3, data: 'p' } }, { delay_ms: 50 }, event('b'), { delay_ms: 50 }, { fragments: { text: '{"type":"c"}', size: 1, ping: true } }, event('d'), bye],
  'an end without a word': [event('a'), 'cut'],
  'nothing but an end': [bye],
  'a long reason': [event('a'), { close: { code: 4000, reason: 'ü'.repeat(61) } }],
};
