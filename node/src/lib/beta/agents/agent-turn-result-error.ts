/** Part of the helpers of agents: by name and type only. */

import { OpenAIError } from '../../../core/error.js';
import { type AgentSession, type AgentSessionAssistantMessage } from '../../../resources/beta/agents/agents.js';
import { type Turn } from '../../../resources/beta/agents/sessions/turns.js';
import { later } from '../../../internal/later.js';

/** It needs the helpers of agents, which tailrace does not have yet: making one throws an OpenAIError. */
export class AgentTurnResultError extends OpenAIError {
  declare name: string;
  declare readonly reason: 'failed' | 'cancelled' | 'requires_action' | 'observation';
  declare readonly session_id: string | undefined;
  declare readonly turn: Turn | undefined;
  declare readonly messages: AgentSessionAssistantMessage[];
  declare readonly required_actions: AgentSession['required_actions'];
  declare readonly cause: unknown;
  constructor(
    reason: 'failed' | 'cancelled' | 'requires_action' | 'observation',
    session_id: string | undefined,
    turn: Turn | undefined,
    messages: AgentSessionAssistantMessage[],
    required_actions?: AgentSession['required_actions'],
    cause?: unknown,
  );
  constructor(...values: any[]) {
    super(...(values as ConstructorParameters<typeof OpenAIError>));
    throw later('AgentTurnResultError', 'the helpers of agents');
  }
  get turn_id(): string | undefined {
    throw later('AgentTurnResultError.turn_id', 'the helpers of agents');
  }
}
