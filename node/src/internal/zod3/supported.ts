/** Which schemas of zod 3 say the same as JSON schemas: what the API answers must be what zod takes. */

import { overlap } from './overlap.js';
import { branches, enumValues, type Def, type Zod3Schema } from './types.js';

/** Why a kind of schema has no place in strict structured outputs. */
const REASONS: Record<string, string> = {
  ZodBigInt: 'encode integers as decimal strings and convert with BigInt after parsing',
  ZodDate: 'native dates do not have a synchronous JSON representation',
  ZodSet: 'native sets do not have a synchronous JSON representation',
  ZodMap: 'native maps do not have a synchronous JSON representation',
  ZodPromise: 'asynchronous values do not have a synchronous JSON representation',
  ZodRecord: 'open-ended record schemas require unsupported additionalProperties',
  ZodTuple: 'tuple schemas require unsupported array-valued items',
  ZodEffects: 'custom transformations and refinements are opaque to JSON Schema',
  ZodPipeline: 'custom pipelines are opaque to JSON Schema',
  ZodIntersection: 'intersections cannot prove that both branches produce the same value',
  ZodCatch: 'catch fallbacks cannot be proven to produce JSON-native values',
};
/** Kinds of which nothing has to be known but the kind. */
const FINE = new Set(['ZodBoolean', 'ZodNull', 'ZodAny', 'ZodUnknown', 'ZodEnum']);
/** Kinds that say what they wrap. */
const WRAPPERS = new Set(['ZodNullable', 'ZodOptional', 'ZodReadonly', 'ZodBranded', 'ZodLazy']);
const CHANGES = new Set(['trim', 'toLowerCase', 'toUpperCase']);
const PATTERNS = new Set(['regex', 'startsWith', 'endsWith', 'includes', 'cuid', 'cuid2', 'ulid', 'nanoid', 'emoji']);

/**
 * Refuses a schema that JSON schemas cannot say.
 *
 * @throws {Error} Naming the place and the kind.
 */
export function checkSupported(root: Zod3Schema, definitions: Record<string, Zod3Schema> | undefined): void {
  const seen = new Set<Def>();
  check(root, '$', seen);
  for (const [name, schema] of Object.entries(definitions ?? {})) check(schema, `$definitions.${name}`, seen);
}

function check(schema: Zod3Schema, place: string, seen: Set<Def>): void {
  const def = schema._def;
  if (seen.has(def)) return;
  seen.add(def);
  const refuse = (reason: string): never => {
    throw new Error(
      `Zod schema field \`${place}\` uses \`${def.typeName}\`, which cannot be represented by strict Structured ` +
        `Outputs: ${reason}`,
    );
  };
  const { typeName } = def;
  if (REASONS[typeName] !== undefined) refuse(REASONS[typeName]);
  if (FINE.has(typeName)) return;
  if (WRAPPERS.has(typeName)) return check(inner(def), place, seen);
  switch (typeName) {
    case 'ZodString':
      return checkString(def, refuse);
    case 'ZodNumber':
      if (def.coerce === true && !isFinite(def)) refuse('number coercion must prove its parsed output is finite');
      return;
    case 'ZodLiteral':
      if (!isJsonPrimitive(def.value)) refuse('literal values must be finite JSON primitives');
      return;
    case 'ZodNativeEnum':
      if (!enumValues(def.values as Record<string, string | number>).every(isJsonPrimitive))
        refuse('enum values must be finite JSON primitives');
      return;
    case 'ZodArray':
      return check(def.type!, `${place}[]`, seen);
    case 'ZodObject':
      return checkObject(def, place, seen, refuse);
    case 'ZodUnion':
    case 'ZodDiscriminatedUnion':
      return checkUnion(def, place, seen, refuse);
    case 'ZodDefault':
      if (!givesJson(def.innerType!, new Set()))
        refuse(
          'default factory output is not independently guaranteed to be finite and JSON-native; it may contain bigint',
        );
      return check(def.innerType!, place, seen);
    default:
      refuse('this Zod schema is outside the documented JSON-native subset');
  }
}

function checkString(def: Def, refuse: (reason: string) => never): void {
  const kinds = (def.checks ?? []).map(({ kind }) => kind);
  if (kinds.some((kind) => CHANGES.has(kind))) refuse('value-changing string checks are not represented in JSON Schema');
  if (kinds.filter((kind) => PATTERNS.has(kind)).length > 1)
    refuse('multiple pattern-producing checks require unsupported allOf');
}

function checkObject(def: Def, place: string, seen: Set<Def>, refuse: (reason: string) => never): void {
  const isOpen = def.unknownKeys === 'passthrough' || (def.catchall?._def.typeName ?? 'ZodNever') !== 'ZodNever';
  if (isOpen) refuse('open object schemas require additionalProperties: false');
  for (const [name, property] of Object.entries(def.shape!())) check(property, `${place}.${name}`, seen);
}

function checkUnion(def: Def, place: string, seen: Set<Def>, refuse: (reason: string) => never): void {
  const options = branches(def);
  options.forEach((option, index) => check(option, `${place}[${index}]`, seen));
  if (def.typeName === 'ZodUnion' && overlap(options)) {
    refuse('ambiguous union branches overlap; use disjoint JSON types, distinct literals, or a discriminated union');
  }
}

/** What a wrapper wraps. */
export function inner(def: Def): Zod3Schema {
  return def.getter !== undefined ? def.getter() : (def.innerType ?? def.type)!;
}

/** Whether whatever a schema takes is JSON: a factory of defaults may make anything that it takes. */
function givesJson(schema: Zod3Schema, open: Set<Def>): boolean {
  const def = schema._def;
  if (open.has(def)) return true;
  open.add(def);
  switch (def.typeName) {
    case 'ZodString':
    case 'ZodBoolean':
    case 'ZodNull':
    case 'ZodEnum':
    case 'ZodNativeEnum':
    case 'ZodLiteral':
      return true;
    case 'ZodNumber':
      return isFinite(def);
    case 'ZodArray':
      return givesJson(def.type!, open);
    case 'ZodObject':
      return Object.values(def.shape!()).every((property) => givesJson(property, open));
    case 'ZodUnion':
    case 'ZodDiscriminatedUnion':
      return branches(def).every((option) => givesJson(option, open));
    case 'ZodNullable':
    case 'ZodReadonly':
    case 'ZodBranded':
    case 'ZodLazy':
    case 'ZodDefault':
      return givesJson(inner(def), open);
    default:
      return false;
  }
}

function isFinite(def: Def): boolean {
  const kinds = new Set((def.checks ?? []).map(({ kind }) => kind));
  return kinds.has('int') || kinds.has('finite') || kinds.has('multipleOf') || (kinds.has('min') && kinds.has('max'));
}

function isJsonPrimitive(value: unknown): boolean {
  return value === null || typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value);
}
