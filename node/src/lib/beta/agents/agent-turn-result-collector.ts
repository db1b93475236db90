/** Part of the helpers of agents: by name and type only. */

import { type AgentSessionEvent } from '../../../resources/beta/agents/agents.js';
import { type AgentTurnResult } from './agent-turn-result.js';
import { type AgentTurnResultError } from './agent-turn-result-error.js';
import { later } from '../../../internal/later.js';

/** It needs the helpers of agents, which tailrace does not have yet: making one throws an OpenAIError. */
export class AgentTurnResultCollector {
  constructor(sessionID?: string);
  constructor(..._values: any[]) {
    throw later('AgentTurnResultCollector', 'the helpers of agents');
  }
  accept(event: AgentSessionEvent): void;
  accept(): never {
    throw later('AgentTurnResultCollector.accept', 'the helpers of agents');
  }
  error(reason: AgentTurnResultError['reason'], cause?: unknown): AgentTurnResultError;
  error(): never {
    throw later('AgentTurnResultCollector.error', 'the helpers of agents');
  }
  checkAction(canHandle: (name: string) => boolean): void;
  checkAction(): never {
    throw later('AgentTurnResultCollector.checkAction', 'the helpers of agents');
  }
  get ready(): boolean {
    throw later('AgentTurnResultCollector.ready', 'the helpers of agents');
  }
  release(): void;
  release(): never {
    throw later('AgentTurnResultCollector.release', 'the helpers of agents');
  }
  finish(): AgentTurnResult;
  finish(): never {
    throw later('AgentTurnResultCollector.finish', 'the helpers of agents');
  }
}
