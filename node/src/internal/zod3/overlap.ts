/** Whether branches of a union of zod 3 have values in common: then it is chance which of them an answer is. */

import { branches, enumValues, type Def, type Zod3Schema } from './types.js';

/** What values a schema takes: any of these types, or just these values. */
interface Domain {
  /** JSON types of which any value may be taken; `*` for all of them. */
  types: Set<string>;
  /** Values of other types that are taken, as JSON. */
  values: Set<string>;
  /** The objects that are taken, by their properties. */
  objects: Record<string, Zod3Schema>[];
}

/** How deeply properties are compared; below it two branches count as one that overlap. */
const MOST_DEPTH = 20;

export function overlap(options: Zod3Schema[]): boolean {
  const domains = options.map((option) => domain(option, 0));
  return domains.some((one, index) => domains.slice(index + 1).some((other) => meet(one, other, 0)));
}

function meet(one: Domain, other: Domain, depth: number): boolean {
  if (depth > MOST_DEPTH || one.types.has('*') || other.types.has('*')) return true;
  const shareType = [...one.types].some((type) => other.types.has(type));
  const shareValue = [...one.values].some((value) => other.values.has(value) || other.types.has(typeOf(value)));
  const taken = [...other.values].some((value) => one.types.has(typeOf(value)));
  return (
    shareType ||
    shareValue ||
    taken ||
    one.objects.some((left) => other.objects.some((right) => meetObjects(left, right, depth)))
  );
}

/** Two objects differ when a property that both must have differs. */
function meetObjects(left: Record<string, Zod3Schema>, right: Record<string, Zod3Schema>, depth: number): boolean {
  return !Object.keys(left).some((name) => {
    if (!Object.hasOwn(right, name) || left[name]!.isOptional() || right[name]!.isOptional()) return false;
    return !meet(domain(left[name]!, depth + 1), domain(right[name]!, depth + 1), depth + 1);
  });
}

function domain(schema: Zod3Schema, depth: number): Domain {
  const found: Domain = { types: new Set(), values: new Set(), objects: [] };
  collect(schema._def, found, depth);
  return found;
}

function collect(def: Def, found: Domain, depth: number): void {
  if (depth > MOST_DEPTH) {
    found.types.add('*');
    return;
  }
  switch (def.typeName) {
    case 'ZodString':
    case 'ZodNumber':
    case 'ZodBoolean':
      // Whatever is coerced is taken.
      found.types.add(def.coerce === true ? '*' : def.typeName.slice(3).toLowerCase());
      return;
    case 'ZodArray':
      found.types.add('array');
      return;
    case 'ZodNull':
      found.values.add('null');
      return;
    case 'ZodLiteral':
      found.values.add(JSON.stringify(def.value) ?? '');
      return;
    case 'ZodEnum':
      for (const value of def.values as string[]) found.values.add(JSON.stringify(value));
      return;
    case 'ZodNativeEnum':
      for (const value of enumValues(def.values as Record<string, string | number>)) found.values.add(JSON.stringify(value));
      return;
    case 'ZodObject':
      found.objects.push(def.shape!());
      return;
    case 'ZodUnion':
    case 'ZodDiscriminatedUnion':
      for (const branch of branches(def)) collect(branch._def, found, depth + 1);
      return;
    case 'ZodNullable':
      found.values.add('null');
      collect(def.innerType!._def, found, depth + 1);
      return;
    case 'ZodOptional':
    case 'ZodDefault':
    case 'ZodReadonly':
      collect(def.innerType!._def, found, depth + 1);
      return;
    case 'ZodBranded':
      collect(def.type!._def, found, depth + 1);
      return;
    case 'ZodLazy':
      collect(def.getter!()._def, found, depth + 1);
      return;
    default:
      found.types.add('*');
  }
}

function typeOf(json: string): string {
  const value: unknown = JSON.parse(json);
  return value === null ? 'null' : typeof value;
}
