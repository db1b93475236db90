/** The turn that a caller has asked for, among all that a session tells of. */

import type { AgentSessionEvent } from '../../resources/beta/agents/agents.js';
import type { Turn } from '../../resources/beta/agents/sessions/turns/turns.js';

const ENDS = ['completed', 'failed', 'cancelled'].map((status) => `agent.session.turn.${status}`);

/** Follows the first turn that no subagent has. */
export class RootTurn {
  /** Its id; `undefined` until it has begun. */
  id: string | undefined;
  /** Whether it has ended; the session is idle a little later. */
  hasEnded = false;

  /** What an event says of the turn, or `undefined` when it says nothing of it. */
  follow(event: AgentSessionEvent): Turn | undefined {
    if (event.type === 'agent.session.turn.created' && event.turn.subagent_id === null && this.id === undefined) {
      this.id = event.turn_id;
    }
    const { turn, turn_id } = event as { turn?: Turn; turn_id?: string };
    if (this.id === undefined || turn_id !== this.id) return undefined;
    this.hasEnded ||= ENDS.includes(event.type);
    return turn;
  }
}
