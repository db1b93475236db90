/** Formats of what agents answer. */

import { type TextFormatParam } from '../../../resources/beta/agents/agents.js';
import { type AgentTurnResult } from './agent-turn-result.js';
import { type ParsedAgentTurnResult } from './parsed-agent-turn-result.js';

export interface AgentOutputFormat<T> extends TextFormatParam.TextFormatParamJSONSchema {
  $parseRaw: (text: string) => T;
}

export type AgentResult<T> = [T] extends [never] ? AgentTurnResult : ParsedAgentTurnResult<T>;
