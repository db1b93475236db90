/** Reads what agents answer as the request said. */

import { OpenAIError } from '../../../core/error.js';
import { detached } from '../../../internal/detached.js';
import { type RequestOptions } from '../../../internal/request-options.js';
import { type SessionCreateParams } from '../../../resources/beta/agents/sessions/sessions.js';
import { type AgentTurnResult } from './agent-turn-result.js';
import { type TextFormatParam } from '../../../resources/beta/agents/agents.js';
import { type AgentOutputFormat, type AgentResult } from './output-format-types.js';
import { AgentOutputParseError } from './output-parse-error.js';
import { ParsedAgentTurnResult } from './parsed-agent-turn-result.js';

/**
 * A result with its output parsed, or as it is when there is no format.
 *
 * @throws {AgentOutputParseError} A text does not parse, or there is none.
 */
export function parseAgentResult<T>(result: AgentTurnResult, format?: AgentOutputFormat<T>): AgentResult<T>;
export function parseAgentResult(result: AgentTurnResult, format?: AgentOutputFormat<unknown>): AgentTurnResult {
  if (format === undefined) return result;
  const parts = result.messages.flatMap(({ content }) => content);
  const parsed = parts.filter(({ type }) => type === 'output_text').map(({ text }) => parsedText(text, result, format));
  if (parsed.length === 0) throw new AgentOutputParseError(result);
  return new ParsedAgentTurnResult(result, parsed[0]);
}

function parsedText(text: string, result: AgentTurnResult, format: AgentOutputFormat<unknown>): unknown {
  try {
    return format.$parseRaw(text);
  } catch {
    throw new AgentOutputParseError(result);
  }
}

/**
 * A format as it is now, when it has a parser of its own.
 *
 * @throws {OpenAIError} It has one, and what the API is to be told is no plain data.
 */
export function agentFormatParser<T = unknown>(
  format: TextFormatParam | null | undefined,
): AgentOutputFormat<T> | undefined;
export function agentFormatParser(format: TextFormatParam | null | undefined): AgentOutputFormat<any> | undefined {
  const parse: unknown = format && Object.getOwnPropertyDescriptor(format, '$parseRaw')?.value;
  if (!format || typeof parse !== 'function') return undefined;
  const [type, schema] = [ownData(format, 'type'), ownData(format, 'schema')];
  if (type !== 'json_schema' || schema === undefined || schema === null) {
    throw new OpenAIError('Typed agent formats require own enumerable type and schema data properties');
  }
  const $parseRaw = (text: string): unknown => parse.call(format, text);
  return { type, schema: schema as { [key: string]: unknown }, $parseRaw };
}

function ownData(owner: object, name: string): unknown {
  const property = Object.getOwnPropertyDescriptor(owner, name);
  return property?.enumerable ? (property.value as unknown) : undefined;
}

/**
 * Takes the parser of the output out of a request.
 *
 * @throws {OpenAIError} There is one, and the options have another body.
 */
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
export function captureAgentOutput(
  input: SessionCreateParams,
  options?: RequestOptions,
): { body: SessionCreateParams; options: RequestOptions | undefined; format?: any } {
  const format = agentFormatParser(input.agent?.text?.format);
  if (format === undefined) return { body: input, options };
  const { body, ...rest } = options ?? {};
  if (body !== undefined) {
    throw new OpenAIError('Typed agent requests cannot override the body in request options');
  }
  const { type, schema } = format;
  const text = { ...input.agent?.text, format: { type, schema: typeof schema === 'object' ? detached(schema) : schema } };
  return { options: rest, body: { ...input, agent: { ...input.agent, text } }, format };
}

/** As {@link parseAgentResult}, of a result that comes later. */
export async function parseAgentResultPromise<T>(
  result: Promise<AgentTurnResult>,
  format?: AgentOutputFormat<T>,
): Promise<AgentResult<T>> {
  return parseAgentResult(await result, format);
}
