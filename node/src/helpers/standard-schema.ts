/** Part of structured outputs: by name and type only. */

import {
  type AutoParseableResponseFormat,
  type AutoParseableTextFormat,
  type AutoParseableTool,
} from '../lib/parser.js';
import { type AutoParseableResponseTool } from '../lib/ResponsesParser.js';
import { type JSONSchema } from '../lib/jsonschema.js';
import { type ResponseFormatJSONSchema } from '../resources/index.js';
import { type ResponseFormatTextJSONSchemaConfig } from '../resources/responses/responses.js';
import { later } from '../internal/later.js';

type StandardSchemaIssue = {
  readonly message: string;
  readonly path?:
    | readonly (
        | PropertyKey
        | {
            readonly key: PropertyKey;
          }
      )[]
    | undefined;
};

type StandardSchemaResult<Output> =
  | {
      readonly value: Output;
      readonly issues?: undefined;
    }
  | {
      readonly issues: readonly StandardSchemaIssue[];
    };

type StandardJSONSchemaOptions = {
  readonly target: 'draft-07';
  readonly libraryOptions?: Record<string, unknown> | undefined;
};

type StandardSchemaLike<Input = unknown, Output = Input> = {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly types?:
      | {
          readonly input: Input;
          readonly output: Output;
        }
      | undefined;
    readonly validate: (value: unknown) => StandardSchemaResult<Output> | Promise<StandardSchemaResult<Output>>;
    readonly jsonSchema?:
      | {
          readonly input: (options: StandardJSONSchemaOptions) => Record<string, unknown>;
          readonly output?: (options: StandardJSONSchemaOptions) => Record<string, unknown>;
        }
      | undefined;
  };
};

type InferStandardOutput<Schema extends StandardSchemaLike> = [NonNullable<Schema['~standard']['types']>] extends [
  never,
]
  ? unknown
  : NonNullable<Schema['~standard']['types']> extends {
        readonly output: infer Output;
      }
    ? Output
    : unknown;

type StandardSchemaJSONSchemaProps = {
  schema?: JSONSchema | Record<string, unknown> | undefined;
};

type StandardResponseFormatProps = Omit<ResponseFormatJSONSchema.JSONSchema, 'schema' | 'strict' | 'name'> &
  StandardSchemaJSONSchemaProps;

type StandardTextFormatProps = Omit<ResponseFormatTextJSONSchemaConfig, 'schema' | 'type' | 'strict' | 'name'> &
  StandardSchemaJSONSchemaProps;

type StandardToolFunction<Parameters extends StandardSchemaLike> = (
  args: InferStandardOutput<Parameters>,
) => unknown | Promise<unknown>;

type StandardToolOptions<Parameters extends StandardSchemaLike> = {
  name: string;
  parameters: Parameters;
  schema?: JSONSchema | Record<string, unknown> | undefined;
  function?: StandardToolFunction<Parameters> | undefined;
  description?: string | undefined;
};

type StandardResponsesToolOptions<Parameters extends StandardSchemaLike> = StandardToolOptions<Parameters> & {
  defer_loading?: boolean | undefined;
};

type StandardToolReturnOptions<
  Parameters extends StandardSchemaLike,
  ToolFunction extends StandardToolFunction<Parameters> | undefined,
> = {
  arguments: InferStandardOutput<Parameters>;
  name: string;
  function: ToolFunction;
};

export function standardResponseFormat<Schema extends StandardSchemaLike>(
  standardSchema: Schema,
  name: string,
  props?: StandardResponseFormatProps,
): AutoParseableResponseFormat<InferStandardOutput<Schema>>;
export function standardResponseFormat(): never {
  throw later('standardResponseFormat', 'structured outputs');
}

export function standardTextFormat<Schema extends StandardSchemaLike>(
  standardSchema: Schema,
  name: string,
  props?: StandardTextFormatProps,
): AutoParseableTextFormat<InferStandardOutput<Schema>>;
export function standardTextFormat(): never {
  throw later('standardTextFormat', 'structured outputs');
}

export function standardFunction<
  Parameters extends StandardSchemaLike,
  ToolFunction extends StandardToolFunction<Parameters>,
>(
  options: StandardToolOptions<Parameters> & {
    function: ToolFunction;
  },
): AutoParseableTool<StandardToolReturnOptions<Parameters, ToolFunction>>;

export function standardFunction<Parameters extends StandardSchemaLike>(
  options: StandardToolOptions<Parameters> & {
    function?: undefined;
  },
): AutoParseableTool<StandardToolReturnOptions<Parameters, undefined>>;

export function standardFunction<Parameters extends StandardSchemaLike>(
  options: StandardToolOptions<Parameters>,
): AutoParseableTool<StandardToolReturnOptions<Parameters, StandardToolFunction<Parameters> | undefined>>;
export function standardFunction(): never {
  throw later('standardFunction', 'structured outputs');
}

export function standardResponsesFunction<
  Parameters extends StandardSchemaLike,
  ToolFunction extends StandardToolFunction<Parameters>,
>(
  options: StandardResponsesToolOptions<Parameters> & {
    function: ToolFunction;
  },
): AutoParseableResponseTool<StandardToolReturnOptions<Parameters, ToolFunction>>;

export function standardResponsesFunction<Parameters extends StandardSchemaLike>(
  options: StandardResponsesToolOptions<Parameters> & {
    function?: undefined;
  },
): AutoParseableResponseTool<StandardToolReturnOptions<Parameters, undefined>>;

export function standardResponsesFunction<Parameters extends StandardSchemaLike>(
  options: StandardResponsesToolOptions<Parameters>,
): AutoParseableResponseTool<StandardToolReturnOptions<Parameters, StandardToolFunction<Parameters> | undefined>>;
export function standardResponsesFunction(): never {
  throw later('standardResponsesFunction', 'structured outputs');
}
