/** Schemas of any library with the Standard Schema interface as formats of what agents answer. */

import { standardTextFormat } from '../../standard-schema.js';
import { agentOutputFormat } from '../../../lib/beta/agents/output-format.js';
import { type JSONSchema } from '../../../lib/jsonschema.js';

/**
 * A format of agents whose answers are validated by a schema, at once.
 *
 * @param jsonSchema - The JSON schema of a library that makes none.
 * @throws {OpenAIError} There is no JSON schema for it, or a `oneOf` whose branches may hold at once.
 * @throws {Error} The schema says something that strict schemas cannot say; the message says where.
 */
export function standardAgentTextFormat<S extends Parameters<typeof standardTextFormat>[0]>(
  schema: S,
  jsonSchema?: JSONSchema,
): import('../../../lib/beta/agents/output-format-types.js').AgentOutputFormat<
  [NonNullable<S['~standard']['types']>] extends [never]
    ? unknown
    : NonNullable<S['~standard']['types']> extends {
          readonly output: infer Output;
        }
      ? Output
      : unknown
> {
  const format = standardTextFormat(schema, 'agent_output', { schema: jsonSchema });
  return agentOutputFormat(format.schema, (text) => format.$parseRaw(text)) as never;
}
