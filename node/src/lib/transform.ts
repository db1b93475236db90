/** Part of structured outputs: by name and type only. */

import { type JSONSchema, type JSONSchemaDefinition } from './jsonschema.js';
import { later } from '../internal/later.js';

type JSONSchemaChildVisitor = (schema: unknown, path: string[], keyword: string) => void;

export function forEachJSONSchemaChild(
  schema: JSONSchema | Record<string, unknown>,
  path: string[],
  visit: JSONSchemaChildVisitor,
): void;
export function forEachJSONSchemaChild(): never {
  throw later('forEachJSONSchemaChild', 'structured outputs');
}

export function toStrictJsonSchema(schema: JSONSchema): JSONSchema;
export function toStrictJsonSchema(): never {
  throw later('toStrictJsonSchema', 'structured outputs');
}

export function resolveLocalRef(root: JSONSchema, ref: string): JSONSchemaDefinition | undefined;
export function resolveLocalRef(): never {
  throw later('resolveLocalRef', 'structured outputs');
}

export function hasOnlyRefAndAnnotations(schema: JSONSchema): boolean;
export function hasOnlyRefAndAnnotations(): never {
  throw later('hasOnlyRefAndAnnotations', 'structured outputs');
}

export function assertNoNestedSchemaIds(schema: JSONSchema): void;
export function assertNoNestedSchemaIds(): never {
  throw later('assertNoNestedSchemaIds', 'structured outputs');
}

export function rewriteLocalRefsIntoMovedOneOfBranches(root: JSONSchema): void;
export function rewriteLocalRefsIntoMovedOneOfBranches(): never {
  throw later('rewriteLocalRefsIntoMovedOneOfBranches', 'structured outputs');
}

export function normalizeObjectAllOfForExclusivity(schema: JSONSchema, root: JSONSchema): JSONSchema | undefined;
export function normalizeObjectAllOfForExclusivity(): never {
  throw later('normalizeObjectAllOfForExclusivity', 'structured outputs');
}
