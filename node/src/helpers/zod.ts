/** Part of structured outputs: by name and type only. */

import { type ResponseFormatJSONSchema } from '../resources/index.js';
import {
  type AutoParseableResponseFormat,
  type AutoParseableTextFormat,
  type AutoParseableTool,
} from '../lib/parser.js';
import { type AutoParseableResponseTool } from '../lib/ResponsesParser.js';
import { type ResponseFormatTextJSONSchemaConfig } from '../resources/responses/responses.js';
import { type RealtimeFunctionTool } from '../resources/realtime/realtime.js';
import { later } from '../internal/later.js';

type ZodTypeLike = (
  | {
      _output: unknown;
    }
  | {
      _zod: {
        output: unknown;
      };
    }
) & {
  parse?: (data: unknown) => unknown;
};

type InferZodType<T extends ZodTypeLike> = T extends {
  _output: infer Output;
}
  ? Output
  : T extends {
        _zod: {
          output: infer Output;
        };
      }
    ? Output
    : never;

type ZodSchemaDefinitions = Record<string, ZodTypeLike>;

type ZodResponseFormatProps = Omit<ResponseFormatJSONSchema.JSONSchema, 'schema' | 'strict' | 'name'> & {
  schemaDefinitions?: ZodSchemaDefinitions | undefined;
};

export function zodResponseFormat<ZodInput extends ZodTypeLike>(
  zodObject: ZodInput,
  name: string,
  props?: ZodResponseFormatProps,
): AutoParseableResponseFormat<InferZodType<ZodInput>>;
export function zodResponseFormat(): never {
  throw later('zodResponseFormat', 'structured outputs');
}

export function zodTextFormat<ZodInput extends ZodTypeLike>(
  zodObject: ZodInput,
  name: string,
  props?: Omit<ResponseFormatTextJSONSchemaConfig, 'schema' | 'type' | 'strict' | 'name'>,
): AutoParseableTextFormat<InferZodType<ZodInput>>;
export function zodTextFormat(): never {
  throw later('zodTextFormat', 'structured outputs');
}

interface ZodFunctionOptions<Parameters extends ZodTypeLike> {
  name: string;
  parameters: Parameters;
  function?: ((args: InferZodType<Parameters>) => unknown | Promise<unknown>) | undefined;
  description?: string | undefined;
}

type ZodFunctionTool<
  Parameters extends ZodTypeLike,
  Callback extends ZodFunctionOptions<Parameters>['function'],
> = AutoParseableTool<{
  arguments: InferZodType<Parameters>;
  name: string;
  function: Callback;
}>;

export function zodFunction<Parameters extends ZodTypeLike>(
  options: ZodFunctionOptions<Parameters> & {
    function: NonNullable<ZodFunctionOptions<Parameters>['function']>;
  },
): ZodFunctionTool<Parameters, NonNullable<ZodFunctionOptions<Parameters>['function']>>;

export function zodFunction<Parameters extends ZodTypeLike>(
  options: ZodFunctionOptions<Parameters>,
): ZodFunctionTool<Parameters, ZodFunctionOptions<Parameters>['function']>;
export function zodFunction(): never {
  throw later('zodFunction', 'structured outputs');
}

export function zodResponsesFunction<Parameters extends ZodTypeLike>(options: {
  name: string;
  parameters: Parameters;
  function?: ((args: InferZodType<Parameters>) => unknown | Promise<unknown>) | undefined;
  description?: string | undefined;
  defer_loading?: boolean | undefined;
}): AutoParseableResponseTool<{
  arguments: InferZodType<Parameters>;
  name: string;
  function: (args: InferZodType<Parameters>) => unknown;
}>;
export function zodResponsesFunction(): never {
  throw later('zodResponsesFunction', 'structured outputs');
}

export function zodRealtimeFunction<Parameters extends ZodTypeLike>(options: {
  name: string;
  parameters: Parameters;
  description?: string | undefined;
}): RealtimeFunctionTool;
export function zodRealtimeFunction(): never {
  throw later('zodRealtimeFunction', 'structured outputs');
}
