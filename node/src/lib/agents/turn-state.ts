/** What one call of a stream helper has seen of a session. */

import { type AgentSessionEvent, type AgentFunctionCallItem } from '../../resources/beta/agents/agents.js';
import { RootTurn } from '../../internal/agents/root-turn.js';

/** Events whose ids are remembered; a server repeats the last ones only, and a stream may be long. */
const REMEMBERED = 1024;

/** Tells events and calls that come again from new ones, and when the turn has come to its end. */
export class TurnState {
  readonly #turn = new RootTurn();
  /** In the order in which they came. */
  readonly #events = new Set<string>();
  readonly #calls = new Set<string>();

  /** Takes an event, unless it is one of the last that came. */
  accept(event: AgentSessionEvent): boolean {
    if (this.#events.has(event.event_id)) return false;
    this.#events.add(event.event_id);
    if (this.#events.size > REMEMBERED) this.#events.delete(this.#events.values().next().value as string);
    this.#turn.follow(event);
    return true;
  }

  /** Whether an event that was taken is the last one: the turn has ended and the session is idle, or the session failed. */
  terminal(event: AgentSessionEvent): boolean {
    return event.type === 'agent.session.failed' || (event.type === 'agent.session.idle' && this.#turn.hasEnded);
  }

  /** The call that an event brings, once, also one of a subagent. */
  call(event: AgentSessionEvent): AgentFunctionCallItem | undefined {
    if (event.type !== 'agent.session.turn.item.added' || event.item.type !== 'function_call') return undefined;
    const key = JSON.stringify([event.item.turn_id, event.item.call_id]);
    if (this.#calls.has(key)) return undefined;
    this.#calls.add(key);
    return event.item;
  }
}
