/** Identities of workloads in place of API keys. */

export type {
  WorkloadIdentity,
  X509WorkloadIdentity,
  X509Credential,
  SubjectTokenProvider,
  TokenExchangeResponse,
} from './types.js';

export {
  k8sServiceAccountTokenProvider,
  azureManagedIdentityTokenProvider,
  gcpIDTokenProvider,
} from './subject-token-providers.js';

export { OAuthError, SubjectTokenProviderError } from '../core/error.js';
