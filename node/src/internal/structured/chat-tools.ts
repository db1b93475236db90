/** Functions that a model can call: what it is told about them, and what calling them answers. */

import { OpenAIError } from '../../core/error.js';
import type { ChatCompletionRunner } from '../../lib/ChatCompletionRunner.js';
import type { ChatCompletionStreamingRunner } from '../../lib/ChatCompletionStreamingRunner.js';
import { type AutoParseableTool, isAutoParsableTool } from '../../lib/parser.js';
import { isRunnableFunctionWithParse, type RunnableToolFunction } from '../../lib/RunnableFunction.js';
import type {
  ChatCompletionMessageToolCall,
  ChatCompletionTool,
  ChatCompletionToolChoiceOption,
  ChatCompletionToolMessageParam,
} from '../../resources/chat/completions/completions.js';

/** Tools as they are given to a runner. */
export type RunnableChatTools = readonly (RunnableToolFunction<any, any> | AutoParseableTool<any, true>)[];

type Runner = ChatCompletionRunner<any> | ChatCompletionStreamingRunner<any>;
type Runnable = RunnableToolFunction<any, any>['function'];

/** Tools of a run. */
interface Tools {
  /** As the API is told about them. */
  sent: ChatCompletionTool[];
  /** Functions by name; a name that comes twice is the last one's. */
  byName: Map<string, Runnable>;
  /** The name of the function that the model has to call, if it has to. */
  chosen: string | undefined;
}

/** What calls of functions are given, besides their arguments. */
interface Circumstances {
  runner: Runner;
  toolContext: unknown;
  /** Whether a call waits for the one before it. */
  isInTurn: boolean;
}

/** What a call answers, and whether it was that of the function that the model has to call. */
interface Answer {
  message: ChatCompletionToolMessageParam;
  isChosen: boolean;
}

/**
 * Reads the tools of a run.
 *
 * @throws {OpenAIError} A tool has a parser and no function to run.
 */
export function runnableTools(given: RunnableChatTools, choice: ChatCompletionToolChoiceOption): Tools {
  const tools = given.map((tool) => (isAutoParsableTool(tool) ? ofParseable(tool) : tool)) as RunnableToolFunction<any>[];
  const byName = new Map<string, Runnable>();
  for (const { type, function: runnable } of tools) {
    if (type === 'function') byName.set(nameOf(runnable), runnable);
  }
  const sent = tools.map((tool) => (tool.type === 'function' ? described(tool.function) : (tool as never)));
  const isNamed = typeof choice === 'object' && choice?.type === 'function';
  return { sent, byName, chosen: (isNamed && choice.function?.name) || undefined };
}

function ofParseable(tool: AutoParseableTool<any, boolean>): RunnableToolFunction<any> {
  const { $callback: callback, $parseRaw: parse } = tool;
  if (!callback) throw new OpenAIError('Tool given to `.runTools()` that does not have an associated function');
  const { name, description = '', parameters, strict } = tool.function;
  return { type: 'function', function: { function: callback, name, description, parameters, parse, strict } } as never;
}

function nameOf({ name, function: callback }: Runnable): string {
  return name || callback.name;
}

function described(runnable: Runnable): ChatCompletionTool {
  const { parameters, description, strict } = runnable;
  return {
    type: 'function',
    function: {
      name: nameOf(runnable),
      parameters: parameters as Record<string, unknown>,
      description,
      ...(strict === undefined ? undefined : { strict }),
    },
  };
}

/**
 * Calls the functions that the model asks for.
 *
 * Arguments that cannot be parsed, and functions that there are not, are answered with what is wrong.
 *
 * @throws What a function throws; other calls that run beside it are waited for.
 */
export async function* answersOf(
  calls: readonly ChatCompletionMessageToolCall[],
  tools: Tools,
  circumstances: Circumstances,
): AsyncGenerator<Answer> {
  const functionCalls = calls.filter((call) => call.type === 'function');
  if (circumstances.isInTurn) {
    for (const call of functionCalls) yield await answerOf(call, tools, circumstances);
    return;
  }
  const outcomes = await Promise.allSettled(functionCalls.map((call) => answerOf(call, tools, circumstances)));
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  for (const outcome of outcomes) if (outcome.status === 'fulfilled') yield outcome.value;
}

async function answerOf(
  { id, function: { name, arguments: text } }: ChatCompletionMessageToolCall & { type: 'function' },
  { byName, chosen }: Tools,
  { runner, toolContext }: Circumstances,
): Promise<Answer> {
  const answer = (content: string, isChosen = false): Answer => ({
    message: { role: 'tool', tool_call_id: id, content },
    isChosen,
  });
  const runnable = byName.get(name);
  if (runnable === undefined) {
    const names = [...byName.keys()].map((each) => JSON.stringify(each)).join(', ');
    return answer(`Invalid tool_call: ${JSON.stringify(name)}. Available options are: ${names}. Please try again`);
  }
  if (chosen !== undefined && chosen !== name) {
    return answer(`Invalid tool_call: ${JSON.stringify(name)}. ${JSON.stringify(chosen)} requested. Please try again`);
  }
  let given: unknown = text;
  if (isRunnableFunctionWithParse(runnable)) {
    try {
      given = await runnable.parse(text);
    } catch (error) {
      return answer(error instanceof Error ? error.message : String(error));
    }
  }
  // A function without a parser takes the text; which of the two it is was settled just now.
  const result: unknown = await (runnable.function as (...values: unknown[]) => unknown)(given, runner, toolContext);
  return answer(textOf(result), chosen !== undefined);
}

/** A text as it is, nothing as `undefined`, the rest as JSON. */
function textOf(result: unknown): string {
  if (typeof result === 'string') return result;
  return result === undefined ? 'undefined' : JSON.stringify(result);
}
