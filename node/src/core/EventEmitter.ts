/** Listeners for events by name. */

import { EventEmitter, type EventParameters } from '../lib/EventEmitter.js';

export { EventEmitter, type EventParameters };

/** An emitter whose owner emits from outside. */
export class InternalEventEmitter<
  EventTypes extends Record<string, (...args: any) => any>,
> extends EventEmitter<EventTypes> {
  override _emit<Event extends keyof EventTypes>(event: Event, ...values: EventParameters<EventTypes, Event>): void {
    super._emit(event, ...values);
  }
}
