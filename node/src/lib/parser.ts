/** Part of structured outputs: by name and type only. */

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
import { later } from '../internal/later.js';

type AnyChatCompletionCreateParams =
  | ChatCompletionCreateParams
  | ChatCompletionToolRunnerParams<any>
  | ChatCompletionToolRunnerParamsWithContext<any, any>
  | ChatCompletionStreamingToolRunnerParams<any>
  | ChatCompletionStreamingToolRunnerParamsWithContext<any, any>
  | ChatCompletionStreamParams;

type Unpacked<T> = T extends (infer U)[] ? U : T;

type ToolCall = Unpacked<ChatCompletionCreateParamsBase['tools']>;

export function isChatCompletionFunctionTool(tool: ToolCall): tool is ChatCompletionFunctionTool;
export function isChatCompletionFunctionTool(): never {
  throw later('isChatCompletionFunctionTool', 'structured outputs');
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

export function makeParseableResponseFormat<ParsedT>(
  response_format: ResponseFormatJSONSchema,
  parser: (content: string) => ParsedT,
): AutoParseableResponseFormat<ParsedT>;
export function makeParseableResponseFormat(): never {
  throw later('makeParseableResponseFormat', 'structured outputs');
}

export type AutoParseableTextFormat<ParsedT> = ResponseFormatTextJSONSchemaConfig & {
  __output: ParsedT;
  $brand: 'auto-parseable-response-format';
  $parseRaw(content: string): ParsedT;
};

export function makeParseableTextFormat<ParsedT>(
  response_format: ResponseFormatTextJSONSchemaConfig,
  parser: (content: string) => ParsedT,
): AutoParseableTextFormat<ParsedT>;
export function makeParseableTextFormat(): never {
  throw later('makeParseableTextFormat', 'structured outputs');
}

export function isAutoParsableResponseFormat<ParsedT>(
  response_format: any,
): response_format is AutoParseableResponseFormat<ParsedT>;
export function isAutoParsableResponseFormat(): never {
  throw later('isAutoParsableResponseFormat', 'structured outputs');
}

export function isParseableResponseFormat(format: unknown): boolean;
export function isParseableResponseFormat(): never {
  throw later('isParseableResponseFormat', 'structured outputs');
}

export function parseResponseFormatContent<ParsedT>(format: unknown, content: string): ParsedT | null;
export function parseResponseFormatContent(): never {
  throw later('parseResponseFormatContent', 'structured outputs');
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
export function makeParseableTool(): never {
  throw later('makeParseableTool', 'structured outputs');
}

export function isAutoParsableTool(tool: any): tool is AutoParseableTool<any>;
export function isAutoParsableTool(): never {
  throw later('isAutoParsableTool', 'structured outputs');
}

export function maybeParseChatCompletion<
  Params extends ChatCompletionCreateParams | null,
  ParsedT = Params extends null ? null : ExtractParsedContentFromParams<NonNullable<Params>>,
>(completion: ChatCompletion, params: Params): ParsedChatCompletion<ParsedT>;
export function maybeParseChatCompletion(): never {
  throw later('maybeParseChatCompletion', 'structured outputs');
}

export function parseChatCompletion<
  Params extends ChatCompletionCreateParams,
  ParsedT = ExtractParsedContentFromParams<Params>,
>(completion: ChatCompletion, params: Params): ParsedChatCompletion<ParsedT>;
export function parseChatCompletion(): never {
  throw later('parseChatCompletion', 'structured outputs');
}

export function shouldParseToolCall(
  params: ChatCompletionCreateParams | null | undefined,
  toolCall: {
    type?: ChatCompletionMessageToolCall['type'];
    function?: {
      name?: string;
    };
  },
): boolean;
export function shouldParseToolCall(): never {
  throw later('shouldParseToolCall', 'structured outputs');
}

export function hasAutoParseableInput(params: AnyChatCompletionCreateParams): boolean;
export function hasAutoParseableInput(): never {
  throw later('hasAutoParseableInput', 'structured outputs');
}

export function assertToolCallsAreChatCompletionFunctionToolCalls(
  toolCalls: ChatCompletionMessage['tool_calls'],
): asserts toolCalls is ChatCompletionMessageFunctionToolCall[];
export function assertToolCallsAreChatCompletionFunctionToolCalls(): never {
  throw later('assertToolCallsAreChatCompletionFunctionToolCalls', 'structured outputs');
}

export function validateInputTools(tools: ChatCompletionCreateParamsBase['tools']): void;
export function validateInputTools(): never {
  throw later('validateInputTools', 'structured outputs');
}
