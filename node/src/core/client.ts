/** The client, without its groups of methods. */

import { WorkloadIdentityAuth } from '../auth/workload-identity-auth.js';
import type { OpenAI } from '../client.js';
import { encodedBody, transmission } from '../internal/body.js';
import { send, type Outgoing } from '../internal/call.js';
import { ofAnother, retries, settings, type ApiKeySetter, type ClientOptions } from '../internal/client-options.js';
import { replacedFetch } from '../internal/foreign-fetch.js';
import { asNullable, buildHeaders, flat, isNamed, layered } from '../internal/headers.js';
import type { HeadersLike, NullableHeaders } from '../internal/headers.js';
import { hide, withoutUser } from '../internal/hidden.js';
import { freshKey } from '../internal/key-source.js';
import { CallLog, type Logger, type LogLevel } from '../internal/log.js';
import { BUFFERED, EVENTS, UNDECIDED } from '../internal/native.cjs';
import { APIResponseProps, type Asked, type Wish } from '../internal/parse.js';
import { ownHeaders } from '../internal/platform.js';
import { proved, type ProviderRuntime } from '../internal/provider.js';
import { joinedURL, queryJson, queryString } from '../internal/query.js';
import { fetchWithin, route } from '../internal/relay.js';
import { built, type BuiltRequest, type Prepared } from '../internal/request-init.js';
import { checkedRetry, retrying, type RetryPolicy } from '../internal/retry-policy.js';
import { requireResumable } from '../internal/resume.js';
import type { FinalRequestOptions, HTTPMethod, RequestOptions, Security } from '../internal/request-options.js';
import { checkedDeadline, checkedTimeout, DEFAULT_TIMEOUT, longest, type Timeout } from '../internal/timeout.js';
import type { Fetch, MergedRequestInit, PromiseOrValue } from '../internal/types.js';
import type { X509Auth } from '../internal/x509.js';
import { APIPromise } from './api-promise.js';
import * as Errors from './error.js';
import { PagePromise, type AbstractPage } from './pagination.js';
import * as Uploads from './uploads.js';

const API_KEY: Security = { bearerAuth: true };

/** The way of requests that show a certificate. */
const DIRECT = { isFollowing: false, relay: undefined };

/** What {@link OpenAI} is made of, its groups of methods aside. */
export abstract class Client {
  /** `null` when a function gives it, until that was first asked. */
  apiKey: string | null;
  adminAPIKey: string | null;
  organization: string | null;
  project: string | null;
  webhookSecret: string | null;
  baseURL: string;
  /** Attempts after the first. */
  maxRetries: number;
  /** How attempts are repeated, where it was given. */
  retry: RetryPolicy | undefined;
  /** In milliseconds, for each attempt; of a `Timeout` it is `total`, `Infinity` without one. */
  timeout: number;
  /** In milliseconds, for a whole call; `null` for none. */
  deadline: number | null;
  /** Whether a stream that ends uncleanly throws; see {@link Stream.endedCleanly}. */
  strictEnd: boolean;
  logger: Logger;
  logLevel: LogLevel | undefined;
  /** Merged with those of each call. */
  fetchOptions: MergedRequestInit | undefined;
  /** Sends the requests in place of the native transport. */
  private fetch: Fetch | undefined;
  /** The header that carries the idempotency key; none by default. */
  declare protected idempotencyHeader?: string;
  protected _options: ClientOptions;
  readonly #defaultHeaders: HeadersLike[];
  /** As it was given. */
  readonly #timeout: number | Timeout;
  readonly #apiKeySetter: ApiKeySetter | undefined;
  readonly #runtime: ProviderRuntime | undefined;
  readonly #x509: X509Auth | undefined;
  /** @internal */
  _workloadIdentityAuth: WorkloadIdentityAuth | X509Auth | undefined;

  /**
   * @throws {OpenAIError} No key was given and none is in the environment, or an option is wrong; the message says which.
   */
  constructor(clientOptions: ClientOptions = {}) {
    const decided = settings(clientOptions);
    this._options = clientOptions;
    this.fetchOptions = clientOptions.fetchOptions;
    this.#x509 = this._workloadIdentityAuth = decided.x509;
    this.fetch = this.#x509 === undefined ? (clientOptions.fetch ?? replacedFetch()) : undefined;
    this.apiKey = decided.apiKey;
    this.adminAPIKey = decided.adminAPIKey;
    this.organization = decided.organization;
    this.project = decided.project;
    this.webhookSecret = decided.webhookSecret;
    this.baseURL = decided.baseURL;
    this.maxRetries = decided.maxRetries;
    this.retry = decided.retry;
    this.timeout = longest(decided.timeout);
    this.deadline = decided.deadline;
    this.#timeout = decided.timeout;
    this.strictEnd = clientOptions.strictEnd ?? false;
    this.logger = decided.logger;
    this.logLevel = decided.logLevel;
    this.#defaultHeaders = decided.defaultHeaders;
    this.#apiKeySetter = decided.apiKeySetter;
    this.#runtime = decided.runtime;
    if (decided.workloadIdentity !== undefined) {
      this._workloadIdentityAuth = new WorkloadIdentityAuth(decided.workloadIdentity, this.fetch);
    }
    hide(this, ['apiKey', 'adminAPIKey', 'webhookSecret', 'baseURL', 'fetchOptions', '_options']);
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
      retry: this.retry && { ...this.retry, maxRetries: undefined },
      timeout: this.#currentTimeout(),
      deadline: this.deadline,
      strictEnd: this.strictEnd,
      logger: this.logger,
      logLevel: this.logLevel,
    };
    if (options.dataResidency != null || this.#runtime !== undefined) current.baseURL = undefined;
    const { credential = this._options.credential, ...rest } = options;
    return new constructor({ ...current, credential, ...ofAnother(this._options, options), ...rest });
  }

  /** `GET`. `path` is joined to `baseURL`; an absolute http(s) URL replaces it. */
  get<Rsp>(path: string, opts?: PromiseOrValue<RequestOptions>): APIPromise<Rsp> {
    return this.#method('get', path, opts);
  }

  /** `POST`. */
  post<Rsp>(path: string, opts?: PromiseOrValue<RequestOptions>): APIPromise<Rsp> {
    return this.#method('post', path, opts);
  }

  /** `PATCH`. */
  patch<Rsp>(path: string, opts?: PromiseOrValue<RequestOptions>): APIPromise<Rsp> {
    return this.#method('patch', path, opts);
  }

  /** `PUT`. */
  put<Rsp>(path: string, opts?: PromiseOrValue<RequestOptions>): APIPromise<Rsp> {
    return this.#method('put', path, opts);
  }

  /** `DELETE`. */
  delete<Rsp>(path: string, opts?: PromiseOrValue<RequestOptions>): APIPromise<Rsp> {
    return this.#method('delete', path, opts);
  }

  /**
   * A list, page by page; a `GET` unless the options say otherwise.
   *
   * @param Page - Makes a page out of its body.
   */
  getAPIList<Item, PageClass extends AbstractPage<Item> = AbstractPage<Item>>(
    path: string,
    Page: new (...args: any[]) => PageClass,
    opts?: PromiseOrValue<RequestOptions>,
  ): PagePromise<PageClass, Item> {
    return this.requestAPIList(Page, this.#final('get', path, opts));
  }

  /** A list, page by page. */
  requestAPIList<Item = unknown, PageClass extends AbstractPage<Item> = AbstractPage<Item>>(
    Page: new (...given: ConstructorParameters<typeof AbstractPage>) => PageClass,
    options: PromiseOrValue<FinalRequestOptions>,
  ): PagePromise<PageClass, Item> {
    return new PagePromise<PageClass, Item>(this.#self, this.#asked(options, null), Page);
  }

  /**
   * Makes a call. The request is on its way whether or not anybody waits for the promise.
   *
   * @throws {APIError} In the promise: the server refused, no answer arrived, or the caller aborted.
   * @throws {OpenAIError} In the promise: an option is wrong; the message says which.
   */
  request<Rsp>(options: PromiseOrValue<FinalRequestOptions>, remainingRetries: number | null = null): APIPromise<Rsp> {
    return new APIPromise<Rsp>(this.#self, this.#asked(options, remainingRetries));
  }

  /** The URL of a request, with the default query and `query`. */
  buildURL(path: string, query: Record<string, unknown> | null | undefined, defaultBaseURL?: string): string {
    return joinedURL(this.#base(defaultBaseURL), path, this.stringifyQuery({ ...this.defaultQuery(), ...query }));
  }

  /**
   * A request as `fetch` would take it; nothing is sent.
   *
   * @param retryCount - What the request says about the attempts before it.
   * @throws {OpenAIError} An option is wrong; the message says which.
   */
  async buildRequest(
    inputOptions: FinalRequestOptions,
    { retryCount = 0 }: { retryCount?: number } = {},
  ): Promise<BuiltRequest> {
    const options = { ...inputOptions };
    const prepared = await this.#prepare(options);
    const { path, fields, timeout, encoded } = prepared;
    if (!fields.has('x-stainless-retry-count')) fields.set('x-stainless-retry-count', String(retryCount));
    const url = this.buildURL(path, options.query as Record<string, unknown>, options.defaultBaseURL);
    return built({ ...options, url, fields, encoded, timeout: longest(timeout) });
  }

  /** Sends one request by the client's `fetch`, and aborts `controller` after `ms` milliseconds without an answer. */
  fetchWithTimeout(url: Parameters<Fetch>[0], init: RequestInit | undefined, ms: number, controller: AbortController) {
    return fetchWithin(this.fetch ?? globalThis.fetch, url, init, ms, controller);
  }

  /** Whether a function gives the API key. */
  _hasApiKeyProvider(): boolean {
    return this.#apiKeySetter !== undefined;
  }

  /** Asks the function that gives the API key, if there is one, and says whether there is. */
  async _callApiKey(capture?: (apiKey: string | null) => void): Promise<boolean> {
    if (this.#apiKeySetter === undefined) return false;
    this.apiKey = await freshKey(this.#apiKeySetter);
    capture?.(this.apiKey);
    return true;
  }

  /** What `console.log` shows: no key and no header, which may be secret. */
  [Symbol.for('nodejs.util.inspect.custom')](
    _depth: number,
    options: object,
    inspect: (value: object, options: object) => string,
  ): string {
    const { organization, project, maxRetries, timeout, logLevel } = this;
    const shown = { baseURL: withoutUser(this.baseURL), organization, project, maxRetries, timeout, logLevel };
    return `${this.constructor.name} ${inspect(shown, options)}`;
  }

  /** Added to each URL. */
  protected defaultQuery(): Record<string, string | undefined> | undefined {
    return this._options.defaultQuery;
  }

  /** The path of a request below the base URL, or its whole URL. */
  protected target(options: FinalRequestOptions): string {
    return options.path;
  }

  /** Changes the options of a call before anything is made of them. */
  protected async prepareOptions(_options: FinalRequestOptions): Promise<void> {}

  /** Changes a request before it is sent: its headers, and a body of text or bytes. */
  protected async prepareRequest(
    _request: RequestInit,
    _about: { url: string; options: FinalRequestOptions },
  ): Promise<void> {}

  /** @throws {Error} Nothing says who asks, and the caller did not take it away on purpose. */
  protected validateHeaders(headers: NullableHeaders, _schemes?: Security): void {
    if (isNamed(headers, 'authorization') || isNamed(headers, 'api-key')) return;
    throw new Error(
      'Could not resolve authentication method. Expected either apiKey or adminAPIKey to be set. Or for one of the ' +
        '"Authorization" or "api-key" headers to be explicitly omitted',
    );
  }

  /** The headers that say who asks; where both keys are accepted and there, it is the admin key. */
  protected async authHeaders(
    options: FinalRequestOptions,
    schemes: Security = { bearerAuth: true, adminAPIKeyAuth: true },
  ): Promise<NullableHeaders | undefined> {
    return buildHeaders([
      schemes.bearerAuth ? await this.bearerAuth(options) : undefined,
      schemes.adminAPIKeyAuth ? await this.adminAPIKeyAuth(options) : undefined,
    ]);
  }

  /** The header with the API key. */
  protected async bearerAuth(options: FinalRequestOptions): Promise<NullableHeaders | undefined> {
    if (this._workloadIdentityAuth !== undefined) {
      // Its exchange goes the way of the client's requests.
      this._workloadIdentityAuth.identity(this._options.transport);
      const most = retries(options.maxRetries, this.maxRetries);
      const token = await (this.#x509?.getToken(most) ?? this._workloadIdentityAuth.getToken());
      return buildHeaders([{ Authorization: `Bearer ${token}` }]);
    }
    if (this.#apiKeySetter !== undefined) await this._callApiKey();
    return this.apiKey === null ? undefined : buildHeaders([{ Authorization: `Bearer ${this.apiKey}` }]);
  }

  /** The header with the admin key. */
  protected async adminAPIKeyAuth(_options: FinalRequestOptions): Promise<NullableHeaders | undefined> {
    return this.adminAPIKey === null ? undefined : buildHeaders([{ Authorization: `Bearer ${this.adminAPIKey}` }]);
  }

  /** `query` with brackets for nesting. */
  protected stringifyQuery(query: object): string {
    return queryString(query);
  }

  protected defaultIdempotencyKey(): string {
    return `stainless-node-retry-${crypto.randomUUID()}`;
  }

  /** The error of an answer with a status of 400 or more. */
  protected makeStatusError(
    status: number,
    error: object | undefined,
    message: string | undefined,
    headers: Headers,
  ): Errors.APIError {
    return Errors.APIError.generate(status, error, message, headers);
  }

  /** `OpenAI` is the one class that is made of this one. */
  get #self(): OpenAI {
    return this as unknown as OpenAI;
  }

  #method<Rsp>(method: HTTPMethod, path: string, options?: PromiseOrValue<RequestOptions>): APIPromise<Rsp> {
    return this.request<Rsp>(this.#final(method, path, options));
  }

  #final(
    method: HTTPMethod,
    path: string,
    options: PromiseOrValue<RequestOptions> | undefined,
  ): Promise<FinalRequestOptions> {
    return Promise.resolve(options).then((given) => ({ method, path, ...given }));
  }

  #asked(options: PromiseOrValue<FinalRequestOptions>, maxRetries: number | null): Asked {
    const wish: Wish = { isRaw: false };
    return Object.assign(this.#answer(options, maxRetries, wish), { wish });
  }

  async #answer(
    given: PromiseOrValue<FinalRequestOptions>,
    maxRetries: number | null,
    wish: Wish,
  ): Promise<APIResponseProps> {
    const options = await given;
    if (options.resume) requireResumable(options);
    const outgoing = await this.#outgoing(options, maxRetries);
    const isOpen = Boolean(options.stream || options.__binaryResponse || wish.isRaw);
    const log = new CallLog(this, outgoing.method, outgoing.path);
    log.sent(outgoing.headers);
    const policy = options.retry === undefined ? this.retry : checkedRetry(options.retry);
    outgoing.retrying = retrying(policy, log, outgoing);
    // A hook decides about a break before the first event as well, so such a stream settles with that.
    const isDecided = policy?.onRetry !== undefined && Boolean(options.stream);
    outgoing.mode = isDecided ? EVENTS : isOpen ? UNDECIDED : BUFFERED;
    try {
      const answer = await send(outgoing);
      log.succeeded(answer.reply);
      return new APIResponseProps(answer, options, outgoing.mode, log.started);
    } catch (error) {
      log.failed(error);
      if (error instanceof Errors.AuthenticationError) this.#x509?.invalidateToken();
      throw error;
    }
  }

  async #outgoing(options: FinalRequestOptions, maxRetries: number | null): Promise<Outgoing> {
    const prepared = await this.#prepare(options);
    await this.#adjusted(prepared, options);
    const { method, baseURL, path, fields, encoded, query, timeout } = prepared;
    const proof = this.#runtime && (await proved(this.#runtime, this, prepared, options));
    const authorization = fields.get('authorization');
    const isOwn = this._hasApiKeyProvider() && authorization === `Bearer ${this.apiKey}`;
    const identity = prepared.isIdentified ? this._workloadIdentityAuth?.identity(this._options.transport) : undefined;
    const most = retries(maxRetries ?? options.maxRetries ?? options.retry?.maxRetries, this.maxRetries);
    let sent = authorization?.slice('Bearer '.length);
    const renew = async (isRefused: boolean) => {
      if (isRefused && sent !== undefined) identity?.refuse(sent);
      const fresh = layered([await this.bearerAuth(options)]);
      sent = fresh.get('authorization')?.slice('Bearer '.length);
      return { headers: flat(fresh) };
    };
    const { signal } = options;
    const fetchOptions = proof === undefined ? options.fetchOptions : { ...options.fetchOptions, redirect: 'manual' as const };
    const isDirect = this.#x509 !== undefined && this.#x509.fetch === undefined;
    const own = this.#x509 === undefined ? this.fetch : this.#x509.fetch;
    const routed = isDirect ? DIRECT : route(this, own, Client.prototype, fetchOptions, prepared);
    return {
      method,
      baseURL,
      path,
      query: Object.keys(query).length === 0 ? null : queryJson(query),
      headers: flat(fields),
      transmission: await (routed.relay?.transmission() ?? transmission(encoded)),
      timeout,
      deadline: options.deadline === undefined ? this.deadline : checkedDeadline(options.deadline),
      maxRetries: most,
      mode: BUFFERED,
      signal,
      transport: this.#x509?.transport ?? this._options.transport,
      ...routed,
      renew: proof?.renew ?? (isOwn || identity !== undefined ? renew : undefined),
      signer: proof?.signer,
      // The replacement of a token of a certificate counts as a retry.
      replaces: identity !== undefined && (this.#x509 === undefined || most > 0),
      statusError: (status, error, message, headers) => this.makeStatusError(status, error, message, headers),
    };
  }

  async #prepare(options: FinalRequestOptions): Promise<Prepared> {
    await this.prepareOptions(options);
    if (typeof options.path !== 'string') {
      throw new Errors.OpenAIError(`The path of a request is a ${typeof options.path}; give text such as '/models'.`);
    }
    const timeout = options.timeout === undefined ? this.#currentTimeout() : checkedTimeout(options.timeout);
    const method = (options.method ?? 'get').toUpperCase();
    if (options.body != null && (method === 'GET' || method === 'HEAD')) {
      const cause = new TypeError('Request with GET/HEAD method cannot have body.');
      throw new Errors.APIConnectionError({ cause });
    }
    const schemes = options.__security ?? API_KEY;
    const given = [...this.#defaultHeaders, options.headers];
    const isIdentified = this.#isIdentified(schemes, given);
    if (this.#x509 !== undefined) {
      const url = this.buildURL(options.path, options.query as Record<string, unknown>);
      this.#x509.check(options.path, url, given, { ...this.fetchOptions, ...options.fetchOptions });
    }
    // A certificate is not shown for a request that shall have no token.
    const isProved = this.#x509 === undefined ? this.#runtime === undefined : isIdentified;
    const own = layered([
      this.#idempotency(options),
      ownHeaders(this, options.timeout),
      isProved ? await this.authHeaders(options, schemes) : undefined,
      ...this.#defaultHeaders,
    ]);
    const perCall = layered([options.headers]);
    const named = perCall.get('content-type') ?? own.get('content-type') ?? undefined;
    const encoded = await encodedBody(options.body, named, (fields) => this.stringifyQuery(fields));
    if (encoded.contentType !== undefined) own.set('content-type', encoded.contentType);
    const fields = new Map([...own, ...perCall]);
    // A form cannot be read without its boundary.
    if (encoded.contentType?.startsWith('multipart/')) fields.set('content-type', encoded.contentType);
    if (this.#runtime === undefined) this.validateHeaders(asNullable(fields), schemes);
    const query = { ...this.defaultQuery(), ...options.query };
    const path = this.target(options);
    return { method, baseURL: this.#base(options.defaultBaseURL), path, fields, encoded, query, timeout, isIdentified };
  }

  #isIdentified(schemes: Security, given: HeadersLike[]): boolean {
    if (this._workloadIdentityAuth === undefined || !schemes.bearerAuth) return false;
    return !(schemes.adminAPIKeyAuth && this.adminAPIKey !== null) && !layered(given).has('authorization');
  }

  /** Lets a subclass change the request, if it wants to. */
  async #adjusted(prepared: Prepared, options: FinalRequestOptions): Promise<void> {
    if (this.prepareRequest === Client.prototype.prepareRequest) return;
    const { path, fields, encoded, timeout } = prepared;
    const url = this.buildURL(path, options.query as Record<string, unknown>, options.defaultBaseURL);
    const { req } = built({ ...options, url, fields, encoded, timeout: longest(timeout) });
    const { body } = req;
    await this.prepareRequest(req, { url, options });
    prepared.fields = new Map([...fields].filter(([, value]) => value === null));
    for (const [name, value] of new Headers(req.headers)) prepared.fields.set(name, value);
    if (req.body !== body) prepared.encoded = await encodedBody(req.body, 'text/plain', queryString);
  }

  /** As it was given, unless a number was assigned since. */
  #currentTimeout(): number | Timeout {
    return this.timeout === longest(this.#timeout) ? this.#timeout : this.timeout;
  }

  #base(defaultBaseURL: string | undefined): string {
    const isDefault = this._options.baseURL == null && this.baseURL === 'https://api.openai.com/v1';
    return (isDefault && defaultBaseURL) || this.baseURL;
  }

  #idempotency(options: FinalRequestOptions): HeadersLike {
    if (this.idempotencyHeader === undefined || options.method === 'get') return undefined;
    return { [this.idempotencyHeader]: options.idempotencyKey ?? this.defaultIdempotencyKey() };
  }

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
  static toFile = Uploads.toFile;
  static toStreamingFile = Uploads.toStreamingFile;
}
