/** An older client of Bedrock with bearer tokens. New code has more of `new OpenAI({ provider: bedrock() })`. */

import { OpenAI, type ApiKeySetter, type ClientOptions } from './client.js';
import { OpenAIError } from './core/error.js';
import { brand_privateBedrockClient, checkedRegion, checkOrigin, regionalURL, rootOf } from './internal/bedrock.js';
import { readEnv } from './internal/env.js';
import type { FinalRequestOptions, Security } from './internal/request-options.js';
import { buildHeaders, type NullableHeaders } from './internal/headers.js';

/** Options of a client of Bedrock. What is not described here is as for {@link OpenAI}. */
export interface BedrockClientOptions extends Omit<
  ClientOptions,
  'apiKey' | 'adminAPIKey' | 'baseURL' | 'credential' | 'workloadIdentity' | 'x509Transport' | 'dataResidency'
> {
  /** Default `AWS_BEARER_TOKEN_BEDROCK`. Sent as `Authorization: Bearer`. */
  apiKey?: string | null | undefined;
  /** Default `AWS_BEDROCK_BASE_URL`, then the address of the service in the region. */
  baseURL?: string | null | undefined;
  adminAPIKey?: never;
  dataResidency?: never;
  credential?: never;
  workloadIdentity?: never;
  x509Transport?: never;
  /** Default `AWS_REGION`, then `AWS_DEFAULT_REGION`. */
  awsRegion?: string | undefined;
  /** Gives such a token before every attempt. */
  bedrockTokenProvider?: ApiKeySetter | undefined;
}

/** A client of Bedrock. Its token goes to the origin of its base URL only, and no redirect is followed. */
export class BedrockOpenAI extends OpenAI {
  readonly [brand_privateBedrockClient] = true;
  /** The origin that has the token. */
  readonly #root: string;
  readonly #tokenProvider: ApiKeySetter | undefined;

  /** @throws {OpenAIError} The region or the token is missing, or options exclude each other; the message says which. */
  constructor({
    baseURL = readEnv('AWS_BEDROCK_BASE_URL'),
    apiKey,
    awsRegion,
    bedrockTokenProvider,
    adminAPIKey,
    workloadIdentity,
    x509Transport,
    dataResidency,
    ...options
  }: BedrockClientOptions = {}) {
    if (dataResidency != null) throw new OpenAIError('BedrockOpenAI does not support `dataResidency`.');
    if (adminAPIKey != null || workloadIdentity != null || x509Transport != null) {
      throw new OpenAIError('BedrockOpenAI only supports Bedrock bearer token authentication.');
    }
    if (typeof apiKey === 'function') {
      throw new OpenAIError('Pass refreshable Bedrock credentials via `bedrockTokenProvider`, not `apiKey`.');
    }
    if (apiKey && bedrockTokenProvider !== undefined) {
      throw new OpenAIError(
        'The `apiKey` and `bedrockTokenProvider` arguments are mutually exclusive; only one can be passed at a time.',
      );
    }
    const key = bedrockTokenProvider ?? (apiKey === undefined ? readEnv('AWS_BEARER_TOKEN_BEDROCK') : apiKey);
    if (!key) {
      throw new OpenAIError(
        'Missing credentials. Please pass an `apiKey` or `bedrockTokenProvider`, or set the `AWS_BEARER_TOKEN_BEDROCK` ' +
          'environment variable.',
      );
    }
    const root = rootURL(baseURL, awsRegion);
    super({ ...options, apiKey: key, adminAPIKey: null, baseURL: root });
    this.fetchOptions = { ...this.fetchOptions, redirect: 'manual' };
    this.#root = root;
    this.#tokenProvider = bedrockTokenProvider;
  }

  /** A client with some options replaced. Connections are shared. A key replaces a function, and the other way round. */
  override withOptions(options: Partial<BedrockClientOptions>): this {
    const isReplaced = options.apiKey !== undefined || options.bedrockTokenProvider !== undefined;
    const credentials = isReplaced
      ? { apiKey: undefined, bedrockTokenProvider: undefined }
      : this.#tokenProvider === undefined
        ? {}
        : { apiKey: undefined, bedrockTokenProvider: this.#tokenProvider };
    const replaced = { adminAPIKey: undefined, dataResidency: undefined, ...credentials, ...options };
    return super.withOptions(replaced as Partial<ClientOptions>);
  }

  /** The token, also for operations of administrators. */
  protected override async authHeaders(
    options: FinalRequestOptions,
    _schemes?: Security,
  ): Promise<NullableHeaders | undefined> {
    checkOrigin(this.#root, this.buildURL(options.path, null));
    return buildHeaders([await this.bearerAuth(options)]);
  }
}

function rootURL(baseURL: string | null | undefined, awsRegion: string | undefined): string {
  const given = rootOf(baseURL);
  const region = checkedRegion(
    awsRegion?.trim() || readEnv('AWS_REGION')?.trim() || readEnv('AWS_DEFAULT_REGION')?.trim() || undefined,
  );
  if (given !== undefined) return given;
  if (region === undefined) {
    throw new OpenAIError(
      'Must provide one of the `baseURL` or `awsRegion` arguments, or set the `AWS_BEDROCK_BASE_URL`, `AWS_REGION`, or ' +
        '`AWS_DEFAULT_REGION` environment variable.',
    );
  }
  return regionalURL('mantle', region);
}
