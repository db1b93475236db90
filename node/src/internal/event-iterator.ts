/** Iterates over the events of a native stream, a batch at a time. */

// Imported, because test tools replace the global one.
import { setImmediate } from 'node:timers';
import { OpenAIError } from '../core/error.js';
import { checkedItem, eventItem, parsedEvent, type Origin } from './event-item.js';
import { exception } from './failure.js';
import { forget, wait } from './hub.js';
import { ENDED, FAILED, NAMED, type EventStream } from './native.cjs';

/** What a second iteration over the same stream throws. */
export const CONSUMED = 'Cannot iterate over a consumed stream, use `.tee()` to split the stream.';

/** Batches taken in a row before timers and sockets of this process get their turn. */
const BATCHES_IN_A_ROW = 32;

/** One native stream, shared by all iterators over it: only the first that starts gets the events. */
export interface Source {
  readonly events: EventStream;
  /** What the stream announces itself as at the hub. */
  readonly id: number;
  readonly controller: AbortController;
  readonly origin: Origin;
  /** Run once when nothing more will be read. */
  released: () => void;
  /** The iterator that gets the events, once there is one. */
  reader: { aborted(): void } | undefined;
}

interface Waiter<Item> {
  resolve(result: IteratorResult<Item, undefined>): void;
  reject(reason: unknown): void;
}

type State = 'fresh' | 'open' | 'parked' | 'over';

/**
 * An asynchronous iterator whose `next()` gives an already resolved promise while a batch lasts.
 *
 * Written by hand because an async generator settles three promises for each item, and that would cost more than all
 * the rest of the work for it.
 */
export class EventIterator<Item> implements AsyncIterator<Item, undefined, undefined> {
  readonly #source: Source;
  readonly #adjust: ((item: unknown) => void) | undefined;
  #items: unknown[] = [];
  #at = 0;
  /** What follows the items that are there: the event that broke the batch. */
  #after: unknown;
  #state: State = 'fresh';
  #batches = 0;
  #waiters: Waiter<Item>[] = [];

  /** @param adjust - Completes each item before it is given. */
  constructor(source: Source, adjust?: (item: unknown) => void) {
    this.#source = source;
    this.#adjust = adjust;
  }

  next(): Promise<IteratorResult<Item, undefined>> {
    if (this.#at < this.#items.length) {
      const value = this.#items[this.#at++];
      if (!(value as { error?: unknown } | null)?.error) {
        this.#adjust?.(value);
        return Promise.resolve({ value: value as Item, done: false });
      }
      this.#at--;
    }
    return new Promise((resolve, reject) => {
      this.#waiters.push({ resolve, reject });
      if (this.#state !== 'parked') this.#serve();
    });
  }

  /** Ends the iteration and closes the socket. */
  return(value?: unknown): Promise<IteratorResult<Item, undefined>> {
    if (this.#state === 'open' || this.#state === 'parked') this.#abandon();
    this.#end();
    return Promise.resolve({ value: value as undefined, done: true });
  }

  /** Ends the iteration, closes the socket and rejects with `reason`. */
  throw(reason: unknown): Promise<IteratorResult<Item, undefined>> {
    void this.return();
    return Promise.reject(reason);
  }

  /** Ends the iteration silently: the controller of the stream was aborted. */
  aborted(): void {
    this.#end();
  }

  /** Gives those who wait what there is. */
  #serve(): void {
    while (this.#waiters.length > 0) {
      let result: IteratorResult<Item, undefined> | undefined;
      try {
        result = this.#step();
      } catch (error) {
        this.#fail(error);
        return;
      }
      if (result === undefined) return;
      this.#waiters.shift()?.resolve(result);
    }
  }

  /** The next result; `undefined` when it has to be waited for. */
  #step(): IteratorResult<Item, undefined> | undefined {
    if (this.#state === 'fresh') this.#start();
    while (this.#state !== 'over') {
      if (this.#at < this.#items.length) {
        const value = checkedItem(this.#items[this.#at++], this.#source.origin);
        this.#adjust?.(value);
        return { value: value as Item, done: false };
      }
      if (this.#after !== undefined) throw this.#after;
      if (this.#batches >= BATCHES_IN_A_ROW) {
        this.#park((wake) => setImmediate(wake));
        return undefined;
      }
      const pulled = this.#source.events.pull();
      if (typeof pulled === 'string') {
        this.#batches++;
        this.#load(pulled);
      } else if (pulled === null) {
        this.#park((wake) => wait(this.#source.id, wake));
        return undefined;
      } else if (pulled === NAMED) {
        const named = this.#source.events.named();
        if (named === null) continue;
        return { value: eventItem(named[0], named[1], this.#source.origin) as Item, done: false };
      } else if (pulled === FAILED) {
        const failure = this.#source.events.failure();
        if (failure !== null) throw exception(failure);
      } else if (pulled === ENDED) {
        this.#end();
      }
    }
    return { value: undefined, done: true };
  }

  #start(): void {
    if (this.#source.reader !== undefined) {
      this.#state = 'over';
      throw new OpenAIError(CONSUMED);
    }
    this.#source.reader = this;
    this.#state = this.#source.controller.signal.aborted ? 'over' : 'open';
  }

  #park(until: (wake: () => void) => void): void {
    this.#state = 'parked';
    this.#batches = 0;
    until(() => {
      if (this.#state !== 'parked') return;
      this.#state = 'open';
      this.#serve();
    });
  }

  /** One parse for the whole batch; a parse for each event if it fails, so that those before a broken one arrive. */
  #load(batch: string): void {
    this.#at = 1;
    try {
      const items = JSON.parse(batch) as unknown[];
      // Events that are no JSON by themselves can be JSON together, but hardly as many of it.
      if (items.length - 1 === items[0]) {
        this.#items = items;
        return;
      }
    } catch {
      // The loop below finds out which event it was.
    }
    const parts = batch.slice(1, -1).split('\r,');
    const items: unknown[] = [parts.shift()];
    this.#items = items;
    for (const data of parts) {
      try {
        items.push(parsedEvent(data, this.#source.origin));
      } catch (error) {
        this.#after = error;
        return;
      }
    }
  }

  /** The one who waits longest gets the error, the others the end. */
  #fail(error: unknown): void {
    const waiter = this.#waiters.shift();
    if (this.#state !== 'over') this.#abandon();
    this.#end();
    waiter?.reject(error);
  }

  /** Gives the stream up before its end. */
  #abandon(): void {
    this.#source.controller.abort();
    this.#source.events.close();
  }

  #end(): void {
    if (this.#state === 'over') return;
    const wasStarted = this.#state !== 'fresh';
    this.#state = 'over';
    this.#items = [];
    this.#at = 0;
    this.#after = undefined;
    if (wasStarted) {
      forget(this.#source.id);
      this.#source.released();
    }
    for (const waiter of this.#waiters.splice(0)) waiter.resolve({ value: undefined, done: true });
  }
}

// Makes it `for await`-able and gives it what the platform gives every asynchronous iterator.
const generator = (async function* () {})();
Object.setPrototypeOf(
  EventIterator.prototype,
  Object.getPrototypeOf(Object.getPrototypeOf(Object.getPrototypeOf(generator))) as object,
);
