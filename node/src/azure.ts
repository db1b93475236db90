/** Azure: by name and type only. */

import type { WorkloadIdentity } from './auth/types.js';
import { OpenAI, type ClientOptions } from './client.js';
import type { BuiltRequest } from './internal/request-init.js';
import type { FinalRequestOptions } from './internal/request-options.js';
import { later } from './internal/later.js';

/** Options of a client of Azure. */
export interface AzureClientOptions extends Omit<
  ClientOptions,
  'provider' | 'dataResidency' | 'credential' | 'workloadIdentity' | 'x509Transport'
> {
  provider?: never;
  dataResidency?: never;
  credential?: never;
  x509Transport?: never;
  workloadIdentity?: WorkloadIdentity | undefined;
  apiVersion?: string | undefined;
  endpoint?: string | undefined;
  deployment?: string | undefined;
  apiKey?: string | undefined;
  azureADTokenProvider?: (() => Promise<string>) | undefined;
}

/** A client of Azure; making one is refused in this release. */
export class AzureOpenAI extends OpenAI {
  declare deploymentName: string | undefined;
  declare apiVersion: string;

  declare buildRequest: (options: FinalRequestOptions, props?: { retryCount?: number }) => Promise<BuiltRequest>;
  declare withOptions: (options: Partial<AzureClientOptions>) => this;

  /** @throws {OpenAIError} Always. */
  constructor({ ...options }: AzureClientOptions = {}) {
    later('AzureOpenAI', 'clients of Azure');
    super(options as ClientOptions);
  }
}
