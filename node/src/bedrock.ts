/** Bedrock: by name and type only. */

import { OpenAI, type ApiKeySetter, type ClientOptions } from './client.js';
import type { brand_privateBedrockClient } from './internal/bedrock.js';
import { later } from './internal/later.js';

/** Options of a client of Bedrock. */
export interface BedrockClientOptions extends Omit<
  ClientOptions,
  'apiKey' | 'adminAPIKey' | 'baseURL' | 'credential' | 'workloadIdentity' | 'x509Transport' | 'dataResidency'
> {
  apiKey?: string | null | undefined;
  baseURL?: string | null | undefined;
  adminAPIKey?: never;
  dataResidency?: never;
  credential?: never;
  workloadIdentity?: never;
  x509Transport?: never;
  awsRegion?: string | undefined;
  bedrockTokenProvider?: ApiKeySetter | undefined;
}

/** A client of Bedrock; making one is refused in this release. */
export class BedrockOpenAI extends OpenAI {
  declare readonly [brand_privateBedrockClient]: any;
  declare withOptions: (options: Partial<BedrockClientOptions>) => this;

  /** @throws {OpenAIError} Always. */
  constructor({ ...options }: BedrockClientOptions = {}) {
    later('BedrockOpenAI', 'clients of Bedrock');
    super(options);
  }
}
