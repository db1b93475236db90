/**
 * Schemas of zod 3 as JSON schemas (draft 7).
 *
 * A schema that stands in several places is written out where it comes first; the other places refer to a definition that is
 * called after that place. A definition of the whole schema joins them as soon as there is one.
 */

import { type JSONSchema } from '../../lib/jsonschema.js';
import { bigint, number, string } from './scalars.js';
import { branches, enumValues, type Def, type Zod3Schema } from './types.js';

type Schema = Record<string, unknown>;

/** What a conversion needs to know. */
export interface Options {
  /** What the schema is called; definitions are called after it. */
  name: string;
  /** Every object is closed, and what may be left out must admit null. */
  isStrict: boolean;
  /** Schemas that are definitions by a name of their own. */
  definitions?: Record<string, Zod3Schema> | undefined;
}

/** Where a schema stands, and the property that it is (a part of). */
interface Place {
  path: string[];
  property: string[] | undefined;
}

const DRAFT = 'http://json-schema.org/draft-07/schema#';
/** Kinds whose type says all, unless they have checks. */
const PRIMITIVES: Record<string, string> = {
  ZodString: 'string', ZodNumber: 'number', ZodBigInt: 'integer', ZodBoolean: 'boolean', ZodNull: 'null',
}; // prettier-ignore
/** How many pairs a map may have: the official package's number. */
const MOST_PAIRS = 125;
/** Kinds that JSON has no value for, so that a property of theirs is left out. */
const NOTHING = new Set(['ZodVoid', 'ZodSymbol', 'ZodFunction']);
/** Kinds that say the same in JSON as what they wrap. */
const WRAPPERS = new Set(['ZodLazy', 'ZodBranded', 'ZodReadonly', 'ZodCatch', 'ZodPromise', 'ZodEffects', 'ZodPipeline']);

/**
 * The JSON schema of a schema of zod 3.
 *
 * @throws {Error} A property may be left out, and cannot be null instead (strict only); the message says which.
 */
export function zod3ToJsonSchema(schema: Zod3Schema, options: Options): JSONSchema {
  return new Converter(options).document(schema) as JSONSchema;
}

class Converter {
  readonly #options: Options;
  /** Where each schema came first, as names below the root. */
  readonly #seen = new Map<Def, string[]>();
  /** Definitions by name, in the order in which they were needed. */
  readonly #definitions = new Map<string, Def>();
  #refersToRoot = false;
  #rootName: string;

  constructor(options: Options) {
    this.#options = options;
    const own = Object.entries(options.definitions ?? {});
    for (const [name, { _def }] of own) {
      this.#definitions.set(name, _def);
      this.#seen.set(_def, [name]);
    }
    this.#rootName = options.name;
    while (this.#definitions.has(this.#rootName)) this.#rootName = `${this.#rootName}_root`;
  }

  document(root: Zod3Schema): Schema {
    const whole = this.#convert(root, { path: [this.#rootName], property: undefined }, true);
    const definitions: Schema = {};
    // Writing a definition may ask for more of them.
    for (const [name, def] of this.#definitions) {
      definitions[name] = this.#definition(def, { path: [name], property: undefined }, true);
    }
    if (this.#refersToRoot || this.#definitions.size > 0) definitions[this.#rootName] = { ...whole };
    return {
      ...whole,
      ...(Object.keys(definitions).length > 0 ? { definitions } : {}),
      $schema: DRAFT,
    };
  }

  #convert(schema: Zod3Schema, place: Place, isWritten = false): Schema {
    return this.#definition(schema._def, place, isWritten);
  }

  /** @param isWritten - It is written out, even when it stands elsewhere, too. */
  #definition(def: Def, place: Place, isWritten: boolean): Schema {
    const before = this.#seen.get(def);
    if (before !== undefined && !isWritten) return { $ref: `#/definitions/${this.#reference(def, before)}` };
    this.#seen.set(def, place.path);
    const schema = this.#kind(def, place, isWritten);
    return def.description === undefined || def.description === '' || '$ref' in schema
      ? schema
      : { ...schema, description: def.description };
  }

  /** The name of the definition for what came first at `path`. */
  #reference(def: Def, path: string[]): string {
    if (path.length === 1 && path[0] === this.#rootName) {
      this.#refersToRoot = true;
      return this.#rootName;
    }
    const plain = path.map(encoded).join('_');
    let name = plain;
    for (let number = 1; (this.#definitions.get(name) ?? def) !== def; number++) name = `${plain}_${number}`;
    this.#definitions.set(name, def);
    return name;
  }

  #kind(def: Def, place: Place, isWritten: boolean): Schema {
    switch (def.typeName) {
      case 'ZodString':
        return string(def);
      case 'ZodNumber':
        return number(def);
      case 'ZodBigInt':
        return bigint(def);
      case 'ZodBoolean':
        return { type: 'boolean' };
      case 'ZodNull':
        return { type: 'null' };
      case 'ZodDate':
        return { type: 'string', format: 'date-time' };
      case 'ZodUndefined':
      case 'ZodNever':
      case 'ZodNaN':
        return { not: {} };
      case 'ZodLiteral':
        return literal(def.value);
      case 'ZodEnum':
        return { type: 'string', enum: [...(def.values as string[])] };
      case 'ZodNativeEnum':
        return nativeEnum(def.values as Record<string, string | number>);
      case 'ZodArray':
        return this.#array(def, place);
      case 'ZodSet':
        return this.#set(def, place);
      case 'ZodTuple':
        return this.#tuple(def, place);
      case 'ZodObject':
        return this.#object(def, place);
      case 'ZodMap': {
        const pair = [def.keyType!, def.valueType!];
        const items = pair.map((part, index) => this.#convert(part, inside(place, 'items', 'items', String(index))));
        return { type: 'array', maxItems: MOST_PAIRS, items: { type: 'array', items, minItems: 2, maxItems: 2 } };
      }
      case 'ZodRecord':
        return { type: 'object', additionalProperties: this.#convert(def.valueType!, inside(place, 'additionalProperties')) };
      case 'ZodUnion':
      case 'ZodDiscriminatedUnion':
        return this.#union(def, place);
      case 'ZodIntersection': {
        const parts = [def.left!, def.right!];
        const schemas = parts.map((part, index) => this.#convert(part, inside(place, 'allOf', String(index))));
        return { allOf: schemas.flatMap(opened) };
      }
      case 'ZodNullable':
        return this.#nullable(def, place);
      case 'ZodOptional':
        if (place.property !== undefined) return this.#convert(def.innerType!, place, isWritten);
        return {
          anyOf: [
            ...(this.#options.isStrict ? [] : [{ not: {} }]),
            this.#convert(def.innerType!, inside(place, 'anyOf', '1'), isWritten),
          ],
        };
      case 'ZodDefault':
        return { ...this.#convert(def.innerType!, place, isWritten), default: def.defaultValue!() };
      default:
        return WRAPPERS.has(def.typeName) ? this.#convert(wrapped(def), place, isWritten) : {};
    }
  }

  #object(def: Def, place: Place): Schema {
    const properties: Schema = {};
    const required: string[] = [];
    for (const [name, property] of Object.entries(def.shape!())) {
      if (NOTHING.has(property._def.typeName)) continue;
      const { path } = inside(place, 'properties', name);
      // A property called `__proto__` is one like the others.
      const value = this.#convert(property, { path, property: path });
      Object.defineProperty(properties, name, { value, enumerable: true, configurable: true, writable: true });
      if (this.#isRequired(property, path)) required.push(name);
    }
    const rest = def.catchall;
    const isClosed = this.#options.isStrict || def.unknownKeys !== 'passthrough';
    return {
      type: 'object',
      properties,
      ...(required.length > 0 ? { required } : {}),
      additionalProperties:
        rest !== undefined && rest._def.typeName !== 'ZodNever'
          ? this.#convert(rest, inside(place, 'additionalProperties'))
          : !isClosed,
    };
  }

  #isRequired(property: Zod3Schema, path: string[]): boolean {
    if (!this.#options.isStrict) return !property.isOptional();
    if (property._def.typeName !== 'ZodDefault' && property.isOptional() && !property.isNullable()) {
      throw new Error(
        `Zod field at \`#/definitions/${path.join('/')}\` uses \`.optional()\` without \`.nullable()\` which is not ` +
          'supported by the API. See: https://platform.openai.com/docs/guides/structured-outputs?api-mode=responses#all-fields-must-be-required',
      );
    }
    return true;
  }

  #array(def: Def, place: Place): Schema {
    const { minLength, maxLength, exactLength } = def;
    const isAny = !this.#options.isStrict && def.type!._def.typeName === 'ZodAny';
    const schema: Schema = { type: 'array' };
    if (!isAny) schema['items'] = this.#convert(def.type!, inside(place, 'items'));
    if (minLength) schema['minItems'] = minLength.value;
    if (maxLength) schema['maxItems'] = maxLength.value;
    if (exactLength) Object.assign(schema, { minItems: exactLength.value, maxItems: exactLength.value });
    return schema;
  }

  #set(def: Def, place: Place): Schema {
    const items = this.#convert(def.valueType!, inside(place, 'items'));
    const schema: Schema = { type: 'array', uniqueItems: true, items };
    if (def.minSize) schema['minItems'] = def.minSize.value;
    if (def.maxSize) schema['maxItems'] = def.maxSize.value;
    return schema;
  }

  #tuple(def: Def, place: Place): Schema {
    const items = def.items!.map((item, index) => this.#convert(item, inside(place, 'items', String(index))));
    const schema: Schema = { type: 'array', minItems: items.length };
    if (!def.rest) return { ...schema, maxItems: items.length, items };
    return { ...schema, items, additionalItems: this.#convert(def.rest, inside(place, 'additionalItems')) };
  }

  /** Branches that a type or an enum says together are no branches. */
  #union(def: Def, place: Place): Schema {
    const defs = branches(def).map((branch) => branch._def);
    if (def.typeName === 'ZodUnion') {
      if (defs.every((branch) => isPlain(branch))) return oneOf(defs.map((branch) => PRIMITIVES[branch.typeName]!));
      if (defs.every((branch) => branch.typeName === 'ZodLiteral' && !branch.description && isJson(branch.value))) {
        const values = defs.map((branch) => branch.value);
        return { ...oneOf(values.map(typeOf)), enum: [...new Set(values)] };
      }
      if (defs.every((branch) => branch.typeName === 'ZodEnum')) {
        return { type: 'string', enum: [...new Set(defs.flatMap((branch) => branch.values as string[]))] };
      }
    }
    return {
      anyOf: defs.map((branch, index) => this.#definition(branch, inside(place, 'anyOf', String(index)), false)),
    };
  }

  #nullable(def: Def, place: Place): Schema {
    const inner = def.innerType!._def;
    if (isPlain(inner)) {
      const type = PRIMITIVES[inner.typeName];
      return this.#options.isStrict ? { type, nullable: true } : { type: [type, 'null'] };
    }
    return { anyOf: [this.#convert(def.innerType!, inside(place, 'anyOf', '0')), { type: 'null' }] };
  }
}

function inside(place: Place, ...names: string[]): Place {
  return { path: [...place.path, ...names], property: place.property };
}

/** What a kind that says nothing of its own wraps. A conversion is described by what goes in. */
function wrapped(def: Def): Zod3Schema {
  if (def.getter !== undefined) return def.getter();
  return (def.schema ?? def.in ?? def.innerType ?? def.type)!;
}

/** Parts of an intersection in one list, each open to the properties of the others. */
function opened(schema: Schema): Schema[] {
  if (Array.isArray(schema['allOf']) && Object.keys(schema).length === 1) return schema['allOf'] as Schema[];
  const { additionalProperties, ...open } = schema;
  return [additionalProperties === false ? open : schema];
}

function isPlain(def: Def): boolean {
  return PRIMITIVES[def.typeName] !== undefined && !def.checks?.length;
}

function isJson(value: unknown): boolean {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value);
}

function typeOf(value: unknown): string {
  return value === null ? 'null' : typeof value;
}

/** A type, or the list of several. */
function oneOf(types: string[]): Schema {
  const different = [...new Set(types)];
  return { type: different.length === 1 ? different[0] : different };
}

function literal(value: unknown): Schema {
  if (isJson(value)) return { type: typeOf(value), const: value };
  return typeof value === 'bigint' ? { type: 'integer', const: Number(value) } : { type: 'object' };
}

function nativeEnum(values: Record<string, string | number>): Schema {
  const found = enumValues(values);
  const types = new Set(found.map((value) => typeof value));
  return { type: types.size === 1 ? [...types][0] : ['string', 'number'], enum: found };
}

/** A name as a part of the name of a definition. */
function encoded(name: string, index: number): string {
  if (index === 0 || /^[A-Za-z0-9_.-]*$/.test(name)) return name;
  const units = Array.from({ length: name.length }, (_, at) => name.charCodeAt(at).toString(16).padStart(4, '0'));
  return `_x_${units.join('')}`;
}
