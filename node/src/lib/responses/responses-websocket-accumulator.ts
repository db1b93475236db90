/** The progress of a response over a WebSocket, from the events of one lane. */

import { detached } from '../../internal/detached.js';
import { type Response, type ResponseOutputItem } from '../../resources/responses/responses.js';
import { type ResponsesWebSocketEvent } from './responses-websocket-lane.js';
import { Provisional } from './responses-websocket-provisional.js';

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

/**
 * Follows the response of one lane; it reads and sends nothing, and runs no tool.
 *
 * `add` takes what `lane.receive()` returns, in time that depends on the event alone. What is provisional is never taken for
 * the response that the server ends with: the event that ends it is kept as it came, a failure and an error among them. After
 * an event that contradicts those before it nothing is provisional until a response is created or ends.
 */
export class ResponsesWebSocketAccumulator {
  #state: Provisional | Error | ResponsesWebSocketEvent | undefined;

  /** What is known now, copied whole; `outputAt` copies an item or a part. `undefined` before any event that says something. */
  get current(): ResponsesWebSocketAccumulatorState | undefined {
    const state = this.#state;
    if (state === undefined) return undefined;
    if (state instanceof Error) return { phase: 'unavailable', error: state };
    if (!(state instanceof Provisional)) return { phase: 'terminal', event: detached(state) };
    return { phase: 'provisional', ...state.copied() } as ResponsesWebSocketAccumulatorState;
  }

  /** A copy of a provisional item, by its place in the events. */
  outputAt(outputIndex: number): ProvisionalOutputItem | undefined;
  /** A copy of one of its parts, or of one annotation; `undefined` where there is none. */
  outputAt(outputIndex: number, part: PartSelector): unknown;
  outputAt(outputIndex: number, part?: PartSelector): unknown {
    return this.#state instanceof Provisional ? this.#state.outputAt(outputIndex, part) : undefined;
  }

  /** Forgets everything, before another lane's events. */
  reset(): void {
    this.#state = undefined;
  }

  /** Takes note of an event; those of unknown types say nothing. */
  add(event: ResponsesWebSocketEvent): void {
    const { type } = event as { type?: unknown };
    if (typeof type !== 'string') return;
    if (ENDS.has(type)) {
      this.#state = detached(event);
      return;
    }
    const isCreated = type === 'response.created';
    if (!isCreated && (!Provisional.knows(type) || (this.#state !== undefined && !(this.#state instanceof Provisional)))) return;
    try {
      if (isCreated || this.#state === undefined) this.#state = new Provisional();
      (this.#state as Provisional).add(event as unknown as { type: string });
    } catch (error) {
      this.#state = error as Error;
    }
  }
}

/** Events that end a response. */
const ENDS: ReadonlySet<string> = new Set(['response.completed', 'response.failed', 'response.incomplete', 'error']);
