/** One connection for its user, made of sockets that follow each other. */

import { backoff, isRecoverable } from './reconnecting.js';
import { SendQueue } from './send-queue.js';
import type { Receiver, Socket } from './websocket.js';
import type { ReconnectingEvent, UnsentMessage } from './ws.js';

/** How a connection is made again; delays are in milliseconds. */
export interface ReconnectRules {
  maxAttempts: number;
  initialDelay: number;
  maxDelay: number;
  maxQueueBytes: number;
}

/** What the owner of a connection does for it. */
export interface ConnectionHooks<T> {
  /** Opens a socket, with a fresh key if there is one to ask for. */
  open: () => Promise<Socket>;
  /** Makes a socket the current one. */
  replaced: (socket: Socket) => void;
  receive: Receiver;
  failed: (message: string, cause?: unknown) => void;
  reconnecting: (event: ReconnectingEvent) => void;
  reconnected: () => void;
  closed: (code: number, reason: string, unsent: UnsentMessage<T>[]) => void;
}

/** Answers to a handshake after which another try may help, beside those of 500 and more. */
const PASSING = new Set([408, 429]);
const CONNECTING = 0;
const OPEN = 1;
const EARLY_CLOSE = 'WebSocket was closed before the connection was established';

/** Sends, queues, reconnects and closes. */
export class WebSocketConnection<T> {
  readonly #rules: ReconnectRules;
  readonly #hooks: ConnectionHooks<T>;
  readonly #queue: SendQueue<T>;
  #socket: Socket;
  /** Made, over the life of the connection. */
  #attempts = 0;
  #isReconnecting = false;
  #timer: NodeJS.Timeout | undefined;
  /** What the caller has closed it with. */
  #farewell: { code: number; reason: string } | undefined;
  #isClosed = false;

  constructor(socket: Socket, rules: ReconnectRules, hooks: ConnectionHooks<T>) {
    this.#rules = rules;
    this.#hooks = hooks;
    this.#queue = new SendQueue(rules.maxQueueBytes);
    this.#socket = socket;
    this.#attach(socket, true);
  }

  /**
   * Sends an event, or queues it while the connection is made again. What goes wrong is told as an error.
   *
   * @param isRaw - Whether it is handed back as JSON text if it cannot be sent.
   */
  send(event: unknown, isRaw = false): void {
    if (this.#isClosed || this.#farewell !== undefined) {
      this.#hooks.failed('cannot send on a closed WebSocket');
      return;
    }
    const { readyState } = this.#socket;
    const isOpen = readyState === OPEN;
    if (readyState === CONNECTING && !this.#isReconnecting) {
      this.#hooks.failed('cannot send before the WebSocket is open');
      return;
    }
    try {
      const text = JSON.stringify(event) as string | undefined;
      if (isOpen) {
        this.#socket.send(text as string);
        return;
      }
      if (text === undefined) throw new TypeError('WebSocket event could not be serialized as JSON');
      if (isRaw ? this.#queue.addRaw(text) : this.#queue.add(text)) return;
    } catch (error) {
      this.#hooks.failed('could not send data', error);
      return;
    }
    this.#hooks.failed('send queue is full, message discarded');
  }

  /** Sends what was queued. */
  flushPending(): void {
    const socket = this.#socket;
    if (socket.readyState !== OPEN) {
      this.#hooks.failed('cannot flush before the WebSocket is open');
      return;
    }
    try {
      this.#queue.flush((data) => {
        if (socket.readyState !== OPEN) return false;
        socket.send(data);
        return true;
      });
    } catch (error) {
      this.#hooks.failed('could not send data', error);
    }
  }

  /** Takes out what was queued. */
  takePending(): UnsentMessage<T>[] {
    return this.#queue.drain();
  }

  /** Closes it for good. */
  close(code: number, reason: string): void {
    if (this.#isClosed) return;
    const isFirst = this.#farewell === undefined;
    if (this.#isReconnecting) {
      this.#farewell = { code, reason };
      if (isFirst) this.#cancel();
      return;
    }
    if (!isFirst) return;
    this.#farewell = { code, reason };
    try {
      this.#socket.close(code, reason);
    } catch (error) {
      this.#hooks.failed('could not close the connection', error);
      this.#socket.terminate();
      this.#end(code, reason);
    }
  }

  #attach(socket: Socket, isFirst: boolean): void {
    let hasOpened = false;
    /** Of a replacement that did not open, or that the server does not want. */
    let failure: Error | undefined;
    let isRefused = false;
    socket.receiver = (value, error) => {
      if (!this.#isClosed && socket === this.#socket) this.#hooks.receive(value, error);
    };
    socket.on('open', () => {
      hasOpened = true;
      if (isFirst || this.#farewell !== undefined) return;
      this.#isReconnecting = false;
      this.#hooks.reconnected();
    });
    socket.on('unexpected-response', (_request: unknown, { statusCode, error }: { statusCode: number; error: Error }) => {
      isRefused = statusCode < 500 && !PASSING.has(statusCode);
      if (isRefused) failure = error;
    });
    socket.on('error', (error: Error) => {
      if (isRefused) return;
      failure = error;
      if ((isFirst || hasOpened) && !this.#isClosed) this.#hooks.failed(error.message, error);
    });
    socket.on('close', (code: number, reason: Buffer) => {
      if (this.#isClosed) return;
      // What it had accepted and never sent comes before what was queued since.
      this.#queue.putBack(socket.unsent());
      const isRetry = !isFirst && !hasOpened;
      if (this.#farewell !== undefined) {
        if (!this.#isReconnecting) this.#end(code, String(reason));
      } else if (isRefused || !isRecoverable(code)) {
        this.#giveUp(isRetry, isRefused, code, String(reason), failure);
      } else {
        this.#again(code, String(reason), isRetry ? failure : undefined);
      }
    });
  }

  /** The connection cannot be made again. */
  #giveUp(isRetry: boolean, isRefused: boolean, code: number, reason: string, failure: Error | undefined): void {
    const why = failure === undefined ? '' : `: ${failure.message}`;
    if (isRetry) {
      this.#hooks.failed(`WebSocket reconnect aborted: non-recoverable close code ${code}${why}`, failure);
      this.#end(code, 'reconnect aborted');
      return;
    }
    if (isRefused) this.#hooks.failed(EARLY_CLOSE + why, failure);
    this.#end(code, reason);
  }

  #again(closeCode: number, reason: string, failure: unknown): void {
    const { maxAttempts, initialDelay, maxDelay } = this.#rules;
    if (maxAttempts === 0) {
      this.#end(closeCode, reason);
      return;
    }
    if (this.#attempts >= maxAttempts) {
      this.#hooks.failed(`WebSocket reconnect failed after ${maxAttempts} attempts (close code: ${closeCode})`, failure);
      this.#end(closeCode, `reconnect failed after ${maxAttempts} attempts`);
      return;
    }
    this.#isReconnecting = true;
    const attempt = ++this.#attempts;
    const delay = backoff(attempt, initialDelay, maxDelay);
    this.#hooks.reconnecting({ attempt, maxAttempts, delay, closeCode, parameters: undefined });
    // A listener may have closed it.
    if (this.#farewell !== undefined) {
      this.#leave();
      return;
    }
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.#open(closeCode, reason);
    }, delay);
  }

  async #open(closeCode: number, reason: string): Promise<void> {
    let socket: Socket;
    try {
      socket = await this.#hooks.open();
    } catch (error) {
      if (this.#farewell === undefined) this.#again(closeCode, reason, error);
      return;
    }
    if (this.#farewell !== undefined) {
      socket.on('error', () => {});
      socket.close();
      return;
    }
    this.#socket = socket;
    this.#attach(socket, false);
    this.#hooks.replaced(socket);
  }

  /** Stops what is under way to make it again. */
  #cancel(): void {
    clearTimeout(this.#timer);
    if (this.#socket.readyState === CONNECTING) this.#socket.close();
    queueMicrotask(() => this.#leave());
  }

  #leave(): void {
    const { code, reason } = this.#farewell as { code: number; reason: string };
    this.#end(code, reason);
  }

  #end(code: number, reason: string): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#isReconnecting = false;
    this.#hooks.closed(code, reason, this.#queue.drain());
  }
}

