/** The OpenAI client with one Rust core. */

export { OpenAI as default, OpenAI } from './client.js';
export type { ApiKeySetter, ClientOptions, DataResidency, Logger, LogLevel, Pem, TransportOptions } from './client.js';
export type { RetryAttempt, RetryDecision, RetryPolicy } from './internal/retry-policy.js';
export type { Timeout } from './internal/timeout.js';
export { AzureOpenAI, type AzureClientOptions } from './azure.js';
export { BedrockOpenAI, type BedrockClientOptions } from './bedrock.js';
export { APIPromise } from './core/api-promise.js';
export { PagePromise } from './core/pagination.js';
export { toFile, toStreamingFile, type Uploadable } from './core/uploads.js';
export type { EmbeddingArray } from './helpers/embedding-arrays.js';
export { ComputerToolset, type ComputerDriver } from './helpers/computer.js';
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
  SchemaError,
  SchemaViolationError,
  SubjectTokenProviderError,
  UnprocessableEntityError,
} from './core/error.js';
export { partialJson } from './internal/structured/partial-json.js';
export { validate } from './internal/structured/schema.js';
export type { DeepPartial } from './internal/structured/partial-types.js';
