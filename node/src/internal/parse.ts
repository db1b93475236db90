/** From an accepted answer to the value that a method gives. */

import type { OpenAI } from '../client.js';
import { Stream } from '../core/streaming.js';
import type { Answer } from './call.js';
import { eventBody, rawBody } from './native-body.js';
import { closeOnAbort, nativeStream } from './native-stream.js';
import type { EventStream } from './native.cjs';
import type { FinalRequestOptions } from './request-options.js';
import type { WireReply } from './wire-reply.js';

/** Objects carry the answer's `x-request-id`; arrays, texts and numbers do not. */
export type WithRequestID<T> = T extends Array<unknown> | Response
  ? T
  : T extends Record<string, unknown> | object
    ? T & { _request_id?: string | null }
    : T;

/** What is known about the use of an answer before its request is sent. */
export interface Wish {
  /** Only the `Response` is wanted, so that the body of a stream has to be what the server sent, to the byte. */
  isRaw: boolean;
}

/** An answer with what its call was about. */
export class APIResponseProps {
  readonly reply: WireReply;
  readonly options: FinalRequestOptions;
  readonly controller = new AbortController();
  readonly #id: number;
  readonly #events: EventStream | null;
  readonly #isRaw: boolean;

  constructor(answer: Answer, options: FinalRequestOptions, isRaw: boolean) {
    this.reply = answer.reply;
    this.options = options;
    this.#id = answer.id;
    this.#events = options.stream ? answer.reply.events() : null;
    this.#isRaw = isRaw;
    if (isRaw && this.#events !== null) closeOnAbort(this.#events, this.controller, options.signal);
  }

  /** A real `Response`; that of a stream gives the events that no `Stream` has taken. */
  get response(): Response {
    const events = this.#events;
    if (events === null) return this.reply.response();
    const body = this.#isRaw ? rawBody : eventBody;
    return this.reply.response(() => body(events, this.#id, this.controller));
  }

  /** The value: a stream, JSON, text, or `null` for an answer without content. */
  parse(client: OpenAI): unknown {
    const value = this.#events === null ? content(this.reply) : this.#stream(client, this.#events);
    return withRequestID(value, this.reply);
  }

  #stream(client: OpenAI, events: EventStream): unknown {
    if (this.#isRaw || this.reply.isBodiless) return Stream.fromSSEResponse(this.response, this.controller, client);
    return nativeStream(client, this.reply, events, this.#id, this.controller, this.options.signal);
  }
}

/** JSON where the content type says so; otherwise text. */
function content(reply: WireReply): unknown {
  if (reply.status === 204) return null;
  const text = reply.text();
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
