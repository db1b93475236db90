/** One lane of a session: the events that wait in it, and who waits for them. */

import { OpenAIError } from '../../core/error.js';
import { WebSocketError } from '../../resources/responses/internal-base.js';
import {
  type Response,
  type ResponsesClientEvent,
  type ResponsesServerEvent,
} from '../../resources/responses/responses.js';
import { ResponseCollector } from '../../internal/response-collector.js';

type WireResponse = Omit<Response, 'output' | 'output_text'> & Partial<Pick<Response, 'output' | 'output_text'>>;

type WireEvent<Event> = Event extends {
  response: Response;
}
  ? Omit<Event, 'response'> & {
      response: WireResponse;
    }
  : Event;

export type ResponsesWebSocketEvent =
  | WireEvent<ResponsesServerEvent>
  | {
      type: string;
      [key: string]: unknown;
    };

interface Waiting {
  event: ResponsesWebSocketEvent;
  bytes: number;
}

const ENDS = new Set(['response.completed', 'response.failed', 'response.incomplete']);

/** Returns a limit. @throws {OpenAIError} It is no whole number above 0. */
export function positiveInteger(value: number): number {
  if (!Number.isSafeInteger(value) || value < 1) throw new OpenAIError('Responses WebSocket limits must be positive integers');
  return value;
}

/** What one reader at a time gets of the events with one `stream_id`, or with none. */
export class ResponsesWebSocketLane {
  declare readonly streamID: string | undefined;
  readonly #send: (event: ResponsesClientEvent) => void;
  readonly #release: (bytes: number) => void;
  readonly #maxEvents: number;
  readonly #maxBytes: number;
  #waiting: Waiting[] = [];
  #at = 0;
  #bytes = 0;
  /** Why nothing more comes. */
  #end: Error | undefined;
  #hasReader = false;
  #wake: (() => void) | undefined;

  /**
   * `ResponsesWebSocketSession.lane()` makes one.
   *
   * @param release - Told the bytes of each event that waits no more.
   */
  constructor(
    streamID: string | undefined,
    send: (event: ResponsesClientEvent) => void,
    release: (bytes: number) => void,
    maxEvents: number,
    maxBytes: number,
  ) {
    this.streamID = streamID;
    this.#send = send;
    this.#release = release;
    this.#maxEvents = maxEvents;
    this.#maxBytes = maxBytes;
  }

  /**
   * Asks for a response on this lane; `stream` and `background`, which are for HTTP, are left out.
   *
   * @throws {Error} The lane has ended, or the connection is not open.
   */
  create(
    request: Omit<
      Extract<
        ResponsesClientEvent,
        {
          type: 'response.create';
        }
      >,
      'type' | 'stream_id' | 'stream' | 'background'
    >,
  ): void {
    if (this.#end !== undefined) throw this.#end;
    // What a caller without types leaves in.
    const { type, stream_id, stream, background, toJSON, ...rest } = { ...(request as Record<string, unknown>) };
    const lane = this.streamID === undefined ? {} : { stream_id: this.streamID };
    this.#send({ ...rest, type: 'response.create', ...lane } as ResponsesClientEvent);
  }

  /**
   * Waits for the next event, as it came. Aborting the wait loses none.
   *
   * @throws {Error} In the promise: the reason of `signal`, or why the lane has ended, once all that waited was read.
   * @throws {OpenAIError} In the promise: somebody reads already.
   */
  async receive(options: { signal?: AbortSignal } = {}): Promise<ResponsesWebSocketEvent> {
    const { signal } = options;
    return this.#reading(async () => (await this.#next(signal)).event);
  }

  /**
   * Reads until a response has ended and returns it, also a failed or incomplete one; output that the last event leaves
   * out is put together of the finished items.
   *
   * Once it has read something, it ends the lane when it is aborted, when the bytes of all events are more than
   * `maxResponseBytes` before the last one, and when an item or the response has not the form of one.
   *
   * @throws {WebSocketError} In the promise: an `error` event came, which is its `error`.
   * @throws {Error} In the promise: what `receive` throws.
   */
  async finalResponse(options: { signal?: AbortSignal; maxResponseBytes?: number } = {}): Promise<Response> {
    const { signal, maxResponseBytes } = options;
    const most = maxResponseBytes === undefined ? Infinity : positiveInteger(maxResponseBytes);
    return this.#reading(() => this.#collect(signal, most));
  }

  /** Leaves the lane, with what waits in it. The model goes on, and the ID stays taken until the connection is made again. */
  close(): void {
    this.fail(new OpenAIError('Responses WebSocket lane is closed'));
  }

  /** Lets the lane end with `error` once all that waits was read. */
  end(error: Error): void {
    this.#end ??= error;
    this.#changed();
  }

  /** Whether nothing more comes. */
  get ended(): boolean {
    return this.#end !== undefined;
  }

  /** Adds an event; one that finds no room ends the lane. */
  push(event: ResponsesWebSocketEvent, bytes: number): void {
    const hasRoom = this.#waiting.length - this.#at < this.#maxEvents && this.#bytes + bytes <= this.#maxBytes;
    if (this.#end !== undefined || !hasRoom) {
      this.#release(bytes);
      if (this.#end === undefined) this.fail(new OpenAIError('Responses WebSocket lane buffer limit exceeded'));
      return;
    }
    this.#waiting.push({ event, bytes });
    this.#bytes += bytes;
    this.#changed();
  }

  /** Ends the lane with `error` now, without what waits in it. */
  fail(error: Error): void {
    const dropped = this.#waiting.slice(this.#at);
    this.#waiting = [];
    this.#at = this.#bytes = 0;
    this.#end ??= error;
    for (const { bytes } of dropped) this.#release(bytes);
    this.#changed();
  }

  async #reading<Read>(read: () => Promise<Read>): Promise<Read> {
    if (this.#hasReader) throw new OpenAIError('Responses WebSocket lane already has a reader');
    this.#hasReader = true;
    try {
      return await read();
    } finally {
      this.#hasReader = false;
    }
  }

  async #next(signal: AbortSignal | undefined): Promise<Waiting> {
    signal?.throwIfAborted();
    if (this.#at === this.#waiting.length && this.#end === undefined) await this.#change(signal);
    // An event that came is there for the next reader when this one has given up.
    signal?.throwIfAborted();
    const taken = this.#waiting[this.#at];
    if (taken === undefined) throw this.#end as Error;
    this.#take();
    this.#release(taken.bytes);
    return taken;
  }

  #take(): void {
    this.#bytes -= (this.#waiting[this.#at] as Waiting).bytes;
    this.#at += 1;
    // Moving what is left once in a while costs each event a constant time.
    if (this.#at * 2 < this.#waiting.length) return;
    this.#waiting.splice(0, this.#at);
    this.#at = 0;
  }

  async #change(signal: AbortSignal | undefined): Promise<void> {
    const wake = () => this.#changed();
    const changed = new Promise<void>((resolve) => (this.#wake = resolve));
    signal?.addEventListener('abort', wake);
    try {
      await changed;
    } finally {
      signal?.removeEventListener('abort', wake);
    }
  }

  #changed(): void {
    this.#wake?.();
    this.#wake = undefined;
  }

  async #collect(signal: AbortSignal | undefined, most: number): Promise<Response> {
    const collector = new ResponseCollector();
    let read = 0;
    for (;;) {
      const { event, bytes } = await this.#next(signal).catch((error: unknown) => {
        // Whoever reads next must not take what is left for a response of its own.
        if (read > 0) this.fail(new OpenAIError('Responses WebSocket final response canceled after consuming events'));
        throw error;
      });
      read += bytes;
      const isEnd = event.type === 'error' || ENDS.has(event.type);
      if (read > most) {
        const error = new OpenAIError('Responses WebSocket accumulated response limit exceeded');
        if (!isEnd) this.fail(error);
        throw error;
      }
      if (event.type === 'error') throw new WebSocketError('Responses WebSocket request failed', event as never);
      try {
        if (isEnd) return collector.finish(event);
        collector.add(event);
      } catch (error) {
        this.fail(error as Error);
        throw error;
      }
    }
  }
}
