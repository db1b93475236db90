/** Part of other providers: by name and type only. */

import { type Provider } from '../internal/provider.js';
import { type BedrockBearerOptions, type BedrockEndpointOptions } from '../internal/bedrock.js';
import { later } from '../internal/later.js';

export interface BedrockProviderOptions extends BedrockEndpointOptions, BedrockBearerOptions {}

export function bedrock(options?: BedrockProviderOptions): Provider;
export function bedrock(): never {
  throw later('bedrock', 'other providers');
}
