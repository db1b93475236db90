/** Looking at what a caller gives a runner. */

/**
 * The fields of a plain value, of which no other may be there.
 *
 * @throws {TypeError} It is no object, or has a field that is not among `names`.
 */
export function knownFields(value: unknown, names: readonly string[]): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new TypeError('Supplied outputs require declared data fields.');
  }
  if (!Object.keys(value).every((name) => names.includes(name))) {
    throw new TypeError('Supplied outputs contain unknown fields or accessors.');
  }
  return value as Record<string, unknown>;
}
