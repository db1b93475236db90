/**
 * A `fetch` over the native transport, for the official package and for whoever takes a `fetch`:
 * `new OpenAI({ fetch })`.
 */

import { encodedBody, transmission, type Transmission } from './internal/body.js';
import { rawBody } from './internal/native-body.js';
import { forget, newId, theHub, wait } from './internal/hub.js';
import { ANY_STATUS, UNDECIDED, type FailureData, type Pending } from './internal/native.cjs';
import { Source } from './internal/source.js';
import { nativeClient, type TransportOptions } from './internal/transport.js';
import type { Fetch } from './internal/types.js';
import { WireReply } from './internal/wire-reply.js';

/** Connecting, and what undici waits for the head and between two pieces of a body, in milliseconds. */
const LIMITS = [10_000, 300_000, null, null, 300_000, null, null];

/** Statuses of redirects. */
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** What a refused `fetch` has as its cause: `code` is the failure, as this package names it. */
export interface FetchFailure extends Error {
  code: string;
}

/**
 * Sends a request and gives its response once the head is there, as the global `fetch` does.
 *
 * It honours `method`, `headers`, `body`, `signal`, `redirect` and `duplex`; a body that is a stream is read while it is sent.
 * Other members of `init`, such as `dispatcher` or `cache`, mean nothing to it.
 *
 * @throws {TypeError} The request is wrong, or no response came; its cause says why.
 * @throws The reason of `signal`, when it is aborted.
 */
export function fetch(input: string | URL | Request, init?: RequestInit): Promise<Response> {
  return sent(undefined, input, init);
}

/**
 * A {@link fetch} that connects in its own way.
 *
 * @throws {OpenAIError} An option is wrong; the message says which.
 */
export function createFetch(transport: TransportOptions): Fetch {
  nativeClient(transport);
  return (input, init) => sent(transport, input, init);
}

async function sent(
  transport: TransportOptions | undefined,
  input: string | URL | Request,
  init: RequestInit | undefined,
): Promise<Response> {
  const request = plainRequest(input, init) ?? (await generalRequest(input, init));
  const { signal } = request;
  signal?.throwIfAborted();
  const reply = await send(request, transport);
  if (request.redirect === 'error' && REDIRECTS.has(reply.status)) {
    throw new TypeError('fetch failed', { cause: new Error('unexpected redirect') });
  }
  const controller = new AbortController();
  const response = reply.response(() => {
    const chunks = reply.chunks();
    return chunks === null ? null : rawBody(chunks, request.id, controller, signal, failed);
  });
  if (reply.url !== request.url) Object.defineProperty(response, 'redirected', { value: true, configurable: true });
  return response;
}

/** A request out of its parts. */
interface Outgoing {
  id: number;
  method: string;
  url: string;
  /** Names and values by turns. */
  headers: string[];
  body: Transmission['body'];
  sources: Source[];
  signal: AbortSignal | null;
  redirect: RequestRedirect;
}

/** What most callers send, without making a `Request` first; `undefined` for everything else. */
function plainRequest(input: string | URL | Request, init: RequestInit = {}): Outgoing | undefined {
  const { body = null, method = 'GET', headers, signal = null, redirect = 'follow' } = init;
  const isPlain = body === null || typeof body === 'string' || body instanceof Uint8Array;
  if (input instanceof Request || !isPlain || (body !== null && /^(get|head)$/i.test(method))) return undefined;
  const url = new URL(input);
  // What `fetch` refuses is left to `Request` to say.
  if (url.username !== '' || url.password !== '') return undefined;
  const fields = headers instanceof Headers ? headers : new Headers(headers);
  const pairs = [...fields].flat();
  if (typeof body === 'string' && !fields.has('content-type')) pairs.push('content-type', 'text/plain;charset=UTF-8');
  return { id: newId(), method: upper(method), url: url.href, headers: withDefaults(fields, pairs), body, sources: [], signal, redirect };
}

async function generalRequest(input: string | URL | Request, init: RequestInit | undefined): Promise<Outgoing> {
  const { body, ...rest } = init ?? {};
  const encoded = isKnown(body) ? await encodedBody(body, undefined, String) : undefined;
  const request = new Request(input, encoded === undefined ? ({ duplex: 'half', ...init } as RequestInit) : rest);
  const { method, url, headers, redirect } = request;
  if (encoded !== undefined && (method === 'GET' || method === 'HEAD')) {
    throw new TypeError('Request with GET/HEAD method cannot have body.');
  }
  if (encoded?.contentType !== undefined && !headers.has('content-type')) headers.set('content-type', encoded.contentType);
  const known = encoded === undefined ? await read(request, body == null) : await transmission(encoded);
  const signal = init?.signal ?? (input instanceof Request ? input.signal : null);
  return { id: newId(), method, url, headers: withDefaults(headers, [...headers].flat()), ...known, signal, redirect };
}

/** Whether the length of a body can be said before it is read. */
function isKnown(body: unknown): boolean {
  const kinds = [FormData, Blob, URLSearchParams, ArrayBuffer];
  return kinds.some((kind) => body instanceof kind) || ArrayBuffer.isView(body);
}

/**
 * The body of a request.
 *
 * @param mayBeWhole - What comes in one piece is sent with its length.
 */
async function read(request: Request, mayBeWhole: boolean): Promise<Transmission> {
  if (request.body === null) return { body: null, sources: [] };
  const pieces = (request.body as unknown as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
  const first: IteratorResult<Uint8Array>[] = [];
  if (mayBeWhole) {
    first.push(await pieces.next(), await pieces.next());
    if (first[1]?.done) return { body: first[0]?.value ?? new Uint8Array(), sources: [] };
  }
  const source = new Source(() => joined(first, pieces), false);
  return { body: source.sink, sources: [source] };
}

async function* joined(first: IteratorResult<Uint8Array>[], rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  for (const { value } of first) yield value;
  yield* { [Symbol.asyncIterator]: () => rest };
}

/** What the global `fetch` says when the caller does not. */
function withDefaults(headers: Headers, pairs: string[]): string[] {
  if (!headers.has('accept')) pairs.push('accept', '*/*');
  if (!headers.has('user-agent')) pairs.push('user-agent', 'node');
  return pairs;
}

/** As `fetch` does: only what it knows is put in upper case. */
function upper(method: string): string {
  return /^(delete|get|head|options|post|put)$/i.test(method) ? method.toUpperCase() : method;
}

function send(request: Outgoing, transport: TransportOptions | undefined): Promise<WireReply> {
  const { id, signal, sources } = request;
  const pending = start(request, transport);
  for (const source of sources) source.start();
  return new Promise<WireReply>((resolve, reject) => {
    const abort = () => {
      forget(id);
      pending.cancel();
      reject(signal?.reason as Error);
    };
    signal?.addEventListener('abort', abort, { once: true });
    const settled = () => {
      const outcome = pending.take();
      if (outcome === null) return wait(id, settled);
      signal?.removeEventListener('abort', abort);
      if ('head' in outcome) return resolve(new WireReply(outcome));
      const unreadable = sources.find(({ error }) => error !== undefined);
      const cause = unreadable?.error ?? causeOf(JSON.parse(outcome.data()) as FailureData);
      return reject(new TypeError('fetch failed', { cause }));
    };
    wait(id, settled);
  }).finally(() => {
    for (const source of sources) source.stop();
  });
}

function start(request: Outgoing, transport: TransportOptions | undefined): Pending {
  const { id, method, url, headers, body, redirect } = request;
  const follows = redirect === 'follow';
  const native = nativeClient(transport);
  const none = null;
  return native.request(
    ...([theHub(), id, method, url, url, none, headers, body, Infinity, 0, UNDECIDED, false, follows, LIMITS, none] as const),
    ...([false, none, none, false, ANY_STATUS] as const),
  );
}

function causeOf({ code, message, causes }: FailureData): FetchFailure {
  const [first] = causes;
  const cause = first === undefined ? {} : { cause: new Error(first) };
  return Object.assign(new Error(message, cause), { code });
}

/** A body that broke off. */
function failed(data: FailureData): Error {
  return new TypeError('terminated', { cause: causeOf(data) });
}

export default fetch;
