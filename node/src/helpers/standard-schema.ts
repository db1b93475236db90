/** Schemas of any library with the Standard Schema interface as formats and tools that parse what comes back. */

import { OpenAIError } from '../core/error.js';
import { withoutOneOf } from '../internal/exclusive.js';
import { strictSchema } from '../internal/strict-schema.js';
import { parsedJson } from '../internal/structured/json-answer.js';
import {
  makeParseableResponseFormat,
  makeParseableTextFormat,
  makeParseableTool,
  type AutoParseableResponseFormat,
  type AutoParseableTextFormat,
  type AutoParseableTool,
} from '../lib/parser.js';
import { makeParseableResponseTool, type AutoParseableResponseTool } from '../lib/ResponsesParser.js';
import { type JSONSchema } from '../lib/jsonschema.js';
import { type ResponseFormatJSONSchema } from '../resources/index.js';
import { type ResponseFormatTextJSONSchemaConfig } from '../resources/responses/responses.js';

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

/**
 * A response format of chat completions whose answers are validated by a schema.
 *
 * @param props - What the API is told besides; `schema` is the JSON schema of a library that makes none.
 * @throws {OpenAIError} There is no JSON schema for it, or a `oneOf` whose branches may hold at once.
 * @throws {Error} The schema says something that strict schemas cannot say; the message says where.
 */
export function standardResponseFormat<Schema extends StandardSchemaLike>(
  standardSchema: Schema,
  name: string,
  props?: StandardResponseFormatProps,
): AutoParseableResponseFormat<InferStandardOutput<Schema>>;
export function standardResponseFormat(
  standardSchema: StandardSchemaLike,
  name: string,
  props: StandardResponseFormatProps = {},
): AutoParseableResponseFormat<any> {
  const { schema, ...rest } = props;
  return makeParseableResponseFormat(
    { type: 'json_schema', json_schema: { ...rest, name, strict: true, schema: strictInput(standardSchema, schema) } },
    parserOf(standardSchema),
  );
}

/**
 * A text format of responses whose answers are validated by a schema.
 *
 * @param props - What the API is told besides; `schema` is the JSON schema of a library that makes none.
 * @throws {OpenAIError} There is no JSON schema for it, or a `oneOf` whose branches may hold at once.
 * @throws {Error} The schema says something that strict schemas cannot say; the message says where.
 */
export function standardTextFormat<Schema extends StandardSchemaLike>(
  standardSchema: Schema,
  name: string,
  props?: StandardTextFormatProps,
): AutoParseableTextFormat<InferStandardOutput<Schema>>;
export function standardTextFormat(
  standardSchema: StandardSchemaLike,
  name: string,
  props: StandardTextFormatProps = {},
): AutoParseableTextFormat<any> {
  const { schema, ...rest } = props;
  return makeParseableTextFormat(
    { type: 'json_schema', ...rest, name, strict: true, schema: strictInput(standardSchema, schema) },
    parserOf(standardSchema),
  );
}

/**
 * A function tool of chat completions whose arguments are validated by a schema.
 *
 * @param options - `function` is called with them by a runner.
 * @throws {OpenAIError} There is no JSON schema for it, or a `oneOf` whose branches may hold at once.
 * @throws {Error} The schema says something that strict schemas cannot say; the message says where.
 */
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
export function standardFunction(
  options: StandardToolOptions<StandardSchemaLike>,
): AutoParseableTool<StandardToolReturnOptions<StandardSchemaLike, any>, boolean> {
  const { name, parameters, description, function: callback } = options;
  return makeParseableTool(
    {
      type: 'function',
      function: {
        name,
        parameters: strictInput(parameters, options.schema),
        strict: true,
        ...(description ? { description } : undefined),
      },
    },
    { callback, parser: parserOf(parameters) },
  );
}

/**
 * A function tool of the Responses API whose arguments are validated by a schema.
 *
 * @param options - `function` is called with them by a runner; `defer_loading` leaves the tool to tool search.
 * @throws {OpenAIError} There is no JSON schema for it, or a `oneOf` whose branches may hold at once.
 * @throws {Error} The schema says something that strict schemas cannot say; the message says where.
 */
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
export function standardResponsesFunction(
  options: StandardResponsesToolOptions<StandardSchemaLike>,
): AutoParseableResponseTool<any> {
  const { name, parameters, description, defer_loading, function: callback } = options;
  return makeParseableResponseTool(
    {
      type: 'function',
      name,
      parameters: strictInput(parameters, options.schema),
      strict: true,
      ...(defer_loading === undefined ? undefined : { defer_loading }),
      ...(description ? { description } : undefined),
    },
    { callback, parser: parserOf(parameters) },
  );
}

/** The strict JSON schema of what a schema takes. */
function strictInput(
  schema: StandardSchemaLike,
  given: JSONSchema | Record<string, unknown> | undefined,
): Record<string, unknown> {
  const own = given ?? schema['~standard'].jsonSchema?.input({ target: 'draft-07' });
  if (own === undefined) {
    throw new OpenAIError(
      'Standard Schema helpers require a JSON Schema. Pass `schema` or use a schema that implements ' +
        '`~standard.jsonSchema.input()`.',
    );
  }
  return strictSchema(withoutOneOf(own as JSONSchema)) as Record<string, unknown>;
}

/** Parses the text of an answer, and validates what it says at once. */
function parserOf(schema: StandardSchemaLike): (content: string) => any {
  const { '~standard': standard } = schema;
  return (content) => {
    const result = standard.validate(parsedJson(content));
    if (result instanceof Promise) {
      // Nobody waits for what it comes to.
      result.catch(() => undefined);
      throw new OpenAIError(
        'Standard Schema helpers only support synchronous validation. Use a schema with a synchronous ' +
          '`~standard.validate()` implementation.',
      );
    }
    if (result.issues !== undefined) {
      throw new OpenAIError(`Standard Schema validation failed: ${result.issues.map(described).join('; ')}`);
    }
    return result.value;
  };
}

function described({ message, path = [] }: StandardSchemaIssue): string {
  const names = path.map((step) => String(typeof step === 'object' ? step.key : step));
  return names.length === 0 ? message : `${names.join('.')}: ${message}`;
}
