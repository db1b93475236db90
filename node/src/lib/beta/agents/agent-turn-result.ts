/** What a turn of an agent came to. */

import type { AgentSessionAssistantMessage } from '../../../resources/beta/agents/agents.js';
import type { Turn } from '../../../resources/beta/agents/sessions/turns.js';
import { outputText } from '../../agents/output-text.js';

/** A finished turn with its messages. */
export class AgentTurnResult {
  readonly turn: Turn;
  readonly messages: AgentSessionAssistantMessage[];

  constructor(turn: Turn, messages: AgentSessionAssistantMessage[]) {
    this.turn = turn;
    this.messages = messages;
  }

  /** The session that the turn belongs to. */
  get session_id(): string {
    return this.turn.session_id;
  }

  get turn_id(): string {
    return this.turn.id;
  }

  /** The text of all messages. */
  get output_text(): string {
    return this.messages.map(outputText).join('');
  }
}
