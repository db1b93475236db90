/** Part of structured outputs: by name and type only. */

import { later } from '../internal/later.js';

interface ZodV3Schema {
  _def: unknown;
}

export function assertSupportedZodV3Schema(
  schema: ZodV3Schema,
  definitions: Record<string, ZodV3Schema> | undefined,
): void;
export function assertSupportedZodV3Schema(): never {
  throw later('assertSupportedZodV3Schema', 'structured outputs');
}

export function assertJSONSerializableSchema(value: unknown, path?: string, ancestors?: Set<object>): void;
export function assertJSONSerializableSchema(): never {
  throw later('assertJSONSerializableSchema', 'structured outputs');
}
