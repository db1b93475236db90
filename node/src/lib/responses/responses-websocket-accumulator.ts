/** Sessions and lanes of Responses over a WebSocket: by name and type only. */

import { type Response, type ResponseOutputItem } from '../../resources/responses/responses.js';
import { type ResponsesWebSocketEvent } from './responses-websocket-lane.js';
import { later } from '../../internal/later.js';

type ProvisionalOutputItem = {
  [Type in ResponseOutputItem['type']]: {
    type: Type;
  } & Partial<
    Record<
      Exclude<
        keyof Extract<
          ResponseOutputItem,
          {
            type: Type;
          }
        >,
        'type'
      >,
      unknown
    >
  >;
}[ResponseOutputItem['type']];

type PartSelector =
  | {
      content_index: number;
      annotation_index?: number;
    }
  | {
      summary_index: number;
    };

interface PartialOutput {
  output_index: number;
  item_id: string;
  arguments?: string;
  input?: string;
  content?: {
    content_index: number;
    data: unknown;
  }[];
  commands?: {
    command_index: number;
    data: unknown;
  }[];
}

export type ResponsesWebSocketAccumulatorState =
  | {
      phase: 'provisional';
      snapshot: {
        output: ProvisionalOutputItem[];
        output_text: string;
      } & {
        [Field in Exclude<keyof Response, 'output' | 'output_text'>]?: unknown;
      };
      partialOutput?: PartialOutput[];
    }
  | {
      phase: 'unavailable';
      error: Error;
    }
  | {
      phase: 'terminal';
      event: ResponsesWebSocketEvent;
    };

/** tailrace does not have it yet: making one throws an OpenAIError. */
export class ResponsesWebSocketAccumulator {
  get current(): ResponsesWebSocketAccumulatorState | undefined {
    throw later('ResponsesWebSocketAccumulator.current', 'sessions and lanes over a WebSocket');
  }
  outputAt(outputIndex: number): ProvisionalOutputItem | undefined;
  outputAt(outputIndex: number, part: PartSelector): unknown;
  outputAt(): never {
    throw later('ResponsesWebSocketAccumulator.outputAt', 'sessions and lanes over a WebSocket');
  }
  reset(): void;
  reset(): never {
    throw later('ResponsesWebSocketAccumulator.reset', 'sessions and lanes over a WebSocket');
  }
  add(event: ResponsesWebSocketEvent): void;
  add(): never {
    throw later('ResponsesWebSocketAccumulator.add', 'sessions and lanes over a WebSocket');
  }
  constructor() {
    throw later('ResponsesWebSocketAccumulator', 'sessions and lanes over a WebSocket');
  }
}
