/** Formats and tools that carry a parser, and completions with what those parsers give. */

import {
  type ChatCompletion,
  type ChatCompletionCreateParams,
  type ChatCompletionCreateParamsBase,
  type ChatCompletionFunctionTool,
  type ChatCompletionMessage,
  type ChatCompletionMessageFunctionToolCall,
  type ChatCompletionMessageToolCall,
  type ChatCompletionStreamingToolRunnerParams,
  type ChatCompletionStreamingToolRunnerParamsWithContext,
  type ChatCompletionStreamParams,
  type ChatCompletionToolRunnerParams,
  type ChatCompletionToolRunnerParamsWithContext,
  type ParsedChatCompletion,
} from '../resources/chat/completions.js';
import { type ResponseFormatTextJSONSchemaConfig } from '../resources/responses/responses.js';
import { type ResponseFormatJSONSchema } from '../resources/shared.js';
import { OpenAIError } from '../core/error.js';
import { parsedJson } from '../internal/structured/json-answer.js';
import { carriesParser, withParser } from '../internal/structured/parseable.js';
import { isParsedTool, parsedArguments, refuseUnfinished, toolOf } from '../internal/structured/whole-answer.js';

type AnyChatCompletionCreateParams =
  | ChatCompletionCreateParams
  | ChatCompletionToolRunnerParams<any>
  | ChatCompletionToolRunnerParamsWithContext<any, any>
  | ChatCompletionStreamingToolRunnerParams<any>
  | ChatCompletionStreamingToolRunnerParamsWithContext<any, any>
  | ChatCompletionStreamParams;

type Unpacked<T> = T extends (infer U)[] ? U : T;

type ToolCall = Unpacked<ChatCompletionCreateParamsBase['tools']>;

/** Whether a tool has the definition of a function. */
export function isChatCompletionFunctionTool(tool: ToolCall): tool is ChatCompletionFunctionTool {
  return tool !== undefined && 'function' in tool && tool.function !== undefined;
}

type ParsedResponseFormat<Format> = [Format] extends [never]
  ? null
  : Format extends AutoParseableResponseFormat<infer ParsedT>
    ? ParsedT
    : Format extends ResponseFormatJSONSchema
      ? unknown
      : null;

export type ExtractParsedContentFromParams<Params extends AnyChatCompletionCreateParams> = ParsedResponseFormat<
  Params['response_format']
>;

export type AutoParseableResponseFormat<ParsedT> = ResponseFormatJSONSchema & {
  __output: ParsedT;
  $brand: 'auto-parseable-response-format';
  $parseRaw(content: string): ParsedT;
};

/**
 * A copy of a response format of chat completions that knows how to parse an answer.
 *
 * @param parser - Gets the text of the whole answer; what it gives becomes `message.parsed`, what it throws is thrown.
 */
export function makeParseableResponseFormat<ParsedT>(
  response_format: ResponseFormatJSONSchema,
  parser: (content: string) => ParsedT,
): AutoParseableResponseFormat<ParsedT> {
  return withParser(response_format, { $brand: 'auto-parseable-response-format', $parseRaw: parser });
}

export type AutoParseableTextFormat<ParsedT> = ResponseFormatTextJSONSchemaConfig & {
  __output: ParsedT;
  $brand: 'auto-parseable-response-format';
  $parseRaw(content: string): ParsedT;
};

/**
 * A copy of a text format of responses that knows how to parse an answer.
 *
 * @param parser - Gets the text of the whole answer; what it gives becomes `output_parsed`, what it throws is thrown.
 */
export function makeParseableTextFormat<ParsedT>(
  response_format: ResponseFormatTextJSONSchemaConfig,
  parser: (content: string) => ParsedT,
): AutoParseableTextFormat<ParsedT> {
  return withParser(response_format, { $brand: 'auto-parseable-response-format', $parseRaw: parser });
}

/** Whether a format carries a parser of its own. */
export function isAutoParsableResponseFormat<ParsedT>(
  response_format: any,
): response_format is AutoParseableResponseFormat<ParsedT> {
  return carriesParser(response_format, 'auto-parseable-response-format');
}

/** Whether answers in a format are parsed: it carries a parser, or it is a bare `json_schema`, which is read as JSON. */
export function isParseableResponseFormat(format: unknown): boolean {
  return isAutoParsableResponseFormat(format) || (format as { type?: unknown } | null | undefined)?.type === 'json_schema';
}

/**
 * An answer as its format says: by the parser it carries, or as JSON.
 *
 * @param content - The text of the whole answer.
 * @returns `null` for a format that says nothing about parsing.
 * @throws {SyntaxError} The answer to a bare `json_schema` is no JSON; a parser throws what it wants.
 */
export function parseResponseFormatContent<ParsedT>(format: unknown, content: string): ParsedT | null {
  if (!isParseableResponseFormat(format)) return null;
  const { $parseRaw: parser } = format as Partial<AutoParseableResponseFormat<ParsedT>>;
  return parser === undefined ? (parsedJson(content) as ParsedT) : parser(content);
}

type ToolOptions = {
  name: string;
  arguments: any;
  function?: ((args: any) => any) | undefined;
};

export type AutoParseableTool<
  OptionsT extends ToolOptions,
  HasFunction = OptionsT['function'] extends (...args: never[]) => unknown ? true : false,
> = ChatCompletionFunctionTool & {
  __arguments: OptionsT['arguments'];
  __name: OptionsT['name'];
  __hasFunction: HasFunction;
  $brand: 'auto-parseable-tool';
  $callback: ((args: OptionsT['arguments']) => any) | undefined;
  $parseRaw(args: string): OptionsT['arguments'];
};

type ToolParserOptions<OptionsT extends ToolOptions> = {
  parser: (content: string) => OptionsT['arguments'];
  callback: ((args: OptionsT['arguments']) => any) | undefined;
};

/**
 * A copy of a function tool that knows how to parse arguments and, with a callback, how to run.
 *
 * @param options - `parser` gets the JSON text of the arguments; `callback` gets what it gives, when a runner runs the tool.
 */
export function makeParseableTool<OptionsT extends ToolOptions>(
  tool: ChatCompletionFunctionTool,
  options: ToolParserOptions<OptionsT> & {
    callback: (args: OptionsT['arguments']) => any;
  },
): AutoParseableTool<OptionsT, true>;

export function makeParseableTool<OptionsT extends ToolOptions>(
  tool: ChatCompletionFunctionTool,
  options: ToolParserOptions<OptionsT> & {
    callback: undefined;
  },
): AutoParseableTool<OptionsT, false>;

export function makeParseableTool<OptionsT extends ToolOptions>(
  tool: ChatCompletionFunctionTool,
  options: ToolParserOptions<OptionsT>,
): AutoParseableTool<OptionsT, boolean>;
export function makeParseableTool<OptionsT extends ToolOptions>(
  tool: ChatCompletionFunctionTool,
  { parser, callback }: ToolParserOptions<OptionsT>,
): AutoParseableTool<OptionsT, boolean> {
  return withParser(tool, { $brand: 'auto-parseable-tool', $parseRaw: parser, $callback: callback });
}

/** Whether a tool carries a parser of its own. */
export function isAutoParsableTool(tool: any): tool is AutoParseableTool<any> {
  return carriesParser(tool, 'auto-parseable-tool');
}

/**
 * A copy of a completion whose messages have `parsed`.
 *
 * Only parameters with something to parse parse; with others `parsed` is `null`, and no end of an answer is an error.
 *
 * @throws As {@link parseChatCompletion}.
 */
export function maybeParseChatCompletion<
  Params extends ChatCompletionCreateParams | null,
  ParsedT = Params extends null ? null : ExtractParsedContentFromParams<NonNullable<Params>>,
>(completion: ChatCompletion, params: Params): ParsedChatCompletion<ParsedT> {
  if (params !== null && hasAutoParseableInput(params)) return parseChatCompletion<typeof params, ParsedT>(completion, params);
  const choices = completion.choices.map((choice) => {
    const { message } = choice;
    const calls = message.tool_calls;
    return { ...choice, message: { ...message, parsed: null, ...(calls && { tool_calls: calls }) } };
  });
  return { ...completion, choices } as ParsedChatCompletion<ParsedT>;
}

/**
 * A copy of a completion whose messages have `parsed`, and its calls of functions `parsed_arguments`.
 *
 * @throws {LengthFinishReasonError} A choice ended at the token limit.
 * @throws {ContentFilterFinishReasonError} A choice ended by the content filter.
 * @throws {SyntaxError} An answer or arguments are no JSON; a parser of a format or a tool throws what it wants.
 */
export function parseChatCompletion<
  Params extends ChatCompletionCreateParams,
  ParsedT = ExtractParsedContentFromParams<Params>,
>(completion: ChatCompletion, params: Params): ParsedChatCompletion<ParsedT> {
  const choices = completion.choices.map((choice) => {
    refuseUnfinished(choice.finish_reason);
    const { message } = choice;
    const calls = message.tool_calls?.map((call) => withParsedArguments(params, call));
    const isSaid = !message.refusal && message.content !== null && message.content !== undefined;
    const parsed = isSaid ? parseResponseFormatContent<ParsedT>(params.response_format, message.content as string) : null;
    return { ...choice, message: { ...message, ...(calls && { tool_calls: calls }), parsed } };
  });
  return { ...completion, choices } as ParsedChatCompletion<ParsedT>;
}

/** Whether the arguments of a call are parsed: its function is strict, or its tool carries a parser. */
export function shouldParseToolCall(
  params: ChatCompletionCreateParams | null | undefined,
  toolCall: {
    type?: ChatCompletionMessageToolCall['type'];
    function?: {
      name?: string;
    };
  },
): boolean {
  const tool = toolOf(params, toolCall);
  return tool !== undefined && isParsedTool(tool);
}

/** Whether a request has something to parse: its format, or a function that is strict or carries a parser. */
export function hasAutoParseableInput(params: AnyChatCompletionCreateParams): boolean {
  if (isParseableResponseFormat(params.response_format)) return true;
  return (params.tools as Exclude<ToolCall, undefined>[] | undefined)?.some(isParsedTool) ?? false;
}

/**
 * Checks that all calls are calls of functions.
 *
 * @throws {OpenAIError} One is not.
 */
export function assertToolCallsAreChatCompletionFunctionToolCalls(
  toolCalls: ChatCompletionMessage['tool_calls'],
): asserts toolCalls is ChatCompletionMessageFunctionToolCall[] {
  const other = toolCalls?.find(({ type }) => type !== 'function');
  if (other === undefined) return;
  throw new OpenAIError(`Currently only \`function\` tool calls are supported; Received \`${other.type}\``);
}

/**
 * Checks that the arguments of all functions can be parsed.
 *
 * @throws {OpenAIError} A function is not strict, or a tool is neither a function nor custom.
 */
export function validateInputTools(tools: ChatCompletionCreateParamsBase['tools']): void {
  for (const tool of tools ?? []) {
    if (tool.type === 'custom') continue;
    if (tool.type !== 'function') {
      throw new OpenAIError(
        `Currently only \`function\` and \`custom\` tool types are supported; Received \`${String((tool as ToolCall & object).type)}\``,
      );
    }
    if (tool.function.strict !== true) {
      throw new OpenAIError(
        `The \`${tool.function.name}\` tool is not marked with \`strict: true\`. Only strict function tools can be auto-parsed`,
      );
    }
  }
}

function withParsedArguments(
  params: ChatCompletionCreateParams,
  call: ChatCompletionMessageToolCall,
): ChatCompletionMessageToolCall {
  if (call.type !== 'function') return call;
  const tool = toolOf(params, call);
  return { ...call, function: { ...call.function, parsed_arguments: parsedArguments(tool, call.function.arguments) } } as typeof call;
}
