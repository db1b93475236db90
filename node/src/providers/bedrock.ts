/** Amazon Bedrock with bearer tokens: `new OpenAI({ provider: bedrock({ region: 'us-west-2' }) })`. */

import { OpenAIError } from '../core/error.js';
import {
  BedrockRuntime,
  resolvePlace,
  tokenSource,
  type BedrockBearerOptions,
  type BedrockEndpointOptions,
} from '../internal/bedrock.js';
import { createProvider, type Provider } from '../internal/provider.js';

/** Where the service is, and who asks. */
export interface BedrockProviderOptions extends BedrockEndpointOptions, BedrockBearerOptions {}

/**
 * What sends the requests of a client to Amazon Bedrock.
 *
 * @throws {OpenAIError} The region or the token is missing, or options contradict; the message says which.
 */
export function bedrock(options: BedrockProviderOptions = {}): Provider {
  const place = resolvePlace(options);
  const token = tokenSource(options);
  if (token === undefined) {
    throw new OpenAIError(
      'Bedrock bearer authentication requires an `apiKey`, `tokenProvider`, or `AWS_BEARER_TOKEN_BEDROCK`. For AWS ' +
        'credential authentication, import `bedrock` from `openai/providers/bedrock/aws`.',
    );
  }
  return createProvider(() => new BedrockRuntime(place, token));
}
