/** The client. */

import { randomUUID } from 'node:crypto';
import { APIPromise } from './core/api-promise.js';
import * as Errors from './core/error.js';
import { encodedBody } from './internal/body.js';
import { send, type Outgoing } from './internal/call.js';
import {
  checkedTimeout,
  DEFAULT_TIMEOUT,
  retries,
  settings,
  type ApiKeySetter,
  type ClientOptions,
} from './internal/client-options.js';
import { effective, layered, type HeadersLike } from './internal/headers.js';
import { isDebugging, loggerOf, redacted, type Logger, type LogLevel } from './internal/log.js';
import { BUFFERED, CHUNKS, EVENTS } from './internal/native.cjs';
import { APIResponseProps, type Wish } from './internal/parse.js';
import { platformHeaders } from './internal/platform.js';
import { queryJson, queryString } from './internal/query.js';
import type { FinalRequestOptions, HTTPMethod, RequestOptions } from './internal/request-options.js';
import {
  Chat,
  type ChatCompletion,
  type ChatCompletionAllowedToolChoice,
  type ChatCompletionAllowedTools,
  type ChatCompletionAssistantMessageParam,
  type ChatCompletionAudio,
  type ChatCompletionAudioParam,
  type ChatCompletionChunk,
  type ChatCompletionContentPart,
  type ChatCompletionContentPartImage,
  type ChatCompletionContentPartInputAudio,
  type ChatCompletionContentPartRefusal,
  type ChatCompletionContentPartText,
  type ChatCompletionCreateParams,
  type ChatCompletionCreateParamsNonStreaming,
  type ChatCompletionCreateParamsStreaming,
  type ChatCompletionCustomTool,
  type ChatCompletionDeveloperMessageParam,
  type ChatCompletionFunctionCallOption,
  type ChatCompletionFunctionMessageParam,
  type ChatCompletionFunctionTool,
  type ChatCompletionMessage,
  type ChatCompletionMessageCustomToolCall,
  type ChatCompletionMessageFunctionToolCall,
  type ChatCompletionMessageParam,
  type ChatCompletionMessageToolCall,
  type ChatCompletionNamedToolChoice,
  type ChatCompletionNamedToolChoiceCustom,
  type ChatCompletionPredictionContent,
  type ChatCompletionStreamOptions,
  type ChatCompletionSystemMessageParam,
  type ChatCompletionTokenLogprob,
  type ChatCompletionTool,
  type ChatCompletionToolChoiceOption,
  type ChatCompletionToolMessageParam,
  type ChatCompletionUserMessageParam,
} from './resources/chat/index.js';
import type { CompletionUsage } from './resources/completions.js';
import { Responses } from './resources/responses/responses.js';
import type * as Shared from './resources/shared.js';
import { VERSION } from './version.js';

export type { ApiKeySetter, ClientOptions, DataResidency } from './internal/client-options.js';
export type { Logger, LogLevel } from './internal/log.js';

const WITH_BODY = new Set(['POST', 'PUT', 'PATCH']);

type PromiseOrValue<T> = T | Promise<T>;

/** The client of the OpenAI API, and of servers that speak it. */
export class OpenAI {
  /** `null` when a function gives it, until that was first asked. */
  apiKey: string | null;
  adminAPIKey: string | null;
  organization: string | null;
  project: string | null;
  webhookSecret: string | null;
  baseURL: string;
  /** Attempts after the first. */
  maxRetries: number;
  /** In milliseconds, for each attempt. */
  timeout: number;
  logger: Logger;
  logLevel: LogLevel | undefined;
  /** The header that carries the idempotency key; none by default. */
  declare protected idempotencyHeader?: string;
  protected _options: ClientOptions;
  readonly #defaultHeaders: HeadersLike[];
  readonly #apiKeySetter: ApiKeySetter | undefined;

  /** `client.chat`. */
  chat: Chat = new Chat(this);
  /** `client.responses`. */
  responses: Responses = new Responses(this);

  /**
   * @throws {OpenAIError} No key was given and none is in the environment, or an option is wrong; the message says which.
   */
  constructor(options: ClientOptions = {}) {
    const decided = settings(options);
    this._options = options;
    this.apiKey = decided.apiKey;
    this.adminAPIKey = decided.adminAPIKey;
    this.organization = decided.organization;
    this.project = decided.project;
    this.webhookSecret = decided.webhookSecret;
    this.baseURL = decided.baseURL;
    this.maxRetries = decided.maxRetries;
    this.timeout = decided.timeout;
    this.logger = decided.logger;
    this.logLevel = decided.logLevel;
    this.#defaultHeaders = decided.defaultHeaders;
    this.#apiKeySetter = decided.apiKeySetter;
  }

  /** A client with some options replaced. Connections are shared. */
  withOptions(options: Partial<ClientOptions>): this {
    const constructor = this.constructor as new (options: ClientOptions) => this;
    const current: ClientOptions = {
      ...this._options,
      apiKey: this.#apiKeySetter ?? this.apiKey,
      adminAPIKey: this.adminAPIKey,
      organization: this.organization,
      project: this.project,
      webhookSecret: this.webhookSecret,
      baseURL: this.baseURL,
      dataResidency: undefined,
      maxRetries: this.maxRetries,
      timeout: this.timeout,
      logger: this.logger,
      logLevel: this.logLevel,
    };
    if (options.dataResidency != null) current.baseURL = undefined;
    return new constructor({ ...current, ...options });
  }

  /** `GET`. `path` is joined to `baseURL`; an absolute http(s) URL replaces it. */
  get<Rsp>(path: string, options?: PromiseOrValue<RequestOptions>): APIPromise<Rsp> {
    return this.#method('get', path, options);
  }

  /** `POST`. */
  post<Rsp>(path: string, options?: PromiseOrValue<RequestOptions>): APIPromise<Rsp> {
    return this.#method('post', path, options);
  }

  /** `PATCH`. */
  patch<Rsp>(path: string, options?: PromiseOrValue<RequestOptions>): APIPromise<Rsp> {
    return this.#method('patch', path, options);
  }

  /** `PUT`. */
  put<Rsp>(path: string, options?: PromiseOrValue<RequestOptions>): APIPromise<Rsp> {
    return this.#method('put', path, options);
  }

  /** `DELETE`. */
  delete<Rsp>(path: string, options?: PromiseOrValue<RequestOptions>): APIPromise<Rsp> {
    return this.#method('delete', path, options);
  }

  /**
   * Makes a call. The request is on its way whether or not anybody waits for the promise.
   *
   * @throws {APIError} In the promise: the server refused, no answer arrived, or the caller aborted.
   * @throws {OpenAIError} In the promise: an option is wrong; the message says which.
   */
  request<Rsp>(options: PromiseOrValue<FinalRequestOptions>, maxRetries: number | null = null): APIPromise<Rsp> {
    const wish: Wish = { isRaw: false };
    return new APIPromise<Rsp>(this, this.#answer(options, maxRetries, wish), undefined, wish);
  }

  /** The URL of a request, with the default query and `query`. */
  buildURL(path: string, query: Record<string, unknown> | null | undefined, defaultBaseURL?: string): string {
    const base = this.#base(defaultBaseURL);
    const absolute = /^https?:/i.test(path);
    const joined = absolute ? path : base + (base.endsWith('/') && path.startsWith('/') ? path.slice(1) : path);
    const url = new URL(joined);
    const added = queryString({ ...this.defaultQuery(), ...query });
    if (added !== '') url.search = url.search === '' ? added : `${url.search}&${added}`;
    return url.toString();
  }

  /** What `console.log` shows: no key and no header, which may be secret. */
  [Symbol.for('nodejs.util.inspect.custom')](
    _depth: number,
    options: object,
    inspect: (value: object, options: object) => string,
  ): string {
    const { baseURL, organization, project, maxRetries, timeout, logLevel } = this;
    const shown = { baseURL, organization, project, maxRetries, timeout, logLevel };
    return `${this.constructor.name} ${inspect(shown, options)}`;
  }

  protected defaultQuery(): Record<string, string | undefined> | undefined {
    return this._options.defaultQuery;
  }

  #method<Rsp>(method: HTTPMethod, path: string, options?: PromiseOrValue<RequestOptions>): APIPromise<Rsp> {
    return this.request<Rsp>(Promise.resolve(options).then((given) => ({ method, path, ...given })));
  }

  async #answer(
    given: PromiseOrValue<FinalRequestOptions>,
    maxRetries: number | null,
    wish: Wish,
  ): Promise<APIResponseProps> {
    const options = await given;
    const outgoing = await this.#outgoing(options, maxRetries);
    const isRaw = wish.isRaw;
    if (options.stream) outgoing.mode = isRaw ? CHUNKS : EVENTS;
    const log = loggerOf(this);
    const started = performance.now();
    const { method, path } = outgoing;
    if (isDebugging(this)) log.debug(`${method} ${path} is sent`, { headers: redacted(outgoing.headers) });
    try {
      const answer = await send(outgoing);
      const { status, retries: made, url } = answer.reply;
      const elapsed = Math.round(performance.now() - started);
      log.info(`${method} ${url} succeeded with status ${status} after ${made} retries in ${elapsed} ms`);
      return new APIResponseProps(answer, options, isRaw);
    } catch (error) {
      const elapsed = Math.round(performance.now() - started);
      log.info(`${method} ${path} failed in ${elapsed} ms: ${error instanceof Error ? error.message : error}`);
      throw error;
    }
  }

  async #outgoing(options: FinalRequestOptions, maxRetries: number | null): Promise<Outgoing> {
    if (options.fetchOptions != null) {
      throw new Errors.OpenAIError(
        'The `fetchOptions` option is not supported by tailrace because requests go over its native transport; leave it out.',
      );
    }
    if (typeof options.path !== 'string') {
      throw new Errors.OpenAIError(`The path of a request is a ${typeof options.path}; give text such as '/models'.`);
    }
    const timeout = options.timeout === undefined ? this.timeout : checkedTimeout(options.timeout);
    const method = (options.method ?? 'get').toUpperCase();
    if (options.body != null && (method === 'GET' || method === 'HEAD')) {
      const cause = new TypeError('Request with GET/HEAD method cannot have body.');
      throw new Errors.APIConnectionError({ cause });
    }
    const apiKey = await this.#key();
    const own = layered([
      this.#idempotency(options),
      this.#describe(options),
      apiKey === null ? undefined : { Authorization: `Bearer ${apiKey}` },
      ...this.#defaultHeaders,
    ]);
    const perCall = layered([options.headers]);
    const contentType = effective([...own, ...perCall], 'content-type') ?? undefined;
    const { content, contentType: brought } = await encodedBody(options.body, contentType, queryString);
    // Some servers refuse these methods without a length, even if it is zero.
    const length = content === null && WITH_BODY.has(method) ? ['Content-Length', '0'] : [];
    const type = brought === undefined ? [] : ['Content-Type', brought];
    const headers = [...own, ...length, ...type, ...perCall];
    requireAuthentication(headers);
    const query = { ...this.defaultQuery(), ...options.query };
    return {
      method,
      baseURL: this.#base(options.defaultBaseURL),
      path: options.path,
      query: Object.keys(query).length === 0 ? null : queryJson(query),
      headers,
      body: content,
      timeout,
      maxRetries: retries(maxRetries ?? options.maxRetries, this.maxRetries),
      mode: BUFFERED,
      signal: options.signal,
    };
  }

  #base(defaultBaseURL: string | undefined): string {
    const isDefault = this._options.baseURL == null && this.baseURL === 'https://api.openai.com/v1';
    return (isDefault && defaultBaseURL) || this.baseURL;
  }

  #describe(options: FinalRequestOptions): HeadersLike {
    return {
      Accept: 'application/json',
      'User-Agent': `${this.constructor.name}/JS ${VERSION}`,
      ...(options.timeout === undefined ? {} : { 'X-Stainless-Timeout': String(Math.trunc(options.timeout / 1000)) }),
      ...platformHeaders(),
      'OpenAI-Organization': this.organization ?? undefined,
      'OpenAI-Project': this.project ?? undefined,
    };
  }

  #idempotency(options: FinalRequestOptions): HeadersLike {
    if (this.idempotencyHeader === undefined || options.method === 'get') return undefined;
    return { [this.idempotencyHeader]: options.idempotencyKey ?? `stainless-node-retry-${randomUUID()}` };
  }

  async #key(): Promise<string | null> {
    if (this.#apiKeySetter === undefined) return this.apiKey;
    let key: unknown;
    try {
      key = await this.#apiKeySetter();
    } catch (cause) {
      if (cause instanceof Errors.OpenAIError) throw cause;
      const { message } = Errors.asError(cause);
      throw Object.assign(new Errors.OpenAIError(`Failed to get token from 'apiKey' function: ${message}`), { cause });
    }
    if (typeof key !== 'string' || key === '') {
      throw new Errors.OpenAIError(
        `Expected 'apiKey' function argument to return a string but it returned ${String(key)}`,
      );
    }
    return (this.apiKey = key);
  }

  static OpenAI = this;
  /** In milliseconds. */
  static DEFAULT_TIMEOUT = DEFAULT_TIMEOUT;
  static OpenAIError = Errors.OpenAIError;
  static APIError = Errors.APIError;
  static APIConnectionError = Errors.APIConnectionError;
  static APIConnectionTimeoutError = Errors.APIConnectionTimeoutError;
  static APIUserAbortError = Errors.APIUserAbortError;
  static NotFoundError = Errors.NotFoundError;
  static ConflictError = Errors.ConflictError;
  static RateLimitError = Errors.RateLimitError;
  static BadRequestError = Errors.BadRequestError;
  static AuthenticationError = Errors.AuthenticationError;
  static InternalServerError = Errors.InternalServerError;
  static PermissionDeniedError = Errors.PermissionDeniedError;
  static UnprocessableEntityError = Errors.UnprocessableEntityError;
  static InvalidWebhookSignatureError = Errors.InvalidWebhookSignatureError;
}

OpenAI.Chat = Chat;
OpenAI.Responses = Responses;

/** The names that users write as `OpenAI.ChatCompletion`. */
export declare namespace OpenAI {
  export { Chat, Responses };
  export type { RequestOptions };
  export type {
    CompletionUsage,
    ChatCompletion,
    ChatCompletionAllowedToolChoice,
    ChatCompletionAllowedTools,
    ChatCompletionAssistantMessageParam,
    ChatCompletionAudio,
    ChatCompletionAudioParam,
    ChatCompletionChunk,
    ChatCompletionContentPart,
    ChatCompletionContentPartImage,
    ChatCompletionContentPartInputAudio,
    ChatCompletionContentPartRefusal,
    ChatCompletionContentPartText,
    ChatCompletionCreateParams,
    ChatCompletionCreateParamsNonStreaming,
    ChatCompletionCreateParamsStreaming,
    ChatCompletionCustomTool,
    ChatCompletionDeveloperMessageParam,
    ChatCompletionFunctionCallOption,
    ChatCompletionFunctionMessageParam,
    ChatCompletionFunctionTool,
    ChatCompletionMessage,
    ChatCompletionMessageCustomToolCall,
    ChatCompletionMessageFunctionToolCall,
    ChatCompletionMessageParam,
    ChatCompletionMessageToolCall,
    ChatCompletionNamedToolChoice,
    ChatCompletionNamedToolChoiceCustom,
    ChatCompletionPredictionContent,
    ChatCompletionStreamOptions,
    ChatCompletionSystemMessageParam,
    ChatCompletionTokenLogprob,
    ChatCompletionTool,
    ChatCompletionToolChoiceOption,
    ChatCompletionToolMessageParam,
    ChatCompletionUserMessageParam,
  };
  export type ChatModel = Shared.ChatModel;
  export type ComparisonFilter = Shared.ComparisonFilter;
  export type CompoundFilter = Shared.CompoundFilter;
  export type CustomToolInputFormat = Shared.CustomToolInputFormat;
  export type FunctionDefinition = Shared.FunctionDefinition;
  export type FunctionParameters = Shared.FunctionParameters;
  export type Metadata = Shared.Metadata;
  export type Reasoning = Shared.Reasoning;
  export type ReasoningEffort = Shared.ReasoningEffort;
  export type ResponseFormatJSONObject = Shared.ResponseFormatJSONObject;
  export type ResponseFormatJSONSchema = Shared.ResponseFormatJSONSchema;
  export type ResponseFormatText = Shared.ResponseFormatText;
  export type ResponsesModel = Shared.ResponsesModel;
}

/** Some header has to say who asks, unless the caller took it away on purpose. */
function requireAuthentication(headers: (string | null)[]): void {
  const isSaid = ['authorization', 'api-key'].some((name) => effective(headers, name) !== undefined);
  if (isSaid) return;
  throw new Error(
    'Could not resolve authentication method. Expected either apiKey or adminAPIKey to be set. Or for one of the ' +
      '"Authorization" or "api-key" headers to be explicitly omitted',
  );
}
