/** JSON schemas in their strict form: the rewriting is Rust. */

import { type JSONSchema } from '../lib/jsonschema.js';
import { addon } from './native.cjs';

/** Faults of a value that is of the wrong type, which JavaScript tells by the class of the error. */
const TYPE_FAULTS = new Set(['mistyped', 'not_a_schema']);

/**
 * The strict form of a schema, as a schema of its own.
 *
 * @throws {Error} The schema says something that strict schemas cannot say; the message says where.
 * @throws {TypeError} Something in it is no schema, or no JSON.
 */
export function strictSchema(schema: JSONSchema): JSONSchema {
  const result = addon().strictSchema(JSON.stringify(schema));
  if (typeof result === 'string') return JSON.parse(result) as JSONSchema;
  throw TYPE_FAULTS.has(result.kind) ? new TypeError(result.message) : new Error(result.message);
}
