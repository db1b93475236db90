/** Sessions of agents. */

import type { APIPromise } from '../core/api-promise.js';
import type { Stream } from '../core/streaming.js';
import { buildHeaders } from '../internal/headers.js';
import { later } from '../internal/later.js';
import type { RequestOptions } from '../internal/request-options.js';
import type { AgentSession, AgentSessionEvent } from '../resources/beta/agents/agents.js';
import type { SessionCreateParamsBase, Sessions } from '../resources/beta/agents/sessions/sessions.js';
import { clientOf } from './owner.js';

/**
 * Starts a session; with `stream: true` its events arrive as they happen.
 *
 * @throws {OpenAIError} The body has functions in it that are to be called: handlers of tools, or a format that parses.
 */
export function create(
  resource: Sessions,
  body: SessionCreateParamsBase,
  options?: RequestOptions,
): APIPromise<AgentSession | Stream<AgentSessionEvent>> {
  const { toolHandlers, ...sent } = body as SessionCreateParamsBase & { toolHandlers?: unknown };
  if (toolHandlers !== undefined)
    later('client.beta.agents.sessions.create({ toolHandlers })', 'the helpers of agents');
  return clientOf(resource).post<AgentSession | Stream<AgentSessionEvent>>('/agents/sessions', {
    body: sent,
    ...options,
    headers: buildHeaders([{ 'OpenAI-Beta': 'agents=v1' }, options?.headers]),
    stream: body.stream ?? false,
    __streamMode: 'events',
  });
}
