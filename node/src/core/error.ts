/** The exceptions, with the names, fields and messages of the official package. */

import type { Partial } from '../internal/ending.js';
import type { LimitName, Timeout } from '../internal/timeout.js';

/** Anything that this package throws on purpose. */
export class OpenAIError extends Error {}

/** Prototypes of connection errors that are also of a class of the platform, and so not below {@link OpenAIError}. */
export const alsoConnectionErrors = new WeakSet<object>();

// Defined here, because as a member it would be a part of the declared class.
Object.defineProperty(OpenAIError, Symbol.hasInstance, {
  value(this: typeof OpenAIError, value: unknown): boolean {
    if (Function.prototype[Symbol.hasInstance].call(this, value)) return true;
    if (typeof value !== 'object' || value === null) return false;
    const prototype = Object.getPrototypeOf(value) as object | null;
    if (prototype === null || !alsoConnectionErrors.has(prototype)) return false;
    return this === (APIConnectionError as unknown) || APIConnectionError.prototype instanceof this;
  },
});

/** A call that failed at the server or on the way. */
export class APIError<
  TStatus extends number | undefined = number | undefined,
  THeaders extends Headers | undefined = Headers | undefined,
  TError extends object | undefined = object | undefined,
> extends OpenAIError {
  /** The HTTP status; `undefined` when there was no answer or the error came inside a stream. */
  readonly status: TStatus;
  /** The headers of the answer. */
  readonly headers: THeaders;
  /** The answer's `x-request-id`. */
  readonly requestID: string | null | undefined;
  /** The answer's JSON body, or its `error` member where it has one. */
  readonly error: TError;
  /** `error.code`. */
  readonly code: string | null | undefined;
  /** `error.param`. */
  readonly param: string | null | undefined;
  /** `error.type`. */
  readonly type: string | undefined;

  constructor(status: TStatus, error: TError, message: string | undefined, headers: THeaders) {
    super(describe(status, error, message));
    this.status = status;
    this.headers = headers;
    this.requestID = headers?.get('x-request-id');
    this.error = error;
    const fields = error as Record<string, unknown> | undefined;
    this.code = fields?.['code'] as string | null | undefined;
    this.param = fields?.['param'] as string | null | undefined;
    this.type = fields?.['type'] as string | undefined;
  }

  /**
   * The exception for an answer.
   *
   * @param status - The HTTP status; without it, or without headers, there was no answer.
   * @param errorResponse - The JSON body.
   * @param message - The text of a body that is no JSON.
   */
  static generate(
    status: number | undefined,
    errorResponse: object | undefined,
    message: string | undefined,
    headers: Headers | undefined,
  ): APIError {
    if (!status || !headers) {
      return new APIConnectionError({ message, cause: asError(errorResponse) });
    }
    const error = (errorResponse as Record<string, unknown> | undefined)?.['error'] as object | undefined;
    const statusClass = STATUS_CLASSES[status] ?? (status >= 500 ? InternalServerError : APIError);
    return new statusClass(status, error ?? errorResponse, message, headers);
  }
}

/** The caller aborted: by the `signal` option, or by `controller.abort()`. */
export class APIUserAbortError extends APIError<undefined, undefined, undefined> {
  constructor({ message }: { message?: string | undefined } = {}) {
    super(undefined, undefined, message || 'Request was aborted.', undefined);
  }
}

/** No answer arrived, or the connection ended inside one. */
export class APIConnectionError extends APIError<undefined, undefined, undefined> {
  /** How many events a stream had handed out before this error ended it. */
  declare events: number | undefined;
  /** What is known of them. */
  declare partial: Partial | undefined;

  constructor({ message, cause }: { message?: string | undefined; cause?: Error | undefined }) {
    super(undefined, undefined, message || 'Connection error.', undefined);
    if (cause !== undefined) this.cause = cause;
  }
}

/** A time limit passed. */
export class APIConnectionTimeoutError extends APIConnectionError {
  /**
   * Which one: a member of {@link Timeout}, `deadline`, or `timeout` for one that was given as a number; `undefined` when
   * unknown.
   */
  readonly limit: LimitName | undefined;
  /** How long it was, in milliseconds. */
  readonly limitMs: number | undefined;
  /** How long the call had run, its earlier attempts included, in milliseconds. */
  readonly elapsedMs: number | undefined;
  /** How many events of its stream had come before. */
  declare events: number;

  constructor({
    message,
    limit,
    limitMs,
    elapsedMs,
    events = 0,
  }: {
    message?: string | undefined;
    limit?: LimitName | undefined;
    limitMs?: number | undefined;
    elapsedMs?: number | undefined;
    events?: number | undefined;
  } = {}) {
    super({ message: message ?? 'Request timed out.' });
    this.limit = limit;
    this.limitMs = limitMs;
    this.elapsedMs = elapsedMs;
    this.events = events;
  }
}

/** Status 400. */
export class BadRequestError extends APIError<400, Headers> {}

/** Status 401. */
export class AuthenticationError extends APIError<401, Headers> {}

/** Status 403. */
export class PermissionDeniedError extends APIError<403, Headers> {}

/** Status 404. */
export class NotFoundError extends APIError<404, Headers> {}

/** Status 409. */
export class ConflictError extends APIError<409, Headers> {}

/** Status 422. */
export class UnprocessableEntityError extends APIError<422, Headers> {}

/** Status 429. */
export class RateLimitError extends APIError<429, Headers> {}

/** Status 500 and above. */
export class InternalServerError extends APIError<number, Headers> {}

/** A parsed reply ended because it reached the token limit. */
export class LengthFinishReasonError extends OpenAIError {
  constructor() {
    super('Could not parse response content as the length limit was reached');
  }
}

/** A parsed reply ended because of the content filter. */
export class ContentFilterFinishReasonError extends OpenAIError {
  constructor() {
    super('Could not parse response content as the request was rejected by the content filter');
  }
}

/** A JSON schema cannot be used. */
export class SchemaError extends OpenAIError {}

/** A text is no instance of the schema that it has to be one of, however it goes on. */
export class SchemaViolationError extends OpenAIError {
  /** JSON pointer to the value or member in the text. */
  readonly pointer: string;
  /** How many bytes of the text, as UTF-8, come before the first one that left no way to a valid text. */
  readonly offset: number;
  /** Why, in a sentence. */
  readonly reason: string;
  /** JSON pointer to the keyword of the schema; empty when the text is no JSON. */
  readonly schemaPath: string;
  /** What has arrived of the answer to the last request. */
  readonly text: string;
  /**
   * What the API had reported of tokens for the last request by then. `null` where it had reported nothing: a stream does so with
   * its last events, which one that is cancelled before them never has, and a chat only when `stream_options` asks for it.
   */
  readonly usage: unknown;
  /** How many requests were made; 1 where none was. */
  readonly attempts: number;

  constructor(
    violation: { pointer: string; offset: number; reason: string; schemaPath: string },
    { text, usage = null, attempts = 1 }: { text: string; usage?: unknown; attempts?: number | undefined },
  ) {
    const { pointer, offset, reason, schemaPath } = violation;
    const rule = schemaPath ? ` (${schemaPath} of the schema)` : '';
    super(`${pointer || 'the whole text'}, byte ${offset}: ${reason}${rule}`);
    this.pointer = pointer;
    this.offset = offset;
    this.reason = reason;
    this.schemaPath = schemaPath;
    this.text = text;
    this.usage = usage;
    this.attempts = attempts;
  }
}

/** A webhook's signature does not fit its payload. */
export class InvalidWebhookSignatureError extends Error {
  constructor(message: string) {
    super(message);
  }
}

/** The token endpoint refused. */
export class OAuthError extends APIError<400 | 401 | 403, Headers> {
  /** The `error` member of the answer. */
  readonly error_code: string | undefined;

  constructor(status: 400 | 401 | 403, error: object | undefined, headers: Headers) {
    super(status, error, error === undefined ? 'OAuth2 authentication error' : undefined, headers);
    this.error_code = (error as Record<string, unknown> | undefined)?.['error'] as string | undefined;
  }
}

/** A provider of subject tokens failed. */
export class SubjectTokenProviderError extends OpenAIError {
  /** The provider's name. */
  readonly provider: string;
  override readonly cause: Error | undefined;

  constructor(message: string, provider: string, cause?: Error) {
    super(message);
    this.provider = provider;
    this.cause = cause;
  }
}

type StatusClass = new (
  status: number,
  error: object | undefined,
  message: string | undefined,
  headers: Headers,
) => APIError;

const STATUS_CLASSES: Record<number, StatusClass> = {
  400: BadRequestError as StatusClass,
  401: AuthenticationError as StatusClass,
  403: PermissionDeniedError as StatusClass,
  404: NotFoundError as StatusClass,
  409: ConflictError as StatusClass,
  422: UnprocessableEntityError as StatusClass,
  429: RateLimitError as StatusClass,
};

/** Status, then the most telling text: `error.message`, else the error as JSON, else the body's text. */
function describe(status: number | undefined, error: unknown, message: string | undefined): string {
  const own = (error as { message?: unknown } | undefined)?.message;
  const text = own ? (typeof own === 'string' ? own : JSON.stringify(own)) : error ? JSON.stringify(error) : message;
  if (status && text) return `${status} ${text}`;
  if (status) return `${status} status code (no body)`;
  return text || '(no status code or body)';
}

/** Any thrown or reported value as an `Error`. */
export function asError(value: unknown): Error {
  if (value instanceof Error) return value;
  if (typeof value === 'object' && value !== null) {
    try {
      return new Error(JSON.stringify(value));
    } catch {
      // A value that is no JSON still has a name.
    }
  }
  return new Error(String(value));
}
