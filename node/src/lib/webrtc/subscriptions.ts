/** Who listens to the events of a WebRTC connection. */

interface Registration<Event> {
  listener: (event: Event) => unknown;
  type: string | undefined;
}

/** Calls listeners in their order; what one of them throws keeps neither the others nor the connection from going on. */
export class Subscriptions<
  Event extends {
    type: string;
  },
> {
  readonly #registrations = new Set<Registration<Event>>();

  /** Adds a listener, for events of one type or of all, and returns what removes it. */
  add(listener: (event: Event) => unknown, type?: Event['type']): () => void {
    const registration = { listener, type };
    this.#registrations.add(registration);
    return () => void this.#registrations.delete(registration);
  }

  /** Calls those who listen now and were not removed by one before them. */
  emit(event: Event): void {
    for (const registration of [...this.#registrations]) {
      const { listener, type } = registration;
      if (!this.#registrations.has(registration) || (type !== undefined && type !== event.type)) continue;
      try {
        Promise.resolve(listener(event)).catch(thrown);
      } catch (error) {
        thrown(error);
      }
    }
  }

  /** Removes all listeners. */
  clear(): void {
    this.#registrations.clear();
  }
}

/** Gives what a listener has thrown to the process. */
function thrown(error: unknown): void {
  setTimeout(() => {
    throw error;
  });
}
