/** When a broken connection is made again. */

/** Close codes after which a new connection may help: going away, none, abnormal, internal error, restart, overload, TLS. */
const RECOVERABLE = new Set([1001, 1005, 1006, 1011, 1012, 1013, 1015]);

/** Whether another connection may help after this close code. */
export function isRecoverable(code: number): boolean {
  return RECOVERABLE.has(code);
}

/**
 * The pause before an attempt, in milliseconds: twice as long each time, and up to a quarter less, so that many do not come at
 * once.
 *
 * @param attempt - From 1 on.
 */
export function backoff(attempt: number, initialDelay: number, maxDelay: number): number {
  const longest = Math.min(maxDelay, initialDelay * 2 ** (attempt - 1));
  return Math.round(longest * (1 - Math.random() / 4));
}
