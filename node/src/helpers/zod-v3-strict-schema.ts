/** What strict structured outputs can say of a schema of zod 3. */

import { checkSupported } from '../internal/zod3/supported.js';
import { type Zod3Schema } from '../internal/zod3/types.js';

interface ZodV3Schema {
  _def: unknown;
}

/**
 * Refuses a schema of zod 3 whose values no JSON schema can say.
 *
 * @param definitions - Schemas that become definitions by a name of their own.
 * @throws {Error} Naming the place, the kind of schema and the reason.
 */
export function assertSupportedZodV3Schema(
  schema: ZodV3Schema,
  definitions: Record<string, ZodV3Schema> | undefined,
): void {
  checkSupported(schema as Zod3Schema, definitions as Record<string, Zod3Schema> | undefined);
}

/**
 * Refuses a value that JSON would not say as it is: numbers that are not finite, functions, dates, cycles.
 *
 * @param path - What the value is called in the message.
 * @param ancestors - What the value is inside of.
 * @throws {TypeError} Naming the place.
 */
export function assertJSONSerializableSchema(
  value: unknown,
  path: string = '$',
  ancestors: Set<object> = new Set(),
): void {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return;
  if (typeof value === 'number' && Number.isFinite(value)) return;
  if (typeof value !== 'object') {
    throw new TypeError(`The schema has a value at \`${path}\` that is no JSON: ${describe(value)}`);
  }
  if (ancestors.has(value)) throw new TypeError(`The schema is cyclic at \`${path}\`, which JSON cannot say`);
  if (typeof (value as { toJSON?: unknown }).toJSON === 'function') {
    throw new TypeError(`The schema has a value at \`${path}\` that writes itself by toJSON; pass plain data`);
  }
  ancestors.add(value);
  for (const [name, part] of Object.entries(value)) {
    if (part === undefined && !Array.isArray(value)) continue;
    assertJSONSerializableSchema(part, Array.isArray(value) ? `${path}[${name}]` : `${path}.${name}`, ancestors);
  }
  ancestors.delete(value);
}

function describe(value: unknown): string {
  return typeof value === 'number' ? `the number ${value} is not finite` : `a ${typeof value}`;
}
