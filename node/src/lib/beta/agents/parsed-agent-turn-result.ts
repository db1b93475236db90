/** What a turn of an agent came to, with its output parsed. */

import { AgentTurnResult } from './agent-turn-result.js';

/** A finished turn whose output is of the output format. */
export class ParsedAgentTurnResult<T> extends AgentTurnResult {
  /** The result as it came. */
  readonly raw_result: AgentTurnResult;
  /** The first text of the output, parsed; the others parse, too. */
  readonly output_parsed: T;

  constructor(result: AgentTurnResult, parsed: T) {
    super(result.turn, result.messages);
    this.raw_result = result;
    this.output_parsed = parsed;
  }
}
