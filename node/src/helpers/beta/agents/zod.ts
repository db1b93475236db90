/** Part of the helpers of agents: by name and type only. */

import { type zodTextFormat } from '../../zod.js';
import { later } from '../../../internal/later.js';

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
>;
export function zodAgentTextFormat(): never {
  throw later('zodAgentTextFormat', 'the helpers of agents');
}
