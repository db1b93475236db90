/** Part of the helpers of agents: by name and type only. */

import { type RequestOptions } from '../../../internal/request-options.js';
import { type SessionCreateParams } from '../../../resources/beta/agents/sessions/sessions.js';
import { type AgentTurnResult } from './agent-turn-result.js';
import { type TextFormatParam } from '../../../resources/beta/agents/agents.js';
import { type AgentOutputFormat, type AgentResult } from './output-format-types.js';
import { later } from '../../../internal/later.js';

export function parseAgentResult<T>(result: AgentTurnResult, format?: AgentOutputFormat<T>): AgentResult<T>;
export function parseAgentResult(): never {
  throw later('parseAgentResult', 'the helpers of agents');
}

export function agentFormatParser<T = unknown>(
  format: TextFormatParam | null | undefined,
): AgentOutputFormat<T> | undefined;
export function agentFormatParser(): never {
  throw later('agentFormatParser', 'the helpers of agents');
}

export function captureAgentOutput(
  input: SessionCreateParams,
  options?: RequestOptions,
):
  | {
      body: SessionCreateParams;
      options: RequestOptions | undefined;
      format?: never;
    }
  | {
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
        __streamClass?: typeof import('../../../streaming.js').Stream;
        __synthesizeEventData?: boolean;
        __streamMode?: 'legacy' | 'events';
      };
      body:
        | {
            agent: {
              text: {
                format: {
                  type: string;
                  schema: {
                    [key: string]: unknown;
                  };
                };
                verbosity?: 'low' | 'medium' | 'high' | null;
              };
              compaction?: SessionCreateParams.Agent.Compaction | null;
              experimental?: SessionCreateParams.Agent.Experimental;
              instructions?: string | null;
              model?: string;
              multi_agent?: import('../../../resources/beta.js').MultiAgentConfigParam | null;
              reasoning?: import('../../../resources/beta.js').AgentReasoningParam | null;
              service_tier?: 'auto' | 'default' | 'flex' | 'priority' | 'fast' | 'ultrafast' | null;
              tools?: Array<import('../../../resources/beta.js').AgentToolParam> | null;
            };
            stream?: false;
            toolHandlers?: never;
            environment: import('../../../resources/beta.js').EnvironmentParam;
            agent_id?: string;
            input?: string | Array<import('../../../resources/beta.js').AgentSessionInputMessageParam> | null;
            metadata?: {
              [key: string]: string;
            } | null;
            prompt_cache_options?: SessionCreateParams.PromptCacheOptions | null;
            review?: 'none' | 'auto_review';
            spend_control?: SessionCreateParams.SpendControl | null;
            stream_options?: SessionCreateParams.StreamOptions;
            vault_ids?: Array<string> | null;
          }
        | {
            agent: {
              text: {
                format: {
                  type: string;
                  schema: {
                    [key: string]: unknown;
                  };
                };
                verbosity?: 'low' | 'medium' | 'high' | null;
              };
              compaction?: SessionCreateParams.Agent.Compaction | null;
              experimental?: SessionCreateParams.Agent.Experimental;
              instructions?: string | null;
              model?: string;
              multi_agent?: import('../../../resources/beta.js').MultiAgentConfigParam | null;
              reasoning?: import('../../../resources/beta.js').AgentReasoningParam | null;
              service_tier?: 'auto' | 'default' | 'flex' | 'priority' | 'fast' | 'ultrafast' | null;
              tools?: Array<import('../../../resources/beta.js').AgentToolParam> | null;
            };
            stream: true;
            toolHandlers?: Record<string, import('../../agents/agent-session-stream.js').AgentToolHandler>;
            environment: import('../../../resources/beta.js').EnvironmentParam;
            agent_id?: string;
            input?: string | Array<import('../../../resources/beta.js').AgentSessionInputMessageParam> | null;
            metadata?: {
              [key: string]: string;
            } | null;
            prompt_cache_options?: SessionCreateParams.PromptCacheOptions | null;
            review?: 'none' | 'auto_review';
            spend_control?: SessionCreateParams.SpendControl | null;
            stream_options?: SessionCreateParams.StreamOptions;
            vault_ids?: Array<string> | null;
          };
      format: AgentOutputFormat<unknown>;
    };
export function captureAgentOutput(): never {
  throw later('captureAgentOutput', 'the helpers of agents');
}

export function parseAgentResultPromise<T>(
  result: Promise<AgentTurnResult>,
  format?: AgentOutputFormat<T>,
): Promise<AgentResult<T>>;
export function parseAgentResultPromise(): never {
  throw later('parseAgentResultPromise', 'the helpers of agents');
}
