/** Part of the stream helpers: by name and type only. */

import { type APIUserAbortError, type OpenAIError } from '../error.js';
import { type EmittedEventResult } from './EventEmitter.js';
import { later } from '../internal/later.js';

/** It needs the stream helpers, which tailrace does not have yet: making one throws an OpenAIError. */
export class EventStream<EventTypes extends BaseEvents> {
  declare controller: AbortController;
  constructor();
  constructor(..._values: any[]) {
    throw later('EventStream', 'the stream helpers');
  }
  protected _run(this: EventStream<EventTypes>, executor: () => Promise<any>): void;
  protected _run(): never {
    throw later('EventStream._run', 'the stream helpers');
  }
  protected _connected(this: EventStream<EventTypes>): void;
  protected _connected(): never {
    throw later('EventStream._connected', 'the stream helpers');
  }
  get ended(): boolean {
    throw later('EventStream.ended', 'the stream helpers');
  }
  get errored(): boolean {
    throw later('EventStream.errored', 'the stream helpers');
  }
  get aborted(): boolean {
    throw later('EventStream.aborted', 'the stream helpers');
  }
  abort(): void;
  abort(): never {
    throw later('EventStream.abort', 'the stream helpers');
  }
  protected _userAbortError(): APIUserAbortError;
  protected _userAbortError(): never {
    throw later('EventStream._userAbortError', 'the stream helpers');
  }
  protected _listenForAbort(signal: AbortSignal | null | undefined): void;
  protected _listenForAbort(): never {
    throw later('EventStream._listenForAbort', 'the stream helpers');
  }
  on<Event extends keyof EventTypes>(event: Event, listener: EventListener<EventTypes, Event>): this;
  on(): never {
    throw later('EventStream.on', 'the stream helpers');
  }
  off<Event extends keyof EventTypes>(event: Event, listener: EventListener<EventTypes, Event>): this;
  off(): never {
    throw later('EventStream.off', 'the stream helpers');
  }
  once<Event extends keyof EventTypes>(event: Event, listener: EventListener<EventTypes, Event>): this;
  once(): never {
    throw later('EventStream.once', 'the stream helpers');
  }
  emitted<Event extends keyof EventTypes>(
    event: Event,
  ): Promise<EmittedEventResult<EventParameters<EventTypes, Event>>>;
  emitted(): never {
    throw later('EventStream.emitted', 'the stream helpers');
  }
  events<Event extends keyof EventTypes>(event: Event): AsyncIterableIterator<EventParameters<EventTypes, Event>>;
  events(): never {
    throw later('EventStream.events', 'the stream helpers');
  }
  protected _createIterator<T>(
    attach: (push: (value: T) => void) => () => void,
    {
      rejectOnError,
      rejectOnAbort,
      onReturn,
    }?: {
      rejectOnError?: boolean;
      rejectOnAbort?: boolean;
      onReturn?: () => void;
    },
  ): AsyncIterableIterator<T>;
  protected _createIterator(): never {
    throw later('EventStream._createIterator', 'the stream helpers');
  }
  done(): Promise<void>;
  done(): never {
    throw later('EventStream.done', 'the stream helpers');
  }
  protected _hasListeners<Event extends keyof EventTypes>(event: Event): boolean;
  protected _hasListeners(): never {
    throw later('EventStream._hasListeners', 'the stream helpers');
  }
  _emit<Event extends keyof BaseEvents>(event: Event, ...args: EventParameters<BaseEvents, Event>): void;
  _emit<Event extends keyof EventTypes>(event: Event, ...args: EventParameters<EventTypes, Event>): void;
  _emit(): never {
    throw later('EventStream._emit', 'the stream helpers');
  }
  protected _emitFinal(): void;
  protected _emitFinal(): never {
    throw later('EventStream._emitFinal', 'the stream helpers');
  }
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
