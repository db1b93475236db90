/** Sessions and lanes of Responses over a WebSocket: by name and type only. */

import { type ResponsesEmitter } from '../../resources/responses/internal-base.js';
import { type WebSocketLike } from '../../internal/ws-adapter.js';
import { type ResponsesWebSocketLane } from './responses-websocket-lane.js';
import { later } from '../../internal/later.js';

export { ResponsesWebSocketLane } from './responses-websocket-lane.js';

export type { ResponsesWebSocketEvent } from './responses-websocket-lane.js';

export interface ResponsesWebSocketSessionOptions {
  maxLanes: number;
  maxBufferedEvents: number;
  maxBufferedBytes: number;
}

/** tailrace does not have it yet: making one throws an OpenAIError. */
export class ResponsesWebSocketSession {
  constructor(
    connection: ResponsesEmitter & {
      readonly socket: WebSocketLike;
    },
    options: ResponsesWebSocketSessionOptions,
  );
  constructor(..._values: any[]) {
    throw later('ResponsesWebSocketSession', 'sessions and lanes over a WebSocket');
  }
  lane(
    streamID?: string,
    limits?: {
      maxBufferedEvents?: number;
      maxBufferedBytes?: number;
    },
  ): ResponsesWebSocketLane;
  lane(): never {
    throw later('ResponsesWebSocketSession.lane', 'sessions and lanes over a WebSocket');
  }
  close(): void;
  close(): never {
    throw later('ResponsesWebSocketSession.close', 'sessions and lanes over a WebSocket');
  }
}
