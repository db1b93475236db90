/** Copies of values of the API. */

/**
 * A copy of an object that shares nothing with it.
 *
 * `structuredClone` would refuse what callers may have put into an object, a function for one, so this keeps such a value
 * as it is.
 *
 * @throws {TypeError} `value` is null or absent.
 */
export function detached<T extends object>(value: T): T {
  const source = value as unknown as Record<string, unknown>;
  const keys = Object.keys(source);
  const copy = (Array.isArray(value) ? [] : {}) as Record<string, unknown>;
  for (const key of keys) set(copy, key, isNested(source[key]) ? detached(source[key]) : source[key]);
  return copy as unknown as T;
}

function isNested(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** `copy[key] = value`, also for `__proto__`, which JSON may say. */
function set(copy: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__') Object.defineProperty(copy, key, { value, configurable: true, enumerable: true, writable: true });
  else copy[key] = value;
}
