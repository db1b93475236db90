/** Streams of sessions that were just created. */

import { OpenAIError } from '../../../core/error.js';
import { buildHeaders } from '../../../internal/headers.js';
import { type RequestOptions } from '../../../internal/request-options.js';
import { type Sessions, type SessionCreateParams } from '../../../resources/beta/agents/sessions/sessions.js';
import { type AgentToolHandler } from '../../agents/agent-session-stream.js';
import { type AgentOutputFormat, type AgentResult } from './output-format-types.js';
import { type Stream } from '../../../core/streaming.js';
import { type AgentSessionEvent } from '../../../resources/beta/agents/agents.js';
import { TurnState } from '../../agents/turn-state.js';
import { parseAgentResultPromise } from './parse-result.js';
import { ResultCollection } from './result-collection.js';
import { AgentToolDispatcher } from './tool-dispatcher.js';

export type AgentSessionCreateStream<T = never> = Stream<AgentSessionEvent> & {
  finalResult: () => Promise<AgentResult<T>>;
  withResultCollection: () => AgentSessionCreateStream<T>;
};

/**
 * Gives a stream the result of its first turn, and handlers for its calls. It stays the same stream.
 *
 * @param format - Parses the output.
 * @param tools - `handlers` answer calls while the stream is read.
 */
export function withAgentTurnResult<T = never>(
  stream: Stream<AgentSessionEvent>,
  format?: AgentOutputFormat<T>,
  tools?: {
    sessions: Sessions;
    handlers: Record<string, AgentToolHandler>;
    options?: RequestOptions | undefined;
  },
): AgentSessionCreateStream<T> {
  const { controller } = stream;
  const dispatcher = tools && new AgentToolDispatcher(tools.sessions, tools.handlers, controller, shared(tools.options));
  const canHandle = (name: string) => dispatcher?.canHandle(name) ?? false;
  let source: () => AsyncIterator<AgentSessionEvent>;
  const read = () => (dispatcher ? answered(source, dispatcher, controller.signal) : source());
  const collection = new ResultCollection(read, canHandle, undefined, controller.signal);
  stream.__betaTransformIterator((iterator) => {
    source = iterator;
    return () => collection.iterate();
  });
  let result: Promise<AgentResult<T>> | undefined;
  const made: AgentSessionCreateStream<T> = Object.assign(stream, {
    finalResult: () => (result ??= parseAgentResultPromise(collection.finalResult(), format)),
    withResultCollection: () => {
      collection.enable();
      return made;
    },
  });
  return made;
}

/** What of the options of a creation is also for the requests that answer calls. */
function shared(options: RequestOptions | undefined): RequestOptions {
  const { method, path, body, stream, ...rest } = options ?? {};
  void [method, path, body, stream];
  return rest;
}

/** The events, with an answer to each call behind it; like the stream itself they end without an error when it is aborted. */
async function* answered(
  source: () => AsyncIterator<AgentSessionEvent>,
  dispatcher: AgentToolDispatcher,
  signal: AbortSignal,
): AsyncGenerator<AgentSessionEvent> {
  const state = new TurnState();
  let sessionID: string | undefined;
  for await (const event of { [Symbol.asyncIterator]: source }) {
    if (event.type === 'agent.session.created') sessionID ??= event.session.id;
    const answer = dispatcher.prepare(state.call(event), sessionID);
    yield event;
    try {
      if (!signal.aborted) await answer?.();
    } catch (error) {
      if (!signal.aborted) throw error;
    }
    if (signal.aborted) return;
  }
}

/**
 * Takes the handlers of calls out of a request.
 *
 * @throws {OpenAIError} There are some, and the request is not for a stream, or the options have another body.
 */
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
export function captureCreationTools(
  body: SessionCreateParams,
  options?: RequestOptions,
): { body: SessionCreateParams; options: RequestOptions | undefined; handlers?: any } {
  const { toolHandlers, ...sent } = body;
  if (toolHandlers === undefined) return { body, options };
  if (!body.stream) throw new OpenAIError('toolHandlers requires stream: true');
  if (options?.body !== undefined) {
    throw new OpenAIError('Creation tool handlers cannot customize request body serialization');
  }
  const handlers: Record<string, AgentToolHandler> | null = toolHandlers && { ...(toolHandlers as object) };
  return {
    body: sent as SessionCreateParams,
    options: { ...options, headers: buildHeaders([options?.headers]) },
    handlers,
  };
}
