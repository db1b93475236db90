/** Part of the helpers of agents: by name and type only. */

import { type AgentSessionEvent } from '../../../resources/beta/agents/agents.js';
import { type AgentTurnResult } from './agent-turn-result.js';
import { type AgentTurnResultCollector } from './agent-turn-result-collector.js';
import { later } from '../../../internal/later.js';

/** It needs the helpers of agents, which tailrace does not have yet: making one throws an OpenAIError. */
export class ResultCollection {
  declare readonly collector: AgentTurnResultCollector;
  constructor(
    source: () => AsyncIterator<AgentSessionEvent>,
    canHandle?: (name: string) => boolean,
    sessionID?: string,
    signal?: AbortSignal,
  );
  constructor(..._values: any[]) {
    throw later('ResultCollection', 'the helpers of agents');
  }
  enable(): void;
  enable(): never {
    throw later('ResultCollection.enable', 'the helpers of agents');
  }
  iterate(): AsyncIterator<AgentSessionEvent>;
  iterate(): never {
    throw later('ResultCollection.iterate', 'the helpers of agents');
  }
  finalResult(): Promise<AgentTurnResult>;
  finalResult(): never {
    throw later('ResultCollection.finalResult', 'the helpers of agents');
  }
}
