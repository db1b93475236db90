/** Part of the helpers of agents: by name and type only. */

import { AgentTurnResult } from './agent-turn-result.js';
import { later } from '../../../internal/later.js';

/** It needs the helpers of agents, which tailrace does not have yet: making one throws an OpenAIError. */
export class ParsedAgentTurnResult<T> extends AgentTurnResult {
  declare readonly output_parsed: T;
  declare readonly raw_result: AgentTurnResult;
  constructor(result: AgentTurnResult, parsed: T);
  constructor(...values: any[]) {
    super(...(values as ConstructorParameters<typeof AgentTurnResult>));
    throw later('ParsedAgentTurnResult', 'the helpers of agents');
  }
}
