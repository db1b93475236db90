/** JSON schemas: `validate`, and compiled ones for texts that arrive in pieces. */

import { asError, SchemaError, SchemaViolationError } from '../../core/error.js';
import { addon, type Schema } from '../native.cjs';

/** Compiled schemas that are kept for the next time; a program has a handful. */
const KEPT = 64;

/** By their JSON text, the one that was used last at the end. */
const known = new Map<string, Schema>();

/**
 * Checks that a JSON text is an instance of a schema.
 *
 * @param schema - A JSON schema (2020-12, or draft 7 where it says so) as a value, or as JSON text.
 * @param text - The JSON text.
 * @throws {@link SchemaViolationError} It is none, or no JSON at all; its members say where and why.
 * @throws {@link SchemaError} The schema is not one, or refers to what is not in it, or is larger than what is compiled.
 */
export function validate(schema: object | boolean | string, text: string): void {
  const violation = compiled(schema).violation(text);
  if (violation !== null) throw new SchemaViolationError(violation, { text });
}

/**
 * The compiled form of a schema.
 *
 * @throws {@link SchemaError} See {@link validate}.
 */
export function compiled(schema: object | boolean | string): Schema {
  const json = typeof schema === 'string' ? schema : written(schema);
  let found = known.get(json);
  if (found === undefined) {
    try {
      found = new (addon().Schema)(json);
    } catch (error) {
      throw new SchemaError(asError(error).message);
    }
    if (known.size >= KEPT) known.delete(known.keys().next().value!);
  } else {
    known.delete(json);
  }
  known.set(json, found);
  return found;
}

function written(schema: object | boolean): string {
  try {
    // A value that JSON has no form for, such as a function, is written as `undefined`, which is no schema either.
    return String(JSON.stringify(schema));
  } catch (error) {
    throw new SchemaError(`the schema cannot be written as JSON: ${asError(error).message}`);
  }
}
