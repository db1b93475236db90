/** The events of the API over a data channel of WebRTC. */

import { WebRTCError } from './errors.js';
import { Subscriptions } from './subscriptions.js';
import { type BrowserDataChannel, type WebRTCConnectionEvent, type WebRTCDataChannel } from './types.js';

/** Sends and tells events over a channel of the caller's, which it does not close. */
export class DataChannel<
  ClientEvent,
  ServerEvent extends {
    type: string;
  },
> {
  declare readonly dataChannel: BrowserDataChannel;
  readonly #channel: WebRTCDataChannel;
  readonly #events = new Subscriptions<ServerEvent>();
  readonly #connectionEvents = new Subscriptions<WebRTCConnectionEvent>();
  readonly #listeners: [string, (event: unknown) => void][] = [
    ['message', (event) => this.#onMessage((event as { data: unknown }).data)],
    ['error', (event) => this.#onError(event)],
    ['open', () => this.#connectionEvents.emit({ type: 'state.changed', state: 'connected' })],
    ['close', () => this.#onClose()],
  ];
  #isDisposed = false;

  /** Listens to a channel; opening it is the caller's. */
  constructor(channel: WebRTCDataChannel) {
    this.#channel = channel;
    this.dataChannel = channel as BrowserDataChannel;
    for (const [type, listener] of this.#listeners) channel.addEventListener(type, listener);
  }

  /** Listens to events of one type, from now on; returns what ends it. @throws {WebRTCError} It is disposed. */
  on<Type extends ServerEvent['type']>(
    type: Type,
    handler: (
      event: Extract<
        ServerEvent,
        {
          type: Type;
        }
      >,
    ) => unknown,
  ): () => void {
    this.#requireActive();
    return this.#events.add(handler as (event: ServerEvent) => unknown, type);
  }

  /** Listens to all events of the server, its errors too; returns what ends it. @throws {WebRTCError} It is disposed. */
  onEvent(handler: (event: ServerEvent) => unknown): () => void {
    this.#requireActive();
    return this.#events.add(handler);
  }

  /** Listens to what becomes of the channel; returns what ends it. @throws {WebRTCError} It is disposed. */
  onConnectionEvent(handler: (event: WebRTCConnectionEvent) => unknown): () => void {
    this.#requireActive();
    return this.#connectionEvents.add(handler);
  }

  /** Sends an event now. @throws {WebRTCError} The channel is not open or does not take it, or it is disposed. */
  send(event: ClientEvent): void {
    this.#requireActive();
    if (this.#channel.readyState !== 'open') {
      throw new WebRTCError('not_open', 'send', 'The WebRTC data channel is not open.');
    }
    try {
      const text = JSON.stringify(event) as string | undefined;
      if (text === undefined) throw new TypeError('The event is not JSON serializable.');
      this.#channel.send(text);
    } catch (error) {
      throw new WebRTCError('send_failed', 'send', 'Could not send the WebRTC event.', error);
    }
  }

  /** Stops listening, and lets all its listeners go; the channel stays as it is. */
  dispose(): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    for (const [type, listener] of this.#listeners) this.#channel.removeEventListener(type, listener);
    this.#events.clear();
    this.#connectionEvents.clear();
  }

  #requireActive(): void {
    if (!this.#isDisposed) return;
    throw new WebRTCError('invalid_state', 'transport', 'The WebRTC data-channel adapter is disposed.');
  }

  #onMessage(data: unknown): void {
    const event = parsed(data);
    if (event !== undefined) {
      this.#events.emit(event as ServerEvent);
      return;
    }
    // Without a cause, which would show what came.
    const error = new WebRTCError('invalid_message', 'message', 'Received an invalid WebRTC protocol message.');
    this.#connectionEvents.emit({ type: 'error', fatal: false, error });
  }

  #onError(event: unknown): void {
    const error = new WebRTCError('transport_failed', 'transport', 'The WebRTC data channel reported an error.', event);
    this.#connectionEvents.emit({ type: 'error', fatal: false, error });
  }

  #onClose(): void {
    this.#connectionEvents.emit({ type: 'closed', reason: 'remote' });
    this.dispose();
  }
}

/** An event out of its text; nothing when it is none. */
function parsed(data: unknown): { type: string } | undefined {
  if (typeof data !== 'string') return undefined;
  try {
    const value: unknown = JSON.parse(data);
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, 'type')) return undefined;
    return typeof (value as { type: unknown }).type === 'string' ? (value as { type: string }) : undefined;
  } catch {
    return undefined;
  }
}
