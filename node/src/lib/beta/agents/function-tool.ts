/** Part of the helpers of agents: by name and type only. */

import { type AgentToolHandler } from '../../agents/agent-session-stream.js';
import { type AutoParseableResponseTool } from '../../ResponsesParser.js';
import { type AgentToolParam } from '../../../resources/beta/agents/agents.js';
import { later } from '../../../internal/later.js';

export interface AgentFunctionTool {
  readonly name: string;
  readonly definition: AgentToolParam.AgentToolConfigParamFunction;
  readonly handler: AgentToolHandler;
}

export function functionTool<Arguments>(
  tool: AutoParseableResponseTool<{
    name: string;
    arguments: Arguments;
  }>,
): AgentFunctionTool;
export function functionTool(): never {
  throw later('functionTool', 'the helpers of agents');
}
