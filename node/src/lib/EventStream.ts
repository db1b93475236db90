/** Streams that tell what happens: by listeners, promises and iterators. */

import { APIUserAbortError, asError, OpenAIError } from '../core/error.js';
import { hideCause, userAbort } from '../internal/user-abort.js';
import { EventBuffer } from '../internal/structured/event-buffer.js';
import { type EmittedEventResult } from './EventEmitter.js';

interface Entry {
  listener: (...values: any[]) => unknown;
  isOnce: boolean;
}

/**
 * Something that runs, tells events, and ends once: in order, by an error, or aborted.
 *
 * An error or an abort that nobody looks at, by a listener or a promise, is an unhandled rejection.
 */
export class EventStream<EventTypes extends BaseEvents> {
  /** Aborts what runs. */
  controller: AbortController = new AbortController();

  readonly #end: Promise<void>;
  #resolveEnd!: () => void;
  #rejectEnd!: (error: Error) => void;
  /** Lists are replaced, never changed, so that a listener may add and remove listeners. */
  readonly #entries = new Map<PropertyKey, readonly Entry[]>();
  readonly #signals = new WeakSet<AbortSignal>();
  readonly #releases: (() => void)[] = [];
  #isEnded = false;
  #isAborted = false;
  #isWatched = false;
  #failure: OpenAIError | undefined;

  /** Nothing runs yet. */
  constructor() {
    this.#end = new Promise((resolve, reject) => {
      this.#resolveEnd = resolve;
      this.#rejectEnd = reject;
    });
    // Whether a failure is looked at is judged where it is told.
    this.#end.catch(() => {});
  }

  /** Runs `executor` once the caller had time to add listeners. */
  protected _run(this: EventStream<EventTypes>, executor: () => Promise<any>): void {
    setTimeout(() => void this.#settle(executor), 0);
  }

  async #settle(executor: () => Promise<unknown>): Promise<void> {
    try {
      await executor();
      this._emitFinal();
    } catch (error) {
      this.#fail(error);
      return;
    }
    this._emit('end');
  }

  #fail(error: unknown): void {
    if (error instanceof APIUserAbortError || (error instanceof Error && error.name === 'AbortError')) {
      const told = error instanceof APIUserAbortError && error.cause !== undefined ? error : this._userAbortError();
      this._emit('abort', told);
      return;
    }
    if (error instanceof OpenAIError) return this._emit('error', error);
    if (!(error instanceof Error)) return this._emit('error', new OpenAIError(String(error)));
    const told = new OpenAIError(error.message);
    hideCause(told, error);
    this._emit('error', told);
  }

  /** Says that the request was accepted. */
  protected _connected(this: EventStream<EventTypes>): void {
    this._emit('connect');
  }

  /** Whether it has ended, in whichever way. */
  get ended(): boolean {
    return this.#isEnded;
  }

  /** Whether it failed or was aborted. */
  get errored(): boolean {
    return this.#failure !== undefined;
  }

  /** Whether it was aborted. */
  get aborted(): boolean {
    return this.#isAborted;
  }

  /** Ends it: {@link done} is rejected, and the connection closed. */
  abort(): void {
    this.controller.abort();
  }

  /** The error of an abort, with the reason of the abort as its cause. */
  protected _userAbortError(): APIUserAbortError {
    return userAbort(this.controller.signal);
  }

  /** Aborts when `signal` does, until the end; the same signal is listened to once. */
  protected _listenForAbort(signal: AbortSignal | null | undefined): void {
    if (!signal || this.#signals.has(signal)) return;
    this.#signals.add(signal);
    const abort = () => this.controller.abort(signal.reason);
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort, { once: true });
    this.#releases.push(() => signal.removeEventListener('abort', abort));
  }

  /** Adds a listener; one that is added twice is called twice. */
  on<Event extends keyof EventTypes>(event: Event, listener: EventListener<EventTypes, Event>): this {
    return this.#add(event, listener as Entry['listener'], false);
  }

  /** Removes a listener, once for each call. */
  off<Event extends keyof EventTypes>(event: Event, listener: EventListener<EventTypes, Event>): this {
    const entries = this.#entries.get(event) ?? [];
    const index = entries.findIndex((entry) => entry.listener === listener);
    if (index < 0) return this;
    this.#entries.set(
      event,
      entries.filter((_, at) => at !== index),
    );
    return this;
  }

  /** Adds a listener for the next event only. */
  once<Event extends keyof EventTypes>(event: Event, listener: EventListener<EventTypes, Event>): this {
    return this.#add(event, listener as Entry['listener'], true);
  }

  #add(event: keyof EventTypes, listener: Entry['listener'], isOnce: boolean): this {
    this.#entries.set(event, [...(this.#entries.get(event) ?? []), { listener, isOnce }]);
    return this;
  }

  /**
   * A promise of the next event: of its one value, or of all its values.
   *
   * An error rejects it; an abort does not, and it stays pending.
   */
  emitted<Event extends keyof EventTypes>(
    event: Event,
  ): Promise<EmittedEventResult<EventParameters<EventTypes, Event>>> {
    this.#isWatched = true;
    return new Promise((resolve, reject) => {
      type Result = EmittedEventResult<EventParameters<EventTypes, Event>>;
      this.#add(event, (...values) => resolve((values.length > 1 ? values : values[0]) as Result), true);
      if (event !== 'error') this.#add('error', reject, true);
    });
  }

  /**
   * The values of each event of a name from now on.
   *
   * The iterator ends with the stream; an error or an abort is thrown, unless that is the event. At most 4096 events or
   * 8 MiB wait for who reads slowly: one more ends the stream with an error.
   */
  events<Event extends keyof EventTypes>(event: Event): AsyncIterableIterator<EventParameters<EventTypes, Event>> {
    type Values = EventParameters<EventTypes, Event>;
    const attach = (push: (values: Values) => void) => {
      const listener = (...values: unknown[]) => push(values as Values);
      this.#add(event, listener, false);
      return () => void this.off(event, listener as EventListener<EventTypes, Event>);
    };
    return this._createIterator(attach, { rejectOnError: event !== 'error', rejectOnAbort: event !== 'abort' });
  }

  /**
   * An iterator over what `attach` pushes.
   *
   * @param attach - Begins to push, and gives what ends that.
   * @param options - Whether an error and an abort are thrown; `onReturn` is called when the iterator is left early.
   */
  protected _createIterator<T>(
    attach: (push: (value: T) => void) => () => void,
    {
      rejectOnError = true,
      rejectOnAbort = true,
      onReturn,
    }: { rejectOnError?: boolean; rejectOnAbort?: boolean; onReturn?: () => void } = {},
  ): AsyncIterableIterator<T> {
    const isThrown = () => (this.#isAborted ? rejectOnAbort : rejectOnError);
    if (this.#isEnded) return EventBuffer.ended<T>(isThrown() ? this.#failure : undefined);
    const release: (() => void)[] = [];
    const buffer = new EventBuffer<T>(() => {
      for (const each of release.splice(0)) each();
      // Who leaves the loop knows that this ends the stream.
      this.#isWatched = true;
      onReturn?.();
    });
    const push = (value: T) => {
      if (buffer.push(value)) return;
      this.#fail(new OpenAIError(EventBuffer.FULL));
      this.controller.abort();
    };
    release.push(attach(push));
    const listen = (event: 'error' | 'abort' | 'end', listener: (error?: OpenAIError) => void) => {
      this.#add(event, listener, false);
      release.push(() => void this.off(event, listener as EventListener<EventTypes, typeof event>));
    };
    if (rejectOnError) listen('error', (error) => buffer.end(error));
    if (rejectOnAbort) listen('abort', (error) => buffer.end(error));
    listen('end', () => buffer.end());
    return buffer;
  }

  /** Waits for the end; an error or an abort is thrown. */
  async done(): Promise<void> {
    this.#isWatched = true;
    await this.#end;
  }

  /** Whether anybody listens to an event. */
  protected _hasListeners<Event extends keyof EventTypes>(event: Event): boolean {
    return (this.#entries.get(event)?.length ?? 0) > 0;
  }

  /** Calls the listeners of an event; after the end nothing is called. */
  _emit<Event extends keyof BaseEvents>(event: Event, ...args: EventParameters<BaseEvents, Event>): void;
  _emit<Event extends keyof EventTypes>(event: Event, ...args: EventParameters<EventTypes, Event>): void;
  _emit(event: PropertyKey, ...args: unknown[]): void {
    if (this.#isEnded) return;
    if (event === 'end') {
      this.#isEnded = true;
      for (const release of this.#releases.splice(0)) release();
      this.#resolveEnd();
    }
    const isFailure = event === 'error' || event === 'abort';
    if (isFailure) {
      this.#failure = asError(args[0]);
      this.#isAborted = event === 'abort';
      // A listener must not come between a failure and its end.
      if (!this.#isWatched && !this.#entries.get(event)?.length) void Promise.reject(this.#failure);
    }
    try {
      this.#call(event, args);
    } finally {
      if (isFailure) {
        this.#rejectEnd(this.#failure as Error);
        this._emit('end');
      }
    }
  }

  #call(event: PropertyKey, args: unknown[]): void {
    const entries = this.#entries.get(event);
    if (entries === undefined) return;
    if (entries.some(({ isOnce }) => isOnce)) {
      this.#entries.set(
        event,
        entries.filter(({ isOnce }) => !isOnce),
      );
    }
    for (const { listener } of entries) listener(...args);
  }

  /** Tells what is known once everything has run. */
  protected _emitFinal(): void {}
}

type EventListener<Events, EventType extends keyof Events> = Events[EventType];

export type EventParameters<Events, EventType extends keyof Events> = Record<
  EventType,
  EventListener<Events, EventType> extends (...args: infer P) => any ? P : never
>[EventType];

export interface BaseEvents {
  connect: () => void;
  error: (error: OpenAIError) => void;
  abort: (error: APIUserAbortError) => void;
  end: () => void;
}
