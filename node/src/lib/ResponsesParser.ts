/** Responses whose texts and arguments are parsed as the request said. */

import { type RequestOptions } from '../internal/request-options.js';
import { type ChatCompletionTool } from '../resources/chat/completions.js';
import {
  type FunctionTool,
  type ParsedResponse,
  type Response,
  type ResponseCreateParamsBase,
  type ResponseCreateParamsNonStreaming,
  type ResponseFormatTextJSONSchemaConfig,
  type ResponseFunctionToolCall,
  type ResponseInputItem,
  type ResponseTextConfig,
  type Tool,
} from '../resources/responses/responses.js';
import { OpenAIError } from '../core/error.js';
import { parsedJson } from '../internal/structured/json-answer.js';
import { carriesParser, withParser } from '../internal/structured/parseable.js';
import { isAnswer } from '../internal/structured/phase.js';
import { textFormatOf } from '../internal/text-format.js';
import { isParseableResponseFormat, parseResponseFormatContent, type AutoParseableTextFormat } from '../lib/parser.js';

export type ParseableToolsParams = Tool[] | ChatCompletionTool | null;

export type ResponseCreateParamsWithTools = ResponseCreateParamsBase & {
  tools?: ParseableToolsParams;
} & ResponseParsingInput;

export type ResponseParsingInput = {
  input?: ResponseCreateParamsBase['input'] | [ResponseInputItem, ...ResponseInputItem[]];
};

export type ResponseParseOptions = RequestOptions & {
  parseAs?: ResponseFormatTextJSONSchemaConfig | null | undefined;
};

type TextConfigParams = {
  text?: ResponseTextConfig;
  input?: ResponseCreateParamsBase['input'];
};

type ParsedTextFormat<Format> = [Format] extends [never]
  ? null
  : Format extends AutoParseableTextFormat<infer ParsedT>
    ? ParsedT
    : Format extends ResponseFormatTextJSONSchemaConfig
      ? unknown
      : null;

type UpdatedContent<Item> = Item extends {
  type: 'configuration_update';
  text?: infer Text;
}
  ? NonNullable<Text> extends {
      format: infer Format;
    }
    ? ParsedTextFormat<Format>
    : never
  : never;

type ParsedHistory<Input, Fallback, Later = never, Seen extends 0[] = []> = [Input] extends [never]
  ? Fallback | Later
  : Input extends readonly [...infer Earlier, infer Last]
    ? Last extends {
        type: 'configuration_update';
        text: {
          format: infer Format;
        };
      }
      ? ParsedTextFormat<Format> | Later
      : Seen['length'] extends 256
        ? Fallback | Later | UpdatedContent<Input[number]>
        : ParsedHistory<Earlier, Fallback, Later | UpdatedContent<Last>, [...Seen, 0]>
    : Input extends readonly (infer Item)[]
      ? Fallback | Later | UpdatedContent<Item>
      : Fallback | Later;

type ParsedOverride<Format, Fallback> = Format extends undefined ? Fallback : ParsedTextFormat<Format>;

export type ParsedWithOptions<Options extends ResponseParseOptions, Fallback> = Options extends unknown
  ? 'parseAs' extends keyof Options
    ? ParsedOverride<Options['parseAs'], Fallback>
    : Fallback
  : never;

type ParsingHistory<Params extends TextConfigParams> = Params extends {
  input: infer Input;
}
  ? Input
  : ResponseCreateParamsBase['input'] extends Params['input']
    ? never
    : Params['input'];

export type ExtractParsedContentFromParams<Params extends TextConfigParams> = ParsedHistory<
  ParsingHistory<Params>,
  ParsedTextFormat<NonNullable<Params['text']>['format']>
>;

export type ResponseParserTextFormat = {
  readonly type: string;
} | null;

export function resolveResponseParseOptions(
  params: TextConfigParams,
  options?: ResponseParseOptions,
): {
  getTextFormat: (prepared: RequestOptions) => ResponseParserTextFormat;
  requestOptions: {
    method?: import('../internal/types.js').HTTPMethod;
    path?: string;
    query?: object | undefined | null;
    body?: unknown;
    headers?: import('../internal/headers.js').HeadersLike;
    maxRetries?: number;
    stream?: boolean | undefined;
    timeout?: number;
    fetchOptions?: import('../internal/types.js').MergedRequestInit;
    signal?: AbortSignal | undefined | null;
    idempotencyKey?: string;
    defaultBaseURL?: string | undefined;
    __metadata?: Record<string, unknown>;
    __security?: {
      bearerAuth?: boolean;
      adminAPIKeyAuth?: boolean;
    };
    __binaryResponse?: boolean | undefined;
    __streamClass?: typeof import('../streaming.js').Stream;
    __synthesizeEventData?: boolean;
    __streamMode?: 'legacy' | 'events';
    parseAs?: ResponseFormatTextJSONSchemaConfig | null | undefined;
  };
};
export function resolveResponseParseOptions(
  params: TextConfigParams,
  options?: ResponseParseOptions,
): { getTextFormat: (prepared: RequestOptions) => ResponseParserTextFormat; requestOptions: RequestOptions } {
  void params;
  const { parseAs, ...requestOptions } = options ?? {};
  const getTextFormat = (prepared: RequestOptions) => (parseAs === undefined ? textFormatOf(prepared.body) : parseAs);
  return { getTextFormat, requestOptions };
}

/**
 * A copy of a response with `output_parsed`, and `parsed` and `parsed_arguments` in its items.
 *
 * Only a request with something to parse parses; for others they are `null`.
 *
 * @param format - The text format; that of `params` when left out.
 * @throws As {@link parseResponse}.
 */
export function maybeParseResponse<
  Params extends ResponseCreateParamsBase | null,
  ParsedT = Params extends null ? null : ExtractParsedContentFromParams<NonNullable<Params>>,
>(response: Response, params: Params, format?: ResponseParserTextFormat): ParsedResponse<ParsedT>;
export function maybeParseResponse(
  response: Response,
  params: ResponseCreateParamsBase | null,
  format?: ResponseParserTextFormat,
): ParsedResponse<any> {
  if (params !== null && hasAutoParseableInput(params, format)) return parseResponse(response, params, format);
  if (params === null && isParseableResponseFormat(format)) return parseResponse(response, {}, format);
  const output = (response.output as Item[]).map((item) => {
    if (item.type === 'function_call') return { ...item, parsed_arguments: null };
    if (item.type !== 'message') return item;
    return { ...item, content: item.content.map((part) => ({ ...part, parsed: null })) };
  });
  return withOutputText({ ...response, output_parsed: null, output }, response);
}

/**
 * A copy of a response whose texts and arguments are parsed.
 *
 * A response that is not completed stays unparsed, for its texts may be cut, and so does a message whose phase is not the
 * final one. `output_parsed` is the first text that was parsed.
 *
 * @param format - The text format; that of `params` when left out.
 * @throws {SyntaxError} A text or arguments are no JSON; a parser of a format or a tool throws what it wants.
 */
export function parseResponse<
  Params extends ResponseCreateParamsBase,
  ParsedT = ExtractParsedContentFromParams<Params>,
>(response: Response, params: Params, format?: ResponseParserTextFormat): ParsedResponse<ParsedT>;
export function parseResponse(
  response: Response,
  params: ResponseCreateParamsBase,
  format: ResponseParserTextFormat = textFormatOf(params),
): ParsedResponse<any> {
  const isWhole = (response.status ?? 'completed') === 'completed';
  const output = (response.output as Item[]).map((item) => {
    if (item.type === 'function_call') {
      return { ...item, parsed_arguments: isWhole ? parsedArguments(params, item as unknown as ResponseFunctionToolCall) : null };
    }
    if (item.type !== 'message') return item;
    const isFinal = isWhole && isAnswer(item);
    const parsed = (text: string) => (isFinal ? parseResponseFormatContent(format, text) : null);
    const content = item.content.map((part) =>
      part.type === 'output_text' ? { ...part, parsed: parsed(part.text as string) } : part,
    );
    return { ...item, content };
  });
  const result = withOutputText({ ...response, output }, response);
  Object.defineProperty(result, 'output_parsed', { enumerable: true, get: () => firstParsed(output) });
  return result;
}

/** An output item and a part of it, as they are read here. */
interface Item {
  type: string;
  phase?: string | null;
  content: Part[];
}

interface Part {
  type: string;
  text?: unknown;
  parsed?: unknown;
}

function firstParsed(output: Item[]): unknown {
  for (const item of output) {
    if (item.type !== 'message') continue;
    const part = item.content.find(({ type, parsed }) => type === 'output_text' && parsed !== null);
    if (part !== undefined) return part.parsed;
  }
  return null;
}

function withOutputText(result: object, response: Response): ParsedResponse<any> {
  if (!Object.hasOwn(response, 'output_text')) addOutputText(result as Response);
  return result as ParsedResponse<any>;
}

/** Whether a request has something to parse: its text format, or a function that is strict or carries a parser. */
export function hasAutoParseableInput(
  params: ResponseCreateParamsWithTools,
  format: ResponseParserTextFormat = textFormatOf(params),
): boolean {
  if (isParseableResponseFormat(format)) return true;
  const tools: unknown = params.tools;
  if (!Array.isArray(tools)) return false;
  return (tools as NamedTool[]).some((tool) => (tool.type === 'namespace' ? tool.tools ?? [] : [tool]).some(isParsed));
}

type ToolOptions = {
  name: string;
  arguments: any;
  function?: ((args: any) => any) | undefined;
};

export type AutoParseableResponseTool<
  OptionsT extends ToolOptions,
  _HasFunction = OptionsT['function'] extends (...args: never[]) => unknown ? true : false,
> = FunctionTool & {
  __arguments: OptionsT['arguments'];
  __name: OptionsT['name'];
  $brand: 'auto-parseable-tool';
  $callback: ((args: OptionsT['arguments']) => any) | undefined;
  $parseRaw(args: string): OptionsT['arguments'];
};

/**
 * A copy of a function tool that knows how to parse arguments and, with a callback, how to run.
 *
 * @param options - `parser` gets the JSON text of the arguments; `callback` gets what it gives, when a runner runs the tool.
 */
export function makeParseableResponseTool<OptionsT extends ToolOptions>(
  tool: FunctionTool,
  {
    parser,
    callback,
  }: {
    parser: (content: string) => OptionsT['arguments'];
    callback: ((args: OptionsT['arguments']) => any) | undefined;
  },
): AutoParseableResponseTool<OptionsT>;
export function makeParseableResponseTool(
  tool: FunctionTool,
  { parser, callback }: { parser: (content: string) => any; callback: ((args: any) => any) | undefined },
): AutoParseableResponseTool<any> {
  return withParser(tool, { $brand: 'auto-parseable-tool', $parseRaw: parser, $callback: callback });
}

/** Whether a tool carries a parser of its own. */
export function isAutoParsableTool(tool: any): tool is AutoParseableResponseTool<any> {
  return carriesParser(tool, 'auto-parseable-tool');
}

/** Whether the arguments of a call are parsed: the function that it names, in its namespace, is strict or carries a parser. */
export function shouldParseToolCall(
  params: ResponseCreateParamsNonStreaming | null | undefined,
  toolCall: ResponseFunctionToolCall,
): boolean {
  const tool = toolOf(params, toolCall);
  return tool !== undefined && isParsed(tool);
}

/** A tool as it is looked for here; a namespace has tools of its own. */
type NamedTool = { type: string; name?: string; strict?: boolean | null; tools?: NamedTool[] };

function toolOf(
  params: { tools?: unknown } | null | undefined,
  { name, namespace }: ResponseFunctionToolCall,
): NamedTool | undefined {
  let tools = Array.isArray(params?.tools) ? (params.tools as NamedTool[]) : [];
  if (namespace) tools = tools.find((tool) => tool.type === 'namespace' && tool.name === namespace)?.tools ?? [];
  return tools.find((tool) => tool.type === 'function' && tool.name === name);
}

function isParsed(tool: NamedTool): boolean {
  return isAutoParsableTool(tool) || (tool.type === 'function' && tool.strict === true);
}

function parsedArguments(params: ResponseCreateParamsBase, call: ResponseFunctionToolCall): unknown {
  const tool = toolOf(params, call);
  if (tool === undefined || !isParsed(tool)) return null;
  return isAutoParsableTool(tool) ? tool.$parseRaw(call.arguments) : parsedJson(call.arguments);
}

/**
 * Checks that the arguments of all functions can be parsed.
 *
 * @throws {OpenAIError} A tool is no function, or is not strict.
 */
export function validateInputTools(tools: ChatCompletionTool[] | undefined): void {
  for (const tool of tools ?? []) {
    if (tool.type !== 'function') {
      throw new OpenAIError(`Currently only \`function\` tool types support auto-parsing; Received \`${tool.type}\``);
    }
    if (tool.function.strict !== true) {
      throw new OpenAIError(
        `The \`${tool.function.name}\` tool is not marked with \`strict: true\`. Only strict function tools can be auto-parsed`,
      );
    }
  }
}

/** Sets `output_text` to the text of all messages, joined. */
export function addOutputText(rsp: Response): void {
  const texts: unknown[] = [];
  for (const output of rsp.output as Item[]) {
    if (output.type !== 'message') continue;
    for (const content of output.content) if (content.type === 'output_text') texts.push(content.text);
  }
  rsp.output_text = texts.join('');
}
