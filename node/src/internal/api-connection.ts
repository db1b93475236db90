/** A connection to the API that its user sees as one, made of sockets that follow each other. */

import { telling } from './event-payload.js';
import { ConnectionStream } from './connection-stream.js';
import { OpenAIError } from '../core/error.js';
import { guarded } from './guarded.js';
import { backoff, isRecoverable } from './reconnecting.js';
import type { Resumption, ResumeOption } from './response-resumption.js';
import { SendQueue } from './send-queue.js';
import { Socket, type SocketCounters } from './websocket.js';
import type { WebSocketLike } from './ws-adapter.js';
import { NodeWebSocket } from './ws-adapter-node.js';
import type {
  RawWebSocketData,
  ReconnectingEvent,
  ReconnectingOverrides,
  UnsentMessage,
  WebSocketStreamOptions,
} from './ws.js';

/** How a connection is made again; delays are in milliseconds. */
export interface ReconnectOptions {
  onReconnecting: (event: ReconnectingEvent<any>) => ReconnectingOverrides<any> | void;
  maxRetries?: number;
  initialDelay?: number;
  maxDelay?: number;
}

/** What a caller says of a connection. */
export interface ApiConnectionOptions extends ResumeOption {
  reconnect?: ReconnectOptions | null | undefined;
  maxQueueSize?: number | undefined;
}

/** What a connection uses of the object that its user has; a subclass may replace the last three. */
export interface ApiOwner {
  url: URL;
  socket: WebSocketLike;
  _parameters: Record<string, unknown> | null | undefined;
  on: (event: string, listener: (value: unknown) => void) => unknown;
  off: (event: string, listener: (value: unknown) => void) => unknown;
  _emit: (event: string, ...values: unknown[]) => void;
  /** Tells a server's error event, or what went wrong here. */
  _onError: (event: unknown, message?: string, cause?: unknown) => void;
  _authHeaders: () => Record<string, string>;
  _createSocket: (url: URL, authHeaders: Record<string, string>) => WebSocketLike;
  /** Asks for what a replacement needs, and gives what opens it. */
  _prepareReconnectSocket: () => Promise<(url: URL) => WebSocketLike>;
}

const NORMAL = 1000;
const CONNECTING = 0;
const OPEN = 1;
const CLOSING = 2;
const MAX_RETRIES = 5;
const INITIAL_DELAY = 500;
const MAX_DELAY = 8000;
const MAX_QUEUE_SIZE = 1 << 20;
/** Types of events that would be taken for what the connection tells of itself. */
const RESERVED = new Set(['event', 'raw', 'open', 'close', 'reconnecting', 'reconnected']);

/** The owners of connections that have the `resume` option. */
const resuming = new WeakSet<object>();

/** Whether a connection fetches what a broken socket left out. */
export function resumes(owner: object): boolean {
  return resuming.has(owner);
}

/** Sends, queues, tells, reconnects and closes. */
export class ApiConnection<Sent> {
  readonly #owner: ApiOwner;
  readonly #url: () => URL;
  readonly #error: (message: string) => Error;
  readonly #reconnect: ReconnectOptions | undefined;
  readonly #queue: SendQueue<Sent>;
  /** Of a connection that has the `resume` option. */
  readonly #resumption: Resumption | undefined;
  /** Stops what it does. */
  readonly #closing = new AbortController();
  readonly #streams = new Set<ConnectionStream>();
  #socket: WebSocketLike | undefined;
  /** What is being done to make it again. */
  #reconnecting: ReconnectingEvent<any> | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** Since it was open last. */
  #attempts = 0;
  /** What the caller has closed it with. */
  #farewell: { code: number; reason: string } | undefined;
  #end: { code: number; reason: string } | undefined;

  /**
   * @param url - The address, out of the current parameters.
   * @param error - Makes the error of an iterator.
   * @param resumption - Makes what resumes responses; a connection without it has no `resume` option.
   * @throws {OpenAIError} It has none, and that is given.
   */
  constructor(
    owner: ApiOwner,
    options: ApiConnectionOptions | null | undefined,
    url: () => URL,
    error: (message: string) => Error,
    resumption?: () => Resumption,
  ) {
    if (options?.resume === true) {
      if (resumption === undefined) {
        throw new OpenAIError('The `resume` option is for `ResponsesWS`; other sessions end with their socket, so leave it out.');
      }
      this.#resumption = resumption();
      resuming.add(owner);
    }
    this.#owner = owner;
    this.#url = url;
    this.#error = error;
    this.#reconnect = options?.reconnect ?? (this.#resumption && { onReconnecting: () => {} });
    this.#queue = new SendQueue(options?.maxQueueSize ?? MAX_QUEUE_SIZE, true);
  }

  /** Opens the first socket. @throws {OpenAIError} A subclass made one that cannot be resumed. */
  connect(): void {
    const url = this.#url();
    const socket = this.#owner._createSocket(url, this.#owner._authHeaders());
    if (this.#resumption !== undefined && platformOf(socket) === undefined) {
      throw new OpenAIError('The `resume` option needs the sockets of tailrace; leave it out where a subclass makes its own.');
    }
    this.#replace(socket, url);
    this.#attach(socket, true);
  }

  /** Sends an event, or queues its text until the connection is open. What goes wrong is told as an error. */
  send(event: Sent): void {
    this.#take(
      () => JSON.stringify(event),
      (text) => this.#queue.add(text),
    );
  }

  /** The same with data that is sent as it is. */
  sendRaw(data: RawWebSocketData): void {
    this.#take(
      () => flat(data),
      (raw) => this.#queue.addRaw(raw),
    );
  }

  /** Closes it for good. */
  close(props: { code: number; reason: string } | undefined): void {
    if (this.#farewell !== undefined || this.#end !== undefined) return;
    const farewell = { code: props?.code ?? 1000, reason: props?.reason ?? 'OK' };
    this.#closing.abort();
    if (this.#reconnecting !== undefined) {
      this.#farewell = farewell;
      clearTimeout(this.#timer);
      if (this.#socket?.readyState === CONNECTING) this.#socket.close();
      queueMicrotask(() => this.#finish(farewell.code, farewell.reason));
      return;
    }
    try {
      this.#socket?.close(farewell.code, farewell.reason);
      this.#farewell = farewell;
    } catch (error) {
      this.#owner._onError(null, 'could not close the connection', error);
    }
  }

  /** All that it tells from now on, and first how it stands. */
  stream(options: WebSocketStreamOptions | undefined): AsyncIterableIterator<any> {
    const event = (message: unknown) => {
      if ((message as { type?: unknown }).type !== 'error') stream.push({ type: 'message', message });
    };
    const raw = (data: unknown) => stream.push({ type: 'raw', data });
    const error = (failure: unknown) => stream.push({ type: 'error', error: failure });
    const listeners = Object.entries({ event, raw, error });
    const stream = new ConnectionStream(
      options,
      (ended) => {
        this.#streams.delete(ended);
        for (const [name, listener] of listeners) this.#owner.off(name, listener);
      },
      this.#error,
    );
    stream.push(this.#state());
    if (this.#end !== undefined) {
      stream.end();
      return stream;
    }
    for (const [name, listener] of listeners) this.#owner.on(name, listener);
    this.#streams.add(stream);
    return stream;
  }

  /** What its socket has counted; nothing before it is open. */
  counters(): SocketCounters | undefined {
    return this.#socket instanceof NodeWebSocket ? this.#socket.counters() : undefined;
  }

  #replace(socket: WebSocketLike, url: URL): void {
    this.#owner.socket = socket;
    this.#owner.url = url;
  }

  #state(): object {
    if (this.#end !== undefined) return { type: 'close', ...this.#end, unsent: [] };
    if (this.#reconnecting !== undefined) return { type: 'reconnecting', reconnect: this.#reconnecting };
    const state = this.#socket?.readyState;
    return { type: state === OPEN ? 'open' : state === CLOSING ? 'closing' : 'connecting' };
  }

  #take<Data extends RawWebSocketData>(make: () => Data, queue: (data: Data) => boolean): void {
    const socket = this.#socket;
    const isWaiting = this.#reconnecting !== undefined || socket?.readyState === CONNECTING;
    const isClosed = this.#end !== undefined || (this.#reconnecting === undefined && this.#farewell !== undefined);
    if (isClosed || !(isWaiting || socket?.readyState === OPEN)) {
      this.#owner._onError(null, 'cannot send on a closed WebSocket');
      return;
    }
    try {
      const data = make();
      // What was queued goes first.
      const isDirect = socket?.readyState === OPEN && this.#queue.isEmpty;
      if (isDirect) this.#transmit(socket, data as string);
      else if (data === undefined) throw new TypeError('A WebSocket event is no JSON value; send an object.');
      else if (!queue(data)) this.#owner._onError(null, 'send queue is full, message discarded');
    } catch (error) {
      this.#owner._onError(null, 'could not send data', error);
    }
  }

  #attach(socket: WebSocketLike, isFirst: boolean): void {
    let hasOpened = false;
    let failure: Error | undefined;
    this.#socket = socket;
    const isCurrent = () => socket === this.#socket && this.#end === undefined;
    this.#listen(socket, isCurrent);
    socket.on('open', () => {
      hasOpened = true;
      if (!isCurrent() || (!isFirst && this.#farewell !== undefined)) return;
      // A server that lets nobody go on says so on each new connection, which is no progress.
      if (this.#resumption === undefined) this.#attempts = 0;
      this.#reconnecting = undefined;
      this.#flush(socket);
      this.#push({ type: isFirst ? 'open' : 'reconnected' });
      if (isFirst) return;
      this.#tell('reconnected');
      this.#resume(socket);
    });
    socket.on('error', (error: Error) => {
      failure = error;
      if (isCurrent() && (isFirst || hasOpened)) this.#owner._onError(null, error.message, error);
    });
    socket.on('close', (code: number, reason: string) => {
      if (!isCurrent()) return;
      this.#keepUnsent(socket);
      // While it reconnects, closing it has its own end.
      if ( this.#reconnecting !== undefined && this.#farewell !== undefined) return;
      const isRetry = !isFirst && !hasOpened;
      if (this.#farewell !== undefined || this.#reconnect === undefined) this.#finish(code, reason);
      else if (isRecoverable(code) || (code === NORMAL && this.#resumption?.isNeeded)) this.#again(code, reason, isRetry ? failure : undefined);
      else if (isRetry) this.#abort(code, failure);
      else this.#finish(code, reason);
    });
  }

  #listen(socket: WebSocketLike, isCurrent: () => boolean): void {
    const platform = platformOf(socket);
    if (platform !== undefined) {
      const text = () => platform.payload;
      platform.receiver = (value, error, data) => {
        if (!isCurrent()) return;
        if (typeof data === 'object' || error !== undefined) this.#owner._emit('raw', data);
        else this.#received(value, text);
      };
      return;
    }
    // Made by a subclass.
    socket.on('message', (data, isBinary) => {
      if (!isCurrent()) return;
      let value: unknown;
      try {
        if (isBinary || typeof data !== 'string') throw new TypeError('bytes');
        value = JSON.parse(data);
      } catch {
        this.#owner._emit('raw', data);
        return;
      }
      this.#received(value, () => data as string);
    });
  }

  #received(value: unknown, text: () => string): void {
    const type = typeof value === 'object' && value !== null && Object.hasOwn(value, 'type') && (value as { type: unknown }).type;
    if (typeof type !== 'string') {
      this.#owner._onError(null, 'received invalid WebSocket event: expected an object with an own string type');
      return;
    }
    if (RESERVED.has(type)) {
      this.#owner._onError(null, 'received reserved WebSocket event type');
      return;
    }
    if (type !== 'error') this.#attempts = 0;
    this.#resumption?.came(value as object);
    this.#telling(value, type, text);
  }

  #telling(value: unknown, type: string, text: () => string): void {
    telling(value, text, () => {
      this.#owner._emit('event', value);
      if (type === 'error') this.#owner._onError(value);
      else this.#owner._emit(type, value);
    });
  }

  #flush(socket: WebSocketLike): void {
    try {
      this.#queue.flush((data) => {
        if (socket.readyState !== OPEN) return false;
        this.#transmit(socket, data);
        return true;
      });
    } catch (error) {
      this.#owner._onError(null, 'could not send data', error);
    }
  }

  #transmit(socket: WebSocketLike, data: Exclude<RawWebSocketData, ArrayBufferView[]>): void {
    socket.send(data);
    this.#resumption?.sent(data);
  }

  /** Lets what a lost socket had accepted go first over the next one. */
  #keepUnsent(socket: WebSocketLike): void {
    const unsent = platformOf(socket)?.unsent() ?? [];
    this.#queue.putBack(unsent);
    this.#resumption?.broke(unsent);
  }

  /** Tells what the sockets before `socket` left out, while that one waits. */
  #resume(socket: WebSocketLike): void {
    const resumption = this.#resumption;
    if (!resumption?.hasLost) return;
    const platform = platformOf(socket);
    const resumed = {
      tell: (event: object) =>
        guarded(() => this.#telling(event, (event as { type: string }).type, () => JSON.stringify(event))),
      send: (text: string) => this.#transmit(socket, text),
      signal: this.#closing.signal,
    };
    platform?.pause();
    void resumption.run(resumed).then((lost) => {
      if (lost !== undefined) guarded(() => this.#owner._onError(null, lost.told, lost));
      platform?.resume();
    });
  }

  #abort(code: number, failure: Error | undefined): void {
    this.#owner._onError(null, `WebSocket reconnect aborted: non-recoverable close code ${code}`, failure);
    this.#finish(code, 'reconnect aborted');
  }

  #again(closeCode: number, reason: string, failure: unknown): void {
    const { onReconnecting, maxRetries: maxAttempts = MAX_RETRIES, initialDelay = INITIAL_DELAY } = this.#reconnect as ReconnectOptions;
    if (this.#attempts >= maxAttempts) {
      if (maxAttempts > 0) {
        this.#owner._onError(null, `WebSocket reconnect failed after ${maxAttempts} attempts (close code: ${closeCode})`, failure);
        this.#finish(closeCode, `reconnect failed after ${maxAttempts} attempts`);
      } else this.#finish(closeCode, reason);
      return;
    }
    const attempt = ++this.#attempts;
    const delay = backoff(attempt, initialDelay, this.#reconnect?.maxDelay ?? MAX_DELAY);
    const parameters = () => (this.#owner._parameters ?? undefined) as ReconnectingEvent<any>['parameters'];
    let event = { attempt, maxAttempts, delay, closeCode, parameters: parameters() };
    this.#reconnecting = event;
    let overrides: ReconnectingOverrides<any> | void;
    try {
      overrides = onReconnecting(event);
    } catch (error) {
      this.#owner._onError(null, 'onReconnecting callback threw', error);
      this.#finish(closeCode, 'onReconnecting callback threw');
      return;
    }
    if (overrides && 'abort' in overrides && overrides.abort) {
      this.#finish(closeCode, 'reconnect aborted by handler');
      return;
    }
    if (overrides && 'parameters' in overrides) this.#owner._parameters = overrides.parameters;
    event = { ...event, parameters: parameters() };
    this.#reconnecting = event;
    this.#push({ type: 'reconnecting', reconnect: event });
    this.#tell('reconnecting', event);
    // Whoever is told may have closed it.
    if (this.#farewell !== undefined) return;
    this.#timer = setTimeout(() => void this.#open(closeCode, reason), delay);
  }

  async #open(closeCode: number, reason: string): Promise<void> {
    let socket: WebSocketLike;
    try {
      const open = await this.#owner._prepareReconnectSocket();
      if (this.#farewell !== undefined) return;
      const url = this.#url();
      socket = open(url);
      this.#replace(socket, url);
    } catch (error) {
      if (this.#farewell === undefined) this.#again(closeCode, reason, error);
      return;
    }
    this.#attach(socket, false);
  }

  #finish(code: number, reason: string): void {
    if (this.#end !== undefined) return;
    this.#end = { code, reason };
    this.#reconnecting = undefined;
    const unsent: UnsentMessage<Sent>[] = this.#queue.drain();
    const streams = [...this.#streams];
    this.#push({ type: 'close', code, reason, unsent });
    for (const stream of streams) stream.end();
    this.#streams.clear();
    this.#tell('close', code, reason, unsent);
  }

  #push(record: object): void {
    for (const stream of this.#streams) stream.push(record);
  }

  #tell(event: string, ...values: unknown[]): void {
    guarded(() => this.#owner._emit(event, ...values));
  }
}

/** Our own socket underneath, where there is one. */
function platformOf(socket: WebSocketLike): Socket | undefined {
  const platform = socket instanceof NodeWebSocket ? (socket.platformSocket as unknown) : undefined;
  return platform instanceof Socket ? platform : undefined;
}

/** As one piece of data. */
function flat(data: RawWebSocketData): Exclude<RawWebSocketData, ArrayBufferView[]> {
  if (!Array.isArray(data)) return data;
  return Buffer.concat(data.map((view) => new Uint8Array(view.buffer, view.byteOffset, view.byteLength)));
}
