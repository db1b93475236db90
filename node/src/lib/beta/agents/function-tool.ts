/** Functions for agents whose arguments are parsed by a schema. */

import { OpenAIError } from '../../../core/error.js';
import { type AgentToolHandler, type AgentToolOutput } from '../../agents/agent-session-stream.js';
import { type AutoParseableResponseTool } from '../../ResponsesParser.js';
import { type AgentToolParam } from '../../../resources/beta/agents/agents.js';
import { isInputContent } from './tool-output.js';
import { toolStages, type StagedToolHandler } from './tool-stages.js';

export interface AgentFunctionTool {
  readonly name: string;
  readonly definition: AgentToolParam.AgentToolConfigParamFunction;
  readonly handler: AgentToolHandler;
}

/**
 * Makes a function for agents out of one for responses, as `zodResponsesFunction` and `standardResponsesFunction` give it.
 *
 * @returns Its definition for `agent.tools`, and its handler for `toolHandlers`.
 * @throws {OpenAIError} It has nothing to call, or no schema.
 */
export function functionTool<Arguments>(
  tool: AutoParseableResponseTool<{
    name: string;
    arguments: Arguments;
  }>,
): AgentFunctionTool {
  const callback = tool.$callback;
  const { $parseRaw: parse, parameters, name, description, defer_loading } = tool;
  if (!callback || !parameters) throw new OpenAIError('Agents function tools require a callback and argument schema');
  const handler: StagedToolHandler = async (arguments_, setStage) => {
    setStage?.('arguments');
    const parsed = parse(JSON.stringify(arguments_));
    setStage?.('execution');
    const output: unknown = await callback(parsed);
    setStage?.('output');
    return asOutput(output);
  };
  Object.defineProperty(handler, toolStages, { value: true });
  const definition = { type: 'function' as const, name, description: description ?? '', parameters };
  return {
    name,
    definition: defer_loading === undefined ? definition : { ...definition, defer_loading },
    handler,
  };
}

/** Objects and content stay what they are, everything else becomes text. */
function asOutput(output: unknown): AgentToolOutput {
  if (typeof output === 'string' || output === null) return output;
  if (output === undefined) return 'undefined';
  const isList = Array.isArray(output);
  if (typeof output === 'object' && !isList) return output;
  if (isList && output.length > 0 && output.every(isInputContent)) return output;
  const text = JSON.stringify(output) as string | undefined;
  if (text === undefined) throw new OpenAIError('Tool output must be JSON serializable');
  return text;
}
