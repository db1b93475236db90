/** A `oneOf` as an `anyOf`, where at most one branch can hold: then both say the same. */

import { OpenAIError } from '../core/error.js';
import { type JSONSchema } from '../lib/jsonschema.js';
import {
  assertNoNestedSchemaIds,
  normalizeObjectAllOfForExclusivity,
  rewriteLocalRefsIntoMovedOneOfBranches,
} from '../lib/transform.js';
import { isObject, localTarget, schemaChildren } from './schema-children.js';

type Node = Record<string, unknown>;

/** How deeply properties are compared, and references followed. */
const MOST_DEPTH = 20;

/**
 * A copy of a schema in which every `oneOf` is an `anyOf`.
 *
 * @throws {OpenAIError} Branches of a `oneOf` may hold at once, or an `anyOf` stands beside it.
 * @throws {Error} A schema inside has an `$id`, so that references mean something else there.
 */
export function withoutOneOf(schema: JSONSchema): JSONSchema {
  const root = structuredClone(schema);
  if (!isObject(root)) return root;
  assertNoNestedSchemaIds(root);
  const owners = withOneOf(root);
  for (const owner of owners) {
    if (owner['anyOf'] !== undefined) {
      throw new OpenAIError('A schema has both `anyOf` and `oneOf`, which cannot be represented in an OpenAI strict schema');
    }
    if (!areExclusive(owner['oneOf'] as unknown[], root)) {
      throw new OpenAIError(
        'A schema has a `oneOf` whose branches are not provably mutually exclusive. OpenAI strict schemas do not support ' +
          '`oneOf`; use `anyOf` or add a discriminator with distinct literal values.',
      );
    }
  }
  rewriteLocalRefsIntoMovedOneOfBranches(root);
  for (const owner of owners) rename(owner);
  return root;
}

function withOneOf(root: Node): Node[] {
  const owners: Node[] = [];
  const seen = new Set<unknown>();
  const pending: unknown[] = [root];
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    if (!isObject(at) || seen.has(at)) continue;
    seen.add(at);
    if (Array.isArray(at['oneOf'])) owners.push(at);
    pending.push(...schemaChildren(at).map((child) => child.schema));
  }
  return owners;
}

/** In place, so that the members keep their order. */
function rename(owner: Node): void {
  const members = Object.entries(owner);
  for (const [name] of members) delete owner[name];
  for (const [name, value] of members) owner[name === 'oneOf' ? 'anyOf' : name] = value;
}

function areExclusive(branches: unknown[], root: Node): boolean {
  return branches.every((one, index) => branches.slice(index + 1).every((other) => differ(one, other, root, 0)));
}

/** Whether no value can be both. */
function differ(one: unknown, other: unknown, root: Node, depth: number): boolean {
  const [left, right] = [resolved(one, root), resolved(other, root)];
  if (left === undefined || right === undefined || depth > MOST_DEPTH) return false;
  const values = [literals(left), literals(right)];
  if (values[0] && values[1]) {
    const taken = new Set(values[1].map((value) => JSON.stringify(value)));
    return values[0].every((value) => !taken.has(JSON.stringify(value)));
  }
  const types = [typesOf(left, values[0]), typesOf(right, values[1])];
  if (types[0] && types[1] && types[0].every((type) => !types[1]!.includes(type))) return true;
  // A property that both must have, and that differs, tells objects apart.
  const areObjects = types.every((kinds) => kinds?.length === 1 && kinds[0] === 'object');
  return areObjects && shared(left, right).some((name) => differ(property(left, name), property(right, name), root, depth + 1));
}

function resolved(schema: unknown, root: Node): Node | undefined {
  let at = schema;
  for (let hops = 0; isObject(at) && typeof at['$ref'] === 'string'; hops++) {
    if (hops > MOST_DEPTH) return undefined;
    at = localTarget(root, at['$ref']);
  }
  if (!isObject(at)) return undefined;
  return at['allOf'] === undefined ? at : (normalizeObjectAllOfForExclusivity(at, root) as Node | undefined);
}

function literals(schema: Node): unknown[] | undefined {
  if (Object.hasOwn(schema, 'const')) return [schema['const']];
  return Array.isArray(schema['enum']) ? schema['enum'] : undefined;
}

/** JSON types; an integer is a number. */
function typesOf(schema: Node, values: unknown[] | undefined): string[] | undefined {
  const said = schema['type'] ?? values?.map(typeOf);
  if (said === undefined) return undefined;
  return [said].flat().map((type) => (type === 'integer' ? 'number' : String(type)));
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

/** The properties that both require and describe. */
function shared(left: Node, right: Node): string[] {
  const required = (schema: Node) => (Array.isArray(schema['required']) ? (schema['required'] as string[]) : []);
  return required(left).filter((name) => required(right).includes(name));
}

function property(schema: Node, name: string): unknown {
  const { properties } = schema;
  return isObject(properties) && Object.hasOwn(properties, name) ? properties[name] : undefined;
}
