/** A `fetch` of the caller's: it sends each attempt of a call; retries, events and errors stay those of the core. */

// Imported, because test tools replace the global ones.
import { clearImmediate, setImmediate } from 'node:timers';

import { APIConnectionError, asError } from '../core/error.js';
import { Streamed, type Encoded, type Transmission, transmission } from './body.js';
import { judged } from './fetch-options.js';
import { replacedFetch } from './foreign-fetch.js';
import { Form } from './form.js';
import type { Fields } from './headers.js';
import { withoutUser } from './hidden.js';
import { drain, newId, unwatch, watch } from './hub.js';
import { link } from './native-stream.js';
import { ENDED, FAILED, FULL, OVER, type Exchange, type Pending } from './native.cjs';
import { bodyInit } from './request-init.js';
import { longest, type Timeout } from './timeout.js';
import type { Fetch, MergedRequestInit } from './types.js';
import type { Kept } from './wire-reply.js';

/** Sends a request; `controller` is that of the signal in `init`. */
export type Send = (url: string, init: RequestInit, controller: AbortController) => Promise<Response>;

/** What sends a call, and what the options of `fetch` add to it. */
export interface Via {
  send: Send;
  init: MergedRequestInit;
  /** The body; `undefined` for one that native code has. */
  encoded: Encoded | undefined;
  /** What the caller says about the length of the body. */
  length: string | null | undefined;
  /** Whether limits count from one piece of a body to the next. */
  countsPieces: boolean;
}

/** Keeps what aborts a response that was handed out for as long as somebody has it. */
const controllers = new WeakMap<object, AbortController>();

/** The attempts of one call. */
export class Relay {
  /** What sending, or reading the answer, threw last. */
  error: unknown;
  /** What the last attempt was answered with. */
  response: Response | undefined;
  /** Whether the body of an accepted answer is left alone until {@link Relay.read}. */
  isOpen = false;
  /** Whether it is read all the same, because the call waits for its first event. */
  isAhead = false;
  /**
   * Whether nobody but the caller wants the headers and the body of an accepted answer, so that {@link Relay.kept} has them and
   * native code does not.
   */
  keeps = false;
  /** The accepted answer, once its body was read. */
  kept: Kept | undefined;
  readonly #via: Via;
  #attempt: Attempt | undefined;

  constructor(via: Via) {
    this.#via = via;
  }

  /** What native code has to know of the body: what may be signed, and the parts that are read while they are sent. */
  async transmission(): Promise<Transmission> {
    const { encoded = { content: null, contentType: undefined } } = this.#via;
    const isForm = encoded.content instanceof Form && !this.#isRead;
    return isForm ? { body: null, sources: [] } : await transmission(encoded);
  }

  /** Makes the first attempt of a call. */
  begin(pending: Pending): void {
    const id = newId();
    this.#make(pending.begin(id), id);
  }

  /** Makes the attempt that a call wants, if it wants one. */
  answer(pending: Pending): void {
    const id = newId();
    this.#make(pending.exchange(id), id);
  }

  #make(exchange: Exchange | null, id: number): void {
    if (exchange === null) return;
    this.stop();
    this.error = this.kept = undefined;
    const attempt = new Attempt(exchange, id);
    this.#attempt = attempt;
    this.#send(attempt).catch((error: unknown) => {
      if (!attempt.isOver) this.error = error;
      attempt.fail(error);
    });
  }

  /** Reads the body that was left alone. */
  read(): void {
    const [attempt, response] = [this.#attempt, this.response];
    if (this.isAhead || attempt === undefined || response === undefined) return;
    this.#pump(attempt, response).catch((error: unknown) => attempt.fail(error));
  }

  /** Hands the answer out as it is, body and all. */
  handOver(signal: AbortSignal | undefined | null): Response | undefined {
    const [attempt, response] = [this.#attempt, this.response];
    if (attempt === undefined || response === undefined) return response;
    this.#attempt = undefined;
    controllers.set(response, attempt.detach());
    link(signal, attempt.controller);
    return response;
  }

  /** Aborts what is on its way. */
  stop(reason?: unknown): void {
    this.#attempt?.stop(reason);
  }

  /** Gives the error of a call what the `fetch` threw as its cause, as the official package does. */
  explain(error: Error): Error {
    if (this.error !== undefined && error instanceof APIConnectionError) error.cause = asError(this.error);
    return error;
  }

  /** Whether the body is read while it is sent. */
  get #isRead(): boolean {
    const content = this.#via.encoded?.content;
    return content instanceof Streamed || (content instanceof Form && content.isStreaming);
  }

  async #send(attempt: Attempt): Promise<void> {
    const { exchange, controller } = attempt;
    const request = JSON.parse(exchange.request()) as { method: string; url: string; headers: [string, string][] };
    const headers = new Headers();
    // The `fetch` writes the length, and the boundary of a form that it encodes.
    for (const [name, value] of request.headers) if (name !== 'content-length') headers.append(name, value);
    if (this.#via.length != null) headers.set('content-length', this.#via.length);
    const { encoded } = this.#via;
    const body = encoded === undefined ? attempt.text() : this.#isRead ? attempt.body() : bodyInit(encoded);
    if (body instanceof FormData) headers.delete('content-type');
    const init: RequestInit & { duplex?: 'half' } = { signal: controller.signal, method: request.method, headers };
    if (body !== null) init.body = body;
    if (body instanceof ReadableStream) init.duplex = 'half';
    const sent = this.#via.send(request.url, { ...init, ...this.#via.init }, controller);
    const response = await sent.catch((error: unknown) => {
      throw withoutPassword(error, request.url);
    });
    this.response = response;
    if (!this.isOpen && !this.#via.countsPieces && typeof response.arrayBuffer === 'function') {
      await this.#whole(attempt, response, request.url);
    } else if (!tell(attempt, response, request.url)) attempt.stop();
    else if (!this.isOpen || this.isAhead || !response.ok) await this.#pump(attempt, response);
  }

  /**
   * Gives an answer in one piece, so that native code is called once. Where the body takes longer than the turn that brought the
   * head, the head goes first, because limits and errors tell them apart.
   */
  async #whole(attempt: Attempt, response: Response, asked: string): Promise<void> {
    const { exchange } = attempt;
    // What is no `Headers` may hold what HTTP does not allow, which native code looks for; only successes are accepted.
    const isKept = this.keeps && Math.trunc(response.status / 100) === 2 && response.headers instanceof Headers;
    let isTold = false;
    let isWanted = true;
    const told = setImmediate(() => {
      isTold = true;
      isWanted = tell(attempt, response, asked, isKept);
      if (!isWanted) attempt.stop();
    });
    let body: Uint8Array | null = null;
    try {
      if (response.body !== null) body = new Uint8Array(await response.arrayBuffer());
    } catch (error) {
      if (!isTold) tell(attempt, response, asked, isKept);
      throw error;
    } finally {
      clearImmediate(told);
    }
    if (isKept && !attempt.isOver) this.kept = { response, body };
    if (isTold) {
      if (!isWanted || attempt.isOver) return;
      if (body !== null && !isKept) exchange.push(body);
      exchange.end();
      attempt.detach();
      return;
    }
    attempt.detach();
    if (exchange.whole(response.status, listed(response, isKept), response.url || asked, isKept ? null : body)) drain();
  }

  async #pump(attempt: Attempt, response: Response): Promise<void> {
    const { exchange } = attempt;
    for await (const piece of this.#pieces(response)) {
      const said = exchange.push(piece);
      if (said === FULL) await attempt.announced();
      if (said === OVER || attempt.isOver) return;
    }
    exchange.end();
    attempt.detach();
  }

  async *#pieces(response: Response): AsyncGenerator<Uint8Array> {
    const { body } = response;
    const isWhole = typeof response.arrayBuffer === 'function';
    if (body === null) return;
    if (typeof body?.getReader === 'function') yield* read(body);
    else if (typeof body?.[Symbol.asyncIterator] === 'function') yield* body as AsyncIterable<Uint8Array>;
    else if (isWhole) yield new Uint8Array(await response.arrayBuffer());
    // What stands in for a `Response` in tests often has no more than what they need.
    else yield new TextEncoder().encode(response.text ? await response.text() : JSON.stringify(await response.json()));
  }
}

/** Gives the head of an answer; false when nobody waits for it. */
function tell({ exchange }: Attempt, response: Response, asked: string, isKept = false): boolean {
  return exchange.head(response.status, listed(response, isKept), response.url || asked);
}

/** Names and values by turns; none for an answer that is kept. */
function listed({ headers }: Response, isKept: boolean): string[] {
  return isKept ? [] : [...headers].flat();
}

/** What a `fetch` threw; where it quotes a URL that has a password, an error that says the same without it. */
function withoutPassword(error: unknown, url: string): unknown {
  if (!(error instanceof Error) || withoutUser(url) === url || !error.message.includes(url)) return error;
  return new TypeError(error.message.replaceAll(url, withoutUser(url)));
}

/** One request of a call. */
class Attempt {
  readonly controller = new AbortController();
  readonly exchange: Exchange;
  /** Whether nobody wants it any more. */
  isOver = false;
  readonly #id: number;
  #wake: (() => void) | undefined;

  constructor(exchange: Exchange, id: number) {
    this.exchange = exchange;
    this.#id = id;
    watch(id, () => {
      if (exchange.isOver()) this.stop();
      else this.#woken();
    });
  }

  /** Waits for room, for more to send, or for the end. */
  announced(): Promise<void> {
    return new Promise((resolve) => {
      if (this.isOver) resolve();
      else this.#wake = resolve;
    });
  }

  /** The body of a request that is read while it is sent. */
  body(): ReadableStream<Uint8Array> {
    const pull = async (sink: ReadableStreamDefaultController<Uint8Array>) => {
      while (!this.isOver) {
        const part = this.exchange.part();
        if (part instanceof Uint8Array) return sink.enqueue(part);
        if (part === ENDED) return sink.close();
        if (part === FAILED) break;
        await this.announced();
      }
      sink.error(new Error('The body of this request cannot be read to its end.'));
    };
    return new ReadableStream({ pull }, { highWaterMark: 0 });
  }

  /** The body of a request that native code has whole. */
  text(): string {
    const decoder = new TextDecoder();
    let text = '';
    for (;;) {
      const part = this.exchange.part();
      if (!(part instanceof Uint8Array)) return text + decoder.decode();
      text += decoder.decode(part, { stream: true });
    }
  }

  fail(error: unknown): void {
    const { name, message, cause } = asError(error);
    const text = cause === undefined ? message : `${message} ${String(cause)}`;
    // The official package tells by the words of an error that time was its cause.
    this.exchange.fail(message || name, name === 'AbortError' || /timed? ?out/i.test(text));
    this.detach();
  }

  /** Nothing is announced any more; what the `fetch` has in hand goes on. */
  detach(): AbortController {
    this.isOver = true;
    unwatch(this.#id);
    this.#woken();
    return this.controller;
  }

  stop(reason?: unknown): void {
    if (!this.isOver) this.detach().abort(reason);
  }

  #woken(): void {
    this.#wake?.();
    this.#wake = undefined;
  }
}

async function* read(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    void reader.cancel().catch(() => {});
  }
}

/** What {@link route} asks a client. */
interface Sender {
  fetchOptions: MergedRequestInit | undefined;
  fetchWithTimeout(url: string, init: RequestInit, ms: number, controller: AbortController): Promise<Response>;
}

/**
 * Decides what sends a call: the client's own `fetch`, that of the platform where it was replaced or only it can honour the
 * options, or, without a relay, the native transport.
 *
 * @param usual - Has the `fetchWithTimeout` that is not one of a subclass, which is asked.
 */
export function route(
  client: Sender,
  own: Fetch | undefined,
  usual: Pick<Sender, 'fetchWithTimeout'>,
  options: MergedRequestInit | undefined,
  { fields, encoded, timeout }: { fields: Fields; encoded: Encoded; timeout: number | Timeout },
): { isFollowing: boolean; relay: Relay | undefined } {
  const isOverridden = client.fetchWithTimeout !== usual.fetchWithTimeout;
  const { isFollowing, needsFetch } = judged(client.fetchOptions, options);
  const fetch = own ?? replacedFetch() ?? (needsFetch || isOverridden ? globalThis.fetch : undefined);
  if (fetch === undefined) return { isFollowing, relay: undefined };
  const send: Send = isOverridden
    ? (url, init, controller) => client.fetchWithTimeout(url, init, longest(timeout), controller)
    : (url, init) => fetch.call(undefined, url, init);
  const init = { ...client.fetchOptions, ...options };
  const length = fields.get('content-length');
  return { isFollowing, relay: new Relay({ send, init, encoded, length, countsPieces: typeof timeout !== 'number' }) };
}

/** What sends requests whose bodies native code has, by `fetch`; a redirect is no answer to them. */
export function over(fetch: Fetch): Relay {
  const send: Send = (url, init) => fetch.call(undefined, url, init);
  return new Relay({ send, init: { redirect: 'manual' }, encoded: undefined, length: undefined, countsPieces: false });
}

/** {@link Send} for a time, as the official client's `fetchWithTimeout`. */
export async function fetchWithin(
  fetch: Fetch,
  url: string | URL | Request,
  init: RequestInit | undefined,
  ms: number,
  controller: AbortController,
): Promise<Response> {
  const { signal, ...rest } = init ?? {};
  const abort = () => controller.abort();
  if (signal?.aborted) abort();
  signal?.addEventListener('abort', abort, { once: true });
  const timer = setTimeout(abort, ms);
  try {
    return await fetch.call(undefined, url, { signal: controller.signal, method: 'GET', ...rest });
  } finally {
    clearTimeout(timer);
  }
}
