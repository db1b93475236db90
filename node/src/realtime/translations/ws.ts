/** Translation sessions over a WebSocket. */

import type * as WS from 'ws';
import { type OpenAI } from '../../client.js';
import { EventEmitter } from '../../lib/EventEmitter.js';
import { type NodeWebSocket } from '../../internal/ws-adapter-node.js';
import { isKnownTranslationEvent } from '../../internal/translation-events.js';
import { openTranslation } from '../../internal/translation-dialer.js';
import { Socket } from '../../internal/websocket.js';
import {
  type ClientEvent as RealtimeTranslationClientEvent,
  type ServerEvent as RealtimeTranslationServerEvent,
} from '../../resources/realtime/translations/websocket-binding.js';
import { type RealtimeErrorEvent } from '../../resources/realtime/realtime.js';
import { OpenAIRealtimeError } from '../internal-base.js';

/** An event of any type. */
export interface RealtimeTranslationEvent {
  type: string;
  [key: string]: unknown;
}

/** How a session is opened. */
export interface RealtimeTranslationConnectOptions {
  /** Of the session. */
  model: string;
  /** As far as the native transport takes them; `null` removes a header. Redirects are not followed. */
  options?:
    | (Omit<WS.ClientOptions, 'headers'> & {
        headers?: Record<string, string | null | undefined> | undefined;
      })
    | undefined;
}

type TranslationEvents = {
  event: (event: RealtimeTranslationServerEvent | RealtimeTranslationEvent) => void;
  error: (error: OpenAIRealtimeError) => void;
} & {
  [Type in Exclude<RealtimeTranslationServerEvent['type'], 'error'>]: (
    event: Extract<
      RealtimeTranslationServerEvent,
      {
        type: Type;
      }
    >,
  ) => void;
};

const OPEN = 1;
const LONGEST_DEADLINE = 0x7fff_ffff;
const NO_JSON = 'Could not parse translation WebSocket event as JSON.';
const CLOSED_EARLY = 'Translation WebSocket closed before session.closed.';

/**
 * A session: what it is told stands in `event`, and in an event of its type if that is known and holds what it should. An `error` of the server is told so, too, and what goes
 * wrong with the connection is one; when nobody listens to it, it is an unhandled rejection.
 */
export class OpenAIRealtimeTranslationWS extends EventEmitter<TranslationEvents> {
  /** The connection underneath. */
  declare readonly socket: NodeWebSocket;
  declare readonly url: URL;
  readonly session = { close: () => this.#endInput() };
  #isInputClosed = false;
  /** Whether `session.closed` was told. */
  #isComplete = false;
  #isClosed = false;
  /** Whether the caller has closed the connection. */
  #isLeaving = false;
  #failure: Error | undefined;
  #finished: Promise<void> | undefined;
  #settle: (() => void) | undefined;

  private constructor(socket: NodeWebSocket, url: URL) {
    super();
    this.socket = socket;
    this.url = url;
    const platform = socket.platformSocket as unknown as Socket;
    platform.receiver = (value, error) => this.#receive(value, error);
    platform.on('error', (error: Error) => this.#failed('Translation WebSocket transport failed.', error));
    platform.on('close', () => this.#ended());
  }

  /**
   * Asks for the key and begins to connect; wait for `open` of the socket before anything is sent.
   *
   * @throws {Error} In the promise: there is no model or no key, the client is none of OpenAI's own API, or it is not secure.
   */
  static async create(client: OpenAI, props: RealtimeTranslationConnectOptions): Promise<OpenAIRealtimeTranslationWS> {
    const { socket, url } = await openTranslation(client, props);
    return new OpenAIRealtimeTranslationWS(socket, url);
  }

  /**
   * Sends an event, or its text as it is.
   *
   * @throws {OpenAIRealtimeError} It is no event, the input is closed, or the connection is not open, which gives it up.
   */
  send(event: RealtimeTranslationClientEvent | RealtimeTranslationEvent | string): void {
    const value = typeof event === 'string' ? parsed(event) : (event as unknown);
    if (this.#isInputClosed) throw new OpenAIRealtimeError('Translation input is closed.', null);
    const { type } = checked(value);
    this.#transmit(typeof event === 'string' ? event : JSON.stringify(event));
    if (type === 'session.close') this.#isInputClosed = true;
  }

  /**
   * Ends the input, and waits until all of the output was told, up to `session.closed`, and the connection is closed. Further calls give the
   * promise of the first.
   *
   * @param options - `timeoutMs` is for all of it; then, and when `signal` aborts, the connection is dropped.
   * @throws {OpenAIRealtimeError} In the promise: it did not come to that.
   */
  finish({ timeoutMs, signal }: { timeoutMs: number; signal?: AbortSignal | undefined }): Promise<void> {
    return (this.#finished ??= this.#finish(timeoutMs, signal));
  }

  /** Closes the connection and does not wait for output. */
  close(): void {
    this.#isInputClosed = true;
    this.#isLeaving = true;
    this.socket.close(1000, 'OK');
  }

  async #finish(timeoutMs: number, signal: AbortSignal | undefined): Promise<void> {
    if (typeof timeoutMs !== 'number' || !(timeoutMs > 0 && timeoutMs <= LONGEST_DEADLINE)) {
      this.#finished = undefined;
      throw new Error(`timeoutMs must be a positive finite WebSocket deadline of at most ${LONGEST_DEADLINE}.`);
    }
    const drop = (message: string, cause?: unknown) => {
      this.#failure ??= problem(message, cause);
      this.#isInputClosed = true;
      this.socket.terminate();
    };
    const abort = () => drop('Translation finish was aborted.', signal?.reason);
    const closed = this.#isClosed ? undefined : new Promise<void>((resolve) => (this.#settle = resolve));
    if (!this.#isClosed) {
      if (signal?.aborted) abort();
      else this.#endInput();
    }
    const timer = setTimeout(() => drop('Timed out finishing the translation session and closing its transport.'), timeoutMs);
    signal?.addEventListener('abort', abort, { once: true });
    try {
      await closed;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    }
    if (this.#failure !== undefined) throw this.#failure;
    if (!this.#isComplete) throw problem(CLOSED_EARLY);
  }

  #endInput(): void {
    if (this.#isInputClosed) return;
    this.#isInputClosed = true;
    this.#transmit('{"type":"session.close"}');
  }

  #transmit(text: string): void {
    if (this.socket.readyState === OPEN) {
      this.socket.send(text);
      return;
    }
    this.#isInputClosed = true;
    this.socket.terminate();
    throw problem('Could not send translation WebSocket event.');
  }

  #receive(value: unknown, failure: Error | undefined): void {
    if (this.#isComplete) return;
    let event: RealtimeTranslationEvent;
    try {
      if (failure !== undefined) throw problem(NO_JSON);
      event = checked(value);
    } catch (error) {
      this.#report(error as OpenAIRealtimeError);
      return;
    }
    const isKnown = isKnownTranslationEvent(event);
    const isLast = isKnown && event.type === 'session.closed';
    if (isLast) this.#isInputClosed = true;
    const emit = this._emit as (name: string, told: RealtimeTranslationEvent) => void;
    try {
      emit.call(this, 'event', event);
      if (isKnown && event.type === 'error') this.#report(serverError(event as unknown as RealtimeErrorEvent));
      else if (isKnown) emit.call(this, event.type, event);
    } finally {
      if (isLast) {
        this.#isComplete = true;
        this.socket.close(1000, 'OK');
      }
    }
  }

  #failed(message: string, cause: Error): void {
    if (this.#isLeaving || this.#failure !== undefined) return;
    this.#failure = problem(message, cause);
    this.#report(this.#failure);
  }

  #ended(): void {
    this.#isClosed = true;
    this.#isInputClosed = true;
    if (this.#settle !== undefined) this.#settle();
    else if (!this.#isComplete && !this.#isLeaving && this.#failure === undefined) this.#report(problem(CLOSED_EARLY));
  }

  #report(error: OpenAIRealtimeError): void {
    if (this._hasListener('error')) {
      this._emit('error', error);
      return;
    }
    error.message += " Bind an error listener, e.g. connection.on('error', (error) => ...).";
    void Promise.reject(error);
  }
}

function serverError(event: RealtimeErrorEvent): OpenAIRealtimeError {
  return new OpenAIRealtimeError(`Translation API error: ${event.error.message}`, event);
}

function problem(message: string, cause?: unknown): OpenAIRealtimeError {
  const error = new OpenAIRealtimeError(message, null);
  if (cause !== undefined) Object.defineProperty(error, 'cause', { value: cause, writable: true, configurable: true });
  return error;
}

/** The value of a text. @throws {OpenAIRealtimeError} It is no JSON; the message does not repeat it. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw problem(NO_JSON);
  }
}

function checked(value: unknown): RealtimeTranslationEvent {
  const { type } = (value ?? {}) as { type?: unknown };
  if (typeof value === 'object' && typeof type === 'string') return value as RealtimeTranslationEvent;
  throw problem('Translation event must be an object with a string type.');
}
