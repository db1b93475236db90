/** Schemas of zod 4 and zod 4 mini as JSON schemas. */

import { OpenAIError } from '../core/error.js';
import { type JSONSchema } from '../lib/jsonschema.js';

/** What is looked at of a schema of zod 4. */
export interface Zod4Schema {
  _zod: { def: { discriminator?: unknown } };
  /** Its own conversion: zod 4.2 and later, not mini. */
  toJSONSchema?: (options: object) => unknown;
  meta?: () => object | undefined;
}

interface Conversion {
  zodSchema: Zod4Schema;
  jsonSchema: Record<string, unknown>;
}

interface Registry {
  get(schema: Zod4Schema): object | undefined;
}

/** Whether a schema is one of zod 4, rather than of zod 3. */
export function isZod4(schema: object): schema is Zod4Schema {
  return '_zod' in schema;
}

/** The JSON schema of what a schema gives, with `definitions` taken out by name. */
export function outputSchema(schema: Zod4Schema, definitions: Record<string, Zod4Schema> | undefined): JSONSchema {
  return convert(schema, {
    ...metadata(definitions),
    // A union that its discriminator decides has branches that exclude each other, so that any of them will do.
    override: ({ zodSchema, jsonSchema }: Conversion) => {
      if (zodSchema._zod.def.discriminator === undefined || jsonSchema['oneOf'] === undefined) return;
      jsonSchema['anyOf'] = jsonSchema['oneOf'];
      delete jsonSchema['oneOf'];
    },
  });
}

/** The JSON schema of what a schema takes. */
export function inputSchema(schema: Zod4Schema): JSONSchema {
  return convert(schema, { io: 'input' });
}

function convert(schema: Zod4Schema, options: object): JSONSchema {
  const all = { target: 'draft-7', ...options };
  if (typeof schema.toJSONSchema === 'function') return plain(schema.toJSONSchema(all));
  return plain(zodCore().toJSONSchema(schema, { ...ownMetadata(schema), ...all }));
}

interface ZodCore {
  toJSONSchema(schema: unknown, options: object): unknown;
  parse(schema: unknown, value: unknown): unknown;
}

/**
 * The functions of zod 4 that a schema of its small version does not bring along.
 *
 * @throws {OpenAIError} zod cannot be loaded from where this package is.
 */
export function zodCore(): ZodCore {
  try {
    // Whoever has such a schema has zod; this package does not bring it.
    return require('zod/v4/core') as ZodCore;
  } catch (cause) {
    throw Object.assign(
      new OpenAIError(
        'A schema of zod/mini needs the package `zod` where tailrace finds it; install zod 4 in the same project as tailrace.',
      ),
      { cause },
    );
  }
}

/** Without the members that JSON does not show, such as the `~standard` of a schema that converts itself. */
function plain(schema: unknown): JSONSchema {
  return JSON.parse(JSON.stringify(schema)) as JSONSchema;
}

/** Gives schemas names, under which the conversion puts them into `definitions`. */
function metadata(definitions: Record<string, Zod4Schema> | undefined): { metadata?: Registry } {
  if (definitions === undefined) return {};
  const names = new Map(Object.entries(definitions).map(([name, schema]) => [schema, name]));
  return {
    metadata: {
      get(schema) {
        const id = names.get(schema);
        return id === undefined ? described(schema) : { ...described(schema), id };
      },
    },
  };
}

/** For zod before 4.2, whose registry is one for each way in which it is loaded. */
function ownMetadata(schema: Zod4Schema): { metadata?: Registry } {
  return typeof schema.meta === 'function' && registry() === undefined ? { metadata: { get: described } } : {};
}

function described(schema: Zod4Schema): object | undefined {
  return registry()?.get(schema) ?? schema.meta?.();
}

function registry(): Registry | undefined {
  return (globalThis as { __zod_globalRegistry?: Registry }).__zod_globalRegistry;
}
