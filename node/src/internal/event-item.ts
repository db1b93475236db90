/** What one event of a stream means to the caller. */

import { APIError } from '../core/error.js';

/** `legacy` gives errors their meaning, named or not; `events` gives every event as it is. */
export type EventMode = 'legacy' | 'events';

/** Where the items of a stream came from. */
export interface Origin {
  readonly mode: EventMode;
  /** The headers of the answer, built only when an error needs them. */
  headers(): Headers | undefined;
  /** Told of data that is no JSON. */
  report(data: string): void;
}

/** The item that an event gives. Throws what the official package throws for errors and broken JSON. */
export function eventItem(name: string, data: string, origin: Origin): unknown {
  if (origin.mode === 'events') return parsedEvent(data, origin);
  const value = name === 'error' ? errorValue(data) : parsedEvent(data, origin);
  // The names of assistant events are part of their meaning.
  if (name.startsWith('thread.')) return { event: name, data: value };
  if (name === 'error') throw streamError(errorOf(value) ?? value, origin);
  return checkedItem(value, origin);
}

/** An unnamed item as it is, unless it carries an error. */
export function checkedItem(value: unknown, origin: Origin): unknown {
  const error = origin.mode === 'legacy' && errorOf(value);
  if (error) throw streamError(error, origin);
  return value;
}

/** The JSON value of an event. */
export function parsedEvent(data: string, origin: Origin): unknown {
  try {
    return JSON.parse(data);
  } catch {
    origin.report(data);
    throw new SyntaxError('Error reading response: malformed server-sent event JSON.');
  }
}

/** What an error event says, be it JSON or not: that it is an error is told by its name. */
function errorValue(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    return data;
  }
}

function errorOf(value: unknown): unknown {
  return (value as { error?: unknown } | null)?.error;
}

function streamError(error: unknown, origin: Origin): APIError {
  return new APIError(undefined, error as object, undefined, origin.headers());
}
