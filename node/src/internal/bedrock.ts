/** Bedrock: where its services are, and bearer tokens. */

import { OpenAIError } from '../core/error.js';
import type { ApiKeySetter } from './client-options.js';
import { readEnv } from './env.js';
import { failedWith, isSameOrigin, type Proof, type ProviderRequest, type ProviderRuntime } from './provider.js';

/** Marks a client of Bedrock. */
export const brand_privateBedrockClient: unique symbol = Symbol('tailrace.bedrock') as typeof brand_privateBedrockClient;

/** Which of its two services is used. */
export type BedrockEndpoint = 'mantle' | 'runtime';

/** Where the service is. */
export interface BedrockEndpointOptions {
  /** Otherwise that of the URL, or `mantle`. */
  endpoint?: BedrockEndpoint | undefined;
  /** Such as `us-west-2`; otherwise `AWS_REGION` or `AWS_DEFAULT_REGION`. */
  region?: string | undefined;
  /** In place of the service's own address; otherwise `AWS_BEDROCK_BASE_URL`, which `null` leaves out. */
  baseURL?: string | null | undefined;
}

/** Who asks. */
export interface BedrockBearerOptions {
  /** Sent as `Authorization: Bearer`; otherwise `AWS_BEARER_TOKEN_BEDROCK`, which `null` leaves out. */
  apiKey?: string | null | undefined;
  /** Gives such a token before every attempt. */
  tokenProvider?: ApiKeySetter | undefined;
}

/** Where requests go, and what a signature for it names. */
export interface BedrockPlace {
  endpoint: BedrockEndpoint;
  region: string | undefined;
  baseURL: string;
}

const REGION = /^[a-z]{2,}(?:-[a-z]+)+-\d+$/;

/** The domains of the runtime service by the beginning of a region: the usual one and that for both kinds of IP. */
const DOMAINS: readonly (readonly [string, string, string])[] = [
  ['cn-', 'amazonaws.com.cn', 'api.amazonwebservices.com.cn'],
  ['eusc-', 'amazonaws.eu', 'api.amazonwebservices.eu'],
  ['us-iso-', 'c2s.ic.gov', 'api.aws.ic.gov'],
  ['us-isob-', 'sc2s.sgov.gov', 'api.aws.scloud'],
  ['eu-isoe-', 'cloud.adc-e.uk', 'api.cloud-aws.adc-e.uk'],
  ['us-isof-', 'csp.hci.ic.gov', 'api.aws.hci.ic.gov'],
  ['', 'amazonaws.com', 'api.aws'],
];

/**
 * Where the requests go, with what the environment has for it.
 *
 * @throws {OpenAIError} URL, region and endpoint are invalid, contradict, or are missing.
 * @throws {TypeError} The URL is none.
 */
export function resolvePlace(options: BedrockEndpointOptions): BedrockPlace {
  const { endpoint } = options;
  if (endpoint !== undefined && endpoint !== 'mantle' && endpoint !== 'runtime') {
    throw new OpenAIError('The Bedrock `endpoint` must be either `mantle` or `runtime`.');
  }
  const region = checkedRegion(
    options.region?.trim() || readEnv('AWS_REGION')?.trim() || readEnv('AWS_DEFAULT_REGION')?.trim() || undefined,
  );
  const url = rootOf(options.baseURL === undefined ? readEnv('AWS_BEDROCK_BASE_URL') : options.baseURL);
  if (url === undefined) {
    if (region === undefined) {
      throw new OpenAIError(
        'Bedrock requires an AWS region. Pass `region` to `bedrock(...)`, or set `AWS_REGION` or `AWS_DEFAULT_REGION`.',
      );
    }
    return { endpoint: endpoint ?? 'mantle', region, baseURL: regionalURL(endpoint ?? 'mantle', region) };
  }
  const { hostname, protocol } = new URL(url);
  const known = knownHost(hostname.replace(/\.+$/, ''));
  if (known === undefined) return { endpoint: endpoint ?? 'mantle', region, baseURL: url };
  if (protocol !== 'https:') throw new OpenAIError('Canonical Amazon Bedrock endpoints require HTTPS.');
  if (endpoint !== undefined && endpoint !== known.endpoint) {
    throw new OpenAIError(
      `The Bedrock ${known.endpoint} hostname does not match the selected \`${endpoint}\` endpoint. Set ` +
        `\`endpoint: '${known.endpoint}'\` to use this hostname.`,
    );
  }
  if (region !== undefined && region !== known.region) {
    throw new OpenAIError(
      `The Bedrock endpoint region \`${known.region}\` does not match the configured AWS region \`${region}\`.`,
    );
  }
  return { ...known, baseURL: url };
}

/** A URL without what stands behind the API root; `undefined` for a blank one. */
export function rootOf(url: string | null | undefined): string | undefined {
  return url?.trim().replace(/\/+$/, '').replace(/\/responses$/, '').replace(/\/+$/, '') || undefined;
}

/** The address of a service in a region. */
export function regionalURL(endpoint: BedrockEndpoint, region: string): string {
  const domain = endpoint === 'mantle' ? 'api.aws' : domainsOf(region)[0];
  return `https://bedrock-${endpoint}.${region}.${domain}/openai/v1`;
}

/** @throws {OpenAIError} It has not the form of a region. */
export function checkedRegion(region: string | undefined): string | undefined {
  if (region !== undefined && !REGION.test(region)) {
    throw new OpenAIError('The Bedrock AWS `region` is invalid. Use a standard AWS region such as `us-east-1`.');
  }
  return region;
}

/**
 * @throws {OpenAIError} A request goes elsewhere than to the origin of the base URL.
 */
export function checkOrigin(baseURL: string, url: string): void {
  if (isSameOrigin(baseURL, url)) return;
  throw new OpenAIError(
    `Bedrock request origin \`${new URL(url).origin}\` does not match the configured base URL origin ` +
      `\`${new URL(baseURL).origin}\`.`,
  );
}

/** What gives the tokens of a client, `undefined` when nothing does. */
export type TokenSource = () => unknown;

/**
 * What gives bearer tokens: the option, or else the environment.
 *
 * @throws {OpenAIError} Both options were given, or an empty key.
 */
export function tokenSource(options: BedrockBearerOptions): TokenSource | undefined {
  const { apiKey, tokenProvider } = options;
  if (apiKey != null && tokenProvider !== undefined) {
    throw new OpenAIError('The `apiKey` and `tokenProvider` options are mutually exclusive. Configure only one.');
  }
  if (tokenProvider !== undefined) return tokenProvider;
  if (apiKey != null && (typeof apiKey !== 'string' || apiKey.trim() === '')) {
    throw new OpenAIError('The Bedrock bearer credential must not be empty.');
  }
  const key = apiKey === undefined ? readEnv('AWS_BEARER_TOKEN_BEDROCK') : apiKey;
  return key ? () => key : undefined;
}

/** Bedrock as one client has it. */
export class BedrockRuntime implements ProviderRuntime {
  readonly baseURL: string;
  readonly #token: TokenSource;

  constructor(place: BedrockPlace, token: TokenSource) {
    this.baseURL = place.baseURL;
    this.#token = token;
  }

  check(request: ProviderRequest): void {
    checkOrigin(this.baseURL, request.url);
    if (request.fields.get('authorization') != null) {
      throw new OpenAIError(
        'Bedrock provider authentication cannot be combined with a custom `Authorization` header.',
      );
    }
  }

  async prove(_request: ProviderRequest): Promise<Proof> {
    let token: unknown;
    try {
      token = await this.#token();
    } catch (cause) {
      throw failedWith('Failed to resolve a bearer credential for Bedrock.', cause);
    }
    if (typeof token !== 'string' || token === '') {
      throw new OpenAIError('The Bedrock bearer credential provider must return a non-empty string.');
    }
    return { headers: { authorization: `Bearer ${token}` } };
  }
}

function domainsOf(region: string): readonly [string, string] {
  const found = DOMAINS.find(([beginning]) => region.startsWith(beginning));
  return found === undefined ? ['amazonaws.com', 'api.aws'] : [found[1], found[2]];
}

function knownHost(host: string): { endpoint: BedrockEndpoint; region: string } | undefined {
  const [service, region = '', ...rest] = host.split('.');
  if (!REGION.test(region)) return undefined;
  const domain = rest.join('.');
  if (service === 'bedrock-mantle' && domain === 'api.aws') return { endpoint: 'mantle', region };
  const isRuntime = service === 'bedrock-runtime' || service === 'bedrock-runtime-fips';
  return isRuntime && domainsOf(region).includes(domain) ? { endpoint: 'runtime', region } : undefined;
}
