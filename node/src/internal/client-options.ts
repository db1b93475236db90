/** From the options of a client and the environment to settings. */

import type { WorkloadIdentity, X509Credential, X509WorkloadIdentity } from '../auth/types.js';
import { OpenAIError } from '../core/error.js';
import { regionURL, REGIONS, type DataResidency } from './data-residency.js';
import { headerLines, readEnv } from './env.js';
import { judged } from './fetch-options.js';
import { layered, type HeadersLike } from './headers.js';
import { configureProvider, type Provider, type ProviderRuntime } from './provider.js';
import { checkedRetry, type RetryPolicy } from './retry-policy.js';
import { checkedDeadline, checkedTimeout, DEFAULT_TIMEOUT, type Timeout } from './timeout.js';
import { nativeClient, type TransportOptions } from './transport.js';
import type { Fetch, MergedRequestInit } from './types.js';
import { authOf, checkX509FetchOptions, checkX509Origin, transportAuth, X509_BASE_URL, type X509Auth } from './x509.js';
import type { X509Transport } from './x509-dispatcher.js';
import { checkedLevel, type Logger, type LogLevel } from './log.js';

export type { DataResidency } from './data-residency.js';
export type { Pem, TransportOptions } from './transport.js';

/** Gives a key before each call. */
export type ApiKeySetter = () => Promise<string>;

/** Options of a client. `null` and empty texts count as not given; the environment fills in what is not given. */
export interface ClientOptions {
  /** Default `OPENAI_API_KEY`. A function is asked before each call. */
  apiKey?: string | ApiKeySetter | null | undefined;
  /** Default `OPENAI_ADMIN_KEY`. For operations of administrators. */
  adminAPIKey?: string | null | undefined;
  /** Default `OPENAI_ORG_ID`. */
  organization?: string | null | undefined;
  /** Default `OPENAI_PROJECT_ID`. */
  project?: string | null | undefined;
  /** Default `OPENAI_WEBHOOK_SECRET`. */
  webhookSecret?: string | null | undefined;
  /** Default `OPENAI_BASE_URL`, then `https://api.openai.com/v1`. */
  baseURL?: string | null | undefined;
  /** Picks the base URL of a region; not together with `baseURL`. */
  dataResidency?: DataResidency | null | undefined;
  /** In milliseconds, for each attempt; default 600,000 (10 minutes). As an object it has a limit for each of its parts. */
  timeout?: number | Timeout | undefined;
  /** In milliseconds, for a whole call: its attempts, the pauses between them and a stream to its end; default none. */
  deadline?: number | null | undefined;
  /** Attempts after the first; default 2. */
  maxRetries?: number | undefined;
  /** How attempts are repeated: other pauses, a hook before each retry, none once the quota is used up. */
  retry?: RetryPolicy | null | undefined;
  /** Whether a stream that ends uncleanly throws `APIConnectionError`, see {@link Stream.endedCleanly}; default false. */
  strictEnd?: boolean | undefined;
  /** Sent with each request; `null` removes a header. */
  defaultHeaders?: HeadersLike;
  /** Added to each URL. */
  defaultQuery?: Record<string, string | undefined> | undefined;
  /** Accepted and without meaning: this package does not run in browsers. */
  dangerouslyAllowBrowser?: boolean | undefined;
  /** Default `TAILRACE_LOG`, then `OPENAI_LOG`, then `warn`. */
  logLevel?: LogLevel | undefined;
  /** Default `console`. */
  logger?: Logger | undefined;
  /** How connections are made: certificates, a proxy, HTTP/2, numbers of connections. */
  transport?: TransportOptions | undefined;
  /** Sends the requests in place of the native transport, which is the default. */
  fetch?: Fetch | undefined;
  /** Given to `fetch`. Options that the native transport cannot honour, such as `dispatcher`, make requests go by `fetch`. */
  fetchOptions?: MergedRequestInit | undefined;
  /** Who the caller is, in place of `apiKey`: it is exchanged for a token. */
  workloadIdentity?: WorkloadIdentity | X509WorkloadIdentity | undefined;
  /** What shows the certificate of a `workloadIdentity` of the type `x509`; `createX509Transport` makes it. */
  x509Transport?: X509Transport | undefined;
  /** A certificate that says who the caller is, made by `fromX509`; in place of keys. */
  credential?: X509Credential | undefined;
  /** Another place that runs the models, in place of keys and `baseURL`: what `bedrock()` or `vertex()` returned. */
  provider?: Provider | undefined;
}

/** What a client works with. */
export interface Settings {
  apiKey: string | null;
  apiKeySetter: ApiKeySetter | undefined;
  adminAPIKey: string | null;
  workloadIdentity: WorkloadIdentity | undefined;
  /** The tokens of a certificate. */
  x509: X509Auth | undefined;
  organization: string | null;
  project: string | null;
  webhookSecret: string | null;
  baseURL: string;
  timeout: number | Timeout;
  deadline: number | null;
  maxRetries: number;
  retry: RetryPolicy | undefined;
  logger: Logger;
  logLevel: LogLevel | undefined;
  defaultHeaders: HeadersLike[];
  /** What the client has of its provider. */
  runtime: ProviderRuntime | undefined;
}

const DEFAULT_RETRIES = 2;

/**
 * Decides all settings.
 *
 * @throws {OpenAIError} An option is missing, wrong or not supported; the message says which.
 */
export function settings(options: ClientOptions): Settings {
  refuseUnsupported(options);
  // Made here, so that a mistake is found where it was made.
  if (options.transport != null) {
    nativeClient(options.transport);
    if (options.fetch != null || judged(options.fetchOptions, null).needsFetch) {
      throw new OpenAIError('The `transport` option is for the native transport; give it without `fetch` and a dispatcher.');
    }
  }
  const runtime = options.provider == null ? undefined : attached(options, options.provider);
  const identity = options.workloadIdentity;
  if (identity != null && options.apiKey != null) {
    throw new OpenAIError('The `apiKey` and `workloadIdentity` options are mutually exclusive');
  }
  const x509 = proven(options, runtime !== undefined);
  const isOwn = runtime === undefined && x509 === undefined;
  const { apiKey = identity == null && isOwn ? readEnv('OPENAI_API_KEY') : null } = options;
  const adminAPIKey = text('adminAPIKey', options.adminAPIKey, isOwn ? 'OPENAI_ADMIN_KEY' : undefined);
  if (isOwn && !apiKey && !adminAPIKey && identity == null) {
    throw new OpenAIError(
      'Missing credentials. Please pass an `apiKey`, `workloadIdentity`, `adminAPIKey`, or set the `OPENAI_API_KEY` or ' +
        '`OPENAI_ADMIN_KEY` environment variable.',
    );
  }
  if (apiKey && typeof apiKey !== 'string' && typeof apiKey !== 'function') {
    throw new OpenAIError(`The \`apiKey\` option is a ${typeof apiKey}; pass a string or a function that gives one.`);
  }
  const logger = options.logger ?? console;
  return {
    apiKey: typeof apiKey === 'string' ? apiKey : null,
    apiKeySetter: typeof apiKey === 'function' ? apiKey : undefined,
    adminAPIKey,
    workloadIdentity: identity == null || isX509(identity) ? undefined : identity,
    x509,
    organization: text('organization', options.organization, isOwn ? 'OPENAI_ORG_ID' : undefined),
    project: text('project', options.project, isOwn ? 'OPENAI_PROJECT_ID' : undefined),
    webhookSecret: text('webhookSecret', options.webhookSecret, 'OPENAI_WEBHOOK_SECRET'),
    baseURL: runtime?.baseURL ?? (x509 && options.baseURL == null ? X509_BASE_URL : baseURL(options)),
    timeout: checkedTimeout(options.timeout ?? DEFAULT_TIMEOUT),
    deadline: checkedDeadline(options.deadline),
    maxRetries: retries(checkedRetry(options.retry)?.maxRetries ?? options.maxRetries, DEFAULT_RETRIES),
    retry: options.retry ?? undefined,
    logger,
    logLevel:
      checkedLevel(options.logLevel, 'ClientOptions.logLevel', logger) ??
      checkedLevel(readEnv('TAILRACE_LOG'), "process.env['TAILRACE_LOG']", logger) ??
      checkedLevel(readEnv('OPENAI_LOG'), "process.env['OPENAI_LOG']", logger) ??
      'warn',
    defaultHeaders: defaultHeaders(options.defaultHeaders, isOwn),
    runtime,
  };
}

/** A number of retries that native code can hold; `fallback` for what is none. */
export function retries(value: unknown, fallback: number): number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
    ? Math.min(value, 0xffff_ffff)
    : fallback;
}

function refuseUnsupported(options: ClientOptions): void {
  if (options.fetch != null && typeof options.fetch !== 'function') {
    throw new OpenAIError(`The \`fetch\` option is a ${typeof options.fetch}; pass a function such as the global \`fetch\`.`);
  }
}

/** What a copy for another provider takes back of its original: what belongs to one is nothing for another. */
export function ofAnother(first: ClientOptions, second: ClientOptions): ClientOptions {
  const { apiKey, adminAPIKey, workloadIdentity, provider, credential } = second;
  if (first.credential != null && credential === undefined) {
    const isLeaving = [apiKey, adminAPIKey, workloadIdentity, provider].some((given) => given != null);
    if (isLeaving) return { credential: undefined, baseURL: undefined };
  } else if (first.credential == null && credential != null) {
    const { organization, project } = first;
    const keys = { apiKey: undefined, adminAPIKey: undefined, workloadIdentity: undefined };
    return { ...keys, baseURL: undefined, organization, project };
  }
  if (provider == null || provider === first.provider) return {};
  return {
    apiKey: undefined,
    adminAPIKey: undefined,
    organization: undefined,
    project: undefined,
    baseURL: undefined,
    workloadIdentity: undefined,
    defaultHeaders: undefined,
  };
}

function isX509(identity: WorkloadIdentity | X509WorkloadIdentity): identity is X509WorkloadIdentity {
  return (identity as { type?: unknown }).type === 'x509';
}

/**
 * The tokens of a certificate, where there is one.
 *
 * @throws {OpenAIError} Other options do not go together with it.
 */
function proven(options: ClientOptions, isProvided: boolean): X509Auth | undefined {
  const { credential, workloadIdentity: identity, x509Transport: transport } = options;
  if (credential !== undefined) return certified(options, credential);
  if (identity == null || !isX509(identity) || (identity as { provider?: unknown }).provider != null) {
    if (transport == null || isProvided) return undefined;
    throw new OpenAIError('An X.509 transport requires an X.509 workload identity.');
  }
  if (options.transport != null) {
    throw new OpenAIError('The `transport` option is for the native transport; give it without `x509Transport`.');
  }
  if (options.dataResidency != null) throw new OpenAIError('X.509 workload identity does not support data residency selection.');
  checkWay(options);
  return transportAuth(identity, transport);
}

/** @throws {OpenAIError} It goes with keys or another transport, or it is none. */
function certified(options: ClientOptions, credential: X509Credential | null): X509Auth {
  const auth = authOf(credential);
  for (const name of ['apiKey', 'adminAPIKey', 'workloadIdentity', 'x509Transport', 'transport'] as const) {
    if (options[name] != null) throw new OpenAIError(`The \`credential\` option cannot be combined with \`${name}\`.`);
  }
  if (options.dataResidency != null) {
    throw new OpenAIError('The `dataResidency` and `baseURL` options are mutually exclusive.');
  }
  checkWay(options);
  return auth;
}

function checkWay(options: ClientOptions): void {
  if (options.fetch != null) throw new OpenAIError('X.509 workload identity does not support a custom fetch implementation.');
  if (options.baseURL != null) checkX509Origin(options.baseURL);
  checkX509FetchOptions(options.fetchOptions ?? {});
}

function attached(options: ClientOptions, provider: Provider): ProviderRuntime {
  const replaced = ['apiKey', 'adminAPIKey', 'baseURL', 'dataResidency', 'workloadIdentity', 'x509Transport', 'credential'] as const;
  const given = replaced.filter((name) => options[name] != null).map((name) => `\`${name}\``);
  if (given.length > 0) {
    throw new OpenAIError(
      `The \`provider\` option cannot be used with ${given.join(', ')}. Configure authentication and the base URL ` +
        'through the provider instead.',
    );
  }
  return configureProvider(provider);
}

/** Those of the environment, if it has a say, and those of the options. */
export function defaultHeaders(headers: HeadersLike, isOwn: boolean): HeadersLike[] {
  layered([headers]);
  return [isOwn ? headerLines(readEnv('OPENAI_CUSTOM_HEADERS')) : undefined, headers];
}

function text(name: string, given: string | null | undefined, variable: string | undefined): string | null {
  const value = given === undefined && variable !== undefined ? readEnv(variable) : given;
  if (value != null && typeof value !== 'string') {
    throw new OpenAIError(`The \`${name}\` option is a ${typeof value}; pass a string.`);
  }
  return value ?? null;
}

function baseURL(options: ClientOptions): string {
  const region = options.dataResidency;
  if (region != null) {
    const url = regionURL(region);
    if (url === undefined) {
      throw new OpenAIError(`Invalid \`dataResidency\`; expected one of: ${REGIONS.join(', ')}.`);
    }
    if (options.baseURL != null) {
      throw new OpenAIError('The `dataResidency` and `baseURL` options are mutually exclusive.');
    }
    return url;
  }
  return text('baseURL', options.baseURL, 'OPENAI_BASE_URL') || 'https://api.openai.com/v1';
}
