/** Part of structured outputs: by name and type only. */

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
import { type AutoParseableTextFormat } from '../lib/parser.js';
import { later } from '../internal/later.js';

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
export function resolveResponseParseOptions(): never {
  throw later('resolveResponseParseOptions', 'structured outputs');
}

export function maybeParseResponse<
  Params extends ResponseCreateParamsBase | null,
  ParsedT = Params extends null ? null : ExtractParsedContentFromParams<NonNullable<Params>>,
>(response: Response, params: Params, format?: ResponseParserTextFormat): ParsedResponse<ParsedT>;
export function maybeParseResponse(): never {
  throw later('maybeParseResponse', 'structured outputs');
}

export function parseResponse<
  Params extends ResponseCreateParamsBase,
  ParsedT = ExtractParsedContentFromParams<Params>,
>(response: Response, params: Params, format?: ResponseParserTextFormat): ParsedResponse<ParsedT>;
export function parseResponse(): never {
  throw later('parseResponse', 'structured outputs');
}

export function hasAutoParseableInput(
  params: ResponseCreateParamsWithTools,
  format?: ResponseParserTextFormat,
): boolean;
export function hasAutoParseableInput(): never {
  throw later('hasAutoParseableInput', 'structured outputs');
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
export function makeParseableResponseTool(): never {
  throw later('makeParseableResponseTool', 'structured outputs');
}

export function isAutoParsableTool(tool: any): tool is AutoParseableResponseTool<any>;
export function isAutoParsableTool(): never {
  throw later('isAutoParsableTool', 'structured outputs');
}

export function shouldParseToolCall(
  params: ResponseCreateParamsNonStreaming | null | undefined,
  toolCall: ResponseFunctionToolCall,
): boolean;
export function shouldParseToolCall(): never {
  throw later('shouldParseToolCall', 'structured outputs');
}

export function validateInputTools(tools: ChatCompletionTool[] | undefined): void;
export function validateInputTools(): never {
  throw later('validateInputTools', 'structured outputs');
}

export function addOutputText(rsp: Response): void;
export function addOutputText(): never {
  throw later('addOutputText', 'structured outputs');
}
