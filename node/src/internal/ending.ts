/** How a stream ended: in order or cut, what of it had arrived, and the exceptions that say so. */

import { APIConnectionError, alsoConnectionErrors } from '../core/error.js';
import { exception } from './failure.js';
import type { EventStream, Failure, FailureData, Received } from './native.cjs';

/**
 * Types of the events after which the API sends nothing more. Streams of chat and text completions and of assistants have
 * none, because `[DONE]` ends them; those of agent sessions have none at all. The facts of the API do not mark these
 * events, so this list and the one in `python/tailrace/_ending.py` are written by hand; a test holds them together. An
 * event named `error` is none: it throws.
 */
export const FINAL_EVENTS: ReadonlySet<string> = new Set([
  'image_edit.completed',
  'image_generation.completed',
  'response.completed',
  'response.failed',
  'response.incomplete',
  'speech.audio.done',
  'transcript.text.done',
]);

/**
 * What of a stream had arrived when it broke off.
 *
 * It holds two events and two numbers, however long the stream was. The events in between were handed out as they came
 * and belong to whoever took them: keeping them all here would make every stream cost the memory of its whole answer.
 */
export interface Partial {
  /** How many events were handed out. */
  events: number;
  /** Bytes of data in them. */
  bytes: number;
  /** The first event; it names the answer (`id`, or `response.id`). `null` when there was none. */
  first: unknown;
  /** The last event; it says how far the answer had come (`sequence_number`, for one). */
  last: unknown;
  /** The `x-request-id` of the response, for a report to its operator. */
  requestID: string | null;
}

/** What tells how a stream ended, by the stream. */
const tellers = new WeakMap<object, () => boolean | null>();

/** Makes `tell` say what `stream.endedCleanly` is. */
export function tellsEnding(stream: object, tell: () => boolean | null): void {
  tellers.set(stream, tell);
}

/** What `stream.endedCleanly` is; `null` where nothing is known. */
export function endingOf(stream: object): boolean | null {
  return tellers.get(stream)?.() ?? null;
}

/** Lets `branches` tell what `stream` tells. */
export function sharesEnding(stream: object, branches: object[]): void {
  for (const branch of branches) tellsEnding(branch, () => endingOf(stream));
}

/** Whether a native stream came to the end that the API gives it; `null` until its end was read. */
export function endedCleanly(events: EventStream): boolean | null {
  const ended = events.ended();
  if (ended === null) return null;
  return ended === 'done' || (ended === 'input' && isFinal(received(events).last));
}

/** The exception for a stream that ended in order after events of which none was final; nothing for any other. */
export function uncleanEnd(events: EventStream, headers: Headers | undefined): Error | undefined {
  if (events.ended() !== 'input') return undefined;
  const arrived = received(events);
  if (isFinal(arrived.last)) return undefined;
  const message =
    `The stream ended after ${arrived.events} events with neither \`[DONE]\` nor a final event, so it may have been ` +
    'cut; leave out `strictEnd` for servers that end their streams like this.';
  return withArrived(new APIConnectionError({ message }), arrived, headers);
}

/** The exception for a stream that broke off. */
export function broken(failure: Failure, headers: Headers | undefined): Error {
  const data = JSON.parse(failure.data()) as FailureData;
  let error = exception(failure);
  if (data.code === 'interrupted') error = alsoTerminated(error as APIConnectionError);
  return data.received === null ? error : withArrived(error, data.received, headers);
}

/** What `fetch` throws where a body breaks off. */
const TERMINATED = Object.create(TypeError.prototype, {
  constructor: { value: APIConnectionError, configurable: true, writable: true },
}) as object;
alsoConnectionErrors.add(TERMINATED);

/**
 * The same error as what `fetch` throws where a body breaks off, too.
 *
 * The official package lets that `TypeError: terminated` through, with a cause that has a code, and code that was written
 * against it looks for these. `instanceof APIConnectionError` holds as well.
 */
function alsoTerminated(connectionError: APIConnectionError): Error {
  const terminated = new APIConnectionError({ message: 'terminated', cause: connectionError.cause as Error });
  if (connectionError.cause instanceof Error) Object.assign(connectionError.cause, { code: 'UND_ERR_SOCKET' });
  return Object.setPrototypeOf(terminated, TERMINATED) as Error;
}

function withArrived(error: Error, arrived: Received, headers: Headers | undefined): Error {
  if (!(error instanceof APIConnectionError)) return error;
  const { events, bytes, first, last } = arrived;
  const requestID = headers?.get('x-request-id') ?? null;
  const partial: Partial = { events, bytes, first: item(first), last: item(last), requestID };
  error.events = events;
  // Out of sight of `console.log`: the events hold what a model said, which is not for logs.
  Object.defineProperty(error, 'partial', { value: partial, configurable: true, enumerable: false, writable: true });
  return error;
}

function received(events: EventStream): Received {
  return JSON.parse(events.received()) as Received;
}

function isFinal(event: [name: string, data: string] | null): boolean {
  if (event === null) return false;
  return FINAL_EVENTS.has(event[0]) || FINAL_EVENTS.has((parsed(event[1]) as { type?: string } | null)?.type ?? '');
}

/** An event as streams hand it out. */
function item(event: [name: string, data: string] | null): unknown {
  if (event === null) return null;
  const value = parsed(event[1]);
  return event[0].startsWith('thread.') ? { event: event[0], data: value } : value;
}

function parsed(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    // An event that is no JSON was thrown about when it came.
    return null;
  }
}
