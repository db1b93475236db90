/** A WebSocket over the native transport, with the interfaces of `ws.WebSocket` and of the one in browsers. */

import { EventEmitter } from 'node:events';
import { setImmediate } from 'node:timers';
import { OpenAIError } from '../core/error.js';
import { shares } from './batch.js';
import { exception } from './failure.js';
import { forget, newId, theHub, wait } from './hub.js';
import { BINARY, CLOSED, QUEUE_FULL, QUEUED, type Pending, type SocketEnd, type WebSocket } from './native.cjs';
import { nativeClient, type TransportOptions } from './transport.js';
import { WireReply } from './wire-reply.js';

/** How a socket is opened. */
export interface Opening {
  url: string;
  /** Names and values by turns. */
  headers: (string | null)[];
  /** Proposed, the best first. */
  protocols: string[];
  transport: TransportOptions | null | undefined;
  /** For the handshake, in milliseconds. */
  timeout: number;
  /** Whether redirects to the same origin are followed. */
  isFollowing: boolean;
  /** The most bytes of one message that comes. */
  maxMessageBytes?: number | undefined;
}

/** What a socket sends. */
export type Sendable = string | ArrayBufferLike | ArrayBufferView;

/** Told of each message: its value, or with no value why it is no JSON. */
export type Receiver = (value: unknown, error?: Error) => void;

/** What an event of a socket carries, beside its type. */
interface SocketEvent {
  type: string;
  target: Socket;
  [field: string]: unknown;
}
type SocketListener = ((event: SocketEvent) => void) | { handleEvent: (event: SocketEvent) => void };
type Done = (error?: Error) => void;

const CONNECTING = 0;
const OPEN = 1;
const CLOSING = 2;
const ENDED = 3;
const STATES = ['CONNECTING', 'OPEN', 'CLOSING', 'CLOSED'];

/** Batches that one turn of the event loop takes from a connection, so that others get theirs. */
const BATCHES_A_TURN = 16;
const MESSAGE_BOUND = 3;
/** Of a close frame, in bytes. */
export const LONGEST_REASON = 123;
/** What a connection that ended without a close frame says. */
const ABNORMAL = 1006;

const UNSENT = 'The connection ended before the message was sent';
const EARLY_CLOSE = 'WebSocket was closed before the connection was established';

/** What the arguments of an event are called where listeners take one object. */
const FIELDS: Record<string, (values: unknown[]) => Record<string, unknown>> = {
  open: () => ({}),
  message: ([data, isBinary]) => ({ data: isBinary === true ? data : String(data) }),
  close: ([code, reason]) => ({ code, reason: String(reason), wasClean: code !== ABNORMAL }),
  error: ([error]) => ({ error, message: (error as Error).message }),
};

/**
 * A connection. Events by {@link EventEmitter.on}: `open`, `message` (a `Buffer`, and whether it is binary), `close` (code and
 * reason), `error` and `unexpected-response`; as objects by `addEventListener` and `onopen` and its kin. While it is open, the
 * process stays alive.
 */
export class Socket extends EventEmitter {
  static readonly CONNECTING = CONNECTING;
  static readonly OPEN = OPEN;
  static readonly CLOSING = CLOSING;
  static readonly CLOSED = ENDED;
  readonly CONNECTING = CONNECTING;
  readonly OPEN = OPEN;
  readonly CLOSING = CLOSING;
  readonly CLOSED = ENDED;
  readonly url: string;
  readonly extensions: string = '';
  /** The one that the server has chosen, or nothing. */
  protocol = '';
  binaryType = 'nodebuffer';
  /** Gets each message parsed, once for many of them. */
  receiver: Receiver | undefined;
  #state = CONNECTING;
  #pending: Pending | undefined;
  #native: WebSocket | undefined;
  readonly #id = newId();
  readonly #roomId = newId();
  readonly #endId = newId();
  /** What waits for room. */
  #outgoing: { data: string | Uint8Array; done: Done | undefined }[] = [];
  #outgoingBytes = 0;
  /** To be said once all of it is sent. */
  #farewell: [number, string] | undefined;
  readonly #handlers = new Map<string, (event: SocketEvent) => void>();
  readonly #wrapped = new Map<string, Map<SocketListener, (...values: unknown[]) => void>>();

  constructor(opening: Opening) {
    super();
    this.url = opening.url;
    const { headers, protocols, maxMessageBytes } = opening;
    const bounds: (number | null)[] = [];
    if (maxMessageBytes) bounds[MESSAGE_BOUND] = maxMessageBytes;
    const url = new URL(opening.url);
    const given = [...headers];
    if (protocols.length > 0) given.push('sec-websocket-protocol', protocols.join(', '));
    this.#pending = nativeClient(opening.transport).connect(
      theHub(),
      this.#id,
      url.origin,
      url.pathname + url.search,
      undefined,
      given,
      opening.timeout,
      opening.isFollowing,
      Array.from(bounds, (bound) => bound ?? null),
    );
    wait(this.#id, () => this.#settled());
  }

  /** 0 while it connects, 1 open, 2 closing, 3 closed. */
  get readyState(): number {
    return this.#state;
  }

  /** Bytes that were sent by the caller and not yet to the system. */
  get bufferedAmount(): number {
    const counters = this.#native?.counters();
    const waiting = counters === undefined ? 0 : (JSON.parse(counters) as { waitingBytes: number }).waitingBytes;
    return waiting + this.#outgoingBytes;
  }

  get onopen() {
    return this.#handlers.get('open') ?? null;
  }

  set onopen(listener: ((event: SocketEvent) => void) | null) {
    this.#handle('open', listener);
  }

  get onmessage() {
    return this.#handlers.get('message') ?? null;
  }

  set onmessage(listener: ((event: SocketEvent) => void) | null) {
    this.#handle('message', listener);
  }

  get onclose() {
    return this.#handlers.get('close') ?? null;
  }

  set onclose(listener: ((event: SocketEvent) => void) | null) {
    this.#handle('close', listener);
  }

  get onerror() {
    return this.#handlers.get('error') ?? null;
  }

  set onerror(listener: ((event: SocketEvent) => void) | null) {
    this.#handle('error', listener);
  }

  /** Adds a listener that gets one object; one that is there is not added again. */
  addEventListener(type: string, listener: SocketListener | null, options?: { once?: boolean } | boolean): void {
    const fields = FIELDS[type];
    const known = this.#wrapped.get(type) ?? new Map<SocketListener, (...values: unknown[]) => void>();
    if (listener == null || fields === undefined || known.has(listener)) return;
    const isOnce = typeof options === 'object' && options.once === true;
    const wrapped = (...values: unknown[]) => {
      if (isOnce) this.removeEventListener(type, listener);
      const event: SocketEvent = { type, target: this, ...fields(this.adapted(type, values)) };
      if (typeof listener === 'function') listener.call(this, event);
      else listener.handleEvent(event);
    };
    known.set(listener, wrapped);
    this.#wrapped.set(type, known);
    this.on(type, wrapped);
  }

  removeEventListener(type: string, listener: SocketListener | null): void {
    const known = this.#wrapped.get(type);
    const wrapped = listener == null ? undefined : known?.get(listener);
    if (wrapped === undefined) return;
    known?.delete(listener as SocketListener);
    this.off(type, wrapped);
  }

  /**
   * Sends a message, in the order of the calls.
   *
   * @param done - Called once it is handed over, with an error if it cannot be.
   * @throws {Error} The connection is not open yet.
   */
  send(data: Sendable | number, options?: unknown, done?: Done): void {
    const told = typeof options === 'function' ? (options as Done) : done;
    if (this.#state === CONNECTING) throw this.notOpen();
    if (this.#state !== OPEN) {
      const error = new Error(`WebSocket is not open: readyState ${this.#state} (${STATES[this.#state]})`);
      if (told !== undefined) process.nextTick(told, error);
      return;
    }
    const message = sendable(data);
    this.#outgoing.push({ data: message, done: told });
    this.#outgoingBytes += message.length;
    if (this.#outgoing.length === 1) this.#flush();
  }

  /**
   * Begins the close handshake, after all that was sent; before the connection is open, gives it up.
   *
   * @throws {Error} The code may not be sent, or the reason has more than 123 bytes.
   */
  close(code?: number, reason: string | Uint8Array = ''): void {
    if (this.#state === CLOSING || this.#state === ENDED) return;
    const text = typeof reason === 'string' ? reason : Buffer.from(reason).toString();
    if (this.#state === CONNECTING) {
      this.#giveUp(new Error(EARLY_CLOSE));
      return;
    }
    this.checkClose(code, Buffer.byteLength(text));
    this.#state = CLOSING;
    this.#farewell = [code ?? 1000, text];
    if (this.#outgoing.length === 0) this.#flush();
  }

  /** Closes the connection at once, without a close frame. */
  terminate(): void {
    if (this.#state === ENDED) return;
    if (this.#native === undefined) {
      if (this.#state === CONNECTING) this.#giveUp(new Error(EARLY_CLOSE));
      return;
    }
    this.#state = CLOSING;
    this.#native.abort();
    setImmediate(() => this.#drain());
  }

  /** @throws {OpenAIError} Always: pings of the server are answered, and none are sent on demand. */
  ping(): never {
    throw new OpenAIError('A socket of tailrace sends no pings on demand; it answers those of the server by itself.');
  }

  /** @throws {Error} A message was sent too early. */
  protected notOpen(): Error {
    return new Error('WebSocket is not open: readyState 0 (CONNECTING)');
  }

  /** @throws {Error} A close frame cannot be so. */
  protected checkClose(code: number | undefined, bytes: number): void {
    const isRight = code === undefined || (Number.isInteger(code) && sendableCode(code));
    if (!isRight) throw new TypeError('First argument must be a valid error code number');
    if (bytes > LONGEST_REASON) throw new RangeError('The message must not be greater than 123 bytes');
  }

  /** Values of an event as `addEventListener` tells them. */
  protected adapted(type: string, values: unknown[]): unknown[] {
    if (type !== 'message' || values[1] !== true || this.binaryType !== 'arraybuffer') return values;
    const bytes = values[0] as Buffer;
    return [bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength), true];
  }

  /** Whether messages are told while the connection is being closed. */
  protected get tellsWhileClosing(): boolean {
    return true;
  }

  /** Whether a connection that ended without a close frame is an error. */
  protected get brokenIsError(): boolean {
    return false;
  }

  #handle(type: string, listener: ((event: SocketEvent) => void) | null): void {
    const before = this.#handlers.get(type);
    if (before !== undefined) this.removeEventListener(type, before);
    this.#handlers.delete(type);
    if (typeof listener !== 'function') return;
    this.#handlers.set(type, listener);
    this.addEventListener(type, listener);
  }

  #settled(): void {
    const pending = this.#pending;
    if (pending === undefined) return;
    const outcome = pending.take();
    if (outcome === null) {
      wait(this.#id, () => this.#settled());
      return;
    }
    this.#pending = undefined;
    if (!('head' in outcome)) {
      const error = exception(outcome);
      const { status } = error as { status?: number };
      if (status === undefined) this.#failed(new Error(reasonOf(error), { cause: error }));
      else this.#refused(status, error);
      return;
    }
    const reply = new WireReply(outcome);
    this.#native = reply.socket() ?? undefined;
    this.protocol = reply.header('sec-websocket-protocol') ?? '';
    this.#state = OPEN;
    this.#tell('open');
    // Who waits for it by a promise can still add listeners.
    setImmediate(() => this.#drain());
  }

  #refused(status: number, cause: Error): void {
    const error = new Error(`Unexpected server response: ${status}`, { cause });
    // Whoever listens to it decides what becomes of the connection.
    const isDecided = this.listenerCount('unexpected-response') > 0;
    if (isDecided) this.#tell('unexpected-response', undefined, { statusCode: status, error });
    else this.#failed(error);
    if (this.#state === CONNECTING) this.#giveUp(new Error(EARLY_CLOSE));
  }

  /** Gives the handshake up. */
  #giveUp(error: Error): void {
    this.#state = CLOSING;
    forget(this.#id);
    this.#pending?.cancel();
    this.#pending = undefined;
    process.nextTick(() => this.#failed(error));
  }

  #failed(error: Error): void {
    this.#state = CLOSING;
    this.#tell('error', error);
    this.#end(ABNORMAL, '');
  }

  /** Takes what came, until there is nothing. */
  #drain(): void {
    const native = this.#native;
    if (native === undefined || this.#state === ENDED) return;
    for (let batches = 0; batches < BATCHES_A_TURN; batches++) {
      const pulled = native.pull();
      if (pulled === null) {
        wait(this.#id, () => this.#drain());
        return;
      }
      if (pulled === CLOSED) {
        this.#closed(native);
        return;
      }
      if (typeof pulled === 'string') this.#batch(pulled);
      else if (pulled === BINARY) this.#single(Buffer.from(native.bytes() ?? []), true);
      else this.#single(Buffer.from(native.text() ?? ''), false);
    }
    setImmediate(() => this.#drain());
  }

  #batch(batch: string): void {
    let texts: string[] | undefined;
    for (const share of shares(batch)) {
      if (typeof share === 'number') continue;
      const { items, isText } = share;
      for (let at = 0; at < items.length; at++) {
        if (this.#isMute) return;
        // A listener may have come with the message before.
        const isHeard = this.listenerCount('message') > 0;
        if (isText) this.#parsed(items[at] as string);
        else this.#guarded(() => this.receiver?.(items[at]));
        if (!isHeard) continue;
        texts ??= batch.slice(1, -1).split('\r,');
        this.#tell('message', Buffer.from(texts[at] ?? ''), false);
      }
    }
  }

  #single(data: Buffer, isBinary: boolean): void {
    if (this.#isMute) return;
    this.#parsed(this.readable(data, isBinary));
    this.#tell('message', data, isBinary);
  }

  /** The text that a message is parsed from. */
  protected readable(data: Buffer, _isBinary: boolean): string {
    return data.toString();
  }

  get #isMute(): boolean {
    return this.#state !== OPEN && !(this.#state === CLOSING && this.tellsWhileClosing);
  }

  #parsed(text: string): void {
    let value: unknown;
    let failure: Error | undefined;
    try {
      value = JSON.parse(text);
    } catch (error) {
      failure = error as Error;
    }
    this.#guarded(() => this.receiver?.(value, failure));
  }

  #closed(native: WebSocket): void {
    const { received, error } = JSON.parse(native.closed() ?? '{}') as Partial<SocketEnd>;
    const isTold = error != null && (this.brokenIsError || error.code !== 'interrupted') && this.#state === OPEN;
    if (isTold) {
      const causes = error.causes.length === 0 ? {} : { cause: new Error(error.causes.join(': ')) };
      this.#state = CLOSING;
      this.#tell('error', new Error(error.message, causes));
    }
    this.#end(received?.[0] ?? ABNORMAL, received?.[1] ?? '');
  }

  #end(code: number, reason: string): void {
    if (this.#state === ENDED) return;
    this.#state = ENDED;
    for (const id of [this.#id, this.#roomId, this.#endId]) forget(id);
    const unsent = this.#outgoing;
    this.#outgoing = [];
    for (const { done } of unsent) this.#guarded(() => done?.(new Error(UNSENT)));
    this.#tell('close', code, Buffer.from(reason));
  }

  #flush(): void {
    const native = this.#native;
    if (native === undefined || this.#state === ENDED) return;
    let sent = 0;
    for (const { data, done } of this.#outgoing) {
      const taken = native.send(data);
      if (taken === QUEUE_FULL) break;
      sent++;
      this.#outgoingBytes -= data.length;
      if (done !== undefined) process.nextTick(done, taken === QUEUED ? undefined : new Error(UNSENT));
    }
    this.#outgoing.splice(0, sent);
    if (this.#outgoing.length > 0) {
      wait(this.#roomId, () => this.#flush());
      native.notifyRoom(this.#roomId);
    } else if (this.#farewell !== undefined) {
      native.close(this.#endId, ...this.#farewell);
    }
  }

  #tell(event: string, ...values: unknown[]): void {
    this.#guarded(() => this.emit(event, ...values));
  }

  /** What a listener throws must reach the process, and not keep other connections from their messages. */
  #guarded(run: () => void): void {
    try {
      run();
    } catch (error) {
      queueMicrotask(() => {
        throw error;
      });
    }
  }
}

function sendable(data: unknown): string | Uint8Array {
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice();
  if (data instanceof ArrayBuffer || data instanceof SharedArrayBuffer) return new Uint8Array(data).slice();
  return data === undefined || data === null ? '' : String(data as string);
}

function sendableCode(code: number): boolean {
  return (code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code)) || (code >= 3000 && code <= 4999);
}

/** The first cause of a failure that says what happened. */
function reasonOf(error: Error): string {
  const { cause } = error;
  return cause instanceof Error ? cause.message : error.message;
}
