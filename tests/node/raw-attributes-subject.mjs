// Looks at every public name of raw answers, errors, pages and streams of one package, and prints what each says, as JSON.
//
// node raw-attributes-subject.mjs <folder of the package> <extension> <base URL>, with the names by part as JSON at its input, or
// nothing, in which case they are enumerated.

import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';

const [folder, extension, baseURL] = process.argv.slice(2);
const { default: OpenAI } = await import(pathToFileURL(join(folder, `index${extension}`)).href);
const input = await text(process.stdin);
const given = input === '' ? undefined : JSON.parse(input);
const client = new OpenAI({ apiKey: 'k', baseURL, maxRetries: 0, logLevel: 'off' });
const failure = (promise) => promise.then(() => Promise.reject(new Error('there is no error')), (error) => error);
const CHAT = { model: 'm', messages: [] };

/** How each thing is had, anew for each of its methods. */
const THINGS = {
  'a Response': () => client.models.retrieve('json').asResponse(),
  'the Response beside a value': async () => (await client.models.retrieve('json').withResponse()).response,
  'a Response with a value': () => client.models.retrieve('json').withResponse(),
  'a binary answer': () => client.files.content('binary'),
  'a binary answer of withResponse': async () => (await client.files.content('binary').withResponse()).data,
  'a text': () => client.get('/text').asResponse(),
  'an empty answer': () => client.delete('/empty').asResponse(),
  'a redirected answer': () => client.models.retrieve('redirect').asResponse(),
  'a redirected binary answer': () => client.files.content('redirect'),
  'a form': () => client.get('/form').asResponse(),
  'a form of parts': () => client.get('/parts').asResponse(),
  'no JSON': () => client.get('/broken').asResponse(),
  'the Response of a stream': () => client.chat.completions.create({ ...CHAT, stream: true }).asResponse(),
  'a value': () => client.models.retrieve('json'),
  'a value of a list': () => client.get('/list'),
  'a promise': () => ({ promise: client.models.retrieve('json') }),
  'a page': () => client.models.list(),
  'a page with a cursor': () => client.files.list(),
  'the last page': () => client.files.list({ after: 'b' }),
  'a stream': () => client.chat.completions.create({ ...CHAT, stream: true }),
  ...Object.fromEntries([400, 401, 403, 404, 409, 422, 429, 500, 503].map((status) => [`an error ${status}`, () => failure(client.models.retrieve(`error-${status}`))])),
  'an error of text': () => failure(client.models.retrieve('error-text')),
  'an error of the connection': () => failure(client.withOptions({ baseURL: 'http://127.0.0.1:1/v1' }).models.list()),
  'an error of an abort': () => failure(client.models.retrieve('json', { signal: AbortSignal.abort() })),
  'an error in a stream': () => failure(client.post('/error-event', { stream: true }).then(async (stream) => { for await (const _ of stream); })),
};
const partOf = (name) => (thing) => thing[name];
/** Parts of them that are looked at, too. */
const PARTS = { headers: partOf('headers'), body: partOf('body'), data: partOf('data'), promise: partOf('promise'), response: partOf('response'), 'clone()': (thing) => thing.clone?.(), controller: partOf('controller') };

const KEY = 'x-twice';
/** What methods are called with, where they take something; others are called with nothing. */
const CALLS = {
  get: [KEY], has: [KEY], set: [KEY, 'v'], append: [KEY, 'v'], delete: [KEY], forEach: [() => {}],
  pipeThrough: [new TransformStream()], pipeTo: [new WritableStream()],
};
/** What is not called, with the reason. */
const UNCALLED = {
  constructor: 'makes another',
  _thenUnwrap: 'is for the package itself',
  abort: 'is that of the platform',
  then: 'is how a value is had', catch: 'is how an error is had', finally: 'is how an end is had',
};
/** Values that are the caller's own or the package's own, of which only the kind is the same. */
const OWN = new Set(['client', 'options', 'responsePromise', 'parseResponse', 'parsedPromise', 'stack', 'controller', 'signal']);

function names(thing) {
  const found = new Set();
  for (let at = thing; at && at !== Object.prototype; at = Object.getPrototypeOf(at)) {
    for (const name of Object.getOwnPropertyNames(at)) found.add(name);
    for (const symbol of Object.getOwnPropertySymbols(at)) if (symbol.description?.startsWith('Symbol.')) found.add(symbol.description);
  }
  return [...found];
}
const keyOf = (name) => (name.startsWith('Symbol.') ? Symbol[name.slice(7)] : name);

async function plain(value) {
  if (value instanceof Promise) return { promise: await value.then(plain, plain) };
  if (typeof value === 'function') return 'a function';
  if (value instanceof Response) return { response: [value.status, value.url, value.type, value.redirected, value._request_id] };
  if (value instanceof Headers) return { headers: [...value] };
  if (value instanceof FormData) return { form: await Promise.all([...value].map(async ([name, part]) => [name, typeof part === 'string' ? part : [part.name, part.type, await part.text()]])) };
  if (value instanceof Blob) return { blob: [value.type, value.size, await value.text()] };
  if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) return { [value.constructor.name]: Buffer.from(value).toString('hex') };
  if (value instanceof Error) return { error: [value.constructor.name, value.name, value.message] };
  if (value instanceof ReadableStream) return value.locked ? 'a locked stream' : { stream: await new Response(value).text() };
  if (Array.isArray(value)) return Promise.all(value.map(plain));
  if (typeof value !== 'object' || value === null) return value === undefined ? 'undefined' : value;
  if (typeof value.next === 'function') return { iterated: await iterated(value) };
  const kind = Object.getPrototypeOf(value)?.constructor.name;
  if (kind !== 'Object') return `a ${kind}`;
  return { own: await Promise.all(Object.entries(value).filter(([key]) => !key.startsWith('__')).map(async ([key, part]) => [key, await plain(part)])), id: value._request_id };
}

/** All pieces, bytes as one. */
async function iterated(iterator) {
  const found = [];
  for (let step = await iterator.next(); !step.done; step = await iterator.next()) found.push(step.value);
  return found[0] instanceof Uint8Array ? Buffer.concat(found).toString('hex') : Promise.all(found.map(plain));
}

async function fact(make, name) {
  try {
    const thing = await make();
    const value = thing[keyOf(name)];
    if (OWN.has(name)) return `a ${typeof value}`;
    if (typeof value !== 'function' || name in UNCALLED) return { ...enumerable(thing, name), value: await plain(value) };
    const called = await plain(value.apply(thing, CALLS[name] ?? []));
    const after = 'bodyUsed' in thing ? [thing.bodyUsed, await plain(failing(() => value.apply(thing, CALLS[name] ?? [])))] : [];
    return { called, after };
  } catch (error) {
    return { threw: [error.constructor.name, error.message] };
  }
}

/** Whether it is an own name that is listed. */
function enumerable(thing, name) {
  const own = Object.getOwnPropertyDescriptor(thing, keyOf(name));
  return { listed: own?.enumerable ?? false };
}

function failing(act) {
  try {
    return act();
  } catch (error) {
    return error;
  }
}

const found = {};
const asked = {};
for (const [what, make] of Object.entries(THINGS)) {
  for (const [part, get] of [['', (thing) => thing], ...Object.entries(PARTS)]) {
    const place = part === '' ? what : `${what}.${part}`;
    const whole = await make();
    const thing = part !== '' && (typeof whole !== 'object' || whole === null) ? undefined : failing(() => get(whole));
    if (given === undefined && (thing === undefined || thing === null || typeof thing !== 'object' || Array.isArray(thing))) continue;
    if (given !== undefined && !(place in given)) continue;
    asked[place] = given?.[place] ?? names(thing);
    found[place] = { kind: thing?.constructor?.name, keys: Object.keys(thing ?? {}).filter((name) => !OWN.has(name)) };
    for (const name of asked[place]) {
      const isThere = thing != null && keyOf(name) in thing;
      found[place][name] = isThere ? await fact(async () => get(await make()), name) : 'missing';
    }
  }
}
process.stdout.write(JSON.stringify({ asked, found }), () => process.exit());
