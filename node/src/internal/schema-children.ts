/** Where in a JSON schema other schemas are, and what a local reference points to. */

/** Keywords whose members are schemas. */
const NAMED = new Set(['$defs', 'definitions', 'properties', 'patternProperties', 'dependentSchemas', 'dependencies']);
/** Keywords that are a list of schemas. */
const LISTED = new Set(['anyOf', 'oneOf', 'allOf', 'prefixItems']);
/** Keywords that are a schema; `items` is a list in old drafts. */
const ALONE = new Set([
  'additionalItems', 'additionalProperties', 'contains', 'contentSchema', 'else', 'if', 'items', 'not', 'propertyNames', 'then',
  'unevaluatedItems', 'unevaluatedProperties',
]); // prettier-ignore

type Node = Record<string, unknown>;

/** A schema inside another one: what it is, the names on the way to it, and the keyword that holds it. */
export interface Child {
  schema: unknown;
  path: string[];
  keyword: string;
}

/** Every schema directly inside a schema; what stands in `enum`, `const` and `default` is none. */
export function schemaChildren(schema: Node): Child[] {
  const found: Child[] = [];
  for (const [keyword, value] of Object.entries(schema)) {
    if (NAMED.has(keyword) && isObject(value)) {
      // A dependency that is a list of names is no schema.
      for (const [name, child] of Object.entries(value))
        if (!Array.isArray(child)) found.push({ schema: child, path: [keyword, name], keyword });
    } else if (Array.isArray(value) && (LISTED.has(keyword) || keyword === 'items')) {
      value.forEach((child, index) => found.push({ schema: child, path: [keyword, String(index)], keyword }));
    } else if (ALONE.has(keyword) && value !== undefined) {
      found.push({ schema: value, path: [keyword], keyword });
    }
  }
  return found;
}

/** What a reference such as `#/$defs/Step` points to by keywords that hold schemas; undefined when that is no schema. */
export function localTarget(root: unknown, reference: string): Node | boolean | undefined {
  const tokens = pointer(reference);
  let at: unknown = root;
  for (let index = 0; tokens !== undefined && index < tokens.length; ) {
    if (!isObject(at)) return undefined;
    const keyword = tokens[index++]!;
    const value = own(at, keyword);
    if (NAMED.has(keyword)) at = isObject(value) ? own(value, tokens[index++]) : undefined;
    else if (Array.isArray(value) && (LISTED.has(keyword) || keyword === 'items')) at = own(value, tokens[index++]);
    else if (ALONE.has(keyword)) at = value;
    else return undefined;
  }
  return tokens !== undefined && (isObject(at) || typeof at === 'boolean') ? at : undefined;
}

function pointer(reference: string): string[] | undefined {
  if (reference === '#') return [];
  if (!reference.startsWith('#/')) return undefined;
  try {
    const tokens = decodeURIComponent(reference.slice(2)).split('/');
    return tokens.map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
  } catch {
    // A percent sign that stands for nothing.
    return undefined;
  }
}

function own(value: object, name: string | undefined): unknown {
  return name !== undefined && Object.hasOwn(value, name) ? (value as Node)[name] : undefined;
}

/** Whether it is an object with members, no list. */
export function isObject(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
