/** Paths with values in them. */

import { OpenAIError } from '../core/error.js';

/**
 * A path template whose values are percent-encoded, each as one segment.
 *
 * @throws {OpenAIError} A value is `null`, `undefined`, a plain object, or makes a segment `.` or `..`, which a server
 *   would resolve to another path.
 */
export function path(parts: TemplateStringsArray, ...values: readonly unknown[]): string {
  const wrong: string[] = [];
  let joined = parts[0] ?? '';
  for (const [index, value] of values.entries()) {
    if (!isText(value)) wrong.push(`a value of type ${kind(value)} is not a valid path parameter`);
    joined += encoded(String(value)) + (parts[index + 1] ?? '');
  }
  for (const segment of withoutQuery(joined).split('/')) {
    if (isDots(segment)) wrong.push(`the value "${decoded(segment)}" can't be safely passed as a path parameter`);
  }
  if (wrong.length > 0) {
    throw new OpenAIError(
      `Path parameters result in path with invalid segments: ${wrong.join(', and ')}, in "${joined}"; pass an id.`,
    );
  }
  return joined;
}

/** What may stand in a segment as it is (RFC 3986, `pchar`); `encodeURIComponent` also encodes some of these. */
const ALLOWED = /%(24|26|2B|2C|3A|3B|3D|40)/g;

function encoded(value: string): string {
  return encodeURIComponent(value).replace(ALLOWED, decodeURIComponent);
}

function isText(value: unknown): boolean {
  if (value === null || value === undefined) return false;
  return typeof value !== 'object' || value.toString !== Object.prototype.toString;
}

function kind(value: unknown): string {
  return Object.prototype.toString.call(value).slice('[object '.length, -1);
}

function withoutQuery(joined: string): string {
  return joined.split(/[?#]/, 1)[0] ?? '';
}

function isDots(segment: string): boolean {
  const plain = decoded(segment);
  return plain === '.' || plain === '..';
}

function decoded(segment: string): string {
  return segment.replace(/%2e/gi, '.');
}
