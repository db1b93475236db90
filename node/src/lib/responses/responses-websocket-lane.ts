/** Sessions and lanes of Responses over a WebSocket: by name and type only. */

import {
  type Response,
  type ResponsesClientEvent,
  type ResponsesServerEvent,
} from '../../resources/responses/responses.js';
import { later } from '../../internal/later.js';

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

export function positiveInteger(value: number): number;
export function positiveInteger(): never {
  throw later('positiveInteger', 'sessions and lanes over a WebSocket');
}

/** tailrace does not have it yet: making one throws an OpenAIError. */
export class ResponsesWebSocketLane {
  declare readonly streamID: string | undefined;
  constructor(
    streamID: string | undefined,
    send: (event: ResponsesClientEvent) => void,
    release: (bytes: number) => void,
    maxEvents: number,
    maxBytes: number,
  );
  constructor(..._values: any[]) {
    throw later('ResponsesWebSocketLane', 'sessions and lanes over a WebSocket');
  }
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
  ): void;
  create(): never {
    throw later('ResponsesWebSocketLane.create', 'sessions and lanes over a WebSocket');
  }
  receive(options?: { signal?: AbortSignal }): Promise<ResponsesWebSocketEvent>;
  receive(): never {
    throw later('ResponsesWebSocketLane.receive', 'sessions and lanes over a WebSocket');
  }
  finalResponse(options?: { signal?: AbortSignal; maxResponseBytes?: number }): Promise<Response>;
  finalResponse(): never {
    throw later('ResponsesWebSocketLane.finalResponse', 'sessions and lanes over a WebSocket');
  }
  close(): void;
  close(): never {
    throw later('ResponsesWebSocketLane.close', 'sessions and lanes over a WebSocket');
  }
  end(error: Error): void;
  end(): never {
    throw later('ResponsesWebSocketLane.end', 'sessions and lanes over a WebSocket');
  }
  get ended(): boolean {
    throw later('ResponsesWebSocketLane.ended', 'sessions and lanes over a WebSocket');
  }
  push(event: ResponsesWebSocketEvent, bytes: number): void;
  push(): never {
    throw later('ResponsesWebSocketLane.push', 'sessions and lanes over a WebSocket');
  }
  fail(error: Error): void;
  fail(): never {
    throw later('ResponsesWebSocketLane.fail', 'sessions and lanes over a WebSocket');
  }
}
