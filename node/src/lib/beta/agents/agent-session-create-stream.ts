/** Part of the helpers of agents: by name and type only. */

import { type RequestOptions } from '../../../internal/request-options.js';
import { type Sessions, type SessionCreateParams } from '../../../resources/beta/agents/sessions/sessions.js';
import { type AgentToolHandler } from '../../agents/agent-session-stream.js';
import { type AgentOutputFormat, type AgentResult } from './output-format-types.js';
import { type Stream } from '../../../core/streaming.js';
import { type AgentSessionEvent } from '../../../resources/beta/agents/agents.js';
import { later } from '../../../internal/later.js';

export type AgentSessionCreateStream<T = never> = Stream<AgentSessionEvent> & {
  finalResult: () => Promise<AgentResult<T>>;
  withResultCollection: () => AgentSessionCreateStream<T>;
};

export function withAgentTurnResult<T = never>(
  stream: Stream<AgentSessionEvent>,
  format?: AgentOutputFormat<T>,
  tools?: {
    sessions: Sessions;
    handlers: Record<string, AgentToolHandler>;
    options?: RequestOptions | undefined;
  },
): AgentSessionCreateStream<T>;
export function withAgentTurnResult(): never {
  throw later('withAgentTurnResult', 'the helpers of agents');
}

export function captureCreationTools(
  body: SessionCreateParams,
  options?: RequestOptions,
):
  | {
      body: Sessions.SessionCreateParams;
      options: RequestOptions | undefined;
      handlers?: never;
    }
  | {
      body: Sessions.SessionCreateParams;
      options: {
        method?: import('../../../internal/types.js').HTTPMethod;
        path?: string;
        query?: object | undefined | null;
        body?: unknown;
        headers?: import('../../../internal/headers.js').HeadersLike;
        maxRetries?: number;
        stream?: boolean | undefined;
        timeout?: number;
        fetchOptions?: import('../../../internal/types.js').MergedRequestInit;
        signal?: AbortSignal | undefined | null;
        idempotencyKey?: string;
        defaultBaseURL?: string | undefined;
        __metadata?: Record<string, unknown>;
        __security?: {
          bearerAuth?: boolean;
          adminAPIKeyAuth?: boolean;
        };
        __binaryResponse?: boolean | undefined;
        __streamClass?: typeof Stream;
        __synthesizeEventData?: boolean;
        __streamMode?: 'legacy' | 'events';
      };
      handlers: {
        [k: string]: AgentToolHandler;
      };
    };
export function captureCreationTools(): never {
  throw later('captureCreationTools', 'the helpers of agents');
}
