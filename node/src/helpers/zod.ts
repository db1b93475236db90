/** Schemas of zod (3, 4 and 4 mini) as formats and tools that parse what comes back. */

import { type ResponseFormatJSONSchema } from '../resources/index.js';
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
import { parsedJson } from '../internal/structured/json-answer.js';
import { strictSchema } from '../internal/strict-schema.js';
import { zod3ToJsonSchema } from '../internal/zod3/convert.js';
import { type Zod3Schema } from '../internal/zod3/types.js';
import { inputSchema, isZod4, outputSchema, zodCore, type Zod4Schema } from '../internal/zod4-schema.js';
import { assertSupportedZodV3Schema } from './zod-v3-strict-schema.js';
import { type ResponseFormatTextJSONSchemaConfig } from '../resources/responses/responses.js';
import { type RealtimeFunctionTool } from '../resources/realtime/realtime.js';

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

/**
 * A response format of chat completions whose answers are parsed by a schema.
 *
 * @param name - What the format is called: letters, digits, dashes and underscores.
 * @param props - What the API is told besides, and schemas that become definitions by a name of their own.
 * @throws {Error} The schema says something that strict schemas cannot say; the message says where.
 */
export function zodResponseFormat<ZodInput extends ZodTypeLike>(
  zodObject: ZodInput,
  name: string,
  props?: ZodResponseFormatProps,
): AutoParseableResponseFormat<InferZodType<ZodInput>>;
export function zodResponseFormat(
  zodObject: ZodTypeLike,
  name: string,
  props: ZodResponseFormatProps = {},
): AutoParseableResponseFormat<any> {
  const { schemaDefinitions, ...rest } = props;
  const schema = strictOutput(zodObject, name, schemaDefinitions) as Record<string, unknown>;
  return makeParseableResponseFormat(
    { type: 'json_schema', json_schema: { ...rest, name, strict: true, schema } },
    parserOf(zodObject),
  );
}

/**
 * A text format of responses whose answers are parsed by a schema.
 *
 * @param name - What the format is called: letters, digits, dashes and underscores.
 * @throws {Error} The schema says something that strict schemas cannot say; the message says where.
 */
export function zodTextFormat<ZodInput extends ZodTypeLike>(
  zodObject: ZodInput,
  name: string,
  props?: Omit<ResponseFormatTextJSONSchemaConfig, 'schema' | 'type' | 'strict' | 'name'>,
): AutoParseableTextFormat<InferZodType<ZodInput>>;
export function zodTextFormat(
  zodObject: ZodTypeLike,
  name: string,
  props: Omit<ResponseFormatTextJSONSchemaConfig, 'schema' | 'type' | 'strict' | 'name'> = {},
): AutoParseableTextFormat<any> {
  const schema = strictOutput(zodObject, name) as Record<string, unknown>;
  return makeParseableTextFormat({ type: 'json_schema', ...props, name, strict: true, schema }, parserOf(zodObject));
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

/**
 * A function tool of chat completions whose arguments are parsed by a schema.
 *
 * @param options - `function` is called with them by a runner.
 * @throws {Error} The schema says something that strict schemas cannot say; the message says where.
 */
export function zodFunction<Parameters extends ZodTypeLike>(
  options: ZodFunctionOptions<Parameters> & {
    function: NonNullable<ZodFunctionOptions<Parameters>['function']>;
  },
): ZodFunctionTool<Parameters, NonNullable<ZodFunctionOptions<Parameters>['function']>>;

export function zodFunction<Parameters extends ZodTypeLike>(
  options: ZodFunctionOptions<Parameters>,
): ZodFunctionTool<Parameters, ZodFunctionOptions<Parameters>['function']>;
export function zodFunction(
  options: ZodFunctionOptions<ZodTypeLike>,
): AutoParseableTool<{ arguments: any; name: string; function: any }, boolean> {
  const { name, parameters, description, function: callback } = options;
  const schema = strictOutput(parameters, name) as Record<string, unknown>;
  return makeParseableTool(
    {
      type: 'function',
      function: { name, parameters: schema, strict: true, ...(description ? { description } : undefined) },
    },
    { callback, parser: parserOf(parameters) },
  );
}

/**
 * A function tool of the Responses API whose arguments are parsed by a schema.
 *
 * @param options - `function` is called with them by a runner; `defer_loading` leaves the tool to tool search.
 * @throws {Error} The schema says something that strict schemas cannot say; the message says where.
 */
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
export function zodResponsesFunction(options: {
  name: string;
  parameters: ZodTypeLike;
  function?: ((args: any) => unknown) | undefined;
  description?: string | undefined;
  defer_loading?: boolean | undefined;
}): AutoParseableResponseTool<any> {
  const { name, parameters, description, defer_loading, function: callback } = options;
  return makeParseableResponseTool(
    {
      type: 'function',
      name,
      parameters: strictOutput(parameters, name) as Record<string, unknown>,
      strict: true,
      ...(defer_loading === undefined ? undefined : { defer_loading }),
      ...(description ? { description } : undefined),
    },
    { callback, parser: parserOf(parameters) },
  );
}

/**
 * A function tool of the Realtime API with the JSON schema of what a schema takes; it is not strict.
 */
export function zodRealtimeFunction<Parameters extends ZodTypeLike>(options: {
  name: string;
  parameters: Parameters;
  description?: string | undefined;
}): RealtimeFunctionTool;
export function zodRealtimeFunction(options: {
  name: string;
  parameters: ZodTypeLike;
  description?: string | undefined;
}): RealtimeFunctionTool {
  const { name, parameters, description } = options;
  const schema: JSONSchema = isZod4(parameters)
    ? inputSchema(parameters as unknown as Zod4Schema)
    : zod3ToJsonSchema(parameters as unknown as Zod3Schema, { name, isStrict: false });
  return { type: 'function', name, parameters: schema, ...(description ? { description } : undefined) };
}

/** Kinds of zod 3 that are several schemas at once. */
const COMPOUNDS = new Set(['ZodUnion', 'ZodDiscriminatedUnion', 'ZodIntersection']);

/** The strict JSON schema of what a schema of any version gives. */
function strictOutput(schema: ZodTypeLike, name: string, definitions?: ZodSchemaDefinitions): JSONSchema {
  if (isZod4(schema)) {
    return strictSchema(outputSchema(schema as unknown as Zod4Schema, definitions as Record<string, Zod4Schema> | undefined));
  }
  const old = schema as unknown as Zod3Schema;
  const olds = definitions as Record<string, Zod3Schema> | undefined;
  // Whatever its branches are, a root of several is no object.
  if (!COMPOUNDS.has(old._def.typeName)) assertSupportedZodV3Schema(old, olds);
  const converted = zod3ToJsonSchema(old, { name, isStrict: true, definitions: olds });
  const { type, nullable } = converted as { type?: string | string[]; nullable?: boolean };
  if (type === 'object') return converted;
  const said = type === undefined ? 'undefined' : `'${[type, ...(nullable ? ['null'] : [])].join(',')}'`;
  throw new Error(`Root schema must have type: 'object' but got type: ${said}`);
}

/** Parses the text of an answer, and what it says by the schema. */
function parserOf(schema: ZodTypeLike): (content: string) => any {
  return (content) => {
    const value = parsedJson(content);
    return typeof schema.parse === 'function' ? schema.parse(value) : zodCore().parse(schema, value);
  };
}
