/** The client of Azure OpenAI: where its requests go, and what authenticates them. */

import type { WorkloadIdentity } from './auth/types.js';
import { OpenAI, type ClientOptions } from './client.js';
import { OpenAIError } from './core/error.js';
import { readEnv } from './internal/env.js';
import { Form } from './internal/form.js';
import { buildHeaders, type NullableHeaders } from './internal/headers.js';
import { path } from './internal/path.js';
import type { BuiltRequest } from './internal/request-init.js';
import type { FinalRequestOptions } from './internal/request-options.js';

/** Operations that a deployment serves: their paths stand below `/deployments/{name}`. */
const DEPLOYMENT_ENDPOINTS = new Set([
  '/completions',
  '/chat/completions',
  '/embeddings',
  '/audio/transcriptions',
  '/audio/translations',
  '/audio/speech',
  '/images/generations',
  '/images/edits',
  '/batches',
]);

/** Options of a client of Azure. What is not described here is as for {@link OpenAI}. */
export interface AzureClientOptions extends Omit<
  ClientOptions,
  'provider' | 'dataResidency' | 'credential' | 'workloadIdentity' | 'x509Transport'
> {
  provider?: never;
  dataResidency?: never;
  credential?: never;
  x509Transport?: never;
  workloadIdentity?: WorkloadIdentity | undefined;
  /** Default `OPENAI_API_VERSION`. Sent as the query parameter `api-version` of every request. */
  apiVersion?: string | undefined;
  /** Default `AZURE_OPENAI_ENDPOINT`. The resource, such as `https://example-resource.azure.openai.com`; in place of `baseURL`. */
  endpoint?: string | undefined;
  /** The deployment that serves what deployments serve; without it, it is the `model` of each request. */
  deployment?: string | undefined;
  /** Default `AZURE_OPENAI_API_KEY`. Sent as `api-key`. */
  apiKey?: string | undefined;
  /** Gives a token of Microsoft Entra, sent as `Authorization: Bearer`; asked before every attempt. */
  azureADTokenProvider?: (() => Promise<string>) | undefined;
}

/** A client of Azure OpenAI. */
export class AzureOpenAI extends OpenAI {
  /** The deployment of every request that a deployment serves. */
  deploymentName: string | undefined;
  /** The version that a copy of this client sends. */
  apiVersion: string;

  declare buildRequest: (options: FinalRequestOptions, props?: { retryCount?: number }) => Promise<BuiltRequest>;

  /**
   * @throws {OpenAIError} The version, the endpoint or the credentials are missing, or options exclude each other; the
   *   message says which.
   */
  constructor({
    baseURL = readEnv('OPENAI_BASE_URL'),
    apiKey = readEnv('AZURE_OPENAI_API_KEY'),
    apiVersion = readEnv('OPENAI_API_VERSION'),
    endpoint,
    deployment,
    azureADTokenProvider,
    dataResidency,
    ...options
  }: AzureClientOptions = {}) {
    refuseRegion(dataResidency);
    if (!apiVersion) {
      throw new OpenAIError(
        'The OPENAI_API_VERSION environment variable is missing or empty; either provide it, or instantiate the ' +
          "AzureOpenAI client with an apiVersion option, like new AzureOpenAI({ apiVersion: 'My API Version' }).",
      );
    }
    if (!apiKey && !azureADTokenProvider) {
      throw new OpenAIError(
        'Missing credentials. Please pass one of `apiKey` and `azureADTokenProvider`, or set the `AZURE_OPENAI_API_KEY` ' +
          'environment variable.',
      );
    }
    if (apiKey && azureADTokenProvider) {
      throw new OpenAIError(
        'The `apiKey` and `azureADTokenProvider` arguments are mutually exclusive; only one can be passed at a time.',
      );
    }
    super({
      ...options,
      apiKey: azureADTokenProvider ?? apiKey,
      baseURL: rootURL(baseURL, endpoint),
      defaultQuery: { ...options.defaultQuery, 'api-version': apiVersion },
    });
    this.apiVersion = apiVersion;
    this.deploymentName = deployment;
    // Where a redirect leads is no place for a key, as in the official package; tokens are taken out of such a request.
    if (!this._hasApiKeyProvider()) this.fetchOptions = { redirect: 'manual', ...this.fetchOptions };
  }

  /** A client with some options replaced. Connections are shared. An `endpoint` takes the place of the base URL. */
  override withOptions(options: Partial<AzureClientOptions>): this {
    refuseRegion(options.dataResidency);
    const provider = this._hasApiKeyProvider() ? this._options.apiKey : undefined;
    const replaced: Partial<AzureClientOptions> = {
      apiVersion: this.apiVersion,
      deployment: this.deploymentName,
      ...(options.endpoint === undefined ? {} : { baseURL: null }),
      ...(provider === undefined || options.apiKey !== undefined
        ? {}
        : { apiKey: '', azureADTokenProvider: provider as () => Promise<string> }),
      ...options,
    };
    return super.withOptions(replaced as Partial<ClientOptions>);
  }

  /**
   * The path of a request, in a deployment if one serves it.
   *
   * @throws {OpenAIError} The model cannot be the name of a deployment.
   * @throws {Error} The body of such a request is no object.
   */
  protected override target(options: FinalRequestOptions): string {
    const { body, method, path: plain } = options;
    if (method !== 'post' || body === undefined || !DEPLOYMENT_ENDPOINTS.has(plain)) return plain;
    if (typeof body !== 'object' || body === null || Array.isArray(body)) {
      throw new Error('Expected request body to be an object');
    }
    // The name of a host may have the word in it, too.
    const below = this.baseURL.slice(this.baseURL.indexOf('://') + '://'.length);
    const model = body instanceof Form ? body.text('model') : (body as { model?: unknown }).model;
    const deployment = this.deploymentName || model || options.__metadata?.['model'];
    if (below.includes('/deployments') || deployment == null || deployment === '') return plain;
    return path`/deployments/${deployment}` + plain;
  }

  /** The header with the API key, or with the token that the provider gives. */
  protected override async bearerAuth(options: FinalRequestOptions): Promise<NullableHeaders | undefined> {
    if (this._hasApiKeyProvider()) return super.bearerAuth(options);
    return buildHeaders([{ 'api-key': this.apiKey }]);
  }
}

function refuseRegion(dataResidency: unknown): void {
  if (dataResidency != null) throw new OpenAIError('AzureOpenAI does not support `dataResidency`.');
}

function rootURL(baseURL: string | null | undefined, endpoint: string | undefined): string {
  if (baseURL) {
    if (endpoint) throw new OpenAIError('baseURL and endpoint are mutually exclusive');
    return baseURL;
  }
  const place = endpoint || readEnv('AZURE_OPENAI_ENDPOINT');
  if (!place) {
    throw new OpenAIError(
      'Must provide one of the `baseURL` or `endpoint` arguments, or the `AZURE_OPENAI_ENDPOINT` environment variable',
    );
  }
  return `${place.replace(/\/+$/, '')}/openai`;
}
