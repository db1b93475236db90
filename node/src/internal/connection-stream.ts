/** A connection as an iterator of all that it tells. */

import { OpenAIError } from '../core/error.js';
import type { WebSocketStreamOptions } from './ws.js';

type Next = IteratorResult<any, undefined>;
interface Waiting {
  resolve: (next: Next) => void;
  reject: (error: unknown) => void;
}

const DONE: Next = { done: true, value: undefined };

/** What one iterator has not given yet. */
export class ConnectionStream implements AsyncIterableIterator<any, undefined, unknown> {
  readonly #most: number;
  readonly #detach: (stream: ConnectionStream) => void;
  readonly #overflow: (message: string) => Error;
  #records: unknown[] = [];
  #at = 0;
  #waiting: Waiting[] = [];
  #hasEnded = false;
  #failure: Error | undefined;

  /**
   * @param detach - Stops what fills it.
   * @param overflow - Makes the error of one that is not read.
   * @throws {OpenAIError} The limit is no whole number above 0.
   */
  constructor(
    options: WebSocketStreamOptions | undefined,
    detach: (stream: ConnectionStream) => void,
    overflow: (message: string) => Error,
  ) {
    const most = options?.maxBufferedEvents;
    if (most !== undefined && !(Number.isSafeInteger(most) && most > 0)) {
      throw new OpenAIError('maxBufferedEvents must be a positive safe integer');
    }
    this.#most = most ?? Infinity;
    this.#detach = detach;
    this.#overflow = overflow;
  }

  /** Adds a record, which waits until it is asked for. */
  push(record: object): void {
    if (this.#hasEnded) return;
    const waiting = this.#waiting.shift();
    if (waiting !== undefined) {
      waiting.resolve({ done: false, value: record });
    } else if (this.#records.length - this.#at < this.#most) {
      this.#records.push(record);
    } else {
      this.#failure = this.#overflow(`WebSocket stream exceeded maxBufferedEvents (${this.#most})`);
      this.#drop();
    }
  }

  /** Nothing comes any more. */
  end(): void {
    this.#hasEnded = true;
    for (const { resolve } of this.#waiting.splice(0)) resolve(DONE);
  }

  /** The next record. @throws {Error} In the promise: more came than it may hold. */
  next(): Promise<Next> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (this.#at < this.#records.length) {
      const value = this.#records[this.#at];
      this.#records[this.#at++] = undefined;
      if (this.#at === this.#records.length) {
        this.#records = [];
        this.#at = 0;
      }
      return Promise.resolve({ done: false, value });
    }
    if (this.#hasEnded) return Promise.resolve(DONE);
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  /** Drops what it has not given; the connection stays open. */
  return(): Promise<Next> {
    this.#drop();
    return Promise.resolve(DONE);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #drop(): void {
    this.#detach(this);
    this.#records = [];
    this.#at = 0;
    this.end();
  }
}
