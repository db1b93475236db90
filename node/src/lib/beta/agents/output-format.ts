/** Formats of what agents answer, with what parses it. */

import { type AgentOutputFormat } from './output-format-types.js';
import { type JSONSchema } from '../../jsonschema.js';

export type { AgentOutputFormat, AgentResult } from './output-format-types.js';

export { ParsedAgentTurnResult } from './parsed-agent-turn-result.js';

export { AgentOutputParseError } from './output-parse-error.js';

/**
 * A JSON schema with the function that parses what follows it.
 *
 * @param schema - For the API, which says whether it can be used.
 * @param parse - Gets a text; it throws when the text is not of the schema.
 */
export function agentOutputFormat<T>(schema: JSONSchema, parse: (text: string) => T): AgentOutputFormat<T> {
  return { type: 'json_schema', schema: schema as { [key: string]: unknown }, $parseRaw: (text) => parse(text) };
}
