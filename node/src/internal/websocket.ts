/** A WebSocket over the native transport, with the interfaces of `ws.WebSocket` and of the one in browsers. */

import { setImmediate } from 'node:timers';
import { shares, type Share } from './batch.js';
import { exception } from './failure.js';
import { guarded, thrown } from './guarded.js';
import { forget, newId, theHub, wait } from './hub.js';
import { ABNORMAL, ListenedSocket } from './listened-socket.js';
import { addon, BINARY, CLOSED, PONG, QUEUE_FULL, QUEUED, type Pending, type SocketBlock, type SocketEnd, type WebSocket } from './native.cjs';
import { onAbort } from './on-abort.js';
import { sendable, sendableCode, type Sendable } from './sendable.js';
import type { Opening } from './socket-options.js';
import { decodeAudio, putAudio, type SocketAudio } from './socket-audio.js';
import { toldText } from './told-text.js';
import { nativeClient } from './transport.js';
import { WireReply } from './wire-reply.js';

/** Told of each message: its value, or why it has none; with what is no JSON, and with bytes, also what came. */
export type Receiver = (value: unknown, error?: Error, data?: string | Buffer) => void;

/** What a connection has counted since it was opened. */
export interface SocketCounters {
  /** Text and binary messages that were handed over to the system, and their bytes. */
  sentMessages: number;
  sentBytes: number;
  /** The same of those that came whole. */
  receivedMessages: number;
  receivedBytes: number;
  /** Of what came, what is still to be told. */
  queuedMessages: number;
  queuedBytes: number;
  /** Of what was sent, what still waits for the system. */
  waitingMessages: number;
  waitingBytes: number;
  /** From the last ping to its answer, in milliseconds; null unless there is a `pingInterval`. */
  latency: number | null;
}

type Done = (error?: Error) => void;

const CONNECTING = 0;
const OPEN = 1;
const CLOSING = 2;
const ENDED = 3;
const STATES = ['CONNECTING', 'OPEN', 'CLOSING', 'CLOSED'];

/** Batches that one turn of the event loop takes from a connection, so that others get theirs. */
const BATCHES_A_TURN = 8;
/** Their places among the bounds of a native connection. */
const BOUNDS = {
  maxMessageBytes: 3,
  closeTimeout: 4,
  pingInterval: 5,
  pingTimeout: 6,
  idleTimeout: 7,
  deflateThreshold: 8,
} as const;
/** Of a close frame, in bytes. */
export const LONGEST_REASON = 123;
/** Of a ping, in bytes. */
const LONGEST_PING = 125;
/** Stands for a close frame without a code. */
const NO_CODE = 1005;

const UNSENT = 'The connection ended before the message was sent';
const EARLY_CLOSE = 'WebSocket was closed before the connection was established';

let sendsAtExit = false;

/** Gives what waits to be sent when the process exits five seconds: the thread that sends ends with the process. */
function sendAtExit(): void {
  if (!sendsAtExit) process.on('exit', () => addon().sendRest(5));
  sendsAtExit = true;
}

/**
 * A connection. Events by {@link EventEmitter.on}: `open`, `message` (a `Buffer`, and whether it is binary), `close` (code and
 * reason), `error` and `unexpected-response`; as objects by `addEventListener` and `onopen` and its kin. While it is open, the
 * process stays alive.
 */
export class Socket extends ListenedSocket {
  static readonly CONNECTING = CONNECTING;
  static readonly OPEN = OPEN;
  static readonly CLOSING = CLOSING;
  static readonly CLOSED = ENDED;
  readonly CONNECTING = CONNECTING;
  readonly OPEN = OPEN;
  readonly CLOSING = CLOSING;
  readonly CLOSED = ENDED;
  readonly url: string;
  /** The name of the one that the server has agreed to, or nothing. */
  extensions = '';
  /** The one that the server has chosen, or nothing. */
  protocol = '';
  /** Gets each message parsed, once for many of them. */
  receiver: Receiver | undefined;
  #state = CONNECTING;
  readonly #audio: SocketAudio | undefined;
  #pending: Pending | undefined;
  #native: WebSocket | undefined;
  readonly #id = newId();
  readonly #roomId = newId();
  readonly #endId = newId();
  /** What waits for room. */
  #outgoing: { data: string | Uint8Array; done: Done | undefined }[] = [];
  #outgoingBytes = 0;
  /** What came after the connection had ended, before that was told. */
  #late: (string | Uint8Array)[] = [];
  #isPaused = false;
  /** Delivered while it was paused. */
  #kept: [Share, string][] = [];
  readonly #wake = (share?: Share, batch?: string) => this.#delivered(share, batch);
  readonly #unlisten: () => void;
  /** To be said once all of it is sent. */
  #farewell: [number, string] | undefined;

  constructor(opening: Opening) {
    super();
    this.url = opening.url;
    this.#audio = opening.audio;
    const { headers, protocols } = opening;
    const bounds: (number | null)[] = [];
    for (const [name, place] of Object.entries(BOUNDS)) bounds[place] = opening[name as keyof typeof BOUNDS] || null;
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
      opening.deflate,
    );
    wait(this.#id, () => this.#settled());
    this.#unlisten = onAbort(opening.signal, (error) => this.#state === CONNECTING && this.#giveUp(error));
  }

  /** 0 while it connects, 1 open, 2 closing, 3 closed. */
  get readyState(): number {
    return this.#state;
  }

  /** What was counted so far; nothing before the connection is open. */
  counters(): SocketCounters | undefined {
    const counters = this.#native?.counters();
    return counters === undefined ? undefined : (JSON.parse(counters) as SocketCounters);
  }

  /** The text of the message that is being told, as it came; only while the receiver runs. */
  get payload(): string {
    return this.shown(toldText.text);
  }

  /** Bytes that were sent by the caller and not yet to the system. */
  get bufferedAmount(): number {
    return (this.counters()?.waitingBytes ?? 0) + this.#outgoingBytes;
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
    this.#farewell = [code ?? NO_CODE, text];
    if (this.#outgoing.length === 0) this.#flush();
  }

  /** Tells no message, and no end, until {@link Socket.resume}; the server is answered all the same. */
  pause(): void {
    this.#isPaused = true;
    this.#native?.hold(true);
  }

  /** Goes on after {@link Socket.pause}. */
  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#native?.hold(false);
    setImmediate(() => this.#drain());
  }

  /** What was taken and never handed to the system, in its order; once, from the `close` event on. */
  unsent(): (string | Uint8Array)[] {
    if (this.#state !== ENDED) return [];
    const late = this.#late;
    this.#late = [];
    return [...(this.#native?.unsent() ?? []), ...late];
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

  /**
   * Sends a ping before all that waits; its answer is told as `pong`. Pings of the server are answered by themselves.
   *
   * @param data - At most 125 bytes.
   * @param done - Called once it is handed over, with an error if it cannot be.
   * @throws {Error} The connection is not open yet, or there is more data.
   */
  ping(data?: Sendable | number | Done, mask?: unknown, done?: Done): void {
    const told = [data, mask, done].find((value): value is Done => typeof value === 'function');
    if (this.#state === CONNECTING) throw this.notOpen();
    const bytes = Buffer.from(sendable(typeof data === 'function' ? undefined : data));
    if (bytes.length > LONGEST_PING) throw new RangeError(`A ping has at most ${LONGEST_PING} bytes of data; this one has ${bytes.length}.`);
    const isTaken = this.#state === OPEN && this.#native?.ping(bytes) === QUEUED;
    if (told !== undefined) process.nextTick(told, isTaken ? undefined : new Error(UNSENT));
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

  /** Whether messages are told while the connection is being closed. */
  protected get tellsWhileClosing(): boolean {
    return true;
  }

  /** Whether a connection that ended without a close frame is an error. */
  protected get brokenIsError(): boolean {
    return false;
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
    this.#unlisten();
    if (!('head' in outcome)) {
      const error = exception(outcome);
      const { status } = error as { status?: number };
      if (status === undefined) this.#failed(new Error(reasonOf(error), { cause: error }));
      else this.#refused(status, error);
      return;
    }
    const reply = new WireReply(outcome);
    this.#native = reply.socket() ?? undefined;
    if (this.#audio !== undefined && this.#native !== undefined) decodeAudio(this.#native, this.#audio);
    sendAtExit();
    this.protocol = reply.header('sec-websocket-protocol') ?? '';
    // Nothing but what was asked for is accepted by the native transport.
    this.extensions = reply.header('sec-websocket-extensions')?.split(';')[0] ?? '';
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

  /** Takes what the hub had for it, or asks. */
  #delivered(share: Share | undefined, batch = ''): void {
    if (share === undefined) {
      this.#drain();
    } else if (this.#isPaused) {
      this.#kept.push([share, batch]);
      wait(this.#id, this.#wake);
    } else {
      this.#share(share, batch);
      if (share.isDrained && this.#state !== ENDED) wait(this.#id, this.#wake);
      else this.#drain();
    }
  }

  /** Takes what came, until there is nothing. */
  #drain(): void {
    const native = this.#native;
    if (native === undefined || this.#state === ENDED || this.#isPaused) return;
    for (const each of this.#kept.splice(0)) this.#share(...each);
    for (let batches = 0; batches < BATCHES_A_TURN; batches++) {
      const pulled = native.pull();
      if (pulled === null) {
        wait(this.#id, this.#wake);
        return;
      }
      if (pulled === CLOSED) return this.#closed(native);
      if (typeof pulled === 'string') this.#batch(pulled);
      else if (pulled === PONG) this.#tell('pong', Buffer.from(native.pong() ?? []));
      else if (pulled === BINARY) this.#single(Buffer.from(native.bytes() ?? []), true);
      else this.#single(Buffer.from(native.text() ?? ''), false);
    }
    setImmediate(() => this.#drain());
  }

  #batch(batch: string): void {
    for (const share of shares(batch)) {
      if (typeof share !== 'number') this.#share(share, batch);
    }
  }

  #share({ items, isText, first }: Share, batch: string): void {
    const blocks = this.#blocks();
    for (let at = 0; at < items.length; at++) {
      if (this.#isMute) break;
      // A listener may have come with the message before.
      const isHeard = this.listenerCount('message') > 0;
      toldText.isAt(batch, first + at);
      const block = blocks?.get(at);
      if (isText) this.#parsed(this.shown(items[at] as string), undefined, block);
      else this.#received(items[at], undefined, undefined, block);
      if (isHeard) this.#tell('message', Buffer.from(this.payload), false);
    }
    toldText.is('');
  }

  #single(data: Buffer, isBinary: boolean): void {
    if (this.#isMute) return;
    const text = this.readable(data, isBinary);
    toldText.is(text);
    this.#parsed(text, isBinary ? data : undefined, isBinary ? undefined : this.#blocks()?.get(0));
    this.#tell('message', data, isBinary);
  }

  /** The text that a message is parsed from. */
  protected readable(data: Buffer, _isBinary: boolean): string {
    return data.toString();
  }

  /** What is told of the text of a message. */
  protected shown(text: string): string {
    return text;
  }

  get #isMute(): boolean {
    return this.#state !== OPEN && !(this.#state === CLOSING && this.tellsWhileClosing);
  }

  /** The sound of what was taken last, by the place of its event. */
  #blocks(): Map<number, SocketBlock> | undefined {
    if (this.#audio === undefined) return undefined;
    return new Map(this.#native?.blocks().map((block) => [block.at, block]));
  }

  #parsed(text: string, bytes?: Buffer, block?: SocketBlock): void {
    let value: unknown;
    let failure: Error | undefined;
    try {
      value = JSON.parse(text);
    } catch (error) {
      failure = error as Error;
    }
    this.#received(value, failure, bytes ?? (failure && text), block);
  }

  #received(value: unknown, failure?: Error, data?: string | Buffer, block?: SocketBlock): void {
    if (block !== undefined && this.#audio !== undefined) putAudio(value, block, this.#audio);
    try {
      this.receiver?.(value, failure, data);
    } catch (error) {
      thrown(error);
    }
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
    this.#unlisten();
    for (const id of [this.#id, this.#roomId, this.#endId]) forget(id);
    const unsent = this.#outgoing;
    this.#outgoing = [];
    this.#late.push(...unsent.map(({ data }) => data));
    for (const { done } of unsent) guarded(() => done?.(new Error(UNSENT)));
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
      if (taken !== QUEUED) this.#late.push(data);
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
    guarded(() => this.emit(event, ...values));
  }
}

/** The first cause of a failure that says what happened. */
function reasonOf(error: Error): string {
  const { cause } = error;
  return cause instanceof Error ? cause.message : error.message;
}
