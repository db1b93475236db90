/** Texts that are told to a model. */

const ENCODER = new TextEncoder();

/** How long a text is in bytes of UTF-8. */
export function bytesOf(text: string): number {
  return ENCODER.encode(text).length;
}

/** Whether a value is a text that is Unicode, with so many bytes. */
export function isSized(value: unknown, least: number, most: number): value is string {
  if (!isUnicode(value)) return false;
  const size = bytesOf(value);
  return size >= least && size <= most;
}

/** Whether a value is a text without lone surrogates. */
export function isUnicode(value: unknown): value is string {
  return typeof value === 'string' && !/\p{Surrogate}/u.test(value);
}
