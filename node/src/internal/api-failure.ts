/** What errors of connections to the API say. */

const UNHEARD =
  '\n\nTo resolve these unhandled rejection errors you should bind an `error` callback, e.g. ' +
  "`ws.on('error', (error) => ...)` ";

/**
 * The message of an error.
 *
 * @param event - What the server said, or null.
 * @param message - What to say where it says nothing.
 * @param isHeard - Whether somebody listens to errors.
 */
export function failureText(event: unknown, message: string | undefined, isHeard: boolean): string {
  const { error, message: own } = (event ?? {}) as { error?: { message?: unknown } | null; message?: unknown };
  const texts = [error?.message, own, message || undefined];
  const text = texts.find((each): each is string => typeof each === 'string') ?? 'unknown error';
  return isHeard ? text : text + UNHEARD;
}

/** Keeps what the server said with its error, where no copy of its members and no JSON shows it. */
export function keepEvent(error: Error, event: unknown): void {
  Object.defineProperty(error, 'error', { value: event ?? undefined, writable: true, enumerable: false, configurable: true });
}
