/** Part of the helpers of agents: by name and type only. */

import { type RequestOptions } from '../../../internal/request-options.js';
import { type AgentToolHandler, type AgentSessionStreamParams } from '../../agents/agent-session-stream.js';
import { type AgentFunctionCallItem } from '../../../resources/beta/agents/agents.js';
import { type Sessions } from '../../../resources/beta/agents/sessions/sessions.js';
import { later } from '../../../internal/later.js';

/** It needs the helpers of agents, which tailrace does not have yet: making one throws an OpenAIError. */
export class AgentToolDispatcher {
  constructor(
    sessions: Sessions,
    handlers: Record<string, AgentToolHandler>,
    controller: AbortController,
    options?: RequestOptions,
    onToolError?: AgentSessionStreamParams['onToolError'],
  );
  constructor(..._values: any[]) {
    throw later('AgentToolDispatcher', 'the helpers of agents');
  }
  canHandle(name: string): boolean;
  canHandle(): never {
    throw later('AgentToolDispatcher.canHandle', 'the helpers of agents');
  }
  prepare(call: AgentFunctionCallItem | undefined, sessionID: string | undefined): (() => Promise<void>) | undefined;
  prepare(): never {
    throw later('AgentToolDispatcher.prepare', 'the helpers of agents');
  }
}
