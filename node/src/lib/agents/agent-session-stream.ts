/** Part of the helpers of agents: by name and type only. */

import { type AgentOutputFormat, type AgentResult } from '../beta/agents/output-format-types.js';
import { type RequestOptions } from '../../internal/request-options.js';
import { type AgentToolError } from '../beta/agents/tool-error.js';
import {
  type AgentFunctionCallOutputParam,
  type AgentSessionEvent,
  type AgentSessionInputMessageParam,
} from '../../resources/beta/agents/agents.js';
import { type Sessions } from '../../resources/beta/agents/sessions/sessions.js';
import { later } from '../../internal/later.js';

export type AgentToolOutput = AgentFunctionCallOutputParam | object | null;

export type AgentToolHandler = (arguments_: Record<string, unknown>) => AgentToolOutput | PromiseLike<AgentToolOutput>;

export type AgentSessionStreamParams<T = never> = {
  outputFormat?: AgentOutputFormat<T>;
  input: string | AgentSessionInputMessageParam[];
  toolHandlers?: Record<string, AgentToolHandler>;
  onToolError?: (failure: AgentToolError) => void | PromiseLike<void>;
  idempotencyKey?: string;
} & ([T] extends [never]
  ? unknown
  : {
      outputFormat: AgentOutputFormat<T>;
    });

/** It needs the helpers of agents, which tailrace does not have yet: making one throws an OpenAIError. */
export class AgentSessionStream<T = never> implements AsyncIterable<AgentSessionEvent> {
  declare readonly controller: AbortController;
  constructor(sessions: Sessions, sessionID: string, params: AgentSessionStreamParams<T>, options?: RequestOptions);
  constructor(..._values: any[]) {
    throw later('AgentSessionStream', 'the helpers of agents');
  }
  abort(reason?: unknown): void;
  abort(): never {
    throw later('AgentSessionStream.abort', 'the helpers of agents');
  }
  [Symbol.asyncIterator](): AsyncIterator<AgentSessionEvent>;
  [Symbol.asyncIterator](): never {
    throw later('AgentSessionStream.Symbol.asyncIterator', 'the helpers of agents');
  }
  withResultCollection(): this;
  withResultCollection(): never {
    throw later('AgentSessionStream.withResultCollection', 'the helpers of agents');
  }
  finalResult(): Promise<AgentResult<T>>;
  finalResult(): never {
    throw later('AgentSessionStream.finalResult', 'the helpers of agents');
  }
}
