/** Sessions of agents. */

import type { APIPromise } from '../core/api-promise.js';
import type { Stream } from '../core/streaming.js';
import { buildHeaders } from '../internal/headers.js';
import type { RequestOptions } from '../internal/request-options.js';
import { AgentSessionStream, type AgentSessionStreamParams } from '../lib/agents/agent-session-stream.js';
import {
  captureCreationTools,
  withAgentTurnResult,
  type AgentSessionCreateStream,
} from '../lib/beta/agents/agent-session-create-stream.js';
import { captureAgentOutput } from '../lib/beta/agents/parse-result.js';
import type { AgentSession, AgentSessionEvent } from '../resources/beta/agents/agents.js';
import type { SessionCreateParams, SessionCreateParamsBase, Sessions } from '../resources/beta/agents/sessions/sessions.js';
import { clientOf } from './owner.js';

/**
 * Starts a session; with `stream: true` its events arrive as they happen, and `toolHandlers` answer its calls.
 *
 * @throws {OpenAIError} There are handlers and no stream, or a format whose schema is no plain data.
 */
export function create(
  resource: Sessions,
  body: SessionCreateParamsBase,
  options?: RequestOptions,
): APIPromise<AgentSession | AgentSessionCreateStream<unknown>> {
  const tools = captureCreationTools(body as SessionCreateParams, options);
  const captured = captureAgentOutput(tools.body, tools.options);
  const answer = clientOf(resource).post<AgentSession | Stream<AgentSessionEvent>>('/agents/sessions', {
    body: captured.body,
    ...captured.options,
    headers: buildHeaders([{ 'OpenAI-Beta': 'agents=v1' }, captured.options?.headers]),
    stream: body.stream ?? false,
    __streamMode: 'events',
  });
  if (!body.stream) return answer as APIPromise<AgentSession>;
  const own = tools.handlers && { sessions: resource, handlers: tools.handlers, options: tools.options };
  return answer._thenUnwrap((events) =>
    withAgentTurnResult<unknown>(events as Stream<AgentSessionEvent>, captured.format, own),
  );
}

/** Follows a turn of a session that is idle; see {@link AgentSessionStream}. */
export function stream<T = never>(
  resource: Sessions,
  sessionID: string,
  params: AgentSessionStreamParams<T>,
  options?: RequestOptions,
): AgentSessionStream<T> {
  return new AgentSessionStream(resource, sessionID, params, options);
}
