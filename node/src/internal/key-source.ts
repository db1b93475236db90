/** Functions in place of an API key: they are asked before every attempt of a call. */

import { asError, OpenAIError } from '../core/error.js';
import type { ApiKeySetter } from './client-options.js';

/**
 * The key that a function gives.
 *
 * @throws {OpenAIError} The function failed, or gave no text.
 */
export async function freshKey(setter: ApiKeySetter): Promise<string> {
  let key: unknown;
  try {
    key = await setter();
  } catch (cause) {
    if (cause instanceof OpenAIError) throw cause;
    const { message } = asError(cause);
    throw Object.assign(new OpenAIError(`Failed to get token from 'apiKey' function: ${message}`), { cause });
  }
  if (typeof key !== 'string' || key === '') {
    throw new OpenAIError(
      `Expected 'apiKey' function argument to return a string but it returned ${shown(key)}`,
    );
  }
  return key;
}

/** A value in place of a key; what is inside an object may be one. */
function shown(value: unknown): string {
  const isOpaque = (typeof value === 'object' && value !== null) || typeof value === 'function';
  return isOpaque ? Object.prototype.toString.call(value) : String(value);
}
