/** Part of the helpers of agents: by name and type only. */

import { type AgentSessionEvent, type AgentFunctionCallItem } from '../../resources/beta/agents/agents.js';
import { later } from '../../internal/later.js';

/** It needs the helpers of agents, which tailrace does not have yet: making one throws an OpenAIError. */
export class TurnState {
  accept(event: AgentSessionEvent): boolean;
  accept(): never {
    throw later('TurnState.accept', 'the helpers of agents');
  }
  terminal(event: AgentSessionEvent): boolean;
  terminal(): never {
    throw later('TurnState.terminal', 'the helpers of agents');
  }
  call(event: AgentSessionEvent): AgentFunctionCallItem | undefined;
  call(): never {
    throw later('TurnState.call', 'the helpers of agents');
  }
  constructor() {
    throw later('TurnState', 'the helpers of agents');
  }
}
