/** What a single call may set. */

import type { Stream } from '../core/streaming.js';
import type { HeadersLike } from './headers.js';
import type { RetryPolicy } from './retry-policy.js';
import type { Timeout } from './timeout.js';
import type { MergedRequestInit } from './types.js';

/** The methods that a call may have. */
export type HTTPMethod = 'get' | 'post' | 'put' | 'patch' | 'delete';

/** The keys that an operation accepts; either of two is enough. */
export type Security = { bearerAuth?: boolean; adminAPIKeyAuth?: boolean };

/** Options of one call; each replaces the client's. */
export type RequestOptions = {
  /** The HTTP method, for {@link OpenAI.request}. */
  method?: HTTPMethod;
  /** Joined to `baseURL`; an absolute http(s) URL replaces it. For {@link OpenAI.request}. */
  path?: string;
  /** Added to the URL, nested values with brackets; `undefined` members are left out. */
  query?: object | undefined | null;
  /** Sent as JSON unless it is bytes, a form, a `Blob` or a stream, or `content-type` says otherwise. */
  body?: unknown;
  /** Added to the client's; `null` removes one. */
  headers?: HeadersLike;
  /** Attempts after the first; default the client's. */
  maxRetries?: number;
  /** How attempts are repeated, in place of the client's policy; `null` for none. */
  retry?: RetryPolicy | null | undefined;
  /** Whether the answer is read as an event stream. */
  stream?: boolean | undefined;
  /**
   * In milliseconds: until the answer's head for a stream, until the end of its body otherwise; per attempt. As an object it
   * has a limit for each part of an attempt.
   */
  timeout?: number | Timeout;
  /** In milliseconds, for the whole call: its attempts, the pauses between them and a stream to its end; `null` for none. */
  deadline?: number | null | undefined;
  /** Whether a stream that ends uncleanly throws `APIConnectionError`, see {@link Stream.endedCleanly}. */
  strictEnd?: boolean | undefined;
  /** Whether the stream of a response that runs in the background goes on after a break, within `maxRetries`. */
  resume?: boolean | undefined;
  /**
   * What happens at the first byte after which an answer can no longer fit the JSON schema that it was asked for: `abort`
   * cancels the request and throws `SchemaViolationError`, `retry` asks again with the reason. Of `parse` and `stream`.
   */
  onInvalid?: 'abort' | 'retry' | undefined;
  /** How many requests `onInvalid: 'retry'` makes in all; default 2. */
  attempts?: number | undefined;
  /** Merged over those of the client, see {@link ClientOptions.fetchOptions}. */
  fetchOptions?: MergedRequestInit;
  /** Aborts the call, and its stream. */
  signal?: AbortSignal | undefined | null;
  /** The value of the client's idempotency header, where it has one. */
  idempotencyKey?: string;
  /** Used in place of the default address where the client has no `baseURL` of its own. */
  defaultBaseURL?: string | undefined;
  /** Not sent; for those who wrap this client. */
  __metadata?: Record<string, unknown>;
  /** Which keys the operation accepts; default the API key. */
  __security?: { bearerAuth?: boolean; adminAPIKeyAuth?: boolean };
  /** Whether the value of the call is the `Response`. */
  __binaryResponse?: boolean | undefined;
  /** What a streamed answer is read with. */
  __streamClass?: typeof Stream;
  /** Whether the items of a stream are `{ event, data }`. */
  __synthesizeEventData?: boolean;
  /** With `events` an event named `error` is an item like any other. */
  __streamMode?: 'legacy' | 'events';
};

/** Options that say where to go. */
export type FinalRequestOptions = RequestOptions & { method: HTTPMethod; path: string };
