/** Iterates over the events of a native stream, a batch at a time. */

// Imported, because test tools replace the global one.
import { setImmediate } from 'node:timers';
import { OpenAIError } from '../core/error.js';
import { Events, shares, type Share } from './batch.js';
import { broken, uncleanEnd } from './ending.js';
import { checkedItem, eventItem, parsedEvent, type Origin } from './event-item.js';
import { forget, wait, waitForDelivery, type Wake } from './hub.js';
import { ENDED, FAILED, NAMED, type EventStream } from './native.cjs';

/** What a second iteration over the same stream throws. */
export const CONSUMED = 'Cannot iterate over a consumed stream, use `.tee()` to split the stream.';

/** Batches taken in a row before timers and sockets of this process get their turn. */
const BATCHES_IN_A_ROW = 32;

/** More elements than this take so long to use that others have come by then. */
const FEW = 16;

/** One native stream, shared by all iterators over it: only the first that starts gets the events. */
export interface Source {
  readonly events: EventStream;
  /** What the stream announces itself as at the hub. */
  readonly id: number;
  readonly controller: AbortController;
  readonly origin: Origin;
  /** Whether an unclean end throws. */
  readonly isStrict: boolean;
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
  readonly #events: Events;
  /** Whether an item that carries an error is one. */
  readonly #isChecked: boolean;
  /** Whether it is hardly worth asking for more. */
  #isDry = false;
  #state: State = 'fresh';
  #batches = 0;
  #waiters: Waiter<Item>[] = [];

  /** @param adjust - Completes each item before it is given. */
  constructor(source: Source, adjust?: (item: unknown) => void) {
    this.#source = source;
    this.#adjust = adjust;
    this.#isChecked = source.origin.mode === 'legacy';
    this.#events = new Events((text) => parsedEvent(text, source.origin));
  }

  next(): Promise<IteratorResult<Item, undefined>> {
    if (!this.#events.isEmpty && !this.#events.isText) {
      const value = this.#events.take();
      if (this.#isChecked && (value as { error?: unknown } | null)?.error) return this.#refuse(value);
      this.#adjust?.(value);
      return Promise.resolve({ value: value as Item, done: false });
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
      if (!this.#events.isEmpty) {
        const value = checkedItem(this.#events.take(), this.#source.origin);
        this.#adjust?.(value);
        return { value: value as Item, done: false };
      }
      if (this.#batches >= BATCHES_IN_A_ROW) {
        this.#park((wake) => setImmediate(() => wake()));
        return undefined;
      }
      if (this.#isDry) {
        this.#isDry = false;
        this.#park((wake) => waitForDelivery(this.#source.id, wake));
        return undefined;
      }
      const pulled = this.#source.events.pull(false);
      if (typeof pulled === 'string') {
        this.#batches++;
        for (const share of shares(pulled)) this.#load(share as Share);
      } else if (pulled === null) {
        this.#park((wake) => wait(this.#source.id, wake));
        return undefined;
      } else if (pulled === NAMED) {
        const named = this.#source.events.named();
        if (named === null) continue;
        return { value: eventItem(named[0], named[1], this.#source.origin) as Item, done: false };
      } else if (pulled === FAILED) {
        const failure = this.#source.events.failure();
        if (failure !== null) throw broken(failure, this.#source.origin.headers());
      } else if (pulled === ENDED) {
        const error = this.#source.isStrict ? uncleanEnd(this.#source.events, this.#source.origin.headers()) : undefined;
        if (error !== undefined) throw error;
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

  #park(until: (wake: Wake) => void): void {
    this.#state = 'parked';
    this.#batches = 0;
    until((share) => {
      if (this.#state !== 'parked') return;
      this.#state = 'open';
      if (share !== undefined) this.#load(share);
      this.#serve();
    });
  }

  #load(share: Share): void {
    this.#events.load(share);
    this.#isDry = share.isDrained && share.items.length <= FEW;
  }

  /** Ends the iteration with the error that an event carries. */
  #refuse(value: unknown): Promise<never> {
    return new Promise((_resolve, reject) => {
      this.#waiters.push({ resolve: () => {}, reject });
      try {
        checkedItem(value, this.#source.origin);
      } catch (error) {
        this.#fail(error);
      }
    });
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
    this.#events.clear();
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
