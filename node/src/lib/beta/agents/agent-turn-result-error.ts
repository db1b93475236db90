/** Turns of agents without a result. */

import { OpenAIError } from '../../../core/error.js';
import { type AgentSession, type AgentSessionAssistantMessage } from '../../../resources/beta/agents/agents.js';
import { type Turn } from '../../../resources/beta/agents/sessions/turns.js';

/** A turn came to no result; what there is of one shows how far it came. */
export class AgentTurnResultError extends OpenAIError {
  override name = 'AgentTurnResultError';
  /** `observation`: the events ended, or were given up, before the turn did. */
  readonly reason: 'failed' | 'cancelled' | 'requires_action' | 'observation';
  readonly session_id: string | undefined;
  /** The turn as it was told of last. */
  readonly turn: Turn | undefined;
  /** The messages that were complete. */
  readonly messages: AgentSessionAssistantMessage[];
  /** What the session waits for. */
  readonly required_actions: AgentSession['required_actions'];
  /** What ended the events. */
  override readonly cause: unknown;

  constructor(
    reason: 'failed' | 'cancelled' | 'requires_action' | 'observation',
    session_id: string | undefined,
    turn: Turn | undefined,
    messages: AgentSessionAssistantMessage[],
    required_actions: AgentSession['required_actions'] = [],
    cause?: unknown,
  ) {
    super(`Could not collect the agent turn result: ${reason}`);
    this.reason = reason;
    this.session_id = session_id;
    this.turn = turn;
    this.messages = messages;
    this.required_actions = required_actions;
    this.cause = cause;
  }

  get turn_id(): string | undefined {
    return this.turn?.id;
  }
}
