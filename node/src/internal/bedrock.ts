/** Options of Bedrock: part of other providers, by type only. */

import type { ApiKeySetter } from './client-options.js';

/** Marks a client of Bedrock. */
export declare const brand_privateBedrockClient: unique symbol;

/** Which of its two services is used. */
export type BedrockEndpoint = 'mantle' | 'runtime';

/** Where the service is. */
export interface BedrockEndpointOptions {
  endpoint?: BedrockEndpoint | undefined;
  region?: string | undefined;
  baseURL?: string | null | undefined;
}

/** Who asks. */
export interface BedrockBearerOptions {
  apiKey?: string | null | undefined;
  tokenProvider?: ApiKeySetter | undefined;
}
