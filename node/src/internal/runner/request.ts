/** The requests of a run: the same parameters each time, with a history that grows. */

import { detached } from '../detached.js';
import type {
  FunctionTool,
  ResponseCreateParamsNonStreaming,
  ResponseInputItem,
  Tool,
} from '../../resources/responses/responses.js';
import { isServerTool } from './inspection.js';

/** Tools that are a computer. */
const COMPUTERS: ReadonlySet<unknown> = new Set(['computer', 'computer_use', 'computer_use_preview']);

/** Tools that are run here, so that a model that must call one never ends. */
const LOCAL_CHOICES: ReadonlySet<unknown> = new Set(['function', ...COMPUTERS]);

/** What the model needs to go on thinking where it was, without the server keeping the conversation. */
const REASONING = 'reasoning.encrypted_content';

/**
 * The parameters of the first request.
 *
 * @param functions - The declarations of the functions of the runner.
 * @param hasComputer - Whether the runner has a computer, which is declared unless the parameters do it.
 * @returns A copy with a list as `input`.
 * @throws {TypeError} The parameters ask for something that a runner cannot go on with.
 */
export function firstRequest(
  params: ResponseCreateParamsNonStreaming,
  functions: FunctionTool[],
  hasComputer: boolean,
): ResponseCreateParamsNonStreaming & { input: ResponseInputItem[]; tools: Tool[] } {
  const { stream, background, ...own } = detached(params) as ResponseCreateParamsNonStreaming & { stream?: unknown };
  const given = own.tools ?? [];
  const computers = hasComputer ? given.filter(isComputer) : [];
  const served = given.filter((tool) => !computers.includes(tool));
  if (stream || background || own.previous_response_id || own.conversation || !served.every(isServerTool)) {
    throw new TypeError('ResponsesToolRunner requires foreground explicit input history and registered tools.');
  }
  if (isLocalForever(own.tool_choice, served)) {
    throw new TypeError(
      'ResponsesToolRunner cannot finish when tool_choice always requires a local tool. ' +
        'Use auto or responses.create for a single forced request.',
    );
  }
  const declared: Tool[] = hasComputer && computers.length === 0 ? [{ type: 'computer' }] : [];
  return { ...replayable(own), tools: [...functions, ...given, ...declared] };
}

/**
 * A copy of parameters whose history grows from request to request.
 *
 * @returns It has a list as `input`, and asks for what the model has thought.
 */
export function replayable(
  params: ResponseCreateParamsNonStreaming,
): ResponseCreateParamsNonStreaming & { input: ResponseInputItem[] } {
  const own = detached(params);
  const { input = [] } = own;
  return {
    ...own,
    input: typeof input === 'string' ? [{ role: 'user', content: input }] : [...input],
    include: [...new Set([...(own.include ?? []), REASONING] as const)],
  };
}

/** Whether a tool, or a choice of one, is a computer. */
export function isComputer({ type }: { type?: unknown }): boolean {
  return COMPUTERS.has(type);
}

type Choice = { type?: unknown; mode?: unknown; tools?: { type?: unknown }[] };

/** Whether every answer has to call a tool that is run here. */
function isLocalForever(choice: unknown, served: Tool[]): boolean {
  if (choice === 'required') return served.length === 0;
  if (typeof choice !== 'object' || choice === null) return false;
  const { type, mode, tools = [] } = choice as Choice;
  if (type === 'allowed_tools') return mode === 'required' && tools.every((tool) => LOCAL_CHOICES.has(tool.type));
  return LOCAL_CHOICES.has(type);
}
