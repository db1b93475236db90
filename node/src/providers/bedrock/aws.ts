/** Amazon Bedrock with bearer tokens or credentials of AWS, which sign each attempt. */

import { OpenAIError } from '../../core/error.js';
import {
  BedrockRuntime,
  resolvePlace,
  tokenSource,
  type BedrockBearerOptions,
  type BedrockEndpointOptions,
  type BedrockPlace,
} from '../../internal/bedrock.js';
import { addon } from '../../internal/native.cjs';
import { createProvider, failedWith, type Proof, type Provider, type ProviderRequest } from '../../internal/provider.js';

/** Credentials of AWS. */
export interface AwsCredentialIdentity {
  accessKeyId: string;
  secretAccessKey: string;
  /** Of credentials that are temporary. */
  sessionToken?: string;
  expiration?: Date;
}

/** Gives credentials before every attempt. */
export type AwsCredentialsProvider = () => AwsCredentialIdentity | Promise<AwsCredentialIdentity>;

/** Where the service is, and who asks: a token, keys, a profile or a function. */
export interface BedrockProviderOptions extends BedrockEndpointOptions, BedrockBearerOptions {
  /** With `secretAccessKey`. */
  accessKeyId?: string | undefined;
  /** With `accessKeyId`. */
  secretAccessKey?: string | undefined;
  /** Of keys that are temporary. */
  sessionToken?: string | undefined;
  /** A name in the files of AWS. */
  profile?: string | undefined;
  /** Asked before every attempt. */
  credentialProvider?: AwsCredentialsProvider | undefined;
}

/** What a signature is for. */
const SERVICES = { mantle: 'bedrock-mantle', runtime: 'bedrock' };

/**
 * What sends the requests of a client to Amazon Bedrock.
 *
 * Without credentials it is the token of `AWS_BEARER_TOKEN_BEDROCK`, or else what `@aws-sdk/credential-provider-node`
 * finds, which has to be installed for that and for `profile`.
 *
 * @throws {OpenAIError} The region is missing, credentials are incomplete or of more than one kind, or options contradict.
 */
export function bedrock(options: BedrockProviderOptions = {}): Provider {
  const place = resolvePlace(options);
  const { accessKeyId, secretAccessKey, sessionToken, profile, credentialProvider } = options;
  const hasKeys = [accessKeyId, secretAccessKey, sessionToken].some((key) => key !== undefined);
  if (hasKeys && !(accessKeyId && secretAccessKey)) {
    throw new OpenAIError(
      'Static AWS credentials require both `accessKeyId` and `secretAccessKey`. A `sessionToken` may only be used with both.',
    );
  }
  const hasToken = options.apiKey != null || options.tokenProvider !== undefined;
  const isAws = hasKeys || profile !== undefined || credentialProvider !== undefined;
  if ([hasToken, hasKeys, profile !== undefined, credentialProvider !== undefined].filter(Boolean).length > 1) {
    throw new OpenAIError(
      'Bedrock authentication is ambiguous. Configure exactly one explicit mode: bearer credential, static AWS ' +
        'credentials, profile, or credential provider.',
    );
  }
  const token = isAws ? undefined : tokenSource(options);
  if (token !== undefined) return createProvider(() => new BedrockRuntime(place, token));
  if (place.region === undefined) {
    throw new OpenAIError('Bedrock requires an AWS region to sign requests; pass `region` to `bedrock(...)`.');
  }
  const source: AwsCredentialsProvider | undefined =
    accessKeyId && secretAccessKey
      ? () => ({ accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) })
      : credentialProvider;
  return createProvider(() => new AwsRuntime(place, source, profile));
}

class AwsRuntime extends BedrockRuntime {
  readonly #place: BedrockPlace;
  readonly #profile: string | undefined;
  #source: AwsCredentialsProvider | undefined;

  constructor(place: BedrockPlace, source: AwsCredentialsProvider | undefined, profile: string | undefined) {
    super(place, () => undefined);
    this.#place = place;
    this.#source = source;
    this.#profile = profile;
  }

  override check(request: ProviderRequest): void {
    super.check(request);
    if (request.isReplayable) return;
    throw new OpenAIError(
      'Bedrock SigV4 authentication requires a replayable request body. Buffer the body before sending or use bearer ' +
        'authentication.',
    );
  }

  override async prove(_request: ProviderRequest): Promise<Proof> {
    let found: AwsCredentialIdentity | undefined;
    try {
      this.#source ??= await foundSource(this.#profile);
      found = await this.#source();
    } catch (cause) {
      throw failedWith(
        'Failed to resolve AWS credentials for Bedrock. Verify your AWS profile, environment variables, or runtime ' +
          'identity configuration and try again.',
        cause,
      );
    }
    if (!found?.accessKeyId || !found.secretAccessKey) {
      throw new OpenAIError('The AWS credentials for Bedrock have no access key; check what provides them.');
    }
    const { region = '', endpoint } = this.#place;
    const { accessKeyId, secretAccessKey, sessionToken } = found;
    const signer = new (addon().Signer)(accessKeyId, secretAccessKey, sessionToken ?? null, region, SERVICES[endpoint]);
    return { headers: {}, signer };
  }
}

async function foundSource(profile: string | undefined): Promise<AwsCredentialsProvider> {
  // Its name is no literal, so that nobody has to install it who does not need it.
  const name = '@aws-sdk/credential-provider-node';
  const { defaultProvider } = (await import(name)) as {
    defaultProvider: (options: { profile?: string }) => AwsCredentialsProvider;
  };
  return defaultProvider(profile === undefined ? {} : { profile });
}
