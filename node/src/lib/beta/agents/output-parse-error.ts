/** Part of the helpers of agents: by name and type only. */

import { OpenAIError } from '../../../core/error.js';
import { type AgentTurnResult } from './agent-turn-result.js';
import { later } from '../../../internal/later.js';

/** It needs the helpers of agents, which tailrace does not have yet: making one throws an OpenAIError. */
export class AgentOutputParseError extends OpenAIError {
  declare name: string;
  constructor(result: AgentTurnResult);
  constructor(...values: any[]) {
    super(...(values as ConstructorParameters<typeof OpenAIError>));
    throw later('AgentOutputParseError', 'the helpers of agents');
  }
  get raw_result(): AgentTurnResult {
    throw later('AgentOutputParseError.raw_result', 'the helpers of agents');
  }
}
