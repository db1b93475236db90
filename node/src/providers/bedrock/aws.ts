/** Part of other providers: by name and type only. */

import { type BedrockBearerOptions, type BedrockEndpointOptions } from '../../internal/bedrock.js';
import { type Provider } from '../../internal/provider.js';
import { later } from '../../internal/later.js';

export interface AwsCredentialIdentity {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
  expiration?: Date;
}

export type AwsCredentialsProvider = () => AwsCredentialIdentity | Promise<AwsCredentialIdentity>;

export interface BedrockProviderOptions extends BedrockEndpointOptions, BedrockBearerOptions {
  accessKeyId?: string | undefined;
  secretAccessKey?: string | undefined;
  sessionToken?: string | undefined;
  profile?: string | undefined;
  credentialProvider?: AwsCredentialsProvider | undefined;
}

export function bedrock(options?: BedrockProviderOptions): Provider;
export function bedrock(): never {
  throw later('bedrock', 'other providers');
}
