/** Outputs of agents that are not what was asked for. */

import { OpenAIError } from '../../../core/error.js';
import { type AgentTurnResult } from './agent-turn-result.js';

/** A turn has ended well, and its output does not parse. What the parser said is left out, for it may hold the output. */
export class AgentOutputParseError extends OpenAIError {
  override name = 'AgentOutputParseError';
  readonly #result: AgentTurnResult;

  constructor(result: AgentTurnResult) {
    super('The completed agent output could not be parsed');
    this.#result = result;
  }

  /** The result with its output as text; it is no field of the error, so that no log shows it. */
  get raw_result(): AgentTurnResult {
    return this.#result;
  }
}
