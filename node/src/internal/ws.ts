/** What WebSocket connections hand on. */

/** Options of iterating over a connection. */
export interface WebSocketStreamOptions {
  maxBufferedEvents?: number | undefined;
}

/** Told before a connection is made again; the delay is in milliseconds. */
export interface ReconnectingEvent<Parameters = Record<string, unknown>> {
  readonly attempt: number;
  readonly maxAttempts: number;
  readonly delay: number;
  readonly closeCode: number;
  readonly parameters: (Parameters & Record<string, unknown>) | undefined;
}

/** What the one who is told may change. */
export type ReconnectingOverrides<Parameters = Record<string, unknown>> =
  { parameters?: (Parameters & Record<string, unknown>) | undefined } | { abort: true };

/** A message as the socket takes it. */
export type RawWebSocketData = string | ArrayBufferLike | ArrayBufferView | ArrayBufferView[];

/** A message that was not sent before the connection closed. */
export type UnsentMessage<T> = { type: 'message'; message: T } | { type: 'raw'; data: RawWebSocketData };
