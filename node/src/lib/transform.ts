/** JSON schemas as strict structured outputs take them. */

import { localTarget, isObject, schemaChildren } from '../internal/schema-children.js';
import { strictSchema } from '../internal/strict-schema.js';
import { type JSONSchema, type JSONSchemaDefinition } from './jsonschema.js';

type JSONSchemaChildVisitor = (schema: unknown, path: string[], keyword: string) => void;

/** Keywords that describe, and change nothing that is valid. */
const ANNOTATIONS = new Set([
  '$comment', '$defs', 'default', 'definitions', 'description', 'examples', 'readOnly', 'title', 'writeOnly',
]); // prettier-ignore

/**
 * Calls `visit` with every schema directly inside a schema.
 *
 * @param path - The names on the way to `schema`; `visit` gets those to each of its children.
 */
export function forEachJSONSchemaChild(
  schema: JSONSchema | Record<string, unknown>,
  path: string[],
  visit: JSONSchemaChildVisitor,
): void {
  for (const child of schemaChildren(schema as Record<string, unknown>)) {
    visit(child.schema, [...path, ...child.path], child.keyword);
  }
}

/**
 * A copy of a schema in its strict form: every object is closed, every property required.
 *
 * An optional property must admit null, for the API has no other way to leave it out; an `allOf` of objects is merged where
 * that means the same.
 *
 * @throws {Error} The schema says something that strict schemas cannot say; the message says where.
 * @throws {TypeError} Something in it is no schema.
 */
export function toStrictJsonSchema(schema: JSONSchema): JSONSchema {
  return strictSchema(schema);
}

/** What a local reference points to by keywords that hold schemas; undefined when there is no such schema. */
export function resolveLocalRef(root: JSONSchema, ref: string): JSONSchemaDefinition | undefined {
  return localTarget(root, ref) as JSONSchemaDefinition | undefined;
}

/** Whether a schema is a reference, with nothing beside it but descriptions and definitions. */
export function hasOnlyRefAndAnnotations(schema: JSONSchema): boolean {
  return (
    typeof schema.$ref === 'string' && Object.keys(schema).every((name) => name === '$ref' || ANNOTATIONS.has(name))
  );
}

/**
 * Refuses a schema inside which another one has an `$id`, because references mean something else there.
 *
 * @throws {Error} Naming the place.
 */
export function assertNoNestedSchemaIds(schema: JSONSchema): void {
  const pending: [schema: unknown, path: string[]][] = [[schema, []]];
  const seen = new Set<unknown>();
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const [at, path] = next;
    if (!isObject(at) || seen.has(at)) continue;
    seen.add(at);
    if (path.length > 0 && Object.hasOwn(at, '$id')) {
      throw new Error(
        `Nested $id at "${path.join('/')}" starts a scope of its own for references, which strict Structured Outputs ` +
          'cannot represent.',
      );
    }
    const children = schemaChildren(at).map((child): [unknown, string[]] => [child.schema, [...path, ...child.path]]);
    pending.push(...children.reverse());
  }
}

/**
 * Rewrites, in place, references that go through a `oneOf`, as if it were an `anyOf`: the branches are about to be moved.
 *
 * @param root - The schema that references start from.
 */
export function rewriteLocalRefsIntoMovedOneOfBranches(root: JSONSchema): void {
  const references: JSONSchema[] = [];
  const pending: unknown[] = [root];
  const seen = new Set<unknown>();
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    if (!isObject(at) || seen.has(at)) continue;
    seen.add(at);
    if (typeof at['$ref'] === 'string') references.push(at as JSONSchema);
    pending.push(...schemaChildren(at).map((child) => child.schema));
  }
  // All of them are worked out while the schema is as it was.
  const moved = references.map((schema) => movedReference(root, schema.$ref!));
  references.forEach((schema, index) => (schema.$ref = moved[index]));
}

function movedReference(root: JSONSchema, reference: string): string {
  const tokens = reference.split('/');
  for (let index = 1; index < tokens.length; index++) {
    if (tokens[index] !== 'oneOf') continue;
    const owner = localTarget(root, tokens.slice(0, index).join('/'));
    if (isObject(owner) && Array.isArray(owner['oneOf'])) tokens[index] = 'anyOf';
  }
  return tokens.join('/');
}

/**
 * A copy of a schema whose `allOf` of objects is merged to one object; undefined when that would change what is valid.
 *
 * @param root - The schema that references start from.
 */
export function normalizeObjectAllOfForExclusivity(schema: JSONSchema, root: JSONSchema): JSONSchema | undefined {
  if (schema.allOf === undefined) return structuredClone(schema);
  const { $defs, definitions } = root;
  try {
    // Its references keep their meaning beside the definitions of the root.
    const { $defs: _defs, definitions: _definitions, ...merged } = strictSchema({ ...schema, $defs, definitions });
    return merged;
  } catch {
    return undefined;
  }
}
