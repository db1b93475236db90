/** Schemas of zod (3, 4 and 4 mini) as formats of what agents answer. */

import { zodTextFormat } from '../../zod.js';
import { agentOutputFormat } from '../../../lib/beta/agents/output-format.js';

/**
 * A format of agents whose answers are parsed by a schema.
 *
 * @throws {Error} The schema says something that strict schemas cannot say; the message says where.
 */
export function zodAgentTextFormat<S extends Parameters<typeof zodTextFormat>[0]>(
  schema: S,
): import('../../../lib/beta/agents/output-format-types.js').AgentOutputFormat<
  S extends {
    _output: infer Output;
  }
    ? Output
    : S extends {
          _zod: {
            output: infer Output_1;
          };
        }
      ? Output_1
      : never
> {
  const format = zodTextFormat(schema, 'agent_output');
  return agentOutputFormat(format.schema, (text) => format.$parseRaw(text)) as never;
}
