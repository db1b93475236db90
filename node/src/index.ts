/** The OpenAI client with one Rust core. */

export { OpenAI as default, OpenAI } from './client.js';
export type { ApiKeySetter, ClientOptions, DataResidency, Logger, LogLevel } from './client.js';
export { APIPromise } from './core/api-promise.js';
export {
  APIConnectionError,
  APIConnectionTimeoutError,
  APIError,
  APIUserAbortError,
  AuthenticationError,
  BadRequestError,
  ConflictError,
  InternalServerError,
  InvalidWebhookSignatureError,
  NotFoundError,
  OAuthError,
  OpenAIError,
  PermissionDeniedError,
  RateLimitError,
  SubjectTokenProviderError,
  UnprocessableEntityError,
} from './core/error.js';
