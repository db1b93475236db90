/** Errors of what the caller gave up. */

import { APIUserAbortError } from '../core/error.js';

/** The error of an abort by `signal`, with its reason as the cause. */
export function userAbort(signal: AbortSignal): APIUserAbortError {
  const error = new APIUserAbortError();
  if (signal.aborted) hideCause(error, signal.reason);
  return error;
}

/** Sets a cause as the platform does: where inspecting an error finds it, and listing its members does not. */
export function hideCause(error: Error, cause: unknown): void {
  Object.defineProperty(error, 'cause', { value: cause, writable: true, configurable: true });
}

/**
 * Waits for `work`, at most until `signal` is aborted; what comes of it after that is nobody's.
 *
 * @throws {APIUserAbortError} It was.
 */
export async function unlessAborted<T>(signal: AbortSignal, work: () => T | PromiseLike<T>): Promise<T> {
  if (signal.aborted) throw userAbort(signal);
  let stop = () => {};
  const aborted = new Promise<never>((_resolve, reject) => {
    stop = () => reject(userAbort(signal));
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    const value = await Promise.race([work(), aborted]);
    if (signal.aborted) throw userAbort(signal);
    return value;
  } finally {
    signal.removeEventListener('abort', stop);
    // An abort inside `work` itself was told by what was thrown above.
    aborted.catch(() => {});
  }
}
