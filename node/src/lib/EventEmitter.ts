/** Listeners for events by name. */

type EventListener<Events, EventType extends keyof Events> = Events[EventType];

/** What the listeners of an event are called with. */
export type EventParameters<Events, EventType extends keyof Events> = Record<
  EventType,
  EventListener<Events, EventType> extends (...args: infer P) => any ? P : never
>[EventType];

/** What a promise of an event gives: nothing, its one value, or all its values. */
export type EmittedEventResult<Args extends unknown[]> = [Args] extends [[infer Param]]
  ? Param
  : [Args] extends [[]]
    ? void
    : [Args] extends [[unknown?]]
      ? Args[0]
      : [Args] extends [[unknown, unknown, ...unknown[]]]
        ? Args
        : | Args
          | ([] extends Args ? undefined : never)
          | (Args extends [...infer Prefix, infer Last] ? ([] extends Prefix ? Last : never) : Args[0]);

interface Entry {
  listener: (...values: any) => any;
  isOnce: boolean;
}

const isOnly = ({ isOnce }: Entry) => isOnce;

/** Calls listeners in the order in which they were added. */
export class EventEmitter<EventTypes extends Record<string, (...args: any) => any>> {
  readonly #entries = new Map<keyof EventTypes, Entry[]>();

  /** Adds a listener; one that is added twice is called twice. */
  on<Event extends keyof EventTypes>(event: Event, listener: EventListener<EventTypes, Event>): this {
    return this.#add(event, { listener, isOnce: false });
  }

  /** Removes a listener, once for each call. */
  off<Event extends keyof EventTypes>(event: Event, listener: EventListener<EventTypes, Event>): this {
    this.#remove(event, listener);
    return this;
  }

  /** Adds a listener for the next event only. */
  once<Event extends keyof EventTypes>(event: Event, listener: EventListener<EventTypes, Event>): this {
    return this.#add(event, { listener, isOnce: true });
  }

  /** A promise of the next event, which an `error` event rejects. */
  emitted<Event extends keyof EventTypes>(
    event: Event,
  ): Promise<EmittedEventResult<EventParameters<EventTypes, Event>>> {
    return new Promise((resolve, reject) => {
      const failed = (error: unknown) => {
        this.#remove(event, arrived);
        reject(error as Error);
      };
      const arrived = (...values: unknown[]) => {
        this.#remove('error', failed);
        resolve((values.length > 1 ? values : values[0]) as EmittedEventResult<EventParameters<EventTypes, Event>>);
      };
      this.#add(event, { listener: arrived, isOnce: true });
      if (event !== 'error') this.#add('error', { listener: failed, isOnce: true });
    });
  }

  /** Calls the listeners of an event, all of them; what the first one threw is thrown then. */
  protected _emit<Event extends keyof EventTypes>(
    this: EventEmitter<EventTypes>,
    event: Event,
    ...values: EventParameters<EventTypes, Event>
  ): void {
    const entries = this.#entries.get(event);
    if (entries === undefined) return;
    if (entries.some(isOnly)) {
      this.#entries.set(
        event,
        entries.filter((entry) => !isOnly(entry)),
      );
    }
    const thrown: unknown[] = [];
    for (const { listener } of entries) {
      try {
        listener(...(values as unknown[]));
      } catch (error) {
        thrown.push(error);
      }
    }
    if (thrown.length > 0) throw thrown[0];
  }

  /** Whether an event has listeners. */
  protected _hasListener(event: keyof EventTypes): boolean {
    return (this.#entries.get(event)?.length ?? 0) > 0;
  }

  #remove(event: keyof EventTypes, listener: Entry['listener']): void {
    const entries = this.#entries.get(event) ?? [];
    const index = entries.findIndex((entry) => entry.listener === listener);
    if (index < 0) return;
    this.#entries.set(
      event,
      entries.filter((_, at) => at !== index),
    );
  }

  #add(event: keyof EventTypes, entry: Entry): this {
    this.#entries.set(event, [...(this.#entries.get(event) ?? []), entry]);
    return this;
  }
}
