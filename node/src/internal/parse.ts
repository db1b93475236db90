/** From an accepted answer to the value that a method gives. */

import type { OpenAI } from '../client.js';
import type { AbstractPage } from '../core/pagination.js';
import { Stream } from '../core/streaming.js';
import type { Answer } from './call.js';
import { eventBody, rawBody } from './native-body.js';
import { nativeStream } from './native-stream.js';
import { addon, BUFFERED, type EventStream, type Vectors } from './native.cjs';
import type { Relay } from './relay.js';
import type { FinalRequestOptions } from './request-options.js';
import { resumingStream } from './resume.js';
import type { WireReply } from './wire-reply.js';

/** Objects carry the answer's `x-request-id`; arrays, pages, texts and numbers do not. */
export type WithRequestID<T> = T extends Array<any> | Response | AbstractPage<any>
  ? T
  : T extends Record<string, any>
    ? T & { _request_id?: string | null }
    : T;

/** What is known about the use of an answer before its request is sent. */
export interface Wish {
  /** Only the `Response` is wanted, so that its body is not waited for. */
  isRaw: boolean;
}

/** The answer of a call, with the wish that the call looks at before it is sent. */
export type Asked = Promise<APIResponseProps> & { wish?: Wish };

/** An answer with what its call was about. */
export class APIResponseProps {
  readonly reply: WireReply;
  readonly options: FinalRequestOptions;
  readonly controller = new AbortController();
  readonly #id: number;
  readonly #mode: number;
  #events: EventStream | null | undefined;
  #isStream = false;
  readonly #started: number;
  readonly #relay: Relay | undefined;

  /**
   * @param mode - What became of the body: one of the modes of the native client.
   * @param started - When the call began, as `performance.now()`.
   */
  constructor(answer: Answer, options: FinalRequestOptions, mode: number, started: number) {
    this.#started = started;
    this.reply = answer.reply;
    this.options = options;
    this.#id = answer.id;
    this.#relay = answer.relay;
    this.#mode = mode;
  }

  /** Whether the body has yet to be read. */
  get #isOpen(): boolean {
    return this.#mode !== BUFFERED;
  }

  /** A real `Response`; that of a `Stream` gives the events that the `Stream` has not taken. */
  get response(): Response {
    const foreign = this.#relay?.response;
    if (foreign !== undefined && this.#isStream) return foreign;
    if (foreign !== undefined && !this.#relay!.isAhead) return this.#relay!.handOver(this.options.signal)!;
    if (!this.#isOpen) return this.reply.response();
    return this.reply.response(() => {
      const events = this.#opened(false);
      if (events === null) return null;
      if (this.#isStream) return eventBody(events, this.#id, this.controller);
      return rawBody(events, this.#id, this.controller, this.options.signal);
    });
  }

  /** The vectors of the body, or one sentence that says why there are none; the names are those of the list and its members. */
  async vectors(list: string, vector: string, index: string): Promise<Vectors | string> {
    if (!this.#isOpen) return this.reply.vectors(list, vector, index);
    // Whoever asked for the `Response` still has its body.
    const body = await this.response.clone().arrayBuffer();
    return addon().vectors(new Uint8Array(body), list, vector, index);
  }

  /** The value: a stream, a `Response`, JSON, text, or `null` for an answer without content. */
  parse(client: OpenAI): unknown {
    if (this.options.stream) return this.#streamed(client);
    if (this.reply.status === 204) return null;
    if (this.options.__binaryResponse) return this.response;
    // Whoever asked for the `Response` still has its body.
    if (this.#isOpen) {
      return this.response
        .clone()
        .text()
        .then((text) => this.#value(text));
    }
    return this.#value(this.reply.text());
  }

  #value(text: string): unknown {
    return withRequestID(content(this.reply, text), this.reply);
  }

  #streamed(client: OpenAI): unknown {
    const { __streamClass = Stream, __synthesizeEventData: isSynthesized, __streamMode: mode } = this.options;
    const events = isNative(this.options) && !this.reply.isBodiless ? this.#opened(true) : null;
    const stream =
      events !== null && this.#isStream
        ? this.#native(client, events)
        : __streamClass.fromSSEResponse(this.response, this.controller, client, isSynthesized, mode);
    return withRequestID(stream, this.reply);
  }

  #native(client: OpenAI, events: EventStream): Stream<unknown> {
    const { signal, resume, strictEnd = client.strictEnd, __streamMode: mode = 'legacy' } = this.options;
    if (!resume) return nativeStream(client, this.reply, events, this.#id, this.controller, signal, strictEnd, mode);
    const first = nativeStream(client, this.reply, events, this.#id, new AbortController(), null, false, mode);
    return resumingStream(client, this.options, first, this.controller, this.#started);
  }

  /** The body as events or as bytes: as what the first who asks wants. */
  #opened(asEvents: boolean): EventStream | null {
    if (this.#events !== undefined) return this.#events;
    this.#isStream = asEvents;
    this.#events = this.#isStream ? this.reply.events() : this.reply.chunks();
    this.#relay?.read();
    return this.#events;
  }
}

/** Whether the answer is a stream whose events are read by native code. */
function isNative(options: FinalRequestOptions): boolean {
  const { stream, __streamClass = Stream, __synthesizeEventData: isSynthesized } = options;
  return Boolean(stream) && __streamClass === Stream && !isSynthesized;
}

/** JSON where the content type says so; otherwise text. */
function content(reply: WireReply, text: string): unknown {
  const mediaType = reply.header('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (!mediaType?.includes('application/json') && !mediaType?.endsWith('+json')) return text;
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new BrokenBodyError(text, cause);
  }
}

/** A body that is marked as JSON and is none. */
class BrokenBodyError extends SyntaxError {
  /** The whole body. */
  readonly text: string;

  constructor(text: string, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(`The answer is marked as JSON and is none (${reason}); its text is in the \`text\` of this error.`, {
      cause,
    });
    this.text = text;
  }
}

/** Gives an object the answer's request id, out of sight of `JSON.stringify` and `Object.keys`. */
export function withRequestID(value: unknown, reply: WireReply): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.defineProperty(value, '_request_id', { value: reply.header('x-request-id'), enumerable: false });
}
