/** Part of the helpers of agents: by name and type only. */

import { type AgentOutputFormat } from './output-format-types.js';
import { type JSONSchema } from '../../jsonschema.js';
import { later } from '../../../internal/later.js';

export type { AgentOutputFormat, AgentResult } from './output-format-types.js';

export { ParsedAgentTurnResult } from './parsed-agent-turn-result.js';

export { AgentOutputParseError } from './output-parse-error.js';

export function agentOutputFormat<T>(schema: JSONSchema, parse: (text: string) => T): AgentOutputFormat<T>;
export function agentOutputFormat(): never {
  throw later('agentOutputFormat', 'the helpers of agents');
}
