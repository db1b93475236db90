/** Part of the helpers of agents: by name and type only. */

import { type standardTextFormat } from '../../standard-schema.js';
import { type JSONSchema } from '../../../lib/jsonschema.js';
import { later } from '../../../internal/later.js';

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
>;
export function standardAgentTextFormat(): never {
  throw later('standardAgentTextFormat', 'the helpers of agents');
}
