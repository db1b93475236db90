/** Several responses over one socket of Responses. */

import { OpenAIError } from '../../core/error.js';
import { resumes } from '../../internal/api-connection.js';
import { eventPayload } from '../../internal/event-payload.js';
import { type WebSocketLike } from '../../internal/ws-adapter.js';
import { type ResponsesEmitter, WebSocketError } from '../../resources/responses/internal-base.js';
import { type ResponsesClientEvent } from '../../resources/responses/responses.js';
import { positiveInteger, ResponsesWebSocketLane, type ResponsesWebSocketEvent } from './responses-websocket-lane.js';

export { ResponsesWebSocketLane } from './responses-websocket-lane.js';

export type { ResponsesWebSocketEvent } from './responses-websocket-lane.js';

export interface ResponsesWebSocketSessionOptions {
  /** Lanes that one socket may have, with those that were closed. */
  maxLanes: number;
  /** Events that wait in all lanes. */
  maxBufferedEvents: number;
  /** Bytes of those events, as they came. */
  maxBufferedBytes: number;
}

type Connection = ResponsesEmitter & {
  readonly socket: WebSocketLike;
};

/** What waits in one lane, and what may. */
interface Backlog {
  lane: ResponsesWebSocketLane;
  events: number;
  bytes: number;
  maxEvents: number;
  maxBytes: number;
}

const OPEN = 1;
/** What `stream_id` may be, as the API's description has it. */
const LANE_ID = /^[A-Za-z0-9_.-]{1,256}$/;
/** The IDs of a socket: a response may still come for a lane that was closed, also by a session before this one. */
const taken = new WeakMap<WebSocketLike, Set<string | undefined>>();

/**
 * Hands the events of a connection to lanes, by their `stream_id`; the connection goes on telling all of them.
 *
 * A connection that is made again ends all lanes, as what the model was told and said is not known to the new socket.
 */
export class ResponsesWebSocketSession {
  readonly #connection: Connection;
  readonly #options: ResponsesWebSocketSessionOptions;
  readonly #backlogs = new Map<string | undefined, Backlog>();
  #events = 0;
  #bytes = 0;
  #isClosed = false;
  /** The socket whose failure it hears of, and how that has failed. */
  #socket: WebSocketLike | undefined;
  #failure: WebSocketError | undefined;

  /** @throws {OpenAIError} A limit is no whole number above 0, the connection is closed, or it resumes responses by itself. */
  constructor(
    connection: ResponsesEmitter & {
      readonly socket: WebSocketLike;
    },
    options: ResponsesWebSocketSessionOptions,
  ) {
    const { maxLanes, maxBufferedEvents, maxBufferedBytes } = options;
    this.#options = { maxLanes, maxBufferedEvents, maxBufferedBytes };
    for (const limit of Object.values(this.#options)) positiveInteger(limit);
    if (connection.socket.readyState > OPEN) {
      throw new OpenAIError('Cannot attach a Responses WebSocket session to a closing or closed socket');
    }
    if (resumes(connection)) {
      throw new OpenAIError('A Responses WebSocket session does not resume responses; leave the `resume` option out.');
    }
    this.#connection = connection;
    connection.on('event', this.#onEvent);
    connection.on('error', this.#onError);
    connection.on('close', this.#onClose);
    connection.on('reconnecting', this.#onReconnecting);
    connection.on('reconnected', this.#onReconnected);
    this.#listen(connection.socket);
  }

  /**
   * Adds a lane, before something is sent on it; without `streamID` that of events that have none.
   *
   * @param limits - What may wait in it; else as much as in all lanes.
   * @throws {OpenAIError} The session is closed, its socket has failed or has `maxLanes` lanes, the ID is none or was
   *   taken since the socket was opened, or a limit is no whole number above 0.
   */
  lane(
    streamID?: string,
    limits: {
      maxBufferedEvents?: number;
      maxBufferedBytes?: number;
    } = {},
  ): ResponsesWebSocketLane {
    if (this.#isClosed) throw closed();
    const { socket } = this.#connection;
    if (this.#failure !== undefined && socket === this.#socket) throw this.#failure;
    if (streamID !== undefined && !(typeof streamID === 'string' && LANE_ID.test(streamID))) {
      throw new OpenAIError('Invalid Responses WebSocket stream ID');
    }
    const ids = taken.get(socket) ?? new Set();
    if (ids.has(streamID)) throw new OpenAIError('Responses WebSocket lane is already registered');
    if (ids.size >= this.#options.maxLanes) throw new OpenAIError('Responses WebSocket lane limit exceeded');
    const maxEvents = positiveInteger(limits.maxBufferedEvents ?? this.#options.maxBufferedEvents);
    const maxBytes = positiveInteger(limits.maxBufferedBytes ?? this.#options.maxBufferedBytes);
    // One that was made while there was no connection never had one.
    this.#backlogs.get(streamID)?.lane.fail(renewed());
    taken.set(socket, ids.add(streamID));
    const released = (bytes: number) => this.#count(backlog, -1, -bytes);
    const lane = new ResponsesWebSocketLane(streamID, (event) => this.#send(event), released, maxEvents, maxBytes);
    const backlog: Backlog = { lane, events: 0, bytes: 0, maxEvents, maxBytes };
    this.#backlogs.set(streamID, backlog);
    return lane;
  }

  /** Leaves all lanes; the connection stays open. */
  close(): void {
    this.#finish((lane) => lane.fail(closed()));
  }

  /** Not by the connection, which would keep what cannot be sent now for a socket that knows nothing of the lane. */
  #send(event: ResponsesClientEvent): void {
    const { socket } = this.#connection;
    if (socket.readyState !== OPEN) throw new OpenAIError('Wait for an open Responses WebSocket before sending');
    socket.send(JSON.stringify(event));
  }

  readonly #onEvent = (told: object): void => {
    let event: ResponsesWebSocketEvent;
    let text: string;
    try {
      // What listeners do to the event is not to be seen here, nor the other way round.
      text = eventPayload(told) ?? JSON.stringify(structuredClone(told));
      event = JSON.parse(text) as ResponsesWebSocketEvent;
      if (typeof event.type !== 'string') throw new TypeError('no type');
    } catch {
      const error = new OpenAIError('Cannot snapshot custom WebSocket event');
      for (const { lane } of this.#backlogs.values()) lane.fail(error);
      return;
    }
    const streamID = Object.hasOwn(event, 'stream_id') ? (event as { stream_id?: string }).stream_id : undefined;
    const backlog = this.#backlogs.get(streamID);
    if (backlog !== undefined && !backlog.lane.ended) this.#deliver(backlog, event, Buffer.byteLength(text));
  };

  #deliver(backlog: Backlog, event: ResponsesWebSocketEvent, bytes: number): void {
    const { lane } = backlog;
    if (bytes > this.#options.maxBufferedBytes) {
      lane.fail(overflow());
      return;
    }
    // A lane that is over its own limits is no reason for another one to fail.
    const fits = backlog.events < backlog.maxEvents && backlog.bytes + bytes <= backlog.maxBytes;
    while (fits && !lane.ended) {
      const areBytes = this.#bytes + bytes > this.#options.maxBufferedBytes;
      if (!areBytes && this.#events < this.#options.maxBufferedEvents) break;
      this.#longest(areBytes ? 'bytes' : 'events').fail(overflow());
    }
    if (lane.ended) return;
    this.#count(backlog, 1, bytes);
    lane.push(event, bytes);
  }

  /** The lane in which most waits; of those with the same the oldest. */
  #longest(measure: 'bytes' | 'events'): ResponsesWebSocketLane {
    const [first, ...others] = this.#backlogs.values();
    return others.reduce((most, each) => (each[measure] > most[measure] ? each : most), first as Backlog).lane;
  }

  #count(backlog: Backlog, events: number, bytes: number): void {
    backlog.events += events;
    backlog.bytes += bytes;
    this.#events += events;
    this.#bytes += bytes;
  }

  /** Listening keeps errors from being unhandled; those that the server sends are events of lanes. */
  readonly #onError = (): void => {};

  readonly #onFailure = (error: Error): void => {
    const failure = new WebSocketError(error.message, null);
    (failure as { cause?: unknown }).cause = error;
    this.#failure = failure;
    for (const { lane } of this.#backlogs.values()) lane.end(failure);
  };

  readonly #onClose = (): void => {
    this.#finish((lane) => lane.end(new OpenAIError('Responses WebSocket connection closed')));
  };

  readonly #onReconnecting = (): void => {
    this.#socket?.off('error', this.#onFailure);
    for (const { lane } of this.#backlogs.values()) lane.fail(renewed());
    this.#backlogs.clear();
  };

  readonly #onReconnected = (): void => this.#listen(this.#connection.socket);

  #listen(socket: WebSocketLike): void {
    if (socket !== this.#socket) this.#failure = undefined;
    this.#socket?.off('error', this.#onFailure);
    this.#socket = socket;
    socket.on('error', this.#onFailure);
  }

  #finish(end: (lane: ResponsesWebSocketLane) => void): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#connection.off('event', this.#onEvent);
    this.#connection.off('error', this.#onError);
    this.#connection.off('close', this.#onClose);
    this.#connection.off('reconnecting', this.#onReconnecting);
    this.#connection.off('reconnected', this.#onReconnected);
    this.#socket?.off('error', this.#onFailure);
    for (const { lane } of this.#backlogs.values()) end(lane);
    this.#backlogs.clear();
  }
}

function closed(): OpenAIError {
  return new OpenAIError('Responses WebSocket session is closed');
}

function renewed(): OpenAIError {
  return new OpenAIError('Responses WebSocket reconnected state must be restored explicitly');
}

function overflow(): OpenAIError {
  return new OpenAIError('Responses WebSocket helper buffer limit exceeded');
}
