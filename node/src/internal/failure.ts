/** From native failures, which are data, to exceptions. The one table of the host. */

import {
  APIConnectionError,
  APIConnectionTimeoutError,
  APIError,
  APIUserAbortError,
  OpenAIError,
} from '../core/error.js';
import type { Failure, FailureData } from './native.cjs';
import { limitName } from './timeout.js';
import { WireReply } from './wire-reply.js';

/** Makes the error of an answer with a status of 400 or more. */
export type StatusError = (
  status: number,
  body: object | undefined,
  text: string | undefined,
  headers: Headers,
) => Error;

type Make = (data: FailureData, failure: Failure, statusError: StatusError) => Error;

/** One entry for each of the native `errorCodes()`; a test holds the two against each other. */
export const EXCEPTIONS: Readonly<Record<string, Make>> = {
  invalid_request: (data) => new OpenAIError(data.message, causes(data)),
  connect_failed: (data) => new APIConnectionError({ cause: asCause(data) }),
  timed_out: (data) => timedOut(data),
  interrupted: (data) => new APIConnectionError({ cause: asCause(data) }),
  cancelled: () => new APIUserAbortError(),
  status: (data, failure, statusError) => refused(data, failure, statusError),
  unreadable_body: (data) => new APIConnectionError({ message: data.message, cause: asCause(data) }),
  invalid_response: (data) => new APIConnectionError({ message: data.message, cause: asCause(data) }),
  forked: (data) => new APIConnectionError({ message: data.message }),
  internal: (data) => new OpenAIError(data.message, causes(data)),
};

/** The exception for a failure. */
export function exception(failure: Failure, statusError: StatusError = APIError.generate): Error {
  const data = JSON.parse(failure.data()) as FailureData;
  const make = EXCEPTIONS[data.code];
  if (make !== undefined) return make(data, failure, statusError);
  return new OpenAIError(`${data.message} (failure ${data.code}, unknown to this version of tailrace)`);
}

/** The JSON body of an error answer where it has one; its text where it has none. */
export function refused(data: FailureData, failure: Failure, statusError: StatusError): Error {
  const native = failure.reply();
  if (native === null) return new OpenAIError(data.message, causes(data));
  const reply = new WireReply(native);
  const text = reply.text();
  const body = parsed(text);
  const fields = typeof body === 'object' && body !== null ? body : undefined;
  const error = statusError(reply.status, fields, body ? undefined : text, reply.headers);
  // Why it was not tried again, where that was the deadline.
  if (data.causes.length > 0) error.cause ??= causes(data).cause;
  return error;
}

function timedOut(data: FailureData): Error {
  const error = new APIConnectionTimeoutError({
    limit: limitName(data.limit),
    limitMs: data.allowed === null ? undefined : Math.round(data.allowed * 1000),
    elapsedMs: Math.round(data.elapsed * 1000),
    events: data.events,
  });
  error.cause = asCause(data);
  return error;
}

/** What native code says, as a chain of causes. */
function asCause(data: FailureData): Error {
  return new Error(data.message, causes(data));
}

function causes(data: FailureData): ErrorOptions {
  let cause: Error | undefined;
  for (const message of [...data.causes].reverse()) {
    cause = cause === undefined ? new Error(message) : new Error(message, { cause });
  }
  return cause === undefined ? {} : { cause };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
